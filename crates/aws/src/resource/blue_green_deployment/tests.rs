use aws_sdk_rds::Client;
use aws_sdk_rds::operation::add_tags_to_resource::AddTagsToResourceOutput;
use aws_sdk_rds::operation::create_blue_green_deployment::{
    CreateBlueGreenDeploymentError, CreateBlueGreenDeploymentOutput,
};
use aws_sdk_rds::operation::delete_blue_green_deployment::{
    DeleteBlueGreenDeploymentError, DeleteBlueGreenDeploymentOutput,
};
use aws_sdk_rds::operation::describe_blue_green_deployments::DescribeBlueGreenDeploymentsOutput;
use aws_sdk_rds::operation::modify_db_cluster::ModifyDbClusterOutput;
use aws_sdk_rds::operation::modify_db_instance::ModifyDbInstanceOutput;
use aws_sdk_rds::operation::switchover_blue_green_deployment::{
    SwitchoverBlueGreenDeploymentError, SwitchoverBlueGreenDeploymentOutput,
};
use aws_sdk_rds::types::Tag;
use aws_sdk_rds::types::builders::BlueGreenDeploymentBuilder;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::Change as TagChange;
use jiff::Timestamp;

use super::*;
use crate::testing::{aws, object as made, refusal, request, tags};

const BLUE: &str = "arn:aws:rds:us-east-1:123456789012:db:web";
const GREEN: &str = "arn:aws:rds:us-east-1:123456789012:db:web-green-abc123";
const BLUE_CLUSTER: &str = "arn:aws:rds:us-east-1:123456789012:cluster:web";
const GREEN_CLUSTER: &str = "arn:aws:rds:us-east-1:123456789012:cluster:web-green-abc123";

fn shown(id: &str, cluster: &str) -> BlueGreenDeploymentBuilder {
    types::BlueGreenDeployment::builder()
        .blue_green_deployment_identifier(id)
        .blue_green_deployment_name("web-17")
        .source(BLUE)
        .status("PROVISIONING")
        .tag_list(Tag::builder().key(CLUSTER).value(cluster).build())
}

fn state() -> State {
    State {
        name: "web-17".into(),
        source: BLUE.into(),
        target: Some(GREEN.into()),
        status: Status::Available,
        details: None,
        unprotected: false,
    }
}

fn of(state: State) -> Object {
    made("bgd-1", AnyState::BlueGreenDeployment(state))
}

fn page() -> Rule {
    mock!(Client::describe_blue_green_deployments)
        .match_requests(|input| {
            input.max_records() == Some(100)
                && input.marker().is_none()
                && input.blue_green_deployment_identifier().is_none()
        })
        .then_output(|| {
            DescribeBlueGreenDeploymentsOutput::builder()
                .blue_green_deployments(shown("bgd-2", "c2").build())
                .marker("next")
                .build()
        })
}

fn next_page() -> Rule {
    mock!(Client::describe_blue_green_deployments)
        .match_requests(|input| input.marker() == Some("next"))
        .then_output(|| {
            let whole = shown("bgd-1", "c1")
                .target(GREEN)
                .status("AVAILABLE")
                .create_time(DateTime::from_secs(1_800_000_000));
            DescribeBlueGreenDeploymentsOutput::builder()
                .blue_green_deployments(whole.build())
                .build()
        })
}

#[tokio::test]
async fn those_with_our_tag_are_ours_on_whatever_page() {
    let (aws, _) = aws(&[page(), next_page(), page(), next_page()]);
    let seen = aws.sweep(Kind::BlueGreenDeployment, &[]).await.unwrap();
    let created = Timestamp::from_second(1_800_000_000).ok();
    assert_eq!(seen, [Object { created, ..of(state()) }]);
    let read = aws.read(Kind::BlueGreenDeployment, &["bgd-1".into()]).await.unwrap();
    assert_eq!(read, seen);
}

