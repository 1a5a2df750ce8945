//! The examples of `deploy/examples` become ready as they stand, and leave nothing but what their policies keep.

use std::collections::BTreeSet;
use std::fs;

use hastack_testbed::repository;
use serde_json::Value;

use crate::aws::{items, text};
use crate::operator::failed;
use crate::stage::Stage;
use crate::wait::until;

#[tokio::test]
async fn each_example_becomes_ready_and_leaves_only_what_its_policies_keep() {
    let folder = repository().join("deploy/examples");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    let examples = files.iter().map(|file| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        // Each test has a namespace of its own.
        let manifest = fs::read_to_string(file).unwrap().replace("  namespace: default\n", "");
        async move { comes_and_goes(&format!("example-{name}"), &manifest).await }
    });
    futures::future::join_all(examples).await;
}

async fn comes_and_goes(stage: &str, manifest: &str) {
    let stage = Stage::set(stage).await;
    let operator = stage.operator().await;
    let file = stage.file(manifest);
    let stated = stated(&stage, &file).await;
    let names: Vec<_> = stated.iter().map(name).collect();
    stage.apply(manifest).await;
    for (object, name) in stated.iter().zip(&names) {
        creates_records(&stage, object, name).await;
    }
    for name in &names {
        stage.await_ready(name).await;
    }
    let before = stage.aws.look().await;
    stage
        .kubectl(&["delete", "--wait=false", "--filename", &file])
        .await
        .unwrap();
    for name in &names {
        stage.await_gone(name).await;
    }
    let (mut left, retained) = (BTreeSet::new(), "hastack.dev/retained-at");
    for found in stage.aws.look().await.all() {
        // The last snapshot of a database is what its policy keeps.
        if !found.tags.contains_key(retained) && !found.kind.ends_with("snapshot") {
            left.insert(found.to_string());
        }
    }
    assert_eq!(left, BTreeSet::new(), "{names:?}: of {before:#?}");
    // Of two services that go at once, AWS keeps the security group that the other's rule names, until that is gone.
    let writes = operator.writes();
    let mut failed = failed(&writes);
    failed.retain(|call| *call != ("DeleteSecurityGroup", Some(400)));
    assert_eq!(failed, [], "{names:?}");
}

/// The objects of a file.
async fn stated(stage: &Stage, file: &str) -> Vec<Value> {
    let stated = stage
        .kubectl(&["apply", "--dry-run=client", "--output=json", "--filename", file])
        .await
        .unwrap();
    let stated: Value = serde_json::from_str(&stated).unwrap();
    if stated["kind"] == "List" {
        items(&stated["items"])
    } else {
        vec![stated]
    }
}

/// Where a domain is served elsewhere, its records are created there.
async fn creates_records(stage: &Stage, object: &Value, name: &str) {
    let tls = &object["spec"]["loadBalancer"]["tls"];
    if !tls["domain"].is_string() || tls["hostedZone"].is_string() {
        return;
    }
    until("the DNS records are listed", async || {
        let status = stage.status(name).await;
        // One for AWS, one to the load balancer, one against others' certificates.
        match items(&status["dnsRecords"]).len() {
            3.. => Ok(()),
            _ => Err(format!("{status:#}")),
        }
    })
    .await;
    stage.create_records(name).await;
}

/// What an object is called here.
fn name(object: &Value) -> String {
    let name = text(&object["metadata"]["name"]);
    match object["kind"].as_str() {
        Some("AutoScaledService") => format!("service/{name}"),
        Some("ManagedDatabase") => format!("database/{name}"),
        _ => name,
    }
}
