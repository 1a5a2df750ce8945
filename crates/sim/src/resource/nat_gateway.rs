//! A NAT gateway.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::nat_gateway::{Change, Create, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateNatGateway",
        describe: "DescribeNatGateways",
        delete: "DeleteNatGateway",
    };
    const LIFE: Life = Life {
        pending: Duration::from_secs(90),
        deleting: Duration::from_secs(45),
        listed: Duration::from_hours(1),
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            subnet_id,
            allocation_id,
        } = create;
        world.must_exist(subnet_id)?;
        world.must_exist(allocation_id)?;
        let vpc = match world.state(subnet_id) {
            Some(AnyState::Subnet(subnet)) => Some(&subnet.vpc_id),
            _ => None,
        };
        let attached = world
            .states()
            .any(|state| matches!(state, AnyState::InternetGateway(gateway) if gateway.vpc_id.as_ref() == vpc));
        if !attached {
            let message = format!("Network {vpc:?} has no Internet gateway attached");
            return Err((ErrorKind::NotNow, "Gateway.NotAttached", message));
        }
        match world.state(allocation_id) {
            Some(AnyState::ElasticIp(address)) if address.association_id.is_some() => Err((
                ErrorKind::AlreadyExists,
                "Resource.AlreadyAssociated",
                format!("{allocation_id} is associated"),
            )),
            Some(AnyState::ElasticIp(address)) => Ok(Self {
                subnet_id: subnet_id.clone(),
                allocation_id: allocation_id.clone(),
                public_ip: Some(address.public_ip.clone()),
                failure: None,
            }),
            _ => Err((
                ErrorKind::Invalid,
                "InvalidParameterValue",
                format!("{allocation_id} is no address"),
            )),
        }
    }

    fn created(&self, world: &mut World, id: &str) {
        world.associate(&self.allocation_id, Some(id));
    }

    fn holds(&self, id: &str) -> bool {
        self.subnet_id == id || self.allocation_id == id
    }

    fn gone(&self, world: &mut World, _id: &str) {
        world.associate(&self.allocation_id, None);
    }
}
