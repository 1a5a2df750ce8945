//! Planning a resource that is wanted.

use hastack_api::ResourcePhase;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Blocked, DeleteReason, Plan, Step, View, Waiting};
use crate::cloud::CreateRequest;
use crate::desired::{Node, Origin};
use crate::kind::Replacement;
use crate::object::{Object, Phase};
use crate::observed::Seen;
use crate::owner::NodeId;
use crate::resource::{Change, Create, Finding, Refs};
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
        } else if self.observed.doubtful.contains(id) {
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
                });
                ResourcePhase::Pending
            }
            Phase::Deleting | Phase::Deleted => {
                plan.waiting.push(Waiting::Settling {
                    node: id.clone(),
                    phase: object.phase,
                });
                ResourcePhase::Deleting
            }
            Phase::Failed => {
                self.plan_anew(id, node, object, DeleteReason::Failed, plan);
                ResourcePhase::Failed
            }
        }
    }

    fn plan_ready(&self, id: &NodeId, node: &Node, object: &Object, plan: &mut Plan) -> ResourcePhase {
        if let Origin::External(_) = node.origin {
            return self.plan_external(id, node, object, plan);
        }
        let mut findings = node.spec.compare(&object.state, self);
        if node.origin == Origin::Managed {
            let changes = tag::compare(&object.tags, &self.desired.tags(id), &self.memory.tag_keys);
            findings.extend(changes.into_iter().map(|change| Finding::Change(Change::Tags(change))));
        }
        if object.state.lacks_details() {
            let failure = self.observed.failures.get(&id.kind).cloned();
            plan.waiting.push(Waiting::Observation { kind: id.kind, failure });
            return ResourcePhase::Pending;
        }
        if findings.is_empty() {
            return ResourcePhase::Ready;
        }
        if let Some(waiting) = self.held(id) {
            plan.waiting.push(waiting);
            return ResourcePhase::Pending;
        }
        for finding in findings {
            self.plan_finding(id, node, object, finding, plan);
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
        ResourcePhase::Ready
    }

    fn plan_finding(&self, id: &NodeId, node: &Node, object: &Object, finding: Finding<Change>, plan: &mut Plan) {
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
            Finding::Immutable { field, is, wanted } => match id.kind.row().replacement {
                Replacement::DeleteThenCreate => {
                    self.plan_anew(id, node, object, DeleteReason::Replaced(field), plan);
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

    /// Deletes a resource that is made anew, if that does no harm.
    fn plan_anew(&self, id: &NodeId, node: &Node, object: &Object, reason: DeleteReason, plan: &mut Plan) {
        let harmless = id.kind.row().replacement == Replacement::DeleteThenCreate && node.origin == Origin::Managed;
        if !harmless {
            plan.blocked.push(Blocked::Failed {
                node: id.clone(),
                id: object.id.clone(),
            });
        } else if let Some(waiting) = self.held(id) {
            plan.waiting.push(waiting);
        } else {
            let step = Step::Delete {
                node: id.clone(),
                object: Box::new(object.clone()),
                reason,
            };
            if !plan.steps.contains(&step) {
                self.guarded(step, plan);
            }
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
        if !used.is_empty() {
            let ids = used.into_iter().map(|twin| twin.id.clone()).collect();
            plan.blocked.push(Blocked::Twins { node: id.clone(), ids });
        }
        for twin in unused {
            if let Some(waiting) = self.held(id) {
                plan.waiting.push(waiting);
            } else if let Some(change) = twin.state.teardown() {
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
                    },
                    plan,
                );
            }
        }
    }

    /// The creating call. Its token follows from what is created, from what, and after which predecessor: the same creation has
    /// the same token in every life of this process, and a successor has another one.
    fn create_request(&self, id: &NodeId, create: Create) -> CreateRequest {
        let predecessor = self.memory.recorded.get(id).map_or("", String::as_str);
        let uid = &self.desired.identity.uid;
        let digest = Sha256::digest(format!("{uid}\n{id}\n{predecessor}\n{create:?}"));
        let token = digest.iter().fold(String::new(), |mut token, byte| {
            token.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
            token
        });
        CreateRequest {
            node: id.clone(),
            create,
            token,
            tags: self.desired.tags(id),
        }
    }
}
