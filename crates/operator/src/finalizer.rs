//! The finalizer: on before the first write to AWS, off when nothing is left there.
//!
//! kube's `finalizer()` takes it off at the first success of a clean-up; ours is done only when an inventory says so.

use hastack_api::{Custom, FINALIZER};
use kube::Client;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::metric::{Metrics, Written};
use crate::publish::{Error, siblings, within};

/// Whether it is on.
pub fn is_on<K: Custom>(object: &K) -> bool {
    position(object).is_some()
}

/// Puts it on. Fails if somebody else changed the finalizers meanwhile.
pub async fn add<K: Custom>(client: &Client, metrics: &Metrics, object: &K) -> Result<(), Error> {
    let patch = match &object.meta().finalizers {
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
    write(client, metrics, object, patch).await
}

/// Takes it off. Fails if somebody else changed the finalizers meanwhile.
pub async fn remove<K: Custom>(client: &Client, metrics: &Metrics, object: &K) -> Result<(), Error> {
    let Some(position) = position(object) else {
        return Ok(());
    };
    let place = format!("/metadata/finalizers/{position}");
    let patch = json!([
        {"op": "test", "path": place, "value": FINALIZER},
        {"op": "remove", "path": place},
    ]);
    write(client, metrics, object, patch).await
}

async fn write<K: Custom>(client: &Client, metrics: &Metrics, object: &K, patch: Value) -> Result<(), Error> {
    let what = "the finalizer";
    let patch = serde_json::from_value(patch).map_err(|error| Error::Write {
        what,
        source: kube::Error::SerdeError(error),
    })?;
    let name = object.meta().name.as_deref().unwrap_or_default();
    let (objects, parameters, patch) = (
        siblings(client, object),
        PatchParams::default(),
        Patch::Json::<()>(patch),
    );
    metrics.wrote(Written::Finalizer);
    within(objects.patch(name, &parameters, &patch), what).await
}

fn position<K: Custom>(object: &K) -> Option<usize> {
    let finalizers = object.meta().finalizers.as_ref()?;
    finalizers.iter().position(|finalizer| finalizer == FINALIZER)
}
