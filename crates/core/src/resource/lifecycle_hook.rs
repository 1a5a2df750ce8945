//! What a group waits for before it takes in or lets go of an instance. A hook has no tags: it is whose the group is.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html>

use std::fmt;

pub use hastack_api::service::capacity::{LifecycleResult, LifecycleTransition};
use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, group_part};
use crate::cloud::Reply;
use crate::owner::NodeId;

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

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The group it belongs to.
    pub group: String,
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: Content,
}

/// What a lifecycle hook says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// When it waits.
    pub transition: LifecycleTransition,
    /// Seconds after which no more is waited.
    pub timeout_seconds: u16,
    /// What happens then.
    pub default_result: LifecycleResult,
    /// What the one who is told gets told beside.
    #[serde(default)]
    pub metadata: Option<String>,
    /// Who is told beside `EventBridge`.
    #[serde(default)]
    pub notification: Option<Notification>,
}

/// Who is told that a hook waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// A queue or topic, by ARN.
    pub target_arn: String,
    /// The role with which AWS tells it, by ARN.
    pub role_arn: String,
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
        } = state;
        let put = if self.content.metadata.is_none() && content.metadata.is_some() {
            // What a put leaves out stays as it is, and AWS takes no empty text for it.
            Some(Finding::Replace {
                field: "lifecycleHooks.metadata",
            })
        } else {
            (self.content != *content).then(|| Finding::Change(Change::Put(self.content.clone())))
        };
        let group = fixed(refs.usable(&self.group), group, "group");
        group.into_iter().chain(put).collect()
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
    /// A hook as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create { group, name, content } = create.clone();
        Self { group, name, content }
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
            transition,
            timeout_seconds,
            default_result,
            metadata: _,
            notification,
        } = self;
        let when = match transition {
            LifecycleTransition::Launching => "after launching",
            LifecycleTransition::Terminating => "before terminating",
        };
        let then = match default_result {
            LifecycleResult::Abandon => "give up",
            LifecycleResult::Continue => "go on",
        };
        write!(formatter, "{when} wait {timeout_seconds} s, then {then}")?;
        match notification {
            None => Ok(()),
            Some(Notification {
                target_arn,
                role_arn: _,
            }) => write!(formatter, ", tell {target_arn}"),
        }
    }
}

#[cfg(test)]
mod tests;
