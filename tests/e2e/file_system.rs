//! A shared file system: mounted in every zone, kept unless its policy says otherwise, and found again.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws::text;
use crate::cluster::{TWO_ZONES, web};
use crate::operator::failed;
use crate::stage::Stage;

fn with_files(fields: &str) -> String {
    web(TWO_ZONES, &format!("fileSystem: {{{fields}}}"))
}

#[tokio::test]
async fn a_file_system_is_ready_with_a_mount_target_a_zone_and_goes_if_told_so() {
    let stage = Stage::set("file-system").await;
    let operator = stage.operator().await;
    stage
        .build(&with_files("deletionPolicy: Delete, accessPoints: [{name: uploads}]"))
        .await;
    let (found, status) = (stage.aws.look().await, stage.status("web").await);
    let file_system = found.the("file system");
    assert_eq!(file_system.object["Encrypted"], true);
    assert_eq!(file_system.object["ThroughputMode"], "elastic");
    let of_status = &status["fileSystem"];
    assert_eq!(of_status["id"], file_system.id);
    assert_eq!(of_status["accessPointIds"]["uploads"], found.the("access point").id);
    let private: BTreeSet<_> = values(&status["network"]["privateSubnetIds"]);
    let targets = found.of("mount target");
    let subnets: BTreeSet<_> = targets.iter().map(|target| text(&target.object["SubnetId"])).collect();
    assert_eq!((targets.len(), &subnets), (2, &private));
    let addresses: BTreeSet<_> = targets.iter().map(|target| text(&target.object["IpAddress"])).collect();
    assert_eq!(values(&of_status["mountTargetAddresses"]), addresses);
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn a_retained_file_system_is_marked_and_named_and_picked_up_by_the_stack_that_returns() {
    let stage = Stage::set("file-system-retained").await;
    let operator = stage.operator().await;
    stage.build(&with_files("")).await;
    let id = text(&stage.status("web").await["fileSystem"]["id"]);
    stage.delete("web").await;
    stage.await_gone("web").await;
    let left = stage.aws.look().await;
    let kept = left.the("file system");
    assert_eq!((left.count(), &kept.id), (1, &id), "{left:#?}");
    assert!(kept.tags.contains_key("hastack.dev/retained-at"), "{kept:?}");
    stage.await_event("web", "RetainedFileSystem", &id).await;

    stage.build(&with_files("")).await;
    let found = stage.aws.look().await;
    let again = found.the("file system");
    assert_eq!(again.id, id);
    assert!(!again.tags.contains_key("hastack.dev/retained-at"), "{again:?}");
    assert_eq!(found.of("mount target").len(), 2);
    assert_eq!(operator.calls("CreateFileSystem").len(), 1);

    // It goes when it is told to.
    stage.build(&with_files("deletionPolicy: Delete")).await;
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn a_retained_stack_stays_whole_and_is_picked_up_without_a_creation() {
    let stage = Stage::set("stack-retained").await;
    let operator = stage.operator().await;
    let manifest = with_files("").replace("spec:\n", "spec:\n  deletionPolicy: Retain\n");
    stage.build(&manifest).await;
    let before = stage.aws.everything().await;
    stage.delete("web").await;
    stage.await_gone("web").await;
    assert_eq!(stage.aws.everything().await, before);
    operator.proxy.clear();
    stage.build(&manifest).await;
    let writes = operator.writes();
    let creations: Vec<_> = writes
        .iter()
        .map(|call| call.request.action.as_str())
        .filter(|action| action.starts_with("Create") && *action != "CreateTags")
        .collect();
    assert_eq!(creations, Vec::<&str>::new());
    stage.build(&with_files("deletionPolicy: Delete")).await;
    stage.clear().await;
}

#[tokio::test]
async fn each_change_takes_the_one_call_it_needs_and_no_other() {
    let stage = Stage::set("file-system-changes").await;
    let operator = stage.operator().await;
    stage.build(&with_files("deletionPolicy: Delete")).await;
    operator.proxy.clear();
    let changes: [(&str, &[(&str, usize)]); 5] = [
        ("throughput: Bursting", &[("UpdateFileSystem", 1)]),
        ("throughput: Bursting, backups: false", &[("PutBackupPolicy", 1)]),
        (
            "throughput: Bursting, backups: false, lifecycle: {toInfrequentAccess: After30Days}",
            &[("PutLifecycleConfiguration", 1)],
        ),
        (
            "throughput: Bursting, backups: false, accessPoints: [{name: uploads}]",
            &[("CreateAccessPoint", 1), ("PutLifecycleConfiguration", 1)],
        ),
        ("throughput: Bursting, backups: false", &[("DeleteAccessPoint", 1)]),
    ];
    for (fields, calls) in changes {
        stage
            .build(&with_files(&format!("deletionPolicy: Delete, {fields}")))
            .await;
        operator.wrote(fields, calls);
    }
    operator.sweeps(2).await;
    operator.wrote("at rest", &[]);
    stage.clear().await;
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_with_the_field() {
    let stage = Stage::set("file-system-refused").await;
    stage.apply(&with_files("throughput: Bursting")).await;
    let key = "kmsKeyId: 11111111-2222-3333-4444-555555555555, throughput: Bursting";
    for (fields, field) in [
        ("performance: MaxIO, throughput: Bursting", "fileSystem.performance"),
        (key, "fileSystem.kmsKeyId"),
    ] {
        let refusal = stage.try_apply(&with_files(fields)).await.expect_err(field);
        assert!(refusal.contains(&format!("{field} cannot be changed")), "{refusal}");
    }
}

/// The values of a map.
fn values(map: &Value) -> BTreeSet<String> {
    map.as_object().unwrap().values().map(text).collect()
}
