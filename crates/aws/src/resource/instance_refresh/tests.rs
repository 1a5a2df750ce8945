use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::cancel_instance_refresh::{
    CancelInstanceRefreshError, CancelInstanceRefreshOutput,
};
use aws_sdk_autoscaling::operation::describe_instance_refreshes::{
    DescribeInstanceRefreshesError, DescribeInstanceRefreshesOutput,
};
use aws_sdk_autoscaling::operation::start_instance_refresh::{StartInstanceRefreshError, StartInstanceRefreshOutput};
use aws_sdk_autoscaling::types::{InstanceRefresh, RollbackDetails};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::kind::Kind;
use hastack_core::resource::Change as AnyChange;
use hastack_core::resource::auto_scaling_group::Mixed;

use super::*;
use crate::testing::{aws, refusal};

fn launch(mixed: bool) -> Launch {
    let several = Mixed {
        types: vec!["t3.micro".into(), "t3a.micro".into()],
        on_demand_base: 0,
        on_demand_percent: 100,
        on_demand_strategy: None,
        spot_strategy: None,
    };
    Launch {
        template: Some(TemplateVersion {
            id: "lt-1".into(),
            number: Some(3),
        }),
        mixed: mixed.then_some(several),
    }
}

fn preferences() -> Preferences {
    Preferences {
        min_healthy: 90,
        max_healthy: None,
        warmup_seconds: Some(30),
        checkpoints: None,
        auto_rollback: true,
        alarms: Vec::new(),
    }
}

fn described(refreshes: Vec<InstanceRefresh>) -> Rule {
    mock!(Client::describe_instance_refreshes)
        .match_requests(|input| input.auto_scaling_group_name() == Some("web") && input.max_records() == Some(1))
        .then_output(move || {
            DescribeInstanceRefreshesOutput::builder()
                .set_instance_refreshes(Some(refreshes.clone()))
                .build()
        })
}

fn bare() -> Object {
    object(State::bare("web"))
}

