//! A file system. Its files are data: what cannot be changed is refused, and it is never made anew.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

pub use hastack_api::file_system::{
    BackToStandard, FileSystemLifecycle as Lifecycle, FileSystemPerformance as Performance, TransitionAfter,
};

/// How its throughput is provided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Throughput {
    /// By use.
    Elastic,
    /// By the data stored.
    Bursting,
    /// So many MiB/s.
    Provisioned(u32),
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// How its throughput is provided.
    pub throughput: Throughput,
    /// What it is made for.
    pub performance: Performance,
    /// The key it is encrypted with, by id or ARN; else AWS's own.
    pub kms_key_id: Option<String>,
    /// When files move between classes of storage.
    pub lifecycle: Lifecycle,
    /// Whether it is backed up daily.
    pub backups: bool,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// How its throughput is provided.
    pub throughput: Throughput,
    /// What it is made for.
    pub performance: Performance,
    /// The key it is encrypted with.
    pub kms_key_id: Option<String>,
    /// Whether it is backed up daily.
    pub backups: bool,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// How its throughput is provided.
    pub throughput: Throughput,
    /// What it is made for.
    pub performance: Performance,
    /// The key it is encrypted with, by ARN.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// When files move; a detail that only `DescribeLifecycleConfiguration` shows.
    #[serde(default)]
    pub lifecycle: Option<Lifecycle>,
    /// Whether it is backed up daily; a detail that only `DescribeBackupPolicy` shows.
    #[serde(default)]
    pub backups: Option<bool>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Move files between classes of storage so.
    Lifecycle(Lifecycle),
    /// Back it up daily, or not.
    Backups(bool),
    /// Provide its throughput so.
    Throughput(Throughput),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            throughput: self.throughput,
            performance: self.performance,
            kms_key_id: self.kms_key_id.clone(),
            backups: self.backups,
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = Vec::new();
        if state.performance != self.performance {
            findings.push(Finding::Immutable {
                field: "fileSystem.performance",
                is: format!("{:?}", state.performance),
                wanted: format!("{:?}", self.performance),
            });
        }
        if let Some(wanted) = self.kms_key_id.as_ref().filter(|key| !state.is_encrypted_with(key)) {
            findings.push(Finding::Immutable {
                field: "fileSystem.kmsKeyId",
                is: state.kms_key_id.clone().unwrap_or_default(),
                wanted: wanted.clone(),
            });
        }
        if state.lifecycle.is_some_and(|lifecycle| lifecycle != self.lifecycle) {
            findings.push(Finding::Change(Change::Lifecycle(self.lifecycle)));
        }
        if state.backups.is_some_and(|backups| backups != self.backups) {
            findings.push(Finding::Change(Change::Backups(self.backups)));
        }
        // AWS takes no other change while it is at work on this one, so it comes last.
        if state.throughput != self.throughput {
            findings.push(Finding::Change(Change::Throughput(self.throughput)));
        }
        findings
    }
}

impl State {
    /// Whether it is encrypted with this key, by id or ARN.
    fn is_encrypted_with(&self, key: &str) -> bool {
        let arn = self.kms_key_id.as_deref().unwrap_or_default();
        arn == key || arn.rsplit('/').next() == Some(key)
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Lifecycle(lifecycle) => self.lifecycle = Some(*lifecycle),
            Change::Backups(backups) => self.backups = Some(*backups),
            Change::Throughput(throughput) => self.throughput = *throughput,
        }
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    fn lacks_details(&self) -> bool {
        self.lifecycle.is_none() || self.backups.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        self.lifecycle = self.lifecycle.or(earlier.lifecycle);
        self.backups = self.backups.or(earlier.backups);
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "encrypted, throughput {}", self.throughput)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elastic => formatter.write_str("Elastic"),
            Self::Bursting => formatter.write_str("Bursting"),
            Self::Provisioned(mibps) => write!(formatter, "Provisioned {mibps} MiB/s"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lifecycle(lifecycle) => {
                let Lifecycle {
                    to_infrequent_access,
                    to_archive,
                    back_to_standard,
                } = lifecycle;
                let days = |when: &Option<TransitionAfter>| when.map_or("never".into(), |when| format!("{when:?}"));
                let back = back_to_standard.map_or("never".into(), |when| format!("{when:?}"));
                write!(
                    formatter,
                    "lifecycle: to infrequent access {}, to archive {}, back to standard {back}",
                    days(to_infrequent_access),
                    days(to_archive)
                )
            }
            Self::Backups(backups) => write!(
                formatter,
                "backups: {}",
                if *backups { "off -> on" } else { "on -> off" }
            ),
            Self::Throughput(throughput) => write!(formatter, "throughput: {throughput}"),
        }
    }
}

#[cfg(test)]
mod tests;
