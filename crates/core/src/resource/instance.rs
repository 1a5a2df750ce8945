//! An instance: a bastion, or one on which an image is built. One that is terminated stays listed for about an hour.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>

mod build;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

pub use build::{Build, MARK};

/// The tag that tells the SSM parameter from which an instance took its image: AWS shows the image alone, and that says nothing once
/// the parameter has moved on to the next.
pub const IMAGE: &str = "hastack.dev/image";
/// The tag that tells the size of an instance's volume in GiB, which AWS shows with volumes only.
pub const VOLUME: &str = "hastack.dev/volume";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it is there for.
    pub purpose: Purpose,
    /// Its type, such as `t4g.nano`.
    pub instance_type: String,
    /// Its image.
    pub image: ImageRef,
    /// The subnets it may be in; a new one starts in the first.
    pub subnets: Vec<NodeId>,
    /// Its security groups.
    pub groups: Vec<NodeId>,
    /// Whether it has a public address.
    pub public_address: bool,
    /// The instance profile that gives it its role, where it has one.
    pub profile: Option<Profile>,
    /// The key pair that opens it, where one does.
    pub key: Option<Key>,
    /// The volume it starts from.
    pub volume: Volume,
}

/// What an instance is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be connected to: it is started again when it is stopped, and replaced when what it was started with changes.
    Bastion,
    /// To have an image made of it: it runs its user data once and stops by itself. What it was started with is its recipe's, so that
    /// another recipe is another instance.
    Builder {
        /// What it runs.
        user_data: String,
        /// After how many minutes that has failed.
        minutes: u16,
    },
}

/// The image an instance starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageRef {
    /// The one an SSM parameter names when the instance is started. That the parameter moves on changes nothing.
    Parameter(String),
    /// This one.
    Id(String),
}

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The profile.
    pub node: NodeId,
    /// Its name.
    pub name: String,
}

/// The encrypted volume an instance starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// What the image calls it, such as `/dev/xvda`.
    pub device: String,
    /// Its size, where it is not the image's.
    pub size_gib: Option<u16>,
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
    /// Its image.
    pub image: ImageRef,
    /// Its subnet.
    pub subnet_id: String,
    /// Its security groups.
    pub group_ids: BTreeSet<String>,
    /// Whether it has a public address.
    pub public_address: bool,
    /// Its instance profile.
    pub profile: Option<ProfileRef>,
    /// The key pair that opens it, by name.
    pub key_name: Option<String>,
    /// The volume it starts from.
    pub volume: Volume,
    /// What it runs once when it has started, where it is to have an image made of it.
    pub user_data: Option<String>,
}

/// An instance profile that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRef {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
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
    /// Its image.
    #[serde(default)]
    pub image_id: Option<String>,
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
    /// What has come of its user data, where it is to have an image made of it.
    #[serde(default)]
    pub build: Option<Build>,
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
        // A profile that has no role yet would be taken as it is.
        let profile = self.profile.as_ref().map(|profile| {
            refs.settled(&profile.node).map(|id| ProfileRef {
                id,
                name: profile.name.clone(),
            })
        });
        Ok(Create {
            instance_type: self.instance_type.clone(),
            image: self.image.clone(),
            subnet_id: subnet.transpose()?.unwrap_or_default(),
            group_ids: self.group_ids(refs)?,
            public_address: self.public_address,
            profile: profile.transpose()?,
            key_name: self.key.as_ref().map(|key| key.name.clone()),
            volume: self.volume.clone(),
            user_data: match &self.purpose {
                Purpose::Bastion => None,
                Purpose::Builder { user_data, minutes: _ } => Some(user_data.clone()),
            },
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = match &self.purpose {
            Purpose::Bastion => self.as_bastion(state, refs),
            Purpose::Builder { user_data: _, minutes } => build::findings(state, *minutes),
        };
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

    fn as_bastion(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = self.differences(state);
        findings.extend(self.elsewhere(state, refs));
        findings.extend(self.profile.as_ref().and_then(|profile| {
            state.profile_id.as_deref().map_or_else(
                || Some(immutable("bastion", "no instance profile", &profile.name)),
                |is| fixed(refs.usable(&profile.node), is, "bastion"),
            )
        }));
        if !state.runs {
            findings.push(Finding::Change(Change::Start));
        }
        findings
    }

    /// What it was started with and cannot be given afterwards.
    fn differences(&self, state: &State) -> Vec<Finding<Change>> {
        let size = |size: u16| format!("{size} GiB");
        let none = || "none".to_owned();
        let is_key = state.key_name.clone().unwrap_or_else(none);
        let key = self.key.as_ref().map_or_else(none, |key| key.name.clone());
        let (is_image, image) = match &self.image {
            ImageRef::Parameter(name) => (&state.image_parameter, name),
            ImageRef::Id(id) => (&state.image_id, id),
        };
        let fields = [
            (
                "bastion.instanceType",
                state.instance_type.clone(),
                self.instance_type.clone(),
            ),
            (
                "bastion.imageParameter",
                is_image.clone().unwrap_or_else(none),
                image.clone(),
            ),
            ("bastion.keyName", is_key, key),
            (
                "bastion.volumeSizeGiB",
                state.volume_size_gib.map_or_else(none, size),
                self.volume.size_gib.map_or_else(none, size),
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

    fn has_details(&self) -> bool {
        self.build.is_some()
    }

    fn lacks_details(&self) -> bool {
        self.build == Some(Build::Unread)
    }

    fn is_underway(&self) -> bool {
        self.build == Some(Build::Silent)
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.lacks_details()
            && let Some(Build::Silent | Build::Succeeded | Build::Failed { .. } | Build::Interrupted) = &earlier.build
        {
            self.build.clone_from(&earlier.build);
        }
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => formatter.write_str(name),
            Self::Id(id) => formatter.write_str(id),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} with {}", self.instance_type, self.image)
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
