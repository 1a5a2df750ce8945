//! The subnets that a database may be in. Lists do not show its tags, so its description tells whose it is.

use aws_sdk_rds::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::db_subnet_group::{Change, Create, State};
use hastack_core::tag::{path_of_cluster, tags_of_path};

use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let ours = path_of_cluster(&aws.cluster);
    let mut objects = describe(aws).await?;
    objects.retain(|object| matches!(&object.state, AnyState::DbSubnetGroup(state) if state.path.starts_with(&ours)));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    let mut objects = describe(aws).await?;
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateDBSubnetGroup;
    let Create { name, path, subnet_ids } = create;
    let call = aws
        .rds
        .write
        .create_db_subnet_group()
        .db_subnet_group_name(name)
        .db_subnet_group_description(path)
        .set_subnet_ids(Some(subnet_ids.iter().cloned().collect()))
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.db_subnet_group.and_then(object);
    made.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Subnets { ids, path } => {
            // Without the description AWS takes it away, and with it whose the group is.
            let call = aws
                .rds
                .write
                .modify_db_subnet_group()
                .db_subnet_group_name(&object.id)
                .db_subnet_group_description(path)
                .set_subnet_ids(Some(ids.iter().cloned().collect()));
            aws.send_write(Action::ModifyDBSubnetGroup, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.rds.write.delete_db_subnet_group().db_subnet_group_name(id);
    gone(
        aws.send_write(Action::DeleteDBSubnetGroup, call.send()).await,
        Deletion::Gone,
    )
}

/// Every group there is.
async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let page = Kind::DbSubnetGroup.row().page;
    let request = aws.rds.read.describe_db_subnet_groups().max_records(page.into());
    aws.pages(
        Action::DescribeDBSubnetGroups,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.db_subnet_groups, page.marker),
        object,
    )
    .await
}

fn object(shown: types::DbSubnetGroup) -> Option<Object> {
    let name = shown.db_subnet_group_name?;
    let path = shown.db_subnet_group_description.unwrap_or_default();
    let subnets = shown.subnets.unwrap_or_default().into_iter();
    // A word that is not known may not be built upon.
    let phase = match shown.subnet_group_status.as_deref() {
        Some("Complete") => Phase::Ready,
        _ => Phase::Pending,
    };
    Some(Object {
        id: name.clone(),
        tags: tags_of_path(&path).unwrap_or_default(),
        phase,
        created: None,
        state: AnyState::DbSubnetGroup(State {
            name,
            path,
            subnet_ids: subnets.filter_map(|subnet| subnet.subnet_identifier).collect(),
        }),
    })
}

#[cfg(test)]
mod tests;
