//! `hastack run`: everything put together, started, and ended in order.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::runtime::reflector::{self, Store};
use kube::{Api, Client};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::args::Config;
use crate::cloud::Connector;
use crate::context::{Context, SystemClock};
use crate::event::{self, Events};
use crate::health::{self, Health};
use crate::lease::{Election, Tenure};
use crate::metric::Metrics;
use crate::neighbour::{AllMemories, Stores, Watched};
use crate::region::{Ground, Regions};
use crate::watch::{Guarded, Relay};
use crate::{controller, telemetry};

/// How long what is under way may take to end.
const LAST_ORDERS: Duration = Duration::from_secs(10);
/// How many threads work: the work is waiting, and each thread costs memory.
const MOST_THREADS: usize = 4;
/// Where a pod finds its namespace.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// Why the operator does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system gives no threads or signals.
    #[error("cannot start")]
    Start(#[source] io::Error),
    /// Logs or traces.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// Kubernetes.
    #[error("cannot connect to Kubernetes")]
    Connect(#[source] kube::Error),
    /// The cluster's identity.
    #[error("cannot read the UID of the namespace kube-system; give --cluster-id")]
    ReadClusterId(#[source] kube::Error),
    /// Metrics and health.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// What is the same for every term.
struct Operator {
    config: Config,
    cluster: String,
    client: Client,
    stores: Stores,
    listed: watch::Receiver<bool>,
    relay: Arc<Relay>,
    events: Events,
    metrics: Arc<Metrics>,
    tenure: Arc<Tenure>,
}

/// Runs the operator until it is told to end.
pub fn run(config: Config) -> Result<(), Error> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(Error::Start)?;
    let result = runtime.block_on(operate(config));
    // What has not ended by now had its time.
    runtime.shutdown_background();
    result
}

/// The namespace of the pod this runs in, if it does.
pub fn pod_namespace() -> Option<String> {
    let text = fs::read_to_string(NAMESPACE_FILE).ok()?;
    Some(text.trim().to_owned())
}

async fn operate(config: Config) -> Result<(), Error> {
    let traces = telemetry::start(&config.telemetry)?;
    let stop = stop_signal()?;
    let client = Client::try_default().await.map_err(Error::Connect)?;
    let cluster = cluster(&client, &config).await?;
    let metrics = Arc::new(Metrics::new());
    let identity = identity();
    info!(cluster, identity, version = env!("CARGO_PKG_VERSION"), "starting");
    let bound = TcpListener::bind(config.address).await;
    let listener = bound.map_err(|source| Error::Listen {
        address: config.address,
        source,
    })?;
    let (stores, listed, relay) = watch_all(&client, config.namespace.as_deref());
    let end = CancellationToken::new();
    let health = Health {
        metrics: metrics.clone(),
        listed: listed.clone(),
    };
    let serving = tokio::spawn(health::serve(listener, health, end.clone()));
    let (events, publisher) = event::channel(client.clone(), identity.clone(), metrics.clone());
    let publishing = tokio::spawn(publisher.run());
    let (tenure, leading, electing) = elect(&config, &client, identity, &metrics, &end);
    let operator = Operator {
        config,
        cluster,
        client,
        stores,
        listed,
        relay,
        events,
        metrics,
        tenure,
    };
    operator.work(leading, stop).await;
    drop(operator);
    end.cancel();
    for task in [electing, publishing, serving] {
        if timeout(Duration::from_secs(3), task).await.is_err() {
            warn!("something did not end in time");
        }
    }
    info!("ended");
    drop(traces);
    Ok(())
}

impl Operator {
    /// Works whenever this replica leads, until `stop`, and ends what is under way then.
    async fn work(&self, mut leading: watch::Receiver<bool>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                lead = leading.wait_for(|leading| *leading) => if lead.is_err() { return },
            }
            let over = stop.child_token();
            let term = self.term(over.clone());
            tokio::pin!(term);
            let ended = tokio::select! {
                () = &mut term => true,
                () = stop.cancelled() => false,
                _ = leading.wait_for(|leading| !*leading) => false,
            };
            over.cancel();
            if stop.is_cancelled() {
                self.tenure.stop_writes();
            }
            info!("waiting for what is under way");
            if !ended && timeout(LAST_ORDERS, term).await.is_err() {
                warn!("not everything that was under way has ended in time");
            }
        }
    }

    /// One term, with nothing left of the one before.
    async fn term(&self, stop: CancellationToken) {
        let (wake, sightings) = self.relay.subscribe();
        let ground = Ground {
            connect: Connector {
                cluster: self.cluster.clone(),
                fence: self.tenure.clone(),
                observer: self.metrics.clone(),
            },
            cluster: self.cluster.clone(),
            timing: self.config.timing,
            clock: Arc::new(SystemClock),
            metrics: self.metrics.clone(),
            wake,
            stop: stop.clone(),
        };
        let context = Context {
            client: self.client.clone(),
            stores: self.stores.clone(),
            regions: Regions::new(ground),
            memories: AllMemories::default(),
            events: self.events.clone(),
            metrics: self.metrics.clone(),
            tenure: self.tenure.clone(),
            stop,
        };
        controller::run(
            Arc::new(context),
            sightings,
            self.listed.clone(),
            self.config.concurrency,
        )
        .await;
    }
}

