//! What there is at the stand-in, seen and changed without the operator.

use std::collections::BTreeSet;

use bytes::Bytes;
use hastack_testbed::account::{Account, Found};
use hastack_testbed::aws::REGION;
use hastack_testbed::http::Client;
use hyper::Request;
use serde_json::{Value, json};

/// What EC2 lists by tag: the call, where the answer lists it, and its id.
const KINDS: [(&str, &str, &str); 7] = [
    ("DescribeVpcs", "vpcSet", "vpcId"),
    ("DescribeInternetGateways", "internetGatewaySet", "internetGatewayId"),
    ("DescribeRouteTables", "routeTableSet", "routeTableId"),
    ("DescribeSubnets", "subnetSet", "subnetId"),
    ("DescribeAddresses", "addressesSet", "allocationId"),
    ("DescribeNatGateways", "natGatewaySet", "natGatewayId"),
    ("DescribeVpcEndpoints", "vpcEndpointSet", "vpcEndpointId"),
];

/// The stand-in, and the cluster id to look for.
pub struct Aws {
    endpoint: String,
    cluster: String,
    account: Account,
}

/// All there is of a cluster.
#[derive(Debug)]
pub struct Everything(Vec<Found>);

impl Aws {
    pub fn new(account: Account, cluster: &str) -> Self {
        Self {
            endpoint: account.endpoint.clone().unwrap(),
            cluster: cluster.to_owned(),
            account,
        }
    }

    /// The answer to a call of any service, as boto3 spells both.
    pub async fn ask(&self, service: &str, operation: &str, parameters: Value) -> Value {
        let call = [(service, operation, parameters)];
        self.account.calls(REGION, &call).await.unwrap().remove(0)
    }

    /// Makes a public hosted zone; its id.
    pub async fn hosted_zone(&self, name: &str) -> String {
        let zone = json!({"Name": name, "CallerReference": name});
        text(&self.ask("route53", "create_hosted_zone", zone).await["HostedZone"]["Id"])
    }

    /// What there is of this cluster's, of every service: a look that takes a second.
    pub async fn look(&self) -> Everything {
        let mut found = self.account.look(REGION).await.unwrap().found;
        // What a group launches carries no tag of the cluster, but one of the service: the namespace is called like the cluster.
        let fleet = format!("{}/", self.cluster);
        found.retain(|found| {
            let of_fleet = found.tags.get("hastack.dev/fleet");
            found.tags.get("hastack.dev/cluster") == Some(&self.cluster)
                || of_fleet.is_some_and(|of| of.starts_with(&fleet))
        });
        Everything(found)
    }

    /// What is left of this cluster's, a line each: nothing, as a rule.
    pub async fn everything(&self) -> BTreeSet<String> {
        self.look().await.0.iter().map(ToString::to_string).collect()
    }

    /// The answer to a call of EC2.
    pub async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", "2016-11-15");
        form.extend_pairs(parameters);
        let scope = format!("Credential=AKIATEST/20261123/{REGION}/ec2/aws4_request");
        let request = Request::post(&self.endpoint)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
            )
            .body(Bytes::from(form.finish()));
        let answer = Client::default().send(request.unwrap()).await.unwrap();
        let text = String::from_utf8_lossy(answer.body());
        assert!(answer.status().is_success(), "{action} {parameters:?}: {text}");
        value(roxmltree::Document::parse(&text).unwrap().root_element())
    }

    /// What there is of this cluster's, as a call such as `DescribeSubnets` lists it, without what is deleted already.
    pub async fn list(&self, action: &str) -> Vec<Value> {
        let (_, set, _) = KINDS.into_iter().find(|(other, ..)| *other == action).unwrap();
        let filter = [
            ("Filter.1.Name", "tag:hastack.dev/cluster"),
            ("Filter.1.Value.1", &self.cluster),
        ];
        let answer = self.call(action, &filter).await;
        items(&answer[set])
            .into_iter()
            .filter(|item| item["state"] != "deleted")
            .collect()
    }

    /// The ids of what there is of this cluster's, as a call such as `DescribeSubnets` lists it.
    pub async fn ids(&self, action: &str) -> BTreeSet<String> {
        let (_, _, id) = KINDS.into_iter().find(|(other, ..)| *other == action).unwrap();
        self.list(action).await.iter().map(|item| text(&item[id])).collect()
    }

    /// The id of the only VPC of this cluster's.
    pub async fn vpc(&self) -> String {
        let vpcs = Vec::from_iter(self.ids("DescribeVpcs").await);
        assert_eq!(vpcs.len(), 1, "{vpcs:?}");
        vpcs[0].clone()
    }

    /// The only one of this cluster's whose tag `hastack.dev/id` is `id`, as a call such as `DescribeSubnets` lists it.
    pub async fn the(&self, action: &str, id: &str) -> Value {
        let mut found = self.list(action).await;
        found.retain(|item| tag(item, "hastack.dev/id") == id);
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        found.remove(0)
    }

    /// What came with a VPC and went with it: its groups, tables, interfaces.
    pub async fn inside(&self, vpc: &str) -> Vec<Value> {
        let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)];
        let mut inside = Vec::new();
        for (action, set) in [
            ("DescribeSecurityGroups", "securityGroupInfo"),
            ("DescribeRouteTables", "routeTableSet"),
            ("DescribeNetworkInterfaces", "networkInterfaceSet"),
        ] {
            inside.append(&mut items(&self.call(action, &filter).await[set]));
        }
        inside
    }
}

impl Everything {
    /// How much there is.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of it.
    pub fn all(&self) -> impl Iterator<Item = &Found> {
        self.0.iter()
    }

    /// All of a kind, such as `mount target`.
    pub fn of(&self, kind: &str) -> Vec<&Found> {
        self.0.iter().filter(|found| found.kind == kind).collect()
    }

    /// The only one of a kind.
    pub fn the(&self, kind: &str) -> &Found {
        let found = self.of(kind);
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        found[0]
    }

    /// The only one of a kind whose tag `hastack.dev/id` is `id`.
    pub fn named(&self, kind: &str, id: &str) -> &Found {
        let mut found = self.of(kind);
        found.retain(|found| found.tags["hastack.dev/id"] == id);
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        found[0]
    }
}

/// The value of a tag of what EC2 lists.
pub fn tag(item: &Value, key: &str) -> String {
    let tags = items(&item["tagSet"]);
    let tag = tags.iter().find(|tag| tag["key"] == key);
    tag.map(|tag| text(&tag["value"])).unwrap_or_default()
}

/// A list of an answer. One that is empty looks like an empty text.
pub fn items(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// XML as EC2 writes it: a list's elements are called `item`.
fn value(node: roxmltree::Node<'_, '_>) -> Value {
    let children: Vec<_> = node.children().filter(roxmltree::Node::is_element).collect();
    if children.is_empty() {
        return node.text().unwrap_or_default().trim().into();
    }
    if children.iter().all(|child| child.tag_name().name() == "item") {
        return children.into_iter().map(value).collect();
    }
    let fields = children
        .into_iter()
        .map(|child| (child.tag_name().name().to_owned(), value(child)));
    Value::Object(fields.collect())
}
