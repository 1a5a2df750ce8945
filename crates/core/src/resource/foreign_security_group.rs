//! A security group of somebody else that refers to one of ours. It is looked at to say what keeps ours from being deleted.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// Nobody wants one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {}

/// It is never created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Create {}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// The groups its rules refer to.
    #[serde(default)]
    pub refers_to: Vec<String>,
}

/// Nothing about it is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        match *self {}
    }

    fn compare(&self, _state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        match *self {}
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        self.refers_to.iter().map(String::as_str).collect()
    }

    fn parents(&self) -> Vec<&str> {
        self.uses()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
