//! The security group that comes with a VPC.

use hastack_core::resource::default_security_group::{Change, Create, State};

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
        match change {
            Change::RevokeIngress(_) => "RevokeSecurityGroupIngress",
            Change::RevokeEgress(_) => "RevokeSecurityGroupEgress",
        }
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}
