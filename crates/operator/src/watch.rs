//! The custom resources as last seen, and word of what became of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use hastack_api::condition::ConditionType;
use hastack_api::{Custom, ResourcePhase};
use hastack_core::owner::Owner;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as start_watcher};
use kube::{Api, Resource};
use tracing::warn;

/// A custom resource, or why it could not be read as one.
pub type Guarded<K> = DeserializeGuard<K>;
/// Where a custom resource is.
pub type Key<K> = ObjectRef<Guarded<K>>;

/// How many custom resources are asked for at once: it bounds the memory a list takes.
const PAGE: u32 = 100;
/// Repeats the spec, and is read by kubectl alone.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What became of a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It, or something of it in AWS, is not as it was.
    Changed(Owner),
    /// What others see of it is not as it was.
    Published(Owner),
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
pub fn owner<K: Custom>(object: &Guarded<K>) -> Owner {
    hastack_core::desire::owner::<K>(object.meta())
}

/// The custom resource that owns something, if it is one of this kind.
pub fn key<K: Custom>(owner: &Owner) -> Option<Key<K>> {
    let Owner { kind, namespace, name } = owner;
    (kind == K::KIND).then(|| ObjectRef::new(name).within(namespace))
}

/// Keeps `writer`'s store as the API server is, for ever. Tells `listed` when it is so for the first time: the store's own word
/// for that, `wait_until_ready`, wakes only one of several who wait for it, and the applier is one.
pub async fn watch<K: Custom>(
    api: Api<Guarded<K>>,
    mut writer: Writer<Guarded<K>>,
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
fn prune<K: Custom>(object: &mut Guarded<K>) {
    let metadata = object.meta_mut();
    metadata.managed_fields = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.remove(LAST_APPLIED);
    }
}

/// What an event means, given the store before it. At the end of a list: everything there was before is gone.
fn sightings<K: Custom>(store: &Store<Guarded<K>>, event: &Event<Guarded<K>>) -> Vec<Sighting> {
    match event {
        Event::Apply(object) => {
            let earlier = store.get(&ObjectRef::from_obj(object));
            let changed = earlier.as_ref().is_none_or(|earlier| aspect(earlier) != aspect(object));
            let published = earlier.is_none_or(|earlier| face(&earlier) != face(object));
            let changed = changed.then(|| Sighting::Changed(owner(object)));
            let published = published.then(|| Sighting::Published(owner(object)));
            changed.into_iter().chain(published).collect()
        }
        Event::Delete(object) => vec![gone(object)],
        Event::Init | Event::InitApply(_) => Vec::new(),
        Event::InitDone => store.state().iter().map(|object| gone(object)).collect(),
    }
}

/// What a new list means, given what was there before it.
fn relisted<K: Custom>(before: &[Sighting], store: &Store<Guarded<K>>) -> Vec<Sighting> {
    let now = store.state();
    let there: BTreeSet<_> = now.iter().filter_map(|object| object.meta().uid.clone()).collect();
    let vanished = before.iter().filter(|sighting| match sighting {
        Sighting::Changed(_) | Sighting::Published(_) => false,
        Sighting::Gone { uid, owner: _ } => !there.contains(uid),
    });
    let changed = now.iter().map(|object| Sighting::Changed(owner(object)));
    vanished.cloned().chain(changed).collect()
}

fn gone<K: Custom>(object: &Guarded<K>) -> Sighting {
    Sighting::Gone {
        uid: object.meta().uid.clone().unwrap_or_default(),
        owner: owner(object),
    }
}

/// What makes a pass worth while. A status does not: it is ours.
fn aspect<K: Custom>(object: &Guarded<K>) -> impl PartialEq + use<K> {
    let metadata = object.meta();
    (
        metadata.uid.clone(),
        metadata.generation,
        metadata.deletion_timestamp.clone(),
        metadata.finalizers.clone(),
    )
}

/// What others see of it: its spec, whether it is leaving, what of it can be used, whether it is ready.
fn face<K: Custom>(object: &Guarded<K>) -> impl PartialEq + use<K> {
    let metadata = object.meta();
    let status = object.0.as_ref().ok().and_then(Custom::status);
    let usable = status.map(|status| {
        let ready = status
            .resources
            .iter()
            .filter(|resource| resource.phase == ResourcePhase::Ready);
        let ready: Vec<_> = ready
            .map(|resource| (resource.id.clone(), resource.aws_id.clone()))
            .collect();
        let condition = ConditionType::Ready.to_string();
        let is_ready = status
            .conditions
            .iter()
            .any(|other| other.type_ == condition && other.status == "True");
        (ready, is_ready)
    });
    (
        metadata.uid.clone(),
        metadata.generation,
        metadata.deletion_timestamp.clone(),
        usable,
    )
}

#[cfg(test)]
mod tests {
    use hastack_api::HAStack;
    use kube::runtime::reflector;
    use serde_json::json;

    use super::*;

    fn stack(name: &str, uid: &str, generation: i64) -> Guarded<HAStack> {
        serde_json::from_value(json!({
            "apiVersion": "hastack.dev/v1alpha1",
            "kind": "HAStack",
            "metadata": {"name": name, "namespace": "shop", "uid": uid, "generation": generation},
            "spec": {"region": "us-east-1", "network": {"cidr": "10.0.0.0/16"}},
        }))
        .unwrap()
    }

    fn changed(name: &str) -> Sighting {
        Sighting::Changed(of(name))
    }

    fn of(name: &str) -> Owner {
        format!("HAStack/shop/{name}").parse().unwrap()
    }

    fn published(name: &str) -> Sighting {
        Sighting::Published(of(name))
    }

    fn list(writer: &mut Writer<Guarded<HAStack>>, stacks: &[Guarded<HAStack>]) {
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
        let seen = [changed("web"), published("web")];
        assert_eq!(sightings(&store, &Event::Apply(stack("web", "1", 2))), seen);
        assert_eq!(sightings(&store, &Event::Apply(stack("web", "2", 1))), seen);
    }

    #[test]
    fn what_can_be_used_of_it_is_news_for_others() {
        let (store, mut writer) = reflector::store();
        list(&mut writer, &[stack("web", "1", 1)]);
        let mut other: serde_json::Value = serde_json::to_value(stack("web", "1", 1).0.unwrap()).unwrap();
        other["status"] = json!({"resources": [{"id": "vpc", "awsId": "vpc-1", "phase": "Ready"}]});
        let other: Guarded<HAStack> = serde_json::from_value(other).unwrap();
        assert_eq!(sightings(&store, &Event::Apply(other)), [published("web")]);
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
