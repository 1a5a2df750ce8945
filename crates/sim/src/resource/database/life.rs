//! What databases are at, and what comes of it by itself.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Effect, Setting, Value};
use hastack_core::resource::database::status::Status;
use hastack_core::resource::database::{Change, State};
use hastack_core::tag::Tags;
use hastack_core::timing::after;

use super::{CLUSTER, interface};
use crate::resource::{Life, Refusal};
use crate::world::{Sim, World};

/// How long AWS takes to make one and to delete one.
pub(super) const LIFE: Life = Life {
    pending: Duration::from_mins(5),
    deleting: Duration::from_mins(3),
    listed: Duration::ZERO,
};
/// How long it takes to change, start, stop one.
const WORK: Duration = Duration::from_mins(2);
/// How long one stays stopped.
const STOPPED: Duration = Duration::from_hours(7 * 24);

/// What has come of databases by now.
pub(crate) fn keep_databases(world: &mut World) {
    let now = world.now;
    let ids: Vec<String> = world.things.keys().cloned().collect();
    for id in ids {
        world.forget_events(&id);
        let Some(database) = world.database(&id) else { continue };
        if database.status == Status::Creating && world.phase(&id) == Some(Phase::Ready) {
            world.become_now(&id, Status::Available);
        }
        if world.phase(&id) == Some(Phase::Deleting) {
            world.become_now(&id, Status::Deleting);
        }
        while let Some(&(at, status)) = world.due.get(&id).and_then(|due| due.first()) {
            if at > now {
                break;
            }
            world.due.entry(id.clone()).or_default().remove(0);
            world.become_now(&id, status);
        }
    }
}

impl World {
    pub(in crate::resource) fn database(&self, id: &str) -> Option<&State> {
        match self.state(id) {
            Some(AnyState::DbInstance(state) | AnyState::DbCluster(state)) => Some(state),
            _ => None,
        }
    }

    pub(in crate::resource) fn database_mut(&mut self, id: &str) -> Option<&mut State> {
        match self.things.get_mut(id).map(|thing| &mut thing.object.state) {
            Some(AnyState::DbInstance(state) | AnyState::DbCluster(state)) => Some(state),
            _ => None,
        }
    }

    pub(in crate::resource) fn phase(&self, id: &str) -> Option<Phase> {
        self.things.get(id).map(|thing| thing.object.phase)
    }

    /// Puts a database into a state, and does what AWS does on the way.
    fn become_now(&mut self, id: &str, status: Status) {
        let now = self.now;
        let Some(database) = self.database_mut(id) else { return };
        let was = std::mem::replace(&mut database.status, status);
        if status == Status::Available {
            if database.hurried || was == Status::Modifying {
                let pending = std::mem::take(&mut database.pending);
                database.settings.extend(pending);
                database.hurried = false;
            }
            if matches!(was, Status::Rebooting | Status::Starting) {
                database.reboot_pending = false;
            }
            database.host = Some(format!("{id}.abc123.us-east-1.rds.amazonaws.com"));
            database.restorable = Some(now);
            if database.arn.contains(CLUSTER) {
                database.reader_host = Some(format!("{id}.ro.abc123.us-east-1.rds.amazonaws.com"));
            }
        }
        self.tell_change(id, was, status);
        if status == Status::Available {
            self.move_replicas(id);
        }
        if status == Status::Stopped {
            self.plan(id, &[(STOPPED, Status::Starting), (STOPPED + WORK, Status::Available)]);
        }
        if let Some(thing) = self.things.get_mut(id)
            && !matches!(thing.object.phase, Phase::Deleting | Phase::Deleted)
        {
            thing.object.phase = status.row().phase;
        }
        self.rename_as_set(id);
    }

    /// Moves the replicas of a PostgreSQL along to its version.
    fn move_replicas(&mut self, id: &str) {
        let Some(database) = self.database(id).filter(|database| database.engine == "postgres") else {
            return;
        };
        let version = database.settings.get(&Setting::Version).cloned();
        for thing in self.things.values_mut() {
            if let AnyState::DbInstance(replica) = &mut thing.object.state
                && replica.replica_of.as_deref() == Some(id)
                && let Some(version) = &version
            {
                replica.settings.insert(Setting::Version, version.clone());
            }
        }
    }

    /// What a database becomes, after which times.
    fn plan(&mut self, id: &str, steps: &[(Duration, Status)]) {
        let now = self.now;
        let due = steps.iter().map(|(wait, status)| (after(now, *wait), *status));
        self.due.insert(id.to_owned(), due.collect());
    }

    /// Begins what a change leads to.
    pub(super) fn begin(&mut self, state: &State, id: &str, change: &Change) {
        match change {
            Change::Modify(modification) => {
                let takes = |setting: &Setting| setting.row().effect != Effect::Soon;
                let deferred = modification.settings.keys().any(takes) || !state.pending.is_empty();
                if modification.immediately && deferred {
                    self.plan(id, &[(WORK, Status::Available)]);
                }
                if let Some(password) = &modification.password {
                    let text = password.text.reveal().to_owned();
                    self.passwords.insert(id.to_owned(), text);
                }
                if modification.settings.contains_key(&Setting::ParameterGroup)
                    && let Some(database) = self.database_mut(id)
                {
                    database.reboot_pending = true;
                }
                let managed = modification
                    .settings
                    .get(&Setting::ManagedPassword)
                    .and_then(Value::flag);
                self.manage_password(id, managed);
            }
            Change::MarkPassword(_) => {}
            Change::Start => self.plan_all(id, &[(WORK, Status::Available)], Status::Starting),
            Change::Stop => self.plan_all(id, &[(WORK, Status::Stopped)], Status::Stopping),
            Change::Reboot => self.plan(id, &[(WORK, Status::Available)]),
        }
    }

