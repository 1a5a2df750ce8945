//! A parameter group, of instances or of clusters.

use std::collections::BTreeMap;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::parameter_group::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

/// A parameter that counts only once a database is started anew.
const STATIC: &str = "shared_buffers";

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateDBParameterGroup",
        describe: "DescribeDBParameterGroups",
        delete: "DeleteDBParameterGroup",
    };
    const DETAILS: &'static [&'static str] = &["DescribeDBParameters"];

    fn names(kind: Kind) -> Names {
        if kind == Kind::DbClusterParameterGroup {
            return Names {
                create: "CreateDBClusterParameterGroup",
                describe: "DescribeDBClusterParameterGroups",
                delete: "DeleteDBClusterParameterGroup",
            };
        }
        Self::NAMES
    }

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Set(_) => "ModifyDBParameterGroup",
            Change::Reset(_) => "ResetDBParameterGroup",
        }
    }

    fn update_name_of(kind: Kind, change: &Change) -> &'static str {
        match (kind, change) {
            (Kind::DbClusterParameterGroup, Change::Set(_)) => "ModifyDBClusterParameterGroup",
            (Kind::DbClusterParameterGroup, Change::Reset(_)) => "ResetDBClusterParameterGroup",
            (_, change) => Self::update_name(change),
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, path, family } = create;
        if world.must_exist(name).is_ok() {
            let message = format!("Parameter group {name} already exists");
            return Err((ErrorKind::AlreadyExists, "DBParameterGroupAlreadyExists", message));
        }
        Ok(Self {
            name: name.clone(),
            path: path.clone(),
            family: family.clone(),
            parameters: Some(BTreeMap::new()),
        })
    }

    fn own_id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn changing(&self, world: &mut World, id: &str, change: &Change) -> Reply {
        let is_static = match change {
            Change::Set(set) => set.contains_key(STATIC),
            Change::Reset(reset) => reset.contains(STATIC),
        };
        for thing in world.things.values_mut().filter(|_| is_static) {
            let (AnyState::DbInstance(database) | AnyState::DbCluster(database)) = &mut thing.object.state else {
                continue;
            };
            let group = database.settings.get(&Setting::ParameterGroup).and_then(Value::text);
            database.reboot_pending |= group == Some(id);
        }
        Reply::default()
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn hide(&mut self) {
        self.parameters = None;
    }
}
