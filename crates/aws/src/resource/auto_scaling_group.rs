//! An Auto Scaling group.

mod launch;

use std::collections::BTreeSet;

use aws_sdk_autoscaling::types::{
    self, Filter, InstanceReusePolicy, LifecycleState, ScalingActivityStatusCode, WarmPoolConfiguration, WarmPoolState,
    WarmPoolStatus,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::auto_scaling_group::{
    Activity, Change, Create, Instance, Lifecycle, Settings, State, Update, WarmPool,
};
use hastack_core::resource::{Shown, State as AnyState};
use hastack_core::tag::CLUSTER;

use super::{absent, gone, lifecycle_hook, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::in_turns;
use crate::tag::autoscaling::{list, tags};

pub(super) use launch::{mixed_instances_policy, shown_template, template_specification};

/// The most groups that are named in one call: as many as are on a page.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>
const NAMES: usize = 50;
/// How many scaling activities are looked at: the newest may not be finished.
const ACTIVITIES: i32 = 10;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let ours = Filter::builder().name(format!("tag:{CLUSTER}")).values(&aws.cluster);
    let request = aws
        .autoscaling
        .read
        .describe_auto_scaling_groups()
        .filters(ours.build())
        .max_records(Kind::AutoScalingGroup.row().page.into());
    aws.pages(
        Action::DescribeAutoScalingGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.auto_scaling_groups, page.next_token),
        object,
    )
    .await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = in_turns(ids, NAMES, |names| describe(aws, names)).await?;
    for object in &mut objects {
        if let AnyState::AutoScalingGroup(state) = &mut object.state
            && state.is_underway()
        {
            state.last_activity = last_activity(aws, &object.id).await?;
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create {
        name,
        launch,
        settings,
        desired,
        target_group_arns,
        hooks,
    } = create;
    let Settings {
        min,
        max,
        subnet_ids,
        load_balancer_health,
        grace_seconds,
        termination_policies,
        rebalance,
        max_lifetime_seconds,
        warmup_seconds,
    } = settings;
    let mixed = mixed_instances_policy(launch);
    let template = mixed.is_none().then(|| template_specification(launch)).flatten();
    let arns = (!target_group_arns.is_empty()).then(|| words(target_group_arns));
    let lifetime = Some(*max_lifetime_seconds).filter(|seconds| *seconds > 0);
    let hooks: Vec<_> = hooks.iter().map(lifecycle_hook::specification).collect();
    let call = aws
        .autoscaling
        .write
        .create_auto_scaling_group()
        .auto_scaling_group_name(name)
        .set_launch_template(template)
        .set_mixed_instances_policy(mixed)
        .min_size(number(*min))
        .max_size(number(*max))
        .desired_capacity(number(*desired))
        .vpc_zone_identifier(joined(subnet_ids))
        .set_target_group_arns(arns)
        .health_check_type(health_check_type(*load_balancer_health))
        .health_check_grace_period(number(*grace_seconds))
        .set_termination_policies(Some(termination_policies.clone()))
        .capacity_rebalance(*rebalance)
        .set_max_instance_lifetime(lifetime.map(number))
        .set_default_instance_warmup(warmup_seconds.map(number))
        .set_lifecycle_hook_specification_list((!hooks.is_empty()).then_some(hooks))
        .set_tags(Some(list(name, &request.tags)));
    aws.send_write(Action::CreateAutoScalingGroup, call.send()).await?;
    Ok(Object {
        id: name.clone(),
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::AutoScalingGroup(State::new(create)),
    })
}

pub async fn update(aws: &Aws, name: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Update(update) => return modify(aws, name, update).await,
        Change::Desired(desired) => {
            let call = aws.autoscaling.write.set_desired_capacity();
            let call = call.auto_scaling_group_name(name).desired_capacity(number(*desired));
            aws.send_write(Action::SetDesiredCapacity, call.send()).await?;
        }
        Change::AttachTargetGroups(arns) => {
            let call = aws.autoscaling.write.attach_load_balancer_target_groups();
            let call = call
                .auto_scaling_group_name(name)
                .set_target_group_arns(Some(words(arns)));
            aws.send_write(Action::AttachLoadBalancerTargetGroups, call.send())
                .await?;
        }
        Change::DetachTargetGroups(arns) => {
            let call = aws.autoscaling.write.detach_load_balancer_target_groups();
            let call = call
                .auto_scaling_group_name(name)
                .set_target_group_arns(Some(words(arns)));
            aws.send_write(Action::DetachLoadBalancerTargetGroups, call.send())
                .await?;
        }
        Change::Suspend(processes) => {
            let call = aws.autoscaling.write.suspend_processes();
            let call = call
                .auto_scaling_group_name(name)
                .set_scaling_processes(Some(words(processes)));
            aws.send_write(Action::SuspendProcesses, call.send()).await?;
        }
        Change::Resume(processes) => {
            let call = aws.autoscaling.write.resume_processes();
            let call = call
                .auto_scaling_group_name(name)
                .set_scaling_processes(Some(words(processes)));
            aws.send_write(Action::ResumeProcesses, call.send()).await?;
        }
        Change::PutWarmPool(pool) => return put_warm_pool(aws, name, pool).await,
        Change::DeleteWarmPool => {
            // The group may be on its way out, and its instances must not be waited for.
            let call = aws.autoscaling.write.delete_warm_pool();
            let call = call.auto_scaling_group_name(name).force_delete(true);
            absent(aws.send_write(Action::DeleteWarmPool, call.send()).await.map(drop))?;
        }
    }
    Ok(Reply::default())
}

async fn modify(aws: &Aws, name: &str, update: &Update) -> Result<Reply, CloudError> {
    let Update {
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
    } = update;
    let mixed = launch.as_ref().and_then(mixed_instances_policy);
    let template = launch.as_ref().filter(|_| mixed.is_none());
    let call = aws
        .autoscaling
        .write
        .update_auto_scaling_group()
        .auto_scaling_group_name(name)
        .set_launch_template(template.and_then(template_specification))
        .set_mixed_instances_policy(mixed)
        .set_min_size(min.map(number))
        .set_max_size(max.map(number))
        .set_vpc_zone_identifier(subnet_ids.as_ref().map(joined))
        .set_health_check_type(load_balancer_health.map(|counts| health_check_type(counts).to_owned()))
        .set_health_check_grace_period(grace_seconds.map(number))
        .set_termination_policies(termination_policies.clone())
        .set_capacity_rebalance(*rebalance)
        .set_max_instance_lifetime(max_lifetime_seconds.map(number))
        .set_default_instance_warmup(warmup_seconds.map(number));
    aws.send_write(Action::UpdateAutoScalingGroup, call.send()).await?;
    Ok(Reply::default())
}

async fn put_warm_pool(aws: &Aws, name: &str, pool: &WarmPool) -> Result<Reply, CloudError> {
    let WarmPool {
        min,
        max_prepared,
        state,
        reuse,
    } = pool;
    // What is left out stays as it was: without a most of its own there is one of -1.
    let most = max_prepared.map_or(-1, number);
    let call = aws
        .autoscaling
        .write
        .put_warm_pool()
        .auto_scaling_group_name(name)
        .min_size(number(*min))
        .max_group_prepared_capacity(most)
        .pool_state(WarmPoolState::from(state.as_str()))
        .instance_reuse_policy(InstanceReusePolicy::builder().reuse_on_scale_in(*reuse).build());
    aws.send_write(Action::PutWarmPool, call.send()).await?;
    Ok(Reply::default())
}

/// Its instances go with it, and are not waited for.
pub async fn delete(aws: &Aws, name: &str) -> Result<Deletion, CloudError> {
    let call = aws.autoscaling.write.delete_auto_scaling_group();
    let call = call.auto_scaling_group_name(name).force_delete(true);
    gone(
        aws.send_write(Action::DeleteAutoScalingGroup, call.send()).await,
        Deletion::Started,
    )
}

/// Those that do not exist are left out.
async fn describe(aws: &Aws, names: Vec<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .autoscaling
        .read
        .describe_auto_scaling_groups()
        .set_auto_scaling_group_names(Some(names));
    aws.pages(
        Action::DescribeAutoScalingGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.auto_scaling_groups, page.next_token),
        object,
    )
    .await
}

