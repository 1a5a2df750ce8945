//! A database: an instance of RDS, a member or a replica, or a cluster of Aurora. What AWS does with instances and with clusters
//! is so alike that both kinds are described here; they differ in the calls that are made.
//!
//! It holds data: nothing of it is ever made anew by itself, and what cannot be changed is refused.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>

mod compare;
mod display;
pub mod event;
pub mod setting;
pub mod status;
pub mod version;

use std::collections::BTreeMap;

pub use hastack_api::database::protection::UpgradeStrategy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::hidden::Hidden;
use crate::owner::NodeId;

use event::{Details, Event};
use setting::{Effect, Setting, Settings};
use status::Status;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its identifier, once in an account and region.
    pub id: String,
    /// The engine, in AWS's words.
    pub engine: &'static str,
    /// What it is made from.
    pub source: Source<NodeId>,
    /// What is set, but for what other resources make up.
    pub settings: Settings,
    /// The subnets it may be in; none where it is where its source is.
    pub subnet_group: Option<NodeId>,
    /// Its parameter group.
    pub parameter_group: Option<NodeId>,
    /// Its security groups.
    pub security_groups: Vec<NodeId>,
    /// The role of Enhanced Monitoring.
    pub monitoring_role: Option<NodeId>,
    /// The zone it is in, where that is chosen.
    pub zone: Option<String>,
    /// The key it is encrypted with, by id or ARN; else AWS's own.
    pub kms_key_id: Option<String>,
    /// The name of the master user.
    pub username: Option<String>,
    /// The database created with it.
    pub database: Option<String>,
    /// The master password, where it is given.
    pub password: Option<Password>,
    /// Whether it runs.
    pub running: bool,
    /// Whether what interrupts is done at once.
    pub immediately: bool,
    /// Whether it may be moved to another major version.
    pub allow_major: bool,
    /// How another version is taken up.
    pub upgrade_strategy: UpgradeStrategy,
    /// Its replicas that must be of another major version before it is: AWS moves those of other engines along.
    pub moved_before: Vec<NodeId>,
}

/// What a database is made from; another one of the same owner is named as the spec or as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<Of> {
    /// Nothing: it is empty.
    Nothing,
    /// It is a member of this cluster, which has the data.
    Member(Of),
    /// It is a copy of this instance, kept up to date.
    Replica(Of),
    /// This snapshot, by identifier or ARN.
    Snapshot(String),
    /// Another database, by identifier, as it was at a time; the latest there is where none is given.
    PointInTime {
        /// The other one.
        of: String,
        /// When.
        time: Option<Timestamp>,
    },
}

impl<Of> Source<Of> {
    /// Whether the data is another database's, and is still there when this one is not.
    pub const fn is_anothers(&self) -> bool {
        match self {
            Self::Member(_) | Self::Replica(_) => true,
            Self::Nothing | Self::Snapshot(_) | Self::PointInTime { .. } => false,
        }
    }
}

impl Source<NodeId> {
    /// The same by identifiers, or the node to wait for.
    fn usable(&self, refs: &dyn Refs) -> Result<Source<String>, NodeId> {
        Ok(match self {
            Self::Nothing => Source::Nothing,
            Self::Member(cluster) => Source::Member(refs.usable(cluster)?),
            Self::Replica(source) => Source::Replica(refs.usable(source)?),
            Self::Snapshot(snapshot) => Source::Snapshot(snapshot.clone()),
            Self::PointInTime { of, time } => Source::PointInTime {
                of: of.clone(),
                time: *time,
            },
        })
    }
}

