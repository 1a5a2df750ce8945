//! A network that exists already is used, and left as it is.

use serde_json::json;

use crate::aws::text;
use crate::cluster::stack_with;
use crate::operator::by_action;
use crate::stage::Stage;

#[tokio::test]
async fn an_existing_network_is_used_and_never_written_to() {
    let stage = Stage::set("existing").await;
    let operator = stage.operator().await;
    let vpc = text(&stage.aws.call("CreateVpc", &[("CidrBlock", "10.9.0.0/16")]).await["vpc"]["vpcId"]);
    let public = subnet(&stage, &vpc, "10.9.0.0/24").await;
    let private = subnet(&stage, &vpc, "10.9.1.0/24").await;
    let ids = format!("vpcId: {vpc}\n    publicSubnetIds: [{public}]\n    privateSubnetIds: [{private}]");
    stage
        .apply(&stack_with("web", &format!("network:\n  existing:\n    {ids}")))
        .await;
    stage.await_ready("web").await;
    let network = stage.status("web").await["network"].clone();
    let zone = "us-east-1a";
    assert_eq!(
        network,
        json!({"vpcId": vpc, "publicSubnetIds": {zone: public}, "privateSubnetIds": {zone: private}})
    );
    operator.sweeps(2).await;
    stage.delete("web").await;
    stage.await_gone("web").await;
    let writes = operator.writes();
    assert!(writes.is_empty(), "{:?}", by_action(&writes));
    let left = stage
        .aws
        .call("DescribeSubnets", &[("SubnetId.1", &public), ("SubnetId.2", &private)])
        .await;
    assert_eq!(left["subnetSet"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_network_that_does_not_exist_stalls_with_its_id() {
    let stage = Stage::set("existing-missing").await;
    let operator = stage.operator().await;
    let id = "vpc-0123456789abcdef0";
    stage
        .apply(&stack_with("web", &format!("network:\n  existing:\n    vpcId: {id}")))
        .await;
    let message = stage
        .await_condition("web", "Stalled", "True", "ReferenceMissing")
        .await;
    assert!(message.contains(id), "{message}");
    let writes = operator.writes();
    assert!(writes.is_empty(), "{:?}", by_action(&writes));
    stage.delete("web").await;
    stage.await_gone("web").await;
}

async fn subnet(stage: &Stage, vpc: &str, cidr: &str) -> String {
    let fields = [("VpcId", vpc), ("CidrBlock", cidr), ("AvailabilityZone", "us-east-1a")];
    text(&stage.aws.call("CreateSubnet", &fields).await["subnet"]["subnetId"])
}
