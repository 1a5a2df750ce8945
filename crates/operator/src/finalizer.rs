//! The finalizer: on before the first write to AWS, off when nothing is left there.
//!
//! kube's `finalizer()` takes it off at the first success of a clean-up; ours is done only when an inventory says so.

use hastack_api::{FINALIZER, HAStack};
use kube::Client;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::metric::{Metrics, Written};
use crate::publish::{Error, stacks, within};

/// Whether it is on.
pub fn is_on(stack: &HAStack) -> bool {
    position(stack).is_some()
}

/// Puts it on. Fails if somebody else changed the finalizers meanwhile.
pub async fn add(client: &Client, metrics: &Metrics, stack: &HAStack) -> Result<(), Error> {
    let patch = match &stack.metadata.finalizers {
        // The API server shows no empty list, so what is tested for is nothing.
        None => json!([
            {"op": "test", "path": "/metadata/finalizers", "value": null},
            {"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]},
        ]),
        Some(finalizers) => json!([
            {"op": "test", "path": "/metadata/finalizers", "value": finalizers},
            {"op": "add", "path": "/metadata/finalizers/-", "value": FINALIZER},
        ]),
    };
    write(client, metrics, stack, patch).await
}

/// Takes it off. Fails if somebody else changed the finalizers meanwhile.
pub async fn remove(client: &Client, metrics: &Metrics, stack: &HAStack) -> Result<(), Error> {
    let Some(position) = position(stack) else { return Ok(()) };
    let place = format!("/metadata/finalizers/{position}");
    let patch = json!([
        {"op": "test", "path": place, "value": FINALIZER},
        {"op": "remove", "path": place},
    ]);
    write(client, metrics, stack, patch).await
}

async fn write(client: &Client, metrics: &Metrics, stack: &HAStack, patch: Value) -> Result<(), Error> {
    let what = "the finalizer";
    let patch = serde_json::from_value(patch).map_err(|error| Error::Write {
        what,
        source: kube::Error::SerdeError(error),
    })?;
    let name = stack.metadata.name.as_deref().unwrap_or_default();
    let (stacks, parameters, patch) = (stacks(client, stack), PatchParams::default(), Patch::Json::<()>(patch));
    metrics.wrote(Written::Finalizer);
    within(stacks.patch(name, &parameters, &patch), what).await
}

fn position(stack: &HAStack) -> Option<usize> {
    let finalizers = stack.metadata.finalizers.as_ref()?;
    finalizers.iter().position(|finalizer| finalizer == FINALIZER)
}
