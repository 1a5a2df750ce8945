//! The operator without Kubernetes: one or more custom resources, the sim as AWS, virtual time. It does just what the operator does:
//! looks when the inventory says so, reconciles what is woken, keeps status, ends and starts again.

mod guarded;
mod kubectl;
mod secret;
mod seen;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use hastack_api::{AutoScaledService, Custom, HAStack, ManagedDatabase};
use hastack_core::apply::{Engine, Journal, Outcome, RecordIntent};
use hastack_core::cloud::Cloud;
use hastack_core::desire::{Inputs, Wanting, identity};
use hastack_core::desired::Desired;
use hastack_core::inventory::{Inventory, Look};
use hastack_core::memory::Memory;
use hastack_core::owner::Owner;
use hastack_core::report::{Home, Notice, Reported, Situation, notices, record, report};
use hastack_core::timing::{Clock, Timing, after};
use hastack_sim::Sim;
use jiff::Timestamp;

use self::guarded::Guarded;
use crate::mutant::Mutant;

/// The cluster id of every stage.
pub const CLUSTER: &str = "test";

/// How long a stage may take to come to rest.
const PATIENCE: Duration = Duration::from_hours(4);

/// The custom resources of a kind in a cluster.
pub type Store<K> = Arc<Mutex<BTreeMap<Owner, K>>>;

/// Secrets by name.
pub type Secrets = Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>;

/// A cluster, an account, and one operator at a time.
pub struct Stage {
    /// AWS.
    pub sim: Arc<Sim>,
    /// The stacks in Kubernetes.
    pub stacks: Store<HAStack>,
    /// The services in Kubernetes.
    pub services: Store<AutoScaledService>,
    /// The databases in Kubernetes.
    pub databases: Store<ManagedDatabase>,
    /// The Secrets in Kubernetes, by name.
    pub secrets: Secrets,
    /// How often status was written.
    pub status_writes: Arc<AtomicUsize>,
    /// Whether the events that are published are kept.
    pub listens: bool,
    /// The events that were published.
    pub notices: Vec<Notice>,
    /// How often the operator has ended and started again.
    pub restarts: usize,
    /// What is broken.
    pub mutant: Option<Mutant>,
    /// Other custom resources that refer to each stack.
    pub dependents: Vec<String>,
    /// Whether the operator holds the lease.
    pub leader: Arc<AtomicBool>,
    timing: Timing,
    process: Process,
}

/// What a process has in memory.
struct Process {
    inventory: Mutex<Inventory>,
    memories: BTreeMap<Owner, Memory>,
    generations: BTreeMap<Owner, (Option<i64>, bool)>,
    woken: BTreeSet<Owner>,
    alarms: BTreeMap<Owner, Timestamp>,
    /// What the connection Secrets were filled from.
    bound: BTreeMap<Owner, String>,
}

/// Whether a custom resource is Ready for its present generation.
fn is_ready<K: Custom>(object: &K) -> bool {
    let metadata = object.meta();
    object.status().is_some_and(|status| {
        let ready = status
            .conditions
            .iter()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True");
        ready && status.observed_generation == metadata.generation && metadata.deletion_timestamp.is_none()
    })
}

/// The process has ended in the middle of something.
pub struct Crashed;

impl Stage {
    /// A stage with these stacks and an empty account.
    pub fn new(stacks: impl IntoIterator<Item = HAStack>) -> Self {
        Self::with_timing(stacks, Timing::default())
    }

    /// A stage with another pace.
    pub fn with_timing(stacks: impl IntoIterator<Item = HAStack>, timing: Timing) -> Self {
        let stacks = stacks
            .into_iter()
            .map(|stack| (identity(&stack, CLUSTER).owner, stack))
            .collect();
        Self {
            sim: Arc::new(Sim::new()),
            stacks: Arc::new(Mutex::new(stacks)),
            services: Arc::default(),
            databases: Arc::default(),
            secrets: secret::given(),
            status_writes: Arc::default(),
            listens: false,
            notices: Vec::new(),
            restarts: 0,
            mutant: None,
            dependents: Vec::new(),
            leader: Arc::new(AtomicBool::new(true)),
            timing,
            process: Process::new(timing),
        }
    }