/// What the newest activity that is finished came to.
async fn last_activity(aws: &Aws, name: &str) -> Result<Option<Activity>, CloudError> {
    let request = aws
        .autoscaling
        .read
        .describe_scaling_activities()
        .auto_scaling_group_name(name)
        .max_records(ACTIVITIES);
    let answer = aws.send_read(Action::DescribeScalingActivities, || request.clone().send());
    let shown = match answer.await {
        Ok(answer) => answer.activities.unwrap_or_default(),
        // The group was deleted in between.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let finished = shown.into_iter().find_map(|activity| match activity.status_code? {
        ScalingActivityStatusCode::Failed => {
            let reason = activity.status_message.or(activity.description);
            Some(Activity::Failed(reason.unwrap_or_default()))
        }
        ScalingActivityStatusCode::Successful | ScalingActivityStatusCode::Cancelled => Some(Activity::Well),
        // It is not finished.
        _ => None,
    });
    Ok(Some(finished.unwrap_or(Activity::Well)))
}

fn object(shown: types::AutoScalingGroup) -> Option<Object> {
    let name = shown.auto_scaling_group_name?;
    let pool = shown.warm_pool_configuration;
    let leaves = |pool: &WarmPoolConfiguration| pool.status == Some(WarmPoolStatus::PendingDelete);
    let warm_pool_leaves = pool.as_ref().is_some_and(leaves);
    let subnets = shown.vpc_zone_identifier.unwrap_or_default();
    let mut instances: Vec<_> = shown
        .instances
        .unwrap_or_default()
        .into_iter()
        .filter_map(instance)
        .collect();
    instances.sort_by(|one, other| one.id.cmp(&other.id));
    let suspended = shown.suspended_processes.unwrap_or_default().into_iter();
    let settings = Settings {
        min: count(shown.min_size),
        max: count(shown.max_size),
        subnet_ids: subnets
            .split(',')
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty())
            .collect(),
        load_balancer_health: shown
            .health_check_type
            .is_some_and(|checks| checks.split(',').any(|check| check == ELB)),
        grace_seconds: count(shown.health_check_grace_period),
        termination_policies: shown.termination_policies.unwrap_or_default(),
        rebalance: shown.capacity_rebalance.unwrap_or_default(),
        max_lifetime_seconds: count(shown.max_instance_lifetime),
        warmup_seconds: shown
            .default_instance_warmup
            .and_then(|seconds| seconds.try_into().ok()),
    };
    Some(Object {
        id: name.clone(),
        tags: tags(shown.tags),
        // It says nothing unless it is on its way out.
        phase: shown.status.map_or(Phase::Ready, |_| Phase::Deleting),
        created: shown.created_time.and_then(timestamp),
        state: AnyState::AutoScalingGroup(State {
            name,
            launch: launch::shown(shown.launch_template, shown.mixed_instances_policy),
            settings,
            desired: count(shown.desired_capacity),
            target_group_arns: shown.target_group_arns.unwrap_or_default().into_iter().collect(),
            suspended: suspended.filter_map(|process| process.process_name).collect(),
            warm_pool: pool.filter(|_| !warm_pool_leaves).map(warm_pool),
            warm_pool_leaves,
            instances,
            last_activity: None,
        }),
    })
}

