//! The real control plane, once for all the tests of this file: it takes about a second to start.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helper functions too"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use hastack_testbed::cache::Cache;
use hastack_testbed::kubernetes::{self, ControlPlane};
use hastack_testbed::progress::Lines;
use hastack_testbed::tools;

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_control_plane_serves_its_administrator_and_refuses_strangers() {
    let folder = tempfile::tempdir().unwrap();
    let tools = tools::Kubernetes::prepare(&Cache::from_environment().unwrap(), &Lines)
        .await
        .unwrap();
    let start = Instant::now();
    let plane = ControlPlane::start(&tools, folder.path()).await.unwrap();
    eprintln!("the control plane took {:?}", start.elapsed());

    let namespaces = ask(&tools, plane.kubeconfig(), &["get", "namespaces", "--output", "name"])
        .await
        .unwrap();
    assert!(namespaces.contains("namespace/kube-system"), "{namespaces}");

    let stranger = plane.kubeconfig_for("stranger", None).unwrap();
    let refusal = ask(&tools, &stranger, &["get", "namespaces"]).await.unwrap_err();
    assert!(
        refusal.contains(r#"User "stranger" cannot list resource "namespaces""#),
        "{refusal}"
    );

    let pod = plane
        .kubeconfig_for_service_account("default", "default")
        .await
        .unwrap();
    let me = ask(&tools, &pod, &["auth", "whoami"]).await.unwrap();
    assert!(me.contains("system:serviceaccount:default:default"), "{me}");

    a_namespace_can_be_deleted(&tools, &plane).await;
}

/// Only the controller manager can do this: the API server leaves a deleted namespace for it to empty.
async fn a_namespace_can_be_deleted(tools: &tools::Kubernetes, plane: &ControlPlane) {
    ask(tools, plane.kubeconfig(), &["create", "namespace", "short-lived"])
        .await
        .unwrap();
    ask(
        tools,
        plane.kubeconfig(),
        &["create", "configmap", "content", "-n", "short-lived"],
    )
    .await
    .unwrap();
    let deletion = ["delete", "namespace", "short-lived", "--wait=true"];
    let deleted = tokio::time::timeout(PATIENCE, ask(tools, plane.kubeconfig(), &deletion)).await;
    deleted.expect("the namespace should be gone by now").unwrap();
}

async fn ask(tools: &tools::Kubernetes, kubeconfig: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = kubernetes::kubectl(&tools.kubectl, kubeconfig, arguments)
        .await
        .unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}
