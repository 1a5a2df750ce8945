//! A security group of somebody else that refers to one of ours.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{self, Filter, IpPermission};
use hastack_core::cloud::{CloudError, Deletion};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::foreign_security_group::State;
use hastack_core::tag::{CLUSTER, Tags};

use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::tag;

/// Where a rule may refer to a group.
const DIRECTIONS: [&str; 2] = ["ip-permission.group-id", "egress.ip-permission.group-id"];

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let ours: Vec<_> = parents.iter().map(|group| group.id.clone()).collect();
    let mut objects = Vec::new();
    for direction in DIRECTIONS {
        objects.extend(by_id(direction, &ours, |filter| describe(aws, filter)).await?);
    }
    let mut seen = BTreeSet::new();
    objects.retain(|object| {
        let foreign = object.tags.get(CLUSTER) != Some(&aws.cluster);
        foreign && seen.insert(object.id.clone())
    });
    // What somebody's group is tagged with does not make it one of ours.
    for object in &mut objects {
        object.tags = Tags::new();
    }
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("group-id", ids, |filter| describe(aws, filter)).await
}

/// It is somebody else's.
pub fn delete() -> Deletion {
    Deletion::Started
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_security_groups()
        .filters(filter)
        .max_results(Kind::ForeignSecurityGroup.row().page.into());
    aws.pages(
        Action::DescribeSecurityGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.security_groups, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::SecurityGroup) -> Option<Object> {
    let groups = |permissions: Option<Vec<IpPermission>>| {
        let pairs = permissions.unwrap_or_default().into_iter();
        let pairs = pairs.flat_map(|permission| permission.user_id_group_pairs.unwrap_or_default());
        pairs.filter_map(|pair| pair.group_id)
    };
    let refers_to = groups(shown.ip_permissions).chain(groups(shown.ip_permissions_egress));
    Some(Object {
        id: shown.group_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: None,
        state: AnyState::ForeignSecurityGroup(State {
            name: shown.group_name.unwrap_or_default(),
            refers_to: refers_to.collect(),
        }),
    })
}

#[cfg(test)]
mod tests;
