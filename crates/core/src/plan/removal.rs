//! Planning the removal of what is not wanted, in the reverse order of the table.

use hastack_api::ResourcePhase;

use super::{Blocked, DeleteReason, Plan, Step, View, Waiting};
use crate::kind::Recovery;
use crate::object::{Object, Phase};
use crate::owner::NodeId;

impl View<'_> {
    pub(super) fn plan_removal(&self, node: &NodeId, plan: &mut Plan) {
        if node.kind.row().recovery == Recovery::Inherent {
            return;
        }
        plan.phases.insert(node.clone(), ResourcePhase::Deleting);
        if let Some(id) = self.observed.disowned.get(node) {
            plan.blocked.push(Blocked::Disowned {
                node: node.clone(),
                id: id.clone(),
            });
            return;
        }
        for seen in self.observed.objects.get(node).into_iter().flatten() {
            self.plan_removal_of(node, &seen.object, plan);
        }
    }

    fn plan_removal_of(&self, node: &NodeId, object: &Object, plan: &mut Plan) {
        let waiting = if matches!(object.phase, Phase::Deleting | Phase::Deleted) {
            Some(Waiting::Settling {
                node: node.clone(),
                phase: Phase::Deleting,
            })
        } else if let Some(on) = self.outlasts(node, object) {
            Some(Waiting::Dependent {
                node: node.clone(),
                on: on.clone(),
            })
        } else {
            self.held(node)
        };
        if let Some(waiting) = waiting {
            plan.waiting.push(waiting);
            return;
        }
        let object = Box::new(object.clone());
        let step = match object.state.teardown() {
            Some(change) => Step::Update {
                node: node.clone(),
                object,
                change,
            },
            None => Step::Delete {
                node: node.clone(),
                object,
                reason: DeleteReason::NotWanted,
            },
        };
        self.guarded(step, plan);
    }

    /// What must be gone, or must let go, before this object can be deleted.
    fn outlasts(&self, node: &NodeId, object: &Object) -> Option<&NodeId> {
        // What comes with its parent goes with it.
        let leaves =
            |other: &NodeId| !self.desired.nodes.contains_key(other) && other.kind.row().recovery != Recovery::Inherent;
        let dependent = self
            .observed
            .objects
            .keys()
            .find(|other| leaves(other) && other.kind.depends_on(node.kind));
        dependent.or_else(|| {
            // A resource that stays must let go first; one that leaves too has its place in the table.
            let id = object.id.as_str();
            self.observed
                .all()
                .find(|(user, other)| self.desired.nodes.contains_key(user) && other.state.uses().contains(&id))
                .map(|(user, _)| user)
        })
    }
}
