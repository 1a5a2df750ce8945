//! What keeps the data of a database.

use jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When changes that interrupt those who are connected take effect. Others take effect at once.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum ApplyChanges {
    /// In the maintenance window.
    #[default]
    InWindow,
    /// At once.
    Immediately,
}

/// What becomes of the data.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum DatabaseDeletionPolicy {
    /// It is kept in a last snapshot, whose name an event tells, and the database is deleted.
    #[default]
    Snapshot,
    /// It is deleted with the database.
    Delete,
    /// The database stays in AWS with the tag `hastack.dev/retained-at`, and is picked up when it is asked for again.
    Retain,
}

/// The backups that AWS takes.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupSpec {
    /// Days for which they are kept, and to any second of which the database can be restored. Default 7.
    #[serde(default = "week")]
    #[schemars(with = "i32", range(min = 1, max = 35))]
    pub retention_days: u8,

    /// When they are taken, in UTC, such as `03:00-04:00`. Default a time of AWS's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), regex(pattern = r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"))]
    pub window: Option<String>,
}

impl Default for BackupSpec {
    fn default() -> Self {
        Self {
            retention_days: week(),
            window: None,
        }
    }
}

const fn week() -> u8 {
    7
}

/// What a database is made from. It counts when the database is made, and never after.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.snapshot) != has(self.pointInTime)").message("restore: give either snapshot or pointInTime"))]
pub struct RestoreSpec {
    /// A snapshot, by identifier or ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub snapshot: Option<String>,

    /// Another database as it was at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time: Option<PointInTime>,
}

/// Another database as it was at a time.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PointInTime {
    /// The identifier of an instance of RDS, or of a cluster of Aurora.
    #[schemars(length(min = 1, max = 63))]
    pub source: String,

    /// When. Default the latest time there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 64), extend("format" = "date-time"))]
    pub time: Option<Timestamp>,
}

/// How another version is taken up.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum UpgradeStrategy {
    /// The database is upgraded itself, which interrupts those who are connected.
    #[default]
    InPlace,
    /// A copy is upgraded and kept up to date, and takes over when `switchOverTo` says so: an interruption of about a minute.
    BlueGreen,
}
