//! An instance. One that is terminated stays listed for about an hour.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// The tag that tells the SSM parameter from which an instance took its image: AWS shows the image alone, and that says nothing once
/// the parameter has moved on to the next.
pub const IMAGE: &str = "hastack.dev/image";
/// The tag that tells the size of an instance's volume in GiB, which AWS shows with volumes only.
pub const VOLUME: &str = "hastack.dev/volume";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its type, such as `t4g.nano`.
    pub instance_type: String,
    /// The SSM parameter that names its image. That the parameter moves on changes nothing.
    pub image_parameter: String,
    /// The subnets it may be in; a new one starts in the first.
    pub subnets: Vec<NodeId>,
    /// Its security groups.
    pub groups: Vec<NodeId>,
    /// The instance profile that gives it its role.
    pub profile: NodeId,
    /// That profile's name.
    pub profile_name: String,
    /// The key pair that opens it, where one does.
    pub key: Option<Key>,
    /// The size of its volume.
    pub volume_size_gib: u16,
}

/// The key pair that opens an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// The key pair, where it is of the same owner.
    pub pair: Option<NodeId>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its type.
    pub instance_type: String,
    /// The SSM parameter that names its image.
    pub image_parameter: String,
    /// Its subnet.
    pub subnet_id: String,
    /// Its security groups.
    pub group_ids: BTreeSet<String>,
    /// Its instance profile.
    pub profile_id: String,
    /// That profile's name.
    pub profile_name: String,
    /// The key pair that opens it, by name.
    pub key_name: Option<String>,
    /// The size of its volume.
    pub volume_size_gib: u16,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its type.
    pub instance_type: String,
    /// The SSM parameter that named its image, from our tag.
    #[serde(default)]
    pub image_parameter: Option<String>,
    /// Its subnet.
    pub subnet_id: String,
    /// Its security groups.
    #[serde(default)]
    pub group_ids: BTreeSet<String>,
    /// Its instance profile.
    #[serde(default)]
    pub profile_id: Option<String>,
    /// The key pair that opens it, by name.
    #[serde(default)]
    pub key_name: Option<String>,
    /// The size of its volume, from our tag.
    #[serde(default)]
    pub volume_size_gib: Option<u16>,
    /// Whether its metadata is given to those with a session token only (`IMDSv2`), and not beyond the instance itself.
    pub guards_metadata: bool,
    /// Whether it runs, rather than being stopped.
    pub runs: bool,
    /// Its public address.
    #[serde(default)]
    pub public_ip: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Start it again.
    Start,
    /// Put it into these security groups.
    Groups(BTreeSet<String>),
    /// Give its metadata to those with a session token only, and not beyond the instance itself.
    GuardMetadata,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        if let Some(pair) = self.key.as_ref().and_then(|key| key.pair.as_ref()) {
            refs.settled(pair)?;
        }
        let subnet = self.subnets.first().map(|subnet| refs.usable(subnet));
        Ok(Create {
            instance_type: self.instance_type.clone(),
            image_parameter: self.image_parameter.clone(),
            subnet_id: subnet.transpose()?.unwrap_or_default(),
            group_ids: self.group_ids(refs)?,
            // A profile that has no role yet would be taken as it is.
            profile_id: refs.settled(&self.profile)?,
            profile_name: self.profile_name.clone(),
            key_name: self.key.as_ref().map(|key| key.name.clone()),
            volume_size_gib: self.volume_size_gib,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = self.differences(state);
        findings.extend(self.elsewhere(state, refs));
        findings.extend(state.profile_id.as_deref().map_or_else(
            || Some(immutable("bastion", "no instance profile", &self.profile_name)),
            |is| fixed(refs.usable(&self.profile), is, "bastion"),
        ));
        if !state.runs {
            findings.push(Finding::Change(Change::Start));
        }
        match self.group_ids(refs) {
            Err(node) => findings.push(Finding::Wait(node)),
            Ok(groups) if groups == state.group_ids => {}
            Ok(groups) => findings.push(Finding::Change(Change::Groups(groups))),
        }
        if !state.guards_metadata {
            findings.push(Finding::Change(Change::GuardMetadata));
        }
        findings
    }
}

impl Spec {
    fn group_ids(&self, refs: &dyn Refs) -> Result<BTreeSet<String>, NodeId> {
        self.groups.iter().map(|group| refs.usable(group)).collect()
    }

    /// What it was started with and cannot be given afterwards.
    fn differences(&self, state: &State) -> Vec<Finding<Change>> {
        let size = |size: u16| format!("{size} GiB");
        let none = || "none".to_owned();
        let is_key = state.key_name.clone().unwrap_or_else(none);
        let key = self.key.as_ref().map_or_else(none, |key| key.name.clone());
        let fields = [
            (
                "bastion.instanceType",
                state.instance_type.clone(),
                self.instance_type.clone(),
            ),
            (
                "bastion.imageParameter",
                state.image_parameter.clone().unwrap_or_else(none),
                self.image_parameter.clone(),
            ),
            ("bastion.keyName", is_key, key),
            (
                "bastion.volumeSizeGiB",
                state.volume_size_gib.map_or_else(none, size),
                size(self.volume_size_gib),
            ),
        ];
        let differing = fields.into_iter().filter(|(_, is, wanted)| is != wanted);
        differing
            .map(|(field, is, wanted)| immutable(field, &is, &wanted))
            .collect()
    }

    /// Any of its subnets will do: one that comes before the others, when a zone is added, moves nothing.
    fn elsewhere(&self, state: &State, refs: &dyn Refs) -> Option<Finding<Change>> {
        let subnets: Result<Vec<_>, _> = {
            let usable: Vec<_> = self.subnets.iter().map(|subnet| refs.usable(subnet)).collect();
            if usable.iter().flatten().any(|id| *id == state.subnet_id) {
                return None;
            }
            usable.into_iter().collect()
        };
        Some(match subnets {
            Err(node) => Finding::Wait(node),
            Ok(ids) => immutable("network", &state.subnet_id, &ids.join(", ")),
        })
    }
}

fn immutable(field: &'static str, is: &str, wanted: &str) -> Finding<Change> {
    Finding::Immutable {
        field,
        is: is.to_owned(),
        wanted: wanted.to_owned(),
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Start => self.runs = true,
            Change::Groups(groups) => self.group_ids.clone_from(groups),
            Change::GuardMetadata => self.guards_metadata = true,
        }
    }

    fn uses(&self) -> Vec<&str> {
        let groups = self.group_ids.iter().map(String::as_str);
        groups
            .chain([self.subnet_id.as_str()])
            .chain(self.profile_id.as_deref())
            .collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} with {}", self.instance_type, self.image_parameter)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => formatter.write_str("start"),
            Self::Groups(groups) => {
                let groups: Vec<_> = groups.iter().map(String::as_str).collect();
                write!(formatter, "security groups -> {}", groups.join(", "))
            }
            Self::GuardMetadata => formatter.write_str("metadata: anyone on it -> with a session token"),
        }
    }
}
