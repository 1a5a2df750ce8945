//! A route table with its default route and the subnets that follow it.

use aws_sdk_ec2::types::{self, Filter, ResourceType, RouteTableAssociationStateCode as Code};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::route_table::{ANYWHERE, Association, Change, Create, State};

use super::{absent, gone};
use crate::Aws;
use crate::action::Action;
use crate::page::{by_id, filter};
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("route-table-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateRouteTable;
    let Create { vpc_id } = create;
    let call = aws
        .ec2
        .write
        .create_route_table()
        .vpc_id(vpc_id)
        .client_token(&request.token)
        .tag_specifications(tag::specification(ResourceType::RouteTable, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let table = answer.route_table.and_then(object);
    table.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::CreateDefaultRoute(gateway) => create_route(aws, id, gateway).await,
        Change::ReplaceDefaultRoute(gateway) => replace_route(aws, id, gateway).await,
        Change::DeleteDefaultRoute => {
            let call = aws
                .ec2
                .write
                .delete_route()
                .route_table_id(id)
                .destination_cidr_block(ANYWHERE);
            let result = aws.send_write(Action::DeleteRoute, call.send()).await;
            absent(result.map(|_| Reply::default()))
        }
        Change::Associate { subnet_id } => associate(aws, id, subnet_id).await,
        Change::Disassociate(Association {
            id: association,
            subnet_id: _,
        }) => {
            let call = aws.ec2.write.disassociate_route_table().association_id(association);
            let result = aws.send_write(Action::DisassociateRouteTable, call.send()).await;
            absent(result.map(|_| Reply::default()))
        }
    }
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_route_table().route_table_id(id);
    gone(
        aws.send_write(Action::DeleteRouteTable, call.send()).await,
        Deletion::Gone,
    )
}

async fn create_route(aws: &Aws, id: &str, gateway: &str) -> Result<Reply, CloudError> {
    let (gateway_id, nat_gateway_id) = target(gateway);
    let call = aws
        .ec2
        .write
        .create_route()
        .route_table_id(id)
        .destination_cidr_block(ANYWHERE)
        .set_gateway_id(gateway_id)
        .set_nat_gateway_id(nat_gateway_id);
    match aws.send_write(Action::CreateRoute, call.send()).await {
        Err(error) if error.kind == ErrorKind::AlreadyExists => replace_route(aws, id, gateway).await,
        result => result.map(|_| Reply::default()),
    }
}

async fn replace_route(aws: &Aws, id: &str, gateway: &str) -> Result<Reply, CloudError> {
    let (gateway_id, nat_gateway_id) = target(gateway);
    let call = aws
        .ec2
        .write
        .replace_route()
        .route_table_id(id)
        .destination_cidr_block(ANYWHERE)
        .set_gateway_id(gateway_id)
        .set_nat_gateway_id(nat_gateway_id);
    aws.send_write(Action::ReplaceRoute, call.send()).await?;
    Ok(Reply::default())
}

async fn associate(aws: &Aws, id: &str, subnet: &str) -> Result<Reply, CloudError> {
    let call = aws
        .ec2
        .write
        .associate_route_table()
        .route_table_id(id)
        .subnet_id(subnet);
    match aws.send_write(Action::AssociateRouteTable, call.send()).await {
        Ok(answer) => Ok(reply(answer.association_id)),
        Err(error) if error.kind == ErrorKind::AlreadyExists => {
            let following = filter("association.subnet-id", vec![subnet.to_owned()]);
            let tables = describe(aws, following).await?;
            match tables.iter().find_map(|table| association(table, subnet)) {
                Some((table, association)) if table == id => Ok(reply(Some(association.id.clone()))),
                Some((_, association)) => replace_association(aws, id, &association.id).await,
                // It ended in between.
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

async fn replace_association(aws: &Aws, id: &str, association: &str) -> Result<Reply, CloudError> {
    let call = aws
        .ec2
        .write
        .replace_route_table_association()
        .route_table_id(id)
        .association_id(association);
    let answer = aws
        .send_write(Action::ReplaceRouteTableAssociation, call.send())
        .await?;
    Ok(reply(answer.new_association_id))
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_route_tables()
        .filters(filter)
        .max_results(Kind::RouteTable.row().page.into());
    aws.pages(
        Action::DescribeRouteTables,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.route_tables, page.next_token),
        object,
    )
    .await
}

/// The table's id and its association with `subnet`.
fn association<'a>(table: &'a Object, subnet: &str) -> Option<(&'a str, &'a Association)> {
    let AnyState::RouteTable(state) = &table.state else {
        return None;
    };
    let mut associations = state.associations.iter();
    let found = associations.find(|association| association.subnet_id == subnet)?;
    Some((&table.id, found))
}

fn reply(part_id: Option<String>) -> Reply {
    Reply { part_id }
}

/// The parameters that name a route's target: an internet gateway, or a NAT gateway.
fn target(gateway: &str) -> (Option<String>, Option<String>) {
    let id = Some(gateway.to_owned());
    if gateway.starts_with("nat-") {
        (None, id)
    } else {
        (id, None)
    }
}

fn object(shown: types::RouteTable) -> Option<Object> {
    let routes = shown.routes.unwrap_or_default();
    let default_route = routes
        .into_iter()
        .find(|route| route.destination_cidr_block.as_deref() == Some(ANYWHERE));
    let associations = shown.associations.unwrap_or_default();
    Some(Object {
        id: shown.route_table_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: None,
        state: AnyState::RouteTable(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            default_route: default_route.map(goal),
            associations: associations.into_iter().filter_map(followed).collect(),
        }),
    })
}

/// Whatever a route leads to.
fn goal(route: types::Route) -> String {
    route
        .gateway_id
        .or(route.nat_gateway_id)
        .or(route.transit_gateway_id)
        .or(route.vpc_peering_connection_id)
        // An instance's route names its network interface too.
        .or(route.instance_id)
        .or(route.network_interface_id)
        .or(route.local_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.core_network_arn)
        .or(route.odb_network_arn)
        .unwrap_or_default()
}

/// A subnet's association; the main table has one of its own, a gateway may have one.
fn followed(shown: types::RouteTableAssociation) -> Option<Association> {
    let state = shown.association_state.and_then(|state| state.state);
    match state {
        Some(Code::Disassociating | Code::Disassociated | Code::Failed) => None,
        _ => Some(Association {
            id: shown.route_table_association_id?,
            subnet_id: shown.subnet_id?,
        }),
    }
}

#[cfg(test)]
mod tests;