    fn manage_password(&mut self, id: &str, managed: Option<bool>) {
        match managed {
            None => {}
            Some(true) => {
                self.add_secret(id);
                let arn = crate::resource::secret::arn_of(id);
                self.database_mut(id)
                    .into_iter()
                    .for_each(|database| database.secret_arn = Some(arn.clone()));
            }
            Some(false) => {
                self.remove_secret(id);
                self.database_mut(id)
                    .into_iter()
                    .for_each(|database| database.secret_arn = None);
            }
        }
    }

    /// The same for the members of a cluster.
    fn plan_all(&mut self, id: &str, steps: &[(Duration, Status)], at_once: Status) {
        let members = self
            .database(id)
            .map(|database| database.members.keys().cloned().collect::<Vec<_>>());
        for id in members.into_iter().flatten().chain([id.to_owned()]) {
            self.plan(&id, steps);
            self.database_mut(&id)
                .into_iter()
                .for_each(|database| database.status = at_once);
        }
    }

    /// Makes a new instance a member of its cluster: the first one writes.
    pub(super) fn join(&mut self, state: &State, id: &str) {
        let Some(cluster) = state.cluster.as_deref().and_then(|cluster| self.database_mut(cluster)) else {
            return;
        };
        let writes = !cluster.members.values().any(|writes| *writes);
        cluster.members.insert(id.to_owned(), writes);
    }

    /// Takes an instance out of its cluster; another one writes then.
    pub(super) fn leave(&mut self, state: &State, id: &str) {
        let Some(cluster) = state.cluster.as_deref().and_then(|cluster| self.database_mut(cluster)) else {
            return;
        };
        if cluster.members.remove(id) == Some(true)
            && let Some(writes) = cluster.members.values_mut().next()
        {
            *writes = true;
        }
    }

    /// Puts its network interfaces into its subnets.
    pub(super) fn add_database_interfaces(&mut self, state: &State, id: &str) {
        let subnets = self.subnets_of(state.subnet_group.as_deref().unwrap_or_default());
        let groups: Vec<_> = state
            .settings
            .get(&Setting::SecurityGroups)
            .into_iter()
            .flat_map(Value::texts)
            .cloned()
            .collect();
        let zones = [state.zone.as_ref(), state.standby_zone.as_ref()];
        for zone in zones.into_iter().flatten() {
            let subnet = subnets
                .iter()
                .find(|subnet| self.zone_of(subnet).as_ref() == Some(zone))
                .cloned();
            if let Some(subnet) = subnet {
                self.add_interface(&subnet, &groups, &interface(id), false);
            }
        }
    }

    /// Keeps the data of what is deleted in a snapshot, or takes note that it is gone.
    pub(crate) fn keep_data(&mut self, id: &str, state: &AnyState, snapshot: Option<&str>) -> Result<(), Refusal> {
        let (AnyState::DbInstance(database) | AnyState::DbCluster(database)) = state else {
            return Ok(());
        };
        let Some(name) = snapshot else {
            if database.holds_data() {
                self.forgotten.push(id.to_owned());
            }
            return Ok(());
        };
        if !database.status.row().snapshots || self.database_snapshots.contains_key(name) {
            let message = format!("Cannot create a snapshot {name} of {id} in state {}", database.status);
            return Err((ErrorKind::NotNow, "InvalidDBInstanceState", message));
        }
        let tags = self.things.get(id).map(|thing| thing.object.tags.clone());
        self.database_snapshots
            .insert(name.to_owned(), tags.unwrap_or_default());
        Ok(())
    }
}

impl Sim {
    /// Does in the maintenance window of a database what waits for it.
    pub fn maintain(&self, id: &str) {
        let mut world = self.world();
        if let Some(database) = world.database_mut(id) {
            let pending = std::mem::take(&mut database.pending);
            database.settings.extend(pending);
        }
        world.rename_as_set(id);
        world.remember();
    }

    /// Puts a database into a state.
    pub fn put_into(&self, id: &str, status: Status) {
        let mut world = self.world();
        world.due.remove(id);
        world.become_now(id, status);
        world.remember();
    }

    /// Has another member of a cluster write.
    pub fn fail_over(&self, cluster: &str) {
        let mut world = self.world();
        if let Some(database) = world.database_mut(cluster) {
            let next = database
                .members
                .iter()
                .find(|(_, writes)| !**writes)
                .map(|(id, _)| id.clone());
            for (id, writes) in &mut database.members {
                *writes = Some(id) == next.as_ref();
            }
        }
        world.tell(cluster, "Completed failover to another DB instance", "failover");
        world.remember();
    }

    /// The snapshots of databases there are.
    pub fn database_snapshots(&self) -> Vec<String> {
        self.world().database_snapshots.keys().cloned().collect()
    }

    /// Puts a snapshot of a database there, with tags.
    pub fn place_snapshot(&self, name: &str, tags: Tags) {
        self.world().database_snapshots.insert(name.to_owned(), tags);
    }

    /// Databases that were deleted with their data.
    pub fn forgotten(&self) -> Vec<String> {
        self.world().forgotten.clone()
    }

    /// The master password that a database was given.
    pub fn password(&self, id: &str) -> Option<String> {
        self.world().passwords.get(id).cloned()
    }
}
