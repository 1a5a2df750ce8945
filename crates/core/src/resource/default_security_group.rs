//! The security group that comes with a VPC. It lets its members talk to each other and to the world, and whatever is started
//! without a group of its own gets it, so it is emptied (CIS AWS Foundations 5.4).
//! <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::security_group::Rule;
use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted: no rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC it came with.
    pub vpc: NodeId,
}

/// It is never created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Create {}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it came with.
    pub vpc_id: String,
    /// The rules for what comes in.
    #[serde(default)]
    pub ingress: Vec<Rule>,
    /// The rules for what goes out.
    #[serde(default)]
    pub egress: Vec<Rule>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Take away these rules for what comes in.
    RevokeIngress(Vec<Rule>),
    /// Take away these rules for what goes out.
    RevokeEgress(Vec<Rule>),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Err(self.vpc.clone())
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings: Vec<_> = fixed(refs.usable(&self.vpc), &state.vpc_id, "network")
            .into_iter()
            .collect();
        if !state.ingress.is_empty() {
            findings.push(Finding::Change(Change::RevokeIngress(state.ingress.clone())));
        }
        if !state.egress.is_empty() {
            findings.push(Finding::Change(Change::RevokeEgress(state.egress.clone())));
        }
        findings
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::RevokeIngress(rules) => self.ingress.retain(|rule| !rules.contains(rule)),
            Change::RevokeEgress(rules) => self.egress.retain(|rule| !rules.contains(rule)),
        }
    }

    fn uses(&self) -> Vec<&str> {
        // It goes with its VPC, so it does not keep it.
        Vec::new()
    }

    fn parents(&self) -> Vec<&str> {
        vec![&self.vpc_id]
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no rules")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RevokeIngress(rules) => write!(formatter, "revoke ingress rules: {}", rules.len()),
            Self::RevokeEgress(rules) => write!(formatter, "revoke egress rules: {}", rules.len()),
        }
    }
}
