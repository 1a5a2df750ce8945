//! Upgrades that are made beside a database, on the sim.

use std::time::Duration;

use hastack_api::database::protection::{ApplyChanges, UpgradeStrategy};
use hastack_core::kind::Kind;
use hastack_core::resource::State;
use hastack_core::resource::blue_green_deployment::Status;
use hastack_core::resource::database::setting::Setting;
use hastack_tests::plan::database::{AURORA, POSTGRES};
use hastack_tests::stage::Stage;

use crate::database::{built, refused, trouble, whole};

const NONE: [&str; 0] = [];

/// A version that each is moved to.
const NEWER: [(&str, &str); 2] = [(POSTGRES, "17"), (AURORA, "8.0.mysql_aurora.3.09.0")];

/// A stage with a database whose password is given, its identifier, and the copy of a newer version beside it.
fn prepared(shape: &str, version: &str) -> (Stage, String) {
    let mut stage = built(shape);
    let given = "{passwordFrom: {secretKeyRef: {name: given, key: password}}}";
    stage.edit_databases(|database| database.spec.credentials = serde_yaml_ng::from_str(given).unwrap());
    stage.settle();
    stage.sim.inject(Vec::new());
    let (id, _) = whole(&stage);
    stage.edit_databases(|database| {
        database.spec.version = version.into();
        database.spec.allow_major_version_upgrade = true;
        database.spec.upgrade_strategy = UpgradeStrategy::BlueGreen;
    });
    stage.rest(Duration::from_mins(40));
    (stage, id)
}

fn approve(stage: &mut Stage) {
    stage.edit_databases(|database| database.spec.switch_over_to = Some(database.spec.version.clone()));
    stage.settle();
    stage.rest(Duration::from_mins(10));
}

fn deployments(stage: &Stage) -> usize {
    let objects = stage.sim.objects().into_iter();
    objects
        .filter(|object| object.kind() == Kind::BlueGreenDeployment)
        .count()
}

/// The identifiers of the instances and clusters that are not the database's own.
fn others(stage: &Stage, mark: &str) -> Vec<String> {
    let objects = stage.sim.objects().into_iter();
    let databases = objects.filter(|object| matches!(object.state, State::DbInstance(_) | State::DbCluster(_)));
    databases
        .map(|object| object.id)
        .filter(|id| id.contains(mark))
        .collect()
}

#[test]
fn a_copy_of_the_new_version_waits_for_the_word_and_then_takes_over() {
    for (shape, version) in NEWER {
        let (mut stage, id) = prepared(shape, version);
        let said = trouble(&stage).unwrap();
        assert!(
            said.contains("-green-abc123 of version") && said.contains(&format!("switchOverTo: \"{version}\"")),
            "{said}"
        );
        let status = stage.database().status.unwrap();
        let upgrade = status.upgrade.unwrap();
        assert_eq!(
            (upgrade.state.as_str(), upgrade.version.as_str()),
            ("AVAILABLE", version)
        );
        assert_ne!(
            stage.sim.version(&id).as_deref(),
            Some(version),
            "nothing has changed yet"
        );
        approve(&mut stage);
        assert_eq!(trouble(&stage), None, "{:#?}", stage.plans());
        assert_eq!(stage.sim.version(&id).as_deref(), Some(version));
        assert_ne!(stage.sim.version(&format!("{id}-old1")).as_deref(), Some(version));
        assert_eq!((deployments(&stage), others(&stage, "green")), (0, Vec::new()));
        assert_eq!(refused(&stage), NONE);
        let creations = stage
            .writes()
            .into_iter()
            .filter(|action| action.starts_with("CreateDBInstance"));
        assert_eq!(creations.count(), 0);
        let status = stage.database().status.unwrap();
        assert_eq!(
            status.endpoint.map(|host| host.starts_with(&format!("{id}."))),
            Some(true)
        );
        assert!(status.upgrade.is_none());
    }
}

