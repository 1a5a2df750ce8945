//! The tags of load balancers and listeners, which no list of them shows.

use std::collections::BTreeMap;
use std::slice;

use hastack_core::cloud::{CloudError, ErrorKind, Reply};
use hastack_core::tag::{Change, Tags};

use super::{list, tags};
use crate::Aws;
use crate::action::Action;

/// The most ARNs AWS takes in one call.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html>
const ARNS: usize = 20;

/// The tags of these, by ARN, without what is gone meanwhile.
pub async fn read(aws: &Aws, arns: &[String]) -> Result<BTreeMap<String, Tags>, CloudError> {
    let mut all = BTreeMap::new();
    for arns in arns.chunks(ARNS) {
        match describe(aws, arns).await {
            // One that is gone makes the answer an error for all; whose it was does not matter.
            Err(error) if error.kind == ErrorKind::NotFound => {
                for arn in arns {
                    match describe(aws, slice::from_ref(arn)).await {
                        Err(error) if error.kind == ErrorKind::NotFound => {}
                        found => all.extend(found?),
                    }
                }
            }
            found => all.extend(found?),
        }
    }
    Ok(all)
}

pub async fn update(aws: &Aws, arn: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.elb.write.add_tags().resource_arns(arn).set_tags(Some(list(tags)));
            aws.send_write(Action::ElbAddTags, call.send()).await?;
        }
        Change::Remove(keys) => {
            let call = aws.elb.write.remove_tags().resource_arns(arn);
            let call = call.set_tag_keys(Some(keys.clone()));
            aws.send_write(Action::ElbRemoveTags, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

async fn describe(aws: &Aws, arns: &[String]) -> Result<Vec<(String, Tags)>, CloudError> {
    let request = aws.elb.read.describe_tags().set_resource_arns(Some(arns.to_vec()));
    let answer = aws
        .send_read(Action::ElbDescribeTags, || request.clone().send())
        .await?;
    let shown = answer.tag_descriptions.unwrap_or_default().into_iter();
    let shown = shown.filter_map(|one| Some((one.resource_arn?, tags(one.tags))));
    Ok(shown.collect())
}

#[cfg(test)]
mod tests;
