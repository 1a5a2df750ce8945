//! Custom resources that this version cannot read: written by an older or newer one, with another schema.
//!
//! They are left as they are, and say so. Deleting them takes no more than their region and status.

use hastack_api::condition::{ConditionType, Reason, set};
use kube::Api;
use kube::api::DynamicObject;
use kube::core::error_boundary::InvalidObject;
use serde_json::{Value, json};
use tracing::warn;

use crate::cloud::Connect;
use crate::context::Context;
use crate::metric::Written;
use crate::neighbour::Watched;
use crate::publish::{self, publish};

/// Why a custom resource could not be looked into.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read again.
    #[error("cannot read the custom resource")]
    Read(#[source] kube::Error),
    /// Its status could not be written.
    #[error(transparent)]
    Write(#[from] publish::Error),
}

/// What is left of a custom resource that cannot be read, if that is enough to delete what it owns and that is asked for.
pub async fn salvage<A: Connect, K: Watched>(
    invalid: &InvalidObject,
    context: &Context<A>,
) -> Result<Option<K>, Error> {
    let InvalidObject { error, metadata } = invalid;
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let resource = kube::api::ApiResource::erase::<K>(&());
    let objects: Api<DynamicObject> = Api::namespaced_with(context.client.clone(), namespace, &resource);
    let name = metadata.name.as_deref().unwrap_or_default();
    let Some(raw) = objects.get_opt(name).await.map_err(Error::Read)? else {
        return Ok(None);
    };
    let Some(object) = remains::<K>(&raw) else {
        warn!(
            error,
            "cannot read the custom resource, nor its status: leaving it alone"
        );
        return Ok(None);
    };
    if object.meta().deletion_timestamp.is_some() {
        return Ok(Some(object));
    }
    warn!(error, "cannot read the custom resource: leaving it as it is");
    let message = format!("cannot read the spec: {error}");
    let status = stalled(&object, &message, context.clock().now());
    if object.status() != Some(&status) && context.tenure.holds() {
        publish(&context.client, &context.metrics, &object, &status, Written::Status).await?;
    }
    Ok(None)
}

/// The custom resource with nothing of its spec but what deleting it takes.
fn remains<K: Watched>(raw: &DynamicObject) -> Option<K> {
    let spec = K::remains(raw.data.get("spec")?)?;
    let mut object: Value = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::KIND,
        "metadata": raw.metadata,
        "spec": spec,
    });
    if let Some(status) = raw.data.get("status") {
        object["status"] = status.clone();
    }
    serde_json::from_value(object).ok()
}

fn stalled<K: Watched>(object: &K, message: &str, now: jiff::Timestamp) -> K::Status {
    let mut status = object.status().cloned().unwrap_or_default();
    let generation = object.meta().generation;
    status.observed_generation = generation;
    for (kind, is) in [
        (ConditionType::Ready, false),
        (ConditionType::Reconciling, false),
        (ConditionType::Stalled, true),
    ] {
        set(
            &mut status.conditions,
            kind,
            is,
            Reason::InvalidSpec,
            message,
            generation,
            now,
        );
    }
    status
}

#[cfg(test)]
mod tests {
    use hastack_api::{DeletionPolicy, HAStack, HAStackSpec};

    use super::*;

    fn remains_of(spec: &serde_json::Value) -> Option<HAStackSpec> {
        let raw = json!({"metadata": {"name": "web"}, "spec": spec});
        remains::<HAStack>(&serde_json::from_value(raw).unwrap()).map(|stack| stack.spec)
    }

    #[test]
    fn what_cannot_be_read_keeps_its_deletion_policy() {
        let spec = json!({"region": "us-east-1", "network": 7, "deletionPolicy": "Retain"});
        assert_eq!(remains_of(&spec).unwrap().deletion_policy, DeletionPolicy::Retain);
        let spec = json!({"region": "us-east-1", "network": 7});
        assert_eq!(remains_of(&spec).unwrap().deletion_policy, DeletionPolicy::Delete);
    }

    #[test]
    fn a_deletion_policy_that_cannot_be_read_is_not_guessed() {
        let spec = json!({"region": "us-east-1", "network": 7, "deletionPolicy": "Keep"});
        assert_eq!(remains_of(&spec), None);
    }
}
