//! What databases want.

use std::collections::BTreeSet;

use hastack_api::{HAStack, ManagedDatabase};

use super::*;
use crate::object::{Object, Phase};
use crate::resource::State;
use crate::resource::database::setting::{Setting, Value};
use crate::resource::security_group::Party;
use crate::tag::tags;

/// The stack `shop/ground` with subnets of these tiers in two zones.
fn stack(tiers: &[&str]) -> HAStack {
    let zones = ["us-east-1a", "us-east-1b"];
    let subnets = tiers
        .iter()
        .flat_map(|tier| zones.map(|zone| format!("{{id: subnet/{tier}/{zone}, awsId: x, phase: Ready}}")));
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: ground, namespace: shop}}, spec: {{region: us-east-1, network: {{cidr: 10.0.0.0/16}}, bastion: {{}}}}, status: {{resources: [{}]}}}}",
        subnets.collect::<Vec<_>>().join(", ")
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

/// The database `shop/orders` on it with these parts.
fn database(engine: &str, parts: &str) -> ManagedDatabase {
    let version = if engine.ends_with("postgresql") || engine == "postgres" {
        "16"
    } else {
        "8.0"
    };
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: ManagedDatabase, metadata: {{name: orders, namespace: shop, uid: u}}, spec: {{stackRef: {{name: ground}}, engine: {engine}, version: '{version}', instanceClass: db.t4g.micro, {parts}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

fn inputs(tiers: &[&str]) -> Inputs {
    Inputs {
        stack: Some(stack(tiers)),
        cluster: "c".into(),
        ..Inputs::default()
    }
}

fn desired(engine: &str, parts: &str) -> Desired {
    database(engine, parts)
        .desire(&inputs(&["database", "private", "public"]))
        .unwrap()
}

fn names(desired: &Desired) -> Vec<String> {
    desired.nodes.keys().map(ToString::to_string).collect()
}

fn subnets(desired: &Desired) -> BTreeSet<String> {
    match &desired.nodes[&NodeId::only(Kind::DbSubnetGroup)].spec {
        Spec::DbSubnetGroup(group) => group.subnets.iter().map(|subnet| subnet.name.clone()).collect(),
        other => panic!("{other}"),
    }
}

fn of(desired: &Desired, node: &str) -> database::Spec {
    match &desired.nodes[&node.parse().unwrap()].spec {
        Spec::DbInstance(spec) | Spec::DbCluster(spec) => spec.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn an_instance_has_a_group_subnets_and_a_secret() {
    let desired = desired("postgres", "storage: {sizeGiB: 20}");
    let wanted = [
        "security-group/managed-database",
        "db-subnet-group",
        "db-instance/primary",
        "secret",
    ];
    assert_eq!(names(&desired), wanted);
    let primary = of(&desired, "db-instance/primary");
    for (setting, value) in [
        (Setting::MultiAz, Value::from(true)),
        (Setting::Protection, true.into()),
        (Setting::BackupRetention, 7_u32.into()),
        (Setting::Public, false.into()),
        (Setting::ParameterGroup, "default.postgres16".into()),
    ] {
        assert_eq!(primary.settings.get(&setting), Some(&value), "{setting:?}");
    }
}

#[test]
fn a_cluster_has_members_in_different_zones() {
    let desired = desired("aurora-mysql", "instances: 3, parameters: {max_connections: '5'}");
    assert!(names(&desired).contains(&"db-cluster-parameter-group/aurora-mysql8.0".to_owned()));
    let zones = ["1", "2", "3"].map(|number| of(&desired, &format!("db-instance/{number}")).zone.unwrap());
    assert_eq!(zones, ["us-east-1a", "us-east-1b", "us-east-1a"]);
}

#[test]
fn a_database_is_in_the_database_subnets_or_the_private_or_the_public_ones() {
    let parts = "storage: {sizeGiB: 20}";
    let tier = |tiers: &[&str], parts: &str| {
        let desired = database("mysql", parts).desire(&inputs(tiers)).unwrap();
        subnets(&desired).first().unwrap().split('/').next().unwrap().to_owned()
    };
    assert_eq!(tier(&["database", "private", "public"], parts), "database");
    assert_eq!(tier(&["private", "public"], parts), "private");
    let public = format!("{parts}, public: true, allowFrom: [{{cidrs: [203.0.113.0/24]}}]");
    assert_eq!(tier(&["database", "private", "public"], &public), "public");
}

#[test]
fn a_range_from_outside_is_refused_unless_the_database_is_public() {
    let refused = |parts: &str| {
        let database = database("mysql", &format!("storage: {{sizeGiB: 20}}, {parts}"));
        database
            .desire(&inputs(&["private", "public"]))
            .err()
            .map(|error| error.to_string())
    };
    let error = refused("allowFrom: [{cidrs: [203.0.113.0/24]}]").unwrap();
    assert_eq!(
        error,
        "cannot place allowFrom[0].cidrs[0]: 203.0.113.0/24 is not within network.cidr 10.0.0.0/16"
    );
    assert_eq!(refused("allowFrom: [{cidrs: [10.0.1.0/24]}]"), None);
    assert_eq!(refused("public: true, allowFrom: [{cidrs: [203.0.113.0/24]}]"), None);
}

#[test]
fn a_service_that_is_not_there_yet_is_waited_for() {
    let desired = desired("mysql", "storage: {sizeGiB: 20}, allowFrom: [{service: web}]");
    let Spec::SecurityGroup(group) = &desired.nodes[&group()].spec else {
        panic!()
    };
    let Party::Group(node) = &group.ingress[0].party else {
        panic!("{group:?}")
    };
    assert_eq!(node.to_string(), "security-group/service of AutoScaledService/web");
}

#[test]
fn a_password_is_given_by_a_secret_that_must_be_there() {
    let given = "storage: {sizeGiB: 20}, credentials: {passwordFrom: {secretKeyRef: {name: given, key: password}}}";
    let database = database("mysql", given);
    let mut inputs = inputs(&["private"]);
    let error = database.desire(&inputs).unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot read credentials.passwordFrom: there is no key \"password\" in the Secret \"given\""
    );
    inputs.texts = database
        .texts()
        .into_iter()
        .map(|text| (text, "hunter2".to_owned()))
        .collect();
    let desired = database.desire(&inputs).unwrap();
    assert!(!names(&desired).contains(&"secret".to_owned()));
    let password = of(&desired, "db-instance/primary").password.unwrap();
    assert_eq!(password.digest.len(), DIGITS);
    assert!(!format!("{desired:?}").contains("hunter2"));
}

#[test]
fn an_identifier_begins_with_a_letter_and_has_no_two_hyphens_in_a_row() {
    let name = |owner: &str| {
        let identity = Identity {
            cluster: "c".into(),
            owner: owner.parse().unwrap(),
            uid: "u".into(),
        };
        identifier(&identity, &"db-instance/primary".parse().unwrap())
    };
    assert!(
        name("ManagedDatabase/shop/3--tier").starts_with("db-3-tier-db-instance"),
        "{}",
        name("ManagedDatabase/shop/3--tier")
    );
    let long = name(&format!("ManagedDatabase/shop/{}", "x".repeat(63)));
    assert!(long.len() <= 63, "{long}");
}

#[test]
fn what_has_the_tags_of_a_database_and_another_name_is_a_copy() {
    let desired = desired("mysql", "storage: {sizeGiB: 20}");
    let node = primary(&database("mysql", "").spec);
    let id = of(&desired, "db-instance/primary").id;
    let state = serde_json::json!({"arn": "a", "engine": "mysql", "status": "available", "settings": {}});
    let object = |id: &str| Object {
        id: id.to_owned(),
        tags: tags("c", &desired.identity.owner, "u", &node, &BTreeMap::new()),
        phase: Phase::Ready,
        created: None,
        state: State::DbInstance(serde_json::from_value(state.clone()).unwrap()),
    };
    assert!(!is_copy("c", &object(&id)));
    assert!(is_copy("c", &object("restored")));
}

#[test]
fn deleting_wants_nothing_and_retains_where_the_policy_says_so() {
    let mut leaving = database("mysql", "storage: {sizeGiB: 20}, deletionPolicy: Retain");
    let now = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(jiff::Timestamp::UNIX_EPOCH);
    leaving.metadata.deletion_timestamp = Some(now);
    let desired = leaving.desire(&Inputs::default()).unwrap();
    assert!(desired.nodes.is_empty());
    assert_eq!(desired.disposal, DeletionPolicy::Retain);
}
