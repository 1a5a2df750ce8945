//! A subnet.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>

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
    /// Its availability zone, by name.
    pub zone: String,
    /// Its IPv4 range.
    pub cidr: String,
    /// Whether instances started in it get a public address.
    pub assign_public_addresses: bool,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC it is in.
    pub vpc_id: String,
    /// Its availability zone, by name.
    pub zone: String,
    /// Its IPv4 range.
    pub cidr: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// Its availability zone, by name.
    pub zone: String,
    /// Its IPv4 range.
    pub cidr: String,
    /// Whether instances started in it get a public address.
    pub assign_public_addresses: bool,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give instances started in it a public address, or do not.
    AssignPublicAddresses(bool),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
            zone: self.zone.clone(),
            cidr: self.cidr.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings: Vec<_> = fixed(refs.usable(&self.vpc), &state.vpc_id, "network")
            .into_iter()
            .collect();
        for (field, is, wanted) in [
            ("network.subnets", &state.cidr, &self.cidr),
            ("network.zoneNames", &state.zone, &self.zone),
        ] {
            if is != wanted {
                findings.push(Finding::Immutable {
                    field,
                    is: is.clone(),
                    wanted: wanted.clone(),
                });
            }
        }
        if state.assign_public_addresses != self.assign_public_addresses {
            findings.push(Finding::Change(Change::AssignPublicAddresses(
                self.assign_public_addresses,
            )));
        }
        findings
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::AssignPublicAddresses(assign) => self.assign_public_addresses = *assign,
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.vpc_id]
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} in {}", self.cidr, self.zone)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AssignPublicAddresses(true) => formatter.write_str("public addresses: off -> on"),
            Self::AssignPublicAddresses(false) => formatter.write_str("public addresses: on -> off"),
        }
    }
}
