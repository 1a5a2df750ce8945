//! Databases: what each engine takes to make, to change, to stop, to restore and to delete.

use serde_json::{Value, json};

use crate::aws::{items, text};
use crate::cluster::{DATABASE_ZONES, database, web};
use crate::database_access::give;
use crate::operator::{Operator, failed};
use crate::stage::Stage;
use crate::wait::until;

pub const POSTGRES: &str =
    "engine: postgres\nversion: '16'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\ndatabase: orders";
pub const MYSQL: &str = "engine: mysql\nversion: '8.0'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}";
const MARIADB: &str = "engine: mariadb\nversion: '10.11'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}";
pub const AURORA_MYSQL: &str = "engine: aurora-mysql\nversion: '8.0'\ninstanceClass: db.t4g.medium\ndatabase: orders";
const AURORA_POSTGRES: &str = "engine: aurora-postgresql\nversion: '16'\ninstanceClass: db.t4g.medium";

/// The database orders with these lines, ready; no call counted before it.
pub async fn built(name: &str, lines: &str) -> (Stage, Operator) {
    let stage = Stage::set(name).await;
    let operator = stage.operator().await;
    stage.build(&web(DATABASE_ZONES, "")).await;
    operator.proxy.clear();
    build(&stage, lines).await;
    (stage, operator)
}

/// Applies the database with these lines and waits until it is ready.
pub async fn build(stage: &Stage, lines: &str) {
    stage.apply(&database(lines)).await;
    stage.await_ready("database/orders").await;
}

/// Deletes it and then the stack, and everything but snapshots must be gone.
pub async fn clear(stage: &Stage) -> Vec<String> {
    stage.delete("database/orders").await;
    stage.await_gone("database/orders").await;
    stage.delete("web").await;
    stage.await_gone("web").await;
    let left = stage.aws.look().await;
    let kept = left.all().map(|found| {
        assert!(found.kind.ends_with("snapshot"), "{found} is left");
        found.id.clone()
    });
    kept.collect()
}

/// What AWS shows of an instance or a cluster.
pub async fn shown(stage: &Stage, id: &str) -> Value {
    let (call, field, list) = if id.contains("cluster") {
        ("describe_db_clusters", "DBClusterIdentifier", "DBClusters")
    } else {
        ("describe_db_instances", "DBInstanceIdentifier", "DBInstances")
    };
    let mut parameters = json!({});
    parameters[field] = json!(id);
    stage.aws.ask("rds", call, parameters).await[list][0].clone()
}

/// The identifier of what has the data.
pub async fn id(stage: &Stage) -> String {
    let resources = items(&stage.status("database/orders").await["resources"]);
    let is_it = |resource: &&Value| ["db-cluster", "db-instance/primary"].contains(&resource["id"].as_str().unwrap());
    text(&resources.iter().find(is_it).unwrap()["awsId"])
}

#[tokio::test]
async fn a_database_takes_4_writes_and_4_to_delete() {
    let (stage, operator) = built("database", POSTGRES).await;
    operator.wrote(
        "to create",
        &[
            ("CreateDBInstance", 1),
            ("CreateDBSubnetGroup", 1),
            ("CreateSecurityGroup", 1),
            ("RevokeSecurityGroupEgress", 1),
        ],
    );
    operator.sweeps(3).await;
    operator.wrote("at rest", &[]);
    stage.delete("database/orders").await;
    stage.await_gone("database/orders").await;
    operator.wrote(
        "to delete",
        &[
            ("DeleteDBInstance", 1),
            ("DeleteDBSubnetGroup", 1),
            ("DeleteSecurityGroup", 1),
            ("ModifyDBInstance", 1),
        ],
    );
    assert_eq!(failed(&operator.writes()), []);
    stage
        .await_event(
            "database/orders",
            "DeletedDbInstance",
            "keeping its data in the snapshot",
        )
        .await;
}

