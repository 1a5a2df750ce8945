//! The parts of an `HAStack` beside its network. Their shape is agreed; a version that does not act on one refuses it by condition.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An Application Load Balancer.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerSpec {
    /// HTTPS: the certificate, requested or given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSpec>,
    /// Whether HTTP answers with a redirect to HTTPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_http: Option<bool>,
    /// Where access logs go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_logs: Option<AccessLogsSpec>,
}

/// The certificate of the HTTPS listener.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsSpec {
    /// Request a certificate for this domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 253))]
    pub domain: Option<String>,
    /// Use this certificate of AWS Certificate Manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:acm:"))]
    pub certificate_arn: Option<String>,
}

/// Where the load balancer's access logs go.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessLogsSpec {
    /// A bucket of the stack, by name.
    #[schemars(length(min = 3, max = 63))]
    pub bucket: String,
}

/// A shared file system.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSystemSpec {
    /// How throughput is provided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<FileSystemThroughput>,
    /// Whether it is backed up daily.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backups: Option<bool>,
}

/// How a file system's throughput is provided.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum FileSystemThroughput {
    /// Grows and shrinks with use.
    Elastic,
    /// Grows with the data stored.
    Bursting,
}

/// A host to reach what is private.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BastionSpec {
    /// The instance type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 32))]
    pub instance_type: Option<String>,
    /// Whether its address stays the same when it is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elastic_ip: Option<bool>,
    /// Who may connect on port 22, as IPv4 ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    pub allowed_cidrs: Vec<String>,
    /// A key pair that exists in the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub key_name: Option<String>,
    /// A public key in OpenSSH's form, imported as a key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 4096))]
    pub ssh_public_key: Option<String>,
}

/// A bucket.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketSpec {
    /// Its name within the stack.
    #[schemars(length(min = 1, max = 37), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// Days after which objects are deleted. Left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 36500))]
    pub expire_after_days: Option<u32>,
}
