//! A database that AWS has added, or that tests have placed.

use std::time::Duration;

use hastack_core::desire::foreign;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::database;
use hastack_core::resource::foreign_database::{Change, Create, State};
use hastack_core::tag;

use super::scalable_target::READER;
use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

/// Those of all databases that are not ours, as such.
pub(crate) fn foreign_databases(world: &World, kind: Kind) -> Vec<Object> {
    let all = match kind {
        Kind::ForeignDbInstance => world.shown(Kind::DbInstance),
        Kind::ForeignDbCluster => world.shown(Kind::DbCluster),
        _ => Vec::new(),
    };
    let cluster = |object: &Object| object.tags.get(tag::CLUSTER).cloned().unwrap_or_default();
    let others = all.into_iter().filter_map(|object| foreign(&cluster(&object), object));
    others.collect()
}

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = <database::State as Simulated>::NAMES;
    const LIFE: Life = Life {
        pending: READER,
        deleting: READER,
        listed: Duration::ZERO,
    };

    fn names(kind: Kind) -> Names {
        let own = if kind == Kind::ForeignDbCluster {
            Kind::DbCluster
        } else {
            Kind::DbInstance
        };
        <database::State as Simulated>::names(own)
    }

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn own_id(&self) -> Option<String> {
        Some(self.identifier.clone())
    }

    fn holds(&self, id: &str) -> bool {
        self.cluster.as_deref() == Some(id) || self.groups.iter().any(|group| group == id)
    }

    fn gone(&self, world: &mut World, id: &str) {
        if let Some(cluster) = self.cluster.as_deref().and_then(|cluster| world.database_mut(cluster)) {
            cluster.members.remove(id);
        }
    }
}
