//! The security group that comes with a VPC.

use aws_sdk_ec2::types::{self, Filter};
use hastack_core::cloud::{CloudError, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::default_security_group::{Change, State};

use super::security_group::{revoke_egress, revoke_ingress, rules};
use crate::Aws;
use crate::action::Action;
use crate::page::{by_id, filter};
use crate::tag;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    // Nobody tagged them.
    describe(aws, filter("group-name", vec!["default".into()])).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("group-id", ids, |filter| describe(aws, filter)).await
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::RevokeIngress(rules) => revoke_ingress(aws, id, rules).await,
        Change::RevokeEgress(rules) => revoke_egress(aws, id, rules).await,
    }
}

/// It cannot be deleted: it goes with its VPC.
pub fn delete() -> Deletion {
    Deletion::Started
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_security_groups()
        .filters(filter)
        .max_results(Kind::DefaultSecurityGroup.row().page.into());
    aws.pages(
        Action::DescribeSecurityGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.security_groups, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::SecurityGroup) -> Option<Object> {
    Some(Object {
        id: shown.group_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: None,
        state: AnyState::DefaultSecurityGroup(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            ingress: rules(shown.ip_permissions),
            egress: rules(shown.ip_permissions_egress),
        }),
    })
}

#[cfg(test)]
mod tests;
