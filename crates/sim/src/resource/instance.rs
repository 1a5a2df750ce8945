//! An instance: a bastion, or one on which an image is built.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance::{Build, Change, Create, ImageRef, State};
use hastack_core::timing::after;

use super::{Life, Names, Refusal, Simulated};
use crate::catalogue::LATEST;
use crate::world::World;

/// A key pair that exists in every account.
const FOREIGN_KEY: &str = "ops";

/// How long an instance takes to run what it builds an image with, from its creation on.
const BUILDS: Duration = Duration::from_mins(2);

/// What in a script makes it fail.
const FAILS: &str = "exit 1";

const PENDING: Duration = Duration::from_secs(30);

/// Lets the builds end whose time has come: the instance powers off.
pub(crate) fn build(world: &mut World) {
    let now = world.now;
    for (id, build) in world.builds.extract_if(.., |_, (ends, _)| *ends <= now) {
        if let Some(thing) = world.things.get_mut(&id)
            && let AnyState::Instance(instance) = &mut thing.object.state
        {
            instance.runs = false;
            instance.build = Some(build.1);
        }
    }
}

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "RunInstances",
        describe: "DescribeInstances",
        delete: "TerminateInstances",
    };
    const LIFE: Life = Life {
        pending: PENDING,
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
            image,
            subnet_id,
            group_ids,
            public_address,
            profile,
            key_name,
            volume,
            user_data,
        } = create;
        world.must_exist(subnet_id)?;
        group_ids.iter().try_for_each(|id| world.must_exist(id))?;
        if let Some(name) = profile.as_ref().map(|profile| &profile.name) {
            let has_role = world.states().any(|state| {
                matches!(state, AnyState::InstanceProfile(profile) if profile.name == *name && profile.role_arn.is_some())
            });
            if !has_role {
                let message = format!("Value ({name}) for parameter iamInstanceProfile.name is invalid");
                return Err((ErrorKind::NotNow, "InvalidParameterValue", message));
            }
        }
        let (image_parameter, image_id) = match image {
            ImageRef::Parameter(name) => (Some(name.clone()), LATEST),
            ImageRef::Id(id) => (None, id.as_str()),
        };
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
            image_parameter,
            image_id: Some(image_id.to_owned()),
            subnet_id: subnet_id.clone(),
            group_ids: group_ids.clone(),
            profile_id: profile.as_ref().map(|profile| profile.id.clone()),
            key_name: key_name.clone(),
            volume_size_gib: volume.size_gib,
            guards_metadata: true,
            runs: true,
            public_ip: public_address.then(|| format!("203.0.113.{}", world.things.len() % 256)),
            build: user_data.as_ref().map(|_| Build::Running { since: Some(world.now) }),
        })
    }

    fn ordered(create: &Create, world: &mut World, id: &str) {
        if let Some(user_data) = &create.user_data {
            let outcome = if user_data.contains(FAILS) {
                Build::Failed {
                    status: 1,
                    output: "somebody wrote exit 1".to_owned(),
                }
            } else {
                Build::Succeeded
            };
            let ends = after(world.now, BUILDS);
            world.builds.insert(id.to_owned(), (ends, outcome));
        }
    }

    fn details(&self) -> &'static [&'static str] {
        match &self.build {
            None | Some(Build::Running { .. }) => &[],
            Some(Build::Unread | Build::Silent | Build::Succeeded | Build::Failed { .. } | Build::Interrupted) => {
                &["GetConsoleOutput"]
            }
        }
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
        world.builds.remove(id);
        world.fail_images_of(id);
    }

    fn hide(&mut self) {
        if let Some(Build::Silent | Build::Succeeded | Build::Failed { .. } | Build::Interrupted) = self.build {
            self.build = Some(Build::Unread);
        }
    }
}
