//! A plan as people read it: one line for each step, wait and refusal.

use std::fmt;

use super::{Blocked, DeleteReason, Plan, Step, Waiting};
use crate::object::Phase;

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            steps,
            waiting,
            blocked,
            phases: _,
            external: _,
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
                object: _,
                change,
            } => write!(formatter, "update {node}: {change}"),
            Self::Delete { node, object, reason } => write!(formatter, "delete {node} {}{reason}", object.id),
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
            Self::Settling { node, phase } => match phase {
                Phase::Deleting | Phase::Deleted => write!(formatter, "wait {node}: AWS is deleting it"),
                Phase::Pending | Phase::Ready | Phase::Failed => write!(formatter, "wait {node}: AWS is preparing it"),
            },
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
            Self::Disowned { node, id } => write!(
                formatter,
                "blocked {node}: {id} has lost its hastack.dev tags; put them back, or delete it and a new one is made"
            ),
            Self::Twins { node, ids } => write!(
                formatter,
                "blocked {node}: there are others of it that are in use: {}; move their users and they are deleted",
                ids.join(", ")
            ),
            Self::Failed { node, id } => write!(formatter, "blocked {node}: AWS gave up on {id}"),
            Self::NotConverging { node, change } => {
                write!(
                    formatter,
                    "blocked {node}: {change:?} was done several times without effect; is something undoing it?"
                )
            }
        }
    }
}
