//! The file system of a stack: what it takes to change it, what cannot be changed, and when it is ready.

use std::time::Duration;

use hastack_api::file_system::FileSystemStatus;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::{State, subnet, vpc};
use hastack_core::tag::{self, Tags};
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

/// A stack in two zones with these lines in `spec.fileSystem`.
fn with(fields: &str) -> hastack_api::HAStack {
    stack(&format!(
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {{{fields}}}"
    ))
}

fn built(fields: &str) -> Stage {
    let mut stage = Stage::new([with(fields)]);
    assert!(stage.converge(), "{fields}: {}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage
}

fn edit(stage: &Stage, fields: &str) {
    let wanted = with(fields);
    stage.edit(|stack| stack.spec = wanted.spec.clone());
}

/// The writes that were made, in their order.
fn writes(stage: &Stage) -> Vec<&'static str> {
    let calls = stage.sim.calls();
    assert!(!calls.iter().any(|call| call.failed), "no call fails");
    stage.writes()
}

fn status(stage: &Stage) -> FileSystemStatus {
    stage.stack().status.unwrap().file_system.unwrap()
}

/// Changes of `spec.fileSystem`, and the only writes they take.
const CHANGES: [(&str, &str, &[&str]); 14] = [
    ("", "throughput: Bursting", &["UpdateFileSystem"]),
    (
        "throughput: Bursting",
        "throughput: Provisioned, provisionedMibps: 64",
        &["UpdateFileSystem"],
    ),
    (
        "throughput: Provisioned, provisionedMibps: 64",
        "throughput: Provisioned, provisionedMibps: 128",
        &["UpdateFileSystem"],
    ),
    (
        "",
        "lifecycle: {toInfrequentAccess: After30Days, toArchive: After90Days, backToStandard: OnFirstAccess}",
        &["PutLifecycleConfiguration"],
    ),
    (
        "lifecycle: {toInfrequentAccess: After30Days}",
        "lifecycle: {toInfrequentAccess: After7Days}",
        &["PutLifecycleConfiguration"],
    ),
    (
        "lifecycle: {toInfrequentAccess: After30Days, backToStandard: OnFirstAccess}",
        "",
        &["PutLifecycleConfiguration"],
    ),
    ("", "backups: false", &["PutBackupPolicy"]),
    ("backups: false", "", &["PutBackupPolicy"]),
    (
        "lifecycle: {toInfrequentAccess: After30Days}",
        "throughput: Bursting, backups: false",
        &["PutLifecycleConfiguration", "PutBackupPolicy", "UpdateFileSystem"],
    ),
    ("", "accessPoints: [{name: web}]", &["CreateAccessPoint"]),
    ("accessPoints: [{name: web}]", "", &["DeleteAccessPoint"]),
    (
        "accessPoints: [{name: web}]",
        "accessPoints: [{name: web, uid: 33}]",
        &["DeleteAccessPoint", "CreateAccessPoint"],
    ),
    ("", "deletionPolicy: Delete", &["DeleteTags"]),
    ("deletionPolicy: Delete", "deletionPolicy: Retain", &["CreateTags"]),
];

#[test]
fn a_change_takes_the_one_call_it_needs_and_no_other() {
    for (from, to, expected) in CHANGES {
        let mut stage = built(from);
        edit(&stage, to);
        assert!(stage.converge(), "{from} -> {to}: {}", stage.plan());
        stage.rest(Duration::from_mins(5));
        assert_eq!(writes(&stage), expected, "{from} -> {to}");
        assert!(stage.is("FileSystemReady"), "{from} -> {to}");
    }
}

/// Changes of `spec.fileSystem` that AWS cannot make, and the field that is named.
const IMMUTABLE: [(&str, &str, &str); 3] = [
    (
        "throughput: Bursting",
        "throughput: Bursting, performance: MaxIO",
        "fileSystem.performance cannot be changed",
    ),
    (
        "",
        "kmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab",
        "fileSystem.kmsKeyId cannot be changed",
    ),
    (
        "kmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab",
        "kmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ac",
        "fileSystem.kmsKeyId cannot be changed",
    ),
];

#[test]
fn a_change_that_aws_cannot_make_is_refused_by_name_and_nothing_is_done() {
    for (from, to, refusal) in IMMUTABLE {
        let mut stage = built(from);
        edit(&stage, to);
        stage.rest(Duration::from_mins(5));
        let message = stage.message("Stalled");
        assert!(message.contains(refusal), "{from} -> {to}: {message}");
        assert_eq!(writes(&stage), [""; 0], "{from} -> {to}");
        edit(&stage, from);
        assert!(stage.converge(), "{to} -> {from}: {}", stage.plan());
    }
}

