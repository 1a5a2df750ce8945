use aws_sdk_efs::Client;
use aws_sdk_efs::operation::create_mount_target::{CreateMountTargetError, CreateMountTargetOutput};
use aws_sdk_efs::operation::delete_mount_target::{DeleteMountTargetError, DeleteMountTargetOutput};
use aws_sdk_efs::operation::describe_file_systems::DescribeFileSystemsOutput;
use aws_sdk_efs::operation::describe_mount_target_security_groups::DescribeMountTargetSecurityGroupsOutput;
use aws_sdk_efs::operation::describe_mount_targets::{DescribeMountTargetsError, DescribeMountTargetsOutput};
use aws_sdk_efs::operation::modify_mount_target_security_groups::ModifyMountTargetSecurityGroupsOutput;
use aws_sdk_efs::types::{
    FileSystemDescription, FileSystemSize, LifeCycleState, MountTargetDescription, PerformanceMode, Tag,
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::object::Phase;
use hastack_core::resource::file_system::{Performance, Throughput};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate, file_system as core_file_system};

use super::*;
use crate::testing::{aws, object as made, refusal, request, tags};

fn state(groups: Option<&str>) -> AnyState {
    AnyState::MountTarget(State {
        file_system_id: "fs-1".into(),
        subnet_id: "subnet-1".into(),
        zone: "us-east-1a".into(),
        address: Some("10.0.0.7".into()),
        security_group_ids: groups.map(|group| vec![group.to_owned()]),
    })
}

/// A file system of ours with this id among its owner's resources.
fn file_system(node: &str) -> Object {
    let state = core_file_system::State {
        throughput: Throughput::Elastic,
        performance: Performance::GeneralPurpose,
        kms_key_id: None,
        lifecycle: None,
        backups: None,
    };
    let mut file_system = made("fs-1", AnyState::FileSystem(state));
    file_system.tags.insert(ID.into(), node.into());
    file_system
}

fn shown() -> MountTargetDescription {
    MountTargetDescription::builder()
        .mount_target_id("fsmt-1")
        .file_system_id("fs-1")
        .subnet_id("subnet-1")
        .life_cycle_state(LifeCycleState::Available)
        .ip_address("10.0.0.7")
        .availability_zone_name("us-east-1a")
        .build()
        .unwrap()
}

fn targets() -> Rule {
    mock!(Client::describe_mount_targets)
        .match_requests(|input| input.file_system_id() == Some("fs-1") && input.mount_target_id().is_none())
        .then_output(|| DescribeMountTargetsOutput::builder().mount_targets(shown()).build())
}

fn target() -> Rule {
    mock!(Client::describe_mount_targets)
        .match_requests(|input| input.mount_target_id() == Some("fsmt-1") && input.file_system_id().is_none())
        .then_output(|| DescribeMountTargetsOutput::builder().mount_targets(shown()).build())
}

fn groups() -> Rule {
    mock!(Client::describe_mount_target_security_groups)
        .match_requests(|input| input.mount_target_id() == Some("fsmt-1"))
        .then_output(|| {
            DescribeMountTargetSecurityGroupsOutput::builder()
                .security_groups("sg-1")
                .build()
                .unwrap()
        })
}

fn file_systems(tagged: bool) -> Rule {
    mock!(Client::describe_file_systems).then_output(move || {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
        let ours = [
            tag("hastack.dev/cluster", "c1"),
            tag("hastack.dev/owner", "HAStack/shop/web"),
            tag("hastack.dev/id", "file-system"),
        ];
        let file_system = FileSystemDescription::builder()
            .file_system_id("fs-1")
            .owner_id("123456789012")
            .creation_token("t0k3n")
            .creation_time(DateTime::from_secs(1_800_000_000))
            .life_cycle_state(LifeCycleState::Available)
            .number_of_mount_targets(1)
            .size_in_bytes(FileSystemSize::builder().value(0).build())
            .performance_mode(PerformanceMode::GeneralPurpose)
            .set_tags(Some(if tagged { ours.into() } else { Vec::new() }));
        DescribeFileSystemsOutput::builder()
            .file_systems(file_system.build().unwrap())
            .build()
    })
}

#[tokio::test]
async fn a_mount_target_is_created_with_its_security_group() {
    let create = mock!(Client::create_mount_target)
        .match_requests(|input| {
            input.file_system_id() == Some("fs-1")
                && input.subnet_id() == Some("subnet-1")
                && input.security_groups() == ["sg-1"]
        })
        .then_output(|| {
            CreateMountTargetOutput::builder()
                .mount_target_id("fsmt-1")
                .file_system_id("fs-1")
                .subnet_id("subnet-1")
                .life_cycle_state(LifeCycleState::Creating)
                .ip_address("10.0.0.7")
                .availability_zone_name("us-east-1a")
                .build()
                .unwrap()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        file_system_id: "fs-1".into(),
        subnet_id: "subnet-1".into(),
        security_group_id: "sg-1".into(),
    };
    let request = request(Kind::MountTarget, AnyCreate::MountTarget(wanted));
    let made = aws.create(&request).await.unwrap();
    assert_eq!((made.id.as_str(), made.phase), ("fsmt-1", Phase::Pending));
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, state(Some("sg-1")));
}

