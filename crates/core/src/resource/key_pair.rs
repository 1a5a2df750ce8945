//! A key pair, of which AWS holds the public half. The key behind a name cannot be changed, so another key has another name.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in a region; it follows from the key.
    pub name: String,
    /// The public key in OpenSSH's form.
    pub public_key: String,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// The public key in OpenSSH's form.
    pub public_key: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            public_key: self.public_key.clone(),
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let changed = state.name != self.name;
        let immutable = || Finding::Immutable {
            field: "bastion.sshPublicKey",
            is: state.name.clone(),
            wanted: self.name.clone(),
        };
        changed.then(immutable).into_iter().collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    /// An instance has copied the key when it started.
    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
