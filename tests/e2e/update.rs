//! The spec changes, and the network follows in place.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws::{items, text};
use crate::cluster::stack;
use crate::stage::Stage;

#[tokio::test]
async fn nat_gateways_are_switched_in_place() {
    let stage = Stage::set("update-nat").await;
    let _operator = stage.operator().await;
    let network = |mode: &str| {
        stack(
            "web",
            &format!("availabilityZones: 2\ndatabaseSubnets: false\nnatGateways: {mode}"),
        )
    };
    stage.apply(&network("OnePerZone")).await;
    stage.await_ready("web").await;
    let before = kept(&stage).await;
    let mut zone_a = Vec::new();
    for (mode, gateways) in [("Single", 1), ("None", 0), ("OnePerZone", 2)] {
        stage.apply(&network(mode)).await;
        stage.await_ready("web").await;
        assert_eq!(stage.aws.list("DescribeNatGateways").await.len(), gateways, "{mode}");
        assert_eq!(stage.aws.list("DescribeAddresses").await.len(), gateways, "{mode}");
        assert_eq!(kept(&stage).await, before, "{mode}");
        zone_a.push(default_route(&stage, "route-table/private/us-east-1a").await);
    }
    // A single one, none, one of its own.
    assert!(
        zone_a[0].starts_with("nat-") && zone_a[1].is_empty() && zone_a[2].starts_with("nat-"),
        "{zone_a:?}"
    );
    assert_ne!(zone_a[2], default_route(&stage, "route-table/private/us-east-1b").await);
}

#[tokio::test]
async fn a_zone_is_added_and_removed_and_the_others_stay() {
    let stage = Stage::set("update-zones").await;
    let _operator = stage.operator().await;
    let network = |zones: &str| {
        stack(
            "web",
            &format!("zoneNames: [{zones}]\nnatGateways: Single\ngatewayEndpoints: [S3]"),
        )
    };
    stage.apply(&network("us-east-1b, us-east-1d")).await;
    stage.await_ready("web").await;
    let (vpc, before) = kept(&stage).await;
    stage.apply(&network("us-east-1a, us-east-1b, us-east-1d")).await;
    stage.await_ready("web").await;
    let (same, more) = kept(&stage).await;
    assert_eq!((same, more.len()), (vpc.clone(), 9));
    assert!(more.is_superset(&before), "{before:?} {more:?}");
    assert_eq!(stage.status("web").await["zones"], "us-east-1a,us-east-1b,us-east-1d");
    stage.apply(&network("us-east-1b, us-east-1d")).await;
    stage.await_ready("web").await;
    assert_eq!(kept(&stage).await, (vpc, before));
    assert_eq!(stage.aws.list("DescribeNatGateways").await.len(), 1);
}

#[tokio::test]
async fn tags_of_the_spec_are_put_on_changed_and_taken_off() {
    let stage = Stage::set("update-tags").await;
    let _operator = stage.operator().await;
    let network = |tags: &str| {
        let stack = stack("web", "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false");
        format!("{stack}  tags: {{{tags}}}\n")
    };
    for (tags, team, tier) in [("team: shop, tier: gold", "shop", "gold"), ("team: web", "web", "")] {
        stage.apply(&network(tags)).await;
        stage.await_ready("web").await;
        for action in [
            "DescribeVpcs",
            "DescribeSubnets",
            "DescribeRouteTables",
            "DescribeInternetGateways",
        ] {
            for item in stage.aws.list(action).await {
                let is = (crate::aws::tag(&item, "team"), crate::aws::tag(&item, "tier"));
                assert_eq!(is, (team.to_owned(), tier.to_owned()), "{action}");
            }
        }
    }
}

/// What must stay: the VPC and the subnets.
async fn kept(stage: &Stage) -> (String, BTreeSet<String>) {
    (stage.aws.vpc().await, stage.aws.ids("DescribeSubnets").await)
}

/// The NAT gateway the table's default route leads to; empty if there is none.
async fn default_route(stage: &Stage, table: &str) -> String {
    let table = stage.aws.the("DescribeRouteTables", table).await;
    let routes = items(&table["routeSet"]);
    let route = routes.iter().find(|route| route["destinationCidrBlock"] == "0.0.0.0/0");
    route
        .map(|route: &Value| text(&route["natGatewayId"]))
        .unwrap_or_default()
}
