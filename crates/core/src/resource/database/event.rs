//! What AWS tells of a database beside how it is: what has happened to it, and its snapshots.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The categories of what somebody should look at.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html>
const GRAVE: [&str; 4] = ["failover", "failure", "low storage", "recovery"];

/// Something that has happened to a database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// What, in AWS's words.
    pub message: String,
    /// Of which sort, in AWS's words.
    pub categories: Vec<String>,
}

impl Event {
    /// Whether somebody should look at it.
    pub fn is_grave(&self) -> bool {
        self.categories
            .iter()
            .any(|category| GRAVE.contains(&category.as_str()))
    }
}

/// What only a look for this one database shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Its newest snapshot.
    #[serde(default)]
    pub last_snapshot: Option<Snapshot>,
}

/// A snapshot of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Its identifier, such as `rds:orders-2026-01-31-04-05`.
    pub id: String,
    /// When it was taken.
    pub time: Timestamp,
}
