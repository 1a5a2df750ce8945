//! An instance profile: how an instance gets its role.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance_profile::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateInstanceProfile",
        describe: "ListInstanceProfiles",
        delete: "DeleteInstanceProfile",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::AddRole(_) => "AddRoleToInstanceProfile",
            Change::RemoveRole(_) => "RemoveRoleFromInstanceProfile",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, path: _ } = create;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::InstanceProfile(other) if other.name == *name));
        if taken {
            let message = format!("Instance Profile {name} already exists.");
            return Err((ErrorKind::AlreadyExists, "EntityAlreadyExists", message));
        }
        Ok(Self {
            name: name.clone(),
            role_arn: None,
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match (change, &self.role_arn) {
            (Change::AddRole(role), None) => world.must_exist(role),
            (Change::AddRole(_), Some(_)) => {
                let message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1".into();
                Err((ErrorKind::AlreadyExists, "LimitExceeded", message))
            }
            (Change::RemoveRole(role), Some(given)) if role == given => Ok(()),
            (Change::RemoveRole(role), _) => {
                let message = format!("The role {role} is not in the instance profile.");
                Err((ErrorKind::NotFound, "NoSuchEntity", message))
            }
        }
    }

    fn holds(&self, id: &str) -> bool {
        self.role_arn.as_deref() == Some(id)
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        if self.role_arn.is_none() {
            return Ok(());
        }
        let message = "Cannot delete entity, must remove roles from instance profile first.".into();
        Err((ErrorKind::InUse, "DeleteConflict", message))
    }
}
