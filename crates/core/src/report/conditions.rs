//! The conditions of a stack.

use hastack_api::ResourcePhase;
use hastack_api::condition::{ConditionType, Reason, set};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{Reported, Situation};
use crate::apply::Outcome;
use crate::cloud::ErrorKind;
use crate::desire::SpecError;
use crate::kind::Area;
use crate::owner::NodeId;
use crate::plan::{Blocked, Plan, Waiting};

/// How a stack, or a part of it, is.
struct Verdict {
    state: State,
    reason: Reason,
    message: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Reconciling,
    Stalled,
}

/// Sets every condition.
pub(super) fn set_all<K: Reported>(
    object: &K,
    situation: Situation<'_>,
    conditions: &mut Vec<Condition>,
    now: Timestamp,
) {
    let generation = object.meta().generation;
    let deleting = object.meta().deletion_timestamp.is_some();
    let verdict = match situation {
        Situation::Invalid(error) => invalid(error),
        Situation::Unknown(what, None) => Verdict::reconciling(Reason::Observing, format!("looking up {what}")),
        Situation::Unknown(what, Some(error)) => Verdict {
            message: format!("cannot look up {what}: {}", error.brief()),
            ..Verdict::of_error(error.kind, String::new())
        },
        Situation::Passed(outcome) => {
            if let Some(error) = &outcome.unrecorded {
                Verdict::reconciling(Reason::Progressing, error.to_string())
            } else {
                of_plan(&outcome.plan, deleting)
            }
        }
    };
    let Verdict { state, reason, message } = verdict;
    let mut put = |kind, status, reason, message: &str| {
        set(conditions, kind, status, reason, message, generation, now);
    };
    put(
        ConditionType::Ready,
        state == State::Ready && !deleting,
        reason,
        &message,
    );
    put(
        ConditionType::Reconciling,
        state == State::Reconciling,
        reason,
        &message,
    );
    put(ConditionType::Stalled, state == State::Stalled, reason, &message);
    if let Situation::Passed(outcome) = situation {
        set_areas(object, outcome, conditions, now);
    }
}

/// Sets the condition of each area of which something is wanted or there; one of which nothing is left has none.
fn set_areas<K: Reported>(object: &K, outcome: &Outcome, conditions: &mut Vec<Condition>, now: Timestamp) {
    let deleting = object.meta().deletion_timestamp.is_some();
    for (index, &(area, kind)) in K::AREAS.iter().enumerate() {
        let exists = outcome.plan.concerned().any(|(node, _)| node.area() == area);
        if exists || index == 0 {
            let Verdict { state, reason, message } = of_area(outcome, area, deleting);
            let status = state == State::Ready && !deleting;
            set(
                conditions,
                kind,
                status,
                reason,
                &message,
                object.meta().generation,
                now,
            );
        } else {
            let kind = kind.to_string();
            conditions.retain(|condition| condition.type_ != kind);
        }
    }
}

fn invalid(error: &SpecError) -> Verdict {
    Verdict {
        state: State::Stalled,
        reason: error.reason(),
        message: error.to_string(),
    }
}

/// The verdict on the whole: the worst thing first, since that is what somebody has to act on.
fn of_plan(plan: &Plan, deleting: bool) -> Verdict {
    let wanted = plan.concerned().count();
    if plan.is_done() {
        let message = if deleting && wanted < plan.phases.len() {
            "nothing is left in AWS but what is retained".into()
        } else if deleting {
            "nothing is left in AWS".into()
        } else {
            format!("all {wanted} AWS resources are as wanted")
        };
        return Verdict {
            state: State::Ready,
            reason: if deleting { Reason::Deleting } else { Reason::AsDesired },
            message,
        };
    }
    let mut verdict = worst(plan, |_| true);
    if deleting && verdict.state == State::Stalled && verdict.reason != Reason::AccessDenied {
        verdict.reason = Reason::DeletionBlocked;
    }
    let keeps_its_reason = matches!(verdict.reason, Reason::Throttled | Reason::DeletionBlocked);
    if deleting && verdict.state == State::Reconciling && !keeps_its_reason {
        verdict.reason = Reason::Deleting;
    }
    let others = (plan.steps.len() + plan.waiting.len() + plan.blocked.len()).saturating_sub(1);
    if others > 0 {
        verdict.message = format!("{} (and {others} more in status.plan)", verdict.message);
    }
    verdict
}

