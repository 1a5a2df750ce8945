//! The replacement of a group's instances by such of another version. It comes with its group, which does the work.

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::resource::instance_refresh::{Change, Create, State, id_of};

use super::auto_scaling_group::start;
use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "StartInstanceRefresh",
        describe: "DescribeInstanceRefreshes",
        delete: "CancelInstanceRefresh",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Start { .. } => "StartInstanceRefresh",
            Change::Cancel => "CancelInstanceRefresh",
        }
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn own_id(&self) -> Option<String> {
        Some(id_of(&self.group))
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match (change, self.running()) {
            (Change::Start { .. }, Some(refresh)) => {
                let message = format!(
                    "An Instance Refresh is already in progress and blocks the execution of this: {}",
                    refresh.id
                );
                Err((ErrorKind::AlreadyExists, "InstanceRefreshInProgress", message))
            }
            (Change::Start { launch, preferences: _ }, None) => {
                let template = launch.template.iter().map(|template| &template.id);
                template.into_iter().try_for_each(|id| world.must_exist(id))
            }
            (Change::Cancel, Some(_)) => Ok(()),
            (Change::Cancel, None) => {
                let message = "No in progress or pending Instance Refresh found".to_owned();
                Err((ErrorKind::NotFound, "ActiveInstanceRefreshNotFound", message))
            }
        }
    }

    fn changing(&self, world: &mut World, _id: &str, change: &Change) -> Reply {
        match change {
            Change::Start { launch, preferences } => {
                start(world, &self.group, launch, preferences.auto_rollback);
                Reply {
                    part_id: Some(format!("refresh-{}", world.calls.len())),
                }
            }
            Change::Cancel => Reply::default(),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        // Its group takes it along.
        false
    }

    fn hide(&mut self) {
        self.latest = None;
    }
}
