//! A virtual private cloud.

use aws_sdk_ec2::types::{self, AttributeBooleanValue, Filter, ResourceType, VpcAttributeName};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::vpc::{Change, Create, State};

use super::{gone, phase};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let seen = by_id("vpc-id", ids, |filter| describe(aws, filter)).await?;
    let mut objects = Vec::with_capacity(seen.len());
    for object in seen {
        match dns_hostnames(aws, &object.id).await {
            Ok(enabled) => objects.push(with_details(object, enabled)),
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateVpc;
    let Create { cidr } = create;
    let call = aws
        .ec2
        .write
        .create_vpc()
        .cidr_block(cidr)
        .tag_specifications(tag::specification(ResourceType::Vpc, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let object = answer.vpc.and_then(object).ok_or_else(|| error::unreadable(action))?;
    // Off in every VPC but the default ones.
    // <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html#vpc-dns-support>
    Ok(with_details(object, false))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::EnableDnsHostnames => {
            let on = AttributeBooleanValue::builder().value(true).build();
            let call = aws.ec2.write.modify_vpc_attribute().vpc_id(id).enable_dns_hostnames(on);
            aws.send_write(Action::ModifyVpcAttribute, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_vpc().vpc_id(id);
    gone(aws.send_write(Action::DeleteVpc, call.send()).await, Deletion::Gone)
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_vpcs()
        .filters(filter)
        .max_results(Kind::Vpc.row().page.into());
    aws.pages(
        Action::DescribeVpcs,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.vpcs, page.next_token),
        object,
    )
    .await
}

async fn dns_hostnames(aws: &Aws, id: &str) -> Result<bool, CloudError> {
    let action = Action::DescribeVpcAttribute;
    let request = aws
        .ec2
        .read
        .describe_vpc_attribute()
        .vpc_id(id)
        .attribute(VpcAttributeName::EnableDnsHostnames);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let enabled = answer.enable_dns_hostnames.and_then(|attribute| attribute.value);
    enabled.ok_or_else(|| error::unreadable(action))
}

fn object(shown: types::Vpc) -> Option<Object> {
    Some(Object {
        id: shown.vpc_id?,
        tags: tag::tags(shown.tags),
        phase: phase(shown.state.as_ref().map(types::VpcState::as_str)),
        created: None,
        state: AnyState::Vpc(State {
            cidr: shown.cidr_block.unwrap_or_default(),
            dns_hostnames: None,
        }),
    })
}

fn with_details(mut object: Object, dns_hostnames: bool) -> Object {
    if let AnyState::Vpc(state) = &mut object.state {
        state.dns_hostnames = Some(dns_hostnames);
    }
    object
}

#[cfg(test)]
mod tests;
