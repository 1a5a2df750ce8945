//! How a service's instances are replaced.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// How instances are replaced when what they are launched with changes.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.maxHealthyPercent) || self.strategy == 'LaunchBeforeTerminate' || self.maxHealthyPercent - self.minHealthyPercent <= 100")
        .message("rollout.maxHealthyPercent must be at most 100 above rollout.minHealthyPercent"),
    validation = Rule::new("!has(self.maxHealthyPercent) || self.strategy != 'LaunchBeforeTerminate' || self.maxHealthyPercent > 100")
        .message("rollout.strategy LaunchBeforeTerminate needs rollout.maxHealthyPercent above 100")
)]
pub struct RolloutSpec {
    /// How. Default `Rolling`.
    #[serde(default)]
    pub strategy: RolloutStrategy,
    /// How many of the instances are in service at least meanwhile, in percent. Default 90; with `LaunchBeforeTerminate` always 100.
    #[serde(default = "ninety")]
    #[schemars(with = "i32", range(min = 0, max = 100))]
    pub min_healthy_percent: u8,
    /// How many instances there are at most meanwhile, in percent, 100 to 200 and at most 100 above `minHealthyPercent`.
    /// Default one instance goes while another comes; with `LaunchBeforeTerminate` 110.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 100, max = 200))]
    pub max_healthy_percent: Option<u8>,
    /// Seconds after which a new instance counts, 0 to 3600. Default the grace period of the health check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 3600))]
    pub warmup_seconds: Option<u16>,
    /// At which percentages it pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Checkpoints>,
    /// Whether the earlier version is put back when it fails. Default true.
    #[serde(default = "yes")]
    pub auto_rollback: bool,
    /// CloudWatch alarms by name, any of which makes it fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), inner(length(min = 1, max = 255)), extend("x-kubernetes-list-type" = "set"))]
    pub alarms: Vec<String>,
}

impl Default for RolloutSpec {
    fn default() -> Self {
        Self {
            strategy: RolloutStrategy::default(),
            min_healthy_percent: ninety(),
            max_healthy_percent: None,
            warmup_seconds: None,
            checkpoints: None,
            auto_rollback: true,
            alarms: Vec::new(),
        }
    }
}

/// How instances are replaced.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum RolloutStrategy {
    /// Some at a time.
    #[default]
    Rolling,
    /// New ones first.
    LaunchBeforeTerminate,
    /// Not at all: new instances are launched with the new version, those there are stay.
    Manual,
}

/// Where a rollout pauses.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoints {
    /// At these percentages of replaced instances. It goes on to 100 whether that is among them or not.
    #[schemars(length(min = 1, max = 10), inner(range(min = 1, max = 100)), extend("x-kubernetes-list-type" = "set"))]
    pub percentages: Vec<i32>,
    /// For so many seconds, 0 to 172800. Default 3600.
    #[serde(default = "an_hour")]
    #[schemars(with = "i32", range(min = 0, max = 172_800))]
    pub delay_seconds: u32,
}

/// The replacement of instances.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutStatus {
    /// The version of the launch template that is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_version: Option<i64>,
    /// How many instances have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<i32>,
    /// How far it is: a percentage, `Done`, `Cancelling`, `RollingBack`, `Cancelled`, `RolledBack` or `Failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// AWS's id of the instance refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_refresh_id: Option<String>,
    /// What AWS says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

const fn ninety() -> u8 {
    90
}

const fn an_hour() -> u32 {
    3600
}
