//! What is known of an owner's resources, for the specs that refer to each other.

use jiff::Timestamp;

use crate::desired::Desired;
use crate::kind::Kind;
use crate::memory::Memory;
use crate::object::Phase;
use crate::observed::{Observed, Seen};
use crate::owner::NodeId;
use crate::resource::{Refs, State};

/// What is known of one owner's resources.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What is wanted.
    pub desired: &'a Desired,
    /// What exists.
    pub observed: &'a Observed,
    /// What is remembered.
    pub memory: &'a Memory,
}

impl<'a> Known<'a> {
    /// The one of possible twins that counts.
    pub fn keeper(&self, node: &NodeId) -> Option<&'a Seen> {
        let recorded = self.memory.recorded.get(node).map(String::as_str);
        self.observed.keeper(node, recorded)
    }

    /// What is wanted without what has served its purpose, where there is such.
    pub fn lasting(&self) -> Option<Desired> {
        let served = |until: &Option<NodeId>| until.as_ref().is_some_and(|until| self.settled(until).is_ok());
        if !self.desired.nodes.values().any(|node| served(&node.until)) {
            return None;
        }
        let mut desired = self.desired.clone();
        desired.nodes.retain(|_, node| !served(&node.until));
        Some(desired)
    }

    /// The ids that are known beforehand of what is wanted.
    pub fn named(&self) -> Vec<(NodeId, String)> {
        let nodes = self.desired.nodes.iter();
        nodes
            .filter_map(|(node, wanted)| Some((node.clone(), wanted.spec.known_id(self)?)))
            .collect()
    }
}

impl Refs for Known<'_> {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        if node.whose.is_some() {
            return self.desired.neighbours.get(node).cloned().ok_or_else(|| node.clone());
        }
        match self.keeper(node) {
            Some(seen) if seen.object.phase == Phase::Ready && !self.observed.doubtful.contains(node) => {
                Ok(seen.object.id.clone())
            }
            Some(_) | None => Err(node.clone()),
        }
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        let id = self.usable(node)?;
        if node.whose.is_some() {
            return Ok(id);
        }
        let as_wanted = match (self.desired.nodes.get(node), self.keeper(node)) {
            (Some(wanted), Some(seen)) => wanted.spec.compare(&seen.object.state, self).is_empty(),
            (_, _) => false,
        };
        as_wanted.then_some(id).ok_or_else(|| node.clone())
    }

    fn state(&self, node: &NodeId) -> Option<&State> {
        self.keeper(node).map(|seen| &seen.object.state)
    }

    fn swept(&self, kind: Kind) -> Option<Timestamp> {
        self.observed.swept.get(&kind).copied()
    }
}
