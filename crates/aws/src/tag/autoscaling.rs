//! The tags of Auto Scaling groups.

use aws_sdk_autoscaling::types::{Tag, TagDescription};
use hastack_core::cloud::{CloudError, Reply};
use hastack_core::tag::{Change, Tags};

use crate::Aws;
use crate::action::Action;

/// What a tag says it is on.
const RESOURCE_TYPE: &str = "auto-scaling-group";

/// The tags of a group that is being created.
pub fn list(group: &str, tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| tag(group, key, Some(value))).collect()
}

/// The tags AWS shows.
pub fn tags(shown: Option<Vec<TagDescription>>) -> Tags {
    let shown = shown.unwrap_or_default().into_iter();
    shown
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

/// The tag of a group. Instances carry only those that the launch template or another tag gives them.
fn tag(group: &str, key: &str, value: Option<&str>) -> Tag {
    Tag::builder()
        .resource_id(group)
        .resource_type(RESOURCE_TYPE)
        .propagate_at_launch(false)
        .key(key)
        .set_value(value.map(str::to_owned))
        .build()
}

pub async fn update(aws: &Aws, group: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.autoscaling.write.create_or_update_tags();
            let call = call.set_tags(Some(list(group, tags)));
            aws.send_write(Action::CreateOrUpdateTags, call.send()).await?;
        }
        Change::Remove(keys) => {
            let tags = keys.iter().map(|key| tag(group, key, None));
            let call = aws.autoscaling.write.delete_tags().set_tags(Some(tags.collect()));
            aws.send_write(Action::AutoScalingDeleteTags, call.send()).await?;
        }
    }
    Ok(Reply::default())
}
