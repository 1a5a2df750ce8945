//! The operator with no more rights than `deploy/` grants it.

use std::collections::BTreeSet;

use hastack_testbed::repository;

use crate::cluster::{database, stack};
use crate::stage::Stage;

/// What is deleted without a snapshot, so that nothing is left.
const DATABASE: &str = "engine: mysql\nversion: '8.0'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nconnectionSecret: {name: orders-db}\ndeletionPolicy: Delete";

#[tokio::test]
async fn what_deploy_grants_is_enough_to_create_and_delete() {
    let stage = Stage::set("permission").await;
    let deploy = repository().join("deploy");
    stage
        .ground
        .kubectl(&["apply", "--kustomize", &deploy.to_string_lossy()])
        .await
        .unwrap();
    let plane = &stage.ground.control_plane;
    let kubeconfig = plane
        .kubeconfig_for_service_account("hastack-system", "hastack")
        .await
        .unwrap();
    let operator = stage
        .operator_as(&kubeconfig, &["--lease-namespace", "hastack-system"])
        .await;
    stage
        .apply(&stack("web", "availabilityZones: 2\nnatGateways: None"))
        .await;
    stage.await_ready("web").await;
    stage.await_event("web", "CreatedVpc", "create vpc").await;
    stage.apply(&database(DATABASE)).await;
    stage.await_ready("database/orders").await;
    stage.delete("database/orders").await;
    stage.await_gone("database/orders").await;
    stage.delete("web").await;
    stage.await_gone("web").await;
    stage.await_event("web", "DeletedVpc", "delete vpc").await;
    assert_eq!(stage.aws.everything().await, BTreeSet::new());
    let forbidden: Vec<_> = operator
        .log()
        .lines()
        .filter(|line| line.contains("orbidden"))
        .map(String::from)
        .collect();
    assert_eq!(forbidden, Vec::<String>::new());
}