#[test]
fn what_was_before_stays_and_keeps_nobody_from_being_ready() {
    let (mut stage, id) = prepared(POSTGRES, "17");
    approve(&mut stage);
    let before = others(&stage, "-old1");
    stage.restart();
    stage.rest(Duration::from_hours(6));
    assert_eq!(others(&stage, "-old1"), before);
    assert_eq!(trouble(&stage), None);
    // Its parameter group goes when it does.
    let groups = |stage: &Stage| {
        let objects = stage.sim.objects().into_iter();
        objects.filter(|object| object.kind() == Kind::DbParameterGroup).count()
    };
    assert_eq!(groups(&stage), 2);
    for old in &before {
        stage.sim.vanish(old);
    }
    stage.rest(Duration::from_mins(30));
    assert_eq!(groups(&stage), 1);
    assert_eq!(refused(&stage), NONE);
    assert!(whole(&stage).0 == id);
}

#[test]
fn a_copy_that_is_not_wanted_any_more_goes_and_nothing_else() {
    for (shape, version) in NEWER {
        let (mut stage, id) = prepared(shape, version);
        let is = stage.sim.version(&id);
        stage.edit_databases(|database| database.spec.upgrade_strategy = UpgradeStrategy::InPlace);
        stage.edit_databases(|database| database.spec.version = is.clone().unwrap());
        stage.settle();
        assert_eq!((deployments(&stage), others(&stage, "green")), (0, Vec::new()));
        assert_eq!(stage.sim.version(&id), is);
        assert_eq!(whole(&stage).1.settings.get(&Setting::Protection), Some(&true.into()));
        assert_eq!((stage.sim.forgotten(), refused(&stage)), (Vec::new(), Vec::new()));
        assert_eq!(trouble(&stage), None);
    }
}

#[test]
fn a_database_is_upgraded_itself_once_the_copy_is_gone_where_that_is_wanted_instead() {
    for (shape, version) in NEWER {
        let (mut stage, id) = prepared(shape, version);
        stage.edit_databases(|database| {
            database.spec.upgrade_strategy = UpgradeStrategy::InPlace;
            database.spec.apply_changes = ApplyChanges::Immediately;
        });
        stage.settle();
        stage.rest(Duration::from_mins(10));
        assert_eq!((deployments(&stage), others(&stage, "green")), (0, Vec::new()));
        assert_eq!(stage.sim.version(&id).as_deref(), Some(version));
        assert_eq!((others(&stage, "-old1"), refused(&stage)), (Vec::new(), Vec::new()));
        assert_eq!(trouble(&stage), None);
    }
}

#[test]
fn a_database_goes_with_the_copy_that_was_made_of_it() {
    for (shape, version) in NEWER {
        let (mut stage, _) = prepared(shape, version);
        stage.delete_databases();
        stage.settle();
        assert_eq!((deployments(&stage), others(&stage, "")), (0, Vec::new()));
        assert_eq!(stage.sim.database_snapshots().len(), 1);
        assert_eq!(refused(&stage), NONE);
    }
}

#[test]
fn what_an_upgrade_has_left_is_named_when_the_database_goes() {
    let (mut stage, id) = prepared(POSTGRES, "17");
    approve(&mut stage);
    stage.delete_databases();
    stage.rest(Duration::from_hours(1));
    let said = trouble(&stage).unwrap();
    assert!(
        said.contains(&format!("the database {id}-old1, which is not hastack's")),
        "{said}"
    );
    for old in others(&stage, "-old1") {
        stage.sim.vanish(&old);
    }
    stage.settle();
    assert_eq!(others(&stage, ""), NONE);
}

#[test]
fn a_switchover_that_failed_says_why_and_what_to_do() {
    let (mut stage, _) = prepared(POSTGRES, "17");
    let objects = stage.sim.objects().into_iter();
    let deployment = objects.filter(|object| object.kind() == Kind::BlueGreenDeployment);
    let id = deployment.map(|object| object.id).next().unwrap();
    stage.sim.tamper(&id, |object| {
        if let State::BlueGreenDeployment(deployment) = &mut object.state {
            deployment.status = Status::SwitchoverFailed;
            deployment.details = Some("it took too long".into());
        }
    });
    stage.rest(Duration::from_mins(5));
    let said = trouble(&stage).unwrap();
    assert!(
        said.contains("SWITCHOVER_FAILED: it took too long; when it is deleted it is tried again"),
        "{said}"
    );
    stage.sim.vanish(&id);
    stage.rest(Duration::from_hours(1));
    assert_eq!(deployments(&stage), 1);
    approve(&mut stage);
    assert_eq!(trouble(&stage), None);
}
