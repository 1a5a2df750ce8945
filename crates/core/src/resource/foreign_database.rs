//! An instance or a cluster that is not ours and is in a cluster of ours or has a group of ours: a reader that AWS has added, a copy,
//! what an upgrade has left, or somebody else's. It is looked at to say what keeps ours from being deleted.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html>

use serde::{Deserialize, Serialize};

use super::database::setting::{Setting, Value};
use super::unwanted::{Never, Unwanted};
use super::{Shown, database, scalable_target};
use crate::cloud::Reply;

/// What the identifiers of the readers begin with that AWS adds. Nobody else can use it.
const AUTOMATIC: &str = "application-autoscaling-";

/// Nobody wants one.
pub type Spec = Unwanted<State>;

/// It is never created.
pub type Create = Never;

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its identifier.
    pub identifier: String,
    /// The identifier of the cluster it is a member of.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The names of its subnet group and its parameter group.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What has added it, where AWS has.
    #[serde(default)]
    pub target: Option<String>,
}

/// Nothing about it is changed.
pub type Change = Never;

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        let all = self.cluster.iter().chain(&self.groups).chain(&self.target);
        all.map(String::as_str).collect()
    }

    fn parents(&self) -> Vec<&str> {
        self.cluster.iter().chain(&self.groups).map(String::as_str).collect()
    }
}

impl State {
    /// The instance, or the cluster, of this identifier, that is in this cluster and has these groups.
    pub fn new(identifier: String, cluster: Option<String>, groups: Vec<String>) -> Self {
        let automatic = identifier.starts_with(AUTOMATIC);
        let target = cluster.as_deref().filter(|_| automatic).map(scalable_target::id_of);
        Self {
            identifier,
            cluster,
            groups,
            target,
        }
    }

    /// The same of a database of which all is known.
    pub fn of(identifier: &str, database: &database::State) -> Self {
        let group = database.settings.get(&Setting::ParameterGroup).and_then(Value::text);
        let groups = database.subnet_group.as_deref().into_iter().chain(group);
        Self::new(
            identifier.to_owned(),
            database.cluster.clone(),
            groups.map(str::to_owned).collect(),
        )
    }
}
