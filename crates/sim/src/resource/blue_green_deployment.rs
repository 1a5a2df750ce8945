//! A blue/green deployment: copies of a database and of what belongs to it, which change names with these when they are told to.

use std::time::Duration;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::blue_green_deployment::{Change, Create, State, Status};
use hastack_core::resource::database;
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::database::status::Status as DatabaseStatus;
use hastack_core::resource::scalable_target::id_of;
use hastack_core::timing::after;

use super::{Life, Names, Refusal, Simulated};
use crate::world::{Sim, World};

/// The longest name of one.
const LONGEST: usize = 60;
/// How long AWS takes to make the copies.
const PROVISIONING: Duration = Duration::from_mins(20);
/// How long it takes to change the names.
const SWITCHOVER: Duration = Duration::from_mins(1);

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateBlueGreenDeployment",
        describe: "DescribeBlueGreenDeployments",
        delete: "DeleteBlueGreenDeployment",
    };
    const LIFE: Life = Life {
        pending: Duration::ZERO,
        deleting: Duration::from_mins(2),
        listed: Duration::ZERO,
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::SwitchOver => "SwitchoverBlueGreenDeployment",
            Change::Unprotect => "ModifyDBInstance",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        world.must_exist(&create.database)?;
        if create.name.len() > LONGEST {
            let message = format!("{} is not a valid identifier", create.name);
            return Err((ErrorKind::Invalid, "InvalidParameterValue", message));
        }
        let source = world.database(&create.database);
        let fits =
            source.is_some_and(|source| source.status == DatabaseStatus::Available && source.secret_arn.is_none());
        if !fits {
            let message = format!("no deployment can be made of {}", create.database);
            return Err((ErrorKind::NotNow, "InvalidDBInstanceState", message));
        }
        let is_in_one =
            |state: &AnyState| matches!(state, AnyState::BlueGreenDeployment(other) if other.source == create.arn);
        if world.states().any(is_in_one) {
            let message = format!("{} is in a deployment", create.database);
            return Err((
                ErrorKind::AlreadyExists,
                "BlueGreenDeploymentAlreadyExistsFault",
                message,
            ));
        }
        if !create.parameter_group.starts_with("default.") {
            world.must_exist(&create.parameter_group)?;
        }
        Ok(Self {
            name: create.name.clone(),
            source: create.arn.clone(),
            target: None,
            status: Status::Provisioning,
            details: None,
            unprotected: false,
        })
    }

    fn ordered(create: &Create, world: &mut World, id: &str) {
        let done = after(world.now, PROVISIONING);
        world.deployments.insert(id.to_owned(), done);
        for (blue, green) in world.pairs(&create.database) {
            world.add_green(create, &blue, &green);
        }
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        let fits = match change {
            Change::SwitchOver => self.status == Status::Available,
            Change::Unprotect => self.green().is_some_and(|green| world.database(green).is_some()),
        };
        let message = format!("the deployment is {}", self.status);
        let refusal = (ErrorKind::NotNow, "InvalidBlueGreenDeploymentStateFault", message);
        if fits { Ok(()) } else { Err(refusal) }
    }

    fn changing(&self, world: &mut World, id: &str, change: &Change) -> Reply {
        match change {
            Change::SwitchOver => {
                let done = after(world.now, SWITCHOVER);
                world.deployments.insert(id.to_owned(), done);
            }
            Change::Unprotect => {
                if let Some(green) = self.green().and_then(|green| world.database_mut(green)) {
                    green.settings.insert(Setting::Protection, false.into());
                }
            }
        }
        Reply::default()
    }

    fn holds(&self, id: &str) -> bool {
        self.source.ends_with(&format!(":{id}")) && self.status != Status::SwitchoverCompleted
    }

    fn check_deletion(&self, world: &World) -> Result<(), Refusal> {
        let green = self.green().and_then(|green| world.database(green));
        let protected = green.is_some_and(|green| green.settings.get(&Setting::Protection) == Some(&true.into()));
        if protected && self.status != Status::SwitchoverCompleted {
            let message = "the copy is protected".to_owned();
            return Err((ErrorKind::Invalid, "InvalidParameterCombination", message));
        }
        Ok(())
    }

    fn gone(&self, world: &mut World, id: &str) {
        world.deployments.remove(id);
        if self.status == Status::SwitchoverCompleted {
            return;
        }
        let Some(green) = self.green().map(str::to_owned) else {
            return;
        };
        let copies = world.parts(&green);
        for copy in copies.into_iter().chain([green]) {
            world.vanish(&copy);
        }
    }

    fn hide(&mut self) {
        self.unprotected = false;
    }
}

