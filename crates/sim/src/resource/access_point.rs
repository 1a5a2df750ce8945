//! An access point.

use std::time::Duration;

use hastack_core::resource::access_point::{Change, Create, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateAccessPoint",
        describe: "DescribeAccessPoints",
        delete: "DeleteAccessPoint",
    };
    const LIFE: Life = Life {
        pending: Duration::from_secs(5),
        deleting: Duration::from_secs(5),
        listed: Duration::ZERO,
    };
    const TOKEN_TAKEN: Option<&'static str> = Some("AccessPointAlreadyExists");

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { file_system_id, entry } = create;
        world.must_be_available(file_system_id)?;
        Ok(Self {
            file_system_id: file_system_id.clone(),
            entry: entry.clone(),
        })
    }

    fn holds(&self, id: &str) -> bool {
        self.file_system_id == id
    }
}
