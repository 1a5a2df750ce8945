//! The way of every call: its turn, its time, its error, its record.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::FutureExt;
use futures::future::BoxFuture;
use hastack_core::cloud::{CloudError, ErrorKind};
use tokio::time::Instant;

use crate::Aws;
use crate::action::{Action, Row};
use crate::error;
use crate::observe::{Call, Outcome};

/// How often a read is tried.
const TRIES: u32 = 3;
/// The pause before a read is tried again; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

impl Aws {
    /// Sends a write, once: whether to try again is the plan's decision.
    pub(crate) fn send_write<'a, T, E, F>(&'a self, action: Action, sending: F) -> BoxFuture<'a, Result<T, CloudError>>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        T: Send + 'a,
    {
        // The SDK's futures are so large that they are kept off the stack.
        self.attempt(action, sending).boxed()
    }

    /// Sends a read, again where AWS did not answer or could not just then.
    pub(crate) async fn send_read<T, E, F>(&self, action: Action, send: impl Fn() -> F) -> Result<T, CloudError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut tried = 1;
        loop {
            match self.attempt(action, Box::pin(send())).await {
                Err(error) if tried < TRIES && passes(error.kind) => {
                    tokio::time::sleep(PAUSE * 2_u32.pow(tried - 1)).await;
                    tried += 1;
                }
                result => return result,
            }
        }
    }

    async fn attempt<T, E, F>(&self, action: Action, sending: F) -> Result<T, CloudError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.limiter.admit(action).await;
        let began = Instant::now();
        let result = sending.await.map_err(|error| error::translate(action, error));
        let outcome = match &result {
            Ok(_) => Outcome::Succeeded,
            Err(error) => Outcome::Failed(error.kind),
        };
        if outcome == Outcome::Failed(ErrorKind::Throttled) {
            self.limiter.throttled(action);
        }
        let Row { name, service, .. } = action.row();
        let service = service.word();
        let duration = began.elapsed();
        let error = result.as_ref().err().map(tracing::field::display);
        tracing::debug!(service, action = name, %outcome, ?duration, error, "called AWS");
        self.observer.called(&Call {
            service,
            action: name,
            outcome,
            duration,
        });
        result
    }
}

/// Whether a read that failed like this may succeed a moment later.
fn passes(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Throttled | ErrorKind::Ambiguous => true,
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::InUse
        | ErrorKind::NotNow
        | ErrorKind::Denied
        | ErrorKind::Quota
        | ErrorKind::Invalid
        | ErrorKind::Fenced => false,
    }
}

#[cfg(test)]
mod tests;
