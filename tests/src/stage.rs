//! The operator without Kubernetes: one or more custom resources, the sim as AWS, virtual time. It does just what the operator does:
//! looks when the inventory says so, reconciles what is woken, keeps status, ends and starts again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use hastack_api::{HAStack, HAStackStatus};
use hastack_core::apply::{Engine, Journal, Outcome, RecordIntent};
use hastack_core::cloud::{Answer, Cloud, CloudError, CreateRequest, Deletion, ErrorKind, Fence, Question, Reply};
use hastack_core::desire::{Inputs, desire, hosted_zone, identity};
use hastack_core::desired::Desired;
use hastack_core::inventory::{Inventory, Look};
use hastack_core::kind::Kind;
use hastack_core::memory::Memory;
use hastack_core::object::Object;
use hastack_core::owner::Owner;
use hastack_core::report::{Situation, record, report};
use hastack_core::resource::Change;
use hastack_core::timing::{Clock, Timing, after};
use hastack_sim::Sim;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::mutant::Mutant;

/// The cluster id of every stage.
pub const CLUSTER: &str = "test";

/// How long a stage may take to come to rest.
const PATIENCE: Duration = Duration::from_hours(4);

/// The custom resources of a cluster.
pub type Stacks = Arc<Mutex<BTreeMap<Owner, HAStack>>>;

