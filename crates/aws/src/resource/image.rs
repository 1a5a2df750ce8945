//! An image.

use aws_sdk_ec2::types::{self, Filter, ImageState, ResourceType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Image, ImageQuery};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::image::{Create, State};
use hastack_core::tag::Tags;

use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::page::{by_id, filter};
use crate::{error, tag};

/// Whoever asks.
const OURSELVES: &str = "self";

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("image-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create {
        name,
        description,
        instance_id,
        reboot,
    } = create;
    let action = Action::CreateImage;
    let call = aws
        .ec2
        .write
        .create_image()
        .name(name)
        .description(description)
        .instance_id(instance_id)
        .no_reboot(!reboot)
        .tag_specifications(tag::specification(ResourceType::Image, &request.tags))
        .tag_specifications(tag::specification(ResourceType::Snapshot, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    Ok(Object {
        id: answer.image_id.ok_or_else(|| error::unreadable(action))?,
        tags: Tags::new(),
        phase: Phase::Pending,
        created: None,
        state: AnyState::Image(State {
            name: name.clone(),
            root_device: None,
            architecture: None,
            snapshot_ids: Vec::new(),
            unfinished: true,
            reason: None,
        }),
    })
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    // A snapshot that another image has too stays.
    let call = aws
        .ec2
        .write
        .deregister_image()
        .image_id(id)
        .delete_associated_snapshots(true);
    gone(
        aws.send_write(Action::DeregisterImage, call.send()).await,
        Deletion::Gone,
    )
}

/// The image that is meant, whoever has it, where there is one that can be started from.
pub async fn look_up(aws: &Aws, query: &ImageQuery) -> Result<Option<Image>, CloudError> {
    let request = aws.ec2.read.describe_images();
    let request = match query {
        ImageQuery::Id(id) => request.image_ids(id),
        ImageQuery::Newest {
            owner,
            name,
            architecture,
        } => request
            .owners(owner)
            .filters(filter("name", vec![name.clone()]))
            .filters(filter("architecture", vec![architecture.clone()]))
            .filters(filter("state", vec![ImageState::Available.as_str().to_owned()]))
            .max_results(Kind::Image.row().page.into()),
    };
    let images = aws
        .items(
            Action::DescribeImages,
            |token| request.clone().set_next_token(token).send(),
            |page| (page.images, page.next_token),
        )
        .await;
    let mut images = match images {
        Ok(images) => images,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    images.retain(|image| image.state == Some(ImageState::Available));
    // Dates of one form, so the order of letters is that of time.
    let newest = images.into_iter().max_by(|one, other| {
        let age = |image: &types::Image| (image.creation_date.clone(), image.image_id.clone());
        age(one).cmp(&age(other))
    });
    Ok(newest.and_then(known))
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_images()
        .owners(OURSELVES)
        .filters(filter)
        // One that is not shown would be taken for one that is not there, and made a second time.
        .include_disabled(true)
        .max_results(Kind::Image.row().page.into());
    aws.pages(
        Action::DescribeImages,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.images, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::Image) -> Option<Object> {
    let phase = phase(shown.state.as_ref());
    let mappings = shown.block_device_mappings.unwrap_or_default().into_iter();
    let snapshots = mappings.filter_map(|mapping| mapping.ebs?.snapshot_id);
    let reason = shown.state_reason.and_then(|reason| reason.message.or(reason.code));
    let disabled = (shown.state == Some(ImageState::Disabled)).then(|| "it is disabled: enable it".to_owned());
    Some(Object {
        id: shown.image_id?,
        tags: tag::tags(shown.tags),
        phase,
        created: shown.creation_date.and_then(|date| date.parse().ok()),
        state: AnyState::Image(State {
            name: shown.name.unwrap_or_default(),
            root_device: shown.root_device_name,
            architecture: shown.architecture.map(|architecture| architecture.to_string()),
            snapshot_ids: snapshots.collect(),
            unfinished: phase == Phase::Pending,
            reason: disabled.or(reason).filter(|_| phase == Phase::Failed),
        }),
    })
}

/// Images have words of their own for states.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>
fn phase(state: Option<&ImageState>) -> Phase {
    match state {
        Some(ImageState::Available) => Phase::Ready,
        Some(ImageState::Failed | ImageState::Invalid | ImageState::Error | ImageState::Disabled) => Phase::Failed,
        Some(ImageState::Deregistered) => Phase::Deleted,
        _ => Phase::Pending,
    }
}

fn known(shown: types::Image) -> Option<Image> {
    Some(Image {
        id: shown.image_id?,
        name: shown.name.unwrap_or_default(),
        architecture: shown.architecture?.to_string(),
        root_device: shown.root_device_name?,
    })
}

#[cfg(test)]
mod tests;
