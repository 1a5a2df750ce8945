//! Planning what stays in AWS although it is not wanted any more: it is marked once and otherwise left as it is. What it needs is not
//! kept for it.

use hastack_api::{DeletionPolicy, ResourcePhase};

use super::{Plan, Step, View, Waiting};
use crate::kind::Carrier;
use crate::object::{Object, Phase};
use crate::owner::NodeId;
use crate::resource::Change;
use crate::tag;

impl View<'_> {
    /// Whether what is not wanted stays: because everything does, or by its own policy. One that lost our tags has none.
    pub(super) fn stays(&self, node: &NodeId) -> bool {
        let objects = self.observed.objects.get(node).into_iter().flatten();
        let mut policies = objects.map(|seen| tag::outlives_its_owner(&seen.object.tags));
        match self.desired.disposal {
            DeletionPolicy::Retain => true,
            DeletionPolicy::Delete if self.observed.disowned.contains_key(node) => false,
            DeletionPolicy::Delete => self.desired.keeps.contains(node) || policies.all(|stays| stays),
        }
    }

    pub(super) fn plan_retention(&self, node: &NodeId, plan: &mut Plan) {
        plan.phases.insert(node.clone(), ResourcePhase::Retained);
        // What has no tags of its own, or lost them, cannot be marked.
        if node.kind.row().carrier != Carrier::Tags || self.observed.disowned.contains_key(node) {
            return;
        }
        for seen in self.observed.objects.get(node).into_iter().flatten() {
            self.plan_mark(node, &seen.object, plan);
        }
    }

    /// Marks an object as retained, once.
    pub(super) fn plan_mark(&self, node: &NodeId, object: &Object, plan: &mut Plan) {
        if matches!(object.phase, Phase::Deleting | Phase::Deleted) {
            plan.phases.insert(node.clone(), ResourcePhase::Deleting);
            plan.waiting.push(Waiting::Settling {
                node: node.clone(),
                phase: Phase::Deleting,
                awaits: None,
            });
        } else if object.tags.contains_key(tag::RETAINED_AT) {
            // It is done.
        } else if let Some(waiting) = self.held(node) {
            plan.waiting.push(waiting);
        } else {
            let step = Step::Update {
                node: node.clone(),
                object: Box::new(object.clone()),
                change: Change::Tags(tag::Change::retain(self.now)),
            };
            self.guarded(step, plan);
        }
    }
}
