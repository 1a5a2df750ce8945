//! Who reaches databases, and with which password.

use std::time::Duration;

use hastack_core::resource::State;
use hastack_core::resource::security_group::Peer;
use hastack_tests::plan::database::{AURORA, MYSQL, POSTGRES};
use hastack_tests::shape::{databases, services, stack};
use hastack_tests::stage::Stage;

use crate::database::{built, trouble, whole};

/// A service and a database on one stack.
const BOTH: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: true\n---\nbastion: {}\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 2}\nenvironment: [{name: HOST, database: {name: orders, key: host}}, {name: SECRET, database: {name: orders, key: secretArn}}]\n%%%\nengine: postgres\nversion: \"16\"\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nallowFrom: [{service: web}, {bastion: true}, {cidrs: [10.0.0.0/24]}]\nconnectionSecret: {name: orders-db}";

fn both() -> Stage {
    let mut stage = Stage::new([stack(BOTH)]);
    stage.apply_services(services(BOTH));
    stage.apply_databases(databases(BOTH));
    stage.settle();
    stage.rest(Duration::from_mins(6));
    stage
}

pub(crate) fn secret(stage: &Stage, key: &str) -> Option<String> {
    stage
        .secrets
        .lock()
        .unwrap()
        .values()
        .find_map(|entries| entries.get(key).cloned())
}

/// Everything that is said in the cluster, but for Secrets.
fn said(stage: &Stage) -> String {
    format!("{:?} {:?}", stage.database(), stage.sim.objects())
}

#[test]
fn a_database_lets_in_those_it_names_on_its_port_and_nothing_out() {
    let stage = both();
    let group = stage.database().status.unwrap().resources.clone();
    let id = group
        .iter()
        .find(|resource| resource.id == "security-group/managed-database")
        .unwrap();
    let objects = stage.sim.objects();
    let found = objects
        .iter()
        .find(|object| Some(&object.id) == id.aws_id.as_ref())
        .unwrap();
    let State::SecurityGroup(group) = &found.state else {
        panic!("{found:?}")
    };
    assert_eq!(group.egress, []);
    assert!(
        group.ingress.iter().all(|rule| rule.ports == Some((5432, 5432))),
        "{group:#?}"
    );
    let groups = group
        .ingress
        .iter()
        .filter(|rule| matches!(rule.peer, Peer::Group(_)))
        .count();
    assert_eq!((groups, group.ingress.len()), (2, 3), "{group:#?}");
}

#[test]
fn a_service_and_its_database_go_together_without_a_refusal_that_stays() {
    let mut stage = both();
    stage.delete_services();
    stage.delete_databases();
    stage.delete();
    stage.settle();
    assert_eq!(stage.sim.objects(), []);
    assert_eq!(stage.sim.database_snapshots().len(), 1);
}

#[test]
fn a_person_is_told_how_to_reach_it_through_the_bastion() {
    let stage = both();
    let access = stage.database().status.unwrap().access.unwrap();
    assert!(
        access
            .port_forward
            .contains("AWS-StartPortForwardingSessionToRemoteHost"),
        "{access:?}"
    );
    assert!(access.list_databases.starts_with("psql "), "{access:?}");
}

#[test]
fn the_connection_secret_is_complete() {
    for (shape, kind, user) in [
        (POSTGRES, "postgresql", "hastack:correct%20horse@"),
        (AURORA, "mysql", "hastack:managed%2F1@"),
    ] {
        let stage = built(shape);
        let status = stage.database().status.unwrap();
        assert_eq!(secret(&stage, "type").as_deref(), Some(kind));
        assert_eq!(secret(&stage, "host"), status.endpoint);
        assert_eq!(secret(&stage, "readerHost"), status.reader_endpoint);
        assert_eq!(secret(&stage, "secretArn"), status.secret_arn);
        assert_eq!(secret(&stage, "database"), status.database);
        assert!(secret(&stage, "uri").unwrap().starts_with(&format!("{kind}://{user}")));
        assert!(status.binding.is_some());
    }
}

#[test]
fn the_connection_secret_follows_a_rotation_and_a_failover() {
    let mut stage = built(AURORA);
    let (id, _) = whole(&stage);
    let host = secret(&stage, "host");
    stage.sim.rotate(&id);
    stage.sim.fail_over(&id);
    stage.rest(Duration::from_mins(10));
    assert_eq!(secret(&stage, "password").as_deref(), Some("managed/11"));
    assert_eq!(secret(&stage, "host"), host);
    assert_eq!(trouble(&stage), None);
}

#[test]
fn a_given_password_is_set_and_set_again_when_it_changes() {
    for shape in [MYSQL, AURORA] {
        let mut stage = Stage::new([stack(shape)]);
        let give = |stage: &Stage, password: &str| {
            let entries = [("password".to_owned(), password.to_owned())].into();
            stage.secrets.lock().unwrap().insert("given".into(), entries);
        };
        give(&stage, "canary-one");
        let mut wanted = databases(shape);
        wanted[0].spec.credentials =
            serde_yaml_ng::from_str("{passwordFrom: {secretKeyRef: {name: given, key: password}}}").unwrap();
        stage.apply_databases(wanted);
        stage.settle();
        let (id, _) = whole(&stage);
        assert_eq!(stage.sim.password(&id).as_deref(), Some("canary-one"));
        give(&stage, "canary-two");
        stage.wake();
        stage.rest(Duration::from_mins(10));
        assert_eq!(stage.sim.password(&id).as_deref(), Some("canary-two"));
        stage.sim.inject(Vec::new());
        stage.restart();
        stage.rest(Duration::from_mins(30));
        assert_eq!(stage.writes(), [] as [&str; 0]);
        assert!(!said(&stage).contains("canary"), "{}", said(&stage));
        // RDS keeps it from now on, and then again not.
        stage.edit_databases(|database| database.spec.credentials.password_from = None);
        stage.settle();
        assert!(whole(&stage).1.secret_arn.is_some());
    }
}
