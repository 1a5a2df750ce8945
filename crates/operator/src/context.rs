//! Everything a pass over a custom resource needs, for one term of this replica.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hastack_api::Status;
use hastack_core::memory::Memory;
use hastack_core::owner::Owner;
use hastack_core::timing::{Clock, spread};
use jiff::Timestamp;
use kube::{Client, Resource};
use tokio_util::sync::CancellationToken;

use crate::bind::Bound;
use crate::cloud::Connect;
use crate::event::Events;
use crate::lease::Tenure;
use crate::metric::Metrics;
use crate::neighbour::{AllMemories, Stores, Watched};
use crate::region::Regions;

/// The longest wait after passes that failed in a row.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);

/// Everything a pass needs.
pub struct Context<A: Connect> {
    /// Kubernetes.
    pub client: Client,
    /// The custom resources as last seen.
    pub stores: Stores,
    /// AWS.
    pub regions: Regions<A>,
    /// What is remembered between passes.
    pub memories: AllMemories,
    /// Takes events.
    pub events: Events,
    /// Takes counts.
    pub metrics: Arc<Metrics>,
    /// Whether this replica may work.
    pub tenure: Arc<Tenure>,
    /// Told when the term ends.
    pub stop: CancellationToken,
}

impl<A: Connect> Context<A> {
    /// The time now.
    pub fn clock(&self) -> &dyn Clock {
        &*self.regions.ground.clock
    }

    /// Whether a pass over `object` should start nothing more: something newer is wanted, or we are to stop.
    pub fn is_overtaken<K: Watched>(&self, object: &K) -> bool {
        self.stop.is_cancelled()
            || !self.tenure.holds()
            || self.newest(object).is_none_or(|newest| newest != aspect(object))
    }

    /// Whether there is no such custom resource any more: neither this one, nor another incarnation of it.
    pub fn is_gone<K: Watched>(&self, object: &K) -> bool {
        self.newest(object).is_none_or(|newest| newest.0 != object.meta().uid)
    }

    /// Forgets a custom resource that does not exist any more.
    pub async fn forget(&self, uid: &str, owner: &Owner) {
        let AllMemories {
            stacks,
            services,
            databases,
        } = &self.memories;
        stacks.forget(uid);
        services.forget(uid);
        databases.forget(uid);
        self.regions.dismiss(owner).await;
    }

    fn newest<K: Watched>(&self, object: &K) -> Option<Aspect> {
        self.stores.newest(object).map(|newest| aspect(&*newest))
    }
}

/// What a pass is made for: the uid, the generation, whether it is being deleted.
type Aspect = (Option<String>, Option<i64>, bool);

fn aspect(object: &impl Resource) -> Aspect {
    let metadata = object.meta();
    (
        metadata.uid.clone(),
        metadata.generation,
        metadata.deletion_timestamp.is_some(),
    )
}

/// What is remembered of every custom resource of a kind.
pub struct Memories<S> {
    by_uid: Mutex<BTreeMap<String, Entry<S>>>,
}

impl<S> Default for Memories<S> {
    fn default() -> Self {
        Self {
            by_uid: Mutex::default(),
        }
    }
}

struct Entry<S> {
    remembered: Arc<tokio::sync::Mutex<Remembered<S>>>,
    failures: u32,
}

/// What is remembered of one custom resource.
#[derive(Debug, Default)]
pub struct Remembered<S> {
    /// What the decisions need.
    pub memory: Memory,
    /// The status as it was last written or, before that, first seen.
    pub published: S,
    /// What the Secret with which programs connect was filled with.
    pub bound: Option<Bound>,
}

impl<S: Status> Memories<S> {
    /// What is remembered of a custom resource: at first sight, what its status says.
    pub fn of<K: Watched<Status = S>>(&self, object: &K) -> Arc<tokio::sync::Mutex<Remembered<S>>> {
        let uid = object.meta().uid.clone().unwrap_or_default();
        let mut by_uid = self.by_uid.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = by_uid.entry(uid).or_insert_with(|| {
            let published = object.status().cloned().unwrap_or_default();
            let memory = Memory::recall(&published);
            Entry {
                remembered: Arc::new(tokio::sync::Mutex::new(Remembered {
                    memory,
                    published,
                    bound: None,
                })),
                failures: 0,
            }
        });
        entry.remembered.clone()
    }

    /// Takes note that a pass succeeded.
    pub fn succeeded(&self, uid: &str) {
        let mut by_uid = self.by_uid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = by_uid.get_mut(uid) {
            entry.failures = 0;
        }
    }

    /// Takes note that a pass failed. Returns when to try again.
    pub fn failed(&self, uid: &str) -> Duration {
        let mut by_uid = self.by_uid.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = by_uid.get_mut(uid).map_or(1, |entry| {
            entry.failures += 1;
            entry.failures
        });
        let delay = Duration::from_millis(500) * 2_u32.saturating_pow(failures.min(10));
        spread(delay.min(LONGEST_BACKOFF), uid)
    }

    fn forget(&self, uid: &str) {
        self.by_uid.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }
}

/// The time of this machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
