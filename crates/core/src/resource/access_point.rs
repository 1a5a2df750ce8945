//! A way into a file system with its own root and user. It holds nothing: a change makes it anew, and the files stay.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The file system.
    pub file_system: NodeId,
    /// Where it leads, and as whom.
    pub entry: Entry,
}

/// Where an access point leads, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The directory that is its root.
    pub path: String,
    /// The POSIX user of every request, and the owner of the directory if it is made.
    pub uid: u32,
    /// The POSIX group of every request, and of the directory if it is made.
    pub gid: u32,
    /// The directory's permissions if it is made, in octal.
    pub permissions: String,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The file system.
    pub file_system_id: String,
    /// Where it leads, and as whom.
    pub entry: Entry,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The file system.
    pub file_system_id: String,
    /// Where it leads, and as whom.
    pub entry: Entry,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            file_system_id: refs.usable(&self.file_system)?,
            entry: self.entry.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let entry = (state.entry != self.entry).then(|| Finding::Immutable {
            field: "fileSystem.accessPoints",
            is: state.entry.to_string(),
            wanted: self.entry.to_string(),
        });
        let file_system = fixed(refs.usable(&self.file_system), &state.file_system_id, "fileSystem");
        file_system.into_iter().chain(entry).collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.file_system_id]
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry.fmt(formatter)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            uid,
            gid,
            permissions,
        } = self;
        write!(formatter, "{path} as {uid}:{gid}, made with {permissions}")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
