//! The secret in which RDS keeps the master password of a database. It comes and goes with that; its content is never read here.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The database it is of.
    pub database: NodeId,
    /// Days after which RDS makes another password; as RDS has it where none is given.
    pub rotation_days: Option<u16>,
}

/// It is never created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Create {}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The identifier of the database it is of.
    pub database: String,
    /// Its ARN.
    pub arn: String,
    /// How it is; a detail that only `DescribeSecret` shows.
    #[serde(default)]
    pub details: Option<Details>,
}

/// How a secret is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Days after which RDS makes another password.
    #[serde(default)]
    pub rotation_days: Option<u16>,
    /// What tells its present content from an earlier one.
    #[serde(default)]
    pub version: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make another password after so many days.
    Rotation(u16),
}

/// The id by which it is known here: the database's, and its ARN.
pub fn id(database: &str, arn: &str) -> String {
    format!("{database}/{arn}")
}

/// The database and the ARN of the secret with this id.
pub fn database_and_arn(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or(("", id))
}

impl State {
    /// One of which no more is known than that it is there.
    pub fn bare(database: &str, arn: &str) -> Self {
        Self {
            database: database.to_owned(),
            arn: arn.to_owned(),
            details: None,
        }
    }
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Err(self.database.clone())
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let is = state.details.as_ref().and_then(|details| details.rotation_days);
        let wanted = self
            .rotation_days
            .filter(|wanted| state.details.is_some() && is != Some(*wanted));
        wanted.map(Change::Rotation).map(Finding::Change).into_iter().collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Rotation(days) => self.details.get_or_insert_default().rotation_days = Some(*days),
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.database]
    }

    fn parents(&self) -> Vec<&str> {
        vec![&self.database]
    }

    fn lacks_details(&self) -> bool {
        self.details.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.details.is_none() && self.arn == earlier.arn {
            self.details.clone_from(&earlier.details);
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the master password of {}", self.database)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotation(days) => write!(formatter, "credentials.rotationDays: {days}"),
        }
    }
}
