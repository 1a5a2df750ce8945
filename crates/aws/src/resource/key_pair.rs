//! A key pair, of which AWS holds the public half.

use aws_sdk_ec2::types::{self, Filter, ResourceType};
use aws_smithy_types::Blob;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::key_pair::{Create, State};

use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("key-pair-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::ImportKeyPair;
    let Create { name, public_key } = create;
    let call = aws
        .ec2
        .write
        .import_key_pair()
        .key_name(name)
        .public_key_material(Blob::new(public_key.as_bytes()))
        .tag_specifications(tag::specification(ResourceType::KeyPair, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let pair = types::KeyPairInfo::builder()
        .set_key_pair_id(answer.key_pair_id)
        .key_name(name)
        .build();
    object(pair).ok_or_else(|| error::unreadable(action))
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_key_pair().key_pair_id(id);
    gone(aws.send_write(Action::DeleteKeyPair, call.send()).await, Deletion::Gone)
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    // This list has no pages.
    let request = aws.ec2.read.describe_key_pairs().filters(filter);
    aws.pages(
        Action::DescribeKeyPairs,
        |_| request.clone().send(),
        |page| (page.key_pairs, None),
        object,
    )
    .await
}

fn object(shown: types::KeyPairInfo) -> Option<Object> {
    Some(Object {
        id: shown.key_pair_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: shown.create_time.and_then(timestamp),
        state: AnyState::KeyPair(State {
            name: shown.key_name.unwrap_or_default(),
        }),
    })
}

#[cfg(test)]
mod tests;
