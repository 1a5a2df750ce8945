//! Planning a resource that is wanted.

use hastack_api::ResourcePhase;
use jiff::Timestamp;

use super::{Blocked, DeleteReason, Plan, Step, View, Waiting};
use crate::cloud::CreateRequest;
use crate::desired::{Node, Origin};
use crate::digest::digest;
use crate::kind::{Carrier, Recovery, Replacement};
use crate::object::{Object, Phase};
use crate::observed::Seen;
use crate::owner::NodeId;
use crate::resource::{Change, Create, Danger, Finding, Refs, Spec};
use crate::tag;
use crate::timing::after;

impl View<'_> {
    pub(super) fn plan_wanted(&self, id: &NodeId, node: &Node, plan: &mut Plan) {
        let phase = if let (Some(aws_id), Origin::Managed) = (self.observed.disowned.get(id), &node.origin) {
            plan.blocked.push(Blocked::Disowned {
                node: id.clone(),
                id: aws_id.clone(),
            });
            ResourcePhase::Failed
        } else if let Some(seen) = self.keeper(id) {
            self.plan_twins(id, seen, plan);
            self.plan_present(id, node, seen, plan)
        } else if let Some(object) = self.observed.taken.get(id) {
            self.plan_taken(id, node, object, plan)
        } else {
            self.plan_absent(id, node, plan);
            ResourcePhase::Missing
        };
        if node.is_external() {
            plan.external.insert(id.clone());
        }
        plan.phases.insert(id.clone(), phase);
    }

    fn plan_absent(&self, id: &NodeId, node: &Node, plan: &mut Plan) {
        let waiting = if !self.observed.swept.contains_key(&id.kind) && node.origin == Origin::Managed {
            // Said once for the whole kind.
            None
        } else if self.observed.doubtful.contains(id) || self.may_be_taken(id) || self.changes_hands(id) {
            Some(Waiting::Confirmation {
                node: id.clone(),
                until: None,
            })
        } else if let Origin::External(aws_id) = &node.origin {
            plan.blocked.push(Blocked::ReferenceMissing {
                node: id.clone(),
                id: aws_id.clone(),
            });
            None
        } else if let Some(at) = self.memory.intents.get(id) {
            Some(self.unknown_outcome(id, after(*at, self.timing.grace)))
        } else if let Some(lost) = self.lost(id, node) {
            plan.blocked.push(lost);
            None
        } else if let Some(waiting) = self.held(id) {
            Some(waiting)
        } else {
            match node.spec.create(self) {
                Ok(create) => {
                    let request = Box::new(self.create_request(id, create));
                    self.guarded(
                        Step::Create {
                            request,
                            spec: node.spec.clone(),
                        },
                        plan,
                    );
                    None
                }
                // Its parent is there, so it is too, and only has to be seen.
                Err(on) if node.origin == Origin::Inherent && self.usable(&on).is_ok() => Some(Waiting::Confirmation {
                    node: id.clone(),
                    until: None,
                }),
                Err(on) => Some(Waiting::Dependency { node: id.clone(), on }),
            }
        };
        plan.waiting.extend(waiting);
    }

    /// Whether another one is about to have its name.
    fn changes_hands(&self, id: &NodeId) -> bool {
        id.kind.row().holds_data && self.observed.all().any(|(_, object)| object.is_switching_names())
    }

    /// One that was there with data of its own and is not any more.
    fn lost(&self, id: &NodeId, node: &Node) -> Option<Blocked> {
        let (Spec::DbInstance(database) | Spec::DbCluster(database)) = &node.spec else {
            return None;
        };
        let recorded = self.memory.recorded.get(id).filter(|_| !node.recreated)?;
        (!database.source.is_anothers()).then(|| Blocked::Lost {
            node: id.clone(),
            id: recorded.clone(),
        })
    }

    /// Whether somebody else may have got the name since the last look, where AWS would answer with what they have.
    fn may_be_taken(&self, id: &NodeId) -> bool {
        let swept = self.observed.swept.get(&id.kind);
        let is_old = swept.is_none_or(|&swept| after(swept, self.timing.grace) < self.now);
        id.kind.row().shares_names && is_old
    }

    /// A creation of which it is not known whether it took place: with the reason, where this process has seen it.
    fn unknown_outcome(&self, id: &NodeId, until: Timestamp) -> Waiting {
        let node = id.clone();
        match self.memory.holds.get(id) {
            Some(hold) => Waiting::Retry {
                node,
                until: until.max(hold.until),
                step: hold.step.clone(),
                error: hold.error.clone(),
            },
            None => Waiting::Confirmation {
                node,
                until: Some(until),
            },
        }
    }

    fn plan_present(&self, id: &NodeId, node: &Node, seen: &Seen, plan: &mut Plan) -> ResourcePhase {
        let object = &seen.object;
        if self.observed.doubtful.contains(id) {
            plan.waiting.push(Waiting::Confirmation {
                node: id.clone(),
                until: None,
            });
            return ResourcePhase::Pending;
        }
        match object.phase {
            Phase::Ready => self.plan_ready(id, node, object, plan),
            Phase::Pending => {
                plan.waiting.push(Waiting::Settling {
                    node: id.clone(),
                    phase: object.phase,
                    awaits: node.spec.awaits(&object.state),
                });
                ResourcePhase::Pending
            }
            Phase::Deleting | Phase::Deleted => {
                plan.waiting.push(Waiting::Settling {
                    node: id.clone(),
                    phase: object.phase,
                    awaits: None,
                });
                ResourcePhase::Deleting
            }
            Phase::Failed => {
                self.plan_failed(id, node, object, plan);
                ResourcePhase::Failed
            }
        }
    }

    fn plan_ready(&self, id: &NodeId, node: &Node, object: &Object, plan: &mut Plan) -> ResourcePhase {
        if let Origin::External(_) = node.origin {
            return self.plan_external(id, node, object, plan);
        }
        let mut findings = node.spec.compare(&object.state, self);
        if node.origin == Origin::Managed && id.kind.row().carrier == Carrier::Tags {
            let changes = tag::compare(&object.tags, &self.desired.tags(id), &self.memory.tag_keys);
            findings.extend(changes.into_iter().map(|change| Finding::Change(Change::Tags(change))));
        }
        if object.state.lacks_details() {
            let failure = self.observed.failures.get(&id.kind).cloned();
            plan.waiting.push(Waiting::Observation { kind: id.kind, failure });
            return ResourcePhase::Pending;
        }
        if findings.is_empty() {
            return self.plan_danger(id, object, plan);
        }
        if let Some(waiting) = self.held(id) {
            plan.waiting.push(waiting);
            return ResourcePhase::Pending;
        }
        // What is made anew need not be changed before.
        let anew = findings.iter().position(|finding| match finding {
            Finding::Replace { field: _ } => true,
            Finding::Immutable { .. } => id.kind.row().replacement == Replacement::DeleteThenCreate,
            Finding::Change(_) | Finding::Wait(_) | Finding::Underway(_) | Finding::Failed(_) => false,
        });
        if let Some(anew) = anew {
            findings = vec![findings.swap_remove(anew)];
        }
        for finding in findings {
            self.plan_finding(id, object, finding, plan);
        }
        ResourcePhase::Pending
    }

    /// An existing resource is looked at and left as it is; it must be where the spec says.
    fn plan_external(&self, id: &NodeId, node: &Node, object: &Object, plan: &mut Plan) -> ResourcePhase {
        for finding in node.spec.compare(&object.state, self) {
            if let Finding::Immutable {
                field: "network",
                is,
                wanted,
            } = finding
            {
                plan.blocked.push(Blocked::Misplaced {
                    node: id.clone(),
                    id: object.id.clone(),
                    is,
                    wanted,
                });
                return ResourcePhase::Failed;
            }
        }
        self.plan_danger(id, object, plan)
    }

    /// Says what is wrong with a resource that works, from when on it is.
    fn plan_danger(&self, id: &NodeId, object: &Object, plan: &mut Plan) -> ResourcePhase {
        match object.state.danger() {
            None => ResourcePhase::Ready,
            Some(Danger { since, what: _ }) if self.now < since => {
                plan.due = plan.due.into_iter().chain([since]).min();
                ResourcePhase::Ready
            }
            Some(Danger { since: _, what }) => {
                plan.blocked.push(Blocked::Endangered {
                    node: id.clone(),
                    id: object.id.clone(),
                    danger: what,
                });
                ResourcePhase::Pending
            }
        }
    }

    /// In its place is a resource that is not ours: it is left alone, and serves if it happens to be as wanted.
    fn plan_taken(&self, id: &NodeId, node: &Node, object: &Object, plan: &mut Plan) -> ResourcePhase {
        if let Err(on) = node.spec.create(self) {
            plan.waiting.push(Waiting::Dependency { node: id.clone(), on });
            return ResourcePhase::Missing;
        }
        match node.spec.conflict(&object.state, self) {
            None => {
                plan.external.insert(id.clone());
                ResourcePhase::Ready
            }
            Some(conflict) => {
                plan.blocked.push(Blocked::Taken {
                    node: id.clone(),
                    id: object.id.clone(),
                    conflict,
                });
                ResourcePhase::Missing
            }
        }
    }

    fn plan_finding(&self, id: &NodeId, object: &Object, finding: Finding<Change>, plan: &mut Plan) {
        match finding {
            Finding::Change(change) => {
                let step = Step::Update {
                    node: id.clone(),
                    object: Box::new(object.clone()),
                    change,
                };
                self.guarded(step, plan);
            }
            Finding::Wait(on) => plan.waiting.push(Waiting::Dependency { node: id.clone(), on }),
            Finding::Underway(what) => plan.waiting.push(Waiting::Process { node: id.clone(), what }),
            Finding::Failed(problem) => plan.blocked.push(Blocked::Unsuccessful {
                node: id.clone(),
                problem,
            }),
            Finding::Replace { field } => self.plan_anew(id, object, DeleteReason::Replaced(field), plan),
            Finding::Immutable { field, is, wanted } => match id.kind.row().replacement {
                Replacement::DeleteThenCreate => {
                    self.plan_anew(id, object, DeleteReason::Replaced(field), plan);
                }
                Replacement::Never => {
                    plan.blocked.push(Blocked::ImmutableField {
                        node: id.clone(),
                        field,
                        is,
                        wanted,
                    });
                }
            },
        }
    }

    /// AWS gave up on a resource: it is made anew, if that does no harm and may help.
    fn plan_failed(&self, id: &NodeId, node: &Node, object: &Object, plan: &mut Plan) {
        let harmless = id.kind.row().replacement == Replacement::DeleteThenCreate && node.origin == Origin::Managed;
        let problem = object.state.problem();
        // What has become of it says nothing of what is wanted now, if that is something else.
        let findings = node.spec.compare(&object.state, self);
        let differs = findings.iter().any(|finding| match finding {
            Finding::Immutable { .. } | Finding::Replace { field: _ } => true,
            Finding::Change(_) | Finding::Wait(_) | Finding::Underway(_) | Finding::Failed(_) => false,
        });
        if harmless && (problem.is_none() || differs) {
            self.plan_anew(id, object, DeleteReason::Failed, plan);
        } else {
            plan.blocked.push(Blocked::Failed {
                node: id.clone(),
                id: object.id.clone(),
                problem,
            });
        }
    }

    /// Deletes a resource that is made anew.
    fn plan_anew(&self, id: &NodeId, object: &Object, reason: DeleteReason, plan: &mut Plan) {
        if let Some(waiting) = self.held(id) {
            plan.waiting.push(waiting);
            return;
        }
        let (node, object) = (id.clone(), Box::new(object.clone()));
        let step = match self.teardown(&object) {
            Some(change) => Step::Update { node, object, change },
            None => Step::Delete {
                node,
                object,
                reason,
                snapshot: None,
            },
        };
        if !plan.steps.contains(&step) {
            self.guarded(step, plan);
        }
    }

    /// Deletes the twins of a resource that nothing uses.
    fn plan_twins(&self, id: &NodeId, keeper: &Seen, plan: &mut Plan) {
        let objects = self
            .observed
            .objects
            .get(id)
            .into_iter()
            .flatten()
            .map(|seen| &seen.object);
        let twins = objects.filter(|object| object.id != keeper.object.id && object.phase != Phase::Deleting);
        let (used, unused): (Vec<_>, Vec<_>) =
            twins.partition(|twin| self.observed.users(id, &twin.id).next().is_some());
        // A copy of what holds data may be all that is left of it.
        let (used, unused) = if id.kind.row().holds_data {
            (used.into_iter().chain(unused).collect(), Vec::new())
        } else {
            (used, unused)
        };
        if !used.is_empty() {
            let ids = used.into_iter().map(|twin| twin.id.clone()).collect();
            plan.blocked.push(Blocked::Twins { node: id.clone(), ids });
        }
        for twin in unused {
            if tag::outlives_its_owner(&twin.tags) {
                self.plan_mark(id, twin, plan);
            } else if let Some(waiting) = self.held(id) {
                plan.waiting.push(waiting);
            } else if let Some(change) = self.teardown(twin) {
                self.guarded(
                    Step::Update {
                        node: id.clone(),
                        object: Box::new(twin.clone()),
                        change,
                    },
                    plan,
                );
            } else {
                let object = Box::new(twin.clone());
                self.guarded(
                    Step::Delete {
                        node: id.clone(),
                        object,
                        reason: DeleteReason::Twin,
                        snapshot: None,
                    },
                    plan,
                );
            }
        }
    }

    /// The creating call. Its token follows from what is created, from what, and after which predecessor: the same creation has
    /// the same token in every life of this process, and a successor has another one. Where AWS refuses a second one of the same
    /// token or name, which is free again once the first is gone, a successor has the same: the predecessor may only be hidden.
    fn create_request(&self, id: &NodeId, create: Create) -> CreateRequest {
        let refused = id.kind.row().recovery == Recovery::NaturalKey;
        let recorded = self.memory.recorded.get(id).filter(|_| !refused);
        let predecessor = recorded.map_or("", String::as_str);
        let uid = &self.desired.identity.uid;
        let token = digest(&format!("{uid}\n{id}\n{predecessor}\n{create:?}"));
        CreateRequest {
            node: id.clone(),
            create,
            token,
            tags: self.desired.tags(id),
        }
    }
}
