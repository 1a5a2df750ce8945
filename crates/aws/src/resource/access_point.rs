//! An access point. AWS lists everybody's, with their tags; there is no filter.

use aws_sdk_efs::types::{self, CreationInfo, PosixUser, RootDirectory};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::access_point::{Create, Entry, State};
use hastack_core::tag::{CLUSTER, Tags};

use super::{gone, phase};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let mut objects = describe(aws).await?;
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    let mut objects = describe(aws).await?;
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateAccessPoint;
    let Create { file_system_id, entry } = create;
    let (user, root) = posix(entry).ok_or_else(|| error::unreadable(action))?;
    let call = aws
        .efs
        .write
        .create_access_point()
        .client_token(&request.token)
        .file_system_id(file_system_id)
        .posix_user(user)
        .root_directory(root)
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    Ok(Object {
        id: answer.access_point_id.ok_or_else(|| error::unreadable(action))?,
        tags: Tags::new(),
        phase: phase(answer.life_cycle_state.as_ref().map(types::LifeCycleState::as_str)),
        created: None,
        state: AnyState::AccessPoint(State {
            file_system_id: file_system_id.clone(),
            entry: entry.clone(),
        }),
    })
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.efs.write.delete_access_point().access_point_id(id);
    gone(
        aws.send_write(Action::DeleteAccessPoint, call.send()).await,
        Deletion::Started,
    )
}

async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .efs
        .read
        .describe_access_points()
        .max_results(Kind::AccessPoint.row().page.into());
    aws.pages(
        Action::DescribeAccessPoints,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.access_points, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::AccessPointDescription) -> Option<Object> {
    let root = shown.root_directory.as_ref();
    let id = |id: Option<i64>| id.and_then(|id| u32::try_from(id).ok()).unwrap_or_default();
    let entry = Entry {
        path: root.and_then(|root| root.path.clone()).unwrap_or_default(),
        uid: id(shown.posix_user.as_ref().map(|user| user.uid)),
        gid: id(shown.posix_user.as_ref().map(|user| user.gid)),
        permissions: root
            .and_then(|root| root.creation_info.as_ref())
            .map(|made| made.permissions.clone())
            .unwrap_or_default(),
    };
    Some(Object {
        id: shown.access_point_id?,
        tags: tag::tags(shown.tags),
        phase: phase(shown.life_cycle_state.as_ref().map(types::LifeCycleState::as_str)),
        created: None,
        state: AnyState::AccessPoint(State {
            file_system_id: shown.file_system_id.unwrap_or_default(),
            entry,
        }),
    })
}

/// Who every request is made as, and the root, which is theirs if it is made.
fn posix(entry: &Entry) -> Option<(PosixUser, RootDirectory)> {
    let Entry {
        path,
        uid,
        gid,
        permissions,
    } = entry;
    let (uid, gid) = (i64::from(*uid), i64::from(*gid));
    let user = PosixUser::builder().uid(uid).gid(gid).build().ok()?;
    let made = CreationInfo::builder().owner_uid(uid).owner_gid(gid);
    let made = made.permissions(permissions).build().ok()?;
    Some((user, RootDirectory::builder().path(path).creation_info(made).build()))
}

#[cfg(test)]
mod tests;