    /// Another operator on the same cluster and account.
    #[must_use]
    pub fn replica(&self) -> Self {
        Self {
            sim: Arc::clone(&self.sim),
            stacks: Arc::clone(&self.stacks),
            services: Arc::clone(&self.services),
            databases: Arc::clone(&self.databases),
            secrets: Arc::clone(&self.secrets),
            status_writes: Arc::clone(&self.status_writes),
            listens: false,
            notices: Vec::new(),
            restarts: 0,
            mutant: self.mutant,
            dependents: self.dependents.clone(),
            leader: Arc::new(AtomicBool::new(true)),
            timing: self.timing,
            process: Process::new(self.timing),
        }
    }

    /// Starts the operator anew, with nothing but what status kept.
    pub fn restart(&mut self) {
        self.restarts += 1;
        self.process = Process::new(self.timing);
    }

    /// Tells the operator that something a stack depends on has changed.
    pub fn wake(&mut self) {
        let owners = self.owners();
        self.process.woken.extend(owners);
    }

    /// Every custom resource there is.
    fn owners(&self) -> BTreeSet<Owner> {
        let stacks = self.stacks.lock().expect("not poisoned");
        let services = self.services.lock().expect("not poisoned");
        let databases = self.databases.lock().expect("not poisoned");
        let owners = stacks.keys().chain(services.keys()).chain(databases.keys());
        owners.cloned().collect()
    }

    /// Lets the operator work until every stack is as `rested` says. Whether it came to that.
    pub fn run_until(&mut self, rested: impl Fn(&HAStack) -> bool) -> bool {
        let stacks = Arc::clone(&self.stacks);
        self.work_until(|| stacks.lock().expect("not poisoned").values().all(&rested))
    }

    fn work_until(&mut self, rested: impl Fn() -> bool) -> bool {
        let end = after(self.sim.now(), PATIENCE);
        while self.sim.now() < end {
            if self.turn().is_err() {
                self.restart();
                continue;
            }
            if self.process.woken.is_empty() && rested() {
                return true;
            }
            self.advance();
        }
        false
    }

    /// Lets the operator work until every custom resource is Ready for its present generation, or gone.
    pub fn converge(&mut self) -> bool {
        let (stacks, services) = (Arc::clone(&self.stacks), Arc::clone(&self.services));
        let databases = Arc::clone(&self.databases);
        self.work_until(|| {
            let stacks = stacks.lock().expect("not poisoned");
            let services = services.lock().expect("not poisoned");
            let databases = databases.lock().expect("not poisoned");
            stacks.values().all(is_ready) && services.values().all(is_ready) && databases.values().all(is_ready)
        })
    }

    /// Lets time pass with the operator at work.
    pub fn rest(&mut self, duration: Duration) {
        let end = after(self.sim.now(), duration);
        while self.sim.now() < end {
            match self.turn() {
                Ok(()) => self.advance(),
                Err(Crashed) => self.restart(),
            }
        }
    }

    /// Looks at what is due and reconciles what is woken.
    pub fn turn(&mut self) -> Result<(), Crashed> {
        let (sim, leader) = (Arc::clone(&self.sim), Arc::clone(&self.leader));
        let attempts = AtomicUsize::new(sim.calls().len());
        let cloud = Guarded {
            sim: &sim,
            mutant: self.mutant,
            leader: &leader,
            attempts,
        };
        self.process.look(&cloud, &sim);
        let (stacks, services) = (Arc::clone(&self.stacks), Arc::clone(&self.services));
        for stack in self.woken(&stacks) {
            self.reconcile(&cloud, &stack, &stacks)?;
        }
        for mut service in self.woken(&services) {
            self.forget(&mut service);
            self.reconcile(&cloud, &service, &services)?;
        }
        let databases = Arc::clone(&self.databases);
        for database in self.woken(&databases) {
            self.reconcile(&cloud, &database, &databases)?;
        }
        // Who is gone wakes no more.
        let owners = self.owners();
        self.process.woken.retain(|owner| owners.contains(owner));
        Ok(())
    }

    /// What a mutant does not know any more.
    fn forget(&self, service: &mut AutoScaledService) {
        let Some(status) = &mut service.status else { return };
        if self.mutant == Some(Mutant::CapacityForgotten) {
            status.applied_desired = None;
        }
        if self.mutant == Some(Mutant::ImageForgotten) {
            status.image = None;
        }
    }

