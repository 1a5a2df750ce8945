//! What hastack reports of every custom resource and of an `HAStack`, and what it must remember between two writes to AWS.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bastion::BastionStatus;
use crate::file_system::FileSystemStatus;
use crate::load_balancer::{CertificateStatus, DnsRecordStatus, LoadBalancerStatus};

/// What every custom resource of ours reports.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommonStatus {
    /// The generation of the spec this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `Ready`, `Reconciling` and `Stalled` for the whole, and one for each part, such as `NetworkReady`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// AWS resources that are ready, of those wanted, such as `12/34`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// The AWS account it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The AWS region it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What hastack is about to do, waits for, or refuses to do, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<String>,
    /// Every AWS resource of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub resources: Vec<ResourceStatus>,
    /// Keys of `spec.tags` that may be on AWS resources, until they are taken off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    pub tag_keys: Vec<String>,
    /// Creations that were started and whose outcome is not known yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub intents: Vec<Intent>,
}

/// The state of a stack as last seen.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HAStackStatus {
    /// What every custom resource reports.
    #[serde(flatten)]
    pub common: CommonStatus,
    /// Where the load balancer answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The availability zones in use, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<String>,
    /// Services on the stack that are ready, of all, such as `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
    /// The network, for who builds on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkStatus>,
    /// The load balancer, for who builds on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerStatus>,
    /// The certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateStatus>,
    /// DNS records that must exist for the domain. Where no hosted zone is given, create them where the domain is served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub dns_records: Vec<DnsRecordStatus>,
    /// The file system, for who mounts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_system: Option<FileSystemStatus>,
    /// The bastion, for who connects to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bastion: Option<BastionStatus>,
}

impl Deref for HAStackStatus {
    type Target = CommonStatus;

    fn deref(&self) -> &CommonStatus {
        &self.common
    }
}

impl DerefMut for HAStackStatus {
    fn deref_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }
}

/// The network of a stack.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkStatus {
    /// The VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Public subnets by zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub public_subnet_ids: BTreeMap<String, String>,
    /// Private subnets by zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub private_subnet_ids: BTreeMap<String, String>,
    /// Database subnets by zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub database_subnet_ids: BTreeMap<String, String>,
    /// Public addresses that traffic from private subnets comes from, by zone: what a firewall elsewhere must let in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nat_addresses: BTreeMap<String, String>,
}

/// One AWS resource of a custom resource.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStatus {
    /// What it is within that, such as `subnet/private/us-east-1a`; the value of its tag `hastack.dev/id`.
    pub id: String,
    /// What AWS calls it, such as `subnet-0123456789abcdef0`. Kept when it is lost, until there is a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_id: Option<String>,
    /// What AWS calls a database whatever it is renamed to, such as `db-ABCDEFGHIJKL`: it tells one that was renamed from a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// How it is.
    pub phase: ResourcePhase,
    /// Whether it is somebody else's: looked at, never changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
}

/// How a resource is.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ResourcePhase {
    /// Wanted and not there.
    Missing,
    /// AWS is making it, or it is not yet as wanted.
    Pending,
    /// As wanted.
    Ready,
    /// AWS is deleting it.
    Deleting,
    /// AWS gave up on it.
    Failed,
    /// Not wanted any more, and left in AWS as its deletion policy says.
    Retained,
}

/// A creation whose outcome is not known: after a crash it is looked up in AWS by tag before anything is created again.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// What is being created, such as `vpc`.
    pub id: String,
    /// When the creation was started.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}
