//! The tags of certificates, which no list of them shows.

use aws_sdk_acm::types::Tag;
use hastack_core::cloud::{CloudError, Reply};
use hastack_core::tag::{Change, Tags};

use super::{list, tags};
use crate::Aws;
use crate::action::Action;

/// The tags of a certificate.
pub async fn read(aws: &Aws, arn: &str) -> Result<Tags, CloudError> {
    let request = aws.acm.read.list_tags_for_certificate().certificate_arn(arn);
    let answer = aws.send_read(Action::ListTagsForCertificate, || request.clone().send());
    Ok(tags(answer.await?.tags))
}

pub async fn update(aws: &Aws, arn: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.acm.write.add_tags_to_certificate().certificate_arn(arn);
            let call = call.set_tags(Some(list(tags)));
            aws.send_write(Action::AddTagsToCertificate, call.send()).await?;
        }
        Change::Remove(keys) => {
            // Without a value a tag goes whatever its value is.
            let tags = keys
                .iter()
                .filter_map(|key| Tag::builder().key(key).build().ok())
                .collect();
            let call = aws.acm.write.remove_tags_from_certificate().certificate_arn(arn);
            let call = call.set_tags(Some(tags));
            aws.send_write(Action::RemoveTagsFromCertificate, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

#[cfg(test)]
mod tests;
