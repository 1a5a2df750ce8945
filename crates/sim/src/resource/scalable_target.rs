//! What lets AWS add readers to a cluster: it keeps their number within the bounds, and takes away only those that it has added.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::object::Phase;
use hastack_core::resource::scalable_target::{Bounds, Change, Create, State, id_of};
use hastack_core::resource::{State as AnyState, foreign_database};

use super::{Names, Refusal, Simulated};
use crate::world::{Sim, World};

/// The most readers of a cluster.
const MOST: u8 = 15;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "RegisterScalableTarget",
        describe: "DescribeScalableTargets",
        delete: "DeregisterScalableTarget",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Bounds(_) => "RegisterScalableTarget",
            Change::Policy(_) => "PutScalingPolicy",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        world.must_exist(&create.cluster)?;
        check_bounds(create.bounds)?;
        Ok(Self::new(create))
    }

    fn own_id(&self) -> Option<String> {
        Some(self.id())
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Bounds(bounds) => check_bounds(*bounds),
            Change::Policy(_) => Ok(()),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        // AWS deregisters what is deleted.
        false
    }
}

fn check_bounds(bounds: Bounds) -> Result<(), Refusal> {
    let Bounds { min, max } = bounds;
    if min <= max && max <= MOST {
        return Ok(());
    }
    let message = format!("{min} to {max} are no bounds");
    Err((ErrorKind::Invalid, "ValidationException", message))
}

/// Keeps the readers of all clusters within their bounds.
pub(crate) fn keep_readers(world: &mut World) {
    let targets = world.states().filter_map(|state| match state {
        AnyState::ScalableTarget(target) if !target.suspended => Some((target.cluster.clone(), target.bounds)),
        _ => None,
    });
    for (cluster, Bounds { min, max }) in targets.collect::<Vec<_>>() {
        let readers = world.readers(&cluster);
        let added = world.added(&cluster);
        let surplus = readers.saturating_sub(max.into()).min(added.len());
        for id in &added[added.len() - surplus..] {
            world.begin_deletion(id);
        }
        for _ in readers..min.into() {
            world.add_reader(&cluster);
        }
    }
}

impl World {
    /// How many readers a cluster has.
    fn readers(&self, cluster: &str) -> usize {
        match self.state(cluster) {
            Some(AnyState::DbCluster(state)) => {
                let leaving = |id: &&String| self.phase(id) == Some(Phase::Deleting);
                let leaving = state.members.keys().filter(leaving).count();
                state.members.len().saturating_sub(1 + leaving)
            }
            _ => 0,
        }
    }

    /// Those of them that AWS has added and does not take away yet.
    fn added(&self, cluster: &str) -> Vec<String> {
        let target = id_of(cluster);
        let things = self.things.iter();
        let added = things.filter(|(_, thing)| {
            matches!(&thing.object.state, AnyState::ForeignDbInstance(member) if member.target.as_ref() == Some(&target))
                && matches!(thing.object.phase, Phase::Pending | Phase::Ready)
        });
        added.map(|(id, _)| id.clone()).collect()
    }

    fn add_reader(&mut self, cluster: &str) {
        let number = self.next_number();
        let name = format!("application-autoscaling-{number:04}");
        if let Some(database) = self.database_mut(cluster) {
            database.members.insert(name.clone(), false);
        }
        let member = foreign_database::State::new(name, Some(cluster.to_owned()), Vec::new());
        self.add_untagged(AnyState::ForeignDbInstance(member));
    }
}

/// How long AWS takes to make a reader and to take one away.
pub(super) const READER: Duration = Duration::from_mins(5);

impl Sim {
    /// Has AWS add a reader to a cluster, since those it has are busy.
    pub fn add_reader(&self, cluster: &str) {
        let mut world = self.world();
        world.add_reader(cluster);
        world.remember();
    }
}
