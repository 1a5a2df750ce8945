//! A public address.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, once};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted: an address of Amazon's pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The instance that has it. A NAT gateway takes its own, when it is created.
    pub instance: Option<NodeId>,
}

/// What the creating call needs: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create;

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The address.
    pub public_ip: String,
    /// The association with whatever has it.
    #[serde(default)]
    pub association_id: Option<String>,
    /// The instance that has it.
    #[serde(default)]
    pub instance_id: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give it to this instance, whatever has it now.
    Associate(String),
    /// End this association.
    Disassociate(String),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create)
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let instance = self.instance.as_ref();
        let associate = |id: String| (state.instance_id.as_ref() != Some(&id)).then_some(Change::Associate(id));
        instance
            .and_then(|instance| once(refs.usable(instance), associate))
            .into_iter()
            .collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, reply: &Reply) {
        match change {
            Change::Associate(instance) => {
                self.association_id.clone_from(&reply.part_id);
                self.instance_id = Some(instance.clone());
            }
            Change::Disassociate(_) => {
                self.association_id = None;
                self.instance_id = None;
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        self.instance_id.as_deref().into_iter().collect()
    }

    /// AWS releases no address that an instance has. A NAT gateway gives it back by itself.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html>
    fn teardown(&self) -> Option<Change> {
        self.instance_id.as_ref()?;
        self.association_id.clone().map(Change::Disassociate)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            Some(instance) => write!(formatter, "public address of {instance}"),
            None => formatter.write_str("public address"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Associate(instance) => write!(formatter, "associate with {instance}"),
            Self::Disassociate(association) => write!(formatter, "disassociate {association}"),
        }
    }
}
