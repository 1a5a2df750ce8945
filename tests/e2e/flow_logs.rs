//! The record of a VPC's traffic, and endpoints that keep traffic inside of it.

use std::collections::BTreeSet;

use serde_json::json;

use crate::aws::{items, text};
use crate::cluster::stack;
use crate::operator::failed;
use crate::stage::Stage;

fn network(more: &str) -> String {
    stack(
        "web",
        &format!("availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n{more}"),
    )
}

#[tokio::test]
async fn traffic_is_recorded_in_a_log_group_that_keeps_it_for_as_long_as_told() {
    let stage = Stage::set("flow-logs").await;
    let operator = stage.operator().await;
    stage.build(&network("flowLogs: {retentionDays: 7}")).await;
    let found = stage.aws.look().await;
    let (log, group, role) = (found.the("flow log"), found.the("log group"), found.the("role"));
    let vpc = &stage.status("web").await["network"]["vpcId"];
    assert_eq!(
        (&log.object["ResourceId"], &log.object["TrafficType"]),
        (vpc, &json!("ALL"))
    );
    assert_eq!(log.object["LogGroupName"], group.id);
    assert_eq!(log.object["DeliverLogsPermissionArn"], role.object["Arn"]);
    assert_eq!(group.object["retentionInDays"], 7);

    operator.proxy.clear();
    stage.build(&network("flowLogs: {retentionDays: 14}")).await;
    operator.wrote("another retention", &[("PutRetentionPolicy", 1)]);
    stage
        .build(&network("flowLogs: {retentionDays: 14, traffic: Reject}"))
        .await;
    operator.wrote("other traffic", &[("CreateFlowLogs", 1), ("DeleteFlowLogs", 1)]);
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn traffic_is_recorded_in_a_bucket_without_log_group_and_role() {
    let stage = Stage::set("flow-logs-bucket").await;
    let _operator = stage.operator().await;
    let bucket = json!({"Bucket": "flow-logs-bucket"});
    stage.aws.ask("s3", "create_bucket", bucket).await;
    stage
        .build(&network("flowLogs: {bucketArn: 'arn:aws:s3:::flow-logs-bucket/web'}"))
        .await;
    let found = stage.aws.look().await;
    assert_eq!(
        found.the("flow log").object["LogDestination"],
        "arn:aws:s3:::flow-logs-bucket/web"
    );
    assert_eq!((found.of("log group").len(), found.of("role").len()), (0, 0));
    stage.clear().await;
}

#[tokio::test]
async fn services_are_reached_from_each_private_subnet_under_their_own_names() {
    let stage = Stage::set("interface-endpoints").await;
    let operator = stage.operator().await;
    stage.build(&network("interfaceEndpoints: [ssm, ecr.api]")).await;
    let (found, status) = (stage.aws.look().await, stage.status("web").await);
    let group = found.named("security group", "security-group/endpoints");
    let private = status["network"]["privateSubnetIds"].as_object().unwrap();
    let private: BTreeSet<_> = private.values().map(text).collect();
    for service in ["ssm", "ecr.api"] {
        let endpoint = found.named("VPC endpoint", &format!("vpc-endpoint/interface/{service}"));
        let endpoint = &endpoint.object;
        assert_eq!(endpoint["ServiceName"], format!("com.amazonaws.us-east-1.{service}"));
        assert_eq!(endpoint["VpcEndpointType"], "Interface");
        assert_eq!(endpoint["PrivateDnsEnabled"], true);
        let subnets: BTreeSet<_> = items(&endpoint["SubnetIds"]).iter().map(text).collect();
        assert_eq!(subnets, private, "{service}");
        assert_eq!(endpoint["Groups"][0]["GroupId"], group.id);
    }
    let rules = items(&group.object["IpPermissions"]);
    assert_eq!(rules.len(), 1, "{rules:?}");
    assert_eq!(
        (&rules[0]["FromPort"], &rules[0]["IpRanges"][0]["CidrIp"]),
        (&json!(443), &json!("10.0.0.0/16"))
    );
    operator.proxy.clear();
    stage.build(&network("interfaceEndpoints: [ssm]")).await;
    operator.wrote("one service less", &[("DeleteVpcEndpoints", 1)]);
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}
