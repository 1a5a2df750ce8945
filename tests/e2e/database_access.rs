//! Databases: what programs are given to connect, and that nobody else is told the password.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use serde_json::{Value, json};

use crate::aws::text;
use crate::cluster::{DATABASE_ZONES, database, notes, web};
use crate::stage::Stage;
use crate::wait::until;

const MYSQL: &str = "engine: mysql\nversion: '8.0'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\ndatabase: orders\nconnectionSecret: {name: orders-db}";

/// The entries of the connection Secret, once there is one.
pub async fn secret(stage: &Stage, name: &str) -> Option<BTreeMap<String, String>> {
    let text = stage
        .kubectl(&["get", "secret", name, "--ignore-not-found", "--output=json"])
        .await
        .unwrap();
    let secret: Value = serde_json::from_str(&text).ok()?;
    let data: BTreeMap<String, ByteString> = serde_json::from_value(secret["data"].clone()).unwrap();
    let entries = data
        .into_iter()
        .map(|(key, value)| (key, String::from_utf8(value.0).unwrap()));
    Some(entries.collect())
}

/// The content of the secret that RDS keeps.
async fn managed(stage: &Stage) -> Value {
    let arn = text(&stage.status("database/orders").await["secretArn"]);
    let answer = stage
        .aws
        .ask("secretsmanager", "get_secret_value", json!({"SecretId": arn}))
        .await;
    serde_json::from_str(&text(&answer["SecretString"])).unwrap()
}

#[tokio::test]
async fn the_connection_secret_is_complete_follows_a_rotation_and_goes_with_the_database() {
    let stage = Stage::set("binding").await;
    let operator = stage.operator().await;
    stage.build(&web(DATABASE_ZONES, "")).await;
    stage.apply(&database(MYSQL)).await;
    stage.await_ready("database/orders").await;
    let status = stage.status("database/orders").await;
    let entries = secret(&stage, "orders-db").await.unwrap();
    let keys: Vec<_> = entries.keys().map(String::as_str).collect();
    let wanted = [
        "database",
        "host",
        "password",
        "port",
        "provider",
        "secretArn",
        "type",
        "uri",
        "username",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(entries["host"], text(&status["endpoint"]));
    assert_eq!(status["binding"]["name"], "orders-db");
    let first = text(&managed(&stage).await["password"]);
    assert_eq!(entries["password"], first);
    let rotation = json!({"SecretId": status["secretArn"], "RotateImmediately": true});
    stage.aws.ask("secretsmanager", "rotate_secret", rotation).await;
    let second = text(&managed(&stage).await["password"]);
    assert_ne!(first, second);
    until("the connection Secret follows", async || {
        let entries = secret(&stage, "orders-db").await.unwrap();
        if entries["password"] == second {
            Ok(())
        } else {
            Err("it is as before".to_owned())
        }
    })
    .await;
    is_told_nowhere(&stage, &operator.log(), &[&first, &second]).await;
    let reads = operator.calls("GetSecretValue").len();
    operator.sweeps(5).await;
    assert_eq!(operator.calls("GetSecretValue").len(), reads);
    stage.delete("database/orders").await;
    stage.await_gone("database/orders").await;
    until("the connection Secret is gone", async || {
        match secret(&stage, "orders-db").await {
            Some(_) => Err("it is there".to_owned()),
            None => Ok(()),
        }
    })
    .await;
}

#[tokio::test]
async fn a_given_password_is_set_when_it_changes_and_told_nowhere() {
    let stage = Stage::set("password").await;
    let operator = stage.operator().await;
    stage.build(&web(DATABASE_ZONES, "")).await;
    give(&stage, "canary-number-one").await;
    let lines = format!("{MYSQL}\ncredentials: {{passwordFrom: {{secretKeyRef: {{name: given, key: password}}}}}}");
    stage.apply(&database(&lines)).await;
    stage.await_ready("database/orders").await;
    assert_eq!(
        secret(&stage, "orders-db").await.unwrap()["password"],
        "canary-number-one"
    );
    operator.proxy.clear();
    give(&stage, "canary-number-two").await;
    // A change of the spec brings forward what would be seen within a minute.
    stage
        .apply(&database(&format!("{lines}\nbackups: {{retentionDays: 8}}")))
        .await;
    until("the other password is set", async || {
        let entries = secret(&stage, "orders-db").await.unwrap();
        if entries["password"] == "canary-number-two" {
            Ok(())
        } else {
            Err("it is as before".to_owned())
        }
    })
    .await;
    assert!(!operator.calls("ModifyDBInstance").is_empty());
    stage.await_ready("database/orders").await;
    is_told_nowhere(&stage, &operator.log(), &["canary-number"]).await;
    operator.proxy.clear();
    operator.sweeps(3).await;
    operator.wrote("at rest", &[]);
}

#[tokio::test]
async fn a_secret_of_somebody_else_is_left_alone() {
    let stage = Stage::set("binding-taken").await;
    let _operator = stage.operator().await;
    stage.build(&web(DATABASE_ZONES, "")).await;
    stage
        .kubectl(&["create", "secret", "generic", "orders-db", "--from-literal=mine=yes"])
        .await
        .unwrap();
    stage.apply(&database(MYSQL)).await;
    let message = stage
        .await_condition("database/orders", "Ready", "False", "Waiting")
        .await;
    until("it is said", async || {
        let message = stage.find("database/orders").await.unwrap().to_string();
        if message.contains("belongs to somebody else") {
            Ok(())
        } else {
            Err(message)
        }
    })
    .await;
    assert!(!message.is_empty());
    assert_eq!(secret(&stage, "orders-db").await.unwrap().len(), 1);
}

pub(crate) async fn give(stage: &Stage, password: &str) {
    let secret =
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: given\nstringData:\n  password: {password}\n");
    stage.apply(&secret).await;
}

/// What is secret is in no log, status, event, plan or metric.
async fn is_told_nowhere(stage: &Stage, log: &str, secrets: &[&str]) {
    let object = stage.find("database/orders").await.unwrap().to_string();
    let events = notes(&stage.events("database/orders").await);
    let tags = format!(
        "{:?}",
        stage
            .aws
            .look()
            .await
            .all()
            .map(|found| &found.tags)
            .collect::<Vec<_>>()
    );
    for secret in secrets {
        for (what, text) in [("log", log), ("object", &object), ("events", &events), ("tags", &tags)] {
            assert!(!text.contains(secret), "the {what} tells it");
        }
    }
    assert!(log.contains("ManagedDatabase"), "the log is empty");
}
