//! Saying what is not known, and why not.

use std::collections::BTreeSet;

use hastack_api::ResourcePhase;

use super::{Plan, View, Waiting};
use crate::kind::Lane;
use crate::owner::NodeId;
use crate::timing::after;

impl View<'_> {
    /// Says why what is being made sure of cannot be: the look at it fails.
    pub(super) fn explain_doubts(&self, plan: &mut Plan) {
        let doubted: BTreeSet<_> = plan
            .waiting
            .iter()
            .filter_map(|waiting| match waiting {
                Waiting::Confirmation { node, until: _ } => Some(node.kind),
                Waiting::Observation { .. }
                | Waiting::Dependency { .. }
                | Waiting::Dependent { .. }
                | Waiting::Occupant { .. }
                | Waiting::Dependents { .. }
                | Waiting::Settling { .. }
                | Waiting::Process { .. }
                | Waiting::Retry { .. } => None,
            })
            .collect();
        for kind in doubted {
            if let Some(failure) = self
                .observed
                .failures
                .get(&kind)
                .filter(|_| self.observed.swept.contains_key(&kind))
            {
                plan.waiting.push(Waiting::Observation {
                    kind,
                    failure: Some(failure.clone()),
                });
            }
        }
    }

    /// What is not wanted, is looked at one by one, and may be there.
    pub(super) fn plan_vague_remains(&self, plan: &mut Plan) {
        let known = |node: &NodeId| self.desired.nodes.contains_key(node) || self.observed.objects.contains_key(node);
        let vague = self.observed.doubtful.iter().filter(|node| !known(node));
        for node in vague.filter(|node| node.kind.row().lane == Lane::Named) {
            plan.phases.insert(node.clone(), ResourcePhase::Deleting);
            plan.waiting.push(Waiting::Confirmation {
                node: node.clone(),
                until: None,
            });
        }
    }

    /// Creations whose outcome is not known, of resources that nobody wants any more.
    pub(super) fn plan_void_intents(&self, plan: &mut Plan) {
        for (node, at) in &self.memory.intents {
            if !self.desired.nodes.contains_key(node) && !self.observed.objects.contains_key(node) {
                let until = Some(after(*at, self.timing.grace));
                plan.waiting.push(Waiting::Confirmation {
                    node: node.clone(),
                    until,
                });
            }
        }
    }
}