#[tokio::test]
async fn a_second_one_in_a_zone_is_refused_as_existing() {
    let taken = mock!(Client::create_mount_target)
        .then_error(|| CreateMountTargetError::generic(refusal("MountTargetConflict")));
    let (aws, _) = aws(&[taken]);
    let wanted = Create {
        file_system_id: "fs-1".into(),
        subnet_id: "subnet-1".into(),
        security_group_id: "sg-1".into(),
    };
    let request = request(Kind::MountTarget, AnyCreate::MountTarget(wanted));
    assert_eq!(aws.create(&request).await.unwrap_err().kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn a_sweep_lists_them_by_file_system_and_names_them_by_zone() {
    let (aws, calls) = aws(&[targets()]);
    let seen = aws
        .sweep(Kind::MountTarget, &[file_system("file-system")])
        .await
        .unwrap();
    assert_eq!(seen[0].tags["hastack.dev/id"], "mount-target/us-east-1a");
    assert_eq!(seen[0].tags["hastack.dev/cluster"], "c1");
    assert_eq!(seen[0].state, state(None));
    assert_eq!(calls.seen(), ["DescribeMountTargets ok"]);
}

#[tokio::test]
async fn in_an_existing_network_they_are_named_by_subnet() {
    let (aws, _) = aws(&[targets()]);
    let seen = aws
        .sweep(Kind::MountTarget, &[file_system("file-system/vpc-0a")])
        .await
        .unwrap();
    assert_eq!(seen[0].tags["hastack.dev/id"], "mount-target/subnet-1");
}

#[tokio::test]
async fn a_file_system_that_is_gone_has_none() {
    let gone = mock!(Client::describe_mount_targets)
        .then_error(|| DescribeMountTargetsError::generic(refusal("FileSystemNotFound")));
    let (aws, _) = aws(&[gone]);
    let seen = aws.sweep(Kind::MountTarget, &[file_system("file-system")]).await;
    assert_eq!(seen.unwrap(), []);
}

#[tokio::test]
async fn a_read_shows_the_security_groups_and_whose_it_is() {
    let (aws, _) = aws(&[target(), groups(), file_systems(true)]);
    let seen = aws.read(Kind::MountTarget, &["fsmt-1".into()]).await.unwrap();
    assert_eq!(seen[0].state, state(Some("sg-1")));
    assert_eq!(seen[0].tags["hastack.dev/id"], "mount-target/us-east-1a");
    assert_eq!(seen[0].tags["hastack.dev/owner"], "HAStack/shop/web");
}

#[tokio::test]
async fn a_mount_target_of_a_file_system_without_our_tags_has_none() {
    let (aws, _) = aws(&[target(), groups(), file_systems(false)]);
    let seen = aws.read(Kind::MountTarget, &["fsmt-1".into()]).await.unwrap();
    assert_eq!(seen[0].tags, Tags::new());
}

#[tokio::test]
async fn one_that_does_not_exist_is_left_out() {
    let gone = mock!(Client::describe_mount_targets)
        .then_error(|| DescribeMountTargetsError::generic(refusal("MountTargetNotFound")));
    let (aws, _) = aws(&[gone]);
    assert_eq!(aws.read(Kind::MountTarget, &["fsmt-1".into()]).await.unwrap(), []);
}

#[tokio::test]
async fn its_security_groups_are_changed_in_one_call() {
    let change = mock!(Client::modify_mount_target_security_groups)
        .match_requests(|input| input.mount_target_id() == Some("fsmt-1") && input.security_groups() == ["sg-1"])
        .then_output(|| ModifyMountTargetSecurityGroupsOutput::builder().build());
    let (aws, _) = aws(&[change]);
    let change = AnyChange::MountTarget(Change::SecurityGroups(vec!["sg-1".into()]));
    let target = made("fsmt-1", state(Some("sg-foreign")));
    aws.update(&target, &change).await.unwrap();
}

#[tokio::test]
async fn a_deletion_takes_its_time_unless_there_is_nothing_to_delete() {
    let started = mock!(Client::delete_mount_target).then_output(|| DeleteMountTargetOutput::builder().build());
    let gone = mock!(Client::delete_mount_target)
        .then_error(|| DeleteMountTargetError::generic(refusal("MountTargetNotFound")));
    let (aws, _) = aws(&[started, gone]);
    let target = made("fsmt-1", state(None));
    assert_eq!(aws.delete(&target, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&target, None).await.unwrap(), Deletion::Gone);
}
