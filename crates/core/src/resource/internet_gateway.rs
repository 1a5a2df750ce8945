//! An internet gateway, attached to a VPC.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, once};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC to attach it to.
    pub vpc: NodeId,
}

/// What the creating call needs: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create;

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is attached to.
    #[serde(default)]
    pub vpc_id: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Attach it to this VPC.
    Attach(String),
    /// Detach it from this VPC.
    Detach(String),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create)
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        once(refs.usable(&self.vpc), |vpc| match &state.vpc_id {
            None => Some(Change::Attach(vpc)),
            Some(attached) if *attached == vpc => None,
            Some(attached) => Some(Change::Detach(attached.clone())),
        })
        .into_iter()
        .collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        self.vpc_id = match change {
            Change::Attach(vpc) => Some(vpc.clone()),
            Change::Detach(_) => None,
        };
    }

    fn uses(&self) -> Vec<&str> {
        self.vpc_id.as_deref().into_iter().collect()
    }

    fn teardown(&self) -> Option<Change> {
        self.vpc_id.clone().map(Change::Detach)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "for {}", self.vpc)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attach(vpc) => write!(formatter, "attach to {vpc}"),
            Self::Detach(vpc) => write!(formatter, "detach from {vpc}"),
        }
    }
}
