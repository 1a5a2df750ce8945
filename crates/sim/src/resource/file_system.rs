//! A file system.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::file_system::{Change, Create, Lifecycle, Performance, State, Throughput};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

/// The key AWS takes where none is asked for.
const OWN_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000";

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateFileSystem",
        describe: "DescribeFileSystems",
        delete: "DeleteFileSystem",
    };
    const LIFE: Life = Life {
        pending: Duration::from_secs(10),
        deleting: Duration::from_secs(10),
        listed: Duration::ZERO,
    };
    const DETAILS: &'static [&'static str] = &["DescribeLifecycleConfiguration", "DescribeBackupPolicy"];
    const TOKEN_TAKEN: Option<&'static str> = Some("FileSystemAlreadyExists");

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Lifecycle(_) => "PutLifecycleConfiguration",
            Change::Backups(_) => "PutBackupPolicy",
            Change::Throughput(_) => "UpdateFileSystem",
        }
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            throughput,
            performance,
            kms_key_id,
            backups,
        } = create;
        check_throughput(*performance, *throughput)?;
        let key = |id: &String| format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
        Ok(Self {
            throughput: *throughput,
            performance: *performance,
            kms_key_id: Some(kms_key_id.as_ref().map_or_else(|| OWN_KEY.to_owned(), key)),
            lifecycle: Some(Lifecycle::default()),
            backups: Some(*backups),
        })
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Lifecycle(lifecycle)
                if lifecycle.to_archive.is_some() && self.throughput != Throughput::Elastic =>
            {
                Err(bad_request("the Archive storage class needs Elastic throughput"))
            }
            Change::Throughput(throughput) => check_throughput(self.performance, *throughput),
            Change::Lifecycle(_) | Change::Backups(_) => Ok(()),
        }
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn hide(&mut self) {
        self.lifecycle = None;
        self.backups = None;
    }
}

fn check_throughput(performance: Performance, throughput: Throughput) -> Result<(), Refusal> {
    match (performance, throughput) {
        (Performance::MaxIO, Throughput::Elastic) => Err(bad_request("maxIO does not support Elastic throughput")),
        (Performance::MaxIO | Performance::GeneralPurpose, _) => Ok(()),
    }
}

fn bad_request(message: &str) -> Refusal {
    (ErrorKind::Invalid, "BadRequest", message.to_owned())
}
