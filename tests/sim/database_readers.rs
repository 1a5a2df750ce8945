//! Readers that AWS adds to clusters and takes away.

use std::time::Duration;

use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::{State, foreign_database};
use hastack_core::tag::Tags;
use hastack_tests::plan::database::{AURORA, SERVERLESS};
use hastack_tests::stage::Stage;

use crate::database::{built, refused, trouble, whole};

const NONE: [&str; 0] = [];

fn readers(stage: &Stage) -> Vec<String> {
    let objects = stage.sim.objects().into_iter();
    let members = objects.filter(|object| object.kind() == Kind::ForeignDbInstance);
    members.map(|object| object.id).collect()
}

/// Puts a member into the cluster that nobody here has made.
fn place(stage: &Stage, id: &str) {
    let (cluster, _) = whole(stage);
    stage.sim.place(Object {
        id: id.into(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: State::ForeignDbInstance(foreign_database::State::new(id.into(), Some(cluster), Vec::new())),
    });
}

#[test]
fn readers_that_aws_adds_are_left_to_it_and_shown() {
    let mut stage = built(AURORA);
    assert_eq!(readers(&stage).len(), 1, "one of two readers is the object's own");
    let (cluster, _) = whole(&stage);
    stage.sim.add_reader(&cluster);
    stage.rest(Duration::from_mins(20));
    assert_eq!(readers(&stage).len(), 2);
    assert_eq!(stage.writes(), NONE);
    let status = stage.database().status.unwrap();
    assert_eq!(status.other_members, readers(&stage));
    assert_eq!(status.members.len(), 2);
    assert_eq!(trouble(&stage), None);
}

#[test]
fn another_bound_and_another_target_are_one_call_each() {
    let mut stage = built(AURORA);
    stage.edit_databases(|database| database.spec.reader_auto_scaling.as_mut().unwrap().max_readers = 9);
    stage.settle();
    assert_eq!(stage.writes(), ["RegisterScalableTarget"]);
    stage.sim.inject(Vec::new());
    stage.edit_databases(|database| {
        database.spec.reader_auto_scaling.as_mut().unwrap().target_cpu_percent = Some(80);
    });
    stage.settle();
    assert_eq!(stage.writes(), ["PutScalingPolicy"]);
}

#[test]
fn without_scaling_aws_takes_its_readers_away_before_it_is_told_to_stop() {
    let mut stage = built(AURORA);
    stage.edit_databases(|database| database.spec.reader_auto_scaling = None);
    stage.rest(Duration::from_mins(2));
    let plan = stage.plans().join("\n");
    assert!(
        plan.contains("until the reader application-autoscaling-") && plan.contains("which AWS takes away, is gone"),
        "{plan}"
    );
    stage.settle();
    assert_eq!(readers(&stage), NONE);
    assert_eq!(stage.writes(), ["RegisterScalableTarget", "DeregisterScalableTarget"]);
    assert_eq!(trouble(&stage), None);
}

#[test]
fn a_restart_on_the_way_leaves_no_reader_behind() {
    let mut stage = built(AURORA);
    stage.edit_databases(|database| database.spec.reader_auto_scaling = None);
    stage.rest(Duration::from_mins(1));
    stage.restart();
    stage.settle();
    assert_eq!(readers(&stage), NONE);
}

#[test]
fn a_cluster_goes_with_the_readers_that_aws_has_added() {
    let mut stage = built(AURORA);
    let (cluster, _) = whole(&stage);
    stage.sim.add_reader(&cluster);
    stage.delete_databases();
    stage.settle();
    assert_eq!(readers(&stage), NONE);
    assert_eq!(stage.sim.database_snapshots().len(), 1);
    assert_eq!(refused(&stage), NONE);
}

#[test]
fn a_reader_that_nothing_takes_away_any_more_is_taken_away_with_its_cluster() {
    let mut stage = built(SERVERLESS);
    place(&stage, "application-autoscaling-left");
    stage.delete_databases();
    stage.settle();
    assert_eq!(readers(&stage), NONE);
    assert_eq!(stage.sim.database_snapshots().len(), 1);
}

#[test]
fn a_member_that_somebody_has_added_is_named_and_left_and_the_deletion_goes_on_when_it_is_gone() {
    let mut stage = built(SERVERLESS);
    place(&stage, "by-hand");
    stage.delete_databases();
    stage.rest(Duration::from_mins(30));
    let said = trouble(&stage).unwrap();
    assert!(said.contains("the database by-hand, which is not hastack's"), "{said}");
    assert_eq!(readers(&stage), ["by-hand"]);
    stage.sim.vanish("by-hand");
    stage.settle();
    assert_eq!(stage.sim.database_snapshots().len(), 1);
}
