use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::create_log_group::CreateLogGroupOutput;
use aws_sdk_cloudwatchlogs::operation::delete_log_group::DeleteLogGroupError;
use aws_sdk_cloudwatchlogs::operation::describe_log_groups::DescribeLogGroupsOutput;
use aws_sdk_cloudwatchlogs::operation::put_retention_policy::PutRetentionPolicyOutput;
use aws_smithy_mocks::mock;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, ID};

use super::*;
use crate::testing::{aws, object, refusal, request};

const NAME: &str = "/hastack.dev/c1/HAStack/shop/web/log-group/flow-logs";

fn state(retention_days: Option<u16>) -> AnyState {
    AnyState::LogGroup(State {
        name: NAME.into(),
        retention_days,
    })
}

#[tokio::test]
async fn a_log_group_is_made_with_its_tags_and_keeps_records_for_ever() {
    let create = mock!(Client::create_log_group)
        .match_requests(|input| {
            let tags = input.tags().unwrap();
            input.log_group_name() == Some(NAME) && tags[CLUSTER] == "c1"
        })
        .then_output(|| CreateLogGroupOutput::builder().build());
    let (aws, _) = aws(&[create]);
    let wanted = Create { name: NAME.into() };
    let made = aws
        .create(&request(Kind::LogGroup, AnyCreate::LogGroup(wanted)))
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.state), (NAME, state(None)));
}

#[tokio::test]
async fn a_log_group_says_by_its_name_whose_it_is() {
    let page = mock!(Client::describe_log_groups)
        .match_requests(|input| input.log_group_name_prefix() == Some("/hastack.dev/c1/"))
        .then_output(|| {
            let group = types::LogGroup::builder().log_group_name(NAME).retention_in_days(30);
            DescribeLogGroupsOutput::builder().log_groups(group.build()).build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::LogGroup, &[]).await.unwrap();
    assert_eq!(seen[0].tags[ID], "log-group/flow-logs");
    assert_eq!(seen[0].state, state(Some(30)));
}

#[tokio::test]
async fn a_retention_is_put_and_a_group_that_is_gone_is_no_error() {
    let put = mock!(Client::put_retention_policy)
        .match_requests(|input| input.log_group_name() == Some(NAME) && input.retention_in_days() == Some(7))
        .then_output(|| PutRetentionPolicyOutput::builder().build());
    let gone = mock!(Client::delete_log_group)
        .then_error(|| DeleteLogGroupError::generic(refusal("ResourceNotFoundException")));
    let (aws, _) = aws(&[put, gone]);
    let group = object(NAME, state(None));
    let change = AnyChange::LogGroup(Change::Retention(7));
    aws.update(&group, &change).await.unwrap();
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
}