fn warm_pool(shown: WarmPoolConfiguration) -> WarmPool {
    let state = shown.pool_state.unwrap_or(WarmPoolState::Stopped);
    let reuse = shown.instance_reuse_policy.and_then(|policy| policy.reuse_on_scale_in);
    WarmPool {
        min: count(shown.min_size),
        // One below zero is none.
        max_prepared: shown.max_group_prepared_capacity.and_then(|most| most.try_into().ok()),
        state: state.as_str().to_owned(),
        reuse: reuse.unwrap_or_default(),
    }
}

fn instance(shown: types::Instance) -> Option<Instance> {
    Some(Instance {
        id: shown.instance_id?,
        instance_type: shown.instance_type.unwrap_or_default(),
        zone: shown.availability_zone.unwrap_or_default(),
        template: shown.launch_template.and_then(shown_template),
        lifecycle: lifecycle(shown.lifecycle_state.as_ref()),
        healthy: shown
            .health_status
            .is_some_and(|status| status.eq_ignore_ascii_case("healthy")),
    })
}

/// AWS has a word for each step on the way: `Pending:Wait` and so on.
fn lifecycle(shown: Option<&LifecycleState>) -> Lifecycle {
    let word = shown.map_or("", LifecycleState::as_str);
    match word.split(':').next().unwrap_or_default() {
        "InService" => Lifecycle::InService,
        "Pending" | "ReplacingRootVolume" | "RootVolumeReplaced" => Lifecycle::Pending,
        "Terminating" | "Terminated" => Lifecycle::Terminating,
        _ => Lifecycle::Aside,
    }
}

/// AWS's word for health checks by target groups, beside its own.
const ELB: &str = "ELB";

const fn health_check_type(by_load_balancer: bool) -> &'static str {
    if by_load_balancer { ELB } else { "EC2" }
}

/// A number as the SDK takes it.
pub(super) fn number(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A number as the SDK shows it.
pub(super) fn count(shown: Option<i32>) -> u32 {
    shown.unwrap_or_default().try_into().unwrap_or_default()
}

fn words(words: &BTreeSet<String>) -> Vec<String> {
    words.iter().cloned().collect()
}

fn joined(ids: &BTreeSet<String>) -> String {
    words(ids).join(",")
}

#[cfg(test)]
mod tests;
