//! A database that AWS has added, or that tests have placed.

use std::time::Duration;

use hastack_core::desire::is_copy;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::foreign_database::{Change, Create, State};

use super::scalable_target::READER;
use super::{Life, Names, Refusal, Simulated};
use crate::world::World;
use hastack_core::tag::{self, Tags};

/// Those of all databases that are not ours, as such.
pub(crate) fn foreign_databases(world: &World, kind: Kind) -> Vec<Object> {
    let all = match kind {
        Kind::ForeignDbInstance => world.shown(Kind::DbInstance),
        Kind::ForeignDbCluster => world.shown(Kind::DbCluster),
        _ => Vec::new(),
    };
    let is_foreign = |object: &Object| match object.tags.get(tag::CLUSTER) {
        Some(cluster) => is_copy(cluster, object),
        None => true,
    };
    all.into_iter()
        .filter(is_foreign)
        .map(|object| Object {
            // What a copy is tagged with does not make it ours.
            tags: Tags::new(),
            state: match &object.state {
                AnyState::DbInstance(database) => AnyState::ForeignDbInstance(State::of(&object.id, database)),
                AnyState::DbCluster(database) => AnyState::ForeignDbCluster(State::of(&object.id, database)),
                other => other.clone(),
            },
            ..object
        })
        .collect()
}

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateDBInstance",
        describe: "DescribeDBInstances",
        delete: "DeleteDBInstance",
    };
    const LIFE: Life = Life {
        pending: READER,
        deleting: READER,
        listed: Duration::ZERO,
    };

    fn names(kind: Kind) -> Names {
        if kind == Kind::ForeignDbCluster {
            return Names {
                create: "CreateDBCluster",
                describe: "DescribeDBClusters",
                delete: "DeleteDBCluster",
            };
        }
        Self::NAMES
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
