//! A log group.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::log_group::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateLogGroup",
        describe: "DescribeLogGroups",
        delete: "DeleteLogGroup",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Retention(_) => "PutRetentionPolicy",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name } = create;
        if world.must_exist(name).is_ok() {
            let message = "The specified log group already exists".into();
            return Err((ErrorKind::AlreadyExists, "ResourceAlreadyExistsException", message));
        }
        Ok(Self {
            name: name.clone(),
            retention_days: None,
        })
    }

    fn own_id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}
