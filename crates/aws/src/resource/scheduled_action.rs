//! A scheduled action. AWS lists those of all groups, and they have no tags of their own.

use aws_sdk_autoscaling::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::group_part::group_and_name;
use hastack_core::resource::scheduled_action::{Change, Content, Create, State, UTC};
use hastack_core::tag::Tags;

use super::{gone, group_part};
use crate::Aws;
use crate::action::Action;

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    Ok(group_part::ours(describe(aws, None).await?, parents))
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    group_part::read(aws, ids, |group| describe(aws, Some(group))).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create { group, name, content } = create;
    put(aws, group, name, content).await?;
    Ok(made(request.tags.clone(), State::new(create)))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    let (group, name) = group_and_name(id);
    match change {
        Change::Put(content) => put(aws, group, name, content).await?,
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let (group, name) = group_and_name(id);
    let call = aws
        .autoscaling
        .write
        .delete_scheduled_action()
        .auto_scaling_group_name(group)
        .scheduled_action_name(name);
    gone(
        aws.send_write(Action::DeleteScheduledAction, call.send()).await,
        Deletion::Gone,
    )
}

/// Makes an action or changes the one of this name.
async fn put(aws: &Aws, group: &str, name: &str, content: &Content) -> Result<(), CloudError> {
    let Content {
        recurrence,
        time_zone,
        min,
        max,
        desired,
    } = content;
    let call = aws
        .autoscaling
        .write
        .put_scheduled_update_group_action()
        .auto_scaling_group_name(group)
        .scheduled_action_name(name)
        .recurrence(recurrence)
        .time_zone(time_zone)
        .set_min_size(min.map(Into::into))
        .set_max_size(max.map(Into::into))
        .set_desired_capacity(desired.map(Into::into));
    aws.send_write(Action::PutScheduledUpdateGroupAction, call.send())
        .await?;
    Ok(())
}

/// The actions of a group, or of all.
async fn describe(aws: &Aws, group: Option<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .autoscaling
        .read
        .describe_scheduled_actions()
        .set_auto_scaling_group_name(group)
        .max_records(Kind::ScheduledAction.row().page.into());
    aws.pages(
        Action::DescribeScheduledActions,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.scheduled_update_group_actions, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::ScheduledUpdateGroupAction) -> Option<Object> {
    let number = |number: Option<i32>| number.and_then(|number| number.try_into().ok());
    let state = State {
        group: shown.auto_scaling_group_name?,
        name: shown.scheduled_action_name?,
        content: Content {
            recurrence: shown.recurrence.unwrap_or_default(),
            time_zone: shown.time_zone.unwrap_or_else(|| UTC.to_owned()),
            min: number(shown.min_size),
            max: number(shown.max_size),
            desired: number(shown.desired_capacity),
        },
        ends: shown.end_time.is_some(),
    };
    Some(made(Tags::new(), state))
}

fn made(tags: Tags, state: State) -> Object {
    Object {
        id: state.id(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: AnyState::ScheduledAction(state),
    }
}

#[cfg(test)]
mod tests;
