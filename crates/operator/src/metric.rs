//! What Prometheus is told.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hastack_aws::{Call, CallObserver};
use hastack_core::inventory::Inventory;
use hastack_core::kind::Kind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

/// How long a loop may go without a sign of life.
const LONGEST_SILENCE: Duration = Duration::from_mins(2);

/// Every metric of the process, and the signs of life of its loops.
pub struct Metrics {
    registry: Registry,
    aws_calls: Family<CallLabels, Counter>,
    kubernetes_writes: Family<WriteLabels, Counter>,
    reconcile: Histogram,
    leader: Gauge,
    resources: Family<ResourceLabels, Gauge>,
    sweep_age: Family<SweepLabels, Gauge<f64, AtomicU64>>,
    swept: Mutex<BTreeMap<(String, Kind), Instant>>,
    beats: Mutex<BTreeMap<String, Instant>>,
}

/// What is written to Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The status of a custom resource after a pass.
    Status,
    /// The status of a custom resource before a creation that AWS cannot be asked about by token.
    Intent,
    /// The finalizer of a custom resource.
    Finalizer,
    /// The Secret with which programs connect to a database.
    Secret,
    /// An event.
    Event,
    /// The lease.
    Lease,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    service: &'static str,
    action: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResourceLabels {
    region: String,
    kind: &'static str,
    phase: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SweepLabels {
    region: String,
    kind: &'static str,
}

impl Metrics {
    /// Metrics of a process that has done nothing yet.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("hastack"),
            aws_calls: Family::default(),
            kubernetes_writes: Family::default(),
            reconcile: Histogram::new([0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0]),
            leader: Gauge::default(),
            resources: Family::default(),
            sweep_age: Family::default(),
            swept: Mutex::default(),
            beats: Mutex::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("aws_calls", "Calls to AWS", metrics.aws_calls.clone());
        registry.register(
            "kubernetes_writes",
            "Writes to Kubernetes",
            metrics.kubernetes_writes.clone(),
        );
        registry.register(
            "reconcile_seconds",
            "Time a pass over a custom resource took",
            metrics.reconcile.clone(),
        );
        registry.register("leader", "Whether this replica does the work", metrics.leader.clone());
        registry.register("resources", "AWS resources that exist", metrics.resources.clone());
        let help = "Time since the last complete sweep of a kind started";
        registry.register("sweep_age_seconds", help, metrics.sweep_age.clone());
        metrics
    }

    /// The text Prometheus reads.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        for ((region, kind), swept) in lock(&self.swept).iter() {
            let labels = SweepLabels {
                region: region.clone(),
                kind: kind.word(),
            };
            self.sweep_age.get_or_create(&labels).set(swept.elapsed().as_secs_f64());
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Takes note of a write to Kubernetes.
    pub fn wrote(&self, what: Written) {
        let what = match what {
            Written::Status => "status",
            Written::Intent => "intent",
            Written::Finalizer => "finalizer",
            Written::Secret => "secret",
            Written::Event => "event",
            Written::Lease => "lease",
        };
        self.kubernetes_writes.get_or_create(&WriteLabels { what }).inc();
    }

    /// Takes note of a pass over a custom resource.
    pub fn reconciled(&self, duration: Duration) {
        self.reconcile.observe(duration.as_secs_f64());
    }

    /// Takes note of whether this replica leads. One that does not knows nothing about AWS.
    pub fn lead(&self, leads: bool) {
        self.leader.set(i64::from(leads));
        if !leads {
            lock(&self.swept).clear();
            self.sweep_age.clear();
            self.resources.clear();
        }
    }

    /// Takes note of a complete sweep that started then.
    pub fn swept(&self, region: &str, kind: Kind, started: Instant) {
        lock(&self.swept).insert((region.to_owned(), kind), started);
    }

    /// Takes note of what exists in a region.
    pub fn count(&self, region: &str, inventory: &Inventory) {
        let counts = inventory.count();
        for kind in Kind::all() {
            for phase in ["pending", "ready", "deleting", "failed"] {
                let count = counts.get(&(kind, phase)).copied().unwrap_or(0);
                let labels = ResourceLabels {
                    region: region.to_owned(),
                    kind: kind.word(),
                    phase,
                };
                self.resources
                    .get_or_create(&labels)
                    .set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }

    /// Takes note that a loop is alive. It has to say so at least each two minutes, until it is [`Self::ended`].
    pub fn beat(&self, name: &str) {
        lock(&self.beats).insert(name.to_owned(), Instant::now());
    }

    /// Takes note that a loop has ended as it should.
    pub fn ended(&self, name: &str) {
        lock(&self.beats).remove(name);
    }

    /// The loops that have not given a sign of life for too long.
    pub fn stuck(&self) -> Vec<String> {
        let beats = lock(&self.beats);
        let silent = beats.iter().filter(|(_, beat)| beat.elapsed() > LONGEST_SILENCE);
        silent.map(|(name, _)| name.clone()).collect()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl CallObserver for Metrics {
    fn called(&self, call: &Call) {
        let labels = CallLabels {
            service: call.service,
            action: call.action,
            outcome: call.outcome.word(),
        };
        self.aws_calls.get_or_create(&labels).inc();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_age_of_a_sweep_grows_until_the_next() {
        let metrics = Metrics::new();
        metrics.swept("eu-west-1", Kind::Vpc, Instant::now());
        tokio::time::advance(Duration::from_secs(30)).await;
        let line = r#"hastack_sweep_age_seconds{region="eu-west-1",kind="vpc"} "#;
        assert!(metrics.text().unwrap().contains(&format!("{line}30.0")));
        metrics.swept("eu-west-1", Kind::Vpc, Instant::now());
        assert!(metrics.text().unwrap().contains(&format!("{line}0.0")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_replica_that_does_not_lead_tells_nothing_of_aws() {
        let metrics = Metrics::new();
        metrics.lead(true);
        metrics.swept("eu-west-1", Kind::Vpc, Instant::now());
        metrics.lead(false);
        let text = metrics.text().unwrap();
        assert!(text.contains("hastack_leader 0"), "{text}");
        assert!(!text.contains("eu-west-1"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_without_a_sign_of_life_is_stuck() {
        let metrics = Metrics::new();
        metrics.beat("lease");
        metrics.beat("inventory");
        tokio::time::advance(Duration::from_mins(3)).await;
        metrics.beat("inventory");
        assert_eq!(metrics.stuck(), ["lease"]);
        metrics.ended("lease");
        assert!(metrics.stuck().is_empty());
    }
}
