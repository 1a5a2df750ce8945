use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_flow_logs::CreateFlowLogsOutput;
use aws_sdk_ec2::operation::delete_flow_logs::DeleteFlowLogsOutput;
use aws_sdk_ec2::operation::describe_flow_logs::DescribeFlowLogsOutput;
use aws_sdk_ec2::types::{UnsuccessfulItem, UnsuccessfulItemError};
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{asks_for_ours, aws, object, request};

const GROUP: &str = "/hastack.dev/c1/HAStack/shop/web/log-group/flow-logs";
const ROLE: &str = "arn:aws:iam::123456789012:role/web-flow-logs";

fn create(destination: &str, role: Option<&str>) -> AnyCreate {
    AnyCreate::FlowLog(Create {
        vpc_id: "vpc-1".into(),
        traffic: Traffic::Reject,
        destination: destination.into(),
        role_arn: role.map(str::to_owned),
        aggregation_seconds: 600,
    })
}

fn state(delivery_error: Option<&str>) -> AnyState {
    AnyState::FlowLog(State {
        vpc_id: "vpc-1".into(),
        traffic: Traffic::Reject,
        destination: GROUP.into(),
        role_arn: Some(ROLE.into()),
        aggregation_seconds: 600,
        delivery_error: delivery_error.map(str::to_owned),
    })
}

fn refusal_of(code: &str, message: &str) -> UnsuccessfulItem {
    let error = UnsuccessfulItemError::builder().code(code).message(message);
    UnsuccessfulItem::builder().error(error.build()).build()
}

#[tokio::test]
async fn a_log_group_is_written_to_with_a_role() {
    let create_flow_logs = mock!(Client::create_flow_logs)
        .match_requests(|input| {
            input.client_token() == Some("t0k3n")
                && input.resource_ids() == ["vpc-1"]
                && input.resource_type() == Some(&FlowLogsResourceType::Vpc)
                && input.traffic_type() == Some(&TrafficType::Reject)
                && input.log_destination_type() == Some(&LogDestinationType::CloudWatchLogs)
                && input.log_group_name() == Some(GROUP)
                && input.deliver_logs_permission_arn() == Some(ROLE)
                && input.max_aggregation_interval() == Some(600)
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::VpcFlowLog)
        })
        .then_output(|| CreateFlowLogsOutput::builder().flow_log_ids("fl-1").build());
    let (aws, _) = aws(&[create_flow_logs]);
    let made = aws
        .create(&request(Kind::FlowLog, create(GROUP, Some(ROLE))))
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.state), ("fl-1", state(None)));
}

#[tokio::test]
async fn a_bucket_is_written_to_without_one() {
    let create_flow_logs = mock!(Client::create_flow_logs)
        .match_requests(|input| {
            input.log_destination_type() == Some(&LogDestinationType::S3)
                && input.log_destination() == Some("arn:aws:s3:::logs")
                && input.deliver_logs_permission_arn().is_none()
        })
        .then_output(|| CreateFlowLogsOutput::builder().flow_log_ids("fl-1").build());
    let (aws, _) = aws(&[create_flow_logs]);
    let request = request(Kind::FlowLog, create("arn:aws:s3:::logs", None));
    assert_eq!(aws.create(&request).await.unwrap().id, "fl-1");
}

#[tokio::test]
async fn a_refusal_inside_a_success_is_an_error() {
    let refused = mock!(Client::create_flow_logs).then_output(|| {
        let refusal = refusal_of("LogDestinationNotFoundException", "no such bucket");
        CreateFlowLogsOutput::builder().unsuccessful(refusal).build()
    });
    let (aws, _) = aws(&[refused]);
    let request = request(Kind::FlowLog, create("arn:aws:s3:::none", None));
    let error = aws.create(&request).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "cannot CreateFlowLogs: LogDestinationNotFoundException: no such bucket"
    );
}

#[tokio::test]
async fn a_flow_log_says_why_its_records_do_not_arrive() {
    let page = mock!(Client::describe_flow_logs)
        .match_requests(|input| asks_for_ours(input.filter()))
        .then_output(|| {
            let flow_log = types::FlowLog::builder()
                .flow_log_id("fl-1")
                .resource_id("vpc-1")
                .traffic_type(TrafficType::Reject)
                .log_group_name(GROUP)
                .deliver_logs_permission_arn(ROLE)
                .max_aggregation_interval(600)
                .deliver_logs_status("FAILED")
                .deliver_logs_error_message("Access error");
            DescribeFlowLogsOutput::builder().flow_logs(flow_log.build()).build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::FlowLog, &[]).await.unwrap();
    assert_eq!(
        (seen[0].phase, &seen[0].state),
        (Phase::Failed, &state(Some("Access error")))
    );
}

#[tokio::test]
async fn deleting_what_is_gone_is_no_error() {
    let gone = mock!(Client::delete_flow_logs)
        .match_requests(|input| input.flow_log_ids() == ["fl-1"])
        .then_output(|| {
            let refusal = refusal_of("InvalidFlowLogId.NotFound", "because");
            DeleteFlowLogsOutput::builder().unsuccessful(refusal).build()
        });
    let (aws, _) = aws(&[gone]);
    let flow_log = object("fl-1", state(None));
    assert_eq!(aws.delete(&flow_log, None).await.unwrap(), Deletion::Gone);
}
