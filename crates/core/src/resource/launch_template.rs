//! What instances of a group are launched with. Each change is a new version: versions themselves cannot be changed, so what one
//! says is known by its description, which holds a digest of it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>

mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, State as AnyState, Wanted};
use crate::cloud::Reply;
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::tag::Tags;

pub use data::{Data, Volume};

/// What the description of a version begins with that we made.
pub const OURS: &str = "hastack:";

/// How many versions are kept, whether used or not: what was before can be looked up, and launched by hand.
const KEPT: usize = 5;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region.
    pub name: String,
    /// The image that instances start from.
    pub image: Image,
    /// Their type, unless the group says another.
    pub instance_type: String,
    /// The key pair that opens them, by name.
    pub key_name: Option<String>,
    /// The instance profile that gives them their role.
    pub profile: NodeId,
    /// That profile's name.
    pub profile_name: String,
    /// Their security groups.
    pub security_groups: Vec<NodeId>,
    /// Whether each has a public address.
    pub public_address: bool,
    /// The volume they start from.
    pub volume: Volume,
    /// Whether their figures are taken each minute.
    pub detailed_monitoring: bool,
    /// Their user data.
    pub user_data: Vec<Piece>,
    /// The tags put on them, their volumes and network interfaces.
    pub tags: Tags,
    /// What must be as wanted before instances are launched so, since they use it when they start.
    pub awaits: Vec<NodeId>,
}

/// The image that instances start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// One that exists.
    Given(crate::cloud::Image),
    /// One that is made.
    Node(NodeId),
}

/// A piece of a text in which ids stand that AWS gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The id of this one.
    Id(NodeId),
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// What its first version says.
    pub data: Data,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// The number of its latest version.
    pub latest: i64,
    /// The number of the version that is meant where none is named.
    pub default: i64,
    /// Its versions; a detail that only `DescribeLaunchTemplateVersions` shows.
    #[serde(default)]
    pub history: Option<History>,
}

/// The versions of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The number of the latest version when they were read: with another one there are others.
    pub latest: i64,
    /// Each by its number.
    pub versions: BTreeMap<i64, Version>,
}

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// What tells what it says, where it is ours.
    #[serde(default)]
    pub description: String,
    /// The image it names.
    #[serde(default)]
    pub image_id: Option<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make a version that says this.
    CreateVersion {
        /// What it says.
        data: Box<Data>,
        /// The latest version there is: what tells this creation from one of the same before.
        after: i64,
    },
    /// Mean this version where none is named.
    SetDefault(i64),
    /// Delete these versions.
    DeleteVersions(BTreeSet<i64>),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let data = self.data(refs)?;
        self.is_launchable(refs)?;
        Ok(Create {
            name: self.name.clone(),
            data,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let Some(history) = state.history.as_ref().filter(|_| !state.lacks_details()) else {
            return vec![Finding::Underway("looking at its versions".to_owned())];
        };
        let data = match self.data(refs) {
            Ok(data) => data,
            Err(node) => return vec![Finding::Wait(node)],
        };
        let finding = match history.newest_ours() {
            // An earlier one that says the same will not do: who uses the template takes the newest.
            Some((number, version)) if version.description == data.description() => {
                in_use(refs).and_then(|in_use| state.superfluous(history, number, &in_use))
            }
            Some(_) | None => match self.is_launchable(refs) {
                Ok(()) => Some(Change::CreateVersion {
                    data: Box::new(data),
                    after: state.latest,
                }),
                Err(node) => return vec![Finding::Wait(node)],
            },
        };
        finding.into_iter().map(Finding::Change).collect()
    }
}

impl Spec {
    /// Whether what instances use when they start is there.
    fn is_launchable(&self, refs: &dyn Refs) -> Result<(), NodeId> {
        self.awaits.iter().try_for_each(|node| refs.settled(node).map(drop))
    }
}

