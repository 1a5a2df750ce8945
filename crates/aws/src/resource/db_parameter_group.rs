//! The parameters of database instances.

use aws_sdk_rds::types::{self, Parameter};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::parameter_group::{Change, Create};

use super::{gone, parameter_group};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    Ok(parameter_group::ours(aws, describe(aws).await?))
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    let mut seen = describe(aws).await?;
    seen.retain(|object| ids.contains(&object.id));
    let mut objects = Vec::with_capacity(seen.len());
    for object in seen {
        let request = aws.rds.read.describe_db_parameters();
        let request = request.db_parameter_group_name(&object.id).source(parameter_group::SET);
        let shown = aws.items(
            Action::DescribeDBParameters,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.parameters, page.marker),
        );
        match shown.await {
            Ok(shown) => objects.push(parameter_group::with_parameters(object, shown)),
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateDBParameterGroup;
    let Create { name, path, family } = create;
    let call = aws
        .rds
        .write
        .create_db_parameter_group()
        .db_parameter_group_name(name)
        .db_parameter_group_family(family)
        .description(path)
        .set_tags(Some(tag::list(&request.tags)));
    aws.send_write(action, call.send()).await?;
    parameter_group::made(AnyState::DbParameterGroup, create).ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = &object.id;
    match change {
        Change::Set(values) => {
            let shown = named(aws, id, values.keys()).await?;
            let call = aws.rds.write.modify_db_parameter_group().db_parameter_group_name(id);
            let call = call.set_parameters(Some(parameter_group::set(values, &shown)));
            aws.send_write(Action::ModifyDBParameterGroup, call.send()).await?;
        }
        Change::Reset(names) => {
            let shown = named(aws, id, names).await?;
            let call = aws.rds.write.reset_db_parameter_group().db_parameter_group_name(id);
            let call = call.set_parameters(Some(parameter_group::reset(names, &shown)));
            aws.send_write(Action::ResetDBParameterGroup, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.rds.write.delete_db_parameter_group().db_parameter_group_name(id);
    gone(
        aws.send_write(Action::DeleteDBParameterGroup, call.send()).await,
        Deletion::Gone,
    )
}

/// Every group there is.
async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let page = Kind::DbParameterGroup.row().page;
    let request = aws.rds.read.describe_db_parameter_groups().max_records(page.into());
    aws.pages(
        Action::DescribeDBParameterGroups,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.db_parameter_groups, page.marker),
        object,
    )
    .await
}

/// How AWS has these parameters, which says when a change of them counts.
async fn named<'a>(
    aws: &Aws,
    id: &str,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<Vec<Parameter>, CloudError> {
    let request = aws.rds.read.describe_db_parameters().db_parameter_group_name(id);
    let request = request.filters(parameter_group::named(names));
    aws.items(
        Action::DescribeDBParameters,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.parameters, page.marker),
    )
    .await
}

fn object(shown: types::DbParameterGroup) -> Option<Object> {
    parameter_group::object(
        AnyState::DbParameterGroup,
        shown.db_parameter_group_name,
        shown.db_parameter_group_family,
        shown.description,
    )
}

#[cfg(test)]
mod tests;
