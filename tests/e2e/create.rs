//! What a network takes to make, to keep and to delete: a promise, action by action.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_testbed::proxy::Call;

use crate::cluster::stack_with;
use crate::operator::{by_action, failed};
use crate::stage::Stage;
use crate::wait::until;

/// Three zones without databases: the fewest possible are 30; 3 for public addresses and 2 to empty the default group come on top.
const CREATE: [(&str, usize); 13] = [
    ("AllocateAddress", 3),
    ("AssociateRouteTable", 6),
    ("AttachInternetGateway", 1),
    ("CreateInternetGateway", 1),
    ("CreateNatGateway", 3),
    ("CreateRoute", 4),
    ("CreateRouteTable", 4),
    ("CreateSubnet", 6),
    ("CreateVpc", 1),
    ("ModifySubnetAttribute", 3),
    ("ModifyVpcAttribute", 1),
    ("RevokeSecurityGroupEgress", 1),
    ("RevokeSecurityGroupIngress", 1),
];
const DELETE: [(&str, usize); 7] = [
    ("DeleteInternetGateway", 1),
    ("DeleteNatGateway", 3),
    ("DeleteRouteTable", 4),
    ("DeleteSubnet", 6),
    ("DeleteVpc", 1),
    ("DetachInternetGateway", 1),
    ("ReleaseAddress", 3),
];
/// What databases add: a subnet and an association a zone, one table.
const CREATE_DATABASES: [(&str, usize); 3] = [("AssociateRouteTable", 3), ("CreateRouteTable", 1), ("CreateSubnet", 3)];
const DELETE_DATABASES: [(&str, usize); 2] = [("DeleteRouteTable", 1), ("DeleteSubnet", 3)];

const NETWORK: &str = "network: {cidr: 10.0.0.0/16, databaseSubnets: false}";
const BASTION: &str = "bastion: {allowedCidrs: [203.0.113.7/32], elasticIp: true, sshPublicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUCkjUIsVqHfMCKtJLvQB2cmF1fIijvsB7aZ7XqnX5l}";

/// What a look at everything may be narrowed by: never by the id of one resource.
const FILTERS: [&str; 3] = ["tag:hastack.dev/cluster", "group-name", "zone-type"];
/// The call that looks at two kinds: the groups that are ours and the default ones.
const SHARED: &str = "DescribeSecurityGroups";
/// How often a kind is looked at while something of it is pending.
const POLL: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_network_in_three_zones_takes_35_writes_and_19_to_delete() {
    keeps_its_promise("create", NETWORK, &CREATE, &DELETE).await;
}

#[tokio::test]
async fn a_network_with_databases_takes_42_writes_and_23_to_delete() {
    let create = [&CREATE[..], &CREATE_DATABASES].concat();
    let delete = [&DELETE[..], &DELETE_DATABASES].concat();
    let network = "network: {cidr: 10.0.0.0/16}";
    keeps_its_promise("create-databases", network, &create, &delete).await;
}

#[tokio::test]
async fn a_load_balancer_takes_5_writes_more_and_2_to_delete() {
    // It takes its listener along.
    let create = [
        ("AuthorizeSecurityGroupIngress", 1),
        ("CreateListener", 1),
        ("CreateLoadBalancer", 1),
        ("CreateSecurityGroup", 1),
        ("ModifyLoadBalancerAttributes", 1),
    ];
    let delete = [("DeleteLoadBalancer", 1), ("DeleteSecurityGroup", 1)];
    adds("create-load-balancer", "loadBalancer: {}", &create, &delete).await;
}

#[tokio::test]
async fn a_file_system_in_three_zones_takes_5_writes_more_and_5_to_delete() {
    let create = [
        ("CreateFileSystem", 1),
        ("CreateMountTarget", 3),
        ("CreateSecurityGroup", 1),
    ];
    let delete = [
        ("DeleteFileSystem", 1),
        ("DeleteMountTarget", 3),
        ("DeleteSecurityGroup", 1),
    ];
    let part = "fileSystem: {deletionPolicy: Delete}";
    adds("create-file-system", part, &create, &delete).await;
}

#[tokio::test]
async fn a_bastion_takes_10_writes_more_and_8_to_delete() {
    let create = [
        ("AddRoleToInstanceProfile", 1),
        ("AllocateAddress", 1),
        ("AssociateAddress", 1),
        ("AttachRolePolicy", 1),
        ("AuthorizeSecurityGroupIngress", 1),
        ("CreateInstanceProfile", 1),
        ("CreateRole", 1),
        ("CreateSecurityGroup", 1),
        ("ImportKeyPair", 1),
        ("RunInstances", 1),
    ];
    let delete = [
        ("DeleteInstanceProfile", 1),
        ("DeleteKeyPair", 1),
        ("DeleteRole", 1),
        ("DeleteSecurityGroup", 1),
        ("DetachRolePolicy", 1),
        ("ReleaseAddress", 1),
        ("RemoveRoleFromInstanceProfile", 1),
        ("TerminateInstances", 1),
    ];
    adds("create-bastion", BASTION, &create, &delete).await;
}

