//! A NAT gateway. It can end in `failed`, stays listed for about an hour after it is deleted, and keeps its address until then.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The public subnet it is in.
    pub subnet: NodeId,
    /// Its public address.
    pub elastic_ip: NodeId,
    /// The gateway its traffic leaves by: it must be attached first.
    pub internet_gateway: NodeId,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The public subnet it is in.
    pub subnet_id: String,
    /// Its public address, by allocation id.
    pub allocation_id: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The public subnet it is in.
    pub subnet_id: String,
    /// Its public address, by allocation id.
    pub allocation_id: String,
    /// Its public address.
    #[serde(default)]
    pub public_ip: Option<String>,
    /// Why it failed, in AWS's words.
    #[serde(default)]
    pub failure: Option<String>,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        refs.settled(&self.internet_gateway)?;
        Ok(Create {
            subnet_id: refs.usable(&self.subnet)?,
            allocation_id: refs.usable(&self.elastic_ip)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        [
            fixed(refs.usable(&self.subnet), &state.subnet_id, "network.subnets"),
            fixed(
                refs.usable(&self.elastic_ip),
                &state.allocation_id,
                "network.natGateways",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.subnet_id, &self.allocation_id]
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "in {} with {}", self.subnet, self.elastic_ip)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
