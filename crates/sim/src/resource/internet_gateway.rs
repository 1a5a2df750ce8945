//! An internet gateway.

use hastack_core::cloud::ErrorKind;
use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::internet_gateway::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateInternetGateway",
        describe: "DescribeInternetGateways",
        delete: "DeleteInternetGateway",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Attach(_) => "AttachInternetGateway",
            Change::Detach(_) => "DetachInternetGateway",
        }
    }

    fn create(_world: &World, _create: &Create) -> Result<Self, Refusal> {
        Ok(Self { vpc_id: None })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Attach(vpc) => world.must_exist(vpc),
            Change::Detach(vpc) => check_detach(world, vpc),
        }
    }

    fn holds(&self, id: &str) -> bool {
        self.vpc_id.as_deref() == Some(id)
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        match &self.vpc_id {
            None => Ok(()),
            Some(vpc) => {
                let message = format!("the gateway is attached to {vpc} and cannot be deleted");
                Err((ErrorKind::InUse, "DependencyViolation", message))
            }
        }
    }
}

/// A gateway through which something has a public address cannot be detached.
fn check_detach(world: &World, vpc: &str) -> Result<(), Refusal> {
    let within = |subnet: &str| matches!(world.state(subnet), Some(AnyState::Subnet(subnet)) if subnet.vpc_id == vpc);
    let mut things = world.things.values().map(|thing| &thing.object);
    let mapped = things.any(|object| match &object.state {
        AnyState::NatGateway(gateway) => object.phase != Phase::Deleted && within(&gateway.subnet_id),
        AnyState::NetworkInterface(interface) => {
            object.phase != Phase::Deleted && interface.public && interface.vpc_id == vpc
        }
        _ => false,
    });
    if mapped {
        let message = format!("Network {vpc} has some mapped public address(es)");
        return Err((ErrorKind::InUse, "DependencyViolation", message));
    }
    Ok(())
}
