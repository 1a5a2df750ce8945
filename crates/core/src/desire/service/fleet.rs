//! The Auto Scaling group of a service, and how its instances are replaced.

use std::collections::BTreeMap;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::capacity::{
    CapacitySpec, SpotSpec, SpotStrategy, SuspendedProcess, WarmPoolSpec, WarmPoolState,
};
use hastack_api::service::rollout::{Checkpoints, RolloutSpec, RolloutStrategy};

use super::{launch, routing, scaling};
use crate::desire::name::unique;
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::auto_scaling_group::{Mixed, WarmPool};
use crate::resource::instance_refresh::{self, Preferences};
use crate::resource::{Spec, auto_scaling_group};

/// The longest name AWS accepts.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html>
const LONGEST_NAME: usize = 255;

const SECONDS_A_DAY: u32 = 86_400;

/// Which types are taken where they are no spot instances: in the order of the list.
const ON_DEMAND_STRATEGY: &str = "prioritized";

/// AWS's word for its own choice of what goes first.
const DEFAULT_TERMINATION: &str = "Default";

/// How many instances there are at least and at most, in percent, where new ones come first: AWS refuses a ceiling of 100 with a
/// floor of 100.
const NEW_ONES_FIRST: (u32, u32) = (100, 110);

/// The nodes of this part. `applied` is what was last written to AWS of `capacity.desired`.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
    applied: Option<i32>,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    check(spec)?;
    let group = group_spec(spec, site, inputs, applied)?;
    let refresh = instance_refresh::Spec {
        group: self::group(),
        launch_template: launch::template(),
        mixed: group.mixed.clone(),
        automatic: !group.takes_versions,
        preferences: preferences(&spec.rollout),
    };
    let nodes = [
        (self::group(), Node::new(Spec::AutoScalingGroup(group), Origin::Managed)),
        (
            self::refresh(),
            Node::new(Spec::InstanceRefresh(refresh), Origin::Inherent),
        ),
    ];
    Ok(nodes.into())
}

/// The group.
pub(super) fn group() -> NodeId {
    NodeId::only(Kind::AutoScalingGroup)
}

/// The replacement of its instances.
pub(super) fn refresh() -> NodeId {
    NodeId::only(Kind::InstanceRefresh)
}

/// What the API server has checked already where it knows the rules.
fn check(spec: &AutoScaledServiceSpec) -> Result<(), SpecError> {
    let RolloutSpec {
        strategy,
        min_healthy_percent,
        max_healthy_percent,
        ..
    } = &spec.rollout;
    let least = match strategy {
        RolloutStrategy::Rolling | RolloutStrategy::Manual => *min_healthy_percent,
        RolloutStrategy::LaunchBeforeTerminate => 100,
    };
    let apart = max_healthy_percent.map(|most| most.saturating_sub(least));
    if apart.is_some_and(|apart| apart > 100) {
        return Err(SpecError::CombineFields {
            field: "rollout.maxHealthyPercent",
            other: "so low a rollout.minHealthyPercent",
            reason: "AWS takes them at most 100 apart",
        });
    }
    if *strategy == RolloutStrategy::LaunchBeforeTerminate && *max_healthy_percent == Some(100) {
        return Err(SpecError::CombineFields {
            field: "rollout.maxHealthyPercent",
            other: "rollout.strategy LaunchBeforeTerminate",
            reason: "with at most 100 percent there is no room for new instances",
        });
    }
    Ok(())
}

fn group_spec(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
    applied: Option<i32>,
) -> Result<auto_scaling_group::Spec, SpecError> {
    let CapacitySpec {
        min,
        desired,
        max,
        rebalance,
        max_lifetime_days,
    } = &spec.capacity;
    let grace_seconds = u32::from(spec.health_check.grace_period_seconds);
    let policies = || vec![DEFAULT_TERMINATION.to_owned()];
    Ok(auto_scaling_group::Spec {
        name: unique(site.identity, &group(), LONGEST_NAME),
        launch_template: launch::template(),
        mixed: mixed(spec),
        takes_versions: spec.rollout.strategy == RolloutStrategy::Manual,
        min: u32::from(*min),
        max: u32::from(*max),
        desired: desired.map(u32::from),
        applied: applied.and_then(|applied| applied.try_into().ok()),
        subnets: site.subnets(spec.placement),
        target_groups: routing::target_groups(spec, site),
        rules: routing::rules(spec, site, inputs),
        grace_seconds,
        termination_policies: spec.termination_policies.clone().unwrap_or_else(policies),
        suspended: spec
            .suspended_processes
            .iter()
            .map(|process| process_word(*process).to_owned())
            .collect(),
        warm_pool: spec.warm_pool.as_ref().map(warm_pool),
        rebalance: *rebalance,
        max_lifetime_seconds: max_lifetime_days.map_or(0, |days| u32::from(days) * SECONDS_A_DAY),
        // Scaling counts a new instance when it may be unhealthy no more; AWS advises to set it in any case.
        warmup_seconds: grace_seconds,
        hooks: scaling::hooks(spec)?,
    })
}

