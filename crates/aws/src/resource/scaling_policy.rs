//! A scaling policy. AWS lists those of all groups, and they have no tags of their own.

mod content;

use aws_sdk_autoscaling::operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder;
use aws_sdk_autoscaling::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::group_part::group_and_name;
use hastack_core::resource::scaling_policy::{Change, Content, Create, State};
use hastack_core::tag::Tags;

use super::{gone, group_part};
use crate::Aws;
use crate::action::Action;
use crate::error;

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
    let arn = put(aws, group, name, content).await?;
    Ok(made(
        request.tags.clone(),
        State::new(create, arn.ok_or_else(|| error::unreadable(Action::PutScalingPolicy))?),
    ))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    let (group, name) = group_and_name(id);
    match change {
        Change::Put(content) => put(aws, group, name, content).await?,
    };
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let (group, name) = group_and_name(id);
    let call = aws
        .autoscaling
        .write
        .delete_policy()
        .auto_scaling_group_name(group)
        .policy_name(name);
    gone(aws.send_write(Action::DeletePolicy, call.send()).await, Deletion::Gone)
}

/// Makes a policy or changes the one of this name; its ARN.
async fn put(aws: &Aws, group: &str, name: &str, content: &Content) -> Result<Option<String>, CloudError> {
    let action = Action::PutScalingPolicy;
    let call = aws
        .autoscaling
        .write
        .put_scaling_policy()
        .auto_scaling_group_name(group)
        .policy_name(name)
        .enabled(true);
    let call: PutScalingPolicyFluentBuilder = content::put(call, content)
        .ok_or_else(|| error::refused(action, Some("Unsupported"), Some("nobody wants such a policy")))?;
    Ok(aws.send_write(action, call.send()).await?.policy_arn)
}

/// The policies of a group, or of all.
async fn describe(aws: &Aws, group: Option<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .autoscaling
        .read
        .describe_policies()
        .set_auto_scaling_group_name(group)
        .max_records(Kind::ScalingPolicy.row().page.into());
    aws.pages(
        Action::DescribePolicies,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.scaling_policies, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::ScalingPolicy) -> Option<Object> {
    let content = content::shown(&shown);
    let state = State {
        group: shown.auto_scaling_group_name?,
        name: shown.policy_name?,
        arn: shown.policy_arn?,
        enabled: shown.enabled != Some(false),
        content,
    };
    Some(made(Tags::new(), state))
}

fn made(tags: Tags, state: State) -> Object {
    Object {
        id: state.id(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: AnyState::ScalingPolicy(state),
    }
}

#[cfg(test)]
mod tests;
