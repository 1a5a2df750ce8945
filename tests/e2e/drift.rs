//! Somebody changes AWS behind the operator's back.

use std::time::Instant;

use crate::aws::text;
use crate::cluster::stack;
use crate::operator::Operator;
use crate::stage::Stage;
use crate::wait::until;

#[tokio::test]
async fn a_deleted_route_comes_back_within_two_sweeps() {
    let stage = Stage::set("drift-route").await;
    let operator = build(&stage, "natGateways: None").await;
    let table = text(&stage.aws.the("DescribeRouteTables", "route-table/public").await["routeTableId"]);
    let route = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0")];
    stage.aws.call("DeleteRoute", &route).await;
    let changed = Instant::now();
    repaired(&operator, changed, "CreateRoute", "DescribeRouteTables", 2).await;
    stage
        .await_event(
            "web",
            "UpdatedRouteTable",
            "update route-table/public: add route 0.0.0.0/0",
        )
        .await;
    stage.await_ready("web").await;
    let routes = stage.aws.the("DescribeRouteTables", "route-table/public").await["routeSet"].to_string();
    assert!(routes.contains("0.0.0.0/0"), "{routes}");
}

#[tokio::test]
async fn a_rule_added_to_the_default_group_is_revoked_within_two_sweeps() {
    let stage = Stage::set("drift-group").await;
    let operator = build(&stage, "natGateways: None").await;
    let vpc = stage.aws.vpc().await;
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    let look = async || stage.aws.call("DescribeSecurityGroups", &filter).await["securityGroupInfo"][0].clone();
    let rule = [
        ("GroupId", text(&look().await["groupId"])),
        ("IpPermissions.1.IpProtocol", "tcp".into()),
        ("IpPermissions.1.FromPort", "22".into()),
        ("IpPermissions.1.ToPort", "22".into()),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0".into()),
    ];
    let rule: Vec<_> = rule.iter().map(|(field, value)| (*field, value.as_str())).collect();
    operator.proxy.clear();
    stage.aws.call("AuthorizeSecurityGroupIngress", &rule).await;
    let changed = Instant::now();
    repaired(
        &operator,
        changed,
        "RevokeSecurityGroupIngress",
        "DescribeSecurityGroups",
        2,
    )
    .await;
    stage
        .await_event("web", "UpdatedDefaultSecurityGroup", "revoke ingress rules: 1")
        .await;
    stage.await_ready("web").await;
    assert_eq!(look().await["ipPermissions"], "");
}

#[tokio::test]
async fn a_deleted_nat_gateway_is_made_anew_as_soon_as_aws_is_done_with_the_old_one() {
    let stage = Stage::set("drift-nat").await;
    let operator = build(&stage, "natGateways: Single").await;
    let old = text(&stage.aws.list("DescribeNatGateways").await[0]["natGatewayId"]);
    stage.aws.call("DeleteNatGateway", &[("NatGatewayId", &old)]).await;
    let changed = Instant::now();
    // The old one may be seen on its way out once, before it is seen to be gone.
    repaired(&operator, changed, "CreateNatGateway", "DescribeNatGateways", 3).await;
    stage
        .await_event("web", "CreatedNatGateway", "create nat-gateway/us-east-1a")
        .await;
    until("the private route leads to the new one", async || {
        let new = stage.aws.list("DescribeNatGateways").await;
        let routes = stage
            .aws
            .the("DescribeRouteTables", "route-table/private/us-east-1a")
            .await["routeSet"]
            .to_string();
        let leads = new.len() == 1 && routes.contains(&text(&new[0]["natGatewayId"])) && !routes.contains(&old);
        if leads {
            Ok(())
        } else {
            Err(format!("{new:?}\n{routes}"))
        }
    })
    .await;
    stage.await_ready("web").await;
    assert_eq!(stage.aws.list("DescribeAddresses").await.len(), 1, "the address stays");
}

async fn build(stage: &Stage, network: &str) -> Operator {
    let operator = stage.operator().await;
    stage
        .apply(&stack(
            "web",
            &format!("availabilityZones: 1\ndatabaseSubnets: false\n{network}"),
        ))
        .await;
    stage.await_ready("web").await;
    operator.sweeps(1).await;
    operator
}

/// Waits for the write that repairs, and counts the looks until then.
async fn repaired(operator: &Operator, changed: Instant, write: &str, look: &str, sweeps: usize) {
    let repair = until(write, async || {
        let mut writes = operator.calls(write).into_iter();
        writes.find(|call| call.at > changed).ok_or_else(|| operator.log())
    })
    .await;
    let looks = operator.calls(look).into_iter();
    let looks = looks
        .filter(|call| call.at > changed && call.sequence < repair.sequence)
        .count();
    assert!(looks <= sweeps, "{look} {looks} times until {write}");
}