/// With one type and no spot instance, the launch template says all there is to say.
fn mixed(spec: &AutoScaledServiceSpec) -> Option<Mixed> {
    let types = spec.instance_type.iter().chain(spec.instance_types.iter().flatten());
    let types: Vec<_> = types.cloned().collect();
    if types.len() < 2 && spec.spot.is_none() {
        return None;
    }
    let (percent, base, strategy) = match &spec.spot {
        Some(SpotSpec {
            percent,
            strategy,
            base_capacity,
        }) => (*percent, *base_capacity, *strategy),
        None => (0, 0, SpotStrategy::default()),
    };
    Some(Mixed {
        types,
        on_demand_base: u32::from(base),
        on_demand_percent: 100_u32.saturating_sub(percent.into()),
        on_demand_strategy: Some(ON_DEMAND_STRATEGY.to_owned()),
        spot_strategy: Some(strategy_word(strategy).to_owned()),
    })
}

fn warm_pool(wanted: &WarmPoolSpec) -> WarmPool {
    let WarmPoolSpec {
        min,
        max_prepared,
        state,
        reuse,
    } = wanted;
    let word = match state {
        WarmPoolState::Stopped => "Stopped",
        WarmPoolState::Running => "Running",
        WarmPoolState::Hibernated => "Hibernated",
    };
    WarmPool {
        min: u32::from(*min),
        max_prepared: max_prepared.map(u32::from),
        state: word.to_owned(),
        reuse: *reuse,
    }
}

fn preferences(wanted: &RolloutSpec) -> Preferences {
    let RolloutSpec {
        strategy,
        min_healthy_percent,
        max_healthy_percent,
        warmup_seconds,
        checkpoints,
        auto_rollback,
        alarms,
    } = wanted;
    let given = max_healthy_percent.map(u32::from);
    let (min_healthy, max_healthy) = match strategy {
        RolloutStrategy::Rolling | RolloutStrategy::Manual => (u32::from(*min_healthy_percent), given),
        RolloutStrategy::LaunchBeforeTerminate => {
            let (least, most) = NEW_ONES_FIRST;
            (least, Some(given.unwrap_or(most)))
        }
    };
    Preferences {
        min_healthy,
        max_healthy,
        warmup_seconds: warmup_seconds.map(u32::from),
        checkpoints: checkpoints.as_ref().map(self::checkpoints),
        auto_rollback: *auto_rollback,
        alarms: alarms.clone(),
    }
}

/// AWS ends at the last one, whatever is left to replace.
fn checkpoints(wanted: &Checkpoints) -> instance_refresh::Checkpoints {
    let Checkpoints {
        percentages,
        delay_seconds,
    } = wanted;
    let given = percentages
        .iter()
        .filter_map(|percentage| u32::try_from(*percentage).ok());
    let mut percentages: Vec<_> = given.chain([100]).collect();
    percentages.sort_unstable();
    percentages.dedup();
    instance_refresh::Checkpoints {
        percentages,
        delay_seconds: *delay_seconds,
    }
}

const fn strategy_word(strategy: SpotStrategy) -> &'static str {
    match strategy {
        SpotStrategy::PriceCapacityOptimized => "price-capacity-optimized",
        SpotStrategy::CapacityOptimized => "capacity-optimized",
        SpotStrategy::CapacityOptimizedPrioritized => "capacity-optimized-prioritized",
        SpotStrategy::LowestPrice => "lowest-price",
    }
}

const fn process_word(process: SuspendedProcess) -> &'static str {
    match process {
        SuspendedProcess::Launch => "Launch",
        SuspendedProcess::Terminate => "Terminate",
        SuspendedProcess::AddToLoadBalancer => "AddToLoadBalancer",
        SuspendedProcess::AlarmNotification => "AlarmNotification",
        SuspendedProcess::AzRebalance => "AZRebalance",
        SuspendedProcess::HealthCheck => "HealthCheck",
        SuspendedProcess::InstanceRefresh => "InstanceRefresh",
        SuspendedProcess::ReplaceUnhealthy => "ReplaceUnhealthy",
        SuspendedProcess::ScheduledActions => "ScheduledActions",
    }
}

#[cfg(test)]
mod tests;
