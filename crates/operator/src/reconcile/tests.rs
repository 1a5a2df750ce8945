use std::sync::OnceLock;

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use hastack_api::HAStack;
use hastack_core::object::Phase;
use hastack_core::timing::{Clock, Timing, after};
use hastack_sim::Sim;
use jiff::Timestamp;
use kube::runtime::reflector;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::event;
use crate::lease::Tenure;
use crate::metric::Metrics;
use crate::neighbour::{AllMemories, Stores};
use crate::region::{Ground, Regions};
use crate::testing::Server;
use crate::watch::{Relay, Sighting};

const PATH: &str = "/apis/hastack.dev/v1alpha1/namespaces/shop/hastacks/web";
const SECOND: Duration = Duration::from_secs(1);

/// The operator's Kubernetes side on an API server and an AWS in memory, in virtual time.
struct Bench {
    server: Server,
    sim: &'static Sim,
    writer: Writer<Guarded<HAStack>>,
    context: Arc<Context<Lab>>,
    wakes: UnboundedReceiver<Sighting>,
}

/// Connects to the sim.
struct Lab(&'static Sim);

impl Connect for Lab {
    type Cloud = Narrated<'static, Sim>;

    async fn connect(&self, _region: &str) -> Self::Cloud {
        Narrated(self.0)
    }
}

struct SimClock(&'static Sim);

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Bench {
    fn new(stack: Value) -> Self {
        let sim: &'static Sim = Box::leak(Box::new(Sim::new()));
        let (server, metrics) = (Server::default(), Arc::new(Metrics::new()));
        server.put(PATH, stack);
        let (stacks, writer) = reflector::store();
        let (services, _) = reflector::store();
        let (databases, _) = reflector::store();
        let (wake, wakes) = Relay::default().subscribe();
        let (events, _) = event::channel(server.client(), "test".into(), metrics.clone());
        let ground = Ground {
            connect: Lab(sim),
            cluster: "test".into(),
            timing: Timing::default(),
            clock: Arc::new(SimClock(sim)),
            metrics: metrics.clone(),
            wake,
            stop: CancellationToken::new(),
        };
        let context = Context {
            client: server.client(),
            stores: Stores {
                stacks,
                services,
                databases,
            },
            regions: Regions::new(ground),
            memories: AllMemories::default(),
            events,
            metrics,
            tenure: Arc::new(Tenure::endless()),
            stop: CancellationToken::new(),
        };
        Self {
            server,
            sim,
            writer,
            context: Arc::new(context),
            wakes,
        }
    }

    /// One pass over what the API server has.
    async fn pass(&mut self) -> Result<Action, Error> {
        let object: Guarded<HAStack> = serde_json::from_value(self.object()).unwrap();
        self.writer.apply_watcher_event(&Event::Apply(object.clone()));
        reconcile(Arc::new(object), self.context.clone()).await
    }

    /// A pass each second, for ten minutes or until the object is gone.
    async fn settle(&mut self) {
        for _ in 0..600 {
            if self.server.object(PATH).is_none() {
                return;
            }
            // A refusal is what some tests are about.
            let _ = self.pass().await;
            tokio::time::sleep(SECOND).await;
            self.sim.advance_to(after(self.sim.now(), SECOND));
        }
    }

    fn object(&self) -> Value {
        self.server.object(PATH).unwrap()
    }

    fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let mut object = self.object();
        edit(&mut object);
        let generation = object["metadata"]["generation"].as_i64().unwrap();
        object["metadata"]["generation"] = json!(generation + 1);
        self.server.put(PATH, object);
    }

    fn condition(&self, kind: &str) -> (String, String) {
        let object = self.object();
        let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let condition = conditions.iter().find(|condition| condition["type"] == kind).unwrap();
        let text = |field: &str| condition[field].as_str().unwrap().to_owned();
        (text("status"), text("message"))
    }

    fn finalizers(&self) -> Value {
        self.object()["metadata"]["finalizers"].clone()
    }

    fn aws_writes(&self) -> usize {
        self.sim.calls().iter().filter(|call| call.write).count()
    }

    fn left_in_aws(&self) -> usize {
        let objects = self.sim.objects();
        objects.iter().filter(|object| object.phase != Phase::Deleted).count()
    }
}

fn stack() -> Value {
    logging();
    json!({
        "apiVersion": "hastack.dev/v1alpha1",
        "kind": "HAStack",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-1", "generation": 1},
        "spec": {"region": "us-east-1", "network": {"cidr": "10.0.0.0/16", "availabilityZones": 2}},
    })
}

/// Shows the log of a test that failed.
fn logging() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let lines = tracing_subscriber::fmt().with_test_writer().with_env_filter("info");
        lines.init();
    });
}

