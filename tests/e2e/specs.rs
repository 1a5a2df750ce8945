//! Specs that cannot be met: refused at once where the API server can tell, else stalled, without a write to AWS.

use std::collections::BTreeSet;

use crate::cluster::{stack, stack_with};
use crate::operator::by_action;
use crate::stage::Stage;

/// A spec, and what the API server says against it.
const REFUSED: [(&str, &str, &str); 17] = [
    (
        "both ways to name zones",
        "network: {cidr: 10.0.0.0/16, availabilityZones: 2, zoneNames: [us-east-1a]}",
        "spec.network: Invalid value: network: give either availabilityZones (how many) or zoneNames (which), not both",
    ),
    (
        "a malformed range",
        "network: {cidr: 10.0.0.0-16}",
        "spec.network.cidr: Invalid value: network.cidr must be an IPv4 range such as 10.0.0.0/16",
    ),
    (
        "an IPv6 range",
        "network: {cidr: '2001:db8::/32'}",
        "spec.network.cidr: Invalid value: network.cidr must be an IPv4 range with no host bits set, such as 10.0.0.0/16",
    ),
    (
        "host bits",
        "network: {cidr: 10.0.0.1/16}",
        "spec.network.cidr: Invalid value: network.cidr must be an IPv4 range with no host bits set, such as 10.0.0.0/16",
    ),
    (
        "a range AWS has no VPC for",
        "network: {cidr: 10.0.0.0/29}",
        "spec.network.cidr: Invalid value: network.cidr must be between /16 and /28: AWS allows no other VPC",
    ),
    (
        "neither a range nor a network",
        "network: {natGateways: None}",
        "spec.network: Invalid value: network: give either cidr (to create a VPC) or existing (to use one)",
    ),
    (
        "a range and a network",
        "network: {cidr: 10.0.0.0/16, existing: {vpcId: vpc-0123456789abcdef0}}",
        "spec.network: Invalid value: network: give either cidr (to create a VPC) or existing (to use one)",
    ),
    (
        "zones of an existing network",
        "network: {existing: {vpcId: vpc-0123456789abcdef0}, availabilityZones: 2}",
        "spec.network: Invalid value: network: with existing, the zones, subnets, endpoints and flow logs are those of the existing VPC",
    ),
    (
        "a tag of AWS's",
        "network: {cidr: 10.0.0.0/16}\ntags: {'aws:team': shop}",
        "spec.tags: Invalid value: tags: a key has 1 to 128 characters, is not Name and does not start with aws: or hastack.dev/",
    ),
    (
        "a tag of ours",
        "network: {cidr: 10.0.0.0/16}\ntags: {hastack.dev/owner: me}",
        "spec.tags: Invalid value: tags: a key has 1 to 128 characters",
    ),
    (
        "too many zones",
        "network: {cidr: 10.0.0.0/16, availabilityZones: 7}",
        "spec.network.availabilityZones: Invalid value: 7",
    ),
    (
        "an unknown NAT mode",
        "network: {cidr: 10.0.0.0/16, natGateways: Two}",
        "spec.network.natGateways: Unsupported value: \"Two\": supported values: \"None\", \"Single\", \"OnePerZone\"",
    ),
    (
        "provisioned throughput without a number",
        "network: {cidr: 10.0.0.0/16}\nfileSystem: {throughput: Provisioned}",
        "spec.fileSystem: Invalid value: fileSystem: provisionedMibps is needed with throughput Provisioned and goes with no other",
    ),
    (
        "a number with elastic throughput",
        "network: {cidr: 10.0.0.0/16}\nfileSystem: {provisionedMibps: 64}",
        "spec.fileSystem: Invalid value: fileSystem: provisionedMibps is needed with throughput Provisioned and goes with no other",
    ),
    (
        "MaxIO with elastic throughput",
        "network: {cidr: 10.0.0.0/16}\nfileSystem: {performance: MaxIO}",
        "spec.fileSystem: Invalid value: fileSystem: performance MaxIO does not go with throughput Elastic",
    ),
    (
        "an archive with bursting throughput",
        "network: {cidr: 10.0.0.0/16}\nfileSystem: {throughput: Bursting, lifecycle: {toArchive: After90Days}}",
        "spec.fileSystem: Invalid value: fileSystem: lifecycle.toArchive needs throughput Elastic",
    ),
    (
        "an archive before infrequent access",
        "network: {cidr: 10.0.0.0/16}\nfileSystem: {lifecycle: {toInfrequentAccess: After90Days, toArchive: After30Days}}",
        "spec.fileSystem.lifecycle: Invalid value: fileSystem.lifecycle: toArchive must be later than toInfrequentAccess",
    ),
];

