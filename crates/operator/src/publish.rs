//! Writing a status: one server-side apply of all of it.

use std::time::Duration;

use hastack_api::{HAStack, HAStackStatus};
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, Resource};
use serde_json::json;
use tokio::time::timeout;

use crate::metric::{Metrics, Written};
use crate::watch::Stack;

/// Who owns the fields of a status.
const FIELD_MANAGER: &str = "hastack";
/// How long the API server may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Why Kubernetes did not take what we wrote.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It refused, or could not be reached.
    #[error("cannot write {what}")]
    Write {
        /// What.
        what: &'static str,
        /// What it said.
        #[source]
        source: kube::Error,
    },
    /// It did not answer.
    #[error("cannot write {what}: the API server did not answer within {PATIENCE:?}")]
    Wait {
        /// What.
        what: &'static str,
    },
}

/// Writes the whole status of `stack`, which must still be the same object.
pub async fn publish(
    client: &Client,
    metrics: &Metrics,
    stack: &HAStack,
    status: &HAStackStatus,
    write: Written,
) -> Result<(), Error> {
    let metadata = &stack.metadata;
    let patch = json!({
        "apiVersion": HAStack::api_version(&()),
        "kind": HAStack::kind(&()),
        "metadata": {"name": metadata.name, "namespace": metadata.namespace, "uid": metadata.uid},
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let name = metadata.name.as_deref().unwrap_or_default();
    let patch = Patch::Apply(patch);
    let stacks = stacks(client, stack);
    let answer = stacks.patch_status(name, &parameters, &patch);
    metrics.wrote(write);
    within(answer, "the status").await
}

/// The custom resources of the namespace of `stack`.
pub fn stacks(client: &Client, stack: &HAStack) -> Api<Stack> {
    Api::namespaced(client.clone(), stack.metadata.namespace.as_deref().unwrap_or_default())
}

/// The answer to a write, which must come in time.
pub async fn within<T>(answer: impl Future<Output = Result<T, kube::Error>>, what: &'static str) -> Result<(), Error> {
    match timeout(PATIENCE, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(source)) => Err(Error::Write { what, source }),
        Err(_) => Err(Error::Wait { what }),
    }
}
