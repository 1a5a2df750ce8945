//! Who reaches a service's instances, and what those may do in AWS: security group, role and instance profile.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::access::{BucketAccess, PermissionSpec, PolicyStatement};
use hastack_api::service::launch::DatabaseKey;
use serde_json::{Value, json};

use super::traffic;
use crate::desire::ground::partition;
use crate::desire::name::{LONGEST_ROLE, unique};
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::role::Document;
use crate::resource::{Spec, instance_profile, role, security_group};

/// The word in the ids of what instances of a service have.
const SERVICE: &str = "service";

/// The nodes of this part.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let group = security_group::Spec {
        vpc: site.vpc(),
        name: group_name(site),
        ingress: traffic::ingress(spec, site, inputs)?,
        egress: traffic::egress(spec, site)?,
    };
    let profile_spec = instance_profile::Spec {
        name: profile_name(site),
        path: site.path(&profile()),
        role: role(),
    };
    let specs = [
        (self::group(), Spec::SecurityGroup(group)),
        (role(), Spec::Role(role_spec(spec, site, inputs))),
        (profile(), Spec::InstanceProfile(profile_spec)),
    ];
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    Ok(specs.into_iter().map(managed).collect())
}

/// The security group of the instances.
pub(super) fn group() -> NodeId {
    NodeId::named(Kind::SecurityGroup, SERVICE)
}

/// The role of the instances.
pub(super) fn role() -> NodeId {
    NodeId::named(Kind::Role, SERVICE)
}

/// The instance profile that gives them the role.
pub(super) fn profile() -> NodeId {
    NodeId::named(Kind::InstanceProfile, SERVICE)
}

/// The name of that profile.
pub(super) fn profile_name(site: &Site<'_>) -> String {
    unique(site.identity, &profile(), LONGEST_ROLE)
}

/// Unique in the VPC, whoever shares that: those of stacks have a part less.
fn group_name(site: &Site<'_>) -> String {
    let stack = &site.owner;
    format!("{}/{}/{}/{SERVICE}", stack.namespace, stack.name, site.name())
}

/// Session Manager is the way in where no key is, and where it is lost.
fn role_spec(spec: &AutoScaledServiceSpec, site: &Site<'_>, inputs: &Inputs) -> role::Spec {
    let given = spec
        .permissions
        .iter()
        .filter_map(|permission| permission.policy_arn.clone());
    let session = site.managed_policy("AmazonSSMManagedInstanceCore");
    let statements = statements(spec, site, inputs);
    role::Spec {
        name: unique(site.identity, &role(), LONGEST_ROLE),
        path: site.path(&role()),
        service: "ec2.amazonaws.com",
        managed_policies: given.chain([session]).collect(),
        inline_policy: (!statements.is_empty())
            .then(|| Document(json!({"Version": "2012-10-17", "Statement": statements}))),
    }
}

/// What the instances may do beyond the managed policies.
fn statements(spec: &AutoScaledServiceSpec, site: &Site<'_>, inputs: &Inputs) -> Vec<Value> {
    let permissions = &spec.permissions;
    let buckets = permissions.iter().flat_map(|permission| bucket(permission, site));
    let secret = secrets(spec, inputs);
    let secret = (!secret.is_empty()).then(|| allow(&json!(["secretsmanager:GetSecretValue"]), &json!(secret)));
    let given = permissions
        .iter()
        .filter_map(|permission| permission.statement.as_ref());
    buckets.chain(secret).chain(given.map(statement)).collect()
}

/// The secrets they read, those of their environment among them, and those of databases whose ARN they are told.
fn secrets<'a>(spec: &'a AutoScaledServiceSpec, inputs: &'a Inputs) -> BTreeSet<&'a str> {
    let permitted = spec
        .permissions
        .iter()
        .filter_map(|permission| permission.secret_arn.as_deref());
    let environment = spec.environment.iter().filter_map(|entry| entry.secret_arn.as_deref());
    let told = spec.environment.iter().filter_map(|entry| entry.database.as_ref());
    let told = told.filter(|value| value.key == DatabaseKey::SecretArn);
    let told = told.filter_map(|value| {
        let mut databases = inputs.databases.iter();
        let database = databases.find(|database| database.metadata.name.as_ref() == Some(&value.name))?;
        database.status.as_ref()?.secret_arn.as_deref()
    });
    permitted.chain(environment).map(secret_of).chain(told).collect()
}

/// The secret's ARN, without the key of one of its values.
pub(super) fn secret_of(arn: &str) -> &str {
    arn.split_once('#').map_or(arn, |(arn, _)| arn)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html>
fn bucket(permission: &PermissionSpec, site: &Site<'_>) -> Vec<Value> {
    let Some(name) = &permission.bucket else {
        return Vec::new();
    };
    let arn = format!("arn:{}:s3:::{name}", partition(site.region()));
    let actions: &[&str] = match permission.access.unwrap_or_default() {
        BucketAccess::Read => &["s3:GetObject"],
        BucketAccess::ReadWrite => &[
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:PutObject",
        ],
    };
    vec![
        allow(&json!(["s3:GetBucketLocation", "s3:ListBucket"]), &json!([arn])),
        allow(&json!(actions), &json!([format!("{arn}/*")])),
    ]
}

fn allow(actions: &Value, resources: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn statement(given: &PolicyStatement) -> Value {
    let PolicyStatement {
        actions,
        resources,
        conditions,
    } = given;
    let mut statement = allow(&json!(actions), &json!(resources));
    if let (Some(conditions), Value::Object(fields)) = (conditions, &mut statement) {
        fields.insert("Condition".to_owned(), conditions.clone());
    }
    statement
}

#[cfg(test)]
mod tests;
