//! When a group grows and shrinks. A second put of one name is a change of the first.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::scaling_policy::{Change, Content, Create, Policy, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "PutScalingPolicy",
        describe: "DescribePolicies",
        delete: "DeletePolicy",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Put(_) => "PutScalingPolicy",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { group, name, content } = create;
        world.must_exist(group)?;
        check_content(world, content)?;
        let arn = format!(
            "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/{group}:policyName/{name}"
        );
        Ok(Self::new(create, arn))
    }

    fn own_id(&self) -> Option<String> {
        Some(self.id())
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Put(content) => check_content(world, content),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        // Its group takes it along.
        false
    }
}

fn check_content(world: &World, content: &Content) -> Result<(), Refusal> {
    let Content { policy, label } = content;
    if let Policy::Other(word) = policy {
        return Err((ErrorKind::Invalid, "ValidationError", format!("nobody puts {word:?}")));
    }
    match label {
        Some(label) if !is_routed(world, label) => {
            let message = "The load balancer does not route traffic to the target group.".to_owned();
            Err((ErrorKind::NotNow, "ValidationError", message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether some rule sends requests to the target group that the label ends with.
fn is_routed(world: &World, label: &str) -> bool {
    let mut rules = world
        .states()
        .filter(|state| matches!(state, AnyState::ListenerRule(_)))
        .flat_map(AnyState::uses);
    rules.any(|id| label.ends_with(id.rsplit(':').next().unwrap_or(id)))
}
