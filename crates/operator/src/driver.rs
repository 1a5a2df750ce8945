//! Keeps an inventory up to date: takes each look when it is due and wakes whom it concerns.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc::UnboundedSender;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use hastack_core::cloud::{Cloud, CloudError};
use hastack_core::inventory::Look;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::timing::Clock;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::metric::Metrics;
use crate::region::Region;
use crate::watch::Sighting;

/// The longest sleep: it is also the sign of life.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// The sleep while looks are under way: the inventory goes on calling those due.
const SLEEP_WHILE_LOOKING: Duration = Duration::from_millis(500);

/// Drives one inventory.
pub struct Driver<C> {
    /// Its region.
    pub region: Arc<Region<C>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Counts what exists.
    pub metrics: Arc<Metrics>,
    /// Told whom a change concerns.
    pub wake: UnboundedSender<Sighting>,
}

/// What came of a look.
struct Seen {
    look: Look,
    started: Timestamp,
    began: Instant,
    result: Result<Vec<Object>, CloudError>,
}

impl<C: Cloud + 'static> Driver<C> {
    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let name = format!("inventory {}", self.region.name);
        let mut looks = FuturesUnordered::new();
        let mut under_way = BTreeSet::new();
        while !stop.is_cancelled() {
            self.metrics.beat(&name);
            let due = self.region.inventory().due(self.clock.now());
            for look in due {
                // One sweep and one read of each kind at a time.
                if under_way.insert(lane(&look)) {
                    looks.push(self.take(look));
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.region.stirred.notified() => {}
                () = sleep(self.pause(looks.is_empty())) => {}
                Some(seen) = looks.next() => {
                    under_way.remove(&lane(&seen.look));
                    self.take_up(seen);
                }
            }
        }
        self.metrics.ended(&name);
    }

    fn pause(&self, idle: bool) -> Duration {
        if !idle {
            return SLEEP_WHILE_LOOKING;
        }
        let next = self.region.inventory().next_due();
        next.map_or(LONGEST_SLEEP, |next| until(next, self.clock.now()).min(LONGEST_SLEEP))
    }

    fn take(&self, look: Look) -> BoxFuture<'static, Seen> {
        let (region, clock) = (self.region.clone(), self.clock.clone());
        Box::pin(async move {
            let (started, began) = (clock.now(), Instant::now());
            let result = match &look {
                Look::Sweep(kind) => {
                    let parents = region.inventory().parents(*kind);
                    region.cloud.sweep(*kind, &parents).await
                }
                Look::Read(kind, ids) => region.cloud.read(*kind, ids).await,
            };
            Seen {
                look,
                started,
                began,
                result,
            }
        })
    }

    fn take_up(&self, seen: Seen) {
        let Seen {
            look,
            started,
            began,
            result,
        } = seen;
        let now = self.clock.now();
        let mut inventory = self.region.inventory();
        let concerned = match (&look, result) {
            (Look::Sweep(kind), Ok(objects)) => {
                debug!(%kind, objects = objects.len(), "swept");
                self.metrics.swept(&self.region.name, *kind, began);
                inventory.swept(*kind, objects, started, now)
            }
            (Look::Read(kind, ids), Ok(objects)) => {
                debug!(%kind, asked = ids.len(), objects = objects.len(), "read");
                inventory.read(*kind, ids, objects, started)
            }
            (Look::Sweep(kind) | Look::Read(kind, _), Err(error)) => {
                warn!(%kind, %error, "cannot look at what exists");
                inventory.failed(&look, error, now)
            }
        };
        self.metrics.count(&self.region.name, &inventory);
        drop(inventory);
        for owner in concerned {
            // Whoever listened has stopped working, and so will this driver.
            let _ = self.wake.unbounded_send(Sighting::Changed(owner));
        }
    }
}

/// The time from `now` until `then`.
pub fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO)
}

fn lane(look: &Look) -> (Kind, bool) {
    match look {
        Look::Sweep(kind) => (*kind, false),
        Look::Read(kind, _) => (*kind, true),
    }
}
