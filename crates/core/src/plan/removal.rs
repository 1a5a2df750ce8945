//! Planning the removal of what is not wanted, in the reverse order of the table.

use hastack_api::ResourcePhase;
use jiff::Timestamp;

use super::{Blocked, DeleteReason, Plan, Step, View, Waiting};
use crate::kind::{Kind, Recovery};
use crate::object::{Object, Phase};
use crate::owner::NodeId;
use crate::resource::database::UpgradeStrategy;
use crate::resource::{Change, Refs, Spec, State, foreign_database, network_interface};
use crate::tag;

/// Whether one is in the other, or refers to it. Whatever has a public address is behind the internet gateway.
fn occupies(occupant: &Object, object: &Object) -> bool {
    match (&occupant.state, &object.state) {
        (State::NetworkInterface(interface), State::InternetGateway(gateway)) => {
            interface.public && gateway.vpc_id.as_ref() == Some(&interface.vpc_id)
        }
        (_, _) => occupant.state.uses().contains(&object.id.as_str()),
    }
}

const fn is_parameter_group(kind: Kind) -> bool {
    matches!(kind, Kind::DbParameterGroup | Kind::DbClusterParameterGroup)
}

/// What becomes of something that keeps a resource of ours from being deleted.
enum Fate {
    /// We take it away.
    Removed(String),
    /// AWS takes it away.
    Awaited(String),
    /// Somebody has to.
    Left(String),
}

