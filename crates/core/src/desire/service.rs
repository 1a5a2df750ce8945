//! What an `AutoScaledService` wants.

mod access;
mod fleet;
mod image;
mod launch;
mod routing;
mod scaling;
mod traffic;
mod user_data;

use std::collections::BTreeMap;

use hastack_api::{AutoScaledService, Custom, ResourcePhase};

use super::site::Site;
use super::{Inputs, SpecError, TextRef, Wanting, database, identity, owner};
pub(crate) use image::chosen as chosen_image;

use crate::cloud::Question;
use crate::desired::Desired;
use crate::owner::NodeId;

impl Wanting for AutoScaledService {
    fn stack_name(&self) -> Option<&str> {
        Some(&self.spec.stack_ref.name)
    }

    fn recall(&self, inputs: &mut Inputs) {
        inputs.pinned = self.status.as_ref().and_then(|status| status.image.clone());
        inputs.since = self.metadata.creation_timestamp.as_ref().map(|time| time.0);
    }

    fn questions(&self, inputs: &Inputs) -> Vec<Question> {
        if self.metadata.deletion_timestamp.is_some() {
            return Vec::new();
        }
        image::questions(&self.spec, inputs)
    }

    fn texts(&self) -> Vec<TextRef> {
        user_data::texts(&self.spec)
    }

    fn desire(&self, inputs: &Inputs) -> Result<Desired, SpecError> {
        let identity = identity(self, &inputs.cluster);
        if self.metadata.deletion_timestamp.is_some() {
            return Ok(Desired::none(identity));
        }
        let Some(stack) = &inputs.stack else {
            let name = self.spec.stack_ref.name.clone();
            return Err(SpecError::FindStack { name });
        };
        let site = Site::new(&identity, stack);
        let mut nodes = BTreeMap::new();
        for part in [
            access::desire,
            image::desire,
            launch::desire,
            routing::desire,
            scaling::desire,
        ] {
            nodes.extend(part(&self.spec, &site, inputs)?);
        }
        let applied = self.status.as_ref().and_then(|status| status.applied_desired);
        nodes.extend(fleet::desire(&self.spec, &site, inputs, applied)?);
        Ok(Desired {
            tags: self.spec.tags.clone(),
            nodes,
            neighbours: neighbours(inputs),
            due: image::due(&self.spec, inputs),
            ..Desired::none(identity)
        })
    }
}

/// What the stack, and the services and databases on it, have that can be used.
pub(super) fn neighbours(inputs: &Inputs) -> BTreeMap<NodeId, String> {
    let stack = usable_of(inputs.stack.as_slice());
    let values = inputs.databases.iter().flat_map(database::values);
    stack
        .into_iter()
        .chain(usable_of(&inputs.services))
        .chain(values)
        .collect()
}

/// What these custom resources have that can be used.
pub(super) fn usable_of<K: Custom>(objects: &[K]) -> BTreeMap<NodeId, String> {
    let usable = |object: &K| {
        let owner = owner::<K>(object.meta());
        let resources = object.status().into_iter().flat_map(|status| status.resources.iter());
        let ready = resources.filter(|resource| resource.phase == ResourcePhase::Ready);
        let nodes = ready.filter_map(|resource| {
            let node = resource.id.parse::<NodeId>().ok()?;
            Some((node.of(&owner), resource.aws_id.clone()?))
        });
        nodes.collect::<Vec<_>>()
    };
    objects.iter().flat_map(usable).collect()
}

#[cfg(test)]
mod sample;
