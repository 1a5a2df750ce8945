//! The subnets that a database may be in.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::db_subnet_group::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateDBSubnetGroup",
        describe: "DescribeDBSubnetGroups",
        delete: "DeleteDBSubnetGroup",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Subnets { .. } => "ModifyDBSubnetGroup",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, path, subnet_ids } = create;
        if world.must_exist(name).is_ok() {
            let message = format!("The DB subnet group '{name}' already exists");
            return Err((ErrorKind::AlreadyExists, "DBSubnetGroupAlreadyExists", message));
        }
        subnet_ids.iter().try_for_each(|id| world.must_exist(id))?;
        Ok(Self {
            name: name.clone(),
            path: path.clone(),
            subnet_ids: subnet_ids.clone(),
        })
    }

    fn own_id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Subnets { ids, path: _ } => ids.iter().try_for_each(|id| world.must_exist(id)),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        // Subnets go without regard to it.
        false
    }
}

impl World {
    /// The subnets of a group, by id.
    pub(super) fn subnets_of(&self, group: &str) -> Vec<String> {
        match self.state(group) {
            Some(AnyState::DbSubnetGroup(group)) => group.subnet_ids.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The zone of a subnet.
    pub(super) fn zone_of(&self, subnet: &str) -> Option<String> {
        match self.state(subnet) {
            Some(AnyState::Subnet(subnet)) => Some(subnet.zone.clone()),
            _ => None,
        }
    }
}
