use aws_sdk_efs::Client;
use aws_sdk_efs::operation::create_file_system::CreateFileSystemOutput;
use aws_sdk_efs::operation::delete_file_system::{DeleteFileSystemError, DeleteFileSystemOutput};
use aws_sdk_efs::operation::describe_backup_policy::{DescribeBackupPolicyError, DescribeBackupPolicyOutput};
use aws_sdk_efs::operation::describe_file_systems::DescribeFileSystemsOutput;
use aws_sdk_efs::operation::describe_lifecycle_configuration::{
    DescribeLifecycleConfigurationError, DescribeLifecycleConfigurationOutput,
};
use aws_sdk_efs::operation::put_backup_policy::PutBackupPolicyOutput;
use aws_sdk_efs::operation::put_lifecycle_configuration::PutLifecycleConfigurationOutput;
use aws_sdk_efs::operation::update_file_system::UpdateFileSystemOutput;
use aws_sdk_efs::types::{FileSystemDescription, FileSystemSize, LifeCycleState, Tag};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::object::Phase;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object as made, refusal, request, tags};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1";

fn state(throughput: Throughput, lifecycle: Option<Lifecycle>, backups: Option<bool>) -> AnyState {
    AnyState::FileSystem(State {
        throughput,
        performance: Performance::GeneralPurpose,
        kms_key_id: Some(KEY.into()),
        lifecycle,
        backups,
    })
}

fn shown(id: &str, cluster: &str) -> FileSystemDescription {
    let tag = Tag::builder().key(CLUSTER).value(cluster).build().unwrap();
    FileSystemDescription::builder()
        .file_system_id(id)
        .owner_id("123456789012")
        .creation_token("t0k3n")
        .creation_time(DateTime::from_secs(1_800_000_000))
        .life_cycle_state(LifeCycleState::Available)
        .number_of_mount_targets(0)
        .size_in_bytes(FileSystemSize::builder().value(0).build())
        .performance_mode(PerformanceMode::GeneralPurpose)
        .throughput_mode(ThroughputMode::Provisioned)
        .provisioned_throughput_in_mibps(64.0)
        .kms_key_id(KEY)
        .tags(tag)
        .build()
        .unwrap()
}

fn page(cluster: &'static str) -> Rule {
    mock!(Client::describe_file_systems)
        .match_requests(|input| input.max_items() == Some(100) && input.file_system_id().is_none())
        .then_output(move || {
            DescribeFileSystemsOutput::builder()
                .file_systems(shown("fs-1", "c1"))
                .file_systems(shown("fs-2", cluster))
                .build()
        })
}

fn lifecycle_of(id: &'static str) -> Rule {
    mock!(Client::describe_lifecycle_configuration)
        .match_requests(move |input| input.file_system_id() == Some(id))
        .then_output(|| {
            let access = LifecyclePolicy::builder().transition_to_ia("AFTER_30_DAYS".into());
            let back = LifecyclePolicy::builder().transition_to_primary_storage_class("AFTER_1_ACCESS".into());
            DescribeLifecycleConfigurationOutput::builder()
                .lifecycle_policies(access.build())
                .lifecycle_policies(back.build())
                .build()
        })
}

fn policy_of(id: &'static str, status: Status) -> Rule {
    mock!(Client::describe_backup_policy)
        .match_requests(move |input| input.file_system_id() == Some(id))
        .then_output(move || {
            let policy = BackupPolicy::builder().status(status.clone()).build().unwrap();
            DescribeBackupPolicyOutput::builder().backup_policy(policy).build()
        })
}

