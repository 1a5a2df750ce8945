//! When a group grows and shrinks. A policy has no tags: it is whose the group is.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html>

use std::fmt;

pub use hastack_api::service::scaling::{
    CustomMetric, MetricDimension, MetricStatistic, PredictiveMode, ScalingMetric, ScalingStep, StepStatistic, StepUnit,
};
use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, group_part};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The group it belongs to.
    pub group: NodeId,
    /// Its name in AWS.
    pub name: String,
    /// How it scales.
    pub policy: Policy,
    /// Whose requests it counts, if it counts requests.
    pub traffic: Option<Traffic>,
}

/// Which requests a policy counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Those of this load balancer
    pub load_balancer: NodeId,
    /// to this target group.
    pub target_group: NodeId,
    /// What sends them there: AWS refuses the policy before.
    pub rules: Vec<NodeId>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// The group it belongs to.
    pub group: String,
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: Content,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The group it belongs to.
    pub group: String,
    /// Its name in AWS.
    pub name: String,
    /// Its ARN: what an alarm names that sets it off.
    pub arn: String,
    /// Whether it acts.
    pub enabled: bool,
    /// What it says.
    pub content: Content,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// How it scales.
    pub policy: Policy,
    /// Whose requests it counts, in AWS's words for that, if it counts requests.
    #[serde(default)]
    pub label: Option<String>,
}

/// How a policy scales. Numbers are compared as they are: AWS shows them as they were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Policy {
    /// It keeps a figure near a value.
    TargetTracking {
        /// The figure.
        metric: Metric,
        /// The value.
        target: f64,
        /// Whether it only ever adds instances.
        disable_scale_in: bool,
        /// Seconds after which a new instance counts; the group's where there are none.
        warmup_seconds: Option<u16>,
    },
    /// It changes the number by so many when an alarm sets it off.
    Step {
        /// In what the steps are counted.
        unit: StepUnit,
        /// The steps, from the lowest distance to the highest.
        steps: Vec<ScalingStep>,
        /// How many instances are added or taken at least.
        min_change: Option<u16>,
        /// What of the figure counts.
        statistic: StepStatistic,
        /// Seconds after which a new instance counts; the group's where there are none.
        warmup_seconds: Option<u16>,
    },
    /// It has as many as AWS foresees.
    Predictive {
        /// The figure AWS foresees.
        metric: ScalingMetric,
        /// The value it is to have.
        target: f64,
        /// Whether it acts or only foretells.
        mode: PredictiveMode,
        /// Seconds by which instances are there before they are needed.
        buffer_seconds: u16,
    },
    /// Something that is not ours, in AWS's word for it.
    Other(String),
}

/// A figure that is kept near a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Metric {
    /// One that AWS keeps of every group.
    Predefined(ScalingMetric),
    /// Another one of CloudWatch; its dimensions in the order of their names.
    Custom(CustomMetric),
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Let it say this, and act.
    Put(Content),
}

impl Policy {
    /// The policy with lists in an order of their own, whatever order they were given in.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        match &mut self {
            Self::TargetTracking {
                metric: Metric::Custom(metric),
                ..
            } => metric.dimensions.sort_by(|one, other| one.name.cmp(&other.name)),
            Self::Step { steps, .. } => {
                let from = |step: &ScalingStep| step.from.unwrap_or(f64::NEG_INFINITY);
                steps.sort_by(|one, other| from(one).total_cmp(&from(other)));
            }
            Self::TargetTracking {
                metric: Metric::Predefined(_),
                ..
            }
            | Self::Predictive { .. }
            | Self::Other(_) => {}
        }
        self
    }
}

/// AWS's words for the requests of a load balancer to a target group: the ends of both ARNs.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html>
fn resource_label(load_balancer_arn: &str, target_group_arn: &str) -> String {
    let balancer = load_balancer_arn.rsplit(":loadbalancer/").next().unwrap_or_default();
    let target_group = target_group_arn.rsplit(':').next().unwrap_or_default();
    format!("{balancer}/{target_group}")
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            group: refs.usable(&self.group)?,
            name: self.name.clone(),
            content: self.content(None, refs)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let State {
            group,
            name: _,
            arn: _,
            enabled,
            content,
        } = state;
        let put = match self.content(content.label.as_deref(), refs) {
            Ok(wanted) if wanted == *content && *enabled => None,
            Ok(wanted) => Some(Finding::Change(Change::Put(wanted))),
            Err(node) => Some(Finding::Wait(node)),
        };
        let group = fixed(refs.usable(&self.group), group, "group");
        group.into_iter().chain(put).collect()
    }
}

