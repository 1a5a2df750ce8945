//! The life of databases on the sim.

use std::time::Duration;

use hastack_api::database::protection::ApplyChanges;
use hastack_core::resource::State;
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::database::status::{Changes, Status, TABLE};
use hastack_core::resource::database::{self};
use hastack_tests::plan::database::{AURORA, MYSQL, POSTGRES, SERVERLESS};
use hastack_tests::shape::{databases, stack};
use hastack_tests::stage::Stage;

/// A stage at rest with the database of a shape.
pub(crate) fn built(shape: &str) -> Stage {
    built_on(Stage::new([stack(shape)]), shape)
}

/// The same on a stage that has its stack.
pub(crate) fn built_on(mut stage: Stage, shape: &str) -> Stage {
    stage.apply_databases(databases(shape));
    stage.settle();
    stage.rest(Duration::from_mins(6));
    stage.sim.inject(Vec::new());
    stage
}

/// The database that has the data, and its identifier.
pub(crate) fn whole(stage: &Stage) -> (String, database::State) {
    let objects = stage.sim.objects().into_iter();
    let mut wholes = objects.filter_map(|object| match object.state {
        State::DbInstance(state) | State::DbCluster(state) if state.holds_data() => Some((object.id, state)),
        _ => None,
    });
    wholes.next().expect("there is a database")
}

fn instances(stage: &Stage) -> usize {
    let objects = stage.sim.objects().into_iter();
    objects
        .filter(|object| matches!(object.state, State::DbInstance(_)))
        .count()
}

fn setting(stage: &Stage, setting: Setting) -> Option<Value> {
    whole(stage).1.settings.get(&setting).cloned()
}

/// Why the database is not Ready; nothing where it is.
pub(crate) fn trouble(stage: &Stage) -> Option<String> {
    let conditions = stage.database().status.unwrap().common.conditions;
    let ready = conditions
        .into_iter()
        .find(|condition| condition.type_ == "Ready")
        .unwrap();
    (ready.status != "True").then(|| format!("{}: {}", ready.reason, ready.message))
}

pub(crate) fn refused(stage: &Stage) -> Vec<&'static str> {
    let calls = stage.sim.calls().into_iter();
    calls.filter(|call| call.failed).map(|call| call.action).collect()
}

#[test]
fn a_database_of_each_engine_comes_and_says_where_it_is() {
    for shape in [POSTGRES, MYSQL, AURORA, SERVERLESS] {
        let stage = built(shape);
        let status = stage.database().status.unwrap();
        assert!(status.endpoint.is_some() && status.port.is_some(), "{status:#?}");
        assert_eq!(status.state.as_deref(), Some("available"));
        assert_eq!(status.members.len(), instances(&stage));
    }
}

#[test]
fn in_each_state_only_that_is_done_which_aws_allows_then() {
    for row in TABLE.iter().filter(|row| row.status != Status::Available) {
        let mut stage = built(MYSQL);
        let (id, _) = whole(&stage);
        stage.sim.put_into(&id, row.status);
        stage.rest(Duration::from_mins(2));
        stage.edit_databases(|database| {
            database.spec.instance_class = Some("db.t4g.large".into());
            database.spec.apply_changes = ApplyChanges::Immediately;
        });
        stage.rest(Duration::from_mins(10));
        assert_eq!(refused(&stage), [] as [&str; 0], "{}", row.word);
        let writes = stage.writes();
        let changed = writes.contains(&"ModifyDBInstance");
        // What can be started is, and is changed then.
        assert_eq!(
            changed,
            row.changes == Changes::All || row.starts,
            "{}: {writes:?}",
            row.word
        );
        assert_eq!(writes.contains(&"StartDBInstance"), row.starts, "{}", row.word);
    }
}

