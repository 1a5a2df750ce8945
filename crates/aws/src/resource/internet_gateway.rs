//! An internet gateway, attached to a VPC.

use aws_sdk_ec2::types::{self, AttachmentStatus, Filter, ResourceType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::internet_gateway::{Change, Create, State};

use super::{absent, gone};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("internet-gateway-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateInternetGateway;
    let Create = create;
    let call = aws
        .ec2
        .write
        .create_internet_gateway()
        .tag_specifications(tag::specification(ResourceType::InternetGateway, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let gateway = answer.internet_gateway.and_then(object);
    gateway.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Attach(vpc) => attach(aws, id, vpc).await?,
        Change::Detach(vpc) => {
            let call = aws
                .ec2
                .write
                .detach_internet_gateway()
                .internet_gateway_id(id)
                .vpc_id(vpc);
            let result = aws.send_write(Action::DetachInternetGateway, call.send()).await;
            absent(result.map(drop))?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_internet_gateway().internet_gateway_id(id);
    gone(
        aws.send_write(Action::DeleteInternetGateway, call.send()).await,
        Deletion::Gone,
    )
}

async fn attach(aws: &Aws, id: &str, vpc: &str) -> Result<(), CloudError> {
    let call = aws
        .ec2
        .write
        .attach_internet_gateway()
        .internet_gateway_id(id)
        .vpc_id(vpc);
    match aws.send_write(Action::AttachInternetGateway, call.send()).await {
        Err(error) if error.kind == ErrorKind::AlreadyExists => {
            let seen = read(aws, &[id.to_owned()]).await?;
            let is_there = seen.iter().any(|object| object.state.uses() == [vpc]);
            if is_there { Ok(()) } else { Err(error) }
        }
        result => result.map(drop),
    }
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_internet_gateways()
        .filters(filter)
        .max_results(Kind::InternetGateway.row().page.into());
    aws.pages(
        Action::DescribeInternetGateways,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.internet_gateways, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::InternetGateway) -> Option<Object> {
    let attachments = shown.attachments.unwrap_or_default();
    let attachment = attachments
        .into_iter()
        .find(|attachment| attachment.state != Some(AttachmentStatus::Detached));
    let is_moving = attachment.as_ref().is_some_and(|attachment| {
        let moving = [AttachmentStatus::Attaching, AttachmentStatus::Detaching];
        attachment.state.as_ref().is_some_and(|state| moving.contains(state))
    });
    Some(Object {
        id: shown.internet_gateway_id?,
        tags: tag::tags(shown.tags),
        phase: if is_moving { Phase::Pending } else { Phase::Ready },
        created: None,
        state: AnyState::InternetGateway(State {
            vpc_id: attachment.and_then(|attachment| attachment.vpc_id),
        }),
    })
}

#[cfg(test)]
mod tests;
