//! Databases that somebody has renamed, and copies, on the sim.

use std::time::Duration;

use hastack_core::resource::State;
use hastack_core::resource::database::setting::Setting;
use hastack_tests::plan::database::{AURORA, MYSQL, POSTGRES};

use crate::database::{built, refused, trouble, whole};
use crate::database_access::secret;

const NONE: [&str; 0] = [];

#[test]
fn a_database_that_somebody_renamed_is_followed_and_gets_its_name_back_in_the_window() {
    for shape in [POSTGRES, AURORA] {
        let mut stage = built(shape);
        let (id, _) = whole(&stage);
        let host = secret(&stage, "host").unwrap();
        stage.sim.rename(&id, "renamed");
        stage.rest(Duration::from_mins(5));
        let status = stage.database().status.unwrap();
        assert_eq!(status.endpoint, Some(host.replace(&id, "renamed")));
        assert_eq!(secret(&stage, "host"), status.endpoint);
        assert_eq!(status.pending_changes, [format!("identifier: {id}")]);
        assert_eq!(trouble(&stage), None);
        stage.sim.maintain("renamed");
        stage.rest(Duration::from_mins(10));
        assert_eq!(whole(&stage).0, id);
        assert_eq!(secret(&stage, "host"), Some(host));
        assert_eq!(refused(&stage), NONE);
        let creations = stage
            .writes()
            .into_iter()
            .filter(|action| action.starts_with("CreateDB"));
        assert_eq!(creations.count(), 0);
    }
}

#[test]
fn a_database_that_was_renamed_while_nobody_looked_is_found_by_what_status_says() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    stage.sim.rename(&id, "renamed");
    stage.restart();
    stage.rest(Duration::from_mins(10));
    assert_eq!(trouble(&stage), None);
    assert_eq!(whole(&stage).0, "renamed");
    assert_eq!(stage.writes(), ["ModifyDBInstance"]);
    stage.delete_databases();
    stage.settle();
    assert_eq!(stage.sim.database_snapshots().len(), 1);
}

#[test]
fn what_is_restored_in_place_of_a_renamed_database_is_the_database_and_the_other_is_left_alone() {
    let mut stage = built(MYSQL);
    let (id, _) = whole(&stage);
    let mut restored = stage.sim.objects().into_iter().find(|object| object.id == id).unwrap();
    if let State::DbInstance(database) = &mut restored.state {
        database.resource_id = Some("restored".into());
        database.secret_arn = None;
        database.settings.insert(Setting::ManagedPassword, false.into());
    }
    stage.sim.rename(&id, "before");
    stage.rest(Duration::from_mins(5));
    stage.sim.place(restored);
    stage.rest(Duration::from_mins(10));
    assert_eq!(trouble(&stage), None);
    stage.restart();
    stage.rest(Duration::from_mins(10));
    stage.delete_databases();
    stage.rest(Duration::from_mins(30));
    let said = trouble(&stage).unwrap();
    assert!(said.contains("the database before, which is not hastack's"), "{said}");
    let (left, state) = whole(&stage);
    assert_eq!(left, "before");
    assert_eq!(state.settings.get(&Setting::Protection), Some(&true.into()));
    assert_eq!(stage.sim.database_snapshots().len(), 1);
}
