//! An instance profile: how an instance gets its role. Its id in AWS is that of one incarnation: an instance does not take up another
//! one of the same name, so the name alone would not tell.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, once};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account.
    pub name: String,
    /// Its path, which tells whose it is.
    pub path: String,
    /// The role it gives.
    pub role: NodeId,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name: what every call to it takes.
    pub name: String,
    /// The role it gives, by ARN; AWS allows one.
    #[serde(default)]
    pub role_arn: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give this role, by ARN.
    AddRole(String),
    /// Give this role no more, by ARN.
    RemoveRole(String),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            path: self.path.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        once(refs.usable(&self.role), |role| match &state.role_arn {
            None => Some(Change::AddRole(role)),
            Some(given) if *given == role => None,
            Some(given) => Some(Change::RemoveRole(given.clone())),
        })
        .into_iter()
        .collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        self.role_arn = match change {
            Change::AddRole(role) => Some(role.clone()),
            Change::RemoveRole(_) => None,
        };
    }

    fn uses(&self) -> Vec<&str> {
        self.role_arn.as_deref().into_iter().collect()
    }

    fn teardown(&self) -> Option<Change> {
        self.role_arn.clone().map(Change::RemoveRole)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "for {}", self.role)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddRole(role) => write!(formatter, "add {role}"),
            Self::RemoveRole(role) => write!(formatter, "remove {role}"),
        }
    }
}
