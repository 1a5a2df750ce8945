//! A security group of somebody else that refers to one of ours. It is looked at to say what keeps ours from being deleted.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>

use serde::{Deserialize, Serialize};

use super::Shown;
use super::unwanted::{Never, Unwanted};
use crate::cloud::Reply;

/// Nobody wants one.
pub type Spec = Unwanted<State>;

/// It is never created.
pub type Create = Never;

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
pub type Change = Never;

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
