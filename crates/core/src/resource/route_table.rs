//! A route table with its default route and the subnets that follow it. Other routes (to a peered VPC, a transit gateway) are
//! somebody else's and stay.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, once};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// Everywhere.
pub const ANYWHERE: &str = "0.0.0.0/0";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC it is in.
    pub vpc: NodeId,
    /// Where traffic to anywhere goes: an internet gateway or a NAT gateway, or nowhere.
    pub default_route: Option<NodeId>,
    /// The subnets that follow it.
    pub subnets: Vec<NodeId>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC it is in.
    pub vpc_id: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// Where traffic to anywhere goes: the id of an internet gateway, a NAT gateway or something else.
    #[serde(default)]
    pub default_route: Option<String>,
    /// The subnets that follow it.
    #[serde(default)]
    pub associations: Vec<Association>,
}

/// A subnet that follows a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Association {
    /// Its id, such as `rtbassoc-0123456789abcdef0`.
    pub id: String,
    /// The subnet.
    pub subnet_id: String,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Send traffic to anywhere to this gateway.
    CreateDefaultRoute(String),
    /// Send traffic to anywhere to this gateway instead.
    ReplaceDefaultRoute(String),
    /// Send traffic to anywhere nowhere.
    DeleteDefaultRoute,
    /// Let this subnet follow the table, whichever it follows now.
    Associate {
        /// The subnet.
        subnet_id: String,
    },
    /// Let the subnet of this association follow the VPC's main table.
    Disassociate(Association),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings: Vec<_> = fixed(refs.usable(&self.vpc), &state.vpc_id, "network")
            .into_iter()
            .collect();
        findings.extend(self.compare_default_route(state, refs));
        findings.extend(self.compare_associations(state, refs));
        findings
    }
}

impl Spec {
    fn compare_default_route(&self, state: &State, refs: &dyn Refs) -> Option<Finding<Change>> {
        match (&self.default_route, &state.default_route) {
            (None, None) => None,
            (None, Some(_)) => Some(Finding::Change(Change::DeleteDefaultRoute)),
            (Some(gateway), None) => once(refs.settled(gateway), |id| Some(Change::CreateDefaultRoute(id))),
            (Some(gateway), Some(current)) => once(refs.settled(gateway), |id| {
                (id != *current).then_some(Change::ReplaceDefaultRoute(id))
            }),
        }
    }

    fn compare_associations(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let wanted: Vec<_> = self.subnets.iter().map(|subnet| refs.usable(subnet)).collect();
        let is_associated = |id: &String| {
            state
                .associations
                .iter()
                .any(|association| association.subnet_id == *id)
        };
        let missing = wanted.iter().filter_map(|subnet| {
            once(subnet.clone(), |id| {
                (!is_associated(&id)).then_some(Change::Associate { subnet_id: id })
            })
        });
        // While a wanted subnet is not known, an association may be its own.
        let all_known = wanted.iter().all(Result::is_ok);
        let foreign = state
            .associations
            .iter()
            .filter(|association| all_known && !wanted.contains(&Ok(association.subnet_id.clone())))
            .map(|association| Finding::Change(Change::Disassociate(association.clone())));
        missing.chain(foreign).collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, reply: &Reply) {
        match change {
            Change::CreateDefaultRoute(gateway) | Change::ReplaceDefaultRoute(gateway) => {
                self.default_route = Some(gateway.clone());
            }
            Change::DeleteDefaultRoute => self.default_route = None,
            Change::Associate { subnet_id } => {
                self.associations
                    .retain(|association| association.subnet_id != *subnet_id);
                let id = reply.part_id.clone().unwrap_or_default();
                self.associations.push(Association {
                    id,
                    subnet_id: subnet_id.clone(),
                });
            }
            Change::Disassociate(gone) => self.associations.retain(|association| association.id != gone.id),
        }
    }

    fn uses(&self) -> Vec<&str> {
        let subnets = self
            .associations
            .iter()
            .map(|association| association.subnet_id.as_str());
        self.default_route
            .as_deref()
            .into_iter()
            .chain(subnets)
            .chain([self.vpc_id.as_str()])
            .collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.default_route {
            Some(gateway) => write!(formatter, "{ANYWHERE} -> {gateway}"),
            None => formatter.write_str("no default route"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateDefaultRoute(gateway) => write!(formatter, "add route {ANYWHERE} -> {gateway}"),
            Self::ReplaceDefaultRoute(gateway) => write!(formatter, "change route {ANYWHERE} -> {gateway}"),
            Self::DeleteDefaultRoute => write!(formatter, "remove route {ANYWHERE}"),
            Self::Associate { subnet_id } => write!(formatter, "associate {subnet_id}"),
            Self::Disassociate(association) => write!(formatter, "disassociate {}", association.subnet_id),
        }
    }
}
