//! What to do next, what to wait for and what is refused, from what is wanted and what exists. Pure and total.
//!
//! A step is in a plan only when everything it needs is known, so each plan is one safe increment. A plan prints as lines that
//! people read: the same text is the log, the test's snapshot, `status.plan` and the output of `hastack plan`.

mod display;
mod doubt;
mod outlook;
mod removal;
mod retention;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::ResourcePhase;
use jiff::Timestamp;

use crate::cloud::{CloudError, CreateRequest};
use crate::desired::Desired;
use crate::kind::Kind;
use crate::known::Known;
use crate::memory::Memory;
use crate::object::{Object, Phase};
use crate::observed::{Observed, Seen};
use crate::owner::NodeId;
use crate::resource::{Change, Refs, Spec, State};
use crate::timing::Timing;

/// How often a write may be made in a row without AWS showing it.
pub const FRUITLESS_LIMIT: u32 = 5;

/// What to do next.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What to do now: all of it at once, if need be.
    pub steps: Vec<Step>,
    /// What cannot be done yet.
    pub waiting: Vec<Waiting>,
    /// What is not done unless someone helps.
    pub blocked: Vec<Blocked>,
    /// How every resource is that is wanted or there.
    pub phases: BTreeMap<NodeId, ResourcePhase>,
    /// Those of them that are somebody else's.
    pub external: BTreeSet<NodeId>,
    /// When there is something to say that time alone brings about.
    pub due: Option<Timestamp>,
}

/// One call to AWS.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Create a resource.
    Create {
        /// With this call.
        request: Box<CreateRequest>,
        /// As it is wanted, for people.
        spec: Spec,
    },
    /// Change one thing of a resource.
    Update {
        /// Which one.
        node: NodeId,
        /// As it is.
        object: Box<Object>,
        /// The change.
        change: Change,
    },
    /// Delete a resource.
    Delete {
        /// Which one.
        node: NodeId,
        /// As it is.
        object: Box<Object>,
        /// Why.
        reason: DeleteReason,
        /// The name of the last snapshot of the data it holds.
        snapshot: Option<String>,
    },
}

/// Why a resource is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteReason {
    /// It is not wanted any more.
    NotWanted,
    /// There are two of it, and nothing uses this one.
    Twin,
    /// AWS gave up on it; it is made anew.
    Failed,
    /// A field of it changed that cannot be changed in place; it is made anew.
    Replaced(&'static str),
    /// What it was of is gone and has left it behind.
    LeftBehind,
}

/// What cannot be done yet.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// What exists of a kind is not known yet.
    Observation {
        /// The kind.
        kind: Kind,
        /// Why the last look failed.
        failure: Option<CloudError>,
    },
    /// Another resource must be ready first.
    Dependency {
        /// What waits.
        node: NodeId,
        /// For what.
        on: NodeId,
    },
    /// Another resource must be gone first.
    Dependent {
        /// What waits.
        node: NodeId,
        /// For what.
        on: NodeId,
    },
    /// Something in it must be gone first; AWS takes it away.
    Occupant {
        /// What waits.
        node: NodeId,
        /// Of what kind it is.
        kind: Kind,
        /// What is in it, for people.
        occupant: String,
    },
    /// Other custom resources must be gone first.
    Dependents {
        /// Their kinds and names.
        names: Vec<String>,
    },
    /// AWS is at work on it.
    Settling {
        /// What.
        node: NodeId,
        /// At what.
        phase: Phase,
        /// What it waits for that somebody else has to do.
        awaits: Option<String>,
    },
    /// AWS, or an instance, is at work towards what is wanted.
    Process {
        /// What.
        node: NodeId,
        /// How far it is.
        what: String,
    },
    /// Whether it exists is being made sure of.
    Confirmation {
        /// What.
        node: NodeId,
        /// Until when at the latest, where that is known.
        until: Option<Timestamp>,
    },
    /// It failed and is tried again.
    Retry {
        /// What.
        node: NodeId,
        /// Until when.
        until: Timestamp,
        /// What failed.
        step: String,
        /// Why.
        error: CloudError,
    },
}

/// What is not done unless someone helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// A field differs that cannot be changed.
    ImmutableField {
        /// Of what.
        node: NodeId,
        /// The field, in the words of the user's spec.
        field: &'static str,
        /// What AWS shows.
        is: String,
        /// What is wanted.
        wanted: String,
    },
    /// An existing resource the spec refers to does not exist.
    ReferenceMissing {
        /// What it was to be.
        node: NodeId,
        /// Its id.
        id: String,
    },
    /// An existing resource the spec refers to is somewhere else.
    Misplaced {
        /// What it was to be.
        node: NodeId,
        /// Its id.
        id: String,
        /// Where it is.
        is: String,
        /// Where it was to be.
        wanted: String,
    },
    /// Its place is taken by a resource that is not ours.
    Taken {
        /// What it was to be.
        node: NodeId,
        /// The other one's id.
        id: String,
        /// What is to be done about it.
        conflict: String,
    },
    /// Something is wrong with it although it works.
    Endangered {
        /// What.
        node: NodeId,
        /// Its id.
        id: String,
        /// What is wrong.
        danger: String,
    },
    /// A resource we made has lost our tags.
    Disowned {
        /// What it was.
        node: NodeId,
        /// Its id.
        id: String,
    },
    /// Somebody else has deleted it, with the data it held.
    Lost {
        /// What.
        node: NodeId,
        /// Its id.
        id: String,
    },
    /// There are two of it and both are used.
    Twins {
        /// Of what.
        node: NodeId,
        /// The ones that are too many.
        ids: Vec<String>,
    },
    /// Something of somebody else is in it or refers to it, so it cannot be deleted.
    Occupied {
        /// What.
        node: NodeId,
        /// Its id.
        id: String,
        /// What is in it, for people.
        occupant: String,
    },
    /// AWS gave up on it, and making it anew would do harm or not help.
    Failed {
        /// What.
        node: NodeId,
        /// Its id.
        id: String,
        /// Why, where AWS says so.
        problem: Option<String>,
    },
    /// What was tried did not succeed, and is not tried again before something changes.
    Unsuccessful {
        /// Of what.
        node: NodeId,
        /// What came of it.
        problem: String,
    },
    /// The same write was made again and again without showing.
    NotConverging {
        /// Of what.
        node: NodeId,
        /// The write.
        change: String,
    },
}