#[test]
fn in_each_state_a_deletion_goes_on_or_says_what_it_waits_for() {
    for row in TABLE {
        let mut stage = built(MYSQL);
        let (id, _) = whole(&stage);
        stage.sim.put_into(&id, row.status);
        stage.rest(Duration::from_mins(2));
        stage.delete_databases();
        stage.rest(Duration::from_mins(20));
        let kept = stage.sim.database_snapshots();
        assert_eq!(stage.sim.forgotten(), [] as [&str; 0], "{}", row.word);
        assert_eq!(refused(&stage), [] as [&str; 0], "{}: {:#?}", row.word, stage.plans());
        // What can be started was, while it was still wanted.
        if row.snapshots || row.starts {
            assert_eq!(kept.len(), 1, "{}: {:#?}", row.word, stage.plans());
        } else {
            assert_eq!(kept, [] as [&str; 0], "{}", row.word);
            let says = stage.plans().join("\n");
            assert!(
                says.contains(row.word) || says.contains("AWS is deleting it") || says.contains("AWS is preparing it"),
                "{}: {says}",
                row.word
            );
        }
    }
}

#[test]
fn a_database_is_stopped_and_started_as_the_spec_says() {
    for shape in [MYSQL, AURORA] {
        let mut stage = built(shape);
        stage.edit_databases(|database| database.spec.running = false);
        stage.settle();
        assert_eq!(whole(&stage).1.status, Status::Stopped);
        // AWS starts it after seven days.
        stage.rest(Duration::from_hours(8 * 24));
        assert_eq!(whole(&stage).1.status, Status::Stopped);
        stage.edit_databases(|database| database.spec.running = true);
        stage.settle();
        assert_eq!(whole(&stage).1.status, Status::Available);
        assert_eq!(refused(&stage), [] as [&str; 0]);
    }
}

#[test]
fn a_stopped_database_is_deleted_with_a_last_snapshot() {
    for shape in [MYSQL, AURORA] {
        let mut stage = built(shape);
        stage.edit_databases(|database| database.spec.running = false);
        stage.settle();
        stage.delete_databases();
        stage.settle();
        assert_eq!(stage.sim.database_snapshots().len(), 1);
        assert_eq!(refused(&stage), [] as [&str; 0]);
    }
}

#[test]
fn what_interrupts_waits_for_the_window_and_is_asked_for_once() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.edit_databases(|database| database.spec.instance_class = Some("db.t4g.large".into()));
    stage.settle();
    stage.rest(Duration::from_hours(24));
    assert_eq!(stage.writes(), ["ModifyDBInstance"]);
    assert_eq!(setting(&stage, Setting::Class), Some("db.t4g.micro".into()));
    let status = stage.database().status.unwrap();
    assert_eq!(status.pending_changes, ["instanceClass: db.t4g.large"]);
    stage.sim.maintain(&id);
    stage.rest(Duration::from_mins(5));
    assert_eq!(setting(&stage, Setting::Class), Some("db.t4g.large".into()));
    assert_eq!(stage.database().status.unwrap().pending_changes, [] as [&str; 0]);
}

#[test]
fn what_does_not_interrupt_takes_effect_at_once_and_hurries_nothing_else() {
    let mut stage = built(MYSQL);
    stage.edit_databases(|database| database.spec.instance_class = Some("db.t4g.large".into()));
    stage.settle();
    stage.edit_databases(|database| database.spec.backups.retention_days = 14);
    stage.settle();
    stage.rest(Duration::from_mins(10));
    assert_eq!(setting(&stage, Setting::Class), Some("db.t4g.micro".into()));
    stage.edit_databases(|database| database.spec.apply_changes = ApplyChanges::Immediately);
    stage.settle();
    stage.rest(Duration::from_mins(10));
    assert_eq!(setting(&stage, Setting::Class), Some("db.t4g.large".into()));
    assert_eq!(setting(&stage, Setting::BackupRetention), Some(14_u32.into()));
}

#[test]
fn storage_that_is_full_is_said_and_grows_when_the_spec_says_more() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.sim.put_into(&id, Status::StorageFull);
    stage.rest(Duration::from_mins(5));
    assert_eq!(
        trouble(&stage).unwrap(),
        "Failed: blocked db-instance/primary: it is storage-full; raise storage.sizeGiB"
    );
    stage.edit_databases(|database| database.spec.storage.as_mut().unwrap().size_gib = 40);
    stage.settle();
    assert_eq!(setting(&stage, Setting::Storage), Some(40_u32.into()));
    assert_eq!(refused(&stage), [] as [&str; 0]);
}

