//! A network interface: it comes with what has one, and may outlast it.

use hastack_core::resource::network_interface::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateNetworkInterface",
        describe: "DescribeNetworkInterfaces",
        delete: "DeleteNetworkInterface",
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn holds(&self, id: &str) -> bool {
        self.subnet_id == id || self.group_ids.iter().any(|group| group == id)
    }
}