#[test]
fn one_that_is_being_deleted_is_not_ready_and_any_other_is() {
    for (status, expected) in [
        ("PROVISIONING", Phase::Ready),
        ("AVAILABLE", Phase::Ready),
        ("SWITCHOVER_IN_PROGRESS", Phase::Ready),
        ("SWITCHOVER_COMPLETED", Phase::Ready),
        ("SWITCHOVER_FAILED", Phase::Ready),
        ("INVALID_CONFIGURATION", Phase::Ready),
        ("NOVELTY", Phase::Ready),
        ("DELETING", Phase::Deleting),
    ] {
        let seen = object(shown("bgd-1", "c1").status(status).build()).unwrap();
        assert_eq!(seen.phase, expected, "{status}");
        assert_eq!(super::state(&seen).unwrap().status, Status::of(status));
    }
    let deleted = shown("bgd-1", "c1").delete_time(DateTime::from_secs(1_800_000_000));
    assert_eq!(object(deleted.build()).unwrap().phase, Phase::Deleting);
}

#[test]
fn what_aws_says_of_a_failure_is_kept() {
    let failed = shown("bgd-1", "c1")
        .status("INVALID_CONFIGURATION")
        .status_details("The target is not a replica.");
    let seen = object(failed.build()).unwrap();
    let details = super::state(&seen).unwrap().details.as_deref();
    assert_eq!(details, Some("The target is not a replica."));
}

fn wanted(arn: &str) -> Create {
    Create {
        name: "web-17".into(),
        database: "web".into(),
        arn: arn.into(),
        version: "17.2".into(),
        parameter_group: "web-parameters".into(),
    }
}

async fn created(rule: Rule, arn: &str) -> Result<Object, CloudError> {
    let (aws, _) = aws(&[rule]);
    let create = AnyCreate::BlueGreenDeployment(wanted(arn));
    aws.create(&request(Kind::BlueGreenDeployment, create)).await
}

#[tokio::test]
async fn a_copy_of_an_instance_is_made_with_its_version_group_and_tags() {
    let create = mock!(Client::create_blue_green_deployment)
        .match_requests(|input| {
            input.blue_green_deployment_name() == Some("web-17")
                && input.source() == Some(BLUE)
                && input.target_engine_version() == Some("17.2")
                && input.target_db_parameter_group_name() == Some("web-parameters")
                && input.target_db_cluster_parameter_group_name().is_none()
                && input.tags() == [Tag::builder().key(CLUSTER).value("c1").build()]
        })
        .then_output(|| {
            CreateBlueGreenDeploymentOutput::builder()
                .blue_green_deployment(shown("bgd-1", "c1").build())
                .build()
        });
    let made = created(create, BLUE).await.unwrap();
    let expected = of(State {
        target: None,
        status: Status::Provisioning,
        ..state()
    });
    assert_eq!(made, expected);
}

#[tokio::test]
async fn a_copy_of_a_cluster_has_a_group_of_clusters() {
    let create = mock!(Client::create_blue_green_deployment)
        .match_requests(|input| {
            input.source() == Some(BLUE_CLUSTER)
                && input.target_db_cluster_parameter_group_name() == Some("web-parameters")
                && input.target_db_parameter_group_name().is_none()
        })
        .then_output(|| {
            CreateBlueGreenDeploymentOutput::builder()
                .blue_green_deployment(shown("bgd-1", "c1").build())
                .build()
        });
    assert_eq!(created(create, BLUE_CLUSTER).await.unwrap().id, "bgd-1");
}

#[tokio::test]
async fn a_second_one_of_a_name_is_refused() {
    let refused = mock!(Client::create_blue_green_deployment)
        .then_error(|| CreateBlueGreenDeploymentError::generic(refusal("BlueGreenDeploymentAlreadyExistsFault")));
    let error = created(refused, BLUE).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn the_two_change_names_when_they_are_told_to() {
    let switch = mock!(Client::switchover_blue_green_deployment)
        .match_requests(|input| {
            input.blue_green_deployment_identifier() == Some("bgd-1") && input.switchover_timeout().is_none()
        })
        .then_output(|| SwitchoverBlueGreenDeploymentOutput::builder().build());
    let early = mock!(Client::switchover_blue_green_deployment)
        .then_error(|| SwitchoverBlueGreenDeploymentError::generic(refusal("InvalidBlueGreenDeploymentStateFault")));
    let (aws, _) = aws(&[switch, early]);
    let change = AnyChange::BlueGreenDeployment(Change::SwitchOver);
    aws.update(&of(state()), &change).await.unwrap();
    let error = aws.update(&of(state()), &change).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotNow);
}

