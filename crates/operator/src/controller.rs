//! One term of this replica: passes over every custom resource that changed, until the term ends.

use std::convert::Infallible;
use std::sync::Arc;

use futures::channel::mpsc::UnboundedReceiver;
use futures::{Stream, StreamExt, future, stream};
use kube::Resource;
use kube::runtime::controller::{self, Action};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{Config, applier};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span, debug, warn};

use crate::cloud::Connect;
use crate::context::Context;
use crate::reconcile::{Error, reconcile};
use crate::watch::{Key, Sighting, Stack};

/// Works until the context's `stop`. Then finishes the passes that are under way and ends.
pub async fn run<A: Connect>(context: Arc<Context<A>>, sightings: UnboundedReceiver<Sighting>, concurrency: u16) {
    let store = context.stacks.clone();
    let known: Vec<_> = store
        .state()
        .iter()
        .map(|stack| ObjectRef::from_obj(&**stack))
        .collect();
    let queue = stream::iter(known)
        .chain(changed(sightings, context.clone()))
        .take_until(context.stop.clone().cancelled_owned())
        .map(Ok::<_, Infallible>)
        .boxed();
    let settings = Config::default().concurrency(concurrency);
    applier(start, retry, context.clone(), store, queue, settings)
        .for_each(|result| {
            log(&result);
            future::ready(())
        })
        .await;
    context.regions.close().await;
}

/// The custom resources that changed. Forgets those that are gone.
fn changed<A: Connect>(
    sightings: UnboundedReceiver<Sighting>,
    context: Arc<Context<A>>,
) -> impl Stream<Item = Key> + Send {
    sightings.filter_map(move |sighting| {
        let context = context.clone();
        async move {
            match sighting {
                Sighting::Changed(key) => Some(key),
                Sighting::Gone { uid, owner } => {
                    context.forget(&uid, &owner).await;
                    None
                }
            }
        }
    })
}

/// Starts a pass as a task of its own, so that passes share the machine's cores.
fn start<A: Connect>(
    stack: Arc<Stack>,
    context: Arc<Context<A>>,
) -> impl Future<Output = Result<Action, Error>> + Unpin + Send {
    let pass = tokio::spawn(reconcile(stack, context).instrument(Span::current()));
    let pass = AbortOnDropHandle::new(pass);
    Box::pin(async move { pass.await.unwrap_or_else(|error| Err(Error::Finish(error))) })
}

#[allow(clippy::needless_pass_by_value, reason = "the applier calls it like this")]
fn retry<A: Connect>(stack: Arc<Stack>, _error: &Error, context: Arc<Context<A>>) -> Action {
    let uid = stack.meta().uid.as_deref().unwrap_or_default();
    Action::requeue(context.memories.failed(uid))
}

fn log(result: &Result<(Key, Action), controller::Error<Error, Infallible>>) {
    match result {
        Ok((key, action)) => debug!(%key, ?action, "passed"),
        // It was deleted between the change and its turn.
        Err(controller::Error::ObjectNotFound(key)) => debug!(%key, "gone"),
        Err(controller::Error::ReconcilerFailed(error, key)) => {
            warn!(%key, error = error as &dyn std::error::Error, "cannot bring it closer");
        }
        Err(error @ (controller::Error::QueueError(_) | controller::Error::RunnerError(_))) => {
            warn!(error = error as &dyn std::error::Error, "cannot go on");
        }
    }
}