/// A change of a good spec, and what the API server says against it.
const UNCHANGEABLE: [(&str, &str); 5] = [
    (
        "region: eu-central-1\n  network: {cidr: 10.0.0.0/16}",
        "spec.region: Invalid value: region cannot be changed: a stack stays in its region",
    ),
    (
        "region: us-east-1\n  network: {cidr: 10.1.0.0/16}",
        "spec.network: Invalid value: network.cidr cannot be changed: the address range of a VPC is fixed",
    ),
    (
        "region: us-east-1\n  network: {existing: {vpcId: vpc-0123456789abcdef0}}",
        "spec.network: Invalid value: network.existing cannot be added or removed",
    ),
    (
        "region: us-east-1\n  network: {cidr: 10.0.0.0/16}\n  fileSystem: {throughput: Bursting, performance: MaxIO}",
        "spec.fileSystem.performance: Invalid value: fileSystem.performance cannot be changed: AWS fixes it at creation",
    ),
    (
        "region: us-east-1\n  network: {cidr: 10.0.0.0/16}\n  fileSystem: {kmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab}",
        "spec.fileSystem: Invalid value: fileSystem.kmsKeyId cannot be changed: the files are encrypted with it",
    ),
];

/// A spec, the reason it stalls for, and what the message must name.
const STALLED: [(&str, &str, &str, &str); 7] = [
    (
        "unknown-zone",
        "network: {cidr: 10.0.0.0/16, zoneNames: [us-east-1a, us-east-1g]}",
        "InvalidSpec",
        "network.zoneNames[1]",
    ),
    (
        "overlapping",
        "network: {cidr: 10.0.0.0/16, databaseSubnets: false, availabilityZones: 1, subnets: [{zone: us-east-1a, public: 10.0.0.0/23, private: 10.0.1.0/24}]}",
        "InvalidSpec",
        "network.subnets[0].private",
    ),
    (
        "outside",
        "network: {cidr: 10.0.0.0/16, databaseSubnets: false, availabilityZones: 1, subnets: [{zone: us-east-1a, public: 10.1.0.0/24, private: 10.0.1.0/24}]}",
        "InvalidSpec",
        "network.subnets[0].public",
    ),
    (
        "too-small",
        "network: {cidr: 10.0.0.0/24}",
        "InvalidSpec",
        "network.cidr",
    ),
    (
        "load-balancer",
        "network: {cidr: 10.0.0.0/16, availabilityZones: 1}\nloadBalancer: {}",
        "InvalidSpec",
        "network.availabilityZones",
    ),
    (
        "repositories",
        "network: {cidr: 10.0.0.0/16}\nrepositories: [web]",
        "NotSupported",
        "spec.repositories",
    ),
    (
        "buckets",
        "network: {cidr: 10.0.0.0/16}\nbuckets: [{name: logs}]",
        "NotSupported",
        "spec.buckets",
    ),
];

#[tokio::test]
async fn what_the_api_server_can_tell_is_refused_with_the_field() {
    let stage = Stage::set("spec-refused").await;
    for (what, spec, wanted) in REFUSED {
        let refusal = stage.try_apply(&stack_with("web", spec)).await.expect_err(what);
        assert!(says(&refusal, wanted), "{what}: {refusal}");
    }
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_with_the_field() {
    let stage = Stage::set("spec-changed").await;
    let good = stack_with("web", "network: {cidr: 10.0.0.0/16, natGateways: None}\nfileSystem: {}");
    stage.apply(&good).await;
    let (head, _) = good.split_once("region").unwrap();
    for (spec, wanted) in UNCHANGEABLE {
        let refusal = stage.try_apply(&format!("{head}{spec}\n")).await.expect_err(spec);
        assert!(says(&refusal, wanted), "{spec}: {refusal}");
    }
}

#[tokio::test]
async fn what_only_the_operator_can_tell_stalls_with_the_field_and_without_a_write() {
    let stage = Stage::set("spec-stalled").await;
    let operator = stage.operator().await;
    for (name, spec, _, _) in STALLED {
        stage.apply(&stack_with(name, spec)).await;
    }
    for (name, _, reason, field) in STALLED {
        let message = stage.await_condition(name, "Stalled", "True", reason).await;
        assert!(message.contains(field), "{name}: {message}");
        stage.await_event(name, reason, field).await;
    }
    let writes = operator.writes();
    assert!(writes.is_empty(), "{:?}", by_action(&writes));

    // It heals by itself once the spec is good.
    stage
        .apply(&stack("too-small", "natGateways: None").replace("10.0.0.0/16", "10.0.0.0/24"))
        .await;
    let subnets = "subnets: [{zone: us-east-1a, public: 10.0.0.0/26, private: 10.0.0.64/26, database: 10.0.0.128/26}]";
    let network = format!("network: {{cidr: 10.0.0.0/24, natGateways: None, availabilityZones: 1, {subnets}}}");
    stage.apply(&stack_with("too-small", &network)).await;
    stage.await_ready("too-small").await;
    for (name, ..) in STALLED {
        stage.delete(name).await;
        stage.await_gone(name).await;
    }
    assert_eq!(stage.aws.everything().await, BTreeSet::new());
}

/// Whether a refusal says so, whatever value it repeats in between.
fn says(refusal: &str, wanted: &str) -> bool {
    let (field, text) = wanted.split_once(": Invalid value: ").unwrap_or((wanted, ""));
    refusal.lines().any(|line| line.contains(field) && line.contains(text))
}
