//! Images that nobody here has made, and what names them.

use std::collections::{BTreeMap, BTreeSet};

use hastack_core::cloud::{Image, ImageQuery};

use crate::world::Sim;

/// What the parameters of AWS name: the latest image of a family.
pub(crate) const LATEST: &str = "ami-0123456789abcdef0";
/// The newest image of whatever name, until another is released.
const NEWEST: &str = "ami-0fedcba9876543210";

/// Images that nobody here has made: any there is, but those that were withdrawn.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// What parameters name, beside AWS's own.
    parameters: BTreeMap<String, String>,
    /// The newest image of whatever name.
    newest: Option<String>,
    withdrawn: BTreeSet<String>,
}

impl Catalogue {
    /// What a parameter says.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let latest = || name.starts_with("/aws/service/").then(|| LATEST.to_owned());
        self.parameters.get(name).cloned().or_else(latest)
    }

    /// The image that is meant.
    pub(crate) fn image(&self, query: &ImageQuery) -> Option<Image> {
        let (id, name, architecture) = match query {
            ImageQuery::Id(id) => (id.as_str(), "somebody's", "x86_64"),
            ImageQuery::Newest {
                owner: _,
                name,
                architecture,
            } => {
                let newest = self.newest.as_deref().unwrap_or(NEWEST);
                (newest, name.as_str(), architecture.as_str())
            }
        };
        (!self.withdrawn.contains(id)).then(|| Image {
            id: id.to_owned(),
            name: name.to_owned(),
            architecture: architecture.to_owned(),
            root_device: "/dev/xvda".to_owned(),
        })
    }
}

impl Sim {
    /// Lets a parameter name an image from now on.
    pub fn point(&self, parameter: &str, image: &str) {
        let parameters = &mut self.world().catalogue.parameters;
        parameters.insert(parameter.to_owned(), image.to_owned());
    }

    /// Takes a parameter away.
    pub fn unpoint(&self, parameter: &str) {
        self.world().catalogue.parameters.remove(parameter);
    }

    /// Has an image be the newest of whatever name.
    pub fn release(&self, image: &str) {
        self.world().catalogue.newest = Some(image.to_owned());
    }

    /// Takes away an image that nobody here has made.
    pub fn withdraw(&self, image: &str) {
        self.world().catalogue.withdrawn.insert(image.to_owned());
    }

    /// The snapshots there are.
    pub fn snapshots(&self) -> Vec<String> {
        self.world().snapshots.iter().cloned().collect()
    }

    /// Whether an instance was stopped to have an image made of it.
    pub fn was_stopped(&self, instance_id: &str) -> bool {
        self.world().stopped.contains(instance_id)
    }
}
