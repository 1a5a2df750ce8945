//! What hastack reports of a `ManagedDatabase`.

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::status::CommonStatus;

/// The state of a database as last seen.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedDatabaseStatus {
    /// What every custom resource reports.
    #[serde(flatten)]
    pub common: CommonStatus,
    /// The state of the database in AWS's words, such as `available` or `storage-full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The version of the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The class of its instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_class: Option<String>,
    /// The zones in which it can go on, such as `us-east-1a, us-east-1b`; `None` where there is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_availability: Option<String>,
    /// How much storage there is, such as `20Gi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where those answer that only read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader_endpoint: Option<String>,
    /// The port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The name of the master user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The database that was made with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The ARN of the secret in which RDS keeps the master password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_arn: Option<String>,
    /// Its instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub members: Vec<MemberStatus>,
    /// Further members of a cluster, by identifier: readers that AWS has added, and what somebody has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub other_members: Vec<String>,
    /// Changes that wait for the maintenance window, such as `instanceClass: db.t4g.small`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending_changes: Vec<String>,
    /// What AWS is about to do to it, in its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending_maintenance: Vec<String>,
    /// The latest time that it can be restored to. It moves on by itself, and here only as often as something else does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub latest_restorable_time: Option<Timestamp>,
    /// The newest snapshot of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_snapshot: Option<SnapshotStatus>,
    /// What AWS says has happened to it: the last twenty, the newest last. Each is a Kubernetes event too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub events: Vec<DatabaseEvent>,
    /// The upgrade that is made beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<UpgradeStatus>,
    /// The Secret with all that a program needs to connect: what servicebinding.io calls a provisioned service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<BindingStatus>,
    /// How a person reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessStatus>,
}

/// An instance of a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberStatus {
    /// Its identifier.
    pub id: String,
    /// Whether it writes.
    pub role: MemberRole,
    /// Its zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Its state, in AWS's words.
    pub state: String,
}

/// What an instance does.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum MemberRole {
    /// It writes.
    Writer,
    /// It is read from.
    Reader,
}

/// A snapshot of a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotStatus {
    /// Its identifier, such as `rds:orders-2026-01-31-04-05`.
    pub id: String,
    /// When it was taken.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: Timestamp,
}

/// An upgrade that is made beside a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeStatus {
    /// The version that is to take over.
    pub version: String,
    /// AWS's id of the blue/green deployment, such as `bgd-0123456789abcdef`.
    pub deployment: String,
    /// Where that is in its life, in AWS's words, such as `AVAILABLE`.
    pub state: String,
    /// The identifier of the copy, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
}

/// Something that has happened to a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseEvent {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: Timestamp,
    /// The instance or cluster.
    pub id: String,
    /// What, in AWS's words.
    pub message: String,
}

/// The Secret with all that a program needs to connect.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BindingStatus {
    /// Its name.
    pub name: String,
}

/// How a person reaches a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessStatus {
    /// Lets the database answer on this machine, through the stack's bastion.
    pub port_forward: String,
    /// Lists its databases then.
    pub list_databases: String,
}

impl Deref for ManagedDatabaseStatus {
    type Target = CommonStatus;

    fn deref(&self) -> &CommonStatus {
        &self.common
    }
}

impl DerefMut for ManagedDatabaseStatus {
    fn deref_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }
}
