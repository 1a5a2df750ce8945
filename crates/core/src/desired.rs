//! What is wanted: a graph of AWS resources. Edges are the references within the specs.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::DeletionPolicy;
use jiff::Timestamp;

use crate::owner::{NodeId, Owner};
use crate::resource::Spec;
use crate::tag::{self, Tags};

/// All resources one custom resource wants. Deleting it is wanting none.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Whose they are.
    pub identity: Identity,
    /// Tags the user puts on all of them.
    pub tags: Tags,
    /// The resources.
    pub nodes: BTreeMap<NodeId, Node>,
    /// What becomes of all that is not wanted, beyond what a resource's own policy says.
    pub disposal: DeletionPolicy,
    /// What stays although it is not wanted, if its own policy does not say so yet.
    pub keeps: BTreeSet<NodeId>,
    /// Other custom resources that stand on these, which are to go as a whole: not while there are any.
    pub dependents: Vec<String>,
    /// The ids of what other custom resources have that is referred to, as far as it can be used.
    pub neighbours: BTreeMap<NodeId, String>,
    /// When time alone changes what is wanted.
    pub due: Option<Timestamp>,
}

/// Whose resources they are, as far as tags and tokens tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// This installation.
    pub cluster: String,
    /// The custom resource.
    pub owner: Owner,
    /// Its uid.
    pub uid: String,
}

/// One resource that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// As it is wanted.
    pub spec: Spec,
    /// Where it comes from.
    pub origin: Origin,
    /// What becomes of it when it is not wanted any more.
    pub deletion: DeletionPolicy,
    /// What it is there for: once that is as wanted, this one is not wanted any more.
    pub until: Option<NodeId>,
    /// Whether it may be made again where somebody else has deleted it with the data it held.
    pub recreated: bool,
    /// Whether its data goes with it when it is deleted; else AWS takes a last snapshot.
    pub forgets_data: bool,
}

/// Where a resource comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// We create it, change it and delete it.
    Managed,
    /// It exists under this id and stays as it is.
    External(String),
    /// It comes and goes with its parent; we change it.
    Inherent,
}

impl Node {
    /// A resource that is deleted when it is not wanted any more.
    pub const fn new(spec: Spec, origin: Origin) -> Self {
        Self {
            spec,
            origin,
            deletion: DeletionPolicy::Delete,
            until: None,
            recreated: false,
            forgets_data: false,
        }
    }

    /// Whether it is somebody else's.
    pub const fn is_external(&self) -> bool {
        matches!(self.origin, Origin::External(_))
    }
}

impl Desired {
    /// Wanting nothing.
    pub fn none(identity: Identity) -> Self {
        Self {
            identity,
            tags: Tags::new(),
            nodes: BTreeMap::new(),
            disposal: DeletionPolicy::Delete,
            keeps: BTreeSet::new(),
            dependents: Vec::new(),
            neighbours: BTreeMap::new(),
            due: None,
        }
    }

    /// All tags `node` is to carry.
    pub fn tags(&self, node: &NodeId) -> Tags {
        let Identity { cluster, owner, uid } = &self.identity;
        let mut tags = tag::tags(cluster, owner, uid, node, &self.tags);
        match self.nodes.get(node).map(|node| node.deletion) {
            Some(DeletionPolicy::Retain) => drop(tags.insert(tag::DELETION_POLICY.to_owned(), tag::RETAIN.to_owned())),
            Some(DeletionPolicy::Delete) if self.forgets_data(node) => {
                drop(tags.insert(tag::DELETION_POLICY.to_owned(), tag::DELETE.to_owned()));
            }
            Some(DeletionPolicy::Delete) | None => {}
        }
        tags
    }

    /// Whether the data of `node` is to go with it.
    fn forgets_data(&self, node: &NodeId) -> bool {
        let wanted = self.nodes.get(node);
        node.kind.row().holds_data && wanted.is_some_and(|wanted| wanted.forgets_data)
    }
}