/// Watches every kind. Tells when all of them have been listed.
fn watch_all(client: &Client, namespace: Option<&str>) -> (Stores, watch::Receiver<bool>, Arc<Relay>) {
    let relay = Arc::new(Relay::default());
    let (stacks, stacks_listed) = watch_kind(client, namespace, &relay);
    let (services, services_listed) = watch_kind(client, namespace, &relay);
    let (databases, databases_listed) = watch_kind(client, namespace, &relay);
    let (tell, listed) = watch::channel(false);
    tokio::spawn(async move {
        for mut listed in [stacks_listed, services_listed, databases_listed] {
            if listed.wait_for(|listed| *listed).await.is_err() {
                return;
            }
        }
        tell.send_replace(true);
        // Who asks later is told the same.
        tell.closed().await;
    });
    let stores = Stores {
        stacks,
        services,
        databases,
    };
    (stores, listed, relay)
}

fn watch_kind<K: Watched>(
    client: &Client,
    namespace: Option<&str>,
    relay: &Arc<Relay>,
) -> (Store<Guarded<K>>, watch::Receiver<bool>) {
    let api: Api<Guarded<K>> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    let (store, writer) = reflector::store();
    let (tell, listed) = watch::channel(false);
    tokio::spawn(crate::watch::watch(api, writer, relay.clone(), tell));
    (store, listed)
}

fn elect(
    config: &Config,
    client: &Client,
    identity: String,
    metrics: &Arc<Metrics>,
    end: &CancellationToken,
) -> (Arc<Tenure>, watch::Receiver<bool>, JoinHandle<()>) {
    let Some(settings) = &config.lease else {
        metrics.lead(true);
        let (leading, receiver) = watch::channel(true);
        let end = end.clone();
        let waiting = tokio::spawn(async move {
            end.cancelled().await;
            drop(leading);
        });
        return (Arc::new(Tenure::endless()), receiver, waiting);
    };
    let (leading, receiver) = watch::channel(false);
    let tenure = Arc::new(Tenure::none());
    let election = Election::new(
        client.clone(),
        settings.clone(),
        identity,
        tenure.clone(),
        leading,
        metrics.clone(),
    );
    (tenure, receiver, tokio::spawn(election.run(end.clone())))
}

async fn cluster(client: &Client, config: &Config) -> Result<String, Error> {
    if let Some(cluster) = &config.cluster {
        return Ok(cluster.clone());
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = namespaces.get("kube-system").await.map_err(Error::ReadClusterId)?;
    Ok(namespace.metadata.uid.unwrap_or_default())
}

/// The name of this replica: unlike any other's, also on the same machine.
fn identity() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = match name.trim() {
        "" => "hastack",
        name => name,
    };
    format!(
        "{name}-{:08x}",
        RandomState::new().build_hasher().finish() & 0xffff_ffff
    )
}

fn stop_signal() -> Result<CancellationToken, Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Start)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Start)?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}
