//! What a pass means for the custom resource: its status and events. Pure; a status that says the same is the same.

mod bastion;
mod certificate;
mod conditions;
mod database;
mod file_system;
mod load_balancer;
mod network;
mod notice;
mod service;
mod stack;

use hastack_api::condition::ConditionType;
use hastack_api::{Custom, ResourcePhase, ResourceStatus, Status};
use jiff::Timestamp;

use crate::apply::Outcome;
use crate::binding::Binding;
use crate::cloud::CloudError;
use crate::desire::{Inputs, SpecError};
use crate::kind::{Area, Kind};
use crate::memory::Memory;
use crate::object::Object;
use crate::owner::NodeId;
use crate::plan::{Plan, Waiting};

pub use notice::{Notice, notices};

/// The most lines of a plan that status keeps.
const MAX_PLAN_LINES: usize = 50;
/// The longest line of a plan that status keeps, in bytes.
const MAX_PLAN_LINE: usize = 500;

/// What came of a pass.
#[derive(Clone, Copy, Debug)]
pub enum Situation<'a> {
    /// The spec cannot be met; AWS was not called.
    Invalid(&'a SpecError),
    /// Something must be known first, and why it is not.
    Unknown(&'a str, Option<&'a CloudError>),
    /// A pass was made.
    Passed(&'a Outcome),
}

/// A custom resource with parts that are reported one by one.
pub trait Reported: Custom {
    /// Its parts with their conditions; the first is there always.
    const AREAS: &'static [(Area, ConditionType)];

    /// Puts into the status what it says of each part.
    fn fill(kept: &Kept<'_, Self>, status: &mut Self::Status);

    /// What AWS says of itself that has not been said in the earlier status.
    fn news(_outcome: &Outcome, _earlier: &Self::Status) -> Vec<Notice> {
        Vec::new()
    }

    /// Whether what a program needs to connect to it is put somewhere.
    fn binds(&self) -> bool {
        false
    }

    /// The name of the Secret that it was put into.
    fn bound(_status: &Self::Status) -> Option<String> {
        None
    }

    /// What a program needs to connect to it, where that is asked for and known.
    fn binding(_kept: &Kept<'_, Self>, _status: &Self::Status) -> Option<Binding> {
        None
    }
}

/// Where a custom resource is built, and beside what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Home<'a> {
    /// The account, where it is known.
    pub account: Option<&'a str>,
    /// The region, where it is known.
    pub region: Option<&'a str>,
    /// What its spec was read together with, where it was.
    pub inputs: Option<&'a Inputs>,
}

/// The whole status of a custom resource after a pass.
pub fn report<K: Reported>(
    object: &K,
    situation: Situation<'_>,
    memory: &Memory,
    home: Home<'_>,
    now: Timestamp,
) -> K::Status {
    let earlier = object.status().cloned().unwrap_or_default();
    if says_nothing_new(object, &earlier, situation) {
        return earlier;
    }
    let mut status = earlier;
    status.observed_generation = object.meta().generation;
    status.intents = memory.intents();
    status.tag_keys = memory.tag_keys.iter().cloned().collect();
    let Home {
        account,
        region,
        inputs,
    } = home;
    status.account = account.map(str::to_owned).or(status.account.take());
    status.region = region.map(str::to_owned).or(status.region.take());
    match situation {
        Situation::Invalid(_) => status.plan.clear(),
        Situation::Unknown(_, _) => {}
        Situation::Passed(outcome) => {
            status.plan = plan_lines(outcome);
            status.progress = Some(progress(object, outcome));
            let kept = Kept {
                object,
                outcome,
                memory,
                inputs,
            };
            status.resources = resources(&kept);
            K::fill(&kept, &mut status);
        }
    }
    conditions::set_all(object, situation, &mut status.conditions, now);
    status
}

/// What a program needs to connect to a custom resource, whose status after a pass is this.
pub fn binding<K: Reported>(
    object: &K,
    status: &K::Status,
    outcome: &Outcome,
    memory: &Memory,
    inputs: Option<&Inputs>,
) -> Option<Binding> {
    let kept = Kept {
        object,
        outcome,
        memory,
        inputs,
    };
    K::binding(&kept, status)
}

/// Says in a status that what a program needs to connect could not be put where it belongs.
pub fn unbound<K: Custom>(object: &K, status: &mut K::Status, problem: &str, now: Timestamp) {
    let generation = object.meta().generation;
    conditions::unbound(&mut status.conditions, problem, generation, now);
}

/// The status that outlasts a crash in the middle of a pass: the earlier one, with what memory holds.
pub fn record<S: Status>(earlier: &S, memory: &Memory) -> S {
    let mut status = earlier.clone();
    status.intents = memory.intents();
    status.tag_keys = memory.tag_keys.iter().cloned().collect();
    for node in memory.recorded.keys() {
        let Some(aws_id) = memory.lasting(node) else { continue };
        let id = node.to_string();
        match status.resources.iter_mut().find(|resource| resource.id == id) {
            Some(resource) => resource.aws_id = Some(aws_id.clone()),
            None => status.resources.push(ResourceStatus {
                id,
                aws_id: Some(aws_id.clone()),
                resource_id: memory.originals.get(node).cloned(),
                phase: ResourcePhase::Pending,
                external: false,
            }),
        }
    }
    status
}

/// Whether all there is to say is that we have not looked yet, which takes nothing from what was said before.
fn says_nothing_new<K: Custom>(object: &K, earlier: &K::Status, situation: Situation<'_>) -> bool {
    let unchanged = earlier.observed_generation.is_some()
        && earlier.observed_generation == object.meta().generation
        && object.meta().deletion_timestamp.is_none();
    let looking = match situation {
        Situation::Invalid(_) => false,
        Situation::Unknown(_, failure) => failure.is_none(),
        Situation::Passed(outcome) => {
            let looks = outcome.plan.waiting.iter().any(|waiting| match waiting {
                Waiting::Observation { kind: _, failure } => failure.is_none(),
                Waiting::Dependency { .. }
                | Waiting::Dependent { .. }
                | Waiting::Occupant { .. }
                | Waiting::Dependents { .. }
                | Waiting::Settling { .. }
                | Waiting::Process { .. }
                | Waiting::Confirmation { .. }
                | Waiting::Retry { .. } => false,
            });
            looks && outcome.done.is_empty() && outcome.failures.is_empty()
        }
    };
    unchanged && looking
}

fn plan_lines(outcome: &Outcome) -> Vec<String> {
    let text = outcome.plan.to_string();
    let mut lines: Vec<String> = text.lines().map(shorten).collect();
    let more = lines.len().saturating_sub(MAX_PLAN_LINES);
    if more > 0 {
        lines.truncate(MAX_PLAN_LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn shorten(line: &str) -> String {
    let end = line.floor_char_boundary(MAX_PLAN_LINE);
    line[..end].to_owned()
}

fn resources<K>(kept: &Kept<'_, K>) -> Vec<ResourceStatus> {
    let Plan { phases, external, .. } = &kept.outcome.plan;
    let aws_id = |node: &NodeId| match kept.get(node) {
        Some(_) if kept.memory.predecessors.contains_key(node) => kept.memory.lasting(node).cloned(),
        Some(object) => Some(object.id.clone()),
        None if external.contains(node) => kept.outcome.observed.taken.get(node).map(|object| object.id.clone()),
        None => kept.memory.recorded.get(node).cloned(),
    };
    let status = |(node, phase): (&NodeId, &ResourcePhase)| ResourceStatus {
        id: node.to_string(),
        aws_id: aws_id(node),
        resource_id: kept.memory.originals.get(node).cloned(),
        phase: *phase,
        external: external.contains(node),
    };
    phases.iter().map(status).collect()
}

fn progress<K: Custom>(object: &K, outcome: &Outcome) -> String {
    let plan = &outcome.plan;
    let concerned = plan.concerned().count();
    if object.meta().deletion_timestamp.is_some() {
        return format!("{concerned} left");
    }
    let ready = plan
        .concerned()
        .filter(|(_, phase)| *phase == ResourcePhase::Ready)
        .count();
    format!("{ready}/{concerned}")
}

/// What exists, one of each.
#[derive(Debug)]
pub struct Kept<'a, K> {
    object: &'a K,
    outcome: &'a Outcome,
    memory: &'a Memory,
    inputs: Option<&'a Inputs>,
}

impl<K> Kept<'_, K> {
    /// The one that is kept of what may be several.
    fn get(&self, node: &NodeId) -> Option<&Object> {
        let recorded = self.memory.recorded.get(node).map(String::as_str);
        self.outcome.observed.keeper(node, recorded).map(|seen| &seen.object)
    }

    /// All of a kind.
    fn of(&self, kind: Kind) -> impl Iterator<Item = (&NodeId, &Object)> {
        let nodes = self
            .outcome
            .observed
            .objects
            .keys()
            .filter(move |node| node.kind == kind);
        nodes.filter_map(|node| Some((node, self.get(node)?)))
    }
}

#[cfg(test)]
mod tests;
