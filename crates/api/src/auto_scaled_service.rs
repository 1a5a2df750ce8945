//! `AutoScaledService`: one fleet of instances on a stack.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::service::access::{EgressSpec, IngressSpec, PermissionSpec};
use crate::service::capacity::{CapacitySpec, LifecycleHookSpec, SpotSpec, SuspendedProcess, WarmPoolSpec};
use crate::service::image::{ImageSpec, ImageUpdate, UpdateWindow};
use crate::service::launch::{EnvironmentEntry, MountSpec, RootVolumeSpec, UserDataSource};
use crate::service::rollout::RolloutSpec;
use crate::service::routing::{HealthCheckSpec, RoutingSpec};
use crate::service::scaling::ScalingSpec;
use crate::service::status::AutoScaledServiceStatus;

/// One fleet of instances on an `HAStack`: image, launch template, Auto Scaling group, scaling, routing and rollouts.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "hastack.dev",
    version = "v1alpha1",
    kind = "AutoScaledService",
    plural = "autoscaledservices",
    singular = "autoscaledservice",
    shortname = "asvc",
    category = "aws",
    namespaced,
    status = "AutoScaledServiceStatus",
    derive = "PartialEq",
    scale(
        spec_replicas_path = ".spec.capacity.desired",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    validation = Rule::new(crate::rule::NAME).message(crate::rule::NAME_MESSAGE),
    doc = "One fleet of instances on an HAStack: image, launch template, Auto Scaling group, scaling, routing and rollouts.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#,
        description = "Whether everything the spec asks for exists in AWS and works."
    ),
    printcolumn(
        name = "Healthy",
        type_ = "string",
        json_path = ".status.healthy",
        description = "Healthy instances, of those wanted."
    ),
    printcolumn(name = "Desired", type_ = "integer", json_path = ".status.replicas"),
    printcolumn(name = "Min", type_ = "integer", json_path = ".spec.capacity.min"),
    printcolumn(name = "Max", type_ = "integer", json_path = ".spec.capacity.max"),
    printcolumn(
        name = "Rollout",
        type_ = "string",
        json_path = ".status.rollout.progress",
        description = "How far the replacement of instances is."
    ),
    printcolumn(name = "Image", type_ = "string", json_path = ".status.image.id"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Stack", type_ = "string", json_path = ".spec.stackRef.name", priority = 1),
    printcolumn(name = "Progress", type_ = "string", json_path = ".status.progress", priority = 1),
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
#[x_kube(
    validation = Rule::new("has(self.instanceType) != has(self.instanceTypes)")
        .message("give either instanceType or instanceTypes"),
    validation = Rule::new("!has(self.routing) || has(self.port)")
        .message("routing needs port: where requests are sent"),
    validation = Rule::new("!(has(self.imageUpdate) && self.imageUpdate == 'Window') || has(self.updateWindow)")
        .message("imageUpdate Window needs updateWindow: when a newer image is taken up"),
    validation = Rule::new("!(has(self.userData) && has(self.userDataFrom))")
        .message("give either userData or userDataFrom")
)]
pub struct AutoScaledServiceSpec {
    /// The `HAStack` it is built on, in the same namespace. Cannot be changed.
    #[x_kube(validation = Rule::new("self == oldSelf").message("stackRef cannot be changed: a service stays on its stack"))]
    pub stack_ref: StackRef,

    /// Whether the instances are in the private subnets, or in the public ones with a public address each. Default `Private`.
    #[serde(default)]
    pub placement: Placement,

    /// The image the instances start from.
    pub image: ImageSpec,

    /// What happens when the image that `image` means is another one than before. Default `Pinned`.
    #[serde(default)]
    pub image_update: ImageUpdate,

    /// When a newer image is taken up with `imageUpdate: Window`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_window: Option<UpdateWindow>,

    /// The type of the instances, such as `t3.micro`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 64), regex(pattern = r"^[a-z0-9-]+\.[a-z0-9-]+$"))]
    pub instance_type: Option<String>,

    /// Several types, all of one architecture, of which AWS takes what it has; the first is preferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40), inner(length(min = 3, max = 64), regex(pattern = r"^[a-z0-9-]+\.[a-z0-9-]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub instance_types: Option<Vec<String>>,

    /// How many of the instances may be spot instances. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotSpec>,

    /// The key pair of EC2 that opens the instances, by name. Default none: Session Manager is the way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub key_name: Option<String>,

    /// The volume the instances start from. It is encrypted.
    #[serde(default)]
    pub root_volume: RootVolumeSpec,

    /// Whether CloudWatch gets the instances' figures each minute instead of every five. Default false.
    #[serde(default)]
    pub detailed_monitoring: bool,

    /// A script, or other user data that cloud-init understands, which each instance runs when it starts for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16384))]
    pub user_data: Option<String>,

    /// Where such user data is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data_from: Option<UserDataSource>,

    /// Variables written to `/etc/hastack/environment` on each instance before the user data runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub environment: Vec<EnvironmentEntry>,

    /// File systems mounted on each instance before the user data runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["path"]))]
    pub mounts: Vec<MountSpec>,

    /// How many instances there are.
    pub capacity: CapacitySpec,

    /// When the number of instances changes by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), extend("x-kubernetes-list-type" = "atomic"))]
    pub scaling: Vec<ScalingSpec>,

    /// Instances kept ready beside those in service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPoolSpec>,

    /// What is waited for before an instance is taken into service, or let go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub lifecycle_hooks: Vec<LifecycleHookSpec>,

    /// Which instance goes first when there are too many, in AWS's words, such as `OldestInstance`. Default `Default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 6), inner(length(min = 1, max = 1600)), extend("x-kubernetes-list-type" = "atomic"))]
    pub termination_policies: Option<Vec<String>>,

    /// What AWS does not do for the time being.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 9), extend("x-kubernetes-list-type" = "set"))]
    pub suspended_processes: Vec<SuspendedProcess>,

    /// The port the instances listen on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 65535))]
    pub port: Option<u16>,

    /// How it is found out whether an instance is healthy.
    #[serde(default)]
    pub health_check: HealthCheckSpec,

    /// The name of the target group, at most 32 letters, digits and hyphens. Default one that follows from the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 32),
        regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")
    )]
    pub target_group_name: Option<String>,

    /// Which requests of the stack's load balancer are sent to the instances. Left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingSpec>,

    /// Who may connect to the instances, beside the load balancer to `port`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub ingress: Vec<IngressSpec>,

    /// Where the instances may connect to. Default anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub egress: Option<Vec<EgressSpec>>,

    /// What the instances may do in AWS, beside being reached by Session Manager.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30), extend("x-kubernetes-list-type" = "atomic"))]
    pub permissions: Vec<PermissionSpec>,

    /// How instances are replaced when what they are launched with changes.
    #[serde(default)]
    pub rollout: RolloutSpec,

    /// Tags put on every AWS resource of the service and on its instances, beside hastack's own. Keys must not start with `aws:`
    /// or `hastack.dev/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 40, "additionalProperties" = {"type": "string", "maxLength": 256}))]
    #[x_kube(validation = Rule::new(crate::rule::TAGS).message(crate::rule::TAGS_MESSAGE))]
    pub tags: BTreeMap<String, String>,
}

/// A stack, by name.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackRef {
    /// The name of an `HAStack` in the same namespace.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
}

/// Which subnets instances are in.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Placement {
    /// The private ones.
    #[default]
    Private,
    /// The public ones, with a public address each.
    Public,
}
