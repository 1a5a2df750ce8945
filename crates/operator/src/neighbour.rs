//! The custom resources of each kind, and which of them stand beside which.

use std::sync::Arc;

use hastack_api::{
    AutoScaledService, AutoScaledServiceStatus, Custom, HAStack, HAStackStatus, ManagedDatabase, ManagedDatabaseStatus,
};
use hastack_core::desire::{Wanting, owner};
use hastack_core::owner::Owner;
use hastack_core::report::Reported;
use kube::Resource;
use kube::runtime::reflector::Store;
use serde_json::{Value, json};

use crate::context::Memories;
use crate::watch::{Guarded, Key, key};

/// The custom resources as last seen.
#[derive(Clone)]
pub struct Stores {
    /// Stacks.
    pub stacks: Store<Guarded<HAStack>>,
    /// Services.
    pub services: Store<Guarded<AutoScaledService>>,
    /// Databases.
    pub databases: Store<Guarded<ManagedDatabase>>,
}

/// What is remembered of the custom resources of each kind.
#[derive(Default)]
pub struct AllMemories {
    /// Of stacks.
    pub stacks: Memories<HAStackStatus>,
    /// Of services.
    pub services: Memories<AutoScaledServiceStatus>,
    /// Of databases.
    pub databases: Memories<ManagedDatabaseStatus>,
}

/// A kind of custom resource that is watched and brought about.
pub trait Watched: Wanting + Reported {
    /// Those of this kind.
    fn store(stores: &Stores) -> &Store<Guarded<Self>>;

    /// What is remembered of those of this kind.
    fn memories(memories: &AllMemories) -> &Memories<Self::Status>;

    /// The least spec that what must be deleted of an unreadable one can be found with; none where that would be a guess.
    fn remains(spec: &Value) -> Option<Value>;
}

impl Watched for HAStack {
    fn store(stores: &Stores) -> &Store<Guarded<Self>> {
        &stores.stacks
    }

    fn memories(memories: &AllMemories) -> &Memories<HAStackStatus> {
        &memories.stacks
    }

    /// Its region and deletion policy. A policy that is none must not be guessed.
    fn remains(spec: &Value) -> Option<Value> {
        let mut least = json!({"region": spec.get("region")?, "network": {}});
        if let Some(policy) = spec.get("deletionPolicy") {
            least["deletionPolicy"] = policy.clone();
        }
        Some(least)
    }
}

impl Watched for AutoScaledService {
    fn store(stores: &Stores) -> &Store<Guarded<Self>> {
        &stores.services
    }

    fn memories(memories: &AllMemories) -> &Memories<AutoScaledServiceStatus> {
        &memories.services
    }

    /// Its region is in its status.
    fn remains(spec: &Value) -> Option<Value> {
        let stack = spec.pointer("/stackRef/name")?;
        Some(json!({"stackRef": {"name": stack}, "image": {}, "capacity": {"min": 0, "max": 0}}))
    }
}

impl Watched for ManagedDatabase {
    fn store(stores: &Stores) -> &Store<Guarded<Self>> {
        &stores.databases
    }

    fn memories(memories: &AllMemories) -> &Memories<ManagedDatabaseStatus> {
        &memories.databases
    }

    /// Its deletion policy; its region is in its status. A policy that is none must not be guessed.
    fn remains(spec: &Value) -> Option<Value> {
        let stack = spec.pointer("/stackRef/name")?;
        let mut least = json!({"stackRef": {"name": stack}, "engine": "postgres", "version": "0"});
        if let Some(policy) = spec.get("deletionPolicy") {
            least["deletionPolicy"] = policy.clone();
        }
        Some(least)
    }
}

impl Stores {
    /// A stack, if it is there and can be read.
    pub fn stack(&self, namespace: &str, name: &str) -> Option<HAStack> {
        let key = Key::<HAStack>::new(name).within(namespace);
        self.stacks.get(&key).and_then(|stack| stack.0.as_ref().ok().cloned())
    }

    /// The services on a stack that can be read, in the order of their names.
    pub fn services_on(&self, namespace: &str, stack: &str) -> Vec<AutoScaledService> {
        self.on(namespace, stack)
    }

    /// The databases on a stack that can be read, in the order of their names.
    pub fn databases_on(&self, namespace: &str, stack: &str) -> Vec<ManagedDatabase> {
        self.on(namespace, stack)
    }

    fn on<K: Watched>(&self, namespace: &str, stack: &str) -> Vec<K> {
        let all = K::store(self).state().into_iter();
        let mut on: Vec<K> = all
            .filter_map(|object| object.0.as_ref().ok().cloned())
            .filter(|object| {
                object.meta().namespace.as_deref() == Some(namespace) && object.stack_name() == Some(stack)
            })
            .collect();
        on.sort_by(|one, other| one.meta().name.cmp(&other.meta().name));
        on
    }

    /// Whom it concerns that others see something else of `changed`: its stack, and all that are on that.
    pub fn neighbours(&self, changed: &Owner) -> Vec<Owner> {
        let namespace = changed.namespace.as_str();
        let stacks = self
            .stack_of::<AutoScaledService>(changed)
            .or_else(|| self.stack_of::<ManagedDatabase>(changed))
            .unwrap_or_else(|| vec![changed.name.clone()]);
        let on = |stack: String| {
            let services = self.services_on(namespace, &stack);
            let services = services
                .iter()
                .map(|service| owner::<AutoScaledService>(&service.metadata));
            let databases = self.databases_on(namespace, &stack);
            let databases = databases
                .iter()
                .map(|database| owner::<ManagedDatabase>(&database.metadata));
            let stack = Owner {
                kind: HAStack::KIND.to_owned(),
                namespace: namespace.to_owned(),
                name: stack,
            };
            services.chain(databases).chain([stack]).collect::<Vec<_>>()
        };
        stacks
            .into_iter()
            .flat_map(on)
            .filter(|other| other != changed)
            .collect()
    }

    /// The stack that what changed is on, if it is of this kind: where it is gone nobody knows any more which that was.
    fn stack_of<K: Watched>(&self, changed: &Owner) -> Option<Vec<String>> {
        let known = K::store(self).get(&key::<K>(changed)?);
        Some(match known {
            Some(object) => {
                let object = object.0.as_ref().ok();
                object
                    .and_then(Wanting::stack_name)
                    .map(str::to_owned)
                    .into_iter()
                    .collect()
            }
            None => self.stacks_in(&changed.namespace),
        })
    }

    fn stacks_in(&self, namespace: &str) -> Vec<String> {
        let all = self.stacks.state();
        let within = all
            .iter()
            .filter(|stack| stack.meta().namespace.as_deref() == Some(namespace));
        within.filter_map(|stack| stack.meta().name.clone()).collect()
    }

    /// The newest of what `object` is.
    pub fn newest<K: Watched>(&self, object: &K) -> Option<Arc<Guarded<K>>> {
        let metadata = object.meta();
        let key = Key::<K>::new(metadata.name.as_deref()?).within(metadata.namespace.as_deref()?);
        K::store(self).get(&key)
    }
}
