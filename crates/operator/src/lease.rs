//! Leader election on a `coordination.k8s.io` Lease, and the fence that keeps a replica that lost it from writing to AWS.
//!
//! Times count from before the request that renewed the lease was sent, on the monotonic clock, which goes on while the process
//! is stopped. So whoever comes back from a pause, however long, knows that its lease is over before anyone has to tell it.
//! Another replica waits for the whole term since it last saw the lease change; clocks of different machines are never compared.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hastack_core::cloud::Fence;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::metric::{Metrics, Written};

/// The shortest time within which another replica may be asked to step in.
pub const SHORTEST_TAKEOVER: Duration = Duration::from_secs(12);

/// Longer than any write to AWS takes, from the fence to AWS's doing it.
const CALL: Duration = Duration::from_secs(8);
/// How often a replica looks at a lease it does not hold. It sees a change that late at most, and acts that late at most.
const LOOK: Duration = Duration::from_secs(1);
/// How long the API server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which lease, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The longest it takes until another replica steps in for one that has crashed.
    pub takeover: Duration,
}

impl Settings {
    /// How long the lease lasts if it is not renewed. Whole seconds, as the Lease has them.
    fn term(&self) -> Duration {
        Duration::from_secs(self.takeover.saturating_sub(2 * LOOK).as_secs())
    }

    /// How often it is renewed: twice in the time in which a renewal keeps the fence open.
    fn renewal(&self) -> Duration {
        self.term().saturating_sub(CALL) / 2
    }
}

/// Until when this replica may work.
#[derive(Debug)]
pub struct Tenure {
    end: Mutex<End>,
    stopping: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Past,
    At(Instant),
    Never,
}

impl Tenure {
    /// Of a replica that has yet to acquire the lease.
    pub fn none() -> Self {
        Self::until(End::Past)
    }

    /// Of the only replica, which needs no lease.
    pub fn endless() -> Self {
        Self::until(End::Never)
    }

    /// Whether the lease is held now.
    pub fn holds(&self) -> bool {
        self.holds_for(Duration::ZERO)
    }

    /// Lets no further write to AWS go out: the process is about to end.
    pub fn stop_writes(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    fn until(end: End) -> Self {
        Self {
            end: Mutex::new(end),
            stopping: AtomicBool::new(false),
        }
    }

    fn holds_for(&self, time: Duration) -> bool {
        match *self.end.lock().unwrap_or_else(PoisonError::into_inner) {
            End::Past => false,
            End::At(end) => Instant::now() + time < end,
            End::Never => true,
        }
    }

    fn set(&self, end: End) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }
}

impl Fence for Tenure {
    fn may_write(&self) -> bool {
        !self.stopping.load(Ordering::Acquire) && self.holds_for(CALL)
    }
}

/// One replica's part in the election.
pub struct Election {
    leases: Api<Lease>,
    settings: Settings,
    identity: String,
    tenure: Arc<Tenure>,
    leading: watch::Sender<bool>,
    metrics: Arc<Metrics>,
    seen: Option<Seen>,
}

/// The lease as it was when it was last seen to change.
struct Seen {
    lease: Lease,
    at: Instant,
}

