//! Events, published beside the work and never waited for.
//!
//! kube's `Recorder` takes events of one reason for repeats of each other, whatever they say, so six new subnets would be one
//! event about the first of them. Here only the same words are a repeat.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hastack_core::report::Notice;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::{Event, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tracing::{debug, warn};

use crate::metric::{Metrics, Written};
use crate::publish::PATIENCE;

/// How many events wait at most; what comes on top is lost.
const BACKLOG: usize = 1024;
/// How long after its last repeat an event is still the same. kube-apiserver keeps events for an hour.
const SERIES: Duration = Duration::from_mins(6);
/// What the API takes, in bytes.
const LONGEST_NOTE: usize = 1024;
/// The name of the controller in events.
const CONTROLLER: &str = "hastack";

/// Takes events to publish.
#[derive(Clone)]
pub struct Events {
    sender: mpsc::Sender<(ObjectReference, Notice)>,
}

/// Publishes events.
pub struct Publisher {
    receiver: mpsc::Receiver<(ObjectReference, Notice)>,
    client: Client,
    instance: String,
    metrics: Arc<Metrics>,
    series: BTreeMap<(String, String), Series>,
}

/// An event that was published, and may be again.
struct Series {
    name: String,
    count: i32,
    last: Instant,
}

/// A taker of events, and who publishes them as `instance`.
pub fn channel(client: Client, instance: String, metrics: Arc<Metrics>) -> (Events, Publisher) {
    let (sender, receiver) = mpsc::channel(BACKLOG);
    let publisher = Publisher {
        receiver,
        client,
        instance,
        metrics,
        series: BTreeMap::new(),
    };
    (Events { sender }, publisher)
}

impl Events {
    /// Takes what is to be said about an object.
    pub fn publish(&self, regarding: &ObjectReference, notices: Vec<Notice>) {
        for notice in notices {
            if self.sender.try_send((regarding.clone(), notice)).is_err() {
                debug!("too many events: one is lost");
            }
        }
    }
}

impl Publisher {
    /// Publishes until every [`Events`] is dropped and all they took is out.
    pub async fn run(mut self) {
        while let Some((regarding, notice)) = self.receiver.recv().await {
            self.series.retain(|_, series| series.last.elapsed() < SERIES);
            match timeout(PATIENCE, self.publish(regarding, notice)).await {
                Ok(Ok(())) => self.metrics.wrote(Written::Event),
                Ok(Err(error)) if is_namespace_ending(&error) => debug!(%error, "the namespace takes no more events"),
                Ok(Err(error)) => warn!(%error, "cannot publish an event"),
                Err(_) => warn!("cannot publish an event: the API server does not answer"),
            }
        }
    }

    async fn publish(&mut self, regarding: ObjectReference, notice: Notice) -> Result<(), kube::Error> {
        let now = Timestamp::now();
        let namespace = regarding.namespace.clone().unwrap_or_default();
        let events: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        let key = (regarding.uid.clone().unwrap_or_default(), notice.note.clone());
        if let Some(series) = self.series.get_mut(&key) {
            series.count += 1;
            series.last = Instant::now();
            let repeated = EventSeries {
                count: series.count,
                last_observed_time: MicroTime(now),
            };
            let patch = Patch::Merge(json!({"series": repeated}));
            events.patch(&series.name, &PatchParams::default(), &patch).await?;
            return Ok(());
        }
        let event = self.event(regarding, notice, now);
        let name = event.metadata.name.clone().unwrap_or_default();
        events.create(&PostParams::default(), &event).await?;
        let (count, last) = (1, Instant::now());
        self.series.insert(key, Series { name, count, last });
        Ok(())
    }

    fn event(&self, regarding: ObjectReference, notice: Notice, now: Timestamp) -> Event {
        let Notice {
            warning,
            reason,
            action,
            mut note,
        } = notice;
        note.truncate(note.floor_char_boundary(LONGEST_NOTE));
        let name = regarding.name.as_deref().unwrap_or(CONTROLLER);
        Event {
            metadata: ObjectMeta {
                name: Some(format!("{name}.{:x}", now.as_nanosecond())),
                namespace: regarding.namespace.clone(),
                ..ObjectMeta::default()
            },
            event_time: Some(MicroTime(now)),
            reporting_controller: Some(CONTROLLER.to_owned()),
            reporting_instance: Some(self.instance.clone()),
            action: Some(action),
            reason: Some(reason),
            type_: Some(if warning { "Warning" } else { "Normal" }.to_owned()),
            note: Some(note),
            regarding: Some(regarding),
            ..Event::default()
        }
    }
}

/// Whether the namespace is being deleted: it may still hold objects to delete, but takes no new ones.
fn is_namespace_ending(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else { return false };
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.reason == "NamespaceTerminating")
}
