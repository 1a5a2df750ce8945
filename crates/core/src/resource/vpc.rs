//! A virtual private cloud.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its IPv4 range.
    pub cidr: String,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its IPv4 range.
    pub cidr: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its IPv4 range.
    pub cidr: String,
    /// Whether instances get DNS host names; a detail that only `DescribeVpcAttribute` shows.
    #[serde(default)]
    pub dns_hostnames: Option<bool>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give instances DNS host names: load balancers, file systems and databases are reached by them.
    EnableDnsHostnames,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            cidr: self.cidr.clone(),
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = Vec::new();
        if state.cidr != self.cidr {
            findings.push(Finding::Immutable {
                field: "network.cidr",
                is: state.cidr.clone(),
                wanted: self.cidr.clone(),
            });
        }
        if state.dns_hostnames == Some(false) {
            findings.push(Finding::Change(Change::EnableDnsHostnames));
        }
        findings
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::EnableDnsHostnames => self.dns_hostnames = Some(true),
        }
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    fn lacks_details(&self) -> bool {
        self.dns_hostnames.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        self.dns_hostnames = self.dns_hostnames.or(earlier.dns_hostnames);
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.cidr)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnableDnsHostnames => formatter.write_str("DNS host names: off -> on"),
        }
    }
}