/// What to do next about `desired`, given what exists and what is remembered.
pub fn plan(desired: &Desired, observed: &Observed, memory: &Memory, timing: &Timing, now: Timestamp) -> Plan {
    let known = Known {
        desired,
        observed,
        memory,
    };
    let lasting = known.lasting();
    let desired = lasting.as_ref().unwrap_or(desired);
    let view = View {
        desired,
        observed,
        memory,
        timing,
        now,
    };
    let mut plan = Plan {
        due: desired.due,
        ..Plan::default()
    };
    if !desired.dependents.is_empty() {
        let names = desired.dependents.clone();
        plan.waiting.push(Waiting::Dependents { names });
    }
    if !desired.dependents.is_empty() && desired.nodes.is_empty() {
        // What they stand on stays until they are gone.
        plan.phases = observed
            .objects
            .keys()
            .map(|node| (node.clone(), ResourcePhase::Ready))
            .collect();
        return plan;
    }
    for kind in view.unknown_kinds() {
        let failure = observed.failures.get(&kind).cloned();
        plan.waiting.push(Waiting::Observation { kind, failure });
    }
    for (id, node) in &desired.nodes {
        view.plan_wanted(id, node, &mut plan);
    }
    for node in observed.objects.keys().filter(|node| !desired.nodes.contains_key(node)) {
        view.plan_removal(node, &mut plan);
    }
    view.plan_vague_remains(&mut plan);
    view.plan_void_intents(&mut plan);
    view.explain_doubts(&mut plan);
    plan
}

impl Plan {
    /// Whether nothing is left to do, to wait for or to refuse.
    pub fn is_done(&self) -> bool {
        let Self {
            steps,
            waiting,
            blocked,
            phases: _,
            external: _,
            due: _,
        } = self;
        steps.is_empty() && waiting.is_empty() && blocked.is_empty()
    }

    /// How the resources are that are wanted or leave: what is retained is neither.
    pub fn concerned(&self) -> impl Iterator<Item = (&NodeId, ResourcePhase)> {
        let phases = self.phases.iter().map(|(node, phase)| (node, *phase));
        phases.filter(|(_, phase)| *phase != ResourcePhase::Retained)
    }
}

impl Step {
    /// What the step is about.
    pub fn node(&self) -> &NodeId {
        match self {
            Self::Create { request, spec: _ } => &request.node,
            Self::Update {
                node,
                object: _,
                change: _,
            }
            | Self::Delete {
                node,
                object: _,
                reason: _,
                snapshot: _,
            } => node,
        }
    }
}

/// Everything a plan is made from.
struct View<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    memory: &'a Memory,
    timing: &'a Timing,
    now: Timestamp,
}

impl<'a> View<'a> {
    const fn known(&self) -> Known<'a> {
        Known {
            desired: self.desired,
            observed: self.observed,
            memory: self.memory,
        }
    }

    fn keeper(&self, node: &NodeId) -> Option<&'a Seen> {
        self.known().keeper(node)
    }

    /// Kinds of which something must be known first: those that are wanted, and all where nothing is wanted any more.
    fn unknown_kinds(&self) -> BTreeSet<Kind> {
        let nothing_wanted = self.desired.nodes.is_empty();
        // The last look counts: the one after everything that is known is gone.
        let nothing_known = self.observed.objects.is_empty();
        let since = self.memory.last_write.filter(|_| nothing_wanted && nothing_known);
        Kind::all()
            .filter(|&kind| !self.observed.swept_since(kind, since.unwrap_or(Timestamp::MIN)))
            .filter(|&kind| self.desired.identity.owner.may_have(kind))
            .filter(|&kind| nothing_wanted || self.desired.nodes.keys().any(|node| node.kind == kind))
            .collect()
    }

    /// Why a resource is left alone for now, if it is.
    fn held(&self, node: &NodeId) -> Option<Waiting> {
        let hold = self.memory.holds.get(node)?;
        let blind = hold
            .look_first
            .is_some_and(|failed| !self.observed.looked_since(node, failed));
        (blind || self.now < hold.until).then(|| Waiting::Retry {
            node: node.clone(),
            until: hold.until,
            step: hold.step.clone(),
            error: hold.error.clone(),
        })
    }

    /// The step, or the refusal to take it once more.
    fn guarded(&self, step: Step, plan: &mut Plan) {
        let key = (step.node().clone(), step.to_string());
        if self
            .memory
            .fruitless
            .get(&key)
            .is_some_and(|&times| times >= FRUITLESS_LIMIT)
        {
            let (node, change) = key;
            plan.blocked.push(Blocked::NotConverging { node, change });
        } else {
            plan.steps.push(step);
        }
    }
}

impl Refs for View<'_> {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        self.known().usable(node)
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.known().settled(node)
    }

    fn state(&self, node: &NodeId) -> Option<&State> {
        self.keeper(node).map(|seen| &seen.object.state)
    }

    fn swept(&self, kind: Kind) -> Option<Timestamp> {
        self.known().swept(kind)
    }
}

#[cfg(test)]
mod tests;
