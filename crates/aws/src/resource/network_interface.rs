//! A network interface.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{self, Filter, NetworkInterfaceStatus};
use hastack_core::cloud::{CloudError, Deletion};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::network_interface::State;
use hastack_core::tag::{FLEET, Tags};

use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let ids = |kind: Kind| {
        let ours = parents.iter().filter(move |parent| parent.kind() == kind);
        ours.map(|parent| parent.id.clone()).collect::<Vec<_>>()
    };
    let vpcs = ids(Kind::Vpc);
    // In a VPC that is not ours, only what has our groups concerns us.
    let elsewhere = |parent: &&Object| match &parent.state {
        AnyState::SecurityGroup(group) => !vpcs.contains(&group.vpc_id),
        _ => false,
    };
    let groups: Vec<_> = parents.iter().filter(elsewhere).map(|group| group.id.clone()).collect();
    let mut objects = by_id("vpc-id", &vpcs, |filter| describe(aws, filter)).await?;
    objects.extend(by_id("group-id", &groups, |filter| describe(aws, filter)).await?);
    let mut seen = BTreeSet::new();
    objects.retain(|object| seen.insert(object.id.clone()));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("network-interface-id", ids, |filter| describe(aws, filter)).await
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_network_interface().network_interface_id(id);
    gone(
        aws.send_write(Action::DeleteNetworkInterface, call.send()).await,
        Deletion::Gone,
    )
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_network_interfaces()
        .filters(filter)
        .max_results(Kind::NetworkInterface.row().page.into());
    aws.pages(
        Action::DescribeNetworkInterfaces,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.network_interfaces, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::NetworkInterface) -> Option<Object> {
    let groups = shown.groups.unwrap_or_default().into_iter();
    let mut tags = shown.tag_set.unwrap_or_default().into_iter();
    Some(Object {
        id: shown.network_interface_id?,
        // Whoever has it may have tagged it like itself; it is not one of ours for that.
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::NetworkInterface(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            subnet_id: shown.subnet_id.unwrap_or_default(),
            group_ids: groups.filter_map(|group| group.group_id).collect(),
            description: shown.description.unwrap_or_default(),
            in_use: shown.status != Some(NetworkInterfaceStatus::Available),
            managed: shown.requester_managed.unwrap_or_default(),
            public: shown
                .association
                .is_some_and(|association| association.public_ip.is_some()),
            instance_id: shown.attachment.and_then(|attachment| attachment.instance_id),
            fleet: tags
                .find(|tag| tag.key.as_deref() == Some(FLEET))
                .and_then(|tag| tag.value),
        }),
    })
}

#[cfg(test)]
mod tests;
