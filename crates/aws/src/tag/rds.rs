//! The tags of database instances and clusters and of their upgrades, by ARN.

use hastack_core::cloud::{CloudError, Reply};
use hastack_core::tag::Change;

use super::list;
use crate::Aws;
use crate::action::Action;

pub async fn update(aws: &Aws, arn: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.rds.write.add_tags_to_resource().resource_name(arn);
            let call = call.set_tags(Some(list(tags)));
            aws.send_write(Action::AddTagsToResource, call.send()).await?;
        }
        Change::Remove(keys) => {
            let call = aws.rds.write.remove_tags_from_resource().resource_name(arn);
            let call = call.set_tag_keys(Some(keys.clone()));
            aws.send_write(Action::RemoveTagsFromResource, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

#[cfg(test)]
mod tests;