#[tokio::test(start_paused = true)]
async fn a_stack_gets_ready_and_says_so() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    assert_eq!(
        bench.condition("Ready").0,
        "True",
        "{:?}",
        bench.object()["status"]["plan"]
    );
    assert_eq!(bench.finalizers(), json!(["hastack.dev/aws-resources"]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_to_aws_while_the_finalizer_cannot_be_put_on() {
    let mut bench = Bench::new(stack());
    bench.server.refuse(Some(("/web", 422)));
    bench.settle().await;
    assert_eq!(bench.aws_writes(), 0);
    bench.server.refuse(None);
    bench.settle().await;
    assert_eq!(bench.condition("Ready").0, "True");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_that_could_not_be_written_down_first() {
    let mut bench = Bench::new(stack());
    bench.server.refuse(Some(("/web/status", 503)));
    bench.settle().await;
    assert_eq!(bench.aws_writes(), 0);
    bench.server.refuse(None);
    bench.settle().await;
    assert_eq!(bench.condition("Ready").0, "True");
}

#[tokio::test(start_paused = true)]
async fn a_status_that_says_nothing_new_is_not_written() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    let (writes, aws_writes) = (bench.server.writes().len(), bench.aws_writes());
    bench.settle().await;
    assert_eq!(bench.server.writes().len(), writes);
    assert_eq!(bench.aws_writes(), aws_writes);
}

#[tokio::test(start_paused = true)]
async fn the_finalizer_stays_until_nothing_is_left_in_aws() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    bench.server.delete(PATH);
    bench.settle().await;
    assert_eq!(bench.server.object(PATH), None);
    assert_eq!(bench.left_in_aws(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_finalizer_of_others_is_left_on() {
    let mut stack = stack();
    stack["metadata"]["finalizers"] = json!(["example.com/other"]);
    let mut bench = Bench::new(stack);
    bench.settle().await;
    bench.server.delete(PATH);
    bench.settle().await;
    assert_eq!(bench.finalizers(), json!(["example.com/other"]));
    assert_eq!(bench.left_in_aws(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_spec_that_cannot_be_met_is_said_and_nothing_done() {
    let mut stack = stack();
    stack["spec"]["network"]["cidr"] = json!("10.0.0.0/27");
    let mut bench = Bench::new(stack);
    bench.settle().await;
    let (stalled, message) = bench.condition("Stalled");
    assert_eq!(stalled, "True");
    assert!(message.contains("network.cidr"), "{message}");
    assert_eq!(bench.aws_writes(), 0);
    assert_eq!(bench.finalizers(), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_is_said_and_left_alone() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    let resources = bench.object()["status"]["resources"].clone();
    let aws_writes = bench.aws_writes();
    bench.edit(|object| object["spec"]["network"]["natGateways"] = json!("Many"));
    bench.settle().await;
    let (stalled, message) = bench.condition("Stalled");
    assert_eq!(stalled, "True");
    assert!(message.contains("Many"), "{message}");
    assert_eq!(bench.object()["status"]["resources"], resources);
    assert_eq!(bench.aws_writes(), aws_writes);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_is_deleted_all_the_same() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    bench.edit(|object| object["spec"]["network"]["natGateways"] = json!("Many"));
    bench.server.delete(PATH);
    bench.settle().await;
    assert_eq!(bench.server.object(PATH), None);
    assert_eq!(bench.left_in_aws(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_another_account_is_not_taken_for_gone() {
    let mut bench = Bench::new(stack());
    bench.settle().await;
    bench.edit(|object| object["status"]["account"] = json!("999999999999"));
    bench.server.delete(PATH);
    // Another replica takes over, and has other credentials.
    let mut other = Bench::new(bench.object());
    other.settle().await;
    assert_eq!(other.finalizers(), json!(["hastack.dev/aws-resources"]));
    let (_, message) = other.condition("Ready");
    assert!(message.contains("999999999999"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn what_aws_shows_brings_the_stack_forward() {
    let mut bench = Bench::new(stack());
    bench.pass().await.unwrap();
    let wake = tokio::time::timeout(Duration::from_mins(1), bench.wakes.next()).await;
    assert_eq!(
        wake.unwrap(),
        Some(Sighting::Changed("HAStack/shop/web".parse().unwrap()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_lost_its_lease_reports_nothing() {
    let mut bench = Bench::new(stack());
    let context = Arc::get_mut(&mut bench.context).unwrap();
    context.tenure = Arc::new(Tenure::none());
    let _ = bench.pass().await;
    assert_eq!(bench.object()["status"], Value::Null);
}