/// The versions that the owner's group launches with or that its instances were launched with; nothing where those are not known.
fn in_use(refs: &dyn Refs) -> Option<BTreeSet<i64>> {
    let AnyState::AutoScalingGroup(group) = refs.state(&NodeId::only(Kind::AutoScalingGroup))? else {
        return None;
    };
    Some(group.versions())
}

impl History {
    /// The newest version that we made.
    fn newest_ours(&self) -> Option<(i64, &Version)> {
        let mut versions = self.versions.iter().rev();
        let newest = versions.find(|(_, version)| version.description.starts_with(OURS));
        newest.map(|(number, version)| (*number, version))
    }
}

impl State {
    /// A template as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create { name, data } = create;
        Self {
            name: name.clone(),
            latest: 1,
            default: 1,
            history: Some(History {
                latest: 1,
                versions: [(1, Version::new(data))].into(),
            }),
        }
    }

    /// The newest version that we made: the wanted one, once the template is as wanted.
    pub fn newest_ours(&self) -> Option<i64> {
        let newest = self.history.as_ref()?.newest_ours()?;
        Some(newest.0)
    }

    /// The image that a version names.
    pub fn image_of(&self, version: i64) -> Option<&str> {
        let version = self.history.as_ref()?.versions.get(&version)?;
        version.image_id.as_deref()
    }

    /// What to do about versions that nobody needs: those beyond the few that are kept, and those of another image, which would be
    /// kept for them. The one that is meant by default cannot be deleted, so another one is meant first.
    fn superfluous(&self, history: &History, newest: i64, in_use: &BTreeSet<i64>) -> Option<Change> {
        let versions = &history.versions;
        let image = |number: i64| versions.get(&number).and_then(|version| version.image_id.as_ref());
        let superfluous = |place: usize, number: i64| place >= KEPT || image(number) != image(newest);
        let numbers = versions.keys().rev().copied().enumerate();
        let numbers = numbers.filter(|(place, number)| superfluous(*place, *number));
        let mut delete: BTreeSet<i64> = numbers.map(|(_, number)| number).collect();
        delete.retain(|number| *number != newest && !in_use.contains(number));
        if delete.contains(&self.default) && image(self.default) != image(newest) {
            return Some(Change::SetDefault(newest));
        }
        delete.remove(&self.default);
        (!delete.is_empty()).then_some(Change::DeleteVersions(delete))
    }
}

impl Version {
    fn new(data: &Data) -> Self {
        Self {
            description: data.description(),
            image_id: Some(data.image_id.clone()),
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, reply: &Reply) {
        match change {
            Change::CreateVersion { data, after } => {
                let number = reply.part_id.as_ref().and_then(|number| number.parse().ok());
                let number = number.unwrap_or(after + 1);
                self.latest = self.latest.max(number);
                if let Some(History { latest, versions }) = &mut self.history {
                    *latest = self.latest;
                    versions.insert(number, Version::new(data));
                }
            }
            Change::SetDefault(number) => self.default = *number,
            Change::DeleteVersions(numbers) => {
                if let Some(history) = &mut self.history {
                    history.versions.retain(|number, _| !numbers.contains(number));
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let versions = self.history.iter().flat_map(|history| history.versions.values());
        versions.filter_map(|version| version.image_id.as_deref()).collect()
    }

    fn lacks_details(&self) -> bool {
        self.history.as_ref().map(|history| history.latest) != Some(self.latest)
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.history.is_none() {
            self.history.clone_from(&earlier.history);
        }
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(image) => formatter.write_str(&image.id),
            Self::Node(node) => node.fmt(formatter),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} from {}", self.instance_type, self.image)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateVersion { data, after: _ } => write!(formatter, "new version {data}"),
            Self::SetDefault(number) => write!(formatter, "default version -> {number}"),
            Self::DeleteVersions(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                write!(formatter, "delete versions {}", numbers.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests;
