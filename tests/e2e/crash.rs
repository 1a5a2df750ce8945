//! The operator is killed at the worst moment: AWS has made something, and nobody was told.

use crate::cluster::{ONE_ZONE, TWO_ZONES, web};
use crate::stage::Stage;

/// A creation whose reply never arrives.
struct Creation {
    action: &'static str,
    /// What it makes, and how many of it there must be in the end.
    kind: &'static str,
    wanted: usize,
    /// The spec that asks for it, and how much there must be in the end in all.
    network: &'static str,
    part: &'static str,
    all: usize,
}

/// VPC, gateway, 2 tables, 2 subnets, address, NAT gateway.
const NETWORK: &str = "network: {cidr: 10.0.0.0/16, availabilityZones: 1, databaseSubnets: false}";
/// What else there is of a network without a NAT gateway in one zone: VPC, gateway, 2 tables, 2 subnets. In two: a table, 2 subnets more.
const IN_ONE_ZONE: usize = 6;
const IN_TWO_ZONES: usize = 9;
/// Group, load balancer, listener.
const BALANCING: usize = 3;
/// The zone that the certificate's records are written to.
const ZONE: &str = "crash.example";

const CREATIONS: [Creation; 11] = [
    of_network("CreateVpc", "VPC", 1),
    of_network("CreateInternetGateway", "internet gateway", 1),
    of_network("CreateRouteTable", "route table", 2),
    of_network("CreateSubnet", "subnet", 2),
    of_network("AllocateAddress", "elastic IP", 1),
    of_network("CreateNatGateway", "NAT gateway", 1),
    Creation {
        action: "CreateLoadBalancer",
        kind: "load balancer",
        wanted: 1,
        network: TWO_ZONES,
        part: "loadBalancer: {}",
        all: IN_TWO_ZONES + BALANCING,
    },
    Creation {
        action: "RequestCertificate",
        kind: "certificate",
        wanted: 1,
        network: TWO_ZONES,
        part: "loadBalancer: {tls: {domain: shop.crash.example, hostedZone: crash.example}}",
        // One more listener, the certificate, three records and what tells whose they are.
        all: IN_TWO_ZONES + BALANCING + 2 + 2 * 3,
    },
    Creation {
        action: "CreateFileSystem",
        kind: "file system",
        wanted: 1,
        network: ONE_ZONE,
        part: "fileSystem: {}",
        // Group, file system, mount target.
        all: IN_ONE_ZONE + 3,
    },
    of_bastion("RunInstances", "instance"),
    of_bastion("CreateRole", "role"),
];

const fn of_network(action: &'static str, kind: &'static str, wanted: usize) -> Creation {
    Creation {
        action,
        kind,
        wanted,
        network: NETWORK,
        part: "",
        all: 8,
    }
}

const fn of_bastion(action: &'static str, kind: &'static str) -> Creation {
    Creation {
        action,
        kind,
        wanted: 1,
        network: ONE_ZONE,
        part: "bastion: {}",
        // Group, role, profile, instance with its interface and volume.
        all: IN_ONE_ZONE + 6,
    }
}

#[tokio::test]
async fn killed_before_the_reply_of_create_vpc_the_operator_makes_one_vpc() {
    is_killed_during(&CREATIONS[0]).await;
}

#[tokio::test]
async fn killed_before_the_reply_of_any_other_creation_the_operator_makes_one_of_each() {
    let others = CREATIONS[1..].iter();
    futures::future::join_all(others.map(is_killed_during)).await;
}

async fn is_killed_during(creation: &Creation) {
    let Creation {
        action,
        kind,
        wanted,
        network,
        part,
        all,
    } = creation;
    let stage = Stage::set(&format!("crash-{}", action.to_lowercase())).await;
    if part.contains(ZONE) {
        stage.aws.hosted_zone(ZONE).await;
    }
    let mut operator = stage.lone_operator().await;
    let hold = operator.hold(action, 1..=1);
    stage.apply(&web(network, part)).await;
    operator.held(&hold).await;
    operator.kill().await;
    operator.restart().await;
    stage.await_ready("web").await;
    let made = stage.aws.look().await;
    assert_eq!(made.of(kind).len(), *wanted, "{action}");
    assert_eq!(made.count(), *all, "{action}: {made:#?}");
}
