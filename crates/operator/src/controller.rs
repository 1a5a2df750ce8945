//! One term of this replica: passes over every custom resource that changed, until the term ends.

use std::convert::Infallible;
use std::sync::Arc;

use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::{StreamExt, future, stream};
use hastack_api::{AutoScaledService, HAStack, ManagedDatabase};
use hastack_core::owner::Owner;
use kube::Resource;
use kube::runtime::controller::{self, Action};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{Config, applier};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span, debug, warn};

use crate::cloud::Connect;
use crate::context::Context;
use crate::neighbour::Watched;
use crate::reconcile::{Error, reconcile};
use crate::watch::{Guarded, Key, Sighting, key};

/// Works until the context's `stop`. Then finishes the passes that are under way and ends.
pub async fn run<A: Connect>(
    context: Arc<Context<A>>,
    sightings: UnboundedReceiver<Sighting>,
    mut listed: watch::Receiver<bool>,
    concurrency: u16,
) {
    // What one custom resource says of another counts only when all are known.
    tokio::select! {
        () = context.stop.cancelled() => {}
        _ = listed.wait_for(|listed| *listed) => {}
    }
    let (tell_stacks, stacks) = unbounded();
    let (tell_services, services) = unbounded();
    let (tell_databases, databases) = unbounded();
    let dispatch = dispatch(sightings, &context, |owner| {
        // Whoever listened has stopped working.
        if let Some(key) = key::<HAStack>(&owner) {
            let _ = tell_stacks.unbounded_send(key);
        } else if let Some(key) = key::<AutoScaledService>(&owner) {
            let _ = tell_services.unbounded_send(key);
        } else if let Some(key) = key::<ManagedDatabase>(&owner) {
            let _ = tell_databases.unbounded_send(key);
        }
    });
    let stop = context.stop.clone();
    tokio::join!(
        async {
            tokio::select! {
                () = dispatch => {}
                () = stop.cancelled() => {}
            }
        },
        work::<A, HAStack>(context.clone(), stacks, concurrency),
        work::<A, AutoScaledService>(context.clone(), services, concurrency),
        work::<A, ManagedDatabase>(context.clone(), databases, concurrency),
    );
    context.regions.close().await;
}

/// Tells who is to be passed over. Forgets those that are gone.
async fn dispatch<A: Connect>(mut sightings: UnboundedReceiver<Sighting>, context: &Context<A>, tell: impl Fn(Owner)) {
    while let Some(sighting) = sightings.next().await {
        match sighting {
            Sighting::Changed(owner) => tell(owner),
            Sighting::Published(owner) => context.stores.neighbours(&owner).into_iter().for_each(&tell),
            Sighting::Gone { uid, owner } => {
                context.forget(&uid, &owner).await;
                context.stores.neighbours(&owner).into_iter().for_each(&tell);
            }
        }
    }
}

/// Passes over the custom resources of one kind, all of them at first.
async fn work<A: Connect, K: Watched>(context: Arc<Context<A>>, changed: UnboundedReceiver<Key<K>>, concurrency: u16) {
    let store = K::store(&context.stores).clone();
    let known: Vec<_> = store
        .state()
        .iter()
        .map(|object| ObjectRef::from_obj(&**object))
        .collect();
    let queue = stream::iter(known)
        .chain(changed)
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
}

/// Starts a pass as a task of its own, so that passes share the machine's cores.
fn start<A: Connect, K: Watched>(
    object: Arc<Guarded<K>>,
    context: Arc<Context<A>>,
) -> impl Future<Output = Result<Action, Error>> + Unpin + Send {
    let pass = tokio::spawn(reconcile(object, context).instrument(Span::current()));
    let pass = AbortOnDropHandle::new(pass);
    Box::pin(async move { pass.await.unwrap_or_else(|error| Err(Error::Finish(error))) })
}

#[allow(clippy::needless_pass_by_value, reason = "the applier calls it like this")]
fn retry<A: Connect, K: Watched>(object: Arc<Guarded<K>>, _error: &Error, context: Arc<Context<A>>) -> Action {
    let uid = object.meta().uid.as_deref().unwrap_or_default();
    Action::requeue(K::memories(&context.memories).failed(uid))
}

fn log<K: Watched>(result: &Result<(Key<K>, Action), controller::Error<Error, Infallible>>) {
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
