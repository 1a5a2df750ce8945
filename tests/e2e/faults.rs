//! AWS says no, or does not answer well: it shows in the condition, and heals.

use hastack_testbed::proxy::{Fault, Rule};

use crate::cluster::{condition, stack};
use crate::stage::Stage;
use crate::wait::until;

const SHAPE: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false";
/// What there is of [`SHAPE`] in AWS: VPC, gateway, 2 tables, 2 subnets.
const RESOURCES: usize = 6;

#[tokio::test]
async fn throttling_shows_and_heals() {
    let stage = Stage::set("fault-throttled").await;
    let operator = stage.operator().await;
    let rule = operator
        .proxy
        .inject(Rule::new(Fault::Throttle).on("ec2", "CreateSubnet"));
    stage.apply(&stack("web", SHAPE)).await;
    let message = stage.await_condition("web", "Ready", "False", "Throttled").await;
    assert!(
        message.contains("CreateSubnet") && message.contains("RequestLimitExceeded"),
        "{message}"
    );
    until("it is throttled several times", async || {
        match operator.calls("CreateSubnet").len() {
            calls if calls >= 4 => Ok(()),
            calls => Err(format!("{calls} times")),
        }
    })
    .await;
    assert_eq!(condition(&stage.status("web").await, "Stalled")["status"], "False");
    operator.proxy.remove(rule);
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), RESOURCES);
}

#[tokio::test]
async fn a_missing_permission_stalls_names_the_action_and_heals_when_given() {
    let stage = Stage::set("fault-denied").await;
    let operator = stage.operator().await;
    let rule = operator.proxy.inject(Rule::new(Fault::Deny).on("ec2", "CreateSubnet"));
    stage.apply(&stack("web", SHAPE)).await;
    let message = stage.await_condition("web", "Stalled", "True", "AccessDenied").await;
    assert!(
        message.contains("CreateSubnet") && message.contains("UnauthorizedOperation"),
        "{message}"
    );
    stage
        .await_event("web", "CannotCreateSubnet", "UnauthorizedOperation")
        .await;
    operator.proxy.remove(rule);
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), RESOURCES);
}

#[tokio::test]
async fn a_missing_permission_to_look_stalls_names_the_action_and_heals_when_given() {
    let stage = Stage::set("fault-denied-read").await;
    let operator = stage.operator().await;
    let rule = operator
        .proxy
        .inject(Rule::new(Fault::Deny).on("ec2", "DescribeSubnets"));
    stage.apply(&stack("web", SHAPE)).await;
    let message = stage.await_condition("web", "Stalled", "True", "AccessDenied").await;
    assert!(
        message.contains("DescribeSubnets") && message.contains("UnauthorizedOperation"),
        "{message}"
    );
    operator.proxy.remove(rule);
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), RESOURCES);
}

#[tokio::test]
async fn who_has_no_database_needs_no_permission_for_databases() {
    let stage = Stage::set("fault-no-databases").await;
    let operator = stage.operator().await;
    for service in ["rds", "application-autoscaling"] {
        operator.proxy.inject(Rule::new(Fault::Deny).on_service(service));
    }
    stage.build(&stack("web", SHAPE)).await;
    stage.delete("web").await;
    stage.await_gone("web").await;
    assert_eq!(stage.aws.everything().await.len(), 0);
    assert_eq!(operator.calls("DescribeDBInstances").len(), 0);
}

#[tokio::test]
async fn a_server_error_before_the_write_shows_and_heals() {
    let stage = Stage::set("fault-error-before").await;
    let operator = stage.operator().await;
    let rule = operator
        .proxy
        .inject(Rule::new(Fault::ServerErrorBefore).on("ec2", "CreateVpc"));
    stage.apply(&stack("web", SHAPE)).await;
    let message = stage.await_condition("web", "Ready", "False", "ServerError").await;
    assert!(
        message.contains("CreateVpc") && message.contains("InternalError"),
        "{message}"
    );
    operator.proxy.remove(rule);
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), RESOURCES);
}

#[tokio::test]
async fn a_server_error_after_the_write_shows_and_heals_without_a_second_write() {
    let stage = Stage::set("fault-error-after").await;
    let operator = stage.operator().await;
    let rules =
        ["CreateVpc", "CreateInternetGateway"].map(|action| Rule::new(Fault::ServerErrorAfter).on("ec2", action));
    for rule in rules {
        operator.proxy.inject(rule);
    }
    stage.apply(&stack("web", SHAPE)).await;
    let message = stage.await_condition("web", "Ready", "False", "ServerError").await;
    assert!(message.contains("InternalError"), "{message}");
    // The rules stay: what was made is found, so nothing is made again.
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), RESOURCES);
    assert_eq!(
        (
            operator.calls("CreateVpc").len(),
            operator.calls("CreateInternetGateway").len()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn lost_replies_heal_without_doubles() {
    let stage = Stage::set("fault-lost").await;
    let operator = stage.operator().await;
    for action in [
        "CreateVpc",
        "CreateSubnet",
        "AllocateAddress",
        "CreateRouteTable",
        "CreateNatGateway",
        "CreateRoute",
    ] {
        operator
            .proxy
            .inject(Rule::new(Fault::LoseReply).on("ec2", action).nth(1));
    }
    stage
        .apply(&stack("web", "availabilityZones: 1\ndatabaseSubnets: false"))
        .await;
    stage.await_ready("web").await;
    assert_eq!(stage.aws.everything().await.len(), 8);
}
