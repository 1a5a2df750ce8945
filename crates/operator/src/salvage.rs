//! Custom resources that this version cannot read: written by an older or newer one, with another schema.
//!
//! They are left as they are, and say so. Deleting them takes no more than their region and status.

use hastack_api::condition::{ConditionType, Reason, set};
use hastack_api::{HAStack, HAStackSpec, HAStackStatus};
use kube::api::DynamicObject;
use kube::core::error_boundary::InvalidObject;
use kube::{Api, Resource};
use serde_json::json;
use tracing::warn;

use crate::cloud::Connect;
use crate::context::Context;
use crate::metric::Written;
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
pub async fn salvage<A: Connect>(invalid: &InvalidObject, context: &Context<A>) -> Result<Option<HAStack>, Error> {
    let InvalidObject { error, metadata } = invalid;
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let resource = kube::api::ApiResource::erase::<HAStack>(&());
    let stacks: Api<DynamicObject> = Api::namespaced_with(context.client.clone(), namespace, &resource);
    let name = metadata.name.as_deref().unwrap_or_default();
    let Some(raw) = stacks.get_opt(name).await.map_err(Error::Read)? else {
        return Ok(None);
    };
    let Some(stack) = remains(raw) else {
        warn!(
            error,
            "cannot read the custom resource, nor its status: leaving it alone"
        );
        return Ok(None);
    };
    if stack.metadata.deletion_timestamp.is_some() {
        return Ok(Some(stack));
    }
    warn!(error, "cannot read the custom resource: leaving it as it is");
    let message = format!("cannot read the spec: {error}");
    let status = stalled(&stack, &message, context.clock().now());
    if stack.status.as_ref() != Some(&status) && context.tenure.holds() {
        publish(&context.client, &context.metrics, &stack, &status, Written::Status).await?;
    }
    Ok(None)
}

/// The custom resource with nothing but its region and deletion policy for a spec. A policy that is none must not be guessed.
fn remains(raw: DynamicObject) -> Option<HAStack> {
    let region = raw.data.pointer("/spec/region")?.as_str()?;
    let mut spec = json!({"region": region, "network": {}});
    if let Some(policy) = raw.data.pointer("/spec/deletionPolicy") {
        spec["deletionPolicy"] = policy.clone();
    }
    let spec: HAStackSpec = serde_json::from_value(spec).ok()?;
    let status: Option<HAStackStatus> = match raw.data.get("status") {
        None => None,
        Some(status) => Some(serde_json::from_value(status.clone()).ok()?),
    };
    Some(HAStack {
        metadata: raw.metadata,
        spec,
        status,
    })
}

fn stalled(stack: &HAStack, message: &str, now: jiff::Timestamp) -> HAStackStatus {
    let mut status = stack.status.clone().unwrap_or_default();
    let generation = stack.meta().generation;
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
    use hastack_api::DeletionPolicy;

    use super::*;

    fn remains_of(spec: &serde_json::Value) -> Option<HAStackSpec> {
        let raw = json!({"metadata": {"name": "web"}, "spec": spec});
        remains(serde_json::from_value(raw).unwrap()).map(|stack| stack.spec)
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