/// Fields that do not go together.
const REFUSED: [(&str, &str); 5] = [
    ("throughput: Provisioned", "fileSystem.throughput Provisioned"),
    ("provisionedMibps: 64", "fileSystem.provisionedMibps"),
    ("performance: MaxIO", "fileSystem.performance MaxIO"),
    (
        "throughput: Bursting, lifecycle: {toArchive: After90Days}",
        "fileSystem.lifecycle.toArchive",
    ),
    (
        "lifecycle: {toInfrequentAccess: After90Days, toArchive: After90Days}",
        "fileSystem.lifecycle.toArchive",
    ),
];

#[test]
fn fields_that_do_not_go_together_are_refused_by_name_without_a_write() {
    for (fields, name) in REFUSED {
        let mut stage = Stage::new([with(fields)]);
        stage.rest(Duration::from_mins(5));
        let message = stage.message("Stalled");
        assert!(
            message.starts_with(&format!("cannot combine {name}")),
            "{fields}: {message}"
        );
        assert_eq!(writes(&stage), [""; 0], "{fields}");
    }
}

#[test]
fn a_file_system_is_ready_only_when_its_mount_targets_are() {
    let mut stage = Stage::new([with("accessPoints: [{name: web}]")]);
    stage.rest(Duration::from_mins(1));
    let file_system = |object: &Object| matches!(object.state, State::FileSystem(_)) && object.phase == Phase::Ready;
    assert!(stage.sim.objects().iter().any(file_system));
    assert!(!stage.is("FileSystemReady"));
    let message = stage.message("FileSystemReady");
    assert_eq!(message, "wait mount-target/us-east-1a: AWS is preparing it");
    assert!(stage.converge(), "{}", stage.plan());
    assert!(stage.is("FileSystemReady"));
}

#[test]
fn the_status_says_what_it_takes_to_mount() {
    let stage = built("accessPoints: [{name: web}]");
    let id = |word: &str| {
        let ours = |object: &Object| object.tags.get(tag::ID).is_some_and(|id| id == word);
        stage.sim.objects().into_iter().find(ours).map(|object| object.id)
    };
    let status = status(&stage);
    let file_system = id("file-system").unwrap();
    assert_eq!(
        status.dns_name,
        Some(format!("{file_system}.efs.us-east-1.amazonaws.com"))
    );
    assert_eq!(status.id, Some(file_system));
    assert_eq!(status.security_group_id, id("security-group/file-system"));
    assert_eq!(Some(&status.access_point_ids["web"]), id("access-point/web").as_ref());
    let zones: Vec<_> = status.mount_target_addresses.keys().collect();
    assert_eq!(zones, ["us-east-1a", "us-east-1b"]);
}

#[test]
fn a_further_zone_gets_a_mount_target_and_loses_it_with_the_zone() {
    let mut stage = built("");
    let creations = |stage: &Stage| {
        writes(stage)
            .iter()
            .filter(|action| **action == "CreateMountTarget")
            .count()
    };
    let deletions = |stage: &Stage| {
        writes(stage)
            .iter()
            .filter(|action| **action == "DeleteMountTarget")
            .count()
    };
    stage.edit(|stack| stack.spec.network.availability_zones = Some(3));
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!((creations(&stage), deletions(&stage)), (1, 0));
    assert_eq!(status(&stage).mount_target_addresses.len(), 3);

    stage.edit(|stack| stack.spec.network.availability_zones = Some(2));
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!((creations(&stage), deletions(&stage)), (1, 1));
    assert_eq!(status(&stage).mount_target_addresses.len(), 2);
}

#[test]
fn in_an_existing_network_each_private_subnet_gets_a_mount_target() {
    let mut stack = with("deletionPolicy: Delete");
    stack.spec.network =
        serde_yaml_ng::from_str("existing: {vpcId: vpc-0a, privateSubnetIds: [subnet-0b, subnet-0c]}").unwrap();
    let mut stage = Stage::new([stack]);
    let place = |id: &str, state| {
        stage.sim.place(Object {
            id: id.into(),
            tags: Tags::new(),
            phase: Phase::Ready,
            created: None,
            state,
        });
    };
    place(
        "vpc-0a",
        State::Vpc(vpc::State {
            cidr: "10.9.0.0/16".into(),
            dns_hostnames: Some(true),
        }),
    );
    for (id, zone) in [("subnet-0b", "us-east-1b"), ("subnet-0c", "us-east-1c")] {
        let subnet = subnet::State {
            vpc_id: "vpc-0a".into(),
            zone: zone.into(),
            cidr: "10.9.0.0/24".into(),
            assign_public_addresses: false,
        };
        place(id, State::Subnet(subnet));
    }
    assert!(stage.converge(), "{}", stage.plan());
    let zones: Vec<_> = status(&stage).mount_target_addresses.into_keys().collect();
    assert_eq!(zones, ["us-east-1b", "us-east-1c"]);
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert_eq!(stage.sim.objects().len(), 3, "the network stays");
    assert!(!stage.sim.calls().iter().any(|call| call.failed), "no call fails");
}
