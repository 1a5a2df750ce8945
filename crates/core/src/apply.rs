//! Taking the steps of a plan: everything that can be done now, at once, then planning again, until only waiting is left.
//!
//! This is the only place that writes to AWS. It decides nothing: it takes the steps it is given, writes down what has to be
//! written down before a step, and takes up what came of it. A step that failed stops only what depends on it.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::cloud::{Cloud, CloudError, Deletion, ErrorKind, Reply};
use crate::desired::Desired;
use crate::inventory::Inventory;
use crate::kind::{Kind, Lane, Recovery};
use crate::known::Known;
use crate::memory::Memory;
use crate::object::Object;
use crate::observed::Observed;
use crate::owner::NodeId;
use crate::plan::{Plan, Step, plan};
use crate::resource::Change;
use crate::retry::Hold;
use crate::timing::{Clock, Timing};

/// How many calls of one custom resource are under way at most.
const MAX_IN_FLIGHT: usize = 8;

/// What must outlast a crash, written where it does.
pub trait Journal: Send + Sync {
    /// Writes down what `memory` holds that must outlast a crash. Nothing is done before it succeeded.
    fn record(&self, memory: &Memory) -> impl Future<Output = Result<(), RecordIntent>> + Send;
}

/// What must outlast a crash could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("cannot write down what is about to be created")]
pub struct RecordIntent(#[source] pub Box<dyn Error + Send + Sync>);

/// Everything a pass works with.
pub struct Engine<'a, C, J> {
    /// AWS.
    pub cloud: &'a C,
    /// What outlasts a crash.
    pub journal: &'a J,
    /// What exists in AWS.
    pub inventory: &'a Mutex<Inventory>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The pace.
    pub timing: Timing,
    /// Whether what is wanted has changed, so that no further step should be started.
    pub interrupted: &'a (dyn Fn() -> bool + Send + Sync),
}

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is left to do, to wait for, to refuse.
    pub plan: Plan,
    /// What exists now.
    pub observed: Observed,
    /// The steps taken.
    pub done: Vec<Done>,
    /// The steps that failed.
    pub failures: Vec<Failure>,
    /// Why nothing more was started, if what must be written down first could not be.
    pub unrecorded: Option<RecordIntent>,
}

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Create.
    Create,
    /// Change.
    Update,
    /// Mark as left in AWS.
    Retain,
    /// Delete.
    Delete,
}

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Done {
    /// What was done.
    pub verb: Verb,
    /// To what.
    pub node: NodeId,
    /// Its id in AWS.
    pub aws_id: String,
    /// In the words of the plan.
    pub step: String,
}

/// A step that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was to be done.
    pub verb: Verb,
    /// To what.
    pub node: NodeId,
    /// In the words of the plan.
    pub step: String,
    /// Why it failed.
    pub error: CloudError,
}

/// What AWS answered to a step.
enum Answer {
    Created(Box<Object>),
    Updated(Reply),
    Deleted(Deletion),
}