impl Spec {
    /// What it is to say; where that names other requests than `label` does, once they are sent there.
    fn content(&self, label: Option<&str>, refs: &dyn Refs) -> Result<Content, NodeId> {
        let policy = self.policy.clone();
        let Some(traffic) = &self.traffic else {
            return Ok(Content { policy, label: None });
        };
        let Traffic {
            load_balancer,
            target_group,
            rules,
        } = traffic;
        let wanted = resource_label(&refs.usable(load_balancer)?, &refs.usable(target_group)?);
        if label != Some(&wanted) {
            for rule in rules {
                refs.settled(rule)?;
            }
        }
        let label = Some(wanted);
        Ok(Content { policy, label })
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Put(content) => {
                self.enabled = true;
                self.content = content.clone();
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.group]
    }
}

impl State {
    /// A policy as the creating call makes it.
    pub fn new(create: &Create, arn: String) -> Self {
        let Create { group, name, content } = create.clone();
        Self {
            group,
            name,
            arn,
            enabled: true,
            content,
        }
    }

    /// The id by which it is known here.
    pub fn id(&self) -> String {
        group_part::id(&self.group, &self.name)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy.fmt(formatter)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put(Content { policy, label: None }) => policy.fmt(formatter),
            Self::Put(Content {
                policy,
                label: Some(label),
            }) => write!(formatter, "{policy} of {label}"),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warmup = |seconds: &Option<u16>| {
            seconds
                .map(|seconds| format!(", warmup {seconds} s"))
                .unwrap_or_default()
        };
        match self {
            Self::TargetTracking {
                metric,
                target,
                disable_scale_in,
                warmup_seconds,
            } => {
                let only = if *disable_scale_in { ", only growing" } else { "" };
                write!(formatter, "{metric} near {target}{only}{}", warmup(warmup_seconds))
            }
            Self::Step {
                unit,
                steps,
                min_change,
                statistic: _,
                warmup_seconds,
            } => {
                let steps: Vec<_> = steps.iter().map(|step| self::step(*unit, step)).collect();
                let least = min_change
                    .map(|least| format!(", at least {least}"))
                    .unwrap_or_default();
                let (unit, warmup) = (unit_word(*unit), warmup(warmup_seconds));
                write!(formatter, "by steps of {unit}: {}{least}{warmup}", steps.join(", "))
            }
            Self::Predictive {
                metric,
                target,
                mode,
                buffer_seconds,
            } => {
                let (metric, mode) = (metric_word(*metric), mode_word(*mode));
                write!(formatter, "{mode} of {metric} at {target}, {buffer_seconds} s ahead")
            }
            Self::Other(word) => formatter.write_str(word),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Predefined(metric) => formatter.write_str(metric_word(*metric)),
            Self::Custom(metric) => write!(formatter, "{}/{}", metric.namespace, metric.name),
        }
    }
}

/// A step as people read it, such as `+2 from 10 to 20`.
fn step(unit: StepUnit, step: &ScalingStep) -> String {
    let ScalingStep { from, to, change } = step;
    let change = match unit {
        StepUnit::Instances | StepUnit::Percent => format!("{change:+}"),
        StepUnit::Exact => change.to_string(),
    };
    let bound = |word, bound: Option<f64>| bound.map(|bound| format!(" {word} {bound}")).unwrap_or_default();
    format!("{change}{}{}", bound("from", *from), bound("to", *to))
}

/// The word of the user's spec for a figure.
pub fn metric_word(metric: ScalingMetric) -> &'static str {
    match metric {
        ScalingMetric::AverageCpu => "AverageCPU",
        ScalingMetric::AverageNetworkIn => "AverageNetworkIn",
        ScalingMetric::AverageNetworkOut => "AverageNetworkOut",
        ScalingMetric::RequestsPerTarget => "RequestsPerTarget",
    }
}

fn unit_word(unit: StepUnit) -> &'static str {
    match unit {
        StepUnit::Instances => "instances",
        StepUnit::Percent => "percent",
        StepUnit::Exact => "just so many",
    }
}

fn mode_word(mode: PredictiveMode) -> &'static str {
    match mode {
        PredictiveMode::ForecastOnly => "forecast",
        PredictiveMode::ForecastAndScale => "forecast and scaling",
    }
}

#[cfg(test)]
mod tests;
