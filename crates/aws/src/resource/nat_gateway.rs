//! A NAT gateway.

use aws_sdk_ec2::types::{self, Filter, ResourceType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::nat_gateway::{Create, State};

use super::{gone, phase, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("nat-gateway-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateNatGateway;
    let Create {
        subnet_id,
        allocation_id,
    } = create;
    let call = aws
        .ec2
        .write
        .create_nat_gateway()
        .subnet_id(subnet_id)
        .allocation_id(allocation_id)
        .client_token(&request.token)
        .tag_specifications(tag::specification(ResourceType::Natgateway, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let mut gateway = answer.nat_gateway.ok_or_else(|| error::unreadable(action))?;
    // The answer may come before the address is joined.
    if allocated(&gateway).is_none() {
        let address = types::NatGatewayAddress::builder().allocation_id(allocation_id).build();
        gateway.nat_gateway_addresses = Some(vec![address]);
    }
    object(gateway).ok_or_else(|| error::unreadable(action))
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_nat_gateway().nat_gateway_id(id);
    gone(
        aws.send_write(Action::DeleteNatGateway, call.send()).await,
        Deletion::Started,
    )
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_nat_gateways()
        .filter(filter)
        .max_results(Kind::NatGateway.row().page.into());
    aws.pages(
        Action::DescribeNatGateways,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.nat_gateways, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::NatGateway) -> Option<Object> {
    let address = allocated(&shown).cloned();
    Some(Object {
        id: shown.nat_gateway_id?,
        tags: tag::tags(shown.tags),
        phase: phase(shown.state.as_ref().map(types::NatGatewayState::as_str)),
        created: shown.create_time.and_then(timestamp),
        state: AnyState::NatGateway(State {
            subnet_id: shown.subnet_id.unwrap_or_default(),
            public_ip: address.as_ref().and_then(|address| address.public_ip.clone()),
            allocation_id: address.and_then(|address| address.allocation_id).unwrap_or_default(),
            failure: shown.failure_message.or(shown.failure_code),
        }),
    })
}

fn allocated(shown: &types::NatGateway) -> Option<&types::NatGatewayAddress> {
    shown
        .nat_gateway_addresses()
        .iter()
        .find(|address| address.allocation_id.is_some())
}

#[cfg(test)]
mod tests;
