//! The data of databases is never lost by accident.

use std::time::Duration;

use hastack_api::database::protection::DatabaseDeletionPolicy;
use hastack_core::resource::State;
use hastack_core::resource::database::setting::Setting;
use hastack_core::tag::Tags;
use hastack_tests::plan::database::{AURORA, MYSQL, POSTGRES};
use hastack_tests::shape::{databases, stack};
use hastack_tests::stage::Stage;

use crate::database::{built, trouble, whole};

const NONE: [&str; 0] = [];

#[test]
fn the_last_snapshot_has_the_name_of_the_database_and_the_time() {
    for shape in [POSTGRES, AURORA] {
        let mut stage = built(shape);
        let (id, _) = whole(&stage);
        stage.delete_databases();
        stage.settle();
        let snapshots = stage.sim.database_snapshots();
        assert_eq!(snapshots.len(), 1, "{snapshots:?}");
        let time = snapshots[0].strip_prefix(&format!("{id}-")).unwrap();
        assert_eq!(time.len(), "20270115-081322".len(), "{time}");
        assert_eq!(stage.sim.forgotten(), NONE);
    }
}

#[test]
fn a_database_is_deleted_without_a_snapshot_only_where_the_spec_says_so() {
    let mut stage = built(MYSQL);
    stage.edit_databases(|database| database.spec.deletion_policy = DatabaseDeletionPolicy::Delete);
    stage.settle();
    let (id, _) = whole(&stage);
    stage.delete_databases();
    stage.settle();
    assert_eq!(stage.sim.forgotten(), [id]);
    assert_eq!(stage.sim.database_snapshots(), NONE);
}

#[test]
fn a_database_that_is_retained_stays_with_all_it_needs_and_is_picked_up_again() {
    let mut stage = built(MYSQL);
    stage.edit_databases(|database| database.spec.deletion_policy = DatabaseDeletionPolicy::Retain);
    stage.settle();
    let (id, _) = whole(&stage);
    stage.delete_databases();
    stage.settle();
    stage.rest(Duration::from_mins(10));
    assert_eq!(whole(&stage).0, id);
    let groups = stage.sim.objects().into_iter();
    assert!(
        groups
            .filter(|object| matches!(object.state, State::DbSubnetGroup(_)))
            .count()
            == 1
    );
    stage.sim.inject(Vec::new());
    stage.apply_databases(databases(MYSQL));
    stage.settle();
    assert_eq!(whole(&stage).0, id);
    assert_eq!(stage.count("CreateDBInstance"), 0);
}

#[test]
fn a_database_that_somebody_deleted_is_reported_and_not_made_again() {
    for shape in [MYSQL, AURORA] {
        let mut stage = built(shape);
        let (id, _) = whole(&stage);
        stage.sim.vanish(&id);
        stage.rest(Duration::from_hours(1));
        let trouble = trouble(&stage).unwrap();
        assert!(
            trouble.starts_with("Lost: blocked") && trouble.contains(&id),
            "{trouble}"
        );
        assert_eq!(
            stage
                .writes()
                .iter()
                .filter(|action| action.starts_with("CreateDB"))
                .count(),
            0
        );
        // Also after the operator has started anew.
        stage.restart();
        stage.rest(Duration::from_hours(1));
        assert_eq!(
            stage
                .writes()
                .iter()
                .filter(|action| action.starts_with("CreateDB"))
                .count(),
            0
        );
        stage.edit_databases(|database| database.spec.recreate = true);
        stage.settle();
        assert_eq!(whole(&stage).0, id);
    }
}

#[test]
fn members_and_replicas_that_somebody_deleted_are_made_again() {
    for shape in [POSTGRES, AURORA] {
        let mut stage = built(shape);
        let is_part = |object: &hastack_core::object::Object| matches!(&object.state, State::DbInstance(state) if !state.holds_data());
        let before = stage.sim.objects().into_iter().filter(is_part).count();
        let part = stage.sim.objects().into_iter().find(is_part).unwrap();
        stage.sim.vanish(&part.id);
        stage.rest(Duration::from_mins(20));
        stage.settle();
        assert_eq!(stage.sim.objects().into_iter().filter(is_part).count(), before);
    }
}

#[test]
fn a_copy_that_somebody_restored_is_left_alone() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    let mut copy = stage.sim.objects().into_iter().find(|object| object.id == id).unwrap();
    copy.id = "restored-by-hand".into();
    if let State::DbInstance(database) = &mut copy.state {
        database.arn = "arn:aws:rds:us-east-1:123456789012:db:restored-by-hand".into();
        database.resource_id = Some("copy".into());
        database.settings.insert(Setting::Protection, false.into());
        database.subnet_group = None;
    }
    stage.sim.place(copy);
    stage.rest(Duration::from_hours(1));
    assert_eq!(trouble(&stage), None);
    stage.delete_databases();
    stage.settle();
    assert_eq!(whole(&stage).0, "restored-by-hand");
}

#[test]
fn a_database_is_restored_from_a_snapshot_and_from_a_point_in_time() {
    for (shape, restore) in [
        (MYSQL, "{snapshot: nightly}"),
        (MYSQL, "{pointInTime: {source: other}}"),
        (AURORA, "{snapshot: nightly}"),
        (AURORA, "{pointInTime: {source: other, time: \"2026-01-02T03:04:05Z\"}}"),
    ] {
        let mut stage = Stage::new([stack(shape)]);
        stage.sim.place_snapshot("nightly", Tags::new());
        let mut wanted = databases(shape);
        wanted[0].spec.restore = Some(serde_yaml_ng::from_str(restore).unwrap());
        stage.apply_databases(wanted);
        stage.settle();
        stage.rest(Duration::from_mins(10));
        let (_, state) = whole(&stage);
        assert_eq!(state.username.as_deref(), Some("restored"), "{shape} {restore}");
        // The password is RDS's again, and known to nobody else.
        assert!(state.secret_arn.is_some(), "{shape} {restore}");
    }
}

#[test]
fn what_protects_a_database_is_taken_away_only_to_delete_it() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.sim.tamper(&id, |object| {
        if let State::DbInstance(database) = &mut object.state {
            database.settings.insert(Setting::Protection, false.into());
        }
    });
    stage.rest(Duration::from_mins(5));
    assert_eq!(whole(&stage).1.settings.get(&Setting::Protection), Some(&true.into()));
    stage.sim.inject(Vec::new());
    stage.delete_databases();
    stage.settle();
    assert_eq!(stage.writes()[..2], ["ModifyDBInstance", "DeleteDBInstance"]);
}
