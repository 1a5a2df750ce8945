//! The regions in use: a connection, an inventory and its driver each, from the first custom resource in it on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::mpsc::UnboundedSender;
use hastack_core::cloud::Question;
use hastack_core::inventory::Inventory;
use hastack_core::owner::Owner;
use hastack_core::timing::{Clock, Timing};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, info_span};

use crate::cloud::Connect;
use crate::driver;
use crate::fact::Fact;
use crate::metric::Metrics;
use crate::watch::Sighting;

/// One account and region.
pub struct Region<C> {
    /// Its name, such as `us-east-1`.
    pub name: String,
    /// The connection.
    pub cloud: C,
    /// What exists there.
    pub inventory: Mutex<Inventory>,
    /// What was looked up there.
    facts: Mutex<BTreeMap<Question, Arc<Fact>>>,
    /// Wakes the driver: what is due may have changed.
    pub stirred: Notify,
}

/// The regions in use during one term.
pub struct Regions<A: Connect> {
    /// What every region needs.
    pub ground: Ground<A>,
    open: tokio::sync::Mutex<BTreeMap<String, Arc<Region<A::Cloud>>>>,
    drivers: TaskTracker,
}

/// What every region needs.
pub struct Ground<A> {
    /// Connects to AWS.
    pub connect: A,
    /// This installation.
    pub cluster: String,
    /// The pace.
    pub timing: Timing,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Counts what exists.
    pub metrics: Arc<Metrics>,
    /// Told whom a change concerns.
    pub wake: UnboundedSender<Sighting>,
    /// Ends the drivers.
    pub stop: CancellationToken,
}

impl<C> Region<C> {
    /// The inventory, for a moment.
    pub fn inventory(&self) -> MutexGuard<'_, Inventory> {
        self.inventory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What answers a question.
    pub fn fact(&self, question: &Question) -> Arc<Fact> {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        let fact = facts
            .entry(question.clone())
            .or_insert_with(|| Arc::new(Fact::new(question.clone())));
        fact.clone()
    }
}

impl<A: Connect> Regions<A> {
    /// No region yet.
    pub fn new(ground: Ground<A>) -> Self {
        Self {
            ground,
            open: tokio::sync::Mutex::default(),
            drivers: TaskTracker::new(),
        }
    }

    /// The region of this name, from now on looked after.
    pub async fn open(&self, name: &str) -> Arc<Region<A::Cloud>> {
        let mut open = self.open.lock().await;
        if let Some(region) = open.get(name) {
            return region.clone();
        }
        let Ground {
            connect,
            cluster,
            timing,
            clock,
            metrics,
            wake,
            stop,
        } = &self.ground;
        let region = Arc::new(Region {
            name: name.to_owned(),
            cloud: connect.connect(name).await,
            inventory: Mutex::new(Inventory::new(cluster, *timing)),
            facts: Mutex::default(),
            stirred: Notify::new(),
        });
        let driver = driver::Driver {
            region: region.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            wake: wake.clone(),
        };
        let span = info_span!(parent: None, "inventory", region = name);
        self.drivers.spawn(driver.run(stop.clone()).instrument(span));
        open.insert(name.to_owned(), region.clone());
        region
    }

    /// Forgets an owner that does not exist any more.
    pub async fn dismiss(&self, owner: &Owner) {
        for region in self.open.lock().await.values() {
            region.inventory().dismiss(owner);
        }
    }

    /// Waits until every driver has ended.
    pub async fn close(&self) {
        self.drivers.close();
        self.drivers.wait().await;
    }
}
