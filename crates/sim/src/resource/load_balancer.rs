//! A load balancer.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::load_balancer::{Change, Create, Details, LoadBalancerScheme, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateLoadBalancer",
        describe: "DescribeLoadBalancers",
        delete: "DeleteLoadBalancer",
    };
    const LIFE: Life = Life {
        pending: Duration::from_mins(2),
        ..Life::AT_ONCE
    };
    const DETAILS: &'static [&'static str] = &["DescribeLoadBalancerAttributes", "GetWebACLForResource"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::SetSubnets(_) => "SetSubnets",
            Change::SetSecurityGroups(_) => "SetSecurityGroups",
            Change::ModifyAttributes(_) => "ModifyLoadBalancerAttributes",
            Change::AssociateWebAcl(_) => "AssociateWebACL",
            Change::DisassociateWebAcl => "DisassociateWebACL",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            name,
            scheme,
            subnet_ids,
            security_group_ids,
        } = create;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::LoadBalancer(other) if other.name == *name));
        if taken {
            let message = format!("A load balancer with the same name '{name}' exists, but with different settings");
            return Err((ErrorKind::AlreadyExists, "DuplicateLoadBalancerName", message));
        }
        check_subnets(world, subnet_ids)?;
        if *scheme == LoadBalancerScheme::InternetFacing {
            check_internet_gateway(world, subnet_ids)?;
        }
        for group in security_group_ids {
            world.must_exist(group)?;
        }
        Ok(Self {
            name: name.clone(),
            scheme: *scheme,
            subnet_ids: subnet_ids.clone(),
            security_group_ids: security_group_ids.clone(),
            dns_name: Some(format!("{name}.us-east-1.elb.amazonaws.com")),
            hosted_zone_id: Some("Z35SXDOTRQ7X7K".into()),
            failure: None,
            details: Some(Details::default()),
        })
    }

    fn created(&self, world: &mut World, _id: &str) {
        let public = self.scheme == LoadBalancerScheme::InternetFacing;
        for subnet in &self.subnet_ids {
            world.add_interface(subnet, &self.security_group_ids, &interface(&self.name), public);
        }
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::SetSubnets(ids) => check_subnets(world, ids),
            Change::SetSecurityGroups(ids) => ids.iter().try_for_each(|id| world.must_exist(id)),
            Change::ModifyAttributes(_) | Change::AssociateWebAcl(_) | Change::DisassociateWebAcl => Ok(()),
        }
    }

    fn holds(&self, id: &str) -> bool {
        self.subnet_ids
            .iter()
            .chain(&self.security_group_ids)
            .any(|used| used == id)
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        let details = self.details.as_ref();
        if details.is_some_and(|details| details.attributes.deletion_protection) {
            let message = format!(
                "Load balancer '{}' cannot be deleted because deletion protection is enabled",
                self.name
            );
            return Err((ErrorKind::NotNow, "OperationNotPermitted", message));
        }
        Ok(())
    }

    fn gone(&self, world: &mut World, _id: &str) {
        world.release_interfaces(&interface(&self.name));
    }

    fn hide(&mut self) {
        self.details = None;
    }
}

/// How AWS describes its network interfaces.
fn interface(name: &str) -> String {
    format!("ELB app/{name}/0123456789abcdef")
}

fn check_subnets(world: &World, ids: &[String]) -> Result<(), Refusal> {
    if ids.len() < 2 {
        let message = "At least two subnets in two different Availability Zones must be specified".into();
        return Err((ErrorKind::Invalid, "ValidationError", message));
    }
    ids.iter().try_for_each(|id| world.must_exist(id))
}

fn check_internet_gateway(world: &World, subnet_ids: &[String]) -> Result<(), Refusal> {
    let vpc = subnet_ids.iter().find_map(|id| match world.state(id) {
        Some(AnyState::Subnet(subnet)) => Some(&subnet.vpc_id),
        _ => None,
    });
    let attached = world
        .states()
        .any(|state| matches!(state, AnyState::InternetGateway(gateway) if gateway.vpc_id.as_ref() == vpc));
    if attached {
        return Ok(());
    }
    let message = format!("VPC {} has no internet gateway", vpc.map_or("", String::as_str));
    Err((ErrorKind::Invalid, "InvalidSubnet", message))
}
