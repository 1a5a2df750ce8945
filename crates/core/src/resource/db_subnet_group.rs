//! The subnets that a database may be in. Its description, which cannot be seen in tags, tells whose it is.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html>

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The subnets.
    pub subnets: Vec<NodeId>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The subnets, by id.
    pub subnet_ids: BTreeSet<String>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The subnets, by id.
    pub subnet_ids: BTreeSet<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These are the subnets.
    Subnets {
        /// By id.
        ids: BTreeSet<String>,
        /// What tells whose it is: the call would take it away otherwise.
        path: String,
    },
}

impl Spec {
    fn subnet_ids(&self, refs: &dyn Refs) -> Result<BTreeSet<String>, NodeId> {
        self.subnets.iter().map(|subnet| refs.usable(subnet)).collect()
    }
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            path: self.path.clone(),
            subnet_ids: self.subnet_ids(refs)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let finding = match self.subnet_ids(refs) {
            Ok(ids) if ids == state.subnet_ids => None,
            Ok(ids) => Some(Finding::Change(Change::Subnets {
                ids,
                path: self.path.clone(),
            })),
            Err(node) => Some(Finding::Wait(node)),
        };
        finding.into_iter().collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Subnets { ids, path } => {
                self.subnet_ids.clone_from(ids);
                self.path.clone_from(path);
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        self.subnet_ids.iter().map(String::as_str).collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subnets: Vec<_> = self.subnets.iter().map(ToString::to_string).collect();
        formatter.write_str(&subnets.join(", "))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subnets { ids, path: _ } => {
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                write!(formatter, "subnets: {}", ids.join(", "))
            }
        }
    }
}
