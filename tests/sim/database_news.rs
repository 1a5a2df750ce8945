//! What AWS tells of databases beside how they are, on the sim.

use std::time::Duration;

use hastack_tests::plan::database::{AURORA, POSTGRES};
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

use crate::database::{built_on, trouble, whole};

/// A stage at rest with the database of a shape, and all events that were published on the way.
fn heard(shape: &str) -> Stage {
    let mut stage = Stage::new([stack(shape)]);
    stage.listens = true;
    built_on(stage, shape)
}

/// What the events of Kubernetes say that AWS reported of the one with this identifier, warnings with a mark.
fn reported(stage: &Stage, id: &str) -> Vec<String> {
    let notices = stage.notices.iter();
    notices
        .filter(|notice| notice.reason.starts_with("Reported") && notice.note.starts_with(&format!("{id}:")))
        .map(|notice| format!("{}{}", if notice.warning { "! " } else { "" }, notice.note))
        .collect()
}

#[test]
fn what_has_happened_to_a_database_is_an_event_once_even_for_the_next_process() {
    let mut stage = heard(POSTGRES);
    let (id, _) = whole(&stage);
    assert_eq!(reported(&stage, &id), [format!("{id}: DB instance created")]);
    stage.sim.tell(&id, "Multi-AZ instance failover started", "failover");
    stage.rest(Duration::from_mins(2));
    stage.sim.tell(&id, "DB instance restarted", "availability");
    stage.rest(Duration::from_mins(5));
    stage.restart();
    stage.rest(Duration::from_hours(2));
    assert_eq!(
        reported(&stage, &id),
        [
            format!("{id}: DB instance created"),
            format!("! {id}: Multi-AZ instance failover started"),
            format!("{id}: DB instance restarted"),
        ]
    );
    assert_eq!(trouble(&stage), None);
}

#[test]
fn the_status_keeps_the_last_twenty_events_for_longer_than_aws_tells_them() {
    let mut stage = heard(POSTGRES);
    let (id, _) = whole(&stage);
    for number in 0..25 {
        stage.sim.tell(&id, &format!("event {number}"), "notification");
        stage.rest(Duration::from_mins(2));
    }
    stage.rest(Duration::from_hours(2));
    let events = stage.database().status.unwrap().events;
    let messages: Vec<_> = events.iter().map(|event| event.message.clone()).collect();
    let wanted: Vec<_> = (5..25).map(|number| format!("event {number}")).collect();
    assert_eq!(messages, wanted);
    assert_eq!(reported(&stage, &id).len(), 26, "each is told once");
}

#[test]
fn a_failover_of_a_cluster_is_a_warning() {
    let mut stage = heard(AURORA);
    let (id, _) = whole(&stage);
    stage.sim.fail_over(&id);
    stage.rest(Duration::from_mins(5));
    let said = reported(&stage, &id);
    let warning = format!("! {id}: Completed failover to another DB instance");
    assert_eq!(said.iter().filter(|line| **line == warning).count(), 1, "{said:?}");
}

#[test]
fn the_last_snapshot_is_in_status() {
    for shape in [POSTGRES, AURORA] {
        let stage = heard(shape);
        let (id, _) = whole(&stage);
        let snapshot = stage
            .database()
            .status
            .unwrap()
            .last_snapshot
            .expect("it keeps backups");
        assert!(snapshot.id.starts_with(&format!("rds:{id}-")), "{snapshot:?}");
    }
}
