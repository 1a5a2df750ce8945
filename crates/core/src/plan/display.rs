//! A plan as people read it: one line for each step, wait and refusal.

use std::fmt;

use super::{Blocked, DeleteReason, Plan, Step, Waiting};
use crate::kind::Carrier;
use crate::object::Phase;
use crate::resource::Change;

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            steps,
            waiting,
            blocked,
            phases: _,
            external: _,
            due: _,
        } = self;
        for step in steps {
            writeln!(formatter, "{step}")?;
        }
        for waiting in waiting {
            writeln!(formatter, "{waiting}")?;
        }
        for blocked in blocked {
            writeln!(formatter, "{blocked}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { request, spec } => write!(formatter, "create {}: {spec}", request.node),
            Self::Update {
                node,
                object,
                change: Change::Tags(change),
            } if change.retains() => write!(formatter, "retain {node} {}", object.id),
            Self::Update {
                node,
                object: _,
                change,
            } => write!(formatter, "update {node}: {change}"),
            Self::Delete {
                node,
                object,
                reason,
                snapshot,
            } => {
                write!(formatter, "delete {node} {}{reason}", object.id)?;
                match snapshot {
                    Some(name) => write!(formatter, ", keeping its data in the snapshot {name}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for DeleteReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWanted => Ok(()),
            Self::Twin => formatter.write_str(": there are two of it, and nothing uses this one"),
            Self::Failed => formatter.write_str(": AWS gave up on it; it is made anew"),
            Self::Replaced(field) => write!(formatter, ": {field} changed; it is made anew"),
            Self::LeftBehind => formatter.write_str(": what it was of is gone and has left it behind"),
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observation { kind, failure: None } => write!(formatter, "wait {kind}: looking at what exists"),
            Self::Observation {
                kind,
                failure: Some(error),
            } => write!(formatter, "wait {kind}: {}", error.brief()),
            Self::Dependency { node, on } => write!(formatter, "wait {node}: for {on}"),
            Self::Dependent { node, on } => write!(formatter, "wait {node}: until {on} is gone"),
            Self::Occupant {
                node,
                kind: _,
                occupant,
            } => write!(formatter, "wait {node}: until {occupant} is gone"),
            Self::Dependents { names } => write!(
                formatter,
                "wait: until {} no longer refer to it; delete them first",
                names.join(", ")
            ),
            Self::Settling {
                node,
                phase,
                awaits: None,
            } => match phase {
                Phase::Deleting | Phase::Deleted => write!(formatter, "wait {node}: AWS is deleting it"),
                Phase::Pending | Phase::Ready | Phase::Failed => write!(formatter, "wait {node}: AWS is preparing it"),
            },
            Self::Process { node, what }
            | Self::Settling {
                node,
                phase: _,
                awaits: Some(what),
            } => write!(formatter, "wait {node}: {what}"),
            Self::Confirmation { node, until: None } => write!(formatter, "wait {node}: making sure how it is"),
            Self::Confirmation {
                node,
                until: Some(until),
            } => {
                write!(
                    formatter,
                    "wait {node}: making sure that an interrupted creation left nothing, until {until:.0}"
                )
            }
            Self::Retry {
                node: _,
                until,
                step,
                error,
            } => {
                write!(formatter, "retry {step} after {until:.0}: {}", error.brief())
            }
        }
    }
}

/// What is said of a database that is not there any more.
const LOST: &str = "was deleted by somebody else, with its data; restore it with restore and recreate: true, or begin anew with recreate: true";

impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImmutableField {
                node,
                field,
                is,
                wanted,
            } => {
                write!(
                    formatter,
                    "blocked {node}: {field} cannot be changed from {is} to {wanted}"
                )
            }
            Self::ReferenceMissing { node, id } => write!(formatter, "blocked {node}: {id} does not exist"),
            Self::Misplaced { node, id, is, wanted } => {
                write!(formatter, "blocked {node}: {id} is in {is}, not in {wanted}")
            }
            Self::Taken { node, id: _, conflict } => write!(formatter, "blocked {node}: {conflict}"),
            Self::Endangered { node, id, danger } => write!(formatter, "blocked {node}: {id}: {danger}"),
            Self::Disowned { node, id } => {
                let tags = match node.kind.row().carrier {
                    Carrier::Companion => "the TXT record beside it; put it",
                    Carrier::Tags | Carrier::Name | Carrier::Parent | Carrier::Nothing => {
                        "its hastack.dev tags; put them"
                    }
                };
                write!(
                    formatter,
                    "blocked {node}: {id} has lost {tags} back, or delete it and a new one is made"
                )
            }
            Self::Lost { node, id } => write!(formatter, "blocked {node}: {id} {LOST}"),
            Self::Twins { node, ids } => write!(
                formatter,
                "blocked {node}: there are others of it that are in use: {}; move their users and they are deleted",
                ids.join(", ")
            ),
            Self::Failed {
                node,
                id,
                problem: None,
            } => write!(formatter, "blocked {node}: AWS gave up on {id}"),
            Self::Failed {
                node,
                id,
                problem: Some(problem),
            } => write!(formatter, "blocked {node}: AWS gave up on {id}: {problem}"),
            Self::Occupied { node, id, occupant } => write!(
                formatter,
                "blocked {node}: {id} cannot be deleted because of {occupant}; remove that, and the deletion goes on"
            ),
            Self::Unsuccessful { node, problem } => write!(formatter, "blocked {node}: {problem}"),
            Self::NotConverging { node, change } => {
                write!(
                    formatter,
                    "blocked {node}: {change:?} was done several times without effect; is something undoing it?"
                )
            }
        }
    }
}
