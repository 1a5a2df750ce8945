//! What exists of one custom resource, as far as it is known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::cloud::CloudError;
use crate::kind::{Kind, Lane};
use crate::object::Object;
use crate::owner::NodeId;

/// What exists of one custom resource.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What exists, by what it is. More than one under one id are twins.
    pub objects: BTreeMap<NodeId, Vec<Seen>>,
    /// Resources that were there and are not shown now; they are being looked at one by one.
    pub doubtful: BTreeSet<NodeId>,
    /// Resources we once made that exist without our tags, with their ids.
    pub disowned: BTreeMap<NodeId, String>,
    /// Resources that are not ours, in the places of such as are wanted under an id that is known beforehand.
    pub taken: BTreeMap<NodeId, Object>,
    /// When the last complete sweep of each kind started. A kind that is looked at one by one counts as swept at any time: of it
    /// the doubtful ones tell what is not known.
    pub swept: BTreeMap<Kind, Timestamp>,
    /// Why the last look at a kind failed.
    pub failures: BTreeMap<Kind, CloudError>,
}

/// One resource that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// As AWS shows it, with our own writes since.
    pub object: Object,
    /// Whether AWS has shown it since our last write to it.
    pub confirmed: bool,
}

impl Observed {
    /// Whether a complete sweep of `kind` started at `time` or later.
    pub fn swept_since(&self, kind: Kind, time: Timestamp) -> bool {
        self.swept.get(&kind).is_some_and(|&swept| swept >= time)
    }

    /// Whether whatever was done about `node` before `time` shows by now.
    pub fn looked_since(&self, node: &NodeId, time: Timestamp) -> bool {
        match node.kind.row().lane {
            Lane::Sweep | Lane::Slow => self.swept_since(node.kind, time),
            Lane::Named => !self.doubtful.contains(node),
        }
    }

    /// The one of possible twins that is kept: the recorded one, else one that others use, else the oldest.
    pub fn keeper(&self, node: &NodeId, recorded: Option<&str>) -> Option<&Seen> {
        self.objects.get(node)?.iter().min_by_key(|seen| {
            let Object {
                id,
                tags: _,
                phase: _,
                created,
                state: _,
            } = &seen.object;
            let unused = self.users(node, id).next().is_none();
            (
                Some(id.as_str()) != recorded,
                unused,
                created.unwrap_or(Timestamp::MAX),
                id.clone(),
            )
        })
    }

    /// Every object with what it is.
    pub fn all(&self) -> impl Iterator<Item = (&NodeId, &Object)> {
        self.objects
            .iter()
            .flat_map(|(node, objects)| objects.iter().map(move |seen| (node, &seen.object)))
    }

    /// The nodes whose objects use the one with this id, other than `node` itself.
    pub fn users<'a>(&'a self, node: &'a NodeId, id: &'a str) -> impl Iterator<Item = &'a NodeId> {
        self.all()
            .filter(move |(user, object)| *user != node && object.state.uses().contains(&id))
            .map(|(user, _)| user)
    }
}
