//! What there is in AWS before the stack and after it.
use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::cloud::{Call, has_tag, list};
use super::ground::{CLUSTER_TAG, Ground};

/// What is looked for: how people call it, the operation, where the answer lists it, and its id.
struct Kind(&'static str, &'static str, &'static str, &'static str);

const KINDS: [Kind; 9] = [
    Kind("VPC", "describe_vpcs", "Vpcs", "VpcId"),
    Kind("subnet", "describe_subnets", "Subnets", "SubnetId"),
    Kind(
        "internet gateway",
        "describe_internet_gateways",
        "InternetGateways",
        "InternetGatewayId",
    ),
    Kind("NAT gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    Kind("elastic IP", "describe_addresses", "Addresses", "AllocationId"),
    Kind("route table", "describe_route_tables", "RouteTables", "RouteTableId"),
    Kind(
        "VPC endpoint",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
    ),
    Kind(
        "security group",
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
    ),
    Kind(
        "network interface",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
    ),
];

/// Everything of these kinds in the stand-in; in an account others use too, what carries our cluster's tag.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Inventory(BTreeSet<String>);

impl Inventory {
    pub(crate) async fn take(ground: &Ground) -> Result<Self> {
        let calls: Vec<Call<'_>> = KINDS
            .iter()
            .map(|Kind(_, operation, ..)| ("ec2", *operation, json!({})))
            .collect();
        let is_shared = ground.cloud.endpoint.is_none();
        let counts = |object: &Value| !is_shared || has_tag(object, CLUSTER_TAG, &ground.cluster_id);
        let mut found = BTreeSet::new();
        for region in &ground.stacks.regions {
            for (kind, answer) in KINDS.iter().zip(ground.cloud.calls(region, &calls).await?) {
                found.extend(
                    kind.present(&answer)
                        .filter(|object| counts(object))
                        .map(|object| kind.line(object)),
                );
            }
        }
        Ok(Self(found))
    }

    /// What is here and not there.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<String> {
        self.0.difference(&other.0).cloned().collect()
    }

    /// `no VPC, no subnet, ...`.
    pub(crate) fn looked_at(&self) -> String {
        let nouns: Vec<_> = KINDS.iter().map(|Kind(noun, ..)| format!("no {noun}")).collect();
        let before = if self.0.is_empty() {
            ""
        } else {
            ", but what was there before"
        };
        format!("{}{before}.", nouns.join(", "))
    }
}

impl Kind {
    /// AWS lists deleted NAT gateways for an hour, and deleted endpoints for a while.
    fn present<'a>(&self, answer: &'a Value) -> impl Iterator<Item = &'a Value> + use<'a> {
        list(answer, self.2)
            .iter()
            .filter(|object| object["State"] != "deleted")
    }

    fn line(&self, object: &Value) -> String {
        let state = object["State"]
            .as_str()
            .map(|state| format!(" ({state})"))
            .unwrap_or_default();
        format!("{} {}{state}", self.0, object[self.3].as_str().unwrap_or("without id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAT: Kind = Kind("NAT gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId");

    #[test]
    fn a_deleted_nat_gateway_is_not_left() {
        let nat = |id: &str, state: &str| json!({"NatGatewayId": id, "State": state});
        let answer = json!({"NatGateways": [nat("nat-1", "deleted"), nat("nat-2", "deleting")]});
        let lines: Vec<_> = NAT.present(&answer).map(|object| NAT.line(object)).collect();
        assert_eq!(lines, ["NAT gateway nat-2 (deleting)"]);
    }

    #[test]
    fn only_what_is_new_is_left() {
        let inventory = |lines: &[&str]| Inventory(lines.iter().copied().map(String::from).collect());
        let left = inventory(&["VPC vpc-0", "VPC vpc-1"]).beyond(&inventory(&["VPC vpc-0"]));
        assert_eq!(left, ["VPC vpc-1"]);
    }
}
