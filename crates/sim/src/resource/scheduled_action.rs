//! When a group's size changes by the clock. A second put of one name is a change of the first.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::scheduled_action::{Change, Content, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "PutScheduledUpdateGroupAction",
        describe: "DescribeScheduledActions",
        delete: "DeleteScheduledAction",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Put(_) => "PutScheduledUpdateGroupAction",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        world.must_exist(&create.group)?;
        check_content(&create.content)?;
        Ok(Self::new(create))
    }

    fn own_id(&self) -> Option<String> {
        Some(self.id())
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Put(content) => check_content(content),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        // Its group takes it along.
        false
    }
}

fn check_content(content: &Content) -> Result<(), Refusal> {
    let Content {
        recurrence,
        time_zone: _,
        min,
        max,
        desired,
    } = content;
    let refusal = |message: &str| Err((ErrorKind::Invalid, "ValidationError", message.to_owned()));
    if recurrence.split(' ').count() != 5 {
        return refusal("Given recurrence string is invalid");
    }
    if min.or(*max).or(*desired).is_none() {
        return refusal("At least one of Min, Max or Desired must be specified");
    }
    if min.zip(*max).is_some_and(|(min, max)| min > max) {
        return refusal("Min bound must be less than or equal to max bound");
    }
    Ok(())
}