#[tokio::test]
async fn the_protection_of_the_copy_is_taken_away_at_once() {
    let instance = mock!(Client::modify_db_instance)
        .match_requests(|input| {
            input.db_instance_identifier() == Some("web-green-abc123")
                && input.deletion_protection() == Some(false)
                && input.apply_immediately() == Some(true)
        })
        .then_output(|| ModifyDbInstanceOutput::builder().build());
    let cluster = mock!(Client::modify_db_cluster)
        .match_requests(|input| {
            input.db_cluster_identifier() == Some("web-green-abc123")
                && input.deletion_protection() == Some(false)
                && input.apply_immediately() == Some(true)
        })
        .then_output(|| ModifyDbClusterOutput::builder().build());
    let (aws, _) = aws(&[instance, cluster]);
    let change = AnyChange::BlueGreenDeployment(Change::Unprotect);
    aws.update(&of(state()), &change).await.unwrap();
    let of_cluster = State {
        source: BLUE_CLUSTER.into(),
        target: Some(GREEN_CLUSTER.into()),
        ..state()
    };
    aws.update(&of(of_cluster), &change).await.unwrap();
}

#[tokio::test]
async fn nothing_is_called_where_there_is_no_copy_to_unprotect() {
    let (aws, calls) = aws(&[]);
    let bare = State {
        target: None,
        ..state()
    };
    let change = AnyChange::BlueGreenDeployment(Change::Unprotect);
    aws.update(&of(bare), &change).await.unwrap();
    assert!(calls.seen().is_empty());
}

#[tokio::test]
async fn tags_are_put_on_by_the_arn_that_aws_does_not_show() {
    let add = mock!(Client::add_tags_to_resource)
        .match_requests(|input| {
            input.resource_name() == Some("arn:aws:rds:us-east-1:123456789012:deployment:bgd-1")
                && input.tags().len() == 1
        })
        .then_output(|| AddTagsToResourceOutput::builder().build());
    let (aws, _) = aws(&[add]);
    let change = AnyChange::Tags(TagChange::Set(tags()));
    aws.update(&of(state()), &change).await.unwrap();
}

fn deletion(delete_target: Option<bool>) -> Rule {
    mock!(Client::delete_blue_green_deployment)
        .match_requests(move |input| {
            input.blue_green_deployment_identifier() == Some("bgd-1") && input.delete_target() == delete_target
        })
        .then_output(|| DeleteBlueGreenDeploymentOutput::builder().build())
}

#[tokio::test]
async fn the_copy_is_deleted_too_unless_it_is_the_database_by_now() {
    let (aws, _) = aws(&[deletion(Some(true)), deletion(Some(true)), deletion(None)]);
    for status in [Status::Available, Status::SwitchoverFailed, Status::SwitchoverCompleted] {
        let deployment = of(State { status, ..state() });
        assert_eq!(aws.delete(&deployment, None).await.unwrap(), Deletion::Started);
    }
}

#[tokio::test]
async fn one_that_is_busy_stays_and_one_that_is_gone_is_no_error() {
    let busy = mock!(Client::delete_blue_green_deployment)
        .then_error(|| DeleteBlueGreenDeploymentError::generic(refusal("InvalidBlueGreenDeploymentStateFault")));
    let gone = mock!(Client::delete_blue_green_deployment)
        .then_error(|| DeleteBlueGreenDeploymentError::generic(refusal("BlueGreenDeploymentNotFoundFault")));
    let (aws, _) = aws(&[busy, gone]);
    let deployment = of(state());
    assert_eq!(aws.delete(&deployment, None).await.unwrap_err().kind, ErrorKind::NotNow);
    assert_eq!(aws.delete(&deployment, None).await.unwrap(), Deletion::Gone);
}
