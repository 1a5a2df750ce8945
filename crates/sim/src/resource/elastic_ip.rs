//! A public address.

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::resource::elastic_ip::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "AllocateAddress",
        describe: "DescribeAddresses",
        delete: "ReleaseAddress",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Associate(_) => "AssociateAddress",
            Change::Disassociate(_) => "DisassociateAddress",
        }
    }

    fn create(world: &World, _create: &Create) -> Result<Self, Refusal> {
        Ok(Self {
            public_ip: format!("198.51.100.{}", world.things.len() % 256),
            association_id: None,
            instance_id: None,
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Associate(instance) => world.must_exist(instance),
            Change::Disassociate(association) if self.association_id.as_ref() == Some(association) => Ok(()),
            Change::Disassociate(association) => {
                let message = format!("The association ID '{association}' does not exist");
                Err((ErrorKind::NotFound, "InvalidAssociationID.NotFound", message))
            }
        }
    }

    fn changing(&self, _world: &mut World, id: &str, change: &Change) -> Reply {
        let part_id = match change {
            Change::Associate(instance) => Some(format!("association-{id}-{instance}")),
            Change::Disassociate(_) => None,
        };
        Reply { part_id }
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        match &self.instance_id {
            None => Ok(()),
            Some(instance) => {
                let message = format!("{} is in use by {instance}", self.public_ip);
                Err((ErrorKind::InUse, "InvalidIPAddress.InUse", message))
            }
        }
    }
}
