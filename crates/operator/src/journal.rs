//! What must outlast a crash, kept in the status of the custom resource.

use std::sync::{Mutex, PoisonError};

use hastack_api::Custom;
use hastack_core::apply::{Journal, RecordIntent};
use hastack_core::memory::Memory;
use hastack_core::report::record;
use kube::Client;

use crate::metric::{Metrics, Written};
use crate::publish::publish;

/// The status of one custom resource, during one pass.
pub struct StatusJournal<'a, K: Custom> {
    client: &'a Client,
    metrics: &'a Metrics,
    object: &'a K,
    published: Mutex<K::Status>,
}

impl<'a, K: Custom> StatusJournal<'a, K> {
    /// The status of `object`, which last was `published`.
    pub fn new(client: &'a Client, metrics: &'a Metrics, object: &'a K, published: K::Status) -> Self {
        Self {
            client,
            metrics,
            object,
            published: Mutex::new(published),
        }
    }

    /// The status as it was last written.
    pub fn into_published(self) -> K::Status {
        self.published.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn published(&self) -> K::Status {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<K: Custom> Journal for StatusJournal<'_, K> {
    async fn record(&self, memory: &Memory) -> Result<(), RecordIntent> {
        let status = record(&self.published(), memory);
        publish(self.client, self.metrics, self.object, &status, Written::Intent)
            .await
            .map_err(|error| RecordIntent(Box::new(error)))?;
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = status;
        Ok(())
    }
}
