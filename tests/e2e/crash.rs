//! The operator is killed at the worst moment: AWS has made something, and nobody was told.

use crate::cluster::stack;
use crate::stage::Stage;

/// The call whose reply never arrives, and the one that lists what it makes. In one zone there is one of each but the subnets.
const CREATIONS: [(&str, &str, usize); 6] = [
    ("CreateVpc", "DescribeVpcs", 1),
    ("CreateInternetGateway", "DescribeInternetGateways", 1),
    ("CreateRouteTable", "DescribeRouteTables", 2),
    ("CreateSubnet", "DescribeSubnets", 2),
    ("AllocateAddress", "DescribeAddresses", 1),
    ("CreateNatGateway", "DescribeNatGateways", 1),
];

#[tokio::test]
async fn killed_before_the_reply_of_create_vpc_the_operator_makes_one_vpc() {
    is_killed_during(CREATIONS[0]).await;
}

#[tokio::test]
async fn killed_before_the_reply_of_any_other_creation_the_operator_makes_one_of_each() {
    futures::future::join_all(CREATIONS[1..].iter().map(|creation| is_killed_during(*creation))).await;
}

async fn is_killed_during((action, listing, wanted): (&str, &str, usize)) {
    let stage = Stage::set(&format!("crash-{}", action.to_lowercase())).await;
    let mut operator = stage.lone_operator().await;
    let hold = operator.hold(action, 1..=1);
    stage
        .apply(&stack("web", "availabilityZones: 1\ndatabaseSubnets: false"))
        .await;
    operator.held(&hold).await;
    operator.kill().await;
    operator.restart().await;
    stage.await_ready("web").await;
    assert_eq!(stage.aws.list(listing).await.len(), wanted, "{action}");
    // All of it, whatever was under way besides: VPC, gateway, 2 tables, 2 subnets, address, NAT gateway.
    assert_eq!(stage.aws.everything().await.len(), 8, "{action}");
}