#[tokio::test]
async fn a_cluster_takes_a_write_more_a_member() {
    let (stage, operator) = built("database-cluster", AURORA_MYSQL).await;
    operator.wrote(
        "to create",
        &[
            ("CreateDBCluster", 1),
            ("CreateDBInstance", 2),
            ("CreateDBSubnetGroup", 1),
            ("CreateSecurityGroup", 1),
            ("RevokeSecurityGroupEgress", 1),
        ],
    );
    let members = items(&stage.status("database/orders").await["members"]);
    let roles: Vec<_> = members.iter().map(|member| text(&member["role"])).collect();
    assert_eq!(roles.iter().filter(|role| *role == "Writer").count(), 1, "{members:?}");
    assert_ne!(members[0]["zone"], members[1]["zone"], "{members:?}");
    let kept = clear(&stage).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn each_instance_engine_changes_stops_comes_back_and_is_restored() {
    let lives = [("postgres", POSTGRES), ("mysql", MYSQL), ("mariadb", MARIADB)]
        .map(|(name, lines)| async move { an_instance_lives(name, lines).await });
    futures::future::join_all(lives).await;
}

async fn an_instance_lives(name: &str, lines: &str) {
    let (stage, operator) = built(&format!("database-{name}"), lines).await;
    let parameter = if name == "postgres" {
        "log_min_duration_statement: '250'"
    } else {
        "max_connections: '200'"
    };
    let larger = lines.replace("micro", "small").replace("sizeGiB: 20", "sizeGiB: 40");
    let larger = format!(
        "{larger}\napplyChanges: Immediately\nreadReplicas: 1\ncredentials: {{passwordFrom: {{secretKeyRef: {{name: given, key: password}}}}}}\nparameters: {{{parameter}}}\nbackups: {{retentionDays: 14}}"
    );
    give(&stage, "correct-horse").await;
    build(&stage, &larger).await;
    let instance = shown(&stage, &id(&stage).await).await;
    assert_eq!(instance["DBInstanceClass"], "db.t4g.small", "{instance:#}");
    assert_eq!(instance["AllocatedStorage"], 40);
    assert_eq!(instance["BackupRetentionPeriod"], 14);
    assert_eq!(
        instance["ReadReplicaDBInstanceIdentifiers"].as_array().unwrap().len(),
        1
    );
    let group = text(&instance["DBParameterGroups"][0]["DBParameterGroupName"]);
    assert!(group.starts_with("orders-db-parameter-group"), "{group}");
    let without = larger.replace("readReplicas: 1", "readReplicas: 0");
    build(&stage, &without).await;
    copied(&stage, &without).await;
    build(&stage, &format!("{without}\nrunning: false")).await;
    assert_eq!(stage.status("database/orders").await["state"], "stopped");
    build(&stage, &without).await;
    assert_eq!(stage.status("database/orders").await["state"], "available");
    assert_eq!(failed(&operator.writes()), []);
    let kept = restored(&stage, &without).await;
    assert_eq!(kept, 2);
}

/// Makes another database from this one as it is now, and deletes it without a snapshot.
async fn copied(stage: &Stage, lines: &str) {
    let source = id(stage).await;
    let lines = format!(
        "{lines}\nrestore: {{pointInTime: {{source: {source}}}}}\ndeletionPolicy: Delete\ndeletionProtection: false"
    );
    stage
        .apply(&database(&lines).replace("name: orders", "name: copy"))
        .await;
    stage.await_ready("database/copy").await;
    stage.delete("database/copy").await;
    stage.await_gone("database/copy").await;
}

/// Deletes the database, restores it from what it left, deletes it again: how many snapshots there are in the end.
async fn restored(stage: &Stage, lines: &str) -> usize {
    stage.delete("database/orders").await;
    stage.await_gone("database/orders").await;
    let left = stage.aws.look().await;
    let snapshot = left.all().find(|found| found.kind.ends_with("snapshot")).unwrap();
    build(stage, &format!("{lines}\nrestore: {{snapshot: {}}}", snapshot.id)).await;
    let status = stage.status("database/orders").await;
    assert!(
        status["secretArn"].is_string() || lines.contains("passwordFrom"),
        "{status:#}"
    );
    clear(stage).await.len()
}

#[tokio::test]
async fn each_cluster_engine_changes_stops_comes_back_and_is_restored() {
    let lives = [("aurora-mysql", AURORA_MYSQL), ("aurora-postgresql", AURORA_POSTGRES)]
        .map(|(name, lines)| async move { a_cluster_lives(name, lines).await });
    futures::future::join_all(lives).await;
}

async fn a_cluster_lives(name: &str, lines: &str) {
    let (stage, operator) = built(&format!("database-{name}"), lines).await;
    let parameter = if name == "aurora-postgresql" {
        "log_min_duration_statement: '250'"
    } else {
        "max_connections: '200'"
    };
    let larger = lines.replace("medium", "large");
    let larger = format!(
        "{larger}\napplyChanges: Immediately\ninstances: 3\nbackups: {{retentionDays: 14}}\ncredentials: {{passwordFrom: {{secretKeyRef: {{name: given, key: password}}}}}}\nparameters: {{{parameter}}}"
    );
    give(&stage, "correct-horse").await;
    build(&stage, &larger).await;
    let cluster = shown(&stage, &id(&stage).await).await;
    assert_eq!(cluster["DBClusterMembers"].as_array().unwrap().len(), 3, "{cluster:#}");
    assert_eq!(cluster["BackupRetentionPeriod"], 14);
    assert_eq!(cluster["MasterUserSecret"], Value::Null, "the password is given");
    let group = text(&cluster["DBClusterParameterGroup"]);
    assert!(group.starts_with("orders-db-cluster-parameter-group"), "{group}");
    copied(&stage, &larger).await;
    let less = larger.replace("instances: 3", "instances: 1");
    build(&stage, &less).await;
    build(&stage, &format!("{less}\nrunning: false")).await;
    assert_eq!(stage.status("database/orders").await["state"], "stopped");
    build(&stage, &less).await;
    assert_eq!(failed(&operator.writes()), []);
    let kept = restored(&stage, &less).await;
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn a_database_that_somebody_deleted_is_reported_and_made_again_when_that_is_asked_for() {
    let (stage, operator) = built("database-lost", &format!("{MYSQL}\ndeletionProtection: false")).await;
    let id = id(&stage).await;
    let deletion = json!({"DBInstanceIdentifier": id, "SkipFinalSnapshot": true});
    stage.aws.ask("rds", "delete_db_instance", deletion).await;
    let message = stage
        .await_condition("database/orders", "Stalled", "True", "Lost")
        .await;
    assert!(message.contains(&id), "{message}");
    operator.sweeps(3).await;
    assert_eq!(operator.calls("CreateDBInstance").len(), 1);
    build(&stage, &format!("{MYSQL}\ndeletionProtection: false\nrecreate: true")).await;
    assert_eq!(operator.calls("CreateDBInstance").len(), 2);
    clear(&stage).await;
}

/// Takes a snapshot of a cluster, and waits until the status has it.
async fn the_newest_snapshot_shows(stage: &Stage, id: &str) {
    let by_hand = format!("{id}-by-hand");
    let snapshot = json!({"DBClusterIdentifier": id, "DBClusterSnapshotIdentifier": by_hand});
    stage.aws.ask("rds", "create_db_cluster_snapshot", snapshot).await;
    until("the newest snapshot shows", async || {
        let status = stage.status("database/orders").await;
        if status["lastSnapshot"]["id"] == by_hand.as_str() {
            Ok(())
        } else {
            Err(format!("{:#}", status["lastSnapshot"]))
        }
    })
    .await;
}

#[tokio::test]
async fn storage_that_is_full_is_said_and_a_failover_shows() {
    let (stage, _operator) = built("database-trouble", AURORA_MYSQL).await;
    let writer = |status: &Value| {
        let members = items(&status["members"]);
        members
            .iter()
            .find(|member| member["role"] == "Writer")
            .map(|member| text(&member["id"]))
    };
    let before = writer(&stage.status("database/orders").await);
    let id = id(&stage).await;
    stage
        .ground
        .stand_in
        .post(&format!("/mended/rds/{id}/failover"), "")
        .await
        .unwrap();
    until("another member writes", async || {
        let status = stage.status("database/orders").await;
        if writer(&status) == before {
            Err(format!("{status:#}"))
        } else {
            Ok(())
        }
    })
    .await;
    stage
        .await_event("database/orders", "ReportedDbCluster", "failover")
        .await;
    the_newest_snapshot_shows(&stage, &id).await;
    stage.await_ready("database/orders").await;
    let full = json!({"status": "storage-full"}).to_string();
    stage
        .ground
        .stand_in
        .post(&format!("/mended/rds/{id}/status"), &full)
        .await
        .unwrap();
    let message = stage
        .await_condition("database/orders", "Stalled", "True", "Failed")
        .await;
    assert!(message.contains("storage-full"), "{message}");
    let well = json!({"status": "available"}).to_string();
    stage
        .ground
        .stand_in
        .post(&format!("/mended/rds/{id}/status"), &well)
        .await
        .unwrap();
    stage.await_ready("database/orders").await;
    clear(&stage).await;
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_said_and_others_start_the_database() {
    let lines = |connections: u32| format!("{POSTGRES}\nparameters: {{max_connections: '{connections}'}}");
    let (stage, operator) = built("database-parameters", &lines(80_000)).await;
    let path = format!("/mended/rds/{}/status", id(&stage).await);
    let status = json!({"status": "incompatible-parameters"}).to_string();
    stage.ground.stand_in.post(&path, &status).await.unwrap();
    let message = stage
        .await_condition("database/orders", "Stalled", "True", "Failed")
        .await;
    assert!(
        message.contains("it is incompatible-parameters; take the parameter that does not fit out"),
        "{message}"
    );
    operator.proxy.clear();
    build(&stage, &lines(200)).await;
    operator.wrote("to start", &[("ModifyDBParameterGroup", 1), ("RebootDBInstance", 1)]);
    assert_eq!(stage.status("database/orders").await["state"], "available");
    clear(&stage).await;
}
