//! A security group of somebody else: it is only placed by tests.

use hastack_core::resource::foreign_security_group::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateSecurityGroup",
        describe: "DescribeSecurityGroups",
        delete: "DeleteSecurityGroup",
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn holds(&self, id: &str) -> bool {
        self.refers_to.iter().any(|group| group == id)
    }
}
