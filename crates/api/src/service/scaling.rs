//! When the number of a service's instances changes by itself.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the number of instances changes by itself.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.targetTracking) ? 1 : 0) + (has(self.step) ? 1 : 0) + (has(self.scheduled) ? 1 : 0) + (has(self.predictive) ? 1 : 0) == 1")
    .message("scaling: give one of targetTracking, step, scheduled and predictive"))]
pub struct ScalingSpec {
    /// A name that tells it from others of the same sort. Default one that follows from what it is: `average-cpu`, `step-1` for the
    /// first of the steps. Another name is another policy, with another ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")
    )]
    pub name: Option<String>,
    /// Keep a figure near a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_tracking: Option<TargetTracking>,
    /// Change the number by so many, the more the farther an alarm's figure is from its threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepScaling>,
    /// Set the number by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<ScheduledScaling>,
    /// Have as many as AWS foresees from the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predictive: Option<PredictiveScaling>,
}

/// Keeps a figure near a value.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.metric) != has(self.custom)").message("scaling.targetTracking: give either metric or custom"))]
pub struct TargetTracking {
    /// The figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<ScalingMetric>,
    /// The figure, if it is none of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomMetric>,
    /// The value: percent for CPU, bytes a minute for the network, requests a minute and instance for `RequestsPerTarget`.
    #[schemars(range(min = 0.0001, max = 1e15))]
    pub target: f64,
    /// Whether it only ever adds instances. Default false.
    #[serde(default)]
    pub disable_scale_in: bool,
    /// Seconds after which a new instance counts, 0 to 3600. Default the grace period of the health check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 3600))]
    pub warmup_seconds: Option<u16>,
}

/// A figure AWS keeps of every group.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ScalingMetric {
    /// The average use of the CPUs, in percent.
    #[serde(rename = "AverageCPU")]
    AverageCpu,
    /// The average of what comes in over the network, in bytes a minute and instance.
    AverageNetworkIn,
    /// The average of what goes out over the network, in bytes a minute and instance.
    AverageNetworkOut,
    /// Requests of the load balancer, a minute and instance.
    RequestsPerTarget,
}

/// A figure of CloudWatch.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomMetric {
    /// Its namespace.
    #[schemars(length(min = 1, max = 255))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Its dimensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub dimensions: Vec<MetricDimension>,
    /// What of it. Default `Average`.
    #[serde(default)]
    pub statistic: MetricStatistic,
    /// Its unit, in CloudWatch's words. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub unit: Option<String>,
}

/// A dimension of a figure.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricDimension {
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Its value.
    #[schemars(length(min = 1, max = 1024))]
    pub value: String,
}

/// What of a figure.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum MetricStatistic {
    /// Its average.
    #[default]
    Average,
    /// Its least.
    Minimum,
    /// Its most.
    Maximum,
    /// How many there are.
    SampleCount,
    /// Their sum.
    Sum,
}

/// Changes the number by so many. A CloudWatch alarm that names the policy's ARN, which is in `status`, sets it off.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepScaling {
    /// In what `change` is counted. Default `Instances`.
    #[serde(default)]
    pub unit: StepUnit,
    /// What is done, the farther from the threshold the more. Steps neither overlap nor leave a gap; above 0 the highest has no `to`,
    /// below 0 the lowest no `from`.
    #[schemars(length(min = 1, max = 20), extend("x-kubernetes-list-type" = "atomic"))]
    pub steps: Vec<ScalingStep>,
    /// How many instances are added or taken at least, with `Percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 1000))]
    pub min_change: Option<u16>,
    /// What of the figure counts. Default `Average`.
    #[serde(default)]
    pub statistic: StepStatistic,
    /// Seconds after which a new instance counts, 0 to 3600. Default the grace period of the health check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 3600))]
    pub warmup_seconds: Option<u16>,
}

/// In what a step is counted.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum StepUnit {
    /// So many more or fewer instances.
    #[default]
    Instances,
    /// So many percent more or fewer.
    Percent,
    /// Just so many instances.
    Exact,
}

/// What of a figure a step counts with.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum StepStatistic {
    /// Its average.
    #[default]
    Average,
    /// Its least.
    Minimum,
    /// Its most.
    Maximum,
}

/// What is done at a distance from an alarm's threshold.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScalingStep {
    /// From this distance on. Default from any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1e15, max = 1e15))]
    pub from: Option<f64>,
    /// Up to this distance. Default any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1e15, max = 1e15))]
    pub to: Option<f64>,
    /// By so many.
    #[schemars(range(min = -1000, max = 1000))]
    pub change: i32,
}

/// Sets the number by the clock.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.min) || has(self.max) || has(self.desired)")
        .message("scaling.scheduled: give at least one of min, max and desired"),
    validation = Rule::new("!(has(self.min) && has(self.max)) || self.min <= self.max")
        .message("scaling.scheduled: min must not be above max"),
    validation = Rule::new("!has(self.desired) || (!has(self.min) || self.min <= self.desired) && (!has(self.max) || self.desired <= self.max)")
        .message("scaling.scheduled: desired must be between min and max")
)]
pub struct ScheduledScaling {
    /// When, as five fields of cron: `0 8 * * MON-FRI`.
    #[schemars(length(min = 9, max = 255))]
    pub cron: String,
    /// In which time zone, such as `Europe/Berlin`. Default `Etc/UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"))]
    pub time_zone: Option<String>,
    /// At least so many from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 1000))]
    pub min: Option<u16>,
    /// At most so many from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 1000))]
    pub max: Option<u16>,
    /// So many then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 1000))]
    pub desired: Option<u16>,
}

/// Has as many as AWS foresees from the past.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PredictiveScaling {
    /// The figure it foresees.
    pub metric: ScalingMetric,
    /// The value it is to have.
    #[schemars(range(min = 0.0001, max = 1e15))]
    pub target: f64,
    /// Whether it acts or only foretells. Default `ForecastOnly`.
    #[serde(default)]
    pub mode: PredictiveMode,
    /// Seconds by which instances are there before they are needed, 0 to 3600. Default 300.
    #[serde(default = "five_minutes")]
    #[schemars(with = "i32", range(min = 0, max = 3600))]
    pub buffer_seconds: u16,
}

/// Whether predictive scaling acts.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum PredictiveMode {
    /// It only foretells.
    #[default]
    ForecastOnly,
    /// It also acts.
    ForecastAndScale,
}

const fn five_minutes() -> u16 {
    300
}
