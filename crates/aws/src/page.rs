//! Reading all pages of a list, or failing.

use std::error::Error;
use std::future::Future;

use aws_sdk_ec2::types::Filter;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use hastack_core::cloud::CloudError;
use hastack_core::object::Object;
use hastack_core::tag;

use crate::Aws;
use crate::action::Action;
use crate::error;

/// The most values AWS takes in one filter.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html>
const VALUES: usize = 200;

impl Aws {
    /// What carries this installation's tag.
    pub(crate) fn ours(&self) -> Filter {
        filter(format!("tag:{}", tag::CLUSTER), vec![self.cluster.clone()])
    }

    /// Every page's items, as objects. An item without an id makes all of them void, as does a page that cannot be had.
    pub(crate) async fn pages<P, T, E, F>(
        &self,
        action: Action,
        send: impl Fn(Option<String>) -> F,
        open: impl Fn(P) -> (Option<Vec<T>>, Option<String>),
        object: impl Fn(T) -> Option<Object>,
    ) -> Result<Vec<Object>, CloudError>
    where
        F: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let items = self.items(action, send, open).await?.into_iter();
        items
            .map(|item| object(item).ok_or_else(|| error::unreadable(action)))
            .collect()
    }

    /// Every page's items. A page that cannot be had makes all of them void: whoever concludes something from an absence must have
    /// seen everything.
    pub(crate) async fn items<P, T, E, F>(
        &self,
        action: Action,
        send: impl Fn(Option<String>) -> F,
        open: impl Fn(P) -> (Option<Vec<T>>, Option<String>),
    ) -> Result<Vec<T>, CloudError>
    where
        F: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let page = self.send_read(action, || send(token.clone())).await?;
            let (items, next) = open(page);
            all.extend(items.unwrap_or_default());
            let next = next.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(all);
            }
            // A server that gives the same page again would be read for ever.
            if next == token {
                return Err(error::unreadable(action));
            }
            token = next;
        }
    }
}

/// Where the next page begins, where AWS says whether there is one by a word of its own.
pub(crate) fn marker(is_truncated: bool, marker: Option<String>) -> Option<String> {
    marker.filter(|_| is_truncated)
}

/// What has one of these values.
pub(crate) fn filter(name: impl Into<String>, values: Vec<String>) -> Filter {
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// What has one of these ids; as many calls as it takes, none for no ids. A filter leaves out an id that does not exist, where
/// naming the ids would be answered with an error.
pub(crate) async fn by_id<F>(
    name: &str,
    ids: &[String],
    describe: impl Fn(Filter) -> F,
) -> Result<Vec<Object>, CloudError>
where
    F: Future<Output = Result<Vec<Object>, CloudError>>,
{
    in_turns(ids, VALUES, |ids| describe(filter(name, ids))).await
}

/// What `read` gives for these ids, of which it takes so many at a time.
pub(crate) async fn in_turns<T, F>(
    ids: &[String],
    size: usize,
    read: impl Fn(Vec<String>) -> F,
) -> Result<Vec<T>, CloudError>
where
    F: Future<Output = Result<Vec<T>, CloudError>>,
{
    let mut all = Vec::new();
    for ids in ids.chunks(size) {
        all.extend(read(ids.to_vec()).await?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
