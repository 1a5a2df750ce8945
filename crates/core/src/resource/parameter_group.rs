//! A parameter group, of instances or of clusters: AWS has the same calls for both. Its description, since tags are not listed,
//! tells whose it is.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// How many parameters one call sets or resets.
const MOST: usize = 20;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The engine and major version it is for, such as `postgres16`.
    pub family: String,
    /// Parameters that are not as AWS has them.
    pub parameters: BTreeMap<String, String>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The engine and major version.
    pub family: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// What tells whose it is.
    pub path: String,
    /// The engine and major version.
    pub family: String,
    /// Parameters that are not as AWS has them; a detail that only the list of parameters shows.
    #[serde(default)]
    pub parameters: Option<BTreeMap<String, String>>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Set these.
    Set(BTreeMap<String, String>),
    /// Let these be as AWS has them.
    Reset(BTreeSet<String>),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            path: self.path.clone(),
            family: self.family.clone(),
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let Some(is) = &state.parameters else { return Vec::new() };
        let differs = |(name, value): &(&String, &String)| is.get(*name) != Some(*value);
        let set = self.parameters.iter().filter(differs).take(MOST);
        let set: BTreeMap<_, _> = set.map(|(name, value)| (name.clone(), value.clone())).collect();
        let reset = is.keys().filter(|name| !self.parameters.contains_key(*name)).take(MOST);
        let reset: BTreeSet<_> = reset.cloned().collect();
        let set = (!set.is_empty()).then_some(Change::Set(set));
        let reset = (!reset.is_empty()).then_some(Change::Reset(reset));
        set.into_iter().chain(reset).map(Finding::Change).collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        let parameters = self.parameters.get_or_insert_default();
        match change {
            Change::Set(set) => parameters.extend(set.clone()),
            Change::Reset(reset) => parameters.retain(|name, _| !reset.contains(name)),
        }
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    fn lacks_details(&self) -> bool {
        self.parameters.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.parameters.is_none() {
            self.parameters.clone_from(&earlier.parameters);
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "for {}", self.family)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(parameters) => {
                let parameters: Vec<_> = parameters
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                write!(formatter, "set {}", parameters.join(", "))
            }
            Self::Reset(names) => {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                write!(formatter, "reset {}", names.join(", "))
            }
        }
    }
}
