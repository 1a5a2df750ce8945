//! Who can reach whom, as AWS's security groups say it: nobody but those who were named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use hastack_testbed::repository;
use serde_json::Value;

use crate::aws::{items, text};
use crate::stage::Stage;

/// What lets somebody in: a range, or the role of whose group it is; and the ports.
type Rules = BTreeSet<(String, i64, i64)>;

#[tokio::test]
async fn workers_are_reached_from_the_head_the_head_from_the_load_balancer_and_the_client_from_its_address() {
    let stage = Stage::set("reach").await;
    let _operator = stage.operator().await;
    let manifest = fs::read_to_string(repository().join("deploy/examples/private-cluster.yaml")).unwrap();
    stage.apply(&manifest).await;
    for name in ["cluster", "service/head", "service/workers"] {
        stage.await_ready(name).await;
    }
    let rules = rules(&stage).await;
    let wanted = [
        ("bastion", vec![("198.51.100.20/32", 22, 22)]),
        ("head", vec![("bastion", 22, 22), ("load-balancer", 8000, 8000)]),
        ("load-balancer", vec![("0.0.0.0/0", 80, 80), ("0.0.0.0/0", 443, 443)]),
        ("workers", vec![("head", 50051, 50060)]),
    ];
    let wanted = wanted.map(|(group, rules)| {
        let rules = rules
            .into_iter()
            .map(|(from, first, last)| (from.to_owned(), first, last));
        (group.to_owned(), rules.collect())
    });
    assert_eq!(rules, BTreeMap::from(wanted));
    // The instances have these groups and no other.
    let found = stage.aws.look().await;
    let groups = |instance: &Value| items(&instance["SecurityGroups"]).len();
    let instances = found.of("instance");
    assert_eq!(instances.len(), 1 + 1 + 4);
    assert!(instances.iter().all(|instance| groups(&instance.object) == 1));
    // Workers and head stand where nobody outside can address them.
    let fleet = instances
        .iter()
        .filter(|instance| instance.tags.contains_key("hastack.dev/fleet"));
    for instance in fleet {
        assert_eq!(instance.object["PublicIpAddress"], Value::Null, "{instance}");
    }
    for name in ["service/head", "service/workers", "cluster"] {
        stage.delete(name).await;
    }
    for name in ["service/head", "service/workers", "cluster"] {
        stage.await_gone(name).await;
    }
    stage.is_empty().await;
}

/// Who is let in to the groups of this cluster, by group.
async fn rules(stage: &Stage) -> BTreeMap<String, Rules> {
    let found = stage.aws.look().await;
    let groups = found.of("security group");
    let names: BTreeMap<_, _> = groups
        .iter()
        .map(|group| (group.id.as_str(), name(&group.tags)))
        .collect();
    groups
        .iter()
        .map(|group| {
            let rules = items(&group.object["IpPermissions"]);
            let rules = rules.iter().flat_map(|rule| {
                let ranges = items(&rule["IpRanges"])
                    .into_iter()
                    .map(|range| range["CidrIp"].clone());
                let pairs = items(&rule["UserIdGroupPairs"])
                    .into_iter()
                    .map(|pair| pair["GroupId"].clone());
                let ports = (rule["FromPort"].as_i64().unwrap(), rule["ToPort"].as_i64().unwrap());
                let parties = ranges.chain(pairs).map(|party| text(&party));
                let parties = parties.map(|party| names.get(party.as_str()).cloned().unwrap_or(party));
                parties.map(move |party| (party, ports.0, ports.1)).collect::<Vec<_>>()
            });
            (name(&group.tags), rules.collect())
        })
        .collect()
}

/// `head` for the group of the service head, `bastion` for that of the stack's bastion.
fn name(tags: &BTreeMap<String, String>) -> String {
    let owner = &tags["hastack.dev/owner"];
    let part = tags["hastack.dev/id"].rsplit('/').next().unwrap_or_default();
    match (owner.starts_with("AutoScaledService/"), part) {
        (true, "service") => owner.rsplit('/').next().unwrap_or_default().to_owned(),
        (true | false, part) => part.to_owned(),
    }
}
