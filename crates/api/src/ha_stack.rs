//! `HAStack`: the shared ground an application stands on in AWS.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::bastion::BastionSpec;
use crate::bucket::BucketSpec;
use crate::deletion::DeletionPolicy;
use crate::file_system::FileSystemSpec;
use crate::load_balancer::LoadBalancerSpec;
use crate::network::NetworkSpec;
use crate::status::HAStackStatus;

/// The shared ground of a highly available application in AWS: network, load balancer, certificate, DNS, files and bastion.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "hastack.dev",
    version = "v1alpha1",
    kind = "HAStack",
    plural = "hastacks",
    singular = "hastack",
    shortname = "has",
    category = "aws",
    namespaced,
    status = "HAStackStatus",
    derive = "PartialEq",
    validation = Rule::new(crate::rule::NAME).message(crate::rule::NAME_MESSAGE),
    doc = "The shared ground of a highly available application in AWS: network, load balancer, certificate, DNS, files and bastion.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#,
        description = "Whether everything the spec asks for exists in AWS and works."
    ),
    printcolumn(
        name = "Progress",
        type_ = "string",
        json_path = ".status.progress",
        description = "AWS resources that are ready, of those wanted."
    ),
    printcolumn(
        name = "URL",
        type_ = "string",
        json_path = ".status.url",
        description = "Where the load balancer answers."
    ),
    printcolumn(
        name = "Zones",
        type_ = "string",
        json_path = ".status.zones",
        description = "The availability zones in use."
    ),
    printcolumn(
        name = "Services",
        type_ = "string",
        json_path = ".status.services",
        priority = 1,
        description = "Services on the stack that are ready, of all."
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "VPC", type_ = "string", json_path = ".status.network.vpcId", priority = 1),
    printcolumn(name = "Region", type_ = "string", json_path = ".spec.region", priority = 1),
    printcolumn(name = "Account", type_ = "string", json_path = ".status.account", priority = 1),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#,
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[allow(
    clippy::duplicated_attributes,
    reason = "each printer column has a type and a priority of its own"
)]
pub struct HAStackSpec {
    /// The AWS region to build in, such as `us-east-1`. Cannot be changed.
    #[schemars(length(min = 9, max = 25), regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("region cannot be changed: a stack stays in its region"))]
    pub region: String,

    /// The VPC and what belongs to it: subnets, gateways, routes.
    pub network: NetworkSpec,

    /// An Application Load Balancer in front of the stack's services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerSpec>,

    /// A shared file system (EFS) with a mount target in each zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_system: Option<FileSystemSpec>,

    /// A host to reach what is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bastion: Option<BastionSpec>,

    /// Buckets (S3) for the stack's services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub buckets: Vec<BucketSpec>,

    /// Container image repositories (ECR) by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 2, max = 64)), extend("x-kubernetes-list-type" = "set"))]
    pub repositories: Vec<String>,

    /// What becomes of the AWS resources when the stack is deleted. Default `Delete`. With `Retain` they all stay as they are,
    /// tagged `hastack.dev/retained-at`, until a stack of the same name picks them up; what is taken out of a living stack is
    /// deleted as ever. Can be changed.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,

    /// Tags put on every AWS resource of the stack, beside hastack's own. Keys must not start with `aws:` or `hastack.dev/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 40, "additionalProperties" = {"type": "string", "maxLength": 256}))]
    #[x_kube(validation = Rule::new(crate::rule::TAGS).message(crate::rule::TAGS_MESSAGE))]
    pub tags: BTreeMap<String, String>,
}
