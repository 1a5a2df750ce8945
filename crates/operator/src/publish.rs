//! Writing a status: one server-side apply of all of it.

use std::time::Duration;

use hastack_api::Custom;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::time::timeout;

use crate::metric::{Metrics, Written};
use crate::watch::Guarded;

/// Who owns the fields of a status.
pub const FIELD_MANAGER: &str = "hastack";
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

/// Writes the whole status of `object`, which must still be the same one.
pub async fn publish<K: Custom>(
    client: &Client,
    metrics: &Metrics,
    object: &K,
    status: &K::Status,
    write: Written,
) -> Result<(), Error> {
    let metadata = object.meta();
    let patch = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::KIND,
        "metadata": {"name": metadata.name, "namespace": metadata.namespace, "uid": metadata.uid},
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let name = metadata.name.as_deref().unwrap_or_default();
    let patch = Patch::Apply(patch);
    let objects = siblings(client, object);
    let answer = objects.patch_status(name, &parameters, &patch);
    metrics.wrote(write);
    within(answer, "the status").await
}

/// The custom resources of this kind in the namespace of `object`.
pub fn siblings<K: Custom>(client: &Client, object: &K) -> Api<Guarded<K>> {
    Api::namespaced(client.clone(), object.meta().namespace.as_deref().unwrap_or_default())
}

/// The answer to a write, which must come in time.
pub async fn within<T>(answer: impl Future<Output = Result<T, kube::Error>>, what: &'static str) -> Result<(), Error> {
    match timeout(PATIENCE, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(source)) => Err(Error::Write { what, source }),
        Err(_) => Err(Error::Wait { what }),
    }
}
