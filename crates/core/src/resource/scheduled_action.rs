//! When a group's size changes by the clock. An action has no tags: it is whose the group is.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, group_part};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// The time zone where none is given.
pub const UTC: &str = "Etc/UTC";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The group it belongs to.
    pub group: NodeId,
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: Content,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The group it belongs to.
    pub group: String,
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: Content,
}

/// What AWS shows. When it happens first is AWS's choice, and nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The group it belongs to.
    pub group: String,
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: Content,
    /// Whether it comes to an end, which none of ours does.
    #[serde(default)]
    pub ends: bool,
}

/// What a scheduled action says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// When, as five fields of cron; empty where it happens once.
    pub recurrence: String,
    /// In which time zone.
    pub time_zone: String,
    /// At least so many from then on.
    pub min: Option<u16>,
    /// At most so many from then on.
    pub max: Option<u16>,
    /// So many then.
    pub desired: Option<u16>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let it say this.
    Put(Content),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            group: refs.usable(&self.group)?,
            name: self.name.clone(),
            content: self.content.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let State {
            group,
            name: _,
            content,
            ends,
        } = state;
        let put = if let Some(field) = self.content.lacks(content) {
            // What a put leaves out stays as it is.
            Some(Finding::Replace { field })
        } else if *ends {
            Some(Finding::Replace {
                field: "scaling.scheduled",
            })
        } else {
            (self.content != *content).then(|| Finding::Change(Change::Put(self.content.clone())))
        };
        let group = fixed(refs.usable(&self.group), group, "group");
        group.into_iter().chain(put).collect()
    }
}

impl Content {
    /// What `is` has and this has not.
    fn lacks(&self, is: &Self) -> Option<&'static str> {
        let numbers = [
            ("scaling.scheduled.min", self.min, is.min),
            ("scaling.scheduled.max", self.max, is.max),
            ("scaling.scheduled.desired", self.desired, is.desired),
        ];
        let mut lacking = numbers
            .into_iter()
            .filter(|(_, wanted, is)| wanted.is_none() && is.is_some());
        lacking.next().map(|(field, _, _)| field)
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Put(content) => self.content = content.clone(),
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.group]
    }
}

impl State {
    /// An action as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create { group, name, content } = create.clone();
        Self {
            group,
            name,
            content,
            ends: false,
        }
    }

    /// The id by which it is known here.
    pub fn id(&self) -> String {
        group_part::id(&self.group, &self.name)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.fmt(formatter)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put(content) => content.fmt(formatter),
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            recurrence,
            time_zone,
            min,
            max,
            desired,
        } = self;
        let numbers = [("min", min), ("max", max), ("desired", desired)];
        let numbers = numbers
            .iter()
            .filter_map(|(word, number)| number.map(|number| format!("{word} {number}")));
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        write!(formatter, "{numbers} at {recurrence} in {time_zone}")
    }
}

#[cfg(test)]
mod tests;
