//! Changes of scaling policies, scheduled actions and lifecycle hooks.

use hastack_api::service::capacity::{LifecycleResult, LifecycleTransition};
use hastack_api::service::scaling::{PredictiveMode, ScalingMetric, StepStatistic, StepUnit};
use hastack_core::object::Object;
use hastack_core::resource::lifecycle_hook::Notification;
use hastack_core::resource::scaling_policy::{Metric, Policy};
use hastack_core::resource::{State, lifecycle_hook, scaling_policy, scheduled_action};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::ScalingPolicy(policy) => policy_tampers(policy),
        State::ScheduledAction(_) => action_tampers(),
        State::LifecycleHook(_) => hook_tampers(),
        _ => Vec::new(),
    }
}

fn policy_tampers(state: &scaling_policy::State) -> Vec<Tamper> {
    let mut tampers: Vec<Tamper> = vec![
        ("whether it is enabled", |object| policy_of(object).enabled = false),
        ("another sort of policy", |object| {
            policy_of(object).content.policy = Policy::Other("SimpleScaling".into());
        }),
    ];
    if state.content.label.is_some() {
        tampers.push(("whose requests it counts", |object| {
            policy_of(object).content.label = Some("app/foreign/1/targetgroup/foreign/1".into());
        }));
    }
    tampers.extend(match &state.content.policy {
        Policy::TargetTracking { .. } => tracking_tampers(),
        Policy::Step { .. } => step_tampers(),
        Policy::Predictive { .. } => predictive_tampers(),
        Policy::Other(_) => Vec::new(),
    });
    tampers
}

fn tracking_tampers() -> Vec<Tamper> {
    vec![
        ("the figure", |object| match &mut policy_of(object).content.policy {
            Policy::TargetTracking { metric, .. } => {
                let network = Metric::Predefined(ScalingMetric::AverageNetworkIn);
                let cpu = Metric::Predefined(ScalingMetric::AverageCpu);
                *metric = if *metric == network { cpu } else { network };
            }
            other => panic!("{other:?} tracks no target"),
        }),
        ("the target", |object| match &mut policy_of(object).content.policy {
            Policy::TargetTracking { target, .. } => *target += 1.5,
            other => panic!("{other:?} tracks no target"),
        }),
        ("scaling in", |object| match &mut policy_of(object).content.policy {
            Policy::TargetTracking { disable_scale_in, .. } => *disable_scale_in = !*disable_scale_in,
            other => panic!("{other:?} tracks no target"),
        }),
        ("the warmup", |object| match &mut policy_of(object).content.policy {
            Policy::TargetTracking { warmup_seconds, .. } => *warmup_seconds = Some(7),
            other => panic!("{other:?} tracks no target"),
        }),
    ]
}

fn step_tampers() -> Vec<Tamper> {
    vec![
        ("the unit", |object| match &mut policy_of(object).content.policy {
            Policy::Step { unit, .. } => {
                *unit = match unit {
                    StepUnit::Instances | StepUnit::Exact => StepUnit::Percent,
                    StepUnit::Percent => StepUnit::Instances,
                }
            }
            other => panic!("{other:?} has no steps"),
        }),
        ("a step", |object| match &mut policy_of(object).content.policy {
            Policy::Step { steps, .. } => steps[0].change += 1,
            other => panic!("{other:?} has no steps"),
        }),
        ("the least change", |object| {
            match &mut policy_of(object).content.policy {
                Policy::Step { min_change, .. } => *min_change = Some(77),
                other => panic!("{other:?} has no steps"),
            }
        }),
        ("the statistic", |object| match &mut policy_of(object).content.policy {
            Policy::Step { statistic, .. } => {
                *statistic = match statistic {
                    StepStatistic::Average | StepStatistic::Minimum => StepStatistic::Maximum,
                    StepStatistic::Maximum => StepStatistic::Minimum,
                }
            }
            other => panic!("{other:?} has no steps"),
        }),
        ("the warmup", |object| match &mut policy_of(object).content.policy {
            Policy::Step { warmup_seconds, .. } => *warmup_seconds = Some(7),
            other => panic!("{other:?} has no steps"),
        }),
    ]
}