#[tokio::test]
async fn a_file_system_is_created_encrypted_with_all_it_can_take_in_the_one_call() {
    let create = mock!(Client::create_file_system)
        .match_requests(|input| {
            input.creation_token() == Some("t0k3n")
                && input.encrypted() == Some(true)
                && input.kms_key_id() == Some("key-1")
                && input.performance_mode() == Some(&PerformanceMode::GeneralPurpose)
                && input.throughput_mode() == Some(&ThroughputMode::Provisioned)
                && input.provisioned_throughput_in_mibps() == Some(64.0)
                && input.backup() == Some(true)
                && input.tags()[0].key() == CLUSTER
        })
        .then_output(|| {
            let shown = shown("fs-1", "c1");
            CreateFileSystemOutput::builder()
                .file_system_id("fs-1")
                .owner_id(shown.owner_id)
                .creation_token(shown.creation_token)
                .creation_time(shown.creation_time)
                .life_cycle_state(LifeCycleState::Creating)
                .number_of_mount_targets(0)
                .set_size_in_bytes(shown.size_in_bytes)
                .performance_mode(shown.performance_mode)
                .kms_key_id(KEY)
                .set_tags(Some(Vec::new()))
                .build()
                .unwrap()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        throughput: Throughput::Provisioned(64),
        performance: Performance::GeneralPurpose,
        kms_key_id: Some("key-1".into()),
        backups: true,
    };
    let request = request(Kind::FileSystem, AnyCreate::FileSystem(wanted));
    let made = aws.create(&request).await.unwrap();
    assert_eq!((made.id.as_str(), made.phase), ("fs-1", Phase::Pending));
    assert_eq!(made.tags, tags());
    let known = state(Throughput::Provisioned(64), Some(Lifecycle::default()), Some(true));
    assert_eq!(made.state, known);
}

#[tokio::test]
async fn a_sweep_shows_ours_and_leaves_open_what_it_cannot_see() {
    let (aws, _) = aws(&[page("c2")]);
    let seen = aws.sweep(Kind::FileSystem, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_str(), seen[0].phase), ("fs-1", Phase::Ready));
    assert_eq!(seen[0].state, state(Throughput::Provisioned(64), None, None));
}

#[tokio::test]
async fn a_read_shows_the_details() {
    let rules = [page("c2"), lifecycle_of("fs-2"), policy_of("fs-2", Status::Enabling)];
    let (aws, _) = aws(&rules);
    let seen = aws.read(Kind::FileSystem, &["fs-2".into()]).await.unwrap();
    let lifecycle = Lifecycle {
        to_infrequent_access: Some(TransitionAfter::After30Days),
        to_archive: None,
        back_to_standard: Some(BackToStandard::OnFirstAccess),
    };
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].state,
        state(Throughput::Provisioned(64), Some(lifecycle), Some(true))
    );
}

#[tokio::test]
async fn without_a_policy_nothing_is_backed_up() {
    let none = mock!(Client::describe_backup_policy)
        .then_error(|| DescribeBackupPolicyError::generic(refusal("PolicyNotFound")));
    let rules = [
        page("c1"),
        lifecycle_of("fs-1"),
        none,
        lifecycle_of("fs-2"),
        policy_of("fs-2", Status::Disabling),
    ];
    let (aws, _) = aws(&rules);
    let seen = aws
        .read(Kind::FileSystem, &["fs-1".into(), "fs-2".into()])
        .await
        .unwrap();
    for object in seen {
        assert!(
            matches!(&object.state, AnyState::FileSystem(state) if state.backups == Some(false)),
            "{object:?}"
        );
    }
}

#[tokio::test]
async fn a_file_system_that_goes_while_it_is_read_is_left_out() {
    let gone = mock!(Client::describe_lifecycle_configuration)
        .then_error(|| DescribeLifecycleConfigurationError::generic(refusal("FileSystemNotFound")));
    let (aws, _) = aws(&[page("c1"), gone]);
    let seen = aws.read(Kind::FileSystem, &["fs-1".into()]).await.unwrap();
    assert_eq!(seen, []);
}