    /// Those to reconcile: what changed, what a look concerned, or whose time has come.
    fn woken<K: Custom>(&mut self, store: &Store<K>) -> Vec<K> {
        let now = self.sim.now();
        let Process {
            inventory: _,
            memories: _,
            generations,
            woken,
            alarms,
            bound: _,
        } = &mut self.process;
        let objects = store.lock().expect("not poisoned");
        let due = objects.iter().filter(|(owner, object)| {
            let metadata = object.meta();
            let generation = (metadata.generation, metadata.deletion_timestamp.is_some());
            let changed = generations.insert((*owner).clone(), generation) != Some(generation);
            changed || woken.contains(*owner) || alarms.get(*owner).is_some_and(|at| *at <= now)
        });
        due.map(|(_, object)| object.clone()).collect()
    }

    /// One pass, as the operator makes it.
    fn reconcile<K: Wanting + Reported>(
        &mut self,
        cloud: &Guarded<'_>,
        object: &K,
        store: &Store<K>,
    ) -> Result<(), Crashed> {
        let owner = &identity(object, CLUSTER).owner;
        self.process.woken.remove(owner);
        self.process.alarms.remove(owner);
        let recalled = || object.status().map(|status| Memory::recall(status)).unwrap_or_default();
        let mut memory = self.process.memories.remove(owner).unwrap_or_else(recalled);
        memory.turn_to(object.meta().generation);
        if self.mutant == Some(Mutant::LossForgotten) {
            memory.recorded.retain(|node, _| !node.kind.row().holds_data);
        }
        let deleting = object.meta().deletion_timestamp.is_some();
        if deleting && self.mutant == Some(Mutant::FinalizerRemovedEarly) {
            store.lock().expect("not poisoned").remove(owner);
            return Ok(());
        }
        let inputs = self.inputs(cloud, object, &memory);
        let journal = StatusJournal {
            store,
            owner,
            writes: &self.status_writes,
            mutant: self.mutant,
        };
        let home = Home {
            account: Some("123456789012"),
            region: object.region(inputs.stack.as_ref()),
            inputs: Some(&inputs),
        };
        let desired = match object.desire(&inputs) {
            Ok(desired) => desired,
            Err(error) => {
                let status = report(object, Situation::Invalid(&error), &memory, home, self.sim.now());
                self.publish(store, owner, &status);
                self.process.memories.insert(owner.clone(), memory);
                return Ok(());
            }
        };
        let engine = Engine {
            cloud,
            journal: &journal,
            inventory: &self.process.inventory,
            clock: self.sim.as_ref(),
            timing: self.timing,
            interrupted: &|| false,
        };
        let outcome = engine.pass(&desired, &mut memory).now_or_never().ok_or(Crashed)?;
        self.conclude(store, owner, home, &outcome, memory, deleting);
        Ok(())
    }

    /// What a spec is read together with, as the operator finds it.
    fn inputs<K: Wanting>(&self, cloud: &Guarded<'_>, object: &K, memory: &Memory) -> Inputs {
        let nothing = Desired::none(identity(object, CLUSTER));
        let known = self
            .process
            .inventory
            .lock()
            .expect("not poisoned")
            .observe(&nothing, memory);
        let stack = object.stack_name().unwrap_or(&nothing.identity.owner.name);
        let mut services: Vec<_> = self.services.lock().expect("not poisoned").values().cloned().collect();
        services.retain(|service| {
            service.spec.stack_ref.name == stack && identity(service, CLUSTER).owner != nothing.identity.owner
        });
        let mut databases: Vec<_> = self.databases.lock().expect("not poisoned").values().cloned().collect();
        databases.retain(|database| {
            database.spec.stack_ref.name == stack && identity(database, CLUSTER).owner != nothing.identity.owner
        });
        let dependents = services.iter().map(|service| identity(service, CLUSTER).owner);
        let dependents = dependents.chain(databases.iter().map(|database| identity(database, CLUSTER).owner));
        let dependents = dependents.map(|owner| format!("{}/{}", owner.kind, owner.name));
        let mut inputs = Inputs {
            dependents: self.dependents.iter().cloned().chain(dependents).collect(),
            services,
            databases,
            texts: self.texts(&object.texts()),
            now: self.sim.now(),
            ..Inputs::new(CLUSTER, Vec::new(), &known)
        };
        if object.stack_name().is_some() {
            let stacks = self.stacks.lock().expect("not poisoned");
            inputs.stack = stacks
                .values()
                .find(|other| other.metadata.name.as_deref() == Some(stack))
                .cloned();
            inputs.dependents.clear();
        }
        object.recall(&mut inputs);
        loop {
            let mut open = object.questions(&inputs);
            open.retain(|question| !inputs.answers.contains_key(question));
            if open.is_empty() {
                return inputs;
            }
            for question in open {
                if let Some(Ok(answer)) = cloud.look_up(&question).now_or_never() {
                    inputs.learn(question, answer);
                }
            }
        }
    }

