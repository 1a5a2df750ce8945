//! A gateway or interface endpoint.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::vpc_endpoint::{Access, Change, Create, Edit, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateVpcEndpoint",
        describe: "DescribeVpcEndpoints",
        delete: "DeleteVpcEndpoints",
    };

    fn life(&self) -> Life {
        match &self.access {
            Access::Gateway { .. } => Life::AT_ONCE,
            Access::Interface { .. } => Life {
                pending: Duration::from_mins(1),
                deleting: Duration::from_secs(30),
                listed: Duration::ZERO,
            },
        }
    }

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::RouteTables(_) | Change::Interface { .. } => "ModifyVpcEndpoint",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            vpc_id,
            service,
            access,
        } = create;
        world.must_exist(vpc_id)?;
        match access {
            Access::Gateway { route_table_ids } => route_table_ids.iter().try_for_each(|id| world.must_exist(id))?,
            Access::Interface {
                subnet_ids,
                group_ids,
                private_dns: _,
            } => {
                let mut ids = subnet_ids.iter().chain(group_ids);
                ids.try_for_each(|id| world.must_exist(id))?;
                check_dns(world, vpc_id)?;
            }
        }
        Ok(Self {
            vpc_id: vpc_id.clone(),
            service: service.clone(),
            access: access.clone(),
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        let added = |edit: &Edit| edit.add.iter().try_for_each(|id| world.must_exist(id));
        match change {
            Change::RouteTables(edit) => added(edit),
            Change::Interface {
                subnets,
                groups,
                enable_private_dns: _,
            } => added(subnets).and_then(|()| added(groups)),
        }
    }

    fn holds(&self, id: &str) -> bool {
        let is = |other: &String| other == id;
        let is_its_interface = match &self.access {
            // A table that goes takes the routes along.
            Access::Gateway { .. } => false,
            Access::Interface {
                subnet_ids,
                group_ids,
                private_dns: _,
            } => subnet_ids.iter().chain(group_ids).any(is),
        };
        self.vpc_id == id || is_its_interface
    }
}

/// A service's own name can be given only where the VPC has host names.
fn check_dns(world: &World, vpc_id: &str) -> Result<(), Refusal> {
    match world.state(vpc_id) {
        Some(AnyState::Vpc(vpc)) if vpc.dns_hostnames == Some(true) => Ok(()),
        _ => {
            let message = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames".into();
            Err((ErrorKind::Invalid, "InvalidParameter", message))
        }
    }
}