fn of_area(outcome: &Outcome, area: Area, deleting: bool) -> Verdict {
    let plan = &outcome.plan;
    let of_area = |node: &NodeId| node.area() == area;
    let phases: Vec<_> = plan
        .concerned()
        .filter(|(node, _)| of_area(node))
        .map(|(_, phase)| phase)
        .collect();
    let ready = phases.iter().filter(|phase| **phase == ResourcePhase::Ready).count();
    if ready == phases.len() && !phases.is_empty() {
        let message = format!("all {ready} resources are as wanted");
        return Verdict {
            state: State::Ready,
            reason: Reason::AsDesired,
            message,
        };
    }
    let mut verdict = worst(plan, of_area);
    if deleting && verdict.state == State::Reconciling {
        verdict.reason = Reason::Deleting;
    }
    verdict
}

/// The worst of a plan that concerns some nodes.
fn worst(plan: &Plan, concerns: impl Fn(&NodeId) -> bool) -> Verdict {
    if let Some(blocked) = plan.blocked.iter().find(|blocked| concerns(blocked.node())) {
        return Verdict {
            state: State::Stalled,
            reason: blocked.reason(),
            message: blocked.to_string(),
        };
    }
    let failures = plan.waiting.iter().filter_map(|waiting| match waiting {
        Waiting::Observation { kind, failure } => {
            let error = failure.as_ref()?;
            concerns(&NodeId::only(*kind)).then(|| Verdict::of_error(error.kind, waiting.to_string()))
        }
        Waiting::Retry {
            node,
            until: _,
            step: _,
            error,
        } => concerns(node).then(|| Verdict::of_error(error.kind, waiting.to_string())),
        Waiting::Dependents { names: _ } => Some(Verdict::reconciling(Reason::DeletionBlocked, waiting.to_string())),
        Waiting::Dependency { .. }
        | Waiting::Dependent { .. }
        | Waiting::Occupant { .. }
        | Waiting::Settling { .. }
        | Waiting::Process { .. }
        | Waiting::Confirmation { .. } => None,
    });
    if let Some(verdict) = failures.min_by_key(|verdict| verdict.state != State::Stalled) {
        return verdict;
    }
    if let Some(step) = plan.steps.iter().find(|step| concerns(step.node())) {
        return Verdict::reconciling(Reason::Progressing, step.to_string());
    }
    // What AWS is at work on says more than what waits for it.
    let at_work = |waiting: &&Waiting| !matches!(waiting, Waiting::Dependency { .. } | Waiting::Dependent { .. });
    let concerning = || {
        plan.waiting
            .iter()
            .filter(|waiting| waiting.node().is_none_or(&concerns))
    };
    match concerning().find(at_work).or_else(|| concerning().next()) {
        Some(waiting) => Verdict::reconciling(Reason::Waiting, waiting.to_string()),
        None => Verdict::reconciling(Reason::Waiting, "waiting for other parts".into()),
    }
}

impl Verdict {
    fn reconciling(reason: Reason, message: String) -> Self {
        Self {
            state: State::Reconciling,
            reason,
            message,
        }
    }

