//! What will bring a plan forward: a look, or time.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Plan, Waiting};
use crate::kind::{Kind, Recovery};

impl Plan {
    /// The kinds of which a look will bring the plan forward.
    pub fn awaited_kinds(&self) -> BTreeSet<Kind> {
        let processes = self.waiting.iter().filter_map(|waiting| match waiting {
            Waiting::Process { node, what: _ } => Some(node.kind.row()),
            Waiting::Observation { .. }
            | Waiting::Dependency { .. }
            | Waiting::Dependent { .. }
            | Waiting::Occupant { .. }
            | Waiting::Dependents { .. }
            | Waiting::Settling { .. }
            | Waiting::Confirmation { .. }
            | Waiting::Retry { .. } => None,
        });
        // What comes of a process shows in what it is a part of.
        let wholes = processes.filter(|row| row.recovery == Recovery::Inherent);
        let wholes = wholes.flat_map(|row| row.listed_by.iter().copied());
        self.waiting
            .iter()
            .filter_map(|waiting| match waiting {
                Waiting::Observation { kind, failure: _ }
                | Waiting::Occupant {
                    node: _,
                    kind,
                    occupant: _,
                } => Some(*kind),
                Waiting::Settling {
                    node,
                    phase: _,
                    awaits: _,
                }
                | Waiting::Process { node, what: _ }
                | Waiting::Confirmation { node, until: _ } => Some(node.kind),
                Waiting::Retry {
                    node,
                    until: _,
                    step: _,
                    error,
                } => error.kind.is_uncertain().then_some(node.kind),
                Waiting::Dependency { .. } | Waiting::Dependent { .. } | Waiting::Dependents { .. } => None,
            })
            .chain(wholes)
            .collect()
    }

    /// When time alone will bring the plan forward.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.waiting
            .iter()
            .filter_map(|waiting| match waiting {
                Waiting::Retry {
                    node: _,
                    until,
                    step: _,
                    error: _,
                } => Some(*until),
                Waiting::Confirmation { node: _, until } => *until,
                Waiting::Observation { .. }
                | Waiting::Dependency { .. }
                | Waiting::Dependent { .. }
                | Waiting::Occupant { .. }
                | Waiting::Dependents { .. }
                | Waiting::Process { .. }
                | Waiting::Settling { .. } => None,
            })
            .chain(self.due)
            .min()
    }
}
