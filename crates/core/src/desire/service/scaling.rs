//! The scaling part of a service: scaling policies, scheduled actions, lifecycle hooks.

mod cron;
mod steps;

use std::collections::BTreeMap;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::capacity::LifecycleHookSpec;
use hastack_api::service::scaling::{
    CustomMetric, PredictiveScaling, ScalingMetric, ScalingSpec, ScheduledScaling, StepScaling, TargetTracking,
};

use super::{fleet, routing};
use crate::desire::name::digest;
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::auto_scaling_group::Hook;
use crate::resource::scaling_policy::{Metric, Policy, Traffic, metric_word};
use crate::resource::{Spec, group_part, lifecycle_hook, scaling_policy, scheduled_action};

/// The longest that AWS waits for a new instance to count.
const LONGEST_WARMUP: u16 = 3600;
/// The longest part of a name that follows from a metric's.
const LONGEST_WORD: usize = 100;

/// The nodes of this part.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let mut nodes = BTreeMap::new();
    let mut steps = 0;
    for (index, wanted) in spec.scaling.iter().enumerate() {
        let field = format!("scaling[{index}]");
        let (id, spec) = match kind(wanted, &field)? {
            Sort::TargetTracking(tracking) => policy(wanted, target_tracking(tracking, spec), spec, site, inputs)?,
            Sort::Step(step) => {
                steps += 1;
                let policy = step_policy(step, &field, spec)?;
                self::policy(wanted, (format!("step-{steps}"), policy), spec, site, inputs)?
            }
            Sort::Predictive(predictive) => policy(wanted, self::predictive(predictive), spec, site, inputs)?,
            Sort::Scheduled(scheduled) => action(wanted, scheduled, &field)?,
        };
        put(&mut nodes, field, id, spec)?;
    }
    for (index, wanted) in spec.lifecycle_hooks.iter().enumerate() {
        let id = NodeId::named(Kind::LifecycleHook, &wanted.name);
        let Hook { name, content } = hook(wanted)?;
        let spec = lifecycle_hook::Spec {
            group: fleet::group(),
            name,
            content,
        };
        put(
            &mut nodes,
            format!("lifecycleHooks[{index}]"),
            id,
            Spec::LifecycleHook(spec),
        )?;
    }
    Ok(nodes)
}

/// The lifecycle hooks that the group is made with, so that its first instances wait for them too.
pub(super) fn hooks(spec: &AutoScaledServiceSpec) -> Result<Vec<Hook>, SpecError> {
    spec.lifecycle_hooks.iter().map(hook).collect()
}