/// What has come of deployments by now.
pub(crate) fn keep_deployments(world: &mut World) {
    let now = world.now;
    let due = world.deployments.iter().filter(|(_, at)| **at <= now);
    let due: Vec<String> = due.map(|(id, _)| id.clone()).collect();
    for id in due {
        world.deployments.remove(&id);
        let Some(AnyState::BlueGreenDeployment(deployment)) = world.state(&id).cloned() else {
            continue;
        };
        let source = deployment.source.rsplit(':').next().unwrap_or_default().to_owned();
        match deployment.status {
            Status::Provisioning => {
                let target = world.database(&green_name(&source)).map(|green| green.arn.clone());
                world.set_deployment(&id, Status::Available, target);
            }
            Status::SwitchoverInProgress => {
                for (blue, green) in world.pairs(&source) {
                    world.exchange(&blue, &green);
                }
                world.set_deployment(&id, Status::SwitchoverCompleted, deployment.target);
            }
            Status::Available
            | Status::SwitchoverCompleted
            | Status::SwitchoverFailed
            | Status::InvalidConfiguration
            | Status::ProvisioningFailed
            | Status::Deleting
            | Status::Other(_) => {}
        }
    }
}

fn green_name(blue: &str) -> String {
    format!("{blue}-green-abc123")
}

impl World {
    fn set_deployment(&mut self, id: &str, status: Status, target: Option<String>) {
        if let Some(AnyState::BlueGreenDeployment(deployment)) =
            self.things.get_mut(id).map(|thing| &mut thing.object.state)
        {
            deployment.status = status;
            deployment.target = target;
        }
    }

    /// The members of a cluster, or the replicas of an instance, but for copies.
    fn parts(&self, whole: &str) -> Vec<String> {
        let things = self.things.iter();
        let parts = things.filter(|(_, thing)| match &thing.object.state {
            AnyState::DbInstance(part) => [&part.cluster, &part.replica_of]
                .into_iter()
                .flatten()
                .any(|of| of == whole),
            _ => false,
        });
        parts.map(|(id, _)| id.clone()).collect()
    }

    /// A database and what belongs to it, with the names of their copies.
    fn pairs(&self, whole: &str) -> Vec<(String, String)> {
        let is_copy = |id: &String| id.contains("-green-");
        let parts = self.parts(whole).into_iter().filter(|id| !is_copy(id));
        let all = [whole.to_owned()].into_iter().chain(parts);
        all.map(|blue| (blue.clone(), green_name(&blue))).collect()
    }

    fn add_green(&mut self, create: &Create, blue: &str, green: &str) {
        let Some(Object { tags, state, .. }) = self.things.get(blue).map(|thing| thing.object.clone()) else {
            return;
        };
        let parts = self.parts(blue);
        let copied = |database: database::State| {
            let follow = |of: Option<String>| of.map(|of| green_name(&of));
            let mut copy = database::State {
                arn: database.arn.replace(blue, green),
                resource_id: None,
                status: DatabaseStatus::Creating,
                cluster: follow(database.cluster),
                replica_of: follow(database.replica_of),
                members: database
                    .members
                    .into_iter()
                    .filter(|(id, _)| parts.contains(id))
                    .map(|(id, writes)| (green_name(&id), writes))
                    .collect(),
                ..database
            };
            copy.settings.insert(Setting::Identifier, green.into());
            if copy.cluster.is_none() {
                copy.settings.insert(Setting::Version, create.version.as_str().into());
                copy.settings
                    .insert(Setting::ParameterGroup, create.parameter_group.as_str().into());
            }
            copy
        };
        let state = match state {
            AnyState::DbInstance(database) => AnyState::DbInstance(copied(database)),
            AnyState::DbCluster(database) => AnyState::DbCluster(copied(database)),
            other => other,
        };
        let made = self.add_copy(tags, state);
        if let Some(password) = self.passwords.get(blue).cloned() {
            self.passwords.insert(made.clone(), password);
        }
        let original = format!("resource-{}", self.next_number());
        if let Some(database) = self.database_mut(&made) {
            database.resource_id = Some(original);
        }
    }

    /// Lets a database and its copy change names.
    fn exchange(&mut self, blue: &str, green: &str) {
        let tags = self.things.get(blue).map(|thing| thing.object.tags.clone());
        // What is registered by name stays with the name.
        let target = self.things.get(&id_of(blue)).cloned();
        self.rename(blue, &format!("{blue}-old1"));
        self.rename(green, blue);
        if let (Some(thing), Some(tags)) = (self.things.get_mut(blue), tags) {
            thing.object.tags = tags;
        }
        self.things.extend(target.map(|target| (id_of(blue), target)));
        self.tell(blue, "Switchover completed", "notification");
    }

    /// What a version of a database is, for tests.
    fn version(&self, id: &str) -> Option<String> {
        let version = self.database(id)?.settings.get(&Setting::Version)?;
        Value::text(version).map(str::to_owned)
    }
}

impl Sim {
    /// The version of a database.
    pub fn version(&self, id: &str) -> Option<String> {
        self.world().version(id)
    }
}
