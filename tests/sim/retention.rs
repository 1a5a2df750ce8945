//! What a deletion policy keeps stays in AWS, is marked, is named, and is picked up when it is asked for again.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_api::{HAStack, ResourcePhase};
use hastack_core::desire::identity;
use hastack_core::kind::Carrier;
use hastack_core::object::Object;
use hastack_core::resource::State;
use hastack_core::tag;
use hastack_sim::{Fault, FaultMode};
use hastack_tests::shape::{difference, picture, stack};
use hastack_tests::stage::{CLUSTER, Stage};

const FILES: &str =
    "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {accessPoints: [{name: web}]}";
const NO_FILES: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false";
const ALL: &str = "availabilityZones: 2\ngatewayEndpoints: [S3]\nflowLogs: {}\n---\nfileSystem: {}\nloadBalancer: {}\nbastion: {}\ndeletionPolicy: Retain";

fn built(shape: &str) -> Stage {
    let mut stage = Stage::new([stack(shape)]);
    assert!(stage.converge(), "{shape}: {}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage
}

fn deleted(shape: &str) -> Stage {
    let mut stage = built(shape);
    delete(&mut stage);
    stage
}

fn delete(stage: &mut Stage) {
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
}

/// The same custom resource again, as `kubectl apply` makes it: another uid.
fn again(stage: &Stage, shape: &str) {
    let mut stack: HAStack = stack(shape);
    stack.metadata.uid = Some("u-2".into());
    let owner = identity(&stack, CLUSTER).owner;
    stage.stacks.lock().unwrap().insert(owner, stack);
    stage.sim.inject(Vec::new());
}

fn edit(stage: &Stage, shape: &str) {
    let wanted = stack(shape);
    stage.edit(|stack| stack.spec = wanted.spec.clone());
}

fn writes(stage: &Stage) -> BTreeMap<&'static str, usize> {
    let calls = stage.sim.calls();
    assert!(!calls.iter().any(|call| call.failed), "no call fails");
    let writes = calls.iter().filter(|call| call.write);
    writes.fold(BTreeMap::new(), |mut counts, call| {
        *counts.entry(call.action).or_default() += 1;
        counts
    })
}

fn file_system(stage: &Stage) -> Object {
    let mut objects = stage.sim.objects().into_iter();
    objects
        .find(|object| matches!(object.state, State::FileSystem(_)))
        .unwrap()
}

fn is_marked(object: &Object) -> bool {
    object.tags.contains_key(tag::RETAINED_AT)
}

#[test]
fn a_deleted_stack_leaves_its_file_system_marked_and_nothing_else() {
    let stage = deleted("availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {}");
    let left = stage.sim.objects();
    assert_eq!(left.len(), 1, "{:#?}", picture(&left));
    assert!(is_marked(&file_system(&stage)));
    let writes = writes(&stage);
    let of_files = [
        "DeleteMountTarget",
        "DeleteSecurityGroup",
        "CreateTags",
        "DeleteFileSystem",
    ];
    let of_files = of_files.map(|action| writes.get(action).copied().unwrap_or_default());
    assert_eq!(of_files, [2, 1, 1, 0]);
    assert_eq!(writes.values().sum::<usize>(), 10 + 2 + 1 + 1);
}

#[test]
fn a_stack_that_returns_picks_its_file_system_up() {
    let mut stage = deleted(FILES);
    let left = file_system(&stage).id;
    again(&stage, FILES);
    assert!(stage.converge(), "{}", stage.plan());
    let file_system = file_system(&stage);
    assert_eq!(file_system.id, left);
    assert!(!is_marked(&file_system));
    assert!(!writes(&stage).contains_key("CreateFileSystem"));
}

#[test]
fn a_file_system_taken_out_of_the_spec_stays_listed_and_keeps_nothing_from_being_ready() {
    let mut stage = built(FILES);
    edit(&stage, NO_FILES);
    assert!(stage.converge(), "{}", stage.plan());
    let status = stage.stack().status.unwrap();
    let resource = status
        .resources
        .iter()
        .find(|resource| resource.id == "file-system")
        .unwrap();
    assert_eq!(resource.phase, ResourcePhase::Retained);
    assert_eq!(resource.aws_id, Some(file_system(&stage).id));
    assert_eq!(status.file_system, None);
    assert_eq!(status.progress.as_deref(), Some("10/10"));
    assert_eq!(stage.message("Ready"), "all 10 AWS resources are as wanted");
    assert_eq!(stage.message("FileSystemReady"), "", "the condition is gone");
    stage.rest(Duration::from_mins(10));
    assert_eq!(writes(&stage)["CreateTags"], 1, "it is marked once");
}

#[test]
fn a_file_system_put_back_into_the_spec_is_picked_up() {
    let mut stage = built(FILES);
    let id = file_system(&stage).id;
    edit(&stage, NO_FILES);
    assert!(stage.converge(), "{}", stage.plan());
    stage.sim.inject(Vec::new());
    edit(&stage, FILES);
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(file_system(&stage).id, id);
    assert!(!is_marked(&file_system(&stage)));
    let expected = [
        ("CreateAccessPoint", 1),
        ("CreateMountTarget", 2),
        ("CreateSecurityGroup", 1),
        ("DeleteTags", 1),
    ];
    assert_eq!(writes(&stage), BTreeMap::from(expected));
}

