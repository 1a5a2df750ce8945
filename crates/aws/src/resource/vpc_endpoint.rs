//! An endpoint: a way to a service of AWS that does not leave the VPC.

use aws_sdk_ec2::types::{self, Filter, ResourceType, VpcEndpointType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::vpc_endpoint::{Access, Change, Create, State};

use super::{all_done, gone, phase, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("vpc-endpoint-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateVpcEndpoint;
    let Create {
        vpc_id,
        service,
        access,
    } = create;
    let call = aws
        .ec2
        .write
        .create_vpc_endpoint()
        .vpc_id(vpc_id)
        .service_name(service)
        .client_token(&request.token)
        .tag_specifications(tag::specification(ResourceType::VpcEndpoint, &request.tags));
    let call = match access {
        Access::Gateway { route_table_ids } => call
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .set_route_table_ids(Some(route_table_ids.clone())),
        Access::Interface {
            subnet_ids,
            group_ids,
            private_dns,
        } => call
            .vpc_endpoint_type(VpcEndpointType::Interface)
            .set_subnet_ids(Some(subnet_ids.clone()))
            .set_security_group_ids(Some(group_ids.clone()))
            .private_dns_enabled(*private_dns),
    };
    let answer = aws.send_write(action, call.send()).await?;
    let endpoint = answer.vpc_endpoint.and_then(object);
    endpoint.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    let listed = |ids: &[String]| (!ids.is_empty()).then(|| ids.to_vec());
    let call = aws.ec2.write.modify_vpc_endpoint().vpc_endpoint_id(id);
    let call = match change {
        Change::RouteTables(tables) => call
            .set_add_route_table_ids(listed(&tables.add))
            .set_remove_route_table_ids(listed(&tables.remove)),
        Change::Interface {
            subnets,
            groups,
            enable_private_dns,
        } => call
            .set_add_subnet_ids(listed(&subnets.add))
            .set_remove_subnet_ids(listed(&subnets.remove))
            .set_add_security_group_ids(listed(&groups.add))
            .set_remove_security_group_ids(listed(&groups.remove))
            .set_private_dns_enabled(enable_private_dns.then_some(true)),
    };
    aws.send_write(Action::ModifyVpcEndpoint, call.send()).await?;
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    gone(delete_one(aws, id).await, Deletion::Started)
}

async fn delete_one(aws: &Aws, id: &str) -> Result<(), CloudError> {
    let action = Action::DeleteVpcEndpoints;
    let call = aws.ec2.write.delete_vpc_endpoints().vpc_endpoint_ids(id);
    let answer = aws.send_write(action, call.send()).await?;
    all_done(action, answer.unsuccessful())
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_vpc_endpoints()
        .filters(filter)
        .max_results(Kind::VpcEndpoint.row().page.into());
    aws.pages(
        Action::DescribeVpcEndpoints,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.vpc_endpoints, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::VpcEndpoint) -> Option<Object> {
    let groups = shown.groups.unwrap_or_default().into_iter();
    let access = match shown.vpc_endpoint_type {
        Some(VpcEndpointType::Interface) => Access::Interface {
            subnet_ids: shown.subnet_ids.unwrap_or_default(),
            group_ids: groups.filter_map(|group| group.group_id).collect(),
            private_dns: shown.private_dns_enabled.unwrap_or_default(),
        },
        _ => Access::Gateway {
            route_table_ids: shown.route_table_ids.unwrap_or_default(),
        },
    };
    Some(Object {
        id: shown.vpc_endpoint_id?,
        tags: tag::tags(shown.tags),
        phase: phase(shown.state.as_ref().map(types::State::as_str)),
        created: shown.creation_timestamp.and_then(timestamp),
        state: AnyState::VpcEndpoint(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            service: shown.service_name.unwrap_or_default(),
            access,
        }),
    })
}

#[cfg(test)]
mod tests;
