//! How many instances a service has.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// How many instances there are.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.min <= self.max").message("capacity.min must not be above capacity.max"),
    validation = Rule::new("!has(self.desired) || self.desired >= self.min && self.desired <= self.max")
        .message("capacity.desired must be between capacity.min and capacity.max")
)]
pub struct CapacitySpec {
    /// At least, 0 to 1000. So many must be healthy for the service to be Ready.
    #[schemars(with = "i32", range(min = 0, max = 1000))]
    pub min: u16,
    /// How many now. It is written to AWS when it is changed here, and left to scaling after that. Default `min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 1000))]
    pub desired: Option<u16>,
    /// At most, 0 to 1000.
    #[schemars(with = "i32", range(min = 0, max = 1000))]
    pub max: u16,
    /// Whether AWS starts a replacement as soon as it warns that a spot instance is about to be taken away. Default true.
    #[serde(default = "yes")]
    pub rebalance: bool,
    /// Days after which an instance is replaced, 1 to 365. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 365))]
    pub max_lifetime_days: Option<u16>,
}

/// Spot instances.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpotSpec {
    /// How many of the instances beyond `baseCapacity` are spot instances, in percent.
    #[schemars(with = "i32", range(min = 0, max = 100))]
    pub percent: u8,
    /// Which spot instances are taken. Default `PriceCapacityOptimized`.
    #[serde(default)]
    pub strategy: SpotStrategy,
    /// How many instances are no spot instances at any rate. Default 0.
    #[serde(default)]
    #[schemars(with = "i32", range(min = 0, max = 1000))]
    pub base_capacity: u16,
}

/// Which spot instances are taken.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum SpotStrategy {
    /// Those that are cheap among those least likely to be taken away.
    #[default]
    PriceCapacityOptimized,
    /// Those least likely to be taken away.
    CapacityOptimized,
    /// Those least likely to be taken away, in the order of `instanceTypes` where that allows it.
    CapacityOptimizedPrioritized,
    /// The cheapest.
    LowestPrice,
}

/// Instances kept ready beside those in service.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WarmPoolSpec {
    /// At least. Default 0.
    #[serde(default)]
    #[schemars(with = "i32", range(min = 0, max = 1000))]
    pub min: u16,
    /// With those in service at most. Default `capacity.max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 1000))]
    pub max_prepared: Option<u16>,
    /// How they wait. Default `Stopped`.
    #[serde(default)]
    pub state: WarmPoolState,
    /// Whether instances return to it when there are too many in service. Default false.
    #[serde(default)]
    pub reuse: bool,
}

/// How instances of a warm pool wait.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum WarmPoolState {
    /// Stopped.
    #[default]
    Stopped,
    /// Running.
    Running,
    /// Hibernated.
    Hibernated,
}

/// What is waited for before an instance is taken into service, or let go.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.notificationTargetArn) == has(self.roleArn)")
    .message("lifecycleHooks: notificationTargetArn and roleArn go together"))]
pub struct LifecycleHookSpec {
    /// Its name.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[A-Za-z0-9_/-]+$"))]
    pub name: String,
    /// When.
    pub transition: LifecycleTransition,
    /// Seconds after which no more is waited, 30 to 7200. Default 3600.
    #[serde(default = "heartbeat")]
    #[schemars(with = "i32", range(min = 30, max = 7200))]
    pub timeout_seconds: u16,
    /// What happens then. Default `Abandon`.
    #[serde(default)]
    pub default_result: LifecycleResult,
    /// What the one who is told gets told beside. Default nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1023))]
    pub metadata: Option<String>,
    /// Who is told, by the ARN of a queue or topic. Default `EventBridge` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:(sns|sqs):"))]
    pub notification_target_arn: Option<String>,
    /// The role with which AWS tells them, by ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")
    )]
    pub role_arn: Option<String>,
}

/// When a lifecycle hook waits.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum LifecycleTransition {
    /// When an instance has started.
    Launching,
    /// When an instance is about to end.
    Terminating,
}

/// What happens when a lifecycle hook has waited long enough.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum LifecycleResult {
    /// The instance is given up.
    #[default]
    Abandon,
    /// Things go on.
    Continue,
}

/// What AWS does with a group by itself.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html>
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum SuspendedProcess {
    /// Launch instances.
    Launch,
    /// Terminate instances.
    Terminate,
    /// Register instances with target groups.
    AddToLoadBalancer,
    /// Take note of CloudWatch alarms.
    AlarmNotification,
    /// Spread instances over zones.
    #[serde(rename = "AZRebalance")]
    AzRebalance,
    /// Look whether instances are healthy.
    HealthCheck,
    /// Refresh instances.
    InstanceRefresh,
    /// Replace unhealthy instances.
    ReplaceUnhealthy,
    /// Change the size by the clock.
    ScheduledActions,
}

const fn heartbeat() -> u16 {
    3600
}