    fn of_error(kind: ErrorKind, message: String) -> Self {
        let (state, reason) = match kind {
            ErrorKind::Denied => (State::Stalled, Reason::AccessDenied),
            ErrorKind::Quota => (State::Stalled, Reason::QuotaExceeded),
            ErrorKind::Invalid => (State::Stalled, Reason::Refused),
            ErrorKind::Throttled => (State::Reconciling, Reason::Throttled),
            ErrorKind::Ambiguous => (State::Reconciling, Reason::ServerError),
            ErrorKind::AlreadyExists => (State::Reconciling, Reason::Conflict),
            ErrorKind::NotFound | ErrorKind::InUse | ErrorKind::NotNow | ErrorKind::Fenced => {
                (State::Reconciling, Reason::Waiting)
            }
        };
        Self { state, reason, message }
    }
}

/// What a program needs to connect could not be put where it belongs.
pub(super) fn unbound(conditions: &mut Vec<Condition>, problem: &str, generation: Option<i64>, now: Timestamp) {
    for (kind, is) in [(ConditionType::Ready, false), (ConditionType::Reconciling, true)] {
        set(conditions, kind, is, Reason::Waiting, problem, generation, now);
    }
}

impl Blocked {
    fn node(&self) -> &NodeId {
        match self {
            Self::ImmutableField { node, .. }
            | Self::ReferenceMissing { node, .. }
            | Self::Misplaced { node, .. }
            | Self::Taken { node, .. }
            | Self::Endangered { node, .. }
            | Self::Disowned { node, .. }
            | Self::Lost { node, .. }
            | Self::Twins { node, .. }
            | Self::Occupied { node, .. }
            | Self::Failed { node, .. }
            | Self::Unsuccessful { node, .. }
            | Self::NotConverging { node, .. } => node,
        }
    }

    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::ImmutableField { .. } => Reason::ImmutableField,
            Self::ReferenceMissing { .. } | Self::Misplaced { .. } => Reason::ReferenceMissing,
            Self::Taken { .. } | Self::Disowned { .. } | Self::Twins { .. } => Reason::Conflict,
            Self::Endangered { .. } => Reason::Endangered,
            Self::Lost { .. } => Reason::Lost,
            Self::Occupied { .. } => Reason::DeletionBlocked,
            Self::Failed { .. } => Reason::Refused,
            Self::Unsuccessful { .. } => Reason::Failed,
            Self::NotConverging { .. } => Reason::NotConverging,
        }
    }
}

impl SpecError {
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::SupportPart { .. } => Reason::NotSupported,
            Self::FindHostedZone { .. }
            | Self::FindStack { .. }
            | Self::FindImage { .. }
            | Self::FindPart { .. }
            | Self::FindText { .. } => Reason::ReferenceMissing,
            Self::ReadRange { .. }
            | Self::SizeRange { .. }
            | Self::LayOutSubnets { .. }
            | Self::PlaceSubnet { .. }
            | Self::SeparateSubnets { .. }
            | Self::LeaveOutSubnet { .. }
            | Self::FindZone { .. }
            | Self::UseZone { .. }
            | Self::PlacePart { .. }
            | Self::CombineFields { .. }
            | Self::SpreadZones { .. }
            | Self::ChooseHostedZone { .. }
            | Self::PlaceDomain { .. }
            | Self::PlaceLoadBalancer { .. }
            | Self::LeaveOutRanges
            | Self::ChooseCertificate
            | Self::ReadPorts { .. }
            | Self::FitUserData { .. }
            | Self::UseScaling { .. }
            | Self::RepeatName { .. }
            | Self::RouteRequests { .. }
            | Self::SharePriority { .. }
            | Self::FitScript { .. }
            | Self::LeaveOutWindow => Reason::InvalidSpec,
        }
    }
}

impl Waiting {
    fn node(&self) -> Option<&NodeId> {
        match self {
            Self::Observation { .. } | Self::Dependents { .. } => None,
            Self::Dependency { node, .. }
            | Self::Dependent { node, .. }
            | Self::Occupant { node, .. }
            | Self::Settling { node, .. }
            | Self::Process { node, .. }
            | Self::Confirmation { node, .. }
            | Self::Retry { node, .. } => Some(node),
        }
    }
}
