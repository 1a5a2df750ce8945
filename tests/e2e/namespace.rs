//! A namespace is deleted with all that is in it.

use std::collections::BTreeSet;

use crate::cluster::stack;
use crate::stage::Stage;
use crate::wait::until;

#[tokio::test]
async fn the_deletion_of_a_namespace_completes_and_leaves_nothing_in_aws() {
    let stage = Stage::set("namespace").await;
    let lease = ["--lease-namespace", "default", "--lease-name", "hastack-namespace"];
    let _operator = stage.operator_with(&lease).await;
    let second = stack("shop", "availabilityZones: 1\nnatGateways: None");
    stage
        .apply(&format!(
            "{}---\n{second}",
            stack("web", "availabilityZones: 2\nnatGateways: Single")
        ))
        .await;
    stage.await_ready("web").await;
    stage.await_ready("shop").await;
    stage
        .ground
        .kubectl(&["delete", "namespace", &stage.name, "--wait=false"])
        .await
        .unwrap();
    until("the namespace is gone", async || {
        let arguments = ["get", "namespace", &stage.name, "--ignore-not-found", "--output=yaml"];
        let left = stage.ground.kubectl(&arguments).await?;
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
    assert_eq!(stage.aws.everything().await, BTreeSet::new());
}
