//! An instance.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance::{Change, Create, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

/// A key pair that exists in every account.
const FOREIGN_KEY: &str = "ops";

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "RunInstances",
        describe: "DescribeInstances",
        delete: "TerminateInstances",
    };
    const LIFE: Life = Life {
        pending: Duration::from_secs(30),
        deleting: Duration::from_secs(30),
        listed: Duration::from_hours(1),
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Start => "StartInstances",
            Change::Groups(_) => "ModifyInstanceAttribute",
            Change::GuardMetadata => "ModifyInstanceMetadataOptions",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            instance_type,
            image_parameter,
            subnet_id,
            group_ids,
            profile_id,
            profile_name,
            key_name,
            volume_size_gib,
        } = create;
        world.must_exist(subnet_id)?;
        group_ids.iter().try_for_each(|id| world.must_exist(id))?;
        let has_role = world.states().any(|state| {
            matches!(state, AnyState::InstanceProfile(profile) if profile.name == *profile_name && profile.role_arn.is_some())
        });
        if !has_role {
            let message = format!("Value ({profile_name}) for parameter iamInstanceProfile.name is invalid");
            return Err((ErrorKind::NotNow, "InvalidParameterValue", message));
        }
        if let Some(name) = key_name.as_ref().filter(|name| name.as_str() != FOREIGN_KEY) {
            let key_exists = world
                .states()
                .any(|state| matches!(state, AnyState::KeyPair(pair) if pair.name == *name));
            if !key_exists {
                let message = format!("The key pair '{name}' does not exist");
                return Err((ErrorKind::NotFound, "InvalidKeyPair.NotFound", message));
            }
        }
        Ok(Self {
            instance_type: instance_type.clone(),
            image_parameter: Some(image_parameter.clone()),
            subnet_id: subnet_id.clone(),
            group_ids: group_ids.clone(),
            profile_id: Some(profile_id.clone()),
            key_name: key_name.clone(),
            volume_size_gib: Some(*volume_size_gib),
            guards_metadata: true,
            runs: true,
            public_ip: Some(format!("203.0.113.{}", world.things.len() % 256)),
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Start | Change::GuardMetadata => Ok(()),
            Change::Groups(groups) => groups.iter().try_for_each(|id| world.must_exist(id)),
        }
    }

    fn holds(&self, id: &str) -> bool {
        self.subnet_id == id || self.group_ids.contains(id)
    }

    fn gone(&self, world: &mut World, id: &str) {
        world.release(id);
    }
}
