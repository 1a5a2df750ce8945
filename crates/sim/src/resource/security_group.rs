//! A security group.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::security_group::{Change, Create, Peer, Rule, State};

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
            Change::AuthorizeIngress(_) => "AuthorizeSecurityGroupIngress",
            Change::RevokeIngress(_) => "RevokeSecurityGroupIngress",
            Change::AuthorizeEgress(_) => "AuthorizeSecurityGroupEgress",
            Change::RevokeEgress(_) => "RevokeSecurityGroupEgress",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { vpc_id, name } = create;
        world.must_exist(vpc_id)?;
        let taken = world.states().any(
            |state| matches!(state, AnyState::SecurityGroup(other) if other.vpc_id == *vpc_id && other.name == *name),
        );
        if taken {
            let message = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
            return Err((ErrorKind::AlreadyExists, "InvalidGroup.Duplicate", message));
        }
        Ok(Self::new(vpc_id, name))
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        let (rules, is, adds) = match change {
            Change::AuthorizeIngress(rules) => (rules, &self.ingress, true),
            Change::AuthorizeEgress(rules) => (rules, &self.egress, true),
            Change::RevokeIngress(rules) => (rules, &self.ingress, false),
            Change::RevokeEgress(rules) => (rules, &self.egress, false),
        };
        for rule in rules {
            check_rule(world, rule, is.contains(rule), adds)?;
        }
        Ok(())
    }

    fn holds(&self, id: &str) -> bool {
        let refers = |rule: &Rule| matches!(&rule.peer, Peer::Group(group) if group == id);
        self.vpc_id == id || self.ingress.iter().chain(&self.egress).any(refers)
    }
}

fn check_rule(world: &World, rule: &Rule, is_there: bool, adds: bool) -> Result<(), Refusal> {
    match (&rule.peer, is_there, adds) {
        (_, true, true) => Err((
            ErrorKind::AlreadyExists,
            "InvalidPermission.Duplicate",
            "the specified rule already exists".into(),
        )),
        (_, false, false) => Err((
            ErrorKind::NotFound,
            "InvalidPermission.NotFound",
            "the specified rule does not exist".into(),
        )),
        (Peer::Group(id), false, true) => world.must_exist(id),
        (Peer::Group(_) | Peer::Cidr(_) | Peer::Cidr6(_) | Peer::PrefixList(_), _, _) => Ok(()),
    }
}