/// A master password that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    /// The password.
    pub text: Hidden,
    /// What tells it from another one: too short to find it out.
    pub digest: String,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its identifier.
    pub id: String,
    /// The engine.
    pub engine: &'static str,
    /// What it is made from.
    pub source: Source<String>,
    /// What is set.
    pub settings: Settings,
    /// The name of the subnet group.
    pub subnet_group: Option<String>,
    /// The zone it is in.
    pub zone: Option<String>,
    /// The key it is encrypted with.
    pub kms_key_id: Option<String>,
    /// The name of the master user.
    pub username: Option<String>,
    /// The database created with it.
    pub database: Option<String>,
    /// The master password, where it is given.
    pub password: Option<Password>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its ARN, which tags are put on by.
    pub arn: String,
    /// What AWS calls it whatever it is renamed to, such as `db-ABCDEFGHIJKL`; a copy has another one.
    #[serde(default)]
    pub resource_id: Option<String>,
    /// The engine.
    pub engine: String,
    /// Where in its life it is.
    pub status: Status,
    /// What is set.
    pub settings: Settings,
    /// What is about to be.
    #[serde(default)]
    pub pending: Settings,
    /// Whether its parameters wait for it to be started anew.
    #[serde(default)]
    pub reboot_pending: bool,
    /// Whether what is pending was asked for at once; known of our own requests only.
    #[serde(default)]
    pub hurried: bool,
    /// The name of the subnet group.
    #[serde(default)]
    pub subnet_group: Option<String>,
    /// The key it is encrypted with, by ARN; none where it is not encrypted.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// The name of the master user.
    #[serde(default)]
    pub username: Option<String>,
    /// The database created with it.
    #[serde(default)]
    pub database: Option<String>,
    /// Where it answers.
    #[serde(default)]
    pub host: Option<String>,
    /// Where its readers answer.
    #[serde(default)]
    pub reader_host: Option<String>,
    /// The ARN of the secret in which RDS keeps the master password.
    #[serde(default)]
    pub secret_arn: Option<String>,
    /// What tells the given password from another one, as its tag says.
    #[serde(default)]
    pub password_digest: Option<String>,
    /// The same of the password that was set last; known of our own requests only.
    #[serde(default)]
    pub password_set: Option<String>,
    /// The cluster it is a member of.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The instance it is a replica of.
    #[serde(default)]
    pub replica_of: Option<String>,
    /// The zone it is in.
    #[serde(default)]
    pub zone: Option<String>,
    /// The zone its standby is in.
    #[serde(default)]
    pub standby_zone: Option<String>,
    /// The members of a cluster: whether each is the writer, by identifier.
    #[serde(default)]
    pub members: BTreeMap<String, bool>,
    /// The latest time that it can be restored to.
    #[serde(default)]
    pub restorable: Option<Timestamp>,
    /// What AWS is about to do to it, in its words.
    #[serde(default)]
    pub maintenance: Vec<String>,
    /// What AWS says has happened to it of late, the oldest first.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What no list of databases shows.
    #[serde(default)]
    pub details: Option<Details>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Set these.
    Modify(Box<Modification>),
    /// Note on it which password it has.
    MarkPassword(String),
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Start it anew, so that its parameters count.
    Reboot,
}

/// What is set in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modification {
    /// What, and to what.
    pub settings: Settings,
    /// What it was before, where that is known.
    pub before: Settings,
    /// The master password.
    pub password: Option<Password>,
    /// Whether all that is pending takes effect at once, not in the maintenance window.
    pub immediately: bool,
    /// Whether the major version changes.
    pub major: bool,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let subnet_group = self.subnet_group.as_ref().map(|group| refs.usable(group)).transpose()?;
        Ok(Create {
            id: self.id.clone(),
            engine: self.engine,
            source: self.source.usable(refs)?,
            settings: self.wanted_settings(refs)?,
            subnet_group,
            zone: self.zone.clone(),
            kms_key_id: self.kms_key_id.clone(),
            username: self.username.clone(),
            database: self.database.clone(),
            password: self.password.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        compare::compare(self, state, refs)
    }
}

