//! What an `HAStack` wants.

use hastack_api::{HAStack, HAStackSpec};

use super::{Inputs, SpecError, network};
use crate::desired::{Desired, Identity};
use crate::owner::Owner;

/// The kind of the custom resource.
pub const KIND: &str = "HAStack";

/// The AWS resources a stack wants: none while it is being deleted.
pub fn desire(stack: &HAStack, inputs: &Inputs) -> Result<Desired, SpecError> {
    let identity = identity(stack, &inputs.cluster);
    if stack.metadata.deletion_timestamp.is_some() {
        return Ok(Desired::none(identity));
    }
    let HAStackSpec {
        region,
        network,
        load_balancer,
        file_system,
        bastion,
        buckets,
        repositories,
        tags,
    } = &stack.spec;
    let unsupported = [
        ("spec.loadBalancer", load_balancer.is_some()),
        ("spec.fileSystem", file_system.is_some()),
        ("spec.bastion", bastion.is_some()),
        ("spec.buckets", !buckets.is_empty()),
        ("spec.repositories", !repositories.is_empty()),
    ];
    if let Some((field, _)) = unsupported.into_iter().find(|(_, given)| *given) {
        return Err(SpecError::SupportPart { field });
    }
    Ok(Desired {
        identity,
        tags: tags.clone(),
        nodes: network::desire(region, network, inputs)?,
    })
}

/// Whose the resources of a stack are.
pub fn identity(stack: &HAStack, cluster: &str) -> Identity {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    Identity {
        cluster: cluster.to_owned(),
        owner: Owner {
            kind: KIND.to_owned(),
            namespace: name(&stack.metadata.namespace),
            name: name(&stack.metadata.name),
        },
        uid: name(&stack.metadata.uid),
    }
}
