//! A public address.

use aws_sdk_ec2::types::{self, DomainType, Filter, ResourceType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::elastic_ip::{Change, Create, State};

use super::{absent, gone};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("allocation-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::AllocateAddress;
    let Create = create;
    let call = aws
        .ec2
        .write
        .allocate_address()
        .domain(DomainType::Vpc)
        .tag_specifications(tag::specification(ResourceType::ElasticIp, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let address = types::Address::builder()
        .set_allocation_id(answer.allocation_id)
        .set_public_ip(answer.public_ip)
        .build();
    object(address).ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    let mut part_id = None;
    match change {
        Change::Associate(instance) => {
            let action = Action::AssociateAddress;
            let call = aws
                .ec2
                .write
                .associate_address()
                .allocation_id(id)
                .instance_id(instance)
                .allow_reassociation(true);
            let answer = aws.send_write(action, call.send()).await?;
            part_id = Some(answer.association_id.ok_or_else(|| error::unreadable(action))?);
        }
        Change::Disassociate(association) => {
            let call = aws.ec2.write.disassociate_address().association_id(association);
            absent(aws.send_write(Action::DisassociateAddress, call.send()).await.map(drop))?;
        }
    }
    Ok(Reply { part_id })
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.release_address().allocation_id(id);
    gone(
        aws.send_write(Action::ReleaseAddress, call.send()).await,
        Deletion::Gone,
    )
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    // The one list that has no pages.
    let request = aws.ec2.read.describe_addresses().filters(filter);
    aws.pages(
        Action::DescribeAddresses,
        |_| request.clone().send(),
        |page| (page.addresses, None),
        object,
    )
    .await
}

fn object(shown: types::Address) -> Option<Object> {
    Some(Object {
        id: shown.allocation_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: None,
        state: AnyState::ElasticIp(State {
            public_ip: shown.public_ip.unwrap_or_default(),
            association_id: shown.association_id,
            instance_id: shown.instance_id.filter(|id| !id.is_empty()),
        }),
    })
}

#[cfg(test)]
mod tests;
