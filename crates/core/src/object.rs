//! A resource as AWS shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::resource::State;
use crate::tag::Tags;

/// A resource that exists in AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// What AWS calls it, such as `subnet-0123456789abcdef0`.
    pub id: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// How it is.
    pub phase: Phase,
    /// When it was created, where AWS says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// What it is.
    pub state: State,
}

/// How a resource is, in one word for all kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// AWS is making or changing it.
    Pending,
    /// It can be used.
    Ready,
    /// AWS is deleting it.
    Deleting,
    /// It is gone, though AWS still lists it.
    Deleted,
    /// AWS gave up on it.
    Failed,
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.state.kind()
    }

    /// Whether it is letting two databases change names.
    pub fn is_switching_names(&self) -> bool {
        matches!(&self.state, State::BlueGreenDeployment(deployment) if deployment.is_switching())
    }

    /// What AWS calls it whatever it is renamed to, where it can be.
    pub fn resource_id(&self) -> Option<&str> {
        match &self.state {
            State::DbInstance(database) | State::DbCluster(database) => database.resource_id.as_deref(),
            _ => None,
        }
    }
}
