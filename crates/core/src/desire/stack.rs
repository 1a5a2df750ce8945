//! What an `HAStack` wants.

use std::collections::BTreeSet;

use hastack_api::{DeletionPolicy, HAStack};

use super::ground::{Ground, places};
use super::{
    Inputs, SpecError, bastion, certificate, file_system, flow_logs, interface_endpoints, load_balancer, network,
};
use crate::desired::{Desired, Identity};
use crate::owner::Owner;

/// The kind of the custom resource.
pub const KIND: &str = "HAStack";

/// The AWS resources a stack wants: none while it is being deleted.
pub fn desire(stack: &HAStack, inputs: &Inputs) -> Result<Desired, SpecError> {
    let identity = identity(stack, &inputs.cluster);
    if stack.metadata.deletion_timestamp.is_some() {
        return Ok(Desired {
            disposal: stack.spec.deletion_policy,
            keeps: file_system::keeps(&stack.spec),
            dependents: inputs.dependents.clone(),
            ..Desired::none(identity)
        });
    }
    let spec = &stack.spec;
    let unsupported = [
        ("spec.buckets", !spec.buckets.is_empty()),
        ("spec.repositories", !spec.repositories.is_empty()),
    ];
    if let Some((field, _)) = unsupported.into_iter().find(|(_, given)| *given) {
        return Err(SpecError::SupportPart { field });
    }
    let mut nodes = network::desire(&spec.region, &spec.network, inputs)?;
    let ground = Ground {
        identity: &identity,
        region: &spec.region,
        cidr: spec.network.cidr.as_deref(),
        public: places(nodes.keys(), "public"),
        private: places(nodes.keys(), "private"),
    };
    nodes.extend(interface_endpoints::desire(spec, &ground));
    nodes.extend(flow_logs::desire(spec, &ground));
    for part in [
        load_balancer::desire,
        certificate::desire,
        file_system::desire,
        bastion::desire,
    ] {
        nodes.extend(part(spec, &ground, inputs)?);
    }
    Ok(Desired {
        tags: spec.tags.clone(),
        nodes,
        // What is taken out of a stack goes, whatever becomes of the whole in the end.
        disposal: DeletionPolicy::Delete,
        keeps: BTreeSet::new(),
        dependents: Vec::new(),
        identity,
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