impl View<'_> {
    pub(super) fn plan_removal(&self, node: &NodeId, plan: &mut Plan) {
        if node.kind.row().recovery == Recovery::Inherent {
            return;
        }
        if self.stays(node) {
            self.plan_retention(node, plan);
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
        if self.may_be_needed(node) {
            return;
        }
        for seen in self.observed.objects.get(node).into_iter().flatten() {
            self.plan_removal_of(node, &seen.object, plan);
        }
    }

    /// Whether something must be gone before that is not known yet, where all goes: what is not known is waited for anyway.
    fn may_be_needed(&self, node: &NodeId) -> bool {
        let needs = |kind: Kind| {
            let row = kind.row();
            kind.depends_on(node.kind) && row.recovery != Recovery::Inherent && row.goes_with != Some(node.kind)
        };
        self.desired.nodes.is_empty() && self.unknown_kinds().into_iter().any(needs)
    }

    fn plan_removal_of(&self, node: &NodeId, object: &Object, plan: &mut Plan) {
        let leaving = matches!(object.phase, Phase::Deleting | Phase::Deleted);
        if let Some(change) = object.state.prelude().filter(|_| !leaving) {
            self.plan_prelude(node, object, change, plan);
            return;
        }
        if let Some(waiting) = self.removal_awaits(node, object) {
            plan.waiting.push(waiting);
            return;
        }
        if self.is_occupied(node, object, plan) {
            return;
        }
        if let Some(waiting) = self.held(node) {
            plan.waiting.push(waiting);
            return;
        }
        let object = Box::new(object.clone());
        let step = match self.teardown(&object) {
            Some(change) => Step::Update {
                node: node.clone(),
                object,
                change,
            },
            None => match self.last_snapshot(&object) {
                Ok(snapshot) => Step::Delete {
                    node: node.clone(),
                    object,
                    reason: DeleteReason::NotWanted,
                    snapshot,
                },
                Err(problem) => {
                    let node = node.clone();
                    plan.blocked.push(Blocked::Unsuccessful { node, problem });
                    return;
                }
            },
        };
        self.guarded(step, plan);
    }

    /// What must be so before this object can be deleted, if it is not.
    fn removal_awaits(&self, node: &NodeId, object: &Object) -> Option<Waiting> {
        if matches!(object.phase, Phase::Deleting | Phase::Deleted) {
            return Some(Waiting::Settling {
                node: node.clone(),
                phase: Phase::Deleting,
                awaits: None,
            });
        }
        if let Some(on) = self.outlasts(node, object).or_else(|| self.parent(node, object)) {
            let (node, on) = (node.clone(), on.clone());
            return Some(Waiting::Dependent { node, on });
        }
        if let Some(on) = self.upgraded_by(node) {
            let (node, on) = (node.clone(), on.clone());
            return Some(Waiting::Dependency { node, on });
        }
        if object.state.lacks_details() {
            // What must come before may be among what is not known.
            let failure = self.observed.failures.get(&node.kind).cloned();
            let kind = node.kind;
            return Some(Waiting::Observation { kind, failure });
        }
        if let Some(what) = object.state.lingers() {
            return Some(Waiting::Process {
                node: node.clone(),
                what,
            });
        }
        self.unknown_occupants(node)
    }

    /// Makes the change that must come before anything in it is deleted.
    fn plan_prelude(&self, node: &NodeId, object: &Object, change: Change, plan: &mut Plan) {
        if let Some(waiting) = self.held(node) {
            plan.waiting.push(waiting);
            return;
        }
        let step = Step::Update {
            node: node.clone(),
            object: Box::new(object.clone()),
            change,
        };
        self.guarded(step, plan);
    }

    /// The change that must come before this object is deleted, if one must: none where what it lets go of is gone already.
    pub(super) fn teardown(&self, object: &Object) -> Option<Change> {
        let uses = object.state.uses();
        let holds = uses.is_empty() || self.observed.all().any(|(_, other)| uses.contains(&other.id.as_str()));
        object.state.teardown().filter(|_| holds)
    }

    /// The name of the snapshot that keeps what it holds, where it holds something that is to be kept; or why there cannot be one.
    fn last_snapshot(&self, object: &Object) -> Result<Option<String>, String> {
        let (State::DbInstance(database) | State::DbCluster(database)) = &object.state else {
            return Ok(None);
        };
        if !database.holds_data() || tag::forgets_data(&object.tags) {
            return Ok(None);
        }
        if !database.status.row().snapshots {
            return Err(format!(
                "{} is {}, and AWS takes no last snapshot of it so; with deletionPolicy: Delete it goes without one",
                object.id, database.status
            ));
        }
        Ok(Some(format!("{}-{}", object.id, self.now.strftime("%Y%m%d-%H%M%S"))))
    }

    /// What it goes with, if that is leaving too.
    fn parent(&self, node: &NodeId, object: &Object) -> Option<&NodeId> {
        let parent = node.kind.row().goes_with?;
        let uses = object.state.uses();
        let leaving = |(other, object): &(&NodeId, &Object)| {
            other.kind == parent && uses.contains(&object.id.as_str()) && !self.desired.nodes.contains_key(*other)
        };
        self.observed.all().find(leaving).map(|(other, _)| other)
    }

    /// What must be looked at, since something that may be in this node or refer to it is not known.
    fn unknown_occupants(&self, node: &NodeId) -> Option<Waiting> {
        let unlooked = node.kind.row().looked_into.then_some(Timestamp::MIN);
        let since = self.memory.occupants_unknown.or(unlooked)?;
        let unknown =
            |kind: &Kind| kind.row().depends_on.contains(&node.kind) && !self.observed.swept_since(*kind, since);
        let kind = Kind::all().filter(|kind| kind.row().occupies).find(unknown)?;
        let failure = self.observed.failures.get(&kind).cloned();
        Some(Waiting::Observation { kind, failure })
    }

    /// Whether something that is not ours keeps this object from being deleted. An interface that nothing uses and that has a group
    /// of ours is taken away: what it was of has left it behind. Anything else is waited for, or said.
    fn is_occupied(&self, node: &NodeId, object: &Object, plan: &mut Plan) -> bool {
        let mut occupied = false;
        for (other_node, other) in self.observed.all() {
            if !other_node.kind.row().occupies || !occupies(other, object) {
                continue;
            }
            occupied = true;
            let (node, id) = (node.clone(), object.id.clone());
            let leaving = other.phase == Phase::Deleting;
            match self.fate(other) {
                Fate::Removed(_) if !leaving => self.remove_occupant(other_node, other, plan),
                // What an upgrade has left has a group of the version before, which nobody else needs.
                Fate::Left(_) if !leaving && is_parameter_group(node.kind) && !self.desired.nodes.is_empty() => {
                    plan.phases.insert(node, ResourcePhase::Retained);
                }
                Fate::Left(occupant) if !leaving => plan.blocked.push(Blocked::Occupied { node, id, occupant }),
                Fate::Removed(occupant) | Fate::Awaited(occupant) | Fate::Left(occupant) => {
                    let kind = other_node.kind;
                    plan.waiting.push(Waiting::Occupant { node, kind, occupant });
                }
            }
        }
        occupied
    }

    fn fate(&self, occupant: &Object) -> Fate {
        let id = &occupant.id;
        match &occupant.state {
            State::NetworkInterface(interface) => {
                let text = format!("the network interface {id} ({})", interface.holder());
                if !interface.in_use && self.has_group_of_ours(interface) {
                    Fate::Removed(text)
                } else if interface.managed || self.is_of_our_fleet(interface) {
                    Fate::Awaited(text)
                } else {
                    Fate::Left(text)
                }
            }
            State::ForeignSecurityGroup(group) => Fate::Left(format!(
                "the security group {id} ({}), whose rules refer to it",
                group.name
            )),
            State::ForeignDbInstance(other) | State::ForeignDbCluster(other) => self.fate_of_database(other),
            other => Fate::Left(format!("{} {id}", other.kind())),
        }
    }

    /// A reader that AWS has added is AWS's to take away, unless it has become the writer since or nothing takes it away any more. It
    /// holds no data of its own.
    fn fate_of_database(&self, database: &foreign_database::State) -> Fate {
        let id = &database.identifier;
        let cluster = self
            .observed
            .all()
            .find(|(_, other)| Some(&other.id) == database.cluster.as_ref());
        let writes =
            |state: &State| matches!(state, State::DbCluster(cluster) if cluster.members.get(id) == Some(&true));
        let writes = cluster.is_some_and(|(_, cluster)| writes(&cluster.state));
        let stays = cluster.is_some_and(|(node, _)| self.desired.nodes.contains_key(node));
        match &database.target {
            Some(_) if writes && stays => Fate::Left(format!(
                "the reader {id}, which AWS has added and which writes now; fail over to another one"
            )),
            Some(target) if !writes && self.observed.all().any(|(_, other)| other.id == *target) => {
                Fate::Awaited(format!("the reader {id}, which AWS takes away,"))
            }
            Some(_) => Fate::Removed(format!("the reader {id}")),
            None => Fate::Left(format!("the database {id}, which is not hastack's")),
        }
    }

    /// Whether it is of an instance that this owner's group launched: AWS takes both away, a while after the group.
    fn is_of_our_fleet(&self, interface: &network_interface::State) -> bool {
        let fleet = self.desired.identity.owner.fleet();
        interface.fleet.as_ref() == Some(&fleet) && self.has_group_of_ours(interface)
    }

    fn has_group_of_ours(&self, interface: &network_interface::State) -> bool {
        let mut ours = self.observed.all().filter(|(node, _)| node.kind == Kind::SecurityGroup);
        ours.any(|(_, group)| interface.group_ids.contains(&group.id))
    }

    fn remove_occupant(&self, node: &NodeId, object: &Object, plan: &mut Plan) {
        let step = Step::Delete {
            node: node.clone(),
            object: Box::new(object.clone()),
            reason: DeleteReason::LeftBehind,
            snapshot: None,
        };
        if let Some(waiting) = self.held(node) {
            plan.waiting.push(waiting);
        } else if !plan.steps.contains(&step) {
            self.guarded(step, plan);
        }
    }

    /// The database that is to be of another version by a copy and is not yet: what makes the copy stays, since it may be wanted once
    /// all is known.
    fn upgraded_by(&self, node: &NodeId) -> Option<&NodeId> {
        if node.kind != Kind::BlueGreenDeployment {
            return None;
        }
        let is_upgraded = |spec: &Spec| match spec {
            Spec::DbInstance(database) | Spec::DbCluster(database) => {
                database.upgrade_strategy == UpgradeStrategy::BlueGreen && !database.source.is_anothers()
            }
            _ => false,
        };
        let mut wanted = self.desired.nodes.iter();
        let found = wanted.find(|(other, wanted)| is_upgraded(&wanted.spec) && self.settled(other).is_err());
        found.map(|(other, _)| other)
    }

    /// What must be gone, or must let go, before this object can be deleted.
    fn outlasts(&self, node: &NodeId, object: &Object) -> Option<&NodeId> {
        // What comes with its parent goes with it, and what stays asks for nothing.
        let leaves = |other: &NodeId| {
            let inherent = other.kind.row().recovery == Recovery::Inherent;
            !(self.desired.nodes.contains_key(other) || inherent || self.stays(other))
        };
        let dependent = self.observed.objects.keys().find(|other| {
            leaves(other) && other.kind.depends_on(node.kind) && other.kind.row().goes_with != Some(node.kind)
        });
        dependent.or_else(|| {
            // A resource that stays must let go first, and one of the same kind; others that leave too have their place in the table.
            let id = object.id.as_str();
            let waits_for =
                |user: &NodeId| self.desired.nodes.contains_key(user) || user.kind == node.kind && user != node;
            self.observed
                .all()
                .find(|(user, other)| waits_for(user) && other.state.uses().contains(&id))
                .map(|(user, _)| user)
        })
    }
}