impl Spec {
    /// All that is set, with what other resources make up.
    fn wanted_settings(&self, refs: &dyn Refs) -> Result<Settings, NodeId> {
        let mut settings = self.settings.clone();
        settings.insert(Setting::Identifier, self.id.as_str().into());
        if let Some(group) = &self.parameter_group {
            // Parameters that are not there yet would not count before the database is started anew.
            settings.insert(Setting::ParameterGroup, refs.settled(group)?.into());
        }
        if let Some(role) = &self.monitoring_role {
            settings.insert(Setting::MonitoringRole, refs.settled(role)?.into());
        }
        if !self.security_groups.is_empty() {
            let groups = self.security_groups.iter().map(|group| refs.usable(group));
            settings.insert(Setting::SecurityGroups, groups.collect::<Result<_, _>>()?);
        }
        Ok(settings)
    }
}

impl State {
    /// A setting as it is about to be.
    pub fn setting(&self, setting: Setting) -> Option<&setting::Value> {
        self.pending.get(&setting).or_else(|| self.settings.get(&setting))
    }

    /// Whether it has data of its own: members and replicas have that of others.
    pub const fn holds_data(&self) -> bool {
        self.cluster.is_none() && self.replica_of.is_none()
    }

    /// The port it answers on.
    pub fn port(&self) -> Option<u32> {
        self.settings.get(&Setting::Port).and_then(setting::Value::number)
    }

    fn take(&mut self, modification: &Modification) {
        let Modification {
            settings,
            before: _,
            password,
            immediately,
            major: _,
        } = modification;
        for (setting, value) in settings {
            match setting.row().effect {
                Effect::Soon => drop(self.settings.insert(*setting, value.clone())),
                Effect::Deferrable | Effect::Interrupting => drop(self.pending.insert(*setting, value.clone())),
            }
        }
        if let Some(password) = password {
            self.password_set = Some(password.digest.clone());
        }
        if *immediately && !self.pending.is_empty() {
            self.hurried = true;
            self.status = Status::Modifying;
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Modify(modification) => self.take(modification),
            Change::MarkPassword(digest) => self.password_digest = Some(digest.clone()),
            Change::Start => self.status = Status::Starting,
            Change::Stop => self.status = Status::Stopping,
            Change::Reboot => self.status = Status::Rebooting,
        }
    }

    fn uses(&self) -> Vec<&str> {
        let named = [&self.subnet_group, &self.cluster, &self.replica_of];
        let named = named.into_iter().flatten().map(String::as_str);
        let groups = [&self.settings, &self.pending].into_iter().flat_map(|settings| {
            let one = [Setting::ParameterGroup, Setting::MonitoringRole];
            let one = one.into_iter().filter_map(|setting| settings.get(&setting)?.text());
            let several = settings.get(&Setting::SecurityGroups).into_iter();
            one.chain(several.flat_map(setting::Value::texts).map(String::as_str))
        });
        named.chain(groups).collect()
    }

    fn teardown(&self) -> Option<Change> {
        let protected = self.settings.get(&Setting::Protection)?.flag()?;
        let settings = Settings::from([(Setting::Protection, false.into())]);
        protected.then(|| {
            Change::Modify(Box::new(Modification {
                settings,
                before: Settings::from([(Setting::Protection, true.into())]),
                password: None,
                immediately: false,
                major: false,
            }))
        })
    }

    fn prelude(&self) -> Option<Change> {
        // AWS neither takes the protection away from a cluster that is stopped, nor deletes it or its members.
        // <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html>
        (self.status == Status::Stopped && !self.members.is_empty()).then_some(Change::Start)
    }

    fn problem(&self) -> Option<String> {
        let remedy = self.status.row().remedy?;
        Some(format!("it is {}; {remedy}", self.status))
    }

    fn lingers(&self) -> Option<String> {
        let row = self.status.row();
        let stopped_with_its_cluster = self.cluster.is_some() && !row.serves && self.status != Status::Creating;
        (!row.deletes && self.cluster.is_none() || stopped_with_its_cluster).then(|| format!("it is {}", self.status))
    }

    fn has_details(&self) -> bool {
        self.holds_data()
    }

    fn keep_details(&mut self, earlier: &Self) {
        self.details = self.details.take().or_else(|| earlier.details.clone());
        self.password_set.clone_from(&earlier.password_set);
        self.hurried = earlier.hurried && !self.pending.is_empty();
    }
}
