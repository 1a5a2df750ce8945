use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::delete_lifecycle_hook::{DeleteLifecycleHookError, DeleteLifecycleHookOutput};
use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput;
use aws_sdk_autoscaling::operation::describe_lifecycle_hooks::{
    DescribeLifecycleHooksError, DescribeLifecycleHooksOutput,
};
use aws_sdk_autoscaling::operation::put_lifecycle_hook::PutLifecycleHookOutput;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::resource::group_part::testing::{group, owned};
use crate::testing::{aws, object as made_object, request, tags};

const TARGET: &str = "arn:aws:sns:us-east-1:123456789012:ops";
const ROLE: &str = "arn:aws:iam::123456789012:role/tell";

fn shown(name: &str) -> types::LifecycleHook {
    types::LifecycleHook::builder()
        .auto_scaling_group_name("web")
        .lifecycle_hook_name(name)
        .lifecycle_transition(TERMINATING)
        .heartbeat_timeout(300)
        .global_timeout(30_000)
        .default_result(CONTINUE)
        .build()
}

fn content(told: bool) -> Content {
    Content {
        transition: LifecycleTransition::Terminating,
        timeout_seconds: 300,
        default_result: LifecycleResult::Continue,
        metadata: told.then(|| "text".to_owned()),
        notification: told.then(|| Notification {
            target_arn: TARGET.into(),
            role_arn: ROLE.into(),
        }),
    }
}

fn state(told: bool) -> State {
    State {
        group: "web".into(),
        name: "hastack-drain".into(),
        content: content(told),
    }
}

fn hook(told: bool) -> Object {
    made_object("web/hastack-drain", AnyState::LifecycleHook(state(told)))
}

fn hooks(group: &'static str, names: &'static [&'static str]) -> Rule {
    mock!(Client::describe_lifecycle_hooks)
        .match_requests(move |input| input.auto_scaling_group_name() == Some(group))
        .then_output(|| {
            let hooks = names.iter().map(|name| shown(name)).collect();
            DescribeLifecycleHooksOutput::builder()
                .set_lifecycle_hooks(Some(hooks))
                .build()
        })
}

fn no_group() -> Rule {
    mock!(Client::describe_lifecycle_hooks)
        .match_requests(|input| input.auto_scaling_group_name() == Some("gone"))
        .then_error(|| DescribeLifecycleHooksError::generic(missing("AutoScalingGroup name not found - gone")))
}

fn missing(message: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code("ValidationError")
        .message(message)
        .build()
}

#[tokio::test]
async fn a_sweep_asks_each_group_and_passes_over_one_that_is_gone() {
    let (aws, calls) = aws(&[no_group(), hooks("web", &["somebodys", "hastack-drain"])]);
    let seen = aws
        .sweep(Kind::LifecycleHook, &[group("gone"), group("web")])
        .await
        .unwrap();
    let ours = owned("lifecycle-hook/drain", AnyState::LifecycleHook(state(false)));
    assert_eq!(seen, [ours]);
    assert_eq!(calls.seen().len(), 2);
}

#[tokio::test]
async fn a_read_shows_those_that_are_there() {
    let groups =
        mock!(Client::describe_auto_scaling_groups).then_output(|| DescribeAutoScalingGroupsOutput::builder().build());
    let (aws, _) = aws(&[no_group(), hooks("web", &["hastack-other", "hastack-drain"]), groups]);
    let ids = ["gone/hastack-a".to_owned(), "web/hastack-drain".to_owned()];
    let seen = aws.read(Kind::LifecycleHook, &ids).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].state, AnyState::LifecycleHook(state(false)));
}

#[tokio::test]
async fn it_is_put_with_whom_it_tells() {
    let put = mock!(Client::put_lifecycle_hook)
        .match_requests(|input| {
            input.auto_scaling_group_name() == Some("web")
                && input.lifecycle_hook_name() == Some("hastack-drain")
                && input.lifecycle_transition() == Some(TERMINATING)
                && input.heartbeat_timeout() == Some(300)
                && input.default_result() == Some(CONTINUE)
                && input.notification_metadata() == Some("text")
                && input.notification_target_arn() == Some(TARGET)
                && input.role_arn() == Some(ROLE)
        })
        .then_output(|| PutLifecycleHookOutput::builder().build());
    let (aws, _) = aws(&[put]);
    let create = AnyCreate::LifecycleHook(Create {
        group: "web".into(),
        name: "hastack-drain".into(),
        content: content(true),
    });
    let made = aws.create(&request(Kind::LifecycleHook, create)).await.unwrap();
    assert_eq!((made.id.as_str(), &made.tags), ("web/hastack-drain", &tags()));
    assert_eq!(made.state, AnyState::LifecycleHook(state(true)));
}

/// What a change to telling nobody puts for the target.
async fn assert_silenced(told: bool, expected: Option<&'static str>) {
    let put = mock!(Client::put_lifecycle_hook)
        .match_requests(move |input| input.notification_target_arn() == expected && input.role_arn().is_none())
        .then_output(|| PutLifecycleHookOutput::builder().build());
    let (aws, _) = aws(&[put]);
    let change = AnyChange::LifecycleHook(Change::Put(content(false)));
    aws.update(&hook(told), &change).await.unwrap();
}

#[tokio::test]
async fn an_empty_target_takes_away_the_one_there_was() {
    assert_silenced(true, Some("")).await;
    assert_silenced(false, None).await;
}

#[test]
fn what_aws_shows_of_it_is_read() {
    let mut told = shown("hastack-drain");
    told.notification_target_arn = Some(TARGET.into());
    told.role_arn = Some(ROLE.into());
    told.notification_metadata = Some("text".into());
    assert_eq!(object(told).unwrap().state, AnyState::LifecycleHook(state(true)));
    let mut silenced = shown("hastack-drain");
    silenced.notification_target_arn = Some(String::new());
    silenced.role_arn = Some(ROLE.into());
    assert_eq!(object(silenced).unwrap().state, AnyState::LifecycleHook(state(false)));
}

#[tokio::test]
async fn deleting_one_that_is_gone_succeeds() {
    let deleted = mock!(Client::delete_lifecycle_hook)
        .match_requests(|input| {
            input.auto_scaling_group_name() == Some("web") && input.lifecycle_hook_name() == Some("hastack-drain")
        })
        .then_output(|| DeleteLifecycleHookOutput::builder().build());
    let absent = mock!(Client::delete_lifecycle_hook)
        .then_error(|| DeleteLifecycleHookError::generic(missing("No Lifecycle Hook found with name hastack-drain")));
    let (aws, _) = aws(&[deleted, absent]);
    for _ in 0..2 {
        assert_eq!(aws.delete(&hook(false), None).await.unwrap(), Deletion::Gone);
    }
}
