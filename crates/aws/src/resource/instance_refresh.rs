//! The instance refresh of a group.

use aws_sdk_autoscaling::types::{
    self, AlarmSpecification, DesiredConfiguration, InstanceRefreshStatus, RefreshPreferences, RefreshStrategy,
};
use hastack_core::cloud::{CloudError, Deletion, ErrorKind, Reply};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::auto_scaling_group::{Launch, TemplateVersion};
use hastack_core::resource::instance_refresh::{
    Change, Checkpoints, Latest, Preferences, Refresh, State, Status, group_of, id_of,
};
use hastack_core::tag::Tags;

use super::auto_scaling_group::{count, mixed_instances_policy, number, shown_template, template_specification};
use super::timestamp;
use crate::Aws;
use crate::action::Action;

/// Each group has one, of which nothing is known yet: that takes no call.
pub fn sweep(parents: &[Object]) -> Vec<Object> {
    let groups = parents.iter().map(|group| &group.id);
    groups.map(|group| object(State::bare(group))).collect()
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::with_capacity(ids.len());
    for id in ids {
        let group = group_of(id);
        match latest(aws, group).await {
            Ok(latest) => objects.push(object(State {
                group: group.to_owned(),
                latest: Some(latest),
            })),
            // The group is gone, and it went with that.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let group = group_of(&object.id);
    match change {
        Change::Start { launch, preferences } => {
            let call = aws
                .autoscaling
                .write
                .start_instance_refresh()
                .auto_scaling_group_name(group)
                .strategy(RefreshStrategy::Rolling)
                .desired_configuration(desired_configuration(launch))
                .preferences(refresh_preferences(preferences));
            let answer = aws.send_write(Action::StartInstanceRefresh, call.send()).await?;
            Ok(Reply {
                part_id: answer.instance_refresh_id,
            })
        }
        Change::Cancel => {
            let call = aws.autoscaling.write.cancel_instance_refresh();
            let call = call.auto_scaling_group_name(group);
            aws.send_write(Action::CancelInstanceRefresh, call.send()).await?;
            Ok(Reply::default())
        }
    }
}

pub fn delete() -> Deletion {
    // It goes with its group.
    Deletion::Gone
}

/// The first that AWS lists is the newest.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html>
async fn latest(aws: &Aws, group: &str) -> Result<Latest, CloudError> {
    let request = aws
        .autoscaling
        .read
        .describe_instance_refreshes()
        .auto_scaling_group_name(group)
        .max_records(1);
    let answer = aws
        .send_read(Action::DescribeInstanceRefreshes, || request.clone().send())
        .await?;
    let newest = answer.instance_refreshes.unwrap_or_default().into_iter().next();
    Ok(newest.and_then(refresh).map_or(Latest::Never, Latest::Refresh))
}

fn object(state: State) -> Object {
    Object {
        id: id_of(&state.group),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::InstanceRefresh(state),
    }
}

fn refresh(shown: types::InstanceRefresh) -> Option<Refresh> {
    let rollback = shown.rollback_details.and_then(|details| details.rollback_reason);
    Some(Refresh {
        id: shown.instance_refresh_id?,
        status: status(shown.status.as_ref()),
        percentage: count(shown.percentage_complete),
        template: shown.desired_configuration.and_then(template),
        // What led to a rollback says more than how that goes.
        reason: rollback.or(shown.status_reason),
        ended: shown.end_time.and_then(timestamp),
    })
}

/// A word that is not known may not be built upon, so it is taken for something that is going on.
fn status(shown: Option<&InstanceRefreshStatus>) -> Status {
    match shown {
        Some(InstanceRefreshStatus::Pending) => Status::Pending,
        Some(InstanceRefreshStatus::Baking) => Status::Baking,
        Some(InstanceRefreshStatus::Cancelling) => Status::Cancelling,
        Some(InstanceRefreshStatus::RollbackInProgress) => Status::RollbackInProgress,
        Some(InstanceRefreshStatus::Successful) => Status::Successful,
        Some(InstanceRefreshStatus::Failed) => Status::Failed,
        Some(InstanceRefreshStatus::Cancelled) => Status::Cancelled,
        Some(InstanceRefreshStatus::RollbackSuccessful) => Status::RollbackSuccessful,
        Some(InstanceRefreshStatus::RollbackFailed) => Status::RollbackFailed,
        _ => Status::InProgress,
    }
}

fn template(shown: DesiredConfiguration) -> Option<TemplateVersion> {
    let mixed = shown.mixed_instances_policy.and_then(|policy| policy.launch_template);
    let within = mixed.and_then(|template| template.launch_template_specification);
    shown.launch_template.or(within).and_then(shown_template)
}

fn desired_configuration(launch: &Launch) -> DesiredConfiguration {
    let mixed = mixed_instances_policy(launch);
    let template = mixed.is_none().then(|| template_specification(launch)).flatten();
    DesiredConfiguration::builder()
        .set_launch_template(template)
        .set_mixed_instances_policy(mixed)
        .build()
}

fn refresh_preferences(preferences: &Preferences) -> RefreshPreferences {
    let Preferences {
        min_healthy,
        max_healthy,
        warmup_seconds,
        checkpoints,
        auto_rollback,
        alarms,
    } = preferences;
    let alarms = (!alarms.is_empty()).then(|| {
        let specification = AlarmSpecification::builder().set_alarms(Some(alarms.clone()));
        specification.build()
    });
    let mut wanted = RefreshPreferences::builder()
        .min_healthy_percentage(number(*min_healthy))
        .set_max_healthy_percentage(max_healthy.map(number))
        .set_instance_warmup(warmup_seconds.map(number))
        // What has the version already stays.
        .skip_matching(true)
        .auto_rollback(*auto_rollback)
        .set_alarm_specification(alarms);
    if let Some(Checkpoints {
        percentages,
        delay_seconds,
    }) = checkpoints
    {
        let percentages = percentages.iter().map(|&percentage| number(percentage)).collect();
        wanted = wanted
            .set_checkpoint_percentages(Some(percentages))
            .checkpoint_delay(number(*delay_seconds));
    }
    wanted.build()
}

#[cfg(test)]
mod tests;
