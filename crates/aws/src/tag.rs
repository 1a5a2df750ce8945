//! Tags, as the SDK spells them.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use hastack_core::cloud::{CloudError, Reply};
use hastack_core::tag::{Change, Tags};

use crate::Aws;
use crate::action::Action;

/// Changes the tags of a resource of EC2, whatever its kind.
pub(crate) async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.ec2.write.create_tags().resources(id).set_tags(Some(list(tags)));
            aws.send_write(Action::CreateTags, call.send()).await?;
        }
        Change::Remove(keys) => {
            // Without a value a tag goes whatever its value is.
            let tags = keys.iter().map(|key| Tag::builder().key(key).build()).collect();
            let call = aws.ec2.write.delete_tags().resources(id).set_tags(Some(tags));
            aws.send_write(Action::DeleteTags, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

/// The tags of something that is being created.
pub(crate) fn specification(resource: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(resource)
        .set_tags(Some(list(tags)))
        .build()
}

fn list(tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// The tags AWS shows.
pub(crate) fn tags(shown: Option<Vec<Tag>>) -> Tags {
    let shown = shown.unwrap_or_default().into_iter();
    shown
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

#[cfg(test)]
mod tests;