/// What scales.
enum Sort<'a> {
    TargetTracking(&'a TargetTracking),
    Step(&'a StepScaling),
    Scheduled(&'a ScheduledScaling),
    Predictive(&'a PredictiveScaling),
}

fn kind<'a>(wanted: &'a ScalingSpec, field: &str) -> Result<Sort<'a>, SpecError> {
    let ScalingSpec {
        name: _,
        target_tracking,
        step,
        scheduled,
        predictive,
    } = wanted;
    match (target_tracking, step, scheduled, predictive) {
        (Some(tracking), None, None, None) => Ok(Sort::TargetTracking(tracking)),
        (None, Some(step), None, None) => Ok(Sort::Step(step)),
        (None, None, Some(scheduled), None) => Ok(Sort::Scheduled(scheduled)),
        (None, None, None, Some(predictive)) => Ok(Sort::Predictive(predictive)),
        (_, _, _, _) => Err(SpecError::UseScaling {
            field: field.to_owned(),
            reason: "give one of targetTracking, step, scheduled and predictive".to_owned(),
        }),
    }
}

fn put(nodes: &mut BTreeMap<NodeId, Node>, field: String, id: NodeId, spec: Spec) -> Result<(), SpecError> {
    let name = id.name.clone();
    match nodes.insert(id, Node::new(spec, Origin::Managed)) {
        None => Ok(()),
        Some(_) => Err(SpecError::RepeatName { field, name }),
    }
}

/// The policy that says this, by its own name or the one it has by default.
fn policy(
    wanted: &ScalingSpec,
    (default, policy): (String, Policy),
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<(NodeId, Spec), SpecError> {
    let requests = match &policy {
        Policy::TargetTracking {
            metric: Metric::Predefined(metric),
            target: _,
            disable_scale_in: _,
            warmup_seconds: _,
        }
        | Policy::Predictive { metric, .. } => *metric == ScalingMetric::RequestsPerTarget,
        Policy::TargetTracking { .. } | Policy::Step { .. } | Policy::Other(_) => false,
    };
    let traffic = requests.then(|| traffic(spec, site, inputs)).transpose()?;
    let name = wanted.name.clone().unwrap_or(default);
    let spec = scaling_policy::Spec {
        group: fleet::group(),
        name: group_part::aws_name(&name),
        policy: policy.in_order(),
        traffic,
    };
    Ok((NodeId::named(Kind::ScalingPolicy, name), Spec::ScalingPolicy(spec)))
}

fn target_tracking(tracking: &TargetTracking, spec: &AutoScaledServiceSpec) -> (String, Policy) {
    let TargetTracking {
        metric,
        custom,
        target,
        disable_scale_in,
        warmup_seconds,
    } = tracking;
    let (name, metric) = match (custom, metric) {
        (Some(custom), _) => (custom_name(custom), Metric::Custom(custom.clone())),
        (None, metric) => {
            let metric = metric.unwrap_or(ScalingMetric::AverageCpu);
            (kebab(metric_word(metric)), Metric::Predefined(metric))
        }
    };
    let policy = Policy::TargetTracking {
        metric,
        target: *target,
        disable_scale_in: *disable_scale_in,
        warmup_seconds: Some(warmup(*warmup_seconds, spec)),
    };
    (name, policy)
}

fn step_policy(step: &StepScaling, field: &str, spec: &AutoScaledServiceSpec) -> Result<Policy, SpecError> {
    let StepScaling {
        unit,
        steps,
        min_change,
        statistic,
        warmup_seconds,
    } = step;
    let policy = Policy::Step {
        unit: *unit,
        steps: steps.clone(),
        min_change: *min_change,
        statistic: *statistic,
        warmup_seconds: Some(warmup(*warmup_seconds, spec)),
    };
    let reason = steps::fault(*unit, steps, *min_change);
    match reason {
        None => Ok(policy),
        Some(reason) => Err(SpecError::UseScaling {
            field: format!("{field}.step"),
            reason: reason.to_owned(),
        }),
    }
}

fn predictive(predictive: &PredictiveScaling) -> (String, Policy) {
    let PredictiveScaling {
        metric,
        target,
        mode,
        buffer_seconds,
    } = predictive;
    let policy = Policy::Predictive {
        metric: *metric,
        target: *target,
        mode: *mode,
        buffer_seconds: *buffer_seconds,
    };
    (format!("predictive-{}", kebab(metric_word(*metric))), policy)
}

/// The load balancer's requests to the service.
fn traffic(spec: &AutoScaledServiceSpec, site: &Site<'_>, inputs: &Inputs) -> Result<Traffic, SpecError> {
    let target_group = routing::target_groups(spec, site).into_iter().next();
    match (&spec.routing, target_group) {
        (Some(_), Some(target_group)) => Ok(Traffic {
            load_balancer: site.of_stack(NodeId::only(Kind::LoadBalancer)),
            target_group,
            rules: routing::rules(spec, site, inputs),
        }),
        (_, _) => Err(SpecError::CombineFields {
            field: "scaling metric RequestsPerTarget",
            other: "no routing",
            reason: "without it there are no requests to count",
        }),
    }
}

fn action(wanted: &ScalingSpec, scheduled: &ScheduledScaling, field: &str) -> Result<(NodeId, Spec), SpecError> {
    let ScheduledScaling {
        cron,
        time_zone,
        min,
        max,
        desired,
    } = scheduled;
    if let Some(reason) = cron::fault(cron) {
        return Err(SpecError::UseScaling {
            field: format!("{field}.scheduled.cron {cron:?}"),
            reason,
        });
    }
    let recurrence = cron.split_whitespace().collect::<Vec<_>>().join(" ");
    let time_zone = time_zone.as_deref().unwrap_or(scheduled_action::UTC).to_owned();
    let default = || format!("scheduled-{}", digest(&format!("{recurrence}\n{time_zone}")));
    let name = wanted.name.clone().unwrap_or_else(default);
    let spec = scheduled_action::Spec {
        group: fleet::group(),
        name: group_part::aws_name(&name),
        content: scheduled_action::Content {
            recurrence,
            time_zone,
            min: *min,
            max: *max,
            desired: *desired,
        },
    };
    Ok((NodeId::named(Kind::ScheduledAction, name), Spec::ScheduledAction(spec)))
}

fn hook(wanted: &LifecycleHookSpec) -> Result<Hook, SpecError> {
    let LifecycleHookSpec {
        name,
        transition,
        timeout_seconds,
        default_result,
        metadata,
        notification_target_arn,
        role_arn,
    } = wanted;
    let notification = match (notification_target_arn.clone(), role_arn.clone()) {
        (None, None) => None,
        (Some(target_arn), Some(role_arn)) => Some(lifecycle_hook::Notification { target_arn, role_arn }),
        (Some(_), None) | (None, Some(_)) => {
            return Err(SpecError::CombineFields {
                field: "lifecycleHooks.notificationTargetArn",
                other: "no lifecycleHooks.roleArn, or the other way round",
                reason: "AWS tells the target with that role",
            });
        }
    };
    Ok(Hook {
        name: group_part::aws_name(name),
        content: lifecycle_hook::Content {
            transition: *transition,
            timeout_seconds: *timeout_seconds,
            default_result: *default_result,
            metadata: metadata.clone(),
            notification,
        },
    })
}

/// A new instance counts, unless the user says otherwise, once it has to be healthy.
fn warmup(seconds: Option<u16>, spec: &AutoScaledServiceSpec) -> u16 {
    let grace = spec.health_check.grace_period_seconds;
    seconds.unwrap_or(grace).min(LONGEST_WARMUP)
}

fn custom_name(metric: &CustomMetric) -> String {
    let word = kebab(&metric.name);
    format!("custom-{word}").trim_end_matches('-').to_owned()
}

/// `CPUUtilization` as `cpu-utilization`: letters, digits and single hyphens.
fn kebab(name: &str) -> String {
    let mut word = String::new();
    let mut letters = name.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let humped = letter.is_ascii_uppercase()
            && before.is_some_and(|before: char| {
                let ends_shouting = letters.peek().is_some_and(char::is_ascii_lowercase);
                before.is_ascii_lowercase() || before.is_ascii_digit() || before.is_ascii_uppercase() && ends_shouting
            });
        if humped {
            word.push('-');
        }
        word.push(if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        });
        before = Some(letter);
    }
    let parts: Vec<_> = word.split('-').filter(|part| !part.is_empty()).collect();
    let mut word = parts.join("-");
    word.truncate(LONGEST_WORD);
    word
}

#[cfg(test)]
mod tests;
