//! What a network takes to make, to keep and to delete: a promise, action by action.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hastack_testbed::proxy::Call;

use crate::cluster::stack;
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

/// What a look at everything may be narrowed by: never by the id of one resource.
const FILTERS: [&str; 3] = ["tag:hastack.dev/cluster", "group-name", "zone-type"];
/// How often a kind is looked at while something of it is pending.
const POLL: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_network_in_three_zones_takes_35_writes_and_19_to_delete() {
    keeps_its_promise("create", "databaseSubnets: false", &CREATE, &DELETE).await;
}

#[tokio::test]
async fn a_network_with_databases_takes_42_writes_and_23_to_delete() {
    let create = [&CREATE[..], &CREATE_DATABASES].concat();
    let delete = [&DELETE[..], &DELETE_DATABASES].concat();
    keeps_its_promise("create-databases", "databaseSubnets: true", &create, &delete).await;
}

async fn keeps_its_promise(name: &str, network: &str, create: &[(&str, usize)], delete: &[(&str, usize)]) {
    let stage = Stage::set(name).await;
    let operator = stage.operator().await;
    stage.apply(&stack("web", network)).await;
    stage.await_ready("web").await;
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
    stage.delete("web").await;
    stage.await_gone("web").await;
    let writes = operator.writes();
    assert_eq!(by_action(&writes), sum(delete), "to delete");
    assert_eq!(failed(&writes), [], "to delete");
    assert_eq!(stage.aws.everything().await, BTreeSet::new());
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