impl<C: Cloud, J: Journal> Engine<'_, C, J> {
    /// Brings what exists as close to `desired` as is possible without waiting.
    pub async fn pass(&self, desired: &Desired, memory: &mut Memory) -> Outcome {
        let mut outcome = Outcome::default();
        let mut running = FuturesUnordered::new();
        let mut busy = BTreeSet::new();
        loop {
            self.look(desired, memory, &mut outcome);
            let free = MAX_IN_FLIGHT.saturating_sub(running.len());
            let mut steps = startable(&outcome.plan, &busy, free);
            if (self.interrupted)() || outcome.unrecorded.is_some() {
                steps.clear();
            }
            if let Err(error) = self.write_down(desired, memory, &outcome.observed, &steps).await {
                outcome.unrecorded = Some(error);
                steps.clear();
            }
            for step in steps {
                busy.insert(step.node().clone());
                running.push(self.take(step));
            }
            let Some((step, answer)) = running.next().await else {
                break;
            };
            busy.remove(step.node());
            self.take_up(&step, answer, desired, memory, &mut outcome);
        }
        self.attend(desired, memory, &outcome);
        outcome
    }

    /// Looks at what exists and plans.
    fn look(&self, desired: &Desired, memory: &mut Memory, outcome: &mut Outcome) {
        let observed = self.inventory().observe(desired, memory);
        memory.learn(desired, &observed, &self.timing);
        outcome.plan = plan(desired, &observed, memory, &self.timing, self.clock.now());
        memory.learn_from_plan(desired, &observed, &outcome.plan);
        outcome.observed = observed;
    }

    /// Writes down what must outlast a crash in the middle of `steps`.
    async fn write_down(
        &self,
        desired: &Desired,
        memory: &mut Memory,
        observed: &Observed,
        steps: &[Step],
    ) -> Result<(), RecordIntent> {
        let new_keys: Vec<_> = desired
            .tags
            .keys()
            .filter(|key| !memory.tag_keys.contains(*key))
            .cloned()
            .collect();
        let intents: Vec<_> = steps
            .iter()
            .filter(|step| matches!(step, Step::Create { .. }))
            .map(Step::node)
            .filter(|node| node.kind.row().recovery == Recovery::Intent)
            .cloned()
            .collect();
        // Nothing lists what is looked at one by one: its id must be known whatever becomes of this process.
        let created = steps
            .iter()
            .filter(|step| matches!(step, Step::Create { .. }))
            .map(Step::node);
        let known = Known {
            desired,
            observed,
            memory,
        };
        let mut ids = known.named();
        ids.retain(|(node, id)| created.clone().any(|other| other == node) && memory.recorded.get(node) != Some(id));
        if steps.is_empty() || new_keys.is_empty() && intents.is_empty() && ids.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let places: Vec<_> = ids.iter().map(|(node, _)| node.clone()).collect();
        memory.recorded.extend(ids);
        memory.tag_keys.extend(new_keys);
        memory.intents.extend(intents.iter().map(|node| (node.clone(), now)));
        let recorded = self.journal.record(memory).await;
        if recorded.is_err() {
            memory.intents.retain(|node, _| !intents.contains(node));
            memory.recorded.retain(|node, _| !places.contains(node));
        }
        recorded
    }

    async fn take(&self, step: Step) -> (Step, Result<Answer, CloudError>) {
        let answer = match &step {
            Step::Create { request, spec: _ } => {
                let made = self.cloud.create(request).await;
                made.map(|object| Answer::Created(Box::new(object)))
            }
            Step::Update {
                node: _,
                object,
                change,
            } => self.cloud.update(object, change).await.map(Answer::Updated),
            Step::Delete {
                node: _,
                object,
                reason: _,
                snapshot,
            } => self
                .cloud
                .delete(object, snapshot.as_deref())
                .await
                .map(Answer::Deleted),
        };
        (step, answer)
    }

    /// Takes up what came of a step.
    fn take_up(
        &self,
        step: &Step,
        answer: Result<Answer, CloudError>,
        desired: &Desired,
        memory: &mut Memory,
        outcome: &mut Outcome,
    ) {
        let node = step.node().clone();
        memory.last_write = Some(self.clock.now());
        match answer.and_then(|answer| self.own(answer)) {
            Ok(answer) => {
                let aws_id = self.take_up_success(step, answer, memory);
                memory.holds.remove(&node);
                *memory.fruitless.entry((node.clone(), step.to_string())).or_default() += 1;
                outcome.done.push(Done {
                    verb: step.verb(),
                    node,
                    aws_id,
                    step: step.to_string(),
                });
            }
            Err(error) => {
                self.take_up_failure(step, &error, desired, memory);
                outcome.failures.push(Failure {
                    verb: step.verb(),
                    node,
                    step: step.to_string(),
                    error,
                });
            }
        }
    }

    /// The answer, unless it is about what is somebody else's: two that ask for one name at the same time may both get the same.
    fn own(&self, answer: Answer) -> Result<Answer, CloudError> {
        match answer {
            Answer::Created(object) if self.inventory().is_anothers(&object) => Err(CloudError {
                action: object.kind().row().word,
                kind: ErrorKind::AlreadyExists,
                code: None,
                message: format!("AWS answered with {}, which is somebody else's", object.id),
                request_id: None,
                source: None,
            }),
            Answer::Created(_) | Answer::Updated(_) | Answer::Deleted(_) => Ok(answer),
        }
    }

    fn take_up_success(&self, step: &Step, answer: Answer, memory: &mut Memory) -> String {
        let now = self.clock.now();
        let mut inventory = self.inventory();
        match (step, answer) {
            (Step::Create { request, spec: _ }, Answer::Created(object)) => {
                memory.take_note(&request.node, &object.id);
                let id = object.id.clone();
                inventory.created(*object, now);
                for (node, part) in request.parts() {
                    memory.take_note(&node, &part.id);
                    inventory.created(part, now);
                }
                id
            }
            (
                Step::Update {
                    node: _,
                    object,
                    change,
                },
                Answer::Updated(reply),
            ) => {
                inventory.updated(object.kind(), &object.id, now, |known| match change {
                    Change::Tags(change) => change.fold(&mut known.tags),
                    change => known.state.fold(change, &reply),
                });
                // What AWS has filled it with is on its way out, and is looked at anew.
                if object.kind().row().looked_into && object.state.prelude().as_ref() == Some(change) {
                    memory.occupants_unknown = Some(now);
                }
                object.id.clone()
            }
            (
                Step::Delete {
                    node: _,
                    object,
                    reason: _,
                    snapshot: _,
                },
                Answer::Deleted(deletion),
            ) => {
                inventory.deleted(object.kind(), &object.id, deletion, now);
                if object.kind().row().has_interfaces {
                    memory.occupants_unknown = Some(now);
                }
                object.id.clone()
            }
            (Step::Create { .. } | Step::Update { .. } | Step::Delete { .. }, _) => String::new(),
        }
    }

    fn take_up_failure(&self, step: &Step, error: &CloudError, desired: &Desired, memory: &mut Memory) {
        let node = step.node();
        match step {
            Step::Create { .. } => {
                let named = memory
                    .recorded
                    .get(node)
                    .filter(|_| node.kind.row().lane == Lane::Named);
                if let Some(id) = named.filter(|_| error.kind.is_uncertain()) {
                    self.inventory().doubt(node.kind, id, self.clock.now());
                }
                // AWS said no, so there is nothing to look for.
                if error.kind != ErrorKind::Ambiguous {
                    memory.intents.remove(node);
                    if named.is_some() {
                        memory.recorded.remove(node);
                    }
                }
            }
            Step::Update {
                node: _,
                object,
                change: _,
            }
            | Step::Delete {
                node: _,
                object,
                reason: _,
                snapshot: _,
            } => {
                if error.kind.is_uncertain() {
                    self.inventory().doubt(object.kind(), &object.id, self.clock.now());
                }
            }
        }
        // Something of somebody else may be in it or refer to it.
        if error.kind == ErrorKind::InUse && step.verb() == Verb::Delete {
            memory.occupants_unknown = Some(self.clock.now());
        }
        let seed = format!("{} {node}", desired.identity.uid);
        let hold = Hold::after(
            memory.holds.get(node),
            step.to_string(),
            error.clone(),
            &seed,
            self.clock.now(),
        );
        memory.holds.insert(node.clone(), hold);
    }

    /// States what the owner needs to know until its next pass.
    fn attend(&self, desired: &Desired, memory: &Memory, outcome: &Outcome) {
        let nothing_wanted = desired.nodes.is_empty();
        let wanted = desired
            .nodes
            .keys()
            .chain(outcome.observed.objects.keys())
            .map(|node| node.kind);
        // What is not ours is looked at when it may be in the way.
        let is_unknown = |kind: &Kind| !outcome.observed.swept.contains_key(kind) && !kind.row().occupies;
        let owner = &desired.identity.owner;
        let unknown = Kind::all().filter(|kind| owner.may_have(*kind) && (nothing_wanted || is_unknown(kind)));
        let mut awaited = outcome.plan.awaited_kinds();
        awaited.extend(memory.intents.keys().map(|node| node.kind));
        let known = Known {
            desired,
            observed: &outcome.observed,
            memory,
        };
        let recorded = memory.recorded.iter().map(|(node, id)| (node.clone(), id.clone()));
        let named = known.named().into_iter().chain(recorded);
        let named = named.filter(|(node, _)| node.kind.row().lane == Lane::Named);
        self.inventory().attend(
            &desired.identity.owner,
            wanted.chain(unknown).collect(),
            awaited,
            named.map(|(node, id)| (node.kind, id)).collect(),
        );
    }

    fn inventory(&self) -> MutexGuard<'_, Inventory> {
        // Nothing that holds the lock panics half-way through a change.
        self.inventory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steps to start now: one at a time for each resource.
fn startable(plan: &Plan, busy: &BTreeSet<NodeId>, free: usize) -> Vec<Step> {
    let mut taken = busy.clone();
    plan.steps
        .iter()
        .filter(|step| taken.insert(step.node().clone()))
        .take(free)
        .cloned()
        .collect()
}

impl Step {
    /// What the step does.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Create { .. } => Verb::Create,
            Self::Update {
                node: _,
                object: _,
                change: Change::Tags(change),
            } if change.retains() => Verb::Retain,
            Self::Update { .. } => Verb::Update,
            Self::Delete { .. } => Verb::Delete,
        }
    }
}

#[cfg(test)]
mod tests;
