//! Who reaches a service's instances, and what those may do.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who may connect to the instances.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.port) != has(self.portRange)").message("ingress: give either port or portRange"),
    validation = Rule::new("has(self.cidrs) != has(self.from)").message("ingress: give either cidrs or from")
)]
pub struct IngressSpec {
    /// The port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 65535))]
    pub port: Option<u16>,

    /// The first and last port, such as `50051-50060`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 11), regex(pattern = r"^[0-9]{1,5}-[0-9]{1,5}$"))]
    pub port_range: Option<String>,

    /// The protocol. Default `TCP`.
    #[serde(default)]
    pub protocol: IpProtocol,

    /// From these IPv4 ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new(crate::rule::IPV4_RANGES)
        .message("ingress.cidrs must be IPv4 ranges with no host bits set, such as 203.0.113.0/24"))]
    pub cidrs: Option<Vec<String>>,

    /// From these instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IngressSource>,
}

/// Instances that connect.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.service) != has(self.bastion)").message("ingress.from: give either service or bastion"))]
pub struct IngressSource {
    /// Those of an `AutoScaledService` on the same stack, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub service: Option<String>,
    /// The stack's bastion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self").message("ingress.from.bastion is true or left out"))]
    pub bastion: Option<bool>,
}

/// Where the instances may connect to.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.port) && has(self.portRange))").message("egress: give port or portRange, or neither for every port"))]
pub struct EgressSpec {
    /// The port. Left out, with `portRange`: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 65535))]
    pub port: Option<u16>,

    /// The first and last port, such as `50051-50060`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 11), regex(pattern = r"^[0-9]{1,5}-[0-9]{1,5}$"))]
    pub port_range: Option<String>,

    /// The protocol. Default `TCP`.
    #[serde(default)]
    pub protocol: IpProtocol,

    /// To these IPv4 ranges.
    #[schemars(length(min = 1, max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new(crate::rule::IPV4_RANGES)
        .message("egress.cidrs must be IPv4 ranges with no host bits set, such as 203.0.113.0/24"))]
    pub cidrs: Vec<String>,
}

/// A protocol with ports.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum IpProtocol {
    /// TCP.
    #[default]
    #[serde(rename = "TCP")]
    Tcp,
    /// UDP.
    #[serde(rename = "UDP")]
    Udp,
}

/// Something the instances may do in AWS.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.policyArn) ? 1 : 0) + (has(self.bucket) ? 1 : 0) + (has(self.secretArn) ? 1 : 0) + (has(self.statement) ? 1 : 0) == 1")
    .message("permissions: give one of policyArn, bucket, secretArn and statement"),
    validation = Rule::new("!has(self.access) || has(self.bucket)").message("permissions: access goes with bucket"))]
pub struct PermissionSpec {
    /// What this managed policy allows, by ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/.+$")
    )]
    pub policy_arn: Option<String>,

    /// Use this bucket of S3, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$"))]
    pub bucket: Option<String>,

    /// What may be done with `bucket`. Default `Read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<BucketAccess>,

    /// Read this secret of Secrets Manager, by ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:secretsmanager:"))]
    pub secret_arn: Option<String>,

    /// Whatever this statement of IAM's allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<PolicyStatement>,
}

/// What may be done with the objects of a bucket.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum BucketAccess {
    /// List and read them.
    #[default]
    Read,
    /// Also write and delete them.
    ReadWrite,
}

/// A statement of IAM's that allows something.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStatement {
    /// Actions, such as `sqs:SendMessage`.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 128)), extend("x-kubernetes-list-type" = "set"))]
    pub actions: Vec<String>,
    /// What they may be done to, by ARN; `*` for everything.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 2048)), extend("x-kubernetes-list-type" = "set"))]
    pub resources: Vec<String>,
    /// IAM's conditions, as in a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("type" = "object", "x-kubernetes-preserve-unknown-fields" = true))]
    pub conditions: Option<Value>,
}
