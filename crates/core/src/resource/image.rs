//! An image that instances start from, made of an instance, and the snapshots it consists of.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted. What an image holds is told by which one it is, and nothing of one that exists is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// What it is made of.
    pub source: Source,
}

/// What an image is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An instance of the same owner, once what it is to become is done.
    Builder(NodeId),
    /// An instance of anybody.
    Instance {
        /// Its id.
        id: String,
        /// Whether it is stopped for that.
        reboot: bool,
    },
    /// Nothing any more: it exists and is kept.
    Kept {
        /// Which one it is.
        image: NodeId,
    },
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// The instance it is made of.
    pub instance_id: String,
    /// Whether that is stopped for it, if it runs.
    pub reboot: bool,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// What its root volume is called, such as `/dev/xvda`; shown once it is made.
    #[serde(default)]
    pub root_device: Option<String>,
    /// `x86_64` or `arm64`; shown once it is made.
    #[serde(default)]
    pub architecture: Option<String>,
    /// The snapshots of its volumes.
    #[serde(default)]
    pub snapshot_ids: Vec<String>,
    /// Whether AWS is still making it.
    #[serde(default)]
    pub unfinished: bool,
    /// Why AWS gave up on it, or what keeps it from being used.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What one further call changes: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let (instance_id, reboot) = match &self.source {
            // It has stopped by itself.
            Source::Builder(builder) => (refs.settled(builder)?, false),
            Source::Instance { id, reboot } => (id.clone(), *reboot),
            Source::Kept { image } => return Err(image.clone()),
        };
        Ok(Create {
            name: self.name.clone(),
            description: self.description.clone(),
            instance_id,
            reboot,
        })
    }

    fn compare(&self, _state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        Vec::new()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    /// The instance it was made of may go while it stays.
    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    fn problem(&self) -> Option<String> {
        let reason = self.reason.as_ref()?;
        Some(format!("{reason}; deregister it to have it made anew"))
    }

    /// A snapshot that is not complete would be left behind.
    fn lingers(&self) -> Option<String> {
        self.unfinished
            .then(|| "AWS is still making it, and it is deleted after that".to_owned())
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            description: _,
            source,
        } = self;
        match source {
            Source::Builder(node) => write!(formatter, "{name} of {node}"),
            Source::Instance { id, reboot: true } => write!(formatter, "{name} of {id}, which is stopped for that"),
            Source::Instance { id, reboot: false } => write!(formatter, "{name} of {id} as it runs"),
            Source::Kept { image: _ } => write!(formatter, "{name}, kept"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
