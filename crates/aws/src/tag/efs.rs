//! The tags of file systems and access points.

use hastack_core::cloud::{CloudError, Reply};
use hastack_core::tag::Change;

use super::list;
use crate::Aws;
use crate::action::Action;

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.efs.write.tag_resource().resource_id(id).set_tags(Some(list(tags)));
            aws.send_write(Action::EfsTagResource, call.send()).await?;
        }
        Change::Remove(keys) => {
            let call = aws.efs.write.untag_resource().resource_id(id);
            let call = call.set_tag_keys(Some(keys.clone()));
            aws.send_write(Action::EfsUntagResource, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

#[cfg(test)]
mod tests;