fn predictive_tampers() -> Vec<Tamper> {
    vec![
        ("the figure", |object| match &mut policy_of(object).content.policy {
            Policy::Predictive { metric, .. } => {
                *metric = match metric {
                    ScalingMetric::AverageCpu => ScalingMetric::AverageNetworkIn,
                    ScalingMetric::AverageNetworkIn
                    | ScalingMetric::AverageNetworkOut
                    | ScalingMetric::RequestsPerTarget => ScalingMetric::AverageCpu,
                }
            }
            other => panic!("{other:?} foresees nothing"),
        }),
        ("the target", |object| match &mut policy_of(object).content.policy {
            Policy::Predictive { target, .. } => *target += 1.5,
            other => panic!("{other:?} foresees nothing"),
        }),
        ("the mode", |object| match &mut policy_of(object).content.policy {
            Policy::Predictive { mode, .. } => {
                *mode = match mode {
                    PredictiveMode::ForecastOnly => PredictiveMode::ForecastAndScale,
                    PredictiveMode::ForecastAndScale => PredictiveMode::ForecastOnly,
                }
            }
            other => panic!("{other:?} foresees nothing"),
        }),
        ("the buffer", |object| match &mut policy_of(object).content.policy {
            Policy::Predictive { buffer_seconds, .. } => *buffer_seconds += 1,
            other => panic!("{other:?} foresees nothing"),
        }),
    ]
}

fn action_tampers() -> Vec<Tamper> {
    vec![
        ("the schedule", |object| {
            action_of(object).content.recurrence = "1 2 3 4 5".into();
        }),
        ("the time zone", |object| {
            action_of(object).content.time_zone = "Pacific/Tahiti".into();
        }),
        ("the least size", |object| action_of(object).content.min = Some(0)),
        ("the greatest size", |object| action_of(object).content.max = Some(999)),
        ("the desired size", |object| {
            action_of(object).content.desired = Some(998);
        }),
        ("no sizes", |object| {
            let content = &mut action_of(object).content;
            (content.min, content.max, content.desired) = (None, None, None);
        }),
        ("an end", |object| action_of(object).ends = true),
    ]
}

fn hook_tampers() -> Vec<Tamper> {
    vec![
        ("the transition", |object| {
            let transition = &mut hook_of(object).content.transition;
            *transition = match transition {
                LifecycleTransition::Launching => LifecycleTransition::Terminating,
                LifecycleTransition::Terminating => LifecycleTransition::Launching,
            };
        }),
        ("the timeout", |object| hook_of(object).content.timeout_seconds = 31),
        ("the result", |object| {
            let result = &mut hook_of(object).content.default_result;
            *result = match result {
                LifecycleResult::Abandon => LifecycleResult::Continue,
                LifecycleResult::Continue => LifecycleResult::Abandon,
            };
        }),
        ("the text", |object| {
            hook_of(object).content.metadata = Some("somebody was here".into());
        }),
        ("who is told", |object| {
            hook_of(object).content.notification = Some(Notification {
                target_arn: "arn:aws:sns:us-east-1:123456789012:foreign".into(),
                role_arn: "arn:aws:iam::123456789012:role/foreign".into(),
            });
        }),
    ]
}

fn policy_of(object: &mut Object) -> &mut scaling_policy::State {
    match &mut object.state {
        State::ScalingPolicy(policy) => policy,
        other => panic!("{other:?} is no scaling policy"),
    }
}

fn action_of(object: &mut Object) -> &mut scheduled_action::State {
    match &mut object.state {
        State::ScheduledAction(action) => action,
        other => panic!("{other:?} is no scheduled action"),
    }
}

fn hook_of(object: &mut Object) -> &mut lifecycle_hook::State {
    match &mut object.state {
        State::LifecycleHook(hook) => hook,
        other => panic!("{other:?} is no lifecycle hook"),
    }
}