/// A cluster, an account, and one operator at a time.
pub struct Stage {
    /// AWS.
    pub sim: Arc<Sim>,
    /// Kubernetes.
    pub stacks: Stacks,
    /// How often status was written.
    pub status_writes: Arc<AtomicUsize>,
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
            status_writes: Arc::default(),
            restarts: 0,
            mutant: None,
            dependents: Vec::new(),
            leader: Arc::new(AtomicBool::new(true)),
            timing,
            process: Process::new(timing),
        }
    }

    /// What the operator says of the only stack.
    pub fn plan(&self) -> String {
        self.stack().status.unwrap_or_default().plan.join("\n")
    }

    /// Another operator on the same cluster and account.
    #[must_use]
    pub fn replica(&self) -> Self {
        Self {
            sim: Arc::clone(&self.sim),
            stacks: Arc::clone(&self.stacks),
            status_writes: Arc::clone(&self.status_writes),
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

    /// Changes a spec, as `kubectl apply` does.
    pub fn edit(&self, edit: impl Fn(&mut HAStack)) {
        for stack in self.stacks.lock().expect("not poisoned").values_mut() {
            edit(stack);
            stack.metadata.generation = stack.metadata.generation.map(|generation| generation + 1);
        }
    }

    /// Marks every stack as to be deleted, as `kubectl delete` does.
    pub fn delete(&self) {
        let now = self.sim.now();
        for stack in self.stacks.lock().expect("not poisoned").values_mut() {
            stack.metadata.deletion_timestamp = Some(Time(now));
            stack.metadata.generation = stack.metadata.generation.map(|generation| generation + 1);
        }
    }

    /// The only stack.
    pub fn stack(&self) -> HAStack {
        self.stacks
            .lock()
            .expect("not poisoned")
            .values()
            .next()
            .expect("there is a stack")
            .clone()
    }

    /// Whether a condition of the only stack is true.
    pub fn is(&self, condition: &str) -> bool {
        let conditions = self.stack().status.unwrap_or_default().conditions;
        conditions
            .iter()
            .any(|other| other.type_ == condition && other.status == "True")
    }

    /// The message of a condition of the only stack.
    pub fn message(&self, condition: &str) -> String {
        let conditions = self.stack().status.unwrap_or_default().conditions;
        conditions
            .into_iter()
            .find(|other| other.type_ == condition)
            .map(|other| other.message)
            .unwrap_or_default()
    }

    /// The reason of a condition of the only stack.
    pub fn reason(&self, condition: &str) -> String {
        let conditions = self.stack().status.unwrap_or_default().conditions;
        let mut conditions = conditions.into_iter().filter(|other| other.type_ == condition);
        conditions.next().map(|other| other.reason).unwrap_or_default()
    }

    /// Tells the operator that something a stack depends on has changed.
    pub fn wake(&mut self) {
        let owners: Vec<_> = self.stacks.lock().expect("not poisoned").keys().cloned().collect();
        self.process.woken.extend(owners);
    }

    /// Lets the operator work until every stack is as `rested` says. Whether it came to that.
    pub fn run_until(&mut self, rested: impl Fn(&HAStack) -> bool) -> bool {
        let end = after(self.sim.now(), PATIENCE);
        while self.sim.now() < end {
            if self.turn().is_err() {
                self.restart();
                continue;
            }
            if self.process.woken.is_empty() && self.stacks.lock().expect("not poisoned").values().all(&rested) {
                return true;
            }
            self.advance();
        }
        false
    }

    /// Lets the operator work until every stack is Ready for its present generation, or gone.
    pub fn converge(&mut self) -> bool {
        self.run_until(|stack| {
            let Some(status) = &stack.status else { return false };
            let ready = status
                .conditions
                .iter()
                .any(|condition| condition.type_ == "Ready" && condition.status == "True");
            ready
                && status.observed_generation == stack.metadata.generation
                && stack.metadata.deletion_timestamp.is_none()
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
        for stack in self.woken() {
            let owner = identity(&stack, CLUSTER).owner;
            self.process.woken.remove(&owner);
            self.process.alarms.remove(&owner);
            self.reconcile(&cloud, &owner, &stack)?;
        }
        Ok(())
    }

    /// The stacks to reconcile: those that changed, that a look concerned, or whose time has come.
    fn woken(&mut self) -> Vec<HAStack> {
        let now = self.sim.now();
        let Process {
            inventory: _,
            memories: _,
            generations,
            woken,
            alarms,
        } = &mut self.process;
        let stacks = self.stacks.lock().expect("not poisoned");
        let due = stacks.iter().filter(|(owner, stack)| {
            let generation = (stack.metadata.generation, stack.metadata.deletion_timestamp.is_some());
            let changed = generations.insert((*owner).clone(), generation) != Some(generation);
            changed || woken.contains(*owner) || alarms.get(*owner).is_some_and(|at| *at <= now)
        });
        due.map(|(_, stack)| stack.clone()).collect()
    }

    /// One pass, as the operator makes it.
    fn reconcile(&mut self, cloud: &Guarded<'_>, owner: &Owner, stack: &HAStack) -> Result<(), Crashed> {
        let recalled = || Memory::recall(&stack.status.clone().unwrap_or_default());
        let mut memory = self.process.memories.remove(owner).unwrap_or_else(recalled);
        memory.turn_to(stack.metadata.generation);
        let deleting = stack.metadata.deletion_timestamp.is_some();
        if deleting && self.mutant == Some(Mutant::FinalizerRemovedEarly) {
            self.stacks.lock().expect("not poisoned").remove(owner);
            return Ok(());
        }
        let known = self
            .process
            .inventory
            .lock()
            .expect("not poisoned")
            .observe(&Desired::none(identity(stack, CLUSTER)), &memory);
        let zones = match cloud.look_up(&Question::Zones).now_or_never() {
            Some(Ok(Answer::Zones(zones))) => zones,
            _ => Vec::new(),
        };
        let hosted_zones = match hosted_zone(&stack.spec).map(|text| Question::HostedZones(text.to_owned())) {
            Some(question) if !deleting => match cloud.look_up(&question).now_or_never() {
                Some(Ok(Answer::HostedZones(zones))) => zones,
                _ => Vec::new(),
            },
            Some(_) | None => Vec::new(),
        };
        let inputs = Inputs {
            dependents: self.dependents.clone(),
            hosted_zones,
            ..Inputs::new(CLUSTER, zones, &known)
        };
        let journal = StatusJournal {
            stacks: &self.stacks,
            owner,
            writes: &self.status_writes,
            mutant: self.mutant,
        };
        let desired = match desire(stack, &inputs) {
            Ok(desired) => desired,
            Err(error) => {
                self.publish(
                    owner,
                    &report(stack, Situation::Invalid(&error), &memory, None, self.sim.now()),
                );
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
        self.conclude(owner, &outcome, memory, deleting);
        Ok(())
    }

    fn conclude(&mut self, owner: &Owner, outcome: &Outcome, memory: Memory, deleting: bool) {
        let current = self.stacks.lock().expect("not poisoned").get(owner).cloned();
        let Some(current) = current else { return };
        if deleting && outcome.plan.is_done() && memory.intents.is_empty() {
            self.stacks.lock().expect("not poisoned").remove(owner);
            self.process.inventory.lock().expect("not poisoned").dismiss(owner);
            return;
        }
        let status = report(
            &current,
            Situation::Passed(outcome),
            &memory,
            Some("123456789012"),
            self.sim.now(),
        );
        self.publish(owner, &status);
        if let Some(at) = outcome.plan.next_at() {
            self.process
                .alarms
                .insert(owner.clone(), at.max(after(self.sim.now(), Duration::from_millis(100))));
        }
        self.process.memories.insert(owner.clone(), memory);
    }

    fn publish(&self, owner: &Owner, status: &HAStackStatus) {
        if let Some(stack) = self.stacks.lock().expect("not poisoned").get_mut(owner)
            && stack.status.as_ref() != Some(status)
        {
            stack.status = Some(status.clone());
            self.status_writes.fetch_add(1, Ordering::SeqCst);
        }
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

/// The sim behind the lease, with whatever is broken on purpose.
struct Guarded<'a> {
    sim: &'a Sim,
    mutant: Option<Mutant>,
    leader: &'a AtomicBool,
    attempts: AtomicUsize,
}

impl Fence for Guarded<'_> {
    fn may_write(&self) -> bool {
        self.leader.load(Ordering::SeqCst) || self.mutant == Some(Mutant::LeaseNotChecked)
    }
}

impl Guarded<'_> {
    fn fenced(&self, action: &'static str) -> Result<(), CloudError> {
        let error = || CloudError {
            action,
            kind: ErrorKind::Fenced,
            code: None,
            message: "the lease is not ours".into(),
            request_id: None,
            source: None,
        };
        self.may_write().then_some(()).ok_or_else(error)
    }
}

impl Cloud for Guarded<'_> {
    async fn sweep(&self, kind: Kind, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        let mut objects = self.sim.sweep(kind, parents).await?;
        if self.mutant == Some(Mutant::TagLookupOff) {
            for object in &mut objects {
                object.tags.clear();
            }
        }
        Ok(objects)
    }

    async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
        if self.mutant == Some(Mutant::AbsenceTrusted) {
            return Ok(Vec::new());
        }
        self.sim.read(kind, ids).await
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        self.sim.look_up(question).await
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        self.fenced("Create")?;
        let mut request = request.clone();
        if self.mutant == Some(Mutant::ClientTokenOff) {
            request.token = format!("random-{}", self.attempts.fetch_add(1, Ordering::SeqCst));
        }
        self.sim.create(&request).await
    }

    async fn update(&self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        self.fenced("Update")?;
        self.sim.update(object, change).await
    }

    async fn delete(&self, object: &Object) -> Result<Deletion, CloudError> {
        self.fenced("Delete")?;
        self.sim.delete(object).await
    }
}

struct StatusJournal<'a> {
    stacks: &'a Stacks,
    owner: &'a Owner,
    writes: &'a AtomicUsize,
    mutant: Option<Mutant>,
}

impl Journal for StatusJournal<'_> {
    async fn record(&self, memory: &Memory) -> Result<(), RecordIntent> {
        if self.mutant == Some(Mutant::IntentSkipped) {
            return Ok(());
        }
        if let Some(stack) = self.stacks.lock().expect("not poisoned").get_mut(self.owner) {
            stack.status = Some(record(&stack.status.clone().unwrap_or_default(), memory));
            self.writes.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}
