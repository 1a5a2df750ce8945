//! What keeps a stack from being deleted is named, and the deletion goes on when it is gone.

use serde_json::Value;

use crate::aws::text;
use crate::cluster::{ONE_ZONE, TWO_ZONES, service, web};
use crate::operator::{by_action, failed};
use crate::stage::Stage;

/// An instance beside the load balancer.
const SERVICE: &str = "image: {id: ami-0abcdef1234567890}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 1}";

#[tokio::test]
async fn somebodys_network_interface_is_named_and_the_deletion_goes_on_when_it_is_gone() {
    let stage = Stage::set("deletion-interface").await;
    let operator = stage.operator().await;
    stage.build(&web(ONE_ZONE, "")).await;
    let subnet = text(&stage.status("web").await["network"]["privateSubnetIds"]["us-east-1a"]);
    let made = stage.aws.call("CreateNetworkInterface", &[("SubnetId", &subnet)]).await;
    let interface = text(&made["networkInterface"]["networkInterfaceId"]);
    is_blocked_by(&stage, &interface).await;
    stage
        .aws
        .call("DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)])
        .await;
    stage.await_gone("web").await;
    stage.is_empty().await;
    // Nothing of the stack had an interface, so nobody looked for one before AWS said no, once.
    assert_eq!(failed(&operator.writes()), [("DeleteSubnet", Some(400))]);
}

#[tokio::test]
async fn a_security_group_of_somebody_that_refers_to_ours_is_named_and_the_deletion_goes_on_when_it_is_gone() {
    let stage = Stage::set("deletion-group").await;
    let operator = stage.operator().await;
    stage.build(&web(TWO_ZONES, "loadBalancer: {}")).await;
    let status = stage.status("web").await;
    let (vpc, ours) = (&status["network"]["vpcId"], &status["loadBalancer"]["securityGroupId"]);
    let (vpc, ours) = (text(vpc), text(ours));
    let fields = [
        ("VpcId", vpc.as_str()),
        ("GroupName", "theirs"),
        ("GroupDescription", "theirs"),
    ];
    let theirs = text(&stage.aws.call("CreateSecurityGroup", &fields).await["groupId"]);
    let rule = [
        ("GroupId", theirs.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "8080"),
        ("IpPermissions.1.ToPort", "8080"),
        ("IpPermissions.1.Groups.1.GroupId", &ours),
    ];
    stage.aws.call("AuthorizeSecurityGroupIngress", &rule).await;
    is_blocked_by(&stage, &theirs).await;
    stage.aws.call("DeleteSecurityGroup", &[("GroupId", &theirs)]).await;
    stage.await_gone("web").await;
    stage.is_empty().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn a_stack_is_kept_whole_while_a_service_refers_to_it() {
    let stage = Stage::set("deletion-dependents").await;
    let operator = stage.operator().await;
    stage.build(&web(ONE_ZONE, "")).await;
    stage.build_service(&service(SERVICE)).await;
    let before = stage.aws.everything().await;
    operator.proxy.clear();
    stage.delete("web").await;
    let message = stage.await_condition("web", "Ready", "False", "DeletionBlocked").await;
    assert!(message.contains("AutoScaledService/web"), "{message}");
    operator.sweeps(2).await;
    let writes = operator.writes();
    assert!(writes.is_empty(), "{:?}", by_action(&writes));
    assert_eq!(stage.aws.everything().await, before);
    stage.delete("service/web").await;
    stage.await_gone("web").await;
    stage.is_empty().await;
}

/// Deletes the stack, which must stop at this and say so, without a call that fails.
async fn is_blocked_by(stage: &Stage, id: &str) {
    stage.delete("web").await;
    let message = stage.await_condition("web", "Stalled", "True", "DeletionBlocked").await;
    assert!(message.contains(id), "{message}");
    let plan = stage.status("web").await["plan"].clone();
    let said = plan.as_array().into_iter().flatten().filter_map(Value::as_str);
    assert!(said.into_iter().any(|line| line.contains(id)), "{plan:#}");
    stage.await_event("web", "DeletionBlocked", id).await;
}
