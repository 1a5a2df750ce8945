//! THE TABLE of the states in the life of database instances and clusters: one row a state that AWS documents, saying what may be
//! done in it. Nothing else knows any of it.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Status.html>
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html>

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::object::Phase;

/// What may be changed in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Everything.
    All,
    /// Only how much storage there is.
    Storage,
    /// Only its parameters, after which it is to be rebooted.
    Parameters,
    /// Nothing: it is waited for.
    None,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are columns of the table")]
pub struct Row {
    /// The state.
    pub status: Status,
    /// AWS's word.
    pub word: &'static str,
    /// Whether it is there, and what hastack takes it for.
    pub phase: Phase,
    /// What may be changed.
    pub changes: Changes,
    /// Whether it may be stopped.
    pub stops: bool,
    /// Whether it may be started.
    pub starts: bool,
    /// Whether it may be deleted.
    pub deletes: bool,
    /// Whether AWS can take a last snapshot of it then.
    pub snapshots: bool,
    /// Whether it answers those who connect.
    pub serves: bool,
    /// What somebody has to do about it.
    pub remedy: Option<&'static str>,
}

macro_rules! states {
    ($($(#[doc = $doc:literal])+ $status:ident $word:literal $row:expr,)*) => {
        /// A state in the life of a database instance or a cluster.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Status {
            $($(#[doc = $doc])+ $status,)*
            /// One that AWS did not document when this was written: nothing is done in it.
            Unknown,
        }

        /// The table.
        pub static TABLE: &[Row] = &[
            $(Row { status: Status::$status, word: $word, ..$row },)*
            Row { status: Status::Unknown, word: "unknown", ..BUSY },
        ];
    };
}

/// Everything may be done.
const AVAILABLE: Row = Row {
    status: Status::Available,
    word: "",
    phase: Phase::Ready,
    changes: Changes::All,
    stops: true,
    starts: false,
    deletes: true,
    snapshots: true,
    serves: true,
    remedy: None,
};

/// AWS is at work on it, and those who are connected do not notice, or only for a moment.
const BUSY: Row = Row {
    changes: Changes::None,
    stops: false,
    deletes: false,
    snapshots: false,
    ..AVAILABLE
};

/// AWS is at work on it, and nobody can connect.
const AWAY: Row = Row { serves: false, ..BUSY };

/// It cannot be used before somebody has done something.
const fn broken(remedy: &'static str) -> Row {
    Row {
        phase: Phase::Failed,
        deletes: true,
        remedy: Some(remedy),
        ..AWAY
    }
}

states! {
    /// It works.
    Available "available" AVAILABLE,
    /// It is being backed up.
    BackingUp "backing-up" BUSY,
    /// It is being set back to an earlier time.
    Backtracking "backtracking" AWAY,
    /// A clone of it could not be made.
    CloningFailed "cloning-failed" broken("delete it, and clone again"),
    /// Enhanced Monitoring is being turned on or off.
    ConfiguringEnhancedMonitoring "configuring-enhanced-monitoring" BUSY,
    /// Logins of IAM's users are being turned on or off.
    ConfiguringIamDatabaseAuth "configuring-iam-database-auth" BUSY,
    /// The export of logs is being turned on or off.
    ConfiguringLogExports "configuring-log-exports" BUSY,
    /// It is being moved into a VPC.
    ConvertingToVpc "converting-to-vpc" AWAY,
    /// It is being made.
    Creating "creating" Row { phase: Phase::Pending, ..AWAY },
    /// It is seen whether it can be deleted.
    DeletePrecheck "delete-precheck" Row { phase: Phase::Deleting, ..BUSY },
    /// It is being deleted.
    Deleting "deleting" Row { phase: Phase::Deleting, ..AWAY },
    /// It could not be made, or is lost.
    Failed "failed" broken("restore its latest backup with restore.pointInTime"),
    /// Another member is becoming the writer.
    FailingOver "failing-over" BUSY,
    /// Its key is disabled or its grant was taken away.
    InaccessibleEncryptionCredentials "inaccessible-encryption-credentials" broken("restore a backup: AWS has given up waiting for the key"),
    /// The same, and AWS still waits for the key.
    InaccessibleEncryptionCredentialsRecoverable "inaccessible-encryption-credentials-recoverable" Row { phase: Phase::Ready, starts: true, deletes: false, ..broken("enable the KMS key again") },
    /// It could not be made so.
    IncompatibleCreate "incompatible-create" broken("delete it: what was asked for does not go together"),
    /// Its subnets have no address left, or its groups are not there.
    IncompatibleNetwork "incompatible-network" broken("give its subnets free addresses"),
    /// Its option group does not fit.
    IncompatibleOptionGroup "incompatible-option-group" broken("take the option that does not fit out of the option group"),
    /// It does not start with these parameters.
    IncompatibleParameters "incompatible-parameters" Row { phase: Phase::Ready, changes: Changes::Parameters, ..broken("take the parameter that does not fit out of parameters") },
    /// It could not be restored.
    IncompatibleRestore "incompatible-restore" broken("delete it, and restore again with settings that fit the snapshot"),
    /// AWS has no capacity for it.
    InsufficientCapacity "insufficient-capacity" broken("choose another instanceClass, or wait until AWS has more of it"),
    /// AWS applies an update.
    Maintenance "maintenance" BUSY,
    /// It is being moved here.
    Migrating "migrating" AWAY,
    /// It could not be.
    MigrationFailed "migration-failed" broken("delete it, and migrate again"),
    /// It is being changed.
    Modifying "modifying" BUSY,
    /// It is being moved to another VPC.
    MovingToVpc "moving-to-vpc" AWAY,
    /// Its data is being made ready to be moved.
    PreparingDataMigration "preparing-data-migration" BUSY,
    /// It becomes one of its own.
    Promoting "promoting" AWAY,
    /// It is being started anew.
    Rebooting "rebooting" AWAY,
    /// It is being given another name.
    Renaming "renaming" AWAY,
    /// Its master password is being set.
    ResettingMasterCredentials "resetting-master-credentials" BUSY,
    /// It could not be restored to a point in time.
    RestoreError "restore-error" broken("delete it, and restore again to another point in time"),
    /// Its capacity is being changed.
    ScalingCompute "scaling-compute" BUSY,
    /// It is being started.
    Starting "starting" AWAY,
    /// It does not run.
    Stopped "stopped" Row { starts: true, snapshots: true, deletes: true, ..AWAY },
    /// It is being stopped.
    Stopping "stopping" AWAY,
    /// The layout of its storage is being renewed.
    StorageConfigUpgrade "storage-config-upgrade" BUSY,
    /// It has no storage left.
    StorageFull "storage-full" Row { changes: Changes::Storage, deletes: true, remedy: Some("raise storage.sizeGiB"), ..AWAY },
    /// Its storage is being filled after a restore.
    StorageInitialization "storage-initialization" BUSY,
    /// Its storage was changed and is being put in order.
    StorageOptimization "storage-optimization" Row { changes: Changes::All, deletes: true, snapshots: true, ..BUSY },
    /// Logins of IAM's users are being turned on or off.
    UpdateIamDatabaseAuth "update-iam-db-auth" BUSY,
    /// Its engine is being moved to another version.
    Upgrading "upgrading" AWAY,
}

impl Status {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The state that AWS's word means.
    pub fn of(word: &str) -> Self {
        let row = TABLE.iter().find(|row| row.word == word);
        row.map_or(Self::Unknown, |row| row.status)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.row().word)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.status as usize, index, "{}", row.word);
        }
    }

    #[test]
    fn a_word_reads_back_as_its_state() {
        for row in TABLE {
            assert_eq!(Status::of(row.word), row.status);
        }
        assert_eq!(Status::of("dreaming"), Status::Unknown);
    }

    #[test]
    fn whoever_has_to_do_something_is_told_what() {
        for row in TABLE.iter().filter(|row| row.phase == Phase::Failed) {
            assert!(row.remedy.is_some(), "{}", row.word);
        }
    }

    #[test]
    fn nothing_is_deleted_with_a_snapshot_that_cannot_be_deleted() {
        for row in TABLE {
            assert!(row.deletes || !row.snapshots, "{}", row.word);
        }
    }
}
