//! What is remembered of one custom resource between two passes: what status keeps (it survives a crash), and what does not.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::{CommonStatus, Intent};
use jiff::Timestamp;

use crate::desired::Desired;
use crate::kind::Recovery;
use crate::observed::Observed;
use crate::owner::NodeId;
use crate::plan::{Blocked, Plan};
use crate::retry::Hold;
use crate::timing::{Timing, after};

/// What is remembered of one custom resource.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Creations that were started and not seen yet, with their time. In status, written before the call.
    pub intents: BTreeMap<NodeId, Timestamp>,
    /// The id each resource has or last had. In status; decides between twins and makes a new token for a successor.
    pub recorded: BTreeMap<NodeId, String>,
    /// What AWS calls what holds data, whatever it is renamed to. In status; tells one that was renamed from a copy.
    pub originals: BTreeMap<NodeId, String>,
    /// What stood there before, for creations with a token that AWS has not shown yet. Status keeps that until then: should this process
    /// end, and AWS go on hiding what was created, the same creation has the same token.
    pub predecessors: BTreeMap<NodeId, Option<String>>,
    /// Keys of the user's tags that may be on resources. In status, written before the first use.
    pub tag_keys: BTreeSet<String>,
    /// Resources that are left alone for a while after a failure.
    pub holds: BTreeMap<NodeId, Hold>,
    /// How often each write was made without showing.
    pub fruitless: BTreeMap<(NodeId, String), u32>,
    /// The time of the last write to AWS.
    pub last_write: Option<Timestamp>,
    /// Since when it is not known what keeps others from being deleted: the last deletion of something that has network interfaces,
    /// or the last refusal of a deletion.
    pub occupants_unknown: Option<Timestamp>,
    /// The generation of the spec the above speaks of.
    pub generation: Option<i64>,
}

impl Memory {
    /// What the status of a custom resource kept. A line that cannot be read is of a newer version, and left alone.
    pub fn recall(status: &CommonStatus) -> Self {
        let ours = status.resources.iter().filter(|resource| !resource.external);
        let recorded = ours
            .clone()
            .filter_map(|resource| Some((resource.id.parse().ok()?, resource.aws_id.clone()?)));
        let originals = ours.filter_map(|resource| Some((resource.id.parse().ok()?, resource.resource_id.clone()?)));
        let intents = status
            .intents
            .iter()
            .filter_map(|intent| Some((intent.id.parse().ok()?, intent.at)));
        Self {
            intents: intents.collect(),
            recorded: recorded.collect(),
            originals: originals.collect(),
            tag_keys: status.tag_keys.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// Takes note of what was created.
    pub fn take_note(&mut self, node: &NodeId, aws_id: &str) {
        let earlier = self.recorded.insert(node.clone(), aws_id.to_owned());
        if node.kind.row().recovery == Recovery::Token {
            self.predecessors.entry(node.clone()).or_insert(earlier);
        }
    }

    /// The id that status keeps of a resource.
    pub fn lasting(&self, node: &NodeId) -> Option<&String> {
        match self.predecessors.get(node) {
            Some(earlier) => earlier.as_ref(),
            None => self.recorded.get(node),
        }
    }

    /// The intents as status keeps them.
    pub fn intents(&self) -> Vec<Intent> {
        self.intents
            .iter()
            .map(|(node, at)| Intent {
                id: node.to_string(),
                at: *at,
            })
            .collect()
    }

    /// Forgets what a changed spec makes void: failures and fruitless writes of the old one.
    pub fn turn_to(&mut self, generation: Option<i64>) {
        if self.generation != generation {
            self.generation = generation;
            self.holds.clear();
            self.fruitless.clear();
        }
    }

    /// Learns from what was seen: an intent ends when its resource is seen, or when it is certain that there is none;
    /// a write that shows is not fruitless.
    pub fn learn(&mut self, desired: &Desired, observed: &Observed, timing: &Timing) {
        self.intents.retain(|node, at| {
            let seen = observed
                .objects
                .get(node)
                .is_some_and(|objects| objects.iter().any(|seen| seen.confirmed));
            let void = observed.swept_since(node.kind, after(*at, timing.grace));
            !(seen || void)
        });
        let unseen = |node: &NodeId| {
            let objects = observed.objects.get(node);
            objects.is_some_and(|objects| objects.iter().all(|seen| !seen.confirmed))
        };
        self.predecessors.retain(|node, _| unseen(node));
        let ours = |node: &&NodeId| match desired.nodes.get(node) {
            Some(wanted) => !wanted.is_external(),
            None => node.kind.row().recovery != Recovery::Inherent,
        };
        for node in observed.objects.keys().filter(ours) {
            let recorded = self.recorded.get(node).map(String::as_str);
            if let Some(keeper) = observed.keeper(node, recorded) {
                self.recorded.insert(node.clone(), keeper.object.id.clone());
                let original = keeper.object.resource_id().map(str::to_owned);
                self.originals.extend(original.map(|original| (node.clone(), original)));
            }
        }
    }

    /// Learns from what was planned: a write that is not asked for again shows; what is neither wanted nor there is forgotten.
    pub fn learn_from_plan(&mut self, desired: &Desired, observed: &Observed, plan: &Plan) {
        let steps: BTreeSet<_> = plan
            .steps
            .iter()
            .map(|step| (step.node().clone(), step.to_string()))
            .collect();
        let refused: BTreeSet<_> = plan
            .blocked
            .iter()
            .filter_map(|blocked| match blocked {
                Blocked::NotConverging { node, change } => Some((node.clone(), change.clone())),
                Blocked::ImmutableField { .. }
                | Blocked::ReferenceMissing { .. }
                | Blocked::Misplaced { .. }
                | Blocked::Taken { .. }
                | Blocked::Endangered { .. }
                | Blocked::Disowned { .. }
                | Blocked::Lost { .. }
                | Blocked::Twins { .. }
                | Blocked::Occupied { .. }
                | Blocked::Unsuccessful { .. }
                | Blocked::Failed { .. } => None,
            })
            .collect();
        let shows = |node: &NodeId| {
            observed
                .objects
                .get(node)
                .is_some_and(|seen| seen.iter().all(|seen| seen.confirmed))
        };
        self.fruitless
            .retain(|key, _| steps.contains(key) || refused.contains(key) || !shows(&key.0));
        let gone = |node: &NodeId| {
            let there = observed.objects.contains_key(node) || observed.doubtful.contains(node);
            !(there || desired.nodes.contains_key(node)) && observed.swept.contains_key(&node.kind)
        };
        let forgotten: Vec<_> = self.recorded.keys().filter(|node| gone(node)).cloned().collect();
        for node in forgotten {
            self.forget(&node);
        }
        if self.recorded.is_empty() && observed.objects.is_empty() {
            self.tag_keys.retain(|key| desired.tags.contains_key(key));
        }
    }

    /// Forgets everything about a resource that is neither wanted nor there.
    fn forget(&mut self, node: &NodeId) {
        self.recorded.remove(node);
        self.originals.remove(node);
        self.predecessors.remove(node);
        self.holds.remove(node);
        self.fruitless.retain(|(other, _), _| other != node);
    }
}
