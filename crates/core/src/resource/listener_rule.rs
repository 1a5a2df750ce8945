//! Which requests a listener sends where. Another target group takes over once it serves: until then it is there without requests,
//! since AWS asks no target for its health that no rule names.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>

mod condition;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, State as AnyState, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

pub use condition::{Conditions, Header};

/// How many target groups a rule names at most.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>
const MOST_TARGET_GROUPS: usize = 5;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The listener it belongs to.
    pub listener: NodeId,
    /// Where it is among the rules.
    pub place: Place,
    /// The owner's other rules of the listener.
    pub siblings: Vec<NodeId>,
    /// Which requests it is about.
    pub conditions: Conditions,
    /// Where they are sent.
    pub target_group: NodeId,
    /// Who registers the targets.
    pub group: NodeId,
}

/// Where a rule is among the rules of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its priority: the lowest comes first.
    pub priority: u16,
    /// A priority that it has meanwhile, where another rule wants the one it has: so any two can change places.
    pub parking: u16,
    /// The priorities that other rules want.
    pub contested: BTreeSet<u16>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The listener it belongs to.
    pub listener_arn: String,
    /// Its priority.
    pub priority: u16,
    /// Which requests it is about.
    pub conditions: Conditions,
    /// Where they are sent.
    pub target_group_arn: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The listener it belongs to.
    pub listener_arn: String,
    /// Its priority.
    pub priority: u16,
    /// Which requests it is about.
    pub conditions: Conditions,
    /// Where they are sent.
    #[serde(default)]
    pub forwards: Vec<Forward>,
    /// What else is done with them, or instead, that is not ours, in AWS's word for it.
    #[serde(default)]
    pub other: Option<String>,
}

/// A target group that requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forward {
    /// The target group.
    pub target_group_arn: String,
    /// How many requests it gets, beside those of the others: none for 0.
    pub weight: u16,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Change these fields.
    Modify(Modification),
    /// Give it this priority.
    SetPriority(u16),
}

/// Fields to change; the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modification {
    /// Which requests it is about.
    pub conditions: Option<Conditions>,
    /// Where they are sent, and nothing else done with them.
    pub forwards: Option<Vec<Forward>>,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let listener_arn = refs.usable(&self.listener)?;
        let target_group_arn = refs.usable(&self.target_group)?;
        match self.holder(self.place.priority, &listener_arn, refs) {
            Some(sibling) => Err(sibling.clone()),
            None => Ok(Create {
                listener_arn,
                priority: self.place.priority,
                conditions: self.conditions.clone(),
                target_group_arn,
            }),
        }
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let listener = fixed(refs.usable(&self.listener), &state.listener_arn, "loadBalancer");
        let mut findings: Vec<_> = listener.into_iter().chain(self.compare_priority(state, refs)).collect();
        let mut modification = Modification {
            conditions: (state.conditions != self.conditions).then(|| self.conditions.clone()),
            forwards: None,
        };
        match self.forwards(state, refs) {
            Ok(forwards) => modification.forwards = forwards,
            Err(node) => findings.push(Finding::Wait(node)),
        }
        if modification != Modification::default() {
            findings.push(Finding::Change(Change::Modify(modification)));
        }
        findings
    }
}

impl Spec {
    fn compare_priority(&self, state: &State, refs: &dyn Refs) -> Option<Finding<Change>> {
        let Place {
            priority,
            parking,
            contested,
        } = &self.place;
        if state.priority == *priority {
            return None;
        }
        if contested.contains(&state.priority) && state.priority != *parking {
            return Some(Finding::Change(Change::SetPriority(*parking)));
        }
        Some(match self.holder(*priority, &state.listener_arn, refs) {
            Some(sibling) => Finding::Wait(sibling.clone()),
            None => Finding::Change(Change::SetPriority(*priority)),
        })
    }

    /// Another rule of the owner that still has a priority.
    fn holder(&self, priority: u16, listener_arn: &str, refs: &dyn Refs) -> Option<&NodeId> {
        let holds = |sibling: &&NodeId| match refs.state(sibling) {
            Some(AnyState::ListenerRule(other)) => other.priority == priority && other.listener_arn == listener_arn,
            Some(_) | None => false,
        };
        self.siblings.iter().find(holds)
    }

