//! A mount target. AWS lists those of one file system at a time, and they have no tags of their own.

use std::collections::BTreeMap;

use aws_sdk_efs::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::owner::NodeId;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::mount_target::{Change, Create, State, node};
use hastack_core::tag::{ID, Tags, tags_of_part};

use super::{file_system, gone, phase};
use crate::Aws;
use crate::action::Action;
use crate::error;

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::new();
    for file_system in parents {
        objects.extend(known(describe(aws, Some(&file_system.id), None).await)?);
    }
    Ok(tagged(objects, parents))
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::new();
    for id in ids {
        for object in known(describe(aws, None, Some(id)).await)? {
            match security_groups(aws, id).await {
                Ok(ids) => objects.push(with_details(object, ids)),
                // It was deleted in between.
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    if objects.is_empty() {
        return Ok(objects);
    }
    let parents = file_system::describe(aws).await?;
    Ok(tagged(objects, &parents))
}

pub async fn create(aws: &Aws, _request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create {
        file_system_id,
        subnet_id,
        security_group_id,
    } = create;
    let call = aws
        .efs
        .write
        .create_mount_target()
        .file_system_id(file_system_id)
        .subnet_id(subnet_id)
        .security_groups(security_group_id);
    let answer = aws.send_write(Action::CreateMountTarget, call.send()).await?;
    Ok(Object {
        id: answer.mount_target_id,
        tags: Tags::new(),
        phase: phase(Some(answer.life_cycle_state.as_str())),
        created: None,
        state: AnyState::MountTarget(State {
            file_system_id: answer.file_system_id,
            subnet_id: answer.subnet_id,
            zone: answer.availability_zone_name.unwrap_or_default(),
            address: answer.ip_address,
            security_group_ids: Some(vec![security_group_id.clone()]),
        }),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::SecurityGroups(ids) => {
            let call = aws.efs.write.modify_mount_target_security_groups();
            let call = call.mount_target_id(&object.id).set_security_groups(Some(ids.clone()));
            aws.send_write(Action::ModifyMountTargetSecurityGroups, call.send())
                .await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.efs.write.delete_mount_target().mount_target_id(id);
    gone(
        aws.send_write(Action::DeleteMountTarget, call.send()).await,
        Deletion::Started,
    )
}

/// The mount targets of a file system, or one of them: AWS lists no others.
async fn describe(aws: &Aws, file_system: Option<&str>, target: Option<&str>) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .efs
        .read
        .describe_mount_targets()
        .set_file_system_id(file_system.map(str::to_owned))
        .set_mount_target_id(target.map(str::to_owned))
        .max_items(Kind::MountTarget.row().page.into());
    aws.pages(
        Action::DescribeMountTargets,
        |token| request.clone().set_marker(token).send(),
        |page| (page.mount_targets, page.next_marker),
        object,
    )
    .await
}

/// What is listed, where it is no error that what was named does not exist any more.
fn known(listed: Result<Vec<Object>, CloudError>) -> Result<Vec<Object>, CloudError> {
    match listed {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

async fn security_groups(aws: &Aws, id: &str) -> Result<Vec<String>, CloudError> {
    let action = Action::DescribeMountTargetSecurityGroups;
    let request = aws.efs.read.describe_mount_target_security_groups().mount_target_id(id);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    Some(answer.security_groups)
        .filter(|ids| !ids.is_empty())
        .ok_or_else(|| error::unreadable(action))
}

/// The mount targets with the tags that follow from their file systems'. Those of one without our tags have none.
fn tagged(mut objects: Vec<Object>, file_systems: &[Object]) -> Vec<Object> {
    let file_systems: BTreeMap<_, _> = file_systems.iter().map(|whole| (whole.id.as_str(), whole)).collect();
    for object in &mut objects {
        let AnyState::MountTarget(State {
            file_system_id,
            subnet_id,
            zone,
            address: _,
            security_group_ids: _,
        }) = &object.state
        else {
            continue;
        };
        let whole = file_systems.get(file_system_id.as_str());
        let owned = whole.and_then(|whole| Some((whole, whole.tags.get(ID)?.parse::<NodeId>().ok()?)));
        if let Some((whole, id)) = owned {
            object.tags = tags_of_part(&whole.tags, &node(&id, zone, subnet_id));
        }
    }
    objects
}

fn object(shown: types::MountTargetDescription) -> Option<Object> {
    Some(Object {
        id: Some(shown.mount_target_id).filter(|id| !id.is_empty())?,
        tags: Tags::new(),
        phase: phase(Some(shown.life_cycle_state.as_str())),
        created: None,
        state: AnyState::MountTarget(State {
            file_system_id: shown.file_system_id,
            subnet_id: shown.subnet_id,
            zone: shown.availability_zone_name.unwrap_or_default(),
            address: shown.ip_address,
            security_group_ids: None,
        }),
    })
}

fn with_details(mut object: Object, security_group_ids: Vec<String>) -> Object {
    if let AnyState::MountTarget(state) = &mut object.state {
        state.security_group_ids = Some(security_group_ids);
    }
    object
}

#[cfg(test)]
mod tests;
