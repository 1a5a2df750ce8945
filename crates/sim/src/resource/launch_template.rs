//! What instances of a group are launched with. Each change is a new version.

use std::collections::BTreeSet;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::launch_template::{Change, Create, Data, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateLaunchTemplate",
        describe: "DescribeLaunchTemplates",
        delete: "DeleteLaunchTemplate",
    };
    const DETAILS: &'static [&'static str] = &["DescribeLaunchTemplateVersions"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::CreateVersion { .. } => "CreateLaunchTemplateVersion",
            Change::SetDefault(_) => "ModifyLaunchTemplate",
            Change::DeleteVersions(_) => "DeleteLaunchTemplateVersions",
        }
    }

    /// What a template names need not exist: AWS looks for it when an instance is launched.
    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, data: _ } = create;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::LaunchTemplate(other) if other.name == *name));
        if taken {
            let code = "InvalidLaunchTemplateName.AlreadyExistsException";
            let message = format!("Launch template name already in use: {name}");
            return Err((ErrorKind::AlreadyExists, code, message));
        }
        Ok(Self::new(create))
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::CreateVersion { .. } => Ok(()),
            Change::SetDefault(number) => must_have(self, *number),
            Change::DeleteVersions(numbers) => must_not_be_default(self, numbers),
        }
    }

    /// A creation that is tried again is answered as it was before: its token follows from what it says and comes after.
    fn changing(&self, _world: &mut World, _id: &str, change: &Change) -> Reply {
        match change {
            Change::CreateVersion { data, after } => Reply {
                part_id: Some(made(self, data, *after).unwrap_or(self.latest + 1).to_string()),
            },
            Change::SetDefault(_) | Change::DeleteVersions(_) => Reply::default(),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn hide(&mut self) {
        self.history = None;
    }
}

fn must_have(template: &State, number: i64) -> Result<(), Refusal> {
    let mut histories = template.history.iter();
    if histories.any(|history| history.versions.contains_key(&number)) {
        return Ok(());
    }
    let message = format!("Could not find launch template version {number}");
    Err((ErrorKind::NotFound, "InvalidLaunchTemplateId.VersionNotFound", message))
}

/// Of versions that are gone AWS says so, and deletes the others.
fn must_not_be_default(template: &State, numbers: &BTreeSet<i64>) -> Result<(), Refusal> {
    if numbers.contains(&template.default) {
        let message = format!("version {} is the default", template.default);
        return Err((ErrorKind::Invalid, "unexpectedError", message));
    }
    Ok(())
}

/// The version that says this and was made after that one, if there is one.
fn made(template: &State, data: &Data, after: i64) -> Option<i64> {
    let description = data.description();
    let mut versions = template.history.iter().flat_map(|history| &history.versions);
    let made = versions.find(|(number, version)| **number > after && version.description == description);
    made.map(|(number, _)| *number)
}