    /// Where requests are to be sent now, if that is elsewhere; or what is waited for.
    fn forwards(&self, state: &State, refs: &dyn Refs) -> Result<Option<Vec<Forward>>, NodeId> {
        let arn = refs.usable(&self.target_group)?;
        let alone = vec![Forward::all(&arn)];
        let (wanted, others): (Vec<_>, Vec<_>) = state
            .forwards
            .iter()
            .partition(|forward| forward.target_group_arn == arn);
        let others_serve = others.iter().any(|other| other.weight > 0);
        let next = match wanted.first() {
            Some(wanted) if others.is_empty() && wanted.weight > 0 => state.forwards.clone(),
            // Whoever serves meanwhile goes on.
            Some(_) if others_serve => match self.serves(&arn, refs) {
                Ok(()) => alone,
                Err(node) if state.other.is_none() => return Err(node),
                Err(_) => state.forwards.clone(),
            },
            None if others_serve => {
                let others = others.into_iter().filter(|other| other.weight > 0);
                let others = others.take(MOST_TARGET_GROUPS - 1).cloned();
                others.chain([Forward::none(&arn)]).collect()
            }
            Some(_) | None => alone,
        };
        Ok((next != state.forwards || state.other.is_some()).then_some(next))
    }

    /// Whether the target group can take over; else what is waited for.
    fn serves(&self, arn: &str, refs: &dyn Refs) -> Result<(), NodeId> {
        refs.settled(&self.target_group)?;
        let is_attached = |group: &AnyState| group.uses().contains(&arn);
        if !refs.state(&self.group).is_some_and(is_attached) {
            return Err(self.group.clone());
        }
        match refs.state(&self.target_group) {
            Some(AnyState::TargetGroup(targets)) if targets.is_untold() => Err(self.target_group.clone()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Forward {
    /// All requests to this target group, where it is the only one.
    pub fn all(target_group_arn: &str) -> Self {
        Self {
            target_group_arn: target_group_arn.to_owned(),
            weight: 1,
        }
    }

    /// No request to this target group.
    pub fn none(target_group_arn: &str) -> Self {
        Self {
            target_group_arn: target_group_arn.to_owned(),
            weight: 0,
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::SetPriority(priority) => self.priority = *priority,
            Change::Modify(Modification { conditions, forwards }) => {
                if let Some(conditions) = conditions {
                    self.conditions.clone_from(conditions);
                }
                if let Some(forwards) = forwards {
                    self.forwards.clone_from(forwards);
                    self.other = None;
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let groups = self.forwards.iter().map(|forward| &forward.target_group_arn);
        [&self.listener_arn]
            .into_iter()
            .chain(groups)
            .map(String::as_str)
            .collect()
    }
}

impl State {
    /// A rule as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create {
            listener_arn,
            priority,
            conditions,
            target_group_arn,
        } = create.clone();
        Self {
            listener_arn,
            priority,
            conditions,
            forwards: vec![Forward::all(&target_group_arn)],
            other: None,
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            conditions,
            target_group,
            ..
        } = self;
        write!(formatter, "{} at {} to {target_group}", conditions, place.priority)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modify(modification) => modification.fmt(formatter),
            Self::SetPriority(priority) => write!(formatter, "priority {priority}"),
        }
    }
}

impl fmt::Display for Modification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conditions, forwards } = self;
        let forwards = forwards.as_ref().map(|forwards| {
            let forwards: Vec<_> = forwards.iter().map(ToString::to_string).collect();
            format!("to {}", forwards.join(", "))
        });
        let parts = [conditions.as_ref().map(ToString::to_string), forwards];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        formatter.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Forward {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target_group_arn,
            weight,
        } = self;
        match weight {
            0 => write!(formatter, "{target_group_arn} without requests"),
            _ => formatter.write_str(target_group_arn),
        }
    }
}

#[cfg(test)]
mod tests;
