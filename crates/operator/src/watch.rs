//! The custom resources as last seen, and word of what became of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use hastack_api::HAStack;
use hastack_core::desire::KIND;
use hastack_core::owner::Owner;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as start_watcher};
use kube::{Api, Resource};
use tracing::warn;

/// A custom resource, or why it could not be read as one.
pub type Stack = DeserializeGuard<HAStack>;
/// Where a custom resource is.
pub type Key = ObjectRef<Stack>;

/// How many custom resources are asked for at once: it bounds the memory a list takes.
const PAGE: u32 = 100;
/// Repeats the spec, and is read by kubectl alone.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What became of a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It, or something of it in AWS, is not as it was.
    Changed(Key),
    /// It does not exist any more.
    Gone {
        /// Its uid.
        uid: String,
        /// Its name.
        owner: Owner,
    },
}

/// Passes sightings on to whoever works at the moment, if anyone does.
#[derive(Debug, Default)]
pub struct Relay {
    listener: Mutex<Option<UnboundedSender<Sighting>>>,
}

impl Relay {
    /// Sightings from now on go here. The sender is for further ones.
    pub fn subscribe(&self) -> (UnboundedSender<Sighting>, UnboundedReceiver<Sighting>) {
        let (sender, receiver) = unbounded();
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender.clone());
        (sender, receiver)
    }

    fn tell(&self, sighting: Sighting) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = listener
            .as_ref()
            .is_some_and(|sender| sender.unbounded_send(sighting).is_err());
        if closed {
            *listener = None;
        }
    }
}

/// Whose resources those of a custom resource are.
pub fn owner(stack: &Stack) -> Owner {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    Owner {
        kind: KIND.to_owned(),
        namespace: name(&stack.meta().namespace),
        name: name(&stack.meta().name),
    }
}

/// The custom resource that owns something, if it is one of ours.
pub fn key(owner: &Owner) -> Option<Key> {
    let Owner { kind, namespace, name } = owner;
    (kind == KIND).then(|| ObjectRef::new(name).within(namespace))
}

/// Keeps `writer`'s store as the API server is, for ever. Tells `listed` when it is so for the first time: the store's own word
/// for that, `wait_until_ready`, wakes only one of several who wait for it, and the applier is one.
pub async fn watch(
    api: Api<Stack>,
    mut writer: Writer<Stack>,
    relay: Arc<Relay>,
    listed: tokio::sync::watch::Sender<bool>,
) {
    let store = writer.as_reader();
    let settings = watcher::Config::default().page_size(PAGE);
    let mut events = start_watcher(api, settings).default_backoff().modify(prune).boxed();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                let before = sightings(&store, &event);
                writer.apply_watcher_event(&event);
                let sightings = match event {
                    Event::InitDone => {
                        listed.send_replace(true);
                        relisted(&before, &store)
                    }
                    Event::Apply(_) | Event::Delete(_) | Event::Init | Event::InitApply(_) => before,
                };
                for sighting in sightings {
                    relay.tell(sighting);
                }
            }
            Err(error) => warn!(%error, "cannot watch the custom resources"),
        }
    }
}

/// Drops what is large and of no use here.
fn prune(stack: &mut Stack) {
    let metadata = stack.meta_mut();
    metadata.managed_fields = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.remove(LAST_APPLIED);
    }
}

/// What an event means, given the store before it. At the end of a list: everything there was before is gone.
fn sightings(store: &Store<Stack>, event: &Event<Stack>) -> Vec<Sighting> {
    match event {
        Event::Apply(stack) => {
            let earlier = store.get(&ObjectRef::from_obj(stack));
            let changed = earlier.is_none_or(|earlier| aspect(&earlier) != aspect(stack));
            let sighting = changed.then(|| Sighting::Changed(ObjectRef::from_obj(stack)));
            sighting.into_iter().collect()
        }
        Event::Delete(stack) => vec![gone(stack)],
        Event::Init | Event::InitApply(_) => Vec::new(),
        Event::InitDone => store.state().iter().map(|stack| gone(stack)).collect(),
    }
}

/// What a new list means, given what was there before it.
fn relisted(before: &[Sighting], store: &Store<Stack>) -> Vec<Sighting> {
    let now = store.state();
    let there: BTreeSet<_> = now.iter().filter_map(|stack| stack.meta().uid.clone()).collect();
    let vanished = before.iter().filter(|sighting| match sighting {
        Sighting::Changed(_) => false,
        Sighting::Gone { uid, owner: _ } => !there.contains(uid),
    });
    let changed = now.iter().map(|stack| Sighting::Changed(ObjectRef::from_obj(&**stack)));
    vanished.cloned().chain(changed).collect()
}

fn gone(stack: &Stack) -> Sighting {
    Sighting::Gone {
        uid: stack.meta().uid.clone().unwrap_or_default(),
        owner: owner(stack),
    }
}

/// What makes a pass worth while. A status does not: it is ours.
fn aspect(stack: &Stack) -> impl PartialEq + use<> {
    let metadata = stack.meta();
    (
        metadata.uid.clone(),
        metadata.generation,
        metadata.deletion_timestamp.clone(),
        metadata.finalizers.clone(),
    )
}

#[cfg(test)]
mod tests {
    use kube::runtime::reflector;
    use serde_json::json;

    use super::*;

    fn stack(name: &str, uid: &str, generation: i64) -> Stack {
        serde_json::from_value(json!({
            "apiVersion": "hastack.dev/v1alpha1",
            "kind": "HAStack",
            "metadata": {"name": name, "namespace": "shop", "uid": uid, "generation": generation},
            "spec": {"region": "us-east-1", "network": {"cidr": "10.0.0.0/16"}},
        }))
        .unwrap()
    }

    fn changed(name: &str) -> Sighting {
        Sighting::Changed(ObjectRef::new(name).within("shop"))
    }

    fn list(writer: &mut Writer<Stack>, stacks: &[Stack]) {
        writer.apply_watcher_event(&Event::Init);
        for stack in stacks {
            writer.apply_watcher_event(&Event::InitApply(stack.clone()));
        }
        writer.apply_watcher_event(&Event::InitDone);
    }

    #[test]
    fn a_status_of_ours_is_no_news() {
        let (store, mut writer) = reflector::store();
        list(&mut writer, &[stack("web", "1", 1)]);
        assert_eq!(sightings(&store, &Event::Apply(stack("web", "1", 1))), []);
        assert_eq!(sightings(&store, &Event::Apply(stack("web", "1", 2))), [changed("web")]);
        assert_eq!(sightings(&store, &Event::Apply(stack("web", "2", 1))), [changed("web")]);
    }

    #[test]
    fn what_a_new_list_lacks_is_gone() {
        let (store, mut writer) = reflector::store();
        list(&mut writer, &[stack("web", "1", 1), stack("old", "2", 1)]);
        let before = sightings(&store, &Event::InitDone);
        list(&mut writer, &[stack("web", "1", 1)]);
        let seen = relisted(&before, &store);
        assert_eq!(seen, [gone(&stack("old", "2", 1)), changed("web")]);
    }

    #[test]
    fn nobody_hears_what_is_told_before_they_listen() {
        let relay = Relay::default();
        relay.tell(changed("web"));
        let (_sender, mut receiver) = relay.subscribe();
        relay.tell(changed("shop"));
        assert_eq!(receiver.try_recv().ok(), Some(changed("shop")));
        assert!(receiver.try_recv().is_err());
    }
}
