//! A role that a service of AWS takes on.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::role::{Change, Create, Document, INLINE_POLICY, Policies, State};
use hastack_core::tag::{path_of_cluster, tags_of_path};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{absent, gone, name_of, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::marker;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .iam
        .read
        .list_roles()
        .path_prefix(path_of_cluster(&aws.cluster))
        .max_items(Kind::Role.row().page.into());
    aws.pages(
        Action::ListRoles,
        |token| request.clone().set_marker(token).send(),
        |page| (Some(page.roles), marker(page.is_truncated, page.marker)),
        object,
    )
    .await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // IAM finds them by path only, which ours all have.
    let seen = sweep(aws).await?.into_iter().filter(|object| ids.contains(&object.id));
    let mut objects = Vec::new();
    for object in seen {
        match policies(aws, name_of(&object.id)).await {
            Ok(policies) => objects.push(with_details(object, policies)),
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateRole;
    let Create { name, path, trust } = create;
    let call = aws
        .iam
        .write
        .create_role()
        .role_name(name)
        .path(path)
        .assume_role_policy_document(trust.0.to_string())
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let role = answer.role.and_then(object).ok_or_else(|| error::unreadable(action))?;
    Ok(with_details(role, Policies::default()))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let name = name_of(&object.id);
    match change {
        Change::Trust(trust) => {
            let call = aws
                .iam
                .write
                .update_assume_role_policy()
                .role_name(name)
                .policy_document(trust.0.to_string());
            aws.send_write(Action::UpdateAssumeRolePolicy, call.send()).await?;
        }
        Change::AttachPolicy(arn) => {
            let call = aws.iam.write.attach_role_policy().role_name(name).policy_arn(arn);
            aws.send_write(Action::AttachRolePolicy, call.send()).await?;
        }
        Change::DetachPolicy(arn) => {
            let call = aws.iam.write.detach_role_policy().role_name(name).policy_arn(arn);
            absent(aws.send_write(Action::DetachRolePolicy, call.send()).await.map(drop))?;
        }
        Change::PutPolicy(document) => {
            let call = aws
                .iam
                .write
                .put_role_policy()
                .role_name(name)
                .policy_name(INLINE_POLICY)
                .policy_document(document.0.to_string());
            aws.send_write(Action::PutRolePolicy, call.send()).await?;
        }
        Change::DeletePolicy(policy) => {
            let call = aws.iam.write.delete_role_policy().role_name(name).policy_name(policy);
            absent(aws.send_write(Action::DeleteRolePolicy, call.send()).await.map(drop))?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.iam.write.delete_role().role_name(name_of(id));
    gone(aws.send_write(Action::DeleteRole, call.send()).await, Deletion::Gone)
}

async fn policies(aws: &Aws, role: &str) -> Result<Policies, CloudError> {
    let mut inline: BTreeMap<_, _> = inline_names(aws, role)
        .await?
        .into_iter()
        .map(|name| (name, None))
        .collect();
    if let Some(document) = inline.get_mut(INLINE_POLICY) {
        *document = Some(inline_policy(aws, role).await?);
    }
    Ok(Policies {
        managed: managed_arns(aws, role).await?,
        inline,
    })
}

async fn managed_arns(aws: &Aws, role: &str) -> Result<BTreeSet<String>, CloudError> {
    let request = aws.iam.read.list_attached_role_policies().role_name(role);
    let policies = aws
        .items(
            Action::ListAttachedRolePolicies,
            |token| request.clone().set_marker(token).send(),
            |page| (page.attached_policies, marker(page.is_truncated, page.marker)),
        )
        .await?;
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

async fn inline_names(aws: &Aws, role: &str) -> Result<Vec<String>, CloudError> {
    let request = aws.iam.read.list_role_policies().role_name(role);
    aws.items(
        Action::ListRolePolicies,
        |token| request.clone().set_marker(token).send(),
        |page| (Some(page.policy_names), marker(page.is_truncated, page.marker)),
    )
    .await
}

async fn inline_policy(aws: &Aws, role: &str) -> Result<Document, CloudError> {
    let request = aws
        .iam
        .read
        .get_role_policy()
        .role_name(role)
        .policy_name(INLINE_POLICY);
    let answer = aws.send_read(Action::GetRolePolicy, || request.clone().send()).await?;
    Ok(document(&answer.policy_document))
}

#[allow(clippy::unnecessary_wraps, reason = "of other kinds AWS may show less")]
fn object(shown: types::Role) -> Option<Object> {
    Some(Object {
        id: shown.arn,
        tags: tags_of_path(&shown.path).unwrap_or_default(),
        phase: Phase::Ready,
        created: timestamp(shown.create_date),
        state: AnyState::Role(State {
            name: shown.role_name,
            path: shown.path,
            trust: document(&shown.assume_role_policy_document.unwrap_or_default()),
            policies: None,
        }),
    })
}

/// IAM gives documents percent-encoded. One that cannot be read is none that anybody wants.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>
fn document(shown: &str) -> Document {
    let text = percent_decode_str(shown).decode_utf8_lossy();
    Document(serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn with_details(mut object: Object, policies: Policies) -> Object {
    if let AnyState::Role(state) = &mut object.state {
        state.policies = Some(policies);
    }
    object
}

#[cfg(test)]
mod tests;