#[test]
fn a_retained_file_system_goes_when_it_is_put_back_with_the_policy_to_delete_it() {
    let mut stage = built(FILES);
    edit(&stage, NO_FILES);
    assert!(stage.converge(), "{}", stage.plan());
    edit(
        &stage,
        &FILES.replace("fileSystem: {", "fileSystem: {deletionPolicy: Delete, "),
    );
    assert!(stage.converge(), "{}", stage.plan());
    edit(&stage, NO_FILES);
    assert!(stage.converge(), "{}", stage.plan());
    let file_systems = |object: &Object| matches!(object.state, State::FileSystem(_));
    assert!(!stage.sim.objects().iter().any(file_systems));
}

#[test]
fn a_policy_that_was_set_right_before_the_deletion_counts() {
    let mut stage = built(&FILES.replace("fileSystem: {", "fileSystem: {deletionPolicy: Delete, "));
    edit(&stage, FILES);
    delete(&mut stage);
    let left = stage.sim.objects();
    assert_eq!(left.len(), 1, "{:#?}", picture(&left));
    assert!(is_marked(&left[0]));
}

#[test]
fn a_second_file_system_with_our_tags_is_never_deleted() {
    let mut stage = built(FILES);
    let twin = Object {
        id: "fs-restored".into(),
        created: None,
        ..file_system(&stage)
    };
    stage.sim.place(twin.clone());
    stage.rest(Duration::from_mins(10));
    let is_there = |object: &Object| object.id == twin.id && is_marked(object);
    assert!(stage.sim.objects().iter().any(is_there));
    assert!(stage.is("Ready"), "{}", stage.plan());
}

#[test]
fn a_file_system_is_retained_although_the_spec_cannot_be_met() {
    let mut stage = built(FILES);
    stage.edit(|stack| stack.spec.network.availability_zones = Some(9));
    stage.rest(Duration::from_mins(2));
    delete(&mut stage);
    let left = stage.sim.objects();
    assert_eq!(left.len(), 1, "{:#?}", picture(&left));
    assert!(is_marked(&left[0]));
}

#[test]
fn a_stack_whose_policy_is_retain_leaves_everything_and_marks_what_can_be_marked_with_one_call_each() {
    let stage = built(ALL);
    let before: Vec<_> = stage.sim.objects().iter().map(|object| object.id.clone()).collect();
    let mut stage = stage;
    delete(&mut stage);
    let after = stage.sim.objects();
    let ids: Vec<_> = after.iter().map(|object| object.id.clone()).collect();
    assert_eq!(ids, before);
    let (marked, unmarked): (Vec<_>, Vec<_>) = after.iter().partition(|object| is_marked(object));
    let can_be_marked = |object: &&Object| object.kind().row().carrier == Carrier::Tags;
    assert!(!unmarked.iter().any(can_be_marked));
    assert_eq!(writes(&stage), BTreeMap::from([("CreateTags", marked.len())]));
}

#[test]
fn a_retained_stack_that_returns_is_picked_up_without_a_creation() {
    let mut stage = deleted(ALL);
    let before: Vec<_> = stage.sim.objects().iter().map(|object| object.id.clone()).collect();
    again(&stage, ALL);
    assert!(stage.converge(), "{}", stage.plan());
    let after = stage.sim.objects();
    let ids: Vec<_> = after.iter().map(|object| object.id.clone()).collect();
    assert_eq!(ids, before);
    assert!(!after.iter().any(is_marked));
    // The custom resource is another one, and its tag says so.
    let marked = after
        .iter()
        .filter(|object| object.kind().row().carrier == Carrier::Tags)
        .count();
    assert_eq!(
        writes(&stage),
        BTreeMap::from([("CreateTags", marked), ("DeleteTags", marked)])
    );
}

#[test]
fn what_is_taken_out_of_a_stack_whose_policy_is_retain_is_deleted_as_ever() {
    let mut stage = built(ALL);
    stage.edit(|stack| stack.spec.network.gateway_endpoints = None);
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(writes(&stage), BTreeMap::from([("DeleteVpcEndpoints", 1)]));
}

#[test]
fn a_retention_survives_every_failure_at_every_write() {
    let mut count = 0;
    for shape in [FILES, ALL] {
        let reference = deleted(shape);
        let wanted = picture(&reference.sim.objects());
        let steps = reference.sim.calls().iter().filter(|call| call.write).count();
        for at in 0..steps {
            for mode in FaultMode::ALL {
                let mut stage = built(shape);
                stage.sim.inject(vec![Fault { at, mode }]);
                delete(&mut stage);
                let is = picture(&stage.sim.objects());
                assert_eq!(is, wanted, "{shape}, {at}, {mode:?}:\n{}", difference(&is, &wanted));
                count += 1;
            }
        }
    }
    println!("{count} plans");
}
