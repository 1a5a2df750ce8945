//! What must outlast a crash, kept in the status of the custom resource.

use std::sync::{Mutex, PoisonError};

use hastack_api::{HAStack, HAStackStatus};
use hastack_core::apply::{Journal, RecordIntent};
use hastack_core::memory::Memory;
use hastack_core::report::record;
use kube::Client;

use crate::metric::{Metrics, Written};
use crate::publish::publish;

/// The status of one custom resource, during one pass.
pub struct StatusJournal<'a> {
    client: &'a Client,
    metrics: &'a Metrics,
    stack: &'a HAStack,
    published: Mutex<HAStackStatus>,
}

impl<'a> StatusJournal<'a> {
    /// The status of `stack`, which last was `published`.
    pub fn new(client: &'a Client, metrics: &'a Metrics, stack: &'a HAStack, published: HAStackStatus) -> Self {
        Self {
            client,
            metrics,
            stack,
            published: Mutex::new(published),
        }
    }

    /// The status as it was last written.
    pub fn into_published(self) -> HAStackStatus {
        self.published.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn published(&self) -> HAStackStatus {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Journal for StatusJournal<'_> {
    async fn record(&self, memory: &Memory) -> Result<(), RecordIntent> {
        let status = record(&self.published(), memory);
        publish(self.client, self.metrics, self.stack, &status, Written::Intent)
            .await
            .map_err(|error| RecordIntent(Box::new(error)))?;
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = status;
        Ok(())
    }
}