impl Election {
    /// Takes part as `identity`, which no other replica has. `leading` tells when the lease is acquired and lost.
    pub fn new(
        client: Client,
        settings: Settings,
        identity: String,
        tenure: Arc<Tenure>,
        leading: watch::Sender<bool>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            leases: Api::namespaced(client, &settings.namespace),
            settings,
            identity,
            tenure,
            leading,
            metrics,
            seen: None,
        }
    }

    /// Acquires the lease, keeps it, and acquires it again when it was lost, until `stop`. Then gives it back.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = self.try_once().await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(wait) => {}
            }
        }
        self.release().await;
    }

    /// Acquires or renews the lease, if that is possible. Returns how long to wait until trying again.
    async fn try_once(&mut self) -> Duration {
        self.metrics.beat("lease");
        let result = timeout(PATIENCE, self.acquire_or_renew()).await;
        let renewed = matches!(result, Ok(Ok(())));
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.seen = self.seen.take().filter(|_| !is_conflict(&error));
                if !is_conflict(&error) {
                    warn!(%error, "cannot renew the lease");
                }
            }
            Err(_) => warn!("cannot renew the lease: the API server does not answer"),
        }
        let holds = self.tenure.holds();
        let changed = self
            .leading
            .send_if_modified(|leading| std::mem::replace(leading, holds) != holds);
        if changed {
            self.metrics.lead(holds);
            let text = if holds { "acquired the lease" } else { "lost the lease" };
            info!(identity = self.identity, "{text}");
        }
        if holds && renewed {
            self.settings.renewal()
        } else {
            LOOK
        }
    }

    async fn acquire_or_renew(&mut self) -> Result<(), kube::Error> {
        let started = Instant::now();
        // The holder knows the lease: whoever else writes it makes the next write a conflict.
        if !(self.tenure.holds() && self.seen.is_some()) {
            let lease = self.leases.get_opt(&self.settings.name).await?;
            self.see(lease);
        }
        let lease = match &self.seen {
            None => self.leases.create(&PostParams::default(), &self.renewed(None)).await?,
            Some(seen) if self.is_free(seen) => {
                let renewed = self.renewed(Some(&seen.lease));
                self.leases
                    .replace(&self.settings.name, &PostParams::default(), &renewed)
                    .await?
            }
            Some(_) => {
                self.tenure.set(End::Past);
                return Ok(());
            }
        };
        self.metrics.wrote(Written::Lease);
        self.tenure.set(End::At(started + self.settings.term()));
        self.see(Some(lease));
        Ok(())
    }

    fn see(&mut self, lease: Option<Lease>) {
        let version = |lease: &Lease| lease.metadata.resource_version.clone();
        self.seen = lease.map(|lease| match self.seen.take() {
            Some(seen) if version(&seen.lease) == version(&lease) => seen,
            Some(_) | None => Seen {
                lease,
                at: Instant::now(),
            },
        });
    }

    /// Whether nobody else holds the lease.
    fn is_free(&self, seen: &Seen) -> bool {
        let Some(spec) = &seen.lease.spec else { return true };
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        let term = u64::try_from(spec.lease_duration_seconds.unwrap_or(0)).unwrap_or(0);
        holder.is_empty() || holder == self.identity || seen.at.elapsed() >= Duration::from_secs(term)
    }

    /// The lease as it is when we hold it from now on.
    fn renewed(&self, lease: Option<&Lease>) -> Lease {
        let now = Some(MicroTime(Timestamp::now()));
        let earlier = lease.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let ours = earlier.holder_identity.as_deref() == Some(&self.identity);
        let spec = LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(self.settings.term().as_secs()).ok(),
            acquire_time: if ours { earlier.acquire_time } else { now.clone() },
            renew_time: now,
            lease_transitions: Some(earlier.lease_transitions.unwrap_or(0) + i32::from(!ours && lease.is_some())),
            ..earlier
        };
        let metadata = lease.map_or_else(
            || ObjectMeta {
                name: Some(self.settings.name.clone()),
                ..ObjectMeta::default()
            },
            |lease| lease.metadata.clone(),
        );
        Lease {
            metadata,
            spec: Some(spec),
        }
    }

    /// Gives the lease back, so that another replica need not wait for its end.
    async fn release(&mut self) {
        let held = self.tenure.holds();
        self.tenure.set(End::Past);
        self.leading.send_replace(false);
        self.metrics.lead(false);
        let Some(Seen { lease, at: _ }) = self.seen.take().filter(|_| held) else {
            return;
        };
        let mut free = self.renewed(Some(&lease));
        if let Some(spec) = &mut free.spec {
            spec.holder_identity = None;
        }
        let parameters = PostParams::default();
        let replace = self.leases.replace(&self.settings.name, &parameters, &free);
        match timeout(PATIENCE, replace).await {
            Ok(Ok(_)) => info!("gave the lease back"),
            Ok(Err(error)) => warn!(%error, "cannot give the lease back"),
            Err(_) => warn!("cannot give the lease back: the API server does not answer"),
        }
    }
}

fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}

#[cfg(test)]
mod tests;