    fn conclude<K: Reported>(
        &mut self,
        store: &Store<K>,
        owner: &Owner,
        home: Home<'_>,
        outcome: &Outcome,
        memory: Memory,
        deleting: bool,
    ) {
        let current = store.lock().expect("not poisoned").get(owner).cloned();
        let Some(current) = current else { return };
        if deleting && outcome.plan.is_done() && memory.intents.is_empty() {
            store.lock().expect("not poisoned").remove(owner);
            self.process.inventory.lock().expect("not poisoned").dismiss(owner);
            self.wake();
            return;
        }
        if self.listens {
            self.notices.extend(notices(&current, Situation::Passed(outcome)));
        }
        let status = report(&current, Situation::Passed(outcome), &memory, home, self.sim.now());
        if !deleting {
            self.bind(&current, &status, outcome, &memory, home);
        }
        self.publish(store, owner, &status);
        if let Some(at) = outcome.plan.next_at() {
            self.process
                .alarms
                .insert(owner.clone(), at.max(after(self.sim.now(), Duration::from_millis(100))));
        }
        self.process.memories.insert(owner.clone(), memory);
    }

    /// Writes a status. What it says concerns whoever stands beside it.
    fn publish<K: Custom>(&mut self, store: &Store<K>, owner: &Owner, status: &K::Status) {
        let mut objects = store.lock().expect("not poisoned");
        let Some(object) = objects.get_mut(owner) else { return };
        if object.status() == Some(status) {
            return;
        }
        *object = object.with_status(status.clone());
        drop(objects);
        self.status_writes.fetch_add(1, Ordering::SeqCst);
        let mut others = self.owners();
        others.remove(owner);
        self.process.woken.extend(others);
    }

    /// Lets time pass until something is due.
    fn advance(&self) {
        let now = self.sim.now();
        let due = self.process.inventory.lock().expect("not poisoned").next_due();
        let next = due.into_iter().chain(self.process.alarms.values().copied()).min();
        let soonest = after(now, Duration::from_millis(100));
        let latest = after(now, Duration::from_mins(1));
        self.sim.advance_to(next.unwrap_or(latest).clamp(soonest, latest));
    }
}

impl Process {
    fn new(timing: Timing) -> Self {
        Self {
            inventory: Mutex::new(Inventory::new(CLUSTER, timing)),
            memories: BTreeMap::new(),
            generations: BTreeMap::new(),
            woken: BTreeSet::new(),
            alarms: BTreeMap::new(),
            bound: BTreeMap::new(),
        }
    }

    fn look(&mut self, cloud: &Guarded<'_>, sim: &Sim) {
        let now = sim.now();
        let mut inventory = self.inventory.lock().expect("not poisoned");
        for look in inventory.due(now) {
            let result = match &look {
                Look::Sweep(kind) => cloud.sweep(*kind, &inventory.parents(*kind)).now_or_never(),
                Look::Read(kind, ids) => cloud.read(*kind, ids).now_or_never(),
            };
            let concerned = match (&look, result) {
                (Look::Sweep(kind), Some(Ok(objects))) => inventory.swept(*kind, objects, now, now),
                (Look::Read(kind, ids), Some(Ok(objects))) => inventory.read(*kind, ids, objects, now),
                (_, Some(Err(error))) => inventory.failed(&look, error, now),
                (_, None) => BTreeSet::new(),
            };
            self.woken.extend(concerned);
        }
    }
}

struct StatusJournal<'a, K> {
    store: &'a Store<K>,
    owner: &'a Owner,
    writes: &'a AtomicUsize,
    mutant: Option<Mutant>,
}

impl<K: Custom> Journal for StatusJournal<'_, K> {
    async fn record(&self, memory: &Memory) -> Result<(), RecordIntent> {
        if self.mutant == Some(Mutant::IntentSkipped) {
            return Ok(());
        }
        if let Some(object) = self.store.lock().expect("not poisoned").get_mut(self.owner) {
            *object = object.with_status(record(&object.status().cloned().unwrap_or_default(), memory));
            self.writes.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}
