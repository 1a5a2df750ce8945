//! A role.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::role::{Change, Create, Policies, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateRole",
        describe: "ListRoles",
        delete: "DeleteRole",
    };
    const DETAILS: &'static [&'static str] = &["ListAttachedRolePolicies", "ListRolePolicies"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Trust(_) => "UpdateAssumeRolePolicy",
            Change::AttachPolicy(_) => "AttachRolePolicy",
            Change::DetachPolicy(_) => "DetachRolePolicy",
            Change::PutPolicy(_) => "PutRolePolicy",
            Change::DeletePolicy(_) => "DeleteRolePolicy",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, path, trust } = create;
        if world.must_exist(&arn(path, name)).is_ok() {
            let message = format!("Role with name {name} already exists.");
            return Err((ErrorKind::AlreadyExists, "EntityAlreadyExists", message));
        }
        Ok(Self {
            name: name.clone(),
            path: path.clone(),
            trust: trust.clone(),
            policies: Some(Policies::default()),
        })
    }

    fn own_id(&self) -> Option<String> {
        Some(arn(&self.path, &self.name))
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        let policies = self.policies.as_ref();
        let is_there = match change {
            Change::Trust(_) | Change::AttachPolicy(_) | Change::PutPolicy(_) => true,
            Change::DetachPolicy(arn) => policies.is_some_and(|policies| policies.managed.contains(arn)),
            Change::DeletePolicy(name) => policies.is_some_and(|policies| policies.inline.contains_key(name)),
        };
        if is_there {
            return Ok(());
        }
        let message = "The policy was not found.".into();
        Err((ErrorKind::NotFound, "NoSuchEntity", message))
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        let has_none = |policies: &Policies| policies.managed.is_empty() && policies.inline.is_empty();
        if self.policies.as_ref().is_none_or(has_none) {
            return Ok(());
        }
        let message = "Cannot delete entity, must detach all policies first.".into();
        Err((ErrorKind::InUse, "DeleteConflict", message))
    }

    fn hide(&mut self) {
        self.policies = None;
    }
}

fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::123456789012:role{path}{name}")
}
