//! A file system's address in a zone. It has no tags of its own: it is whose the file system is.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, once};
use crate::cloud::Reply;
use crate::kind::Kind;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The file system.
    pub file_system: NodeId,
    /// The subnet it is in.
    pub subnet: NodeId,
    /// The security group that says who may mount.
    pub security_group: NodeId,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The file system.
    pub file_system_id: String,
    /// The subnet it is in.
    pub subnet_id: String,
    /// The security group that says who may mount.
    pub security_group_id: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The file system.
    pub file_system_id: String,
    /// The subnet it is in.
    pub subnet_id: String,
    /// The availability zone it is in.
    pub zone: String,
    /// Its address.
    #[serde(default)]
    pub address: Option<String>,
    /// The security groups that say who may mount; a detail that only `DescribeMountTargetSecurityGroups` shows.
    #[serde(default)]
    pub security_group_ids: Option<Vec<String>>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let these security groups, and no other, say who may mount.
    SecurityGroups(Vec<String>),
}

/// Which of the owner's resources the mount target of `file_system` in this place is. They are told apart by their zones; in an
/// existing network, whose zones are not known beforehand and whose file system is named by the VPC, by their subnets.
pub fn node(file_system: &NodeId, zone: &str, subnet_id: &str) -> NodeId {
    let place = if file_system.name.is_empty() { zone } else { subnet_id };
    NodeId::named(Kind::MountTarget, place)
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            file_system_id: refs.usable(&self.file_system)?,
            subnet_id: refs.usable(&self.subnet)?,
            security_group_id: refs.usable(&self.security_group)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let groups = once(refs.usable(&self.security_group), |id| {
            let differs = state
                .security_group_ids
                .as_ref()
                .is_some_and(|ids| *ids != [id.clone()]);
            differs.then(|| Change::SecurityGroups(vec![id]))
        });
        [
            fixed(refs.usable(&self.file_system), &state.file_system_id, "fileSystem"),
            fixed(refs.usable(&self.subnet), &state.subnet_id, "network.subnets"),
            groups,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::SecurityGroups(ids) => self.security_group_ids = Some(ids.clone()),
        }
    }

    fn uses(&self) -> Vec<&str> {
        let groups = self.security_group_ids.iter().flatten().map(String::as_str);
        groups
            .chain([self.file_system_id.as_str(), self.subnet_id.as_str()])
            .collect()
    }

    fn lacks_details(&self) -> bool {
        self.security_group_ids.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.security_group_ids.is_none() {
            self.security_group_ids.clone_from(&earlier.security_group_ids);
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "in {} with {}", self.subnet, self.security_group)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecurityGroups(ids) => write!(formatter, "security groups: {}", ids.join(", ")),
        }
    }
}