async fn latest_of(refreshes: Vec<InstanceRefresh>) -> Latest {
    let (aws, _) = aws(&[described(refreshes)]);
    let objects = aws.read(Kind::InstanceRefresh, &[bare().id]).await.unwrap();
    match &objects[0].state {
        AnyState::InstanceRefresh(state) => state.latest.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sweep_takes_no_call() {
    let (aws, calls) = aws(&[]);
    let group = Object {
        id: "web".into(),
        ..bare()
    };
    let seen = aws.sweep(Kind::InstanceRefresh, &[group]).await.unwrap();
    assert_eq!(seen, [bare()]);
    assert!(seen[0].state.lacks_details() && calls.seen().is_empty());
}

#[tokio::test]
async fn a_group_whose_instances_were_never_replaced_says_so() {
    assert_eq!(latest_of(Vec::new()).await, Latest::Never);
}

#[tokio::test]
async fn a_read_shows_how_the_newest_stands() {
    for mixed in [false, true] {
        let refresh = InstanceRefresh::builder()
            .instance_refresh_id("r-1")
            .status(InstanceRefreshStatus::InProgress)
            .percentage_complete(40)
            .status_reason("Waiting for instances to warm up")
            .desired_configuration(desired_configuration(&launch(mixed)));
        let expected = Refresh {
            id: "r-1".into(),
            status: Status::InProgress,
            percentage: 40,
            template: launch(mixed).template,
            reason: Some("Waiting for instances to warm up".into()),
            ended: None,
        };
        assert_eq!(latest_of(vec![refresh.build()]).await, Latest::Refresh(expected));
    }
}

#[tokio::test]
async fn a_rollback_is_told_by_what_led_to_it() {
    let details = RollbackDetails::builder().rollback_reason("an alarm went off");
    let refresh = InstanceRefresh::builder()
        .instance_refresh_id("r-1")
        .status(InstanceRefreshStatus::RollbackSuccessful)
        .status_reason("rolled back")
        .rollback_details(details.build());
    let Latest::Refresh(refresh) = latest_of(vec![refresh.build()]).await else {
        panic!("there is one");
    };
    assert_eq!(
        (refresh.status, refresh.reason.as_deref()),
        (Status::RollbackSuccessful, Some("an alarm went off"))
    );
}

#[test]
fn every_word_of_aws_is_known_and_any_other_goes_on() {
    let status = |word: &str| super::status(Some(&InstanceRefreshStatus::from(word)));
    for (word, expected) in [
        ("Pending", Status::Pending),
        ("InProgress", Status::InProgress),
        ("Baking", Status::Baking),
        ("Cancelling", Status::Cancelling),
        ("RollbackInProgress", Status::RollbackInProgress),
        ("Successful", Status::Successful),
        ("Failed", Status::Failed),
        ("Cancelled", Status::Cancelled),
        ("RollbackSuccessful", Status::RollbackSuccessful),
        ("RollbackFailed", Status::RollbackFailed),
        ("Pondering", Status::InProgress),
    ] {
        assert_eq!(status(word), expected, "{word}");
    }
}

#[tokio::test]
async fn that_of_a_group_that_is_gone_is_gone() {
    let gone = mock!(Client::describe_instance_refreshes).then_error(|| {
        let error = ErrorMetadata::builder().code("ValidationError");
        DescribeInstanceRefreshesError::generic(error.message("AutoScalingGroup name not found").build())
    });
    let (aws, _) = aws(&[gone]);
    assert_eq!(aws.read(Kind::InstanceRefresh, &[bare().id]).await.unwrap(), []);
}

#[tokio::test]
async fn a_start_names_the_version_and_leaves_what_has_it() {
    let rule = mock!(Client::start_instance_refresh)
        .match_requests(|input| {
            let configuration = input.desired_configuration().unwrap();
            let template = configuration.launch_template().unwrap();
            let preferences = input.preferences().unwrap();
            assert_eq!(
                (template.launch_template_id(), template.version()),
                (Some("lt-1"), Some("3"))
            );
            assert_eq!(configuration.mixed_instances_policy(), None);
            assert_eq!(preferences.min_healthy_percentage(), Some(90));
            assert_eq!(
                (preferences.max_healthy_percentage(), preferences.instance_warmup()),
                (None, Some(30))
            );
            assert_eq!(
                (preferences.skip_matching(), preferences.auto_rollback()),
                (Some(true), Some(true))
            );
            assert_eq!(
                (preferences.checkpoint_delay(), preferences.alarm_specification()),
                (None, None)
            );
            input.auto_scaling_group_name() == Some("web")
        })
        .then_output(|| StartInstanceRefreshOutput::builder().instance_refresh_id("r-1").build());
    let (aws, _) = aws(&[rule]);
    let change = Change::Start {
        launch: launch(false),
        preferences: preferences(),
    };
    let reply = aws.update(&bare(), &AnyChange::InstanceRefresh(change)).await.unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("r-1"));
}

#[tokio::test]
async fn a_start_pauses_and_heeds_alarms_where_that_is_wanted() {
    let rule = mock!(Client::start_instance_refresh)
        .match_requests(|input| {
            let preferences = input.preferences().unwrap();
            assert_eq!(preferences.checkpoint_percentages(), [50, 100]);
            assert_eq!(
                (preferences.checkpoint_delay(), preferences.max_healthy_percentage()),
                (Some(60), Some(110))
            );
            assert_eq!(preferences.alarm_specification().unwrap().alarms(), ["errors"]);
            let configuration = input.desired_configuration().unwrap();
            configuration.launch_template().is_none() && configuration.mixed_instances_policy().is_some()
        })
        .then_output(|| StartInstanceRefreshOutput::builder().instance_refresh_id("r-1").build());
    let (aws, _) = aws(&[rule]);
    let change = Change::Start {
        launch: launch(true),
        preferences: Preferences {
            max_healthy: Some(110),
            checkpoints: Some(Checkpoints {
                percentages: vec![50, 100],
                delay_seconds: 60,
            }),
            alarms: vec!["errors".into()],
            ..preferences()
        },
    };
    assert!(aws.update(&bare(), &AnyChange::InstanceRefresh(change)).await.is_ok());
}

#[tokio::test]
async fn one_that_is_under_way_or_is_not_is_looked_at_first() {
    let start = mock!(Client::start_instance_refresh)
        .then_error(|| StartInstanceRefreshError::generic(refusal("InstanceRefreshInProgress")));
    let cancel = mock!(Client::cancel_instance_refresh)
        .then_error(|| CancelInstanceRefreshError::generic(refusal("ActiveInstanceRefreshNotFound")));
    let (aws, _) = aws(&[start, cancel]);
    let change = Change::Start {
        launch: launch(false),
        preferences: preferences(),
    };
    for change in [change, Change::Cancel] {
        let error = aws
            .update(&bare(), &AnyChange::InstanceRefresh(change))
            .await
            .unwrap_err();
        assert!(error.kind.is_uncertain(), "{error}");
    }
}

#[tokio::test]
async fn one_is_cancelled_by_its_group() {
    let rule = mock!(Client::cancel_instance_refresh)
        .match_requests(|input| input.auto_scaling_group_name() == Some("web"))
        .then_output(|| CancelInstanceRefreshOutput::builder().build());
    let (aws, calls) = aws(&[rule]);
    let change = AnyChange::InstanceRefresh(Change::Cancel);
    assert!(aws.update(&bare(), &change).await.is_ok());
    assert_eq!(calls.seen(), ["CancelInstanceRefresh ok"]);
    assert_eq!(aws.delete(&bare(), None).await.unwrap(), Deletion::Gone);
}
