//! The record of a VPC's traffic.

use aws_sdk_ec2::types::{self, Filter, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::flow_log::{Create, State, Traffic};

use super::{all_done, gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("flow-log-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateFlowLogs;
    let Create {
        vpc_id,
        traffic,
        destination,
        role_arn,
        aggregation_seconds,
    } = create;
    let call = aws
        .ec2
        .write
        .create_flow_logs()
        .resource_type(FlowLogsResourceType::Vpc)
        .resource_ids(vpc_id)
        .traffic_type(match traffic {
            Traffic::All => TrafficType::All,
            Traffic::Accept => TrafficType::Accept,
            Traffic::Reject => TrafficType::Reject,
        })
        .max_aggregation_interval((*aggregation_seconds).into())
        .client_token(&request.token)
        .tag_specifications(tag::specification(ResourceType::VpcFlowLog, &request.tags));
    let call = match role_arn {
        Some(role) => call
            .log_destination_type(LogDestinationType::CloudWatchLogs)
            .log_group_name(destination)
            .deliver_logs_permission_arn(role),
        None => call
            .log_destination_type(LogDestinationType::S3)
            .log_destination(destination),
    };
    let answer = aws.send_write(action, call.send()).await?;
    all_done(action, answer.unsuccessful())?;
    let id = answer.flow_log_ids.unwrap_or_default().into_iter().next();
    Ok(Object {
        id: id.ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::FlowLog(State {
            vpc_id: vpc_id.clone(),
            traffic: *traffic,
            destination: destination.clone(),
            role_arn: role_arn.clone(),
            aggregation_seconds: *aggregation_seconds,
            delivery_error: None,
        }),
    })
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    gone(delete_one(aws, id).await, Deletion::Gone)
}

async fn delete_one(aws: &Aws, id: &str) -> Result<(), CloudError> {
    let action = Action::DeleteFlowLogs;
    let call = aws.ec2.write.delete_flow_logs().flow_log_ids(id);
    let answer = aws.send_write(action, call.send()).await?;
    all_done(action, answer.unsuccessful())
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_flow_logs()
        .filter(filter)
        .max_results(Kind::FlowLog.row().page.into());
    aws.pages(
        Action::DescribeFlowLogs,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.flow_logs, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::FlowLog) -> Option<Object> {
    let failed = shown.deliver_logs_status.as_deref() == Some("FAILED");
    let reason = shown.deliver_logs_error_message;
    let reason = reason.unwrap_or_else(|| "the records cannot be delivered".into());
    let interval = shown.max_aggregation_interval.unwrap_or_default();
    Some(Object {
        id: shown.flow_log_id?,
        tags: tag::tags(shown.tags),
        phase: if failed { Phase::Failed } else { Phase::Ready },
        created: shown.creation_time.and_then(timestamp),
        state: AnyState::FlowLog(State {
            vpc_id: shown.resource_id.unwrap_or_default(),
            traffic: match shown.traffic_type? {
                TrafficType::Accept => Traffic::Accept,
                TrafficType::Reject => Traffic::Reject,
                _ => Traffic::All,
            },
            destination: shown.log_group_name.or(shown.log_destination).unwrap_or_default(),
            role_arn: shown.deliver_logs_permission_arn,
            aggregation_seconds: interval.try_into().unwrap_or_default(),
            delivery_error: failed.then_some(reason),
        }),
    })
}

#[cfg(test)]
mod tests;
