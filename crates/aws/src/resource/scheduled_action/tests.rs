use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::delete_scheduled_action::{
    DeleteScheduledActionError, DeleteScheduledActionOutput,
};
use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput;
use aws_sdk_autoscaling::operation::describe_scheduled_actions::{
    DescribeScheduledActionsError, DescribeScheduledActionsOutput,
};
use aws_sdk_autoscaling::operation::put_scheduled_update_group_action::PutScheduledUpdateGroupActionOutput;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::resource::group_part::testing::{group, owned};
use crate::testing::{aws, object as made_object, request, tags};

fn shown(group: &str, name: &str) -> types::ScheduledUpdateGroupAction {
    types::ScheduledUpdateGroupAction::builder()
        .auto_scaling_group_name(group)
        .scheduled_action_name(name)
        .recurrence("0 8 * * MON-FRI")
        .time_zone("Europe/Berlin")
        .start_time(DateTime::from_secs(1_800_000_000))
        .min_size(2)
        .desired_capacity(4)
        .build()
}

fn content() -> Content {
    Content {
        recurrence: "0 8 * * MON-FRI".into(),
        time_zone: "Europe/Berlin".into(),
        min: Some(2),
        max: None,
        desired: Some(4),
    }
}

fn state() -> State {
    State {
        group: "web".into(),
        name: "hastack-morning".into(),
        content: content(),
        ends: false,
    }
}

fn action() -> Object {
    made_object("web/hastack-morning", AnyState::ScheduledAction(state()))
}

fn put() -> Rule {
    mock!(Client::put_scheduled_update_group_action)
        .match_requests(|input| {
            input.auto_scaling_group_name() == Some("web")
                && input.scheduled_action_name() == Some("hastack-morning")
                && input.recurrence() == Some("0 8 * * MON-FRI")
                && input.time_zone() == Some("Europe/Berlin")
                && input.min_size() == Some(2)
                && input.max_size().is_none()
                && input.desired_capacity() == Some(4)
                && input.start_time().is_none()
        })
        .then_output(|| PutScheduledUpdateGroupActionOutput::builder().build())
}

fn missing(message: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code("ValidationError")
        .message(message)
        .build()
}

#[tokio::test]
async fn a_sweep_shows_ours_of_all_groups_with_the_tags_that_follow_from_these() {
    let page = |token: Option<&'static str>, group: &'static str, name: &'static str, next: Option<&'static str>| {
        mock!(Client::describe_scheduled_actions)
            .match_requests(move |input| {
                input.auto_scaling_group_name().is_none()
                    && input.max_records() == Some(100)
                    && input.next_token() == token
            })
            .then_output(move || {
                DescribeScheduledActionsOutput::builder()
                    .scheduled_update_group_actions(shown(group, name))
                    .scheduled_update_group_actions(shown("web", "somebodys"))
                    .set_next_token(next.map(str::to_owned))
                    .build()
            })
    };
    let (aws, _) = aws(&[
        page(None, "foreign", "hastack-morning", Some("2")),
        page(Some("2"), "web", "hastack-morning", None),
    ]);
    let seen = aws.sweep(Kind::ScheduledAction, &[group("web")]).await.unwrap();
    let ours = owned("scheduled-action/morning", AnyState::ScheduledAction(state()));
    assert_eq!(seen, [ours]);
}

#[tokio::test]
async fn a_sweep_without_groups_asks_nothing() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.sweep(Kind::ScheduledAction, &[]).await.unwrap(), []);
    assert!(calls.seen().is_empty());
}

#[tokio::test]
async fn a_read_asks_each_group_and_passes_over_one_that_is_gone() {
    let gone = mock!(Client::describe_scheduled_actions)
        .match_requests(|input| input.auto_scaling_group_name() == Some("gone"))
        .then_error(|| DescribeScheduledActionsError::generic(missing("AutoScalingGroup name not found - gone")));
    let both = mock!(Client::describe_scheduled_actions)
        .match_requests(|input| input.auto_scaling_group_name() == Some("web"))
        .then_output(|| {
            DescribeScheduledActionsOutput::builder()
                .scheduled_update_group_actions(shown("web", "hastack-other"))
                .scheduled_update_group_actions(shown("web", "hastack-morning"))
                .build()
        });
    let groups =
        mock!(Client::describe_auto_scaling_groups).then_output(|| DescribeAutoScalingGroupsOutput::builder().build());
    let (aws, _) = aws(&[gone, both, groups]);
    let ids = ["gone/hastack-a".to_owned(), "web/hastack-morning".to_owned()];
    let seen = aws.read(Kind::ScheduledAction, &ids).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].state, AnyState::ScheduledAction(state()));
}

#[tokio::test]
async fn a_creation_and_a_change_are_the_same_call() {
    let (aws, _) = aws(&[put(), put()]);
    let create = AnyCreate::ScheduledAction(Create {
        group: "web".into(),
        name: "hastack-morning".into(),
        content: content(),
    });
    let made = aws.create(&request(Kind::ScheduledAction, create)).await.unwrap();
    assert_eq!((made.id.as_str(), &made.tags), ("web/hastack-morning", &tags()));
    assert_eq!(made.state, AnyState::ScheduledAction(state()));
    let change = AnyChange::ScheduledAction(Change::Put(content()));
    aws.update(&action(), &change).await.unwrap();
}

#[test]
fn without_a_time_zone_it_is_in_utc_and_one_with_an_end_is_seen() {
    let once = types::ScheduledUpdateGroupAction::builder()
        .auto_scaling_group_name("web")
        .scheduled_action_name("hastack-once")
        .end_time(DateTime::from_secs(1_800_000_000))
        .build();
    let AnyState::ScheduledAction(state) = object(once).unwrap().state else {
        panic!("it is no scheduled action");
    };
    assert_eq!(state.content.time_zone, UTC);
    assert_eq!(state.content.recurrence, "");
    assert!(state.ends);
}

#[tokio::test]
async fn deleting_one_that_is_gone_succeeds() {
    let deleted = mock!(Client::delete_scheduled_action)
        .match_requests(|input| {
            input.auto_scaling_group_name() == Some("web") && input.scheduled_action_name() == Some("hastack-morning")
        })
        .then_output(|| DeleteScheduledActionOutput::builder().build());
    let absent = mock!(Client::delete_scheduled_action)
        .then_error(|| DeleteScheduledActionError::generic(missing("Scheduled action name not found")));
    let (aws, _) = aws(&[deleted, absent]);
    for _ in 0..2 {
        assert_eq!(aws.delete(&action(), None).await.unwrap(), Deletion::Gone);
    }
}
