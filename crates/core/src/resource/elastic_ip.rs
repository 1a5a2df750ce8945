//! A public address.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted: an address of Amazon's pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec;

/// What the creating call needs: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create;

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The address.
    pub public_ip: String,
    /// The association with whatever has it.
    #[serde(default)]
    pub association_id: Option<String>,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create)
    }

    fn compare(&self, _state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        Vec::new()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("public address")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
