//! A subnet.

use aws_sdk_ec2::types::{self, AttributeBooleanValue, Filter, ResourceType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::subnet::{Change, Create, State};

use super::{gone, phase};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("subnet-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateSubnet;
    let Create { vpc_id, zone, cidr } = create;
    let call = aws
        .ec2
        .write
        .create_subnet()
        .vpc_id(vpc_id)
        .availability_zone(zone)
        .cidr_block(cidr)
        .tag_specifications(tag::specification(ResourceType::Subnet, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    answer.subnet.and_then(object).ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::AssignPublicAddresses(assign) => {
            let assign = AttributeBooleanValue::builder().value(*assign).build();
            let call = aws
                .ec2
                .write
                .modify_subnet_attribute()
                .subnet_id(id)
                .map_public_ip_on_launch(assign);
            aws.send_write(Action::ModifySubnetAttribute, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_subnet().subnet_id(id);
    gone(aws.send_write(Action::DeleteSubnet, call.send()).await, Deletion::Gone)
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_subnets()
        .filters(filter)
        .max_results(Kind::Subnet.row().page.into());
    aws.pages(
        Action::DescribeSubnets,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.subnets, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::Subnet) -> Option<Object> {
    Some(Object {
        id: shown.subnet_id?,
        tags: tag::tags(shown.tags),
        phase: phase(shown.state.as_ref().map(types::SubnetState::as_str)),
        created: None,
        state: AnyState::Subnet(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            zone: shown.availability_zone.unwrap_or_default(),
            cidr: shown.cidr_block.unwrap_or_default(),
            assign_public_addresses: shown.map_public_ip_on_launch.unwrap_or_default(),
        }),
    })
}

#[cfg(test)]
mod tests;
