//! A log group.

use aws_sdk_cloudwatchlogs::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::log_group::{Change, Create, State};
use hastack_core::tag::{path_of_cluster, tags_of_path};
use jiff::Timestamp;

use super::gone;
use crate::Aws;
use crate::action::Action;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .logs
        .read
        .describe_log_groups()
        .log_group_name_prefix(path_of_cluster(&aws.cluster))
        .limit(Kind::LogGroup.row().page.into());
    aws.pages(
        Action::DescribeLogGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.log_groups, page.next_token),
        object,
    )
    .await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = sweep(aws).await?;
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create { name } = create;
    let tags = request.tags.clone().into_iter().collect();
    let call = aws
        .logs
        .write
        .create_log_group()
        .log_group_name(name)
        .set_tags(Some(tags));
    aws.send_write(Action::CreateLogGroup, call.send()).await?;
    // The answer is empty. AWS keeps records for ever unless it is told otherwise.
    Ok(Object {
        id: name.clone(),
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::LogGroup(State {
            name: name.clone(),
            retention_days: None,
        }),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Retention(days) => {
            let call = aws
                .logs
                .write
                .put_retention_policy()
                .log_group_name(&object.id)
                .retention_in_days((*days).into());
            aws.send_write(Action::PutRetentionPolicy, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.logs.write.delete_log_group().log_group_name(id);
    gone(
        aws.send_write(Action::DeleteLogGroup, call.send()).await,
        Deletion::Gone,
    )
}

fn object(shown: types::LogGroup) -> Option<Object> {
    let name = shown.log_group_name?;
    let created = shown.creation_time;
    Some(Object {
        tags: tags_of_path(&name).unwrap_or_default(),
        id: name.clone(),
        phase: Phase::Ready,
        created: created.and_then(|time| Timestamp::from_millisecond(time).ok()),
        state: AnyState::LogGroup(State {
            name,
            retention_days: shown.retention_in_days.and_then(|days| days.try_into().ok()),
        }),
    })
}

#[cfg(test)]
mod tests;
