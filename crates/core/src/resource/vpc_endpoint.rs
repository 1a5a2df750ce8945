//! A gateway endpoint: a way to S3 or DynamoDB through route tables.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC it is in.
    pub vpc: NodeId,
    /// The service, such as `com.amazonaws.us-east-1.s3`.
    pub service: String,
    /// The tables that get its routes.
    pub route_tables: Vec<NodeId>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The service.
    pub service: String,
    /// The tables that get its routes.
    pub route_table_ids: Vec<String>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The service.
    pub service: String,
    /// The tables that have its routes.
    #[serde(default)]
    pub route_table_ids: Vec<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give its routes to these tables and take them from those.
    RouteTables {
        /// The tables that get its routes.
        add: Vec<String>,
        /// The tables that lose them.
        remove: Vec<String>,
    },
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
            service: self.service.clone(),
            route_table_ids: self.route_table_ids(refs)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings: Vec<_> = fixed(refs.usable(&self.vpc), &state.vpc_id, "network")
            .into_iter()
            .collect();
        match self.route_table_ids(refs) {
            Err(node) => findings.push(Finding::Wait(node)),
            Ok(wanted) => {
                let is = &state.route_table_ids;
                let add: Vec<_> = wanted.iter().filter(|id| !is.contains(id)).cloned().collect();
                let remove: Vec<_> = is.iter().filter(|id| !wanted.contains(id)).cloned().collect();
                if !(add.is_empty() && remove.is_empty()) {
                    findings.push(Finding::Change(Change::RouteTables { add, remove }));
                }
            }
        }
        findings
    }
}

impl Spec {
    fn route_table_ids(&self, refs: &dyn Refs) -> Result<Vec<String>, NodeId> {
        self.route_tables.iter().map(|table| refs.usable(table)).collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::RouteTables { add, remove } => {
                self.route_table_ids
                    .retain(|id| !remove.contains(id) && !add.contains(id));
                self.route_table_ids.extend(add.iter().cloned());
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        self.route_table_ids
            .iter()
            .map(String::as_str)
            .chain([self.vpc_id.as_str()])
            .collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.service)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RouteTables { add, remove } => {
                let added = add.iter().map(|id| format!("+{id}"));
                let removed = remove.iter().map(|id| format!("-{id}"));
                write!(
                    formatter,
                    "route tables {}",
                    added.chain(removed).collect::<Vec<_>>().join(" ")
                )
            }
        }
    }
}
