//! The events of a pass: one for each write to AWS, each failure, each new refusal, each thing somebody is newly waited for. Reasons
//! are made from verb and kind, never typed.

use hastack_api::ResourcePhase;
use hastack_api::condition::Reason;

use super::{Reported, Situation, says_nothing_new};
use crate::apply::{Done, Failure, Outcome, Verb};
use crate::owner::NodeId;
use crate::plan::Waiting;

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether somebody should look at it.
    pub warning: bool,
    /// Why, in one word: `CreatedVpc`, `CannotDeleteSubnet`.
    pub reason: String,
    /// What was done, in one word: `Create`.
    pub action: String,
    /// The whole, for people.
    pub note: String,
}

/// The events of a pass over `object`, whose status is still the one before it.
pub fn notices<K: Reported>(object: &K, situation: Situation<'_>) -> Vec<Notice> {
    let said_before = |line: &str| {
        object.status().is_some_and(|status| {
            status.plan.iter().any(|other| other == line) || status.conditions.iter().any(|other| other.message == line)
        })
    };
    match situation {
        Situation::Unknown(_, _) => Vec::new(),
        Situation::Invalid(error) => {
            let note = error.to_string();
            (!said_before(&note))
                .then(|| refusal(error.reason(), note))
                .into_iter()
                .collect()
        }
        Situation::Passed(outcome) => {
            let refusals = outcome
                .plan
                .blocked
                .iter()
                .map(|blocked| (blocked.reason(), blocked.to_string()));
            let refusals = refusals
                .filter(|(_, note)| !said_before(note))
                .map(|(reason, note)| refusal(reason, note));
            let over = object.meta().deletion_timestamp.is_some() && outcome.plan.is_done();
            let left = over.then(|| retained(outcome)).into_iter().flatten();
            let appeals = outcome.plan.waiting.iter().filter_map(|waiting| match waiting {
                Waiting::Settling {
                    node: _,
                    phase: _,
                    awaits,
                } => awaits.as_ref().map(|_| waiting.to_string()),
                Waiting::Observation { .. }
                | Waiting::Dependency { .. }
                | Waiting::Dependent { .. }
                | Waiting::Occupant { .. }
                | Waiting::Dependents { .. }
                | Waiting::Process { .. }
                | Waiting::Confirmation { .. }
                | Waiting::Retry { .. } => None,
            });
            let appeals = appeals.filter(|note| !said_before(note)).map(appeal);
            let earlier = object.status().cloned().unwrap_or_default();
            // What is not written into the status is said when it is.
            let news = if says_nothing_new(object, &earlier, situation) {
                Vec::new()
            } else {
                K::news(outcome, &earlier)
            };
            outcome
                .done
                .iter()
                .map(done)
                .chain(outcome.failures.iter().map(failed))
                .chain(refusals)
                .chain(left)
                .chain(appeals)
                .chain(news)
                .collect()
        }
    }
}

/// What the custom resource leaves behind when it goes.
fn retained(outcome: &Outcome) -> impl Iterator<Item = Notice> {
    let retained = |node: &NodeId| outcome.plan.phases.get(node) == Some(&ResourcePhase::Retained);
    let left = outcome.observed.all().filter(move |(node, _)| retained(node));
    left.map(|(node, object)| Notice {
        warning: false,
        reason: format!("Retained{:?}", node.kind),
        action: "Retain".into(),
        note: format!("{node} {} stays in AWS", object.id),
    })
}

fn done(done: &Done) -> Notice {
    let Done {
        verb,
        node,
        aws_id,
        step,
    } = done;
    let (past, action) = match verb {
        Verb::Create => ("Created", "Create"),
        Verb::Update => ("Updated", "Update"),
        Verb::Retain => ("Retained", "Retain"),
        Verb::Delete => ("Deleted", "Delete"),
    };
    let note = if step.contains(aws_id.as_str()) {
        step.clone()
    } else {
        format!("{step} ({aws_id})")
    };
    Notice {
        warning: false,
        reason: format!("{past}{:?}", node.kind),
        action: action.into(),
        note,
    }
}

fn failed(failure: &Failure) -> Notice {
    let Failure {
        verb,
        node,
        step,
        error,
    } = failure;
    let action = match verb {
        Verb::Create => "Create",
        Verb::Update => "Update",
        Verb::Retain => "Retain",
        Verb::Delete => "Delete",
    };
    let note = format!("{step}: {error}");
    Notice {
        warning: true,
        reason: format!("Cannot{action}{:?}", node.kind),
        action: action.into(),
        note,
    }
}

fn refusal(reason: Reason, note: String) -> Notice {
    Notice {
        warning: true,
        reason: reason.to_string(),
        action: "Refuse".into(),
        note,
    }
}

/// Somebody has to do something before AWS goes on.
fn appeal(note: String) -> Notice {
    Notice {
        warning: false,
        reason: Reason::Waiting.to_string(),
        action: "Wait".into(),
        note,
    }
}
