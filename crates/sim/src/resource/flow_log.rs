//! The record of a VPC's traffic.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::flow_log::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateFlowLogs",
        describe: "DescribeFlowLogs",
        delete: "DeleteFlowLogs",
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            vpc_id,
            traffic,
            destination,
            role_arn,
            aggregation_seconds,
        } = create;
        world.must_exist(vpc_id)?;
        if let Some(role) = role_arn {
            world.must_exist(role)?;
            world.must_exist(destination)?;
        }
        let same = |other: &Self| other.vpc_id == *vpc_id && other.destination == *destination;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::FlowLog(other) if same(other)));
        if taken {
            let message = format!("There is an existing Flow Log with the same configuration for {vpc_id}");
            return Err((ErrorKind::AlreadyExists, "FlowLogAlreadyExists", message));
        }
        Ok(Self {
            vpc_id: vpc_id.clone(),
            traffic: *traffic,
            destination: destination.clone(),
            role_arn: role_arn.clone(),
            aggregation_seconds: *aggregation_seconds,
            delivery_error: None,
        })
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}
