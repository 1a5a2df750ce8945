//! What one further call changes of a group.

use std::collections::BTreeSet;
use std::fmt;

use super::{Launch, Settings, WarmPool};

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Change these settings.
    Update(Box<Update>),
    /// Have so many instances now.
    Desired(u32),
    /// Register the instances with these target groups too.
    AttachTargetGroups(BTreeSet<String>),
    /// Take them out of these.
    DetachTargetGroups(BTreeSet<String>),
    /// Let AWS not do these any more.
    Suspend(BTreeSet<String>),
    /// Let AWS do these again.
    Resume(BTreeSet<String>),
    /// Keep instances ready so.
    PutWarmPool(WarmPool),
    /// Keep none ready any more.
    DeleteWarmPool,
}

/// Settings to change; the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// How many instances there are at least.
    pub min: Option<u32>,
    /// How many there are at most.
    pub max: Option<u32>,
    /// The subnets they are in.
    pub subnet_ids: Option<BTreeSet<String>>,
    /// Whether what target groups say of them counts.
    pub load_balancer_health: Option<bool>,
    /// Seconds in which a new one may be unhealthy.
    pub grace_seconds: Option<u32>,
    /// Which goes first.
    pub termination_policies: Option<Vec<String>>,
    /// Whether a spot instance is replaced when it is in danger.
    pub rebalance: Option<bool>,
    /// Seconds after which one is replaced; 0 for never.
    pub max_lifetime_seconds: Option<u32>,
    /// Seconds after which a new one counts.
    pub warmup_seconds: Option<u32>,
    /// What new ones are launched from.
    pub launch: Option<Launch>,
}

impl Update {
    /// What makes `wanted` of `is`.
    pub(super) fn between(is: &Settings, wanted: &Settings) -> Self {
        Self {
            min: other(&is.min, &wanted.min),
            max: other(&is.max, &wanted.max),
            subnet_ids: other(&is.subnet_ids, &wanted.subnet_ids),
            load_balancer_health: other(&is.load_balancer_health, &wanted.load_balancer_health),
            grace_seconds: other(&is.grace_seconds, &wanted.grace_seconds),
            termination_policies: other(&is.termination_policies, &wanted.termination_policies),
            rebalance: other(&is.rebalance, &wanted.rebalance),
            max_lifetime_seconds: other(&is.max_lifetime_seconds, &wanted.max_lifetime_seconds),
            warmup_seconds: other(&is.warmup_seconds, &wanted.warmup_seconds).flatten(),
            launch: None,
        }
    }

    /// Makes the change of these.
    pub(super) fn apply(&self, settings: &mut Settings, is: &mut Launch) {
        let Self {
            min,
            max,
            subnet_ids,
            load_balancer_health,
            grace_seconds,
            termination_policies,
            rebalance,
            max_lifetime_seconds,
            warmup_seconds,
            launch,
        } = self;
        set(&mut settings.min, min.as_ref());
        set(&mut settings.max, max.as_ref());
        set(&mut settings.subnet_ids, subnet_ids.as_ref());
        set(&mut settings.load_balancer_health, load_balancer_health.as_ref());
        set(&mut settings.grace_seconds, grace_seconds.as_ref());
        set(&mut settings.termination_policies, termination_policies.as_ref());
        set(&mut settings.rebalance, rebalance.as_ref());
        set(&mut settings.max_lifetime_seconds, max_lifetime_seconds.as_ref());
        settings.warmup_seconds = warmup_seconds.or(settings.warmup_seconds);
        set(is, launch.as_ref());
    }
}

/// What is wanted, where that is something else.
fn other<T: PartialEq + Clone>(is: &T, wanted: &T) -> Option<T> {
    (is != wanted).then(|| wanted.clone())
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update(update) => update.fmt(formatter),
            Self::Desired(number) => write!(formatter, "desired capacity {number}"),
            Self::AttachTargetGroups(arns) => write!(formatter, "attach {}", joined(arns)),
            Self::DetachTargetGroups(arns) => write!(formatter, "detach {}", joined(arns)),
            Self::Suspend(processes) => write!(formatter, "suspend {}", joined(processes)),
            Self::Resume(processes) => write!(formatter, "resume {}", joined(processes)),
            Self::PutWarmPool(pool) => write!(formatter, "warm pool {pool}"),
            Self::DeleteWarmPool => formatter.write_str("delete the warm pool"),
        }
    }
}

impl fmt::Display for Update {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            min,
            max,
            subnet_ids,
            load_balancer_health,
            grace_seconds,
            termination_policies,
            rebalance,
            max_lifetime_seconds,
            warmup_seconds,
            launch,
        } = self;
        let launch = launch.as_ref();
        let parts = [
            min.map(|number| format!("min {number}")),
            max.map(|number| format!("max {number}")),
            subnet_ids.as_ref().map(|ids| format!("subnets {}", joined(ids))),
            load_balancer_health.map(|counts| format!("load balancer's health checks {}", on_or_off(counts))),
            grace_seconds.map(|seconds| format!("grace period {seconds} s")),
            termination_policies
                .as_ref()
                .map(|policies| format!("termination policies {}", policies.join(" "))),
            rebalance.map(|yes| format!("capacity rebalancing {}", on_or_off(yes))),
            max_lifetime_seconds.map(|seconds| match seconds {
                0 => "no longest lifetime".to_owned(),
                _ => format!("longest lifetime {seconds} s"),
            }),
            warmup_seconds.map(|seconds| format!("warm-up {seconds} s")),
            launch
                .and_then(|launch| launch.template.as_ref())
                .map(|version| format!("launch {version}")),
            launch.map(|launch| match &launch.mixed {
                Some(mixed) => format!("types {mixed}"),
                None => "the type of the launch template".to_owned(),
            }),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        formatter.write_str(&parts.join(", "))
    }
}

const fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn joined(words: &BTreeSet<String>) -> String {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    words.join(" ")
}
