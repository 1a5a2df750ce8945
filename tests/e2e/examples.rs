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
    assert!(files.len() >= 4, "{files:?}");
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
    let stated = stage
        .kubectl(&["apply", "--dry-run=client", "--output=json", "--filename", &file])
        .await
        .unwrap();
    let stack: Value = serde_json::from_str(&stated).unwrap();
    let name = text(&stack["metadata"]["name"]);
    stage.apply(manifest).await;
    let tls = &stack["spec"]["loadBalancer"]["tls"];
    if tls["domain"].is_string() && !tls["hostedZone"].is_string() {
        until("the DNS records are listed", async || {
            let status = stage.status(&name).await;
            // One for AWS, one to the load balancer, one against others' certificates.
            match items(&status["dnsRecords"]).len() {
                3.. => Ok(()),
                _ => Err(format!("{status:#}")),
            }
        })
        .await;
        stage.create_records(&name).await;
    }
    stage.await_ready(&name).await;
    let before = stage.aws.look().await;
    stage.delete(&name).await;
    stage.await_gone(&name).await;
    let (mut left, retained) = (BTreeSet::new(), "hastack.dev/retained-at");
    for found in stage.aws.look().await.all() {
        if !found.tags.contains_key(retained) {
            left.insert(found.to_string());
        }
    }
    assert_eq!(left, BTreeSet::new(), "{name}: of {before:#?}");
    assert_eq!(failed(&operator.writes()), [], "{name}");
}
