//! A route table.

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::resource::route_table::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateRouteTable",
        describe: "DescribeRouteTables",
        delete: "DeleteRouteTable",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::CreateDefaultRoute(_) => "CreateRoute",
            Change::ReplaceDefaultRoute(_) => "ReplaceRoute",
            Change::DeleteDefaultRoute => "DeleteRoute",
            Change::Associate { subnet_id: _ } => "AssociateRouteTable",
            Change::Disassociate(_) => "DisassociateRouteTable",
        }
    }

    fn create(world: &World, Create { vpc_id }: &Create) -> Result<Self, Refusal> {
        world.must_exist(vpc_id)?;
        Ok(Self {
            vpc_id: vpc_id.clone(),
            default_route: None,
            associations: Vec::new(),
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::CreateDefaultRoute(gateway) | Change::ReplaceDefaultRoute(gateway) => world.must_exist(gateway),
            Change::Associate { subnet_id } => world.must_exist(subnet_id),
            Change::DeleteDefaultRoute if self.default_route.is_none() => {
                Err((ErrorKind::NotFound, "InvalidRoute.NotFound", "no such route".into()))
            }
            Change::DeleteDefaultRoute | Change::Disassociate(_) => Ok(()),
        }
    }

    fn changing(&self, world: &mut World, _id: &str, change: &Change) -> Reply {
        match change {
            Change::Associate { subnet_id } => {
                world.disassociate(subnet_id);
                Reply {
                    part_id: Some(format!("association-{subnet_id}")),
                }
            }
            Change::CreateDefaultRoute(_)
            | Change::ReplaceDefaultRoute(_)
            | Change::DeleteDefaultRoute
            | Change::Disassociate(_) => Reply::default(),
        }
    }

    fn holds(&self, id: &str) -> bool {
        // Deleting a subnet ends its association; deleting a gateway leaves a black hole.
        self.vpc_id == id
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        match self.associations.first() {
            None => Ok(()),
            Some(association) => {
                let message = format!("the table has dependencies and cannot be deleted: {}", association.id);
                Err((ErrorKind::InUse, "DependencyViolation", message))
            }
        }
    }
}
