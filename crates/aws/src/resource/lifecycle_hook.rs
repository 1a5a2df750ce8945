//! A lifecycle hook. AWS lists those of one group at a time, and they have no tags of their own.

use aws_sdk_autoscaling::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::auto_scaling_group::Hook;
use hastack_core::resource::group_part::{group_and_name, node};
use hastack_core::resource::lifecycle_hook::{
    Change, Content, Create, LifecycleResult, LifecycleTransition, Notification, State,
};
use hastack_core::tag::Tags;

use super::{gone, group_part};
use crate::Aws;
use crate::action::Action;
use crate::error;

const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
const TERMINATING: &str = "autoscaling:EC2_INSTANCE_TERMINATING";
const ABANDON: &str = "ABANDON";
const CONTINUE: &str = "CONTINUE";

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::new();
    for group in parents {
        objects.extend(group_part::known(describe(aws, group.id.clone()).await)?);
    }
    Ok(group_part::ours(objects, parents))
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    group_part::read(aws, ids, |group| describe(aws, group)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create { group, name, content } = create;
    put(aws, group, name, content, None).await?;
    Ok(made(request.tags.clone(), State::new(create)))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let (group, name) = group_and_name(&object.id);
    let tells = matches!(&object.state, AnyState::LifecycleHook(state) if state.content.notification.is_some());
    // An empty text takes away the target that there was.
    let nobody = tells.then(String::new);
    match change {
        Change::Put(content) => put(aws, group, name, content, nobody).await?,
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let (group, name) = group_and_name(id);
    let call = aws
        .autoscaling
        .write
        .delete_lifecycle_hook()
        .auto_scaling_group_name(group)
        .lifecycle_hook_name(name);
    gone(
        aws.send_write(Action::DeleteLifecycleHook, call.send()).await,
        Deletion::Gone,
    )
}

/// Makes a hook or changes the one of this name; where it tells nobody, the target is `nobody`.
async fn put(aws: &Aws, group: &str, name: &str, content: &Content, nobody: Option<String>) -> Result<(), CloudError> {
    let Content {
        transition,
        timeout_seconds,
        default_result,
        metadata,
        notification,
    } = content;
    let (target, role) = told(notification.as_ref());
    let call = aws
        .autoscaling
        .write
        .put_lifecycle_hook()
        .auto_scaling_group_name(group)
        .lifecycle_hook_name(name)
        .lifecycle_transition(transition_word(*transition))
        .heartbeat_timeout((*timeout_seconds).into())
        .default_result(result_word(*default_result))
        .set_notification_metadata(metadata.clone())
        .set_notification_target_arn(target.or(nobody))
        .set_role_arn(role);
    aws.send_write(Action::PutLifecycleHook, call.send()).await?;
    Ok(())
}

/// A hook that a group is made with.
pub(super) fn specification(hook: &Hook) -> types::LifecycleHookSpecification {
    let Hook { name, content } = hook;
    let Content {
        transition,
        timeout_seconds,
        default_result,
        metadata,
        notification,
    } = content;
    let (target, role) = told(notification.as_ref());
    types::LifecycleHookSpecification::builder()
        .lifecycle_hook_name(name)
        .lifecycle_transition(transition_word(*transition))
        .heartbeat_timeout((*timeout_seconds).into())
        .default_result(result_word(*default_result))
        .set_notification_metadata(metadata.clone())
        .set_notification_target_arn(target)
        .set_role_arn(role)
        .build()
}

/// Who is told, and with which role.
fn told(notification: Option<&Notification>) -> (Option<String>, Option<String>) {
    let pair = |Notification { target_arn, role_arn }: Notification| (target_arn, role_arn);
    notification.cloned().map(pair).unzip()
}

const fn transition_word(transition: LifecycleTransition) -> &'static str {
    match transition {
        LifecycleTransition::Launching => LAUNCHING,
        LifecycleTransition::Terminating => TERMINATING,
    }
}

const fn result_word(result: LifecycleResult) -> &'static str {
    match result {
        LifecycleResult::Abandon => ABANDON,
        LifecycleResult::Continue => CONTINUE,
    }
}

/// Our hooks of a group; there are no pages of them.
async fn describe(aws: &Aws, group: String) -> Result<Vec<Object>, CloudError> {
    let action = Action::DescribeLifecycleHooks;
    let request = aws
        .autoscaling
        .read
        .describe_lifecycle_hooks()
        .auto_scaling_group_name(group);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let shown = answer.lifecycle_hooks.unwrap_or_default().into_iter();
    let is_ours = |hook: &types::LifecycleHook| {
        let name = hook.lifecycle_hook_name.as_deref().unwrap_or_default();
        node(Kind::LifecycleHook, name).is_some()
    };
    shown
        .filter(is_ours)
        .map(|hook| object(hook).ok_or_else(|| error::unreadable(action)))
        .collect()
}

fn object(shown: types::LifecycleHook) -> Option<Object> {
    let target = shown.notification_target_arn.filter(|arn| !arn.is_empty());
    let role_arn = shown.role_arn.unwrap_or_default();
    let state = State {
        group: shown.auto_scaling_group_name?,
        name: shown.lifecycle_hook_name?,
        content: Content {
            transition: match shown.lifecycle_transition?.as_str() {
                LAUNCHING => LifecycleTransition::Launching,
                TERMINATING => LifecycleTransition::Terminating,
                _ => return None,
            },
            timeout_seconds: shown.heartbeat_timeout?.try_into().ok()?,
            default_result: match shown.default_result?.as_str() {
                ABANDON => LifecycleResult::Abandon,
                CONTINUE => LifecycleResult::Continue,
                _ => return None,
            },
            metadata: shown.notification_metadata.filter(|text| !text.is_empty()),
            notification: target.map(|target_arn| Notification { target_arn, role_arn }),
        },
    };
    Some(made(Tags::new(), state))
}

fn made(tags: Tags, state: State) -> Object {
    Object {
        id: state.id(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: AnyState::LifecycleHook(state),
    }
}

#[cfg(test)]
mod tests;