#[test]
fn storage_that_aws_has_added_stays_and_less_is_refused() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.edit_databases(|database| database.spec.storage.as_mut().unwrap().max_size_gib = Some(100));
    stage.settle();
    stage.sim.tamper(&id, |object| {
        if let State::DbInstance(database) = &mut object.state {
            database.settings.insert(Setting::Storage, 30_u32.into());
        }
    });
    stage.rest(Duration::from_mins(5));
    assert_eq!(trouble(&stage), None);
    stage.edit_databases(|database| database.spec.storage.as_mut().unwrap().max_size_gib = Some(20));
    stage.rest(Duration::from_mins(5));
    assert!(
        trouble(&stage)
            .unwrap()
            .contains("storage.sizeGiB cannot be changed from 30 to 20: storage can only grow")
    );
}

#[test]
fn a_bound_of_storage_that_is_taken_away_is_taken_away_in_aws() {
    let mut stage = built(MYSQL);
    stage.edit_databases(|database| database.spec.storage.as_mut().unwrap().max_size_gib = Some(100));
    stage.settle();
    assert_eq!(setting(&stage, Setting::MaxStorage), Some(100_u32.into()));
    stage.edit_databases(|database| database.spec.storage.as_mut().unwrap().max_size_gib = None);
    stage.settle();
    assert_eq!(setting(&stage, Setting::MaxStorage), Some(0_u32.into()));
    assert_eq!(trouble(&stage), None);
}

#[test]
fn parameters_that_do_not_fit_are_taken_out_and_the_database_starts() {
    let mut stage = built(POSTGRES);
    let (id, _) = whole(&stage);
    stage.sim.put_into(&id, Status::IncompatibleParameters);
    stage.sim.tamper(&id, |object| {
        if let State::DbInstance(database) = &mut object.state {
            database.reboot_pending = true;
        }
    });
    stage.rest(Duration::from_mins(10));
    assert_eq!(whole(&stage).1.status, Status::Available);
    assert_eq!(refused(&stage), [] as [&str; 0]);
}

#[test]
fn another_major_version_takes_a_word_of_its_own_and_brings_its_parameters() {
    let mut stage = built(POSTGRES);
    stage.edit_databases(|database| database.spec.version = "17".into());
    stage.rest(Duration::from_mins(10));
    assert!(
        trouble(&stage).unwrap().contains("allowMajorVersionUpgrade"),
        "{:?}",
        trouble(&stage)
    );
    stage.edit_databases(|database| {
        database.spec.allow_major_version_upgrade = true;
        database.spec.apply_changes = ApplyChanges::Immediately;
    });
    stage.settle();
    assert_eq!(setting(&stage, Setting::Version), Some("17".into()));
    assert_eq!(refused(&stage), [] as [&str; 0]);
    let groups = stage
        .sim
        .objects()
        .into_iter()
        .filter(|object| matches!(object.state, State::DbParameterGroup(_)));
    assert_eq!(groups.count(), 1);
}

#[test]
fn a_minor_version_that_aws_has_moved_to_stays() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.sim.tamper(&id, |object| {
        if let State::DbInstance(database) = &mut object.state {
            database.settings.insert(Setting::Version, "8.0.44".into());
        }
    });
    stage.rest(Duration::from_mins(10));
    assert_eq!(trouble(&stage), None);
    assert_eq!(stage.writes(), [] as [&str; 0]);
    assert_eq!(stage.database().status.unwrap().version.as_deref(), Some("8.0.44"));
}

#[test]
fn the_replicas_of_mysql_are_moved_to_another_major_version_first() {
    let mut stage = built(MYSQL);
    stage.edit_databases(|database| {
        database.spec.read_replicas = Some(1);
        let given = "{passwordFrom: {secretKeyRef: {name: given, key: password}}}";
        database.spec.credentials = serde_yaml_ng::from_str(given).unwrap();
    });
    stage.settle();
    stage.sim.inject(Vec::new());
    stage.edit_databases(|database| {
        database.spec.version = "8.4".into();
        database.spec.allow_major_version_upgrade = true;
        database.spec.apply_changes = ApplyChanges::Immediately;
    });
    stage.settle();
    assert_eq!(setting(&stage, Setting::Version), Some("8.4".into()));
    assert_eq!(refused(&stage), [] as [&str; 0]);
}