#[tokio::test]
async fn flow_logs_take_5_writes_more_and_4_to_delete() {
    let create = [
        ("CreateFlowLogs", 1),
        ("CreateLogGroup", 1),
        ("CreateRole", 1),
        ("PutRetentionPolicy", 1),
        ("PutRolePolicy", 1),
    ];
    let delete = [
        ("DeleteFlowLogs", 1),
        ("DeleteLogGroup", 1),
        ("DeleteRole", 1),
        ("DeleteRolePolicy", 1),
    ];
    let network = "network: {cidr: 10.0.0.0/16, databaseSubnets: false, flowLogs: {}}";
    let (create, delete) = ([&CREATE[..], &create].concat(), [&DELETE[..], &delete].concat());
    keeps_its_promise("create-flow-logs", network, &create, &delete).await;
}

/// What a part takes beside the network.
async fn adds(name: &str, part: &str, create: &[(&str, usize)], delete: &[(&str, usize)]) {
    let (create, delete) = ([&CREATE[..], create].concat(), [&DELETE[..], delete].concat());
    keeps_its_promise(name, &format!("{NETWORK}\n{part}"), &create, &delete).await;
}

async fn keeps_its_promise(name: &str, spec: &str, create: &[(&str, usize)], delete: &[(&str, usize)]) {
    let stage = Stage::set(name).await;
    let operator = stage.operator().await;
    stage.build(&stack_with("web", spec)).await;
    let (writes, reads) = (operator.writes(), operator.reads());
    assert_eq!(by_action(&writes), sum(create), "to create");
    assert_eq!(failed(&writes), [], "to create");
    reads_are_few(&reads);

    // One event for each write, and then no more.
    until("an event for each write", async || {
        match stage.events("web").await.len() {
            events if events == writes.len() => Ok(()),
            events => Err(format!("{events} events for {} writes", writes.len())),
        }
    })
    .await;
    let before = (stage.find("web").await, stage.events("web").await);
    operator.proxy.clear();
    operator.sweeps(3).await;
    assert_eq!(by_action(&operator.writes()), BTreeMap::new(), "at rest");
    assert!(
        before == (stage.find("web").await, stage.events("web").await),
        "something was written to Kubernetes at rest"
    );

    let vpc = stage.aws.vpc().await;
    operator.proxy.clear();
    stage.clear().await;
    let writes = operator.writes();
    assert_eq!(by_action(&writes), sum(delete), "to delete");
    assert_eq!(failed(&writes), [], "to delete");
    assert_eq!(stage.aws.inside(&vpc).await, Vec::<serde_json::Value>::new());
}

fn sum<'a>(counts: &[(&'a str, usize)]) -> BTreeMap<&'a str, usize> {
    counts.iter().fold(BTreeMap::new(), |mut sum, (action, count)| {
        *sum.entry(*action).or_default() += count;
        sum
    })
}

/// While it is made, AWS is looked at as a whole now and then, never resource by resource.
fn reads_are_few(reads: &[Call]) {
    let counts = by_action(reads);
    assert_eq!(counts.get("DescribeVpcAttribute"), None);
    let (Some(first), Some(last)) = (reads.first(), reads.last()) else {
        panic!("nothing was read")
    };
    // Each two seconds, and once at each end.
    let looks = last.at.duration_since(first.at).div_duration_f64(POLL) + 2.0;
    for (action, count) in counts {
        let count = u32::try_from(count).unwrap();
        let looks = if action == SHARED { 2.0 * looks } else { looks };
        assert!(
            f64::from(count) <= looks,
            "{action} {count} times, in time for {looks:.1} looks"
        );
    }
    for call in reads.iter().filter(|call| call.request.action.starts_with("Describe")) {
        let parameters = &call.request.parameters;
        let by_id = parameters.keys().find(|key| key.contains("Id."));
        assert_eq!(by_id, None, "{parameters:?}");
        let filters = parameters
            .iter()
            .filter(|(key, _)| key.starts_with("Filter.") && key.ends_with(".Name"));
        for (_, filter) in filters {
            assert!(FILTERS.contains(&filter.as_str()), "{parameters:?}");
        }
    }
}
