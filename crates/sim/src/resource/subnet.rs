//! A subnet.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::subnet::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateSubnet",
        describe: "DescribeSubnets",
        delete: "DeleteSubnet",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::AssignPublicAddresses(_) => "ModifySubnetAttribute",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { vpc_id, zone, cidr } = create;
        world.must_exist(vpc_id)?;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::Subnet(other) if other.vpc_id == *vpc_id && other.cidr == *cidr));
        if taken {
            let message = format!("The CIDR '{cidr}' conflicts with another subnet");
            return Err((ErrorKind::AlreadyExists, "InvalidSubnet.Conflict", message));
        }
        Ok(Self {
            vpc_id: vpc_id.clone(),
            zone: zone.clone(),
            cidr: cidr.clone(),
            assign_public_addresses: false,
        })
    }

    fn holds(&self, id: &str) -> bool {
        self.vpc_id == id
    }

    fn gone(&self, world: &mut World, id: &str) {
        world.disassociate(id);
    }
}
