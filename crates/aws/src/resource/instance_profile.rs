//! An instance profile: how an instance gets its role.

use aws_sdk_iam::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance_profile::{Change, Create, State};
use hastack_core::tag::{path_of_cluster, tags_of_path};

use super::{absent, gone, name_of, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::marker;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .iam
        .read
        .list_instance_profiles()
        .path_prefix(path_of_cluster(&aws.cluster))
        .max_items(Kind::InstanceProfile.row().page.into());
    aws.pages(
        Action::ListInstanceProfiles,
        |token| request.clone().set_marker(token).send(),
        |page| (Some(page.instance_profiles), marker(page.is_truncated, page.marker)),
        object,
    )
    .await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // IAM finds them by path only, which ours all have.
    let mut objects = sweep(aws).await?;
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateInstanceProfile;
    let Create { name, path } = create;
    let call = aws
        .iam
        .write
        .create_instance_profile()
        .instance_profile_name(name)
        .path(path)
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let profile = answer.instance_profile.and_then(object);
    profile.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let name = name(object);
    match change {
        Change::AddRole(role) => {
            let call = aws
                .iam
                .write
                .add_role_to_instance_profile()
                .instance_profile_name(name)
                .role_name(name_of(role));
            aws.send_write(Action::AddRoleToInstanceProfile, call.send()).await?;
        }
        Change::RemoveRole(role) => {
            let call = aws
                .iam
                .write
                .remove_role_from_instance_profile()
                .instance_profile_name(name)
                .role_name(name_of(role));
            absent(
                aws.send_write(Action::RemoveRoleFromInstanceProfile, call.send())
                    .await
                    .map(drop),
            )?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, object: &Object) -> Result<Deletion, CloudError> {
    let call = aws
        .iam
        .write
        .delete_instance_profile()
        .instance_profile_name(name(object));
    gone(
        aws.send_write(Action::DeleteInstanceProfile, call.send()).await,
        Deletion::Gone,
    )
}

fn name(object: &Object) -> &str {
    match &object.state {
        AnyState::InstanceProfile(state) => &state.name,
        _ => &object.id,
    }
}

#[allow(clippy::unnecessary_wraps, reason = "of other kinds AWS may show less")]
fn object(shown: types::InstanceProfile) -> Option<Object> {
    Some(Object {
        id: shown.instance_profile_id,
        tags: tags_of_path(&shown.path).unwrap_or_default(),
        phase: Phase::Ready,
        created: timestamp(shown.create_date),
        state: AnyState::InstanceProfile(State {
            name: shown.instance_profile_name,
            role_arn: shown.roles.into_iter().next().map(|role| role.arn),
        }),
    })
}

#[cfg(test)]
mod tests;