#[tokio::test]
async fn each_change_is_one_call() {
    let lifecycle = mock!(Client::put_lifecycle_configuration)
        .match_requests(|input| {
            let policies = input.lifecycle_policies();
            let archive = policies[1]
                .transition_to_archive()
                .map(types::TransitionToArchiveRules::as_str);
            input.file_system_id() == Some("fs-1")
                && policies.len() == 2
                && policies[0].transition_to_ia().map(types::TransitionToIaRules::as_str) == Some("AFTER_7_DAYS")
                && archive == Some("AFTER_365_DAYS")
        })
        .then_output(|| PutLifecycleConfigurationOutput::builder().build());
    let backups = mock!(Client::put_backup_policy)
        .match_requests(|input| input.backup_policy().map(BackupPolicy::status) == Some(&Status::Disabled))
        .then_output(|| PutBackupPolicyOutput::builder().build());
    let throughput = mock!(Client::update_file_system)
        .match_requests(|input| {
            input.throughput_mode() == Some(&ThroughputMode::Elastic)
                && input.provisioned_throughput_in_mibps().is_none()
        })
        .then_output(|| {
            let shown = shown("fs-1", "c1");
            UpdateFileSystemOutput::builder()
                .file_system_id(shown.file_system_id)
                .owner_id(shown.owner_id)
                .creation_token(shown.creation_token)
                .creation_time(shown.creation_time)
                .life_cycle_state(LifeCycleState::Updating)
                .number_of_mount_targets(0)
                .set_size_in_bytes(shown.size_in_bytes)
                .performance_mode(shown.performance_mode)
                .set_tags(Some(Vec::new()))
                .build()
                .unwrap()
        });
    let (aws, calls) = aws(&[lifecycle, backups, throughput]);
    let file_system = made("fs-1", state(Throughput::Bursting, None, None));
    let lifecycle = Lifecycle {
        to_infrequent_access: Some(TransitionAfter::After7Days),
        to_archive: Some(TransitionAfter::After365Days),
        back_to_standard: None,
    };
    for change in [
        Change::Lifecycle(lifecycle),
        Change::Backups(false),
        Change::Throughput(Throughput::Elastic),
    ] {
        aws.update(&file_system, &AnyChange::FileSystem(change)).await.unwrap();
    }
    assert_eq!(
        calls.seen(),
        [
            "PutLifecycleConfiguration ok",
            "PutBackupPolicy ok",
            "UpdateFileSystem ok"
        ]
    );
}

#[tokio::test]
async fn no_lifecycle_is_an_empty_list() {
    let none = mock!(Client::put_lifecycle_configuration)
        .match_requests(|input| input.lifecycle_policies.as_ref().is_some_and(Vec::is_empty))
        .then_output(|| PutLifecycleConfigurationOutput::builder().build());
    let (aws, _) = aws(&[none]);
    let change = AnyChange::FileSystem(Change::Lifecycle(Lifecycle::default()));
    let file_system = made("fs-1", state(Throughput::Elastic, None, None));
    aws.update(&file_system, &change).await.unwrap();
}

#[test]
fn every_time_to_move_reads_back_from_awss_word() {
    for after in TransitionAfter::ALL {
        let wanted = Lifecycle {
            to_infrequent_access: Some(after),
            to_archive: Some(after),
            back_to_standard: None,
        };
        assert_eq!(lifecycle(&policies(wanted)), wanted);
    }
}

#[tokio::test]
async fn a_deletion_takes_its_time_and_is_refused_while_there_are_mount_targets() {
    let started = mock!(Client::delete_file_system).then_output(|| DeleteFileSystemOutput::builder().build());
    let used =
        mock!(Client::delete_file_system).then_error(|| DeleteFileSystemError::generic(refusal("FileSystemInUse")));
    let gone =
        mock!(Client::delete_file_system).then_error(|| DeleteFileSystemError::generic(refusal("FileSystemNotFound")));
    let (aws, _) = aws(&[started, used, gone]);
    let file_system = made("fs-1", state(Throughput::Elastic, None, None));
    assert_eq!(aws.delete(&file_system, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&file_system, None).await.unwrap_err().kind, ErrorKind::InUse);
    assert_eq!(aws.delete(&file_system, None).await.unwrap(), Deletion::Gone);
}
