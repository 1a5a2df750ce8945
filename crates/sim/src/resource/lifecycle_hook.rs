//! What a group waits for before it takes in or lets go of an instance. A second put of one name is a change of the first.

use std::collections::BTreeSet;

use hastack_core::resource::State as AnyState;
use hastack_core::resource::lifecycle_hook::{Change, Create, LifecycleTransition, State};

use super::{Names, Refusal, Simulated};
use crate::world::{Sim, World};

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "PutLifecycleHook",
        describe: "DescribeLifecycleHooks",
        delete: "DeleteLifecycleHook",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Put(_) => "PutLifecycleHook",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        world.must_exist(&create.group)?;
        Ok(Self::new(create))
    }

    fn own_id(&self) -> Option<String> {
        Some(self.id())
    }

    fn holds(&self, _id: &str) -> bool {
        // Its group takes it along.
        false
    }
}

/// The hooks that a group's instances wait for then, by name.
pub(super) fn of(world: &World, group: &str, transition: LifecycleTransition) -> BTreeSet<String> {
    let hooks = world.states().filter_map(|state| match state {
        AnyState::LifecycleHook(hook) if hook.group == group && hook.content.transition == transition => {
            Some(hook.name.clone())
        }
        _ => None,
    });
    hooks.collect()
}

impl Sim {
    /// The hooks that an instance waited for before it came into service, by name; whoever was told has answered each at once.
    pub fn hooks_awaited(&self, instance_id: &str) -> BTreeSet<String> {
        self.world().awaited.get(instance_id).cloned().unwrap_or_default()
    }
}
