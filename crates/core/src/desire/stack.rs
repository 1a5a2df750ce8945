//! What an `HAStack` wants.

use std::collections::BTreeSet;

use hastack_api::{DeletionPolicy, HAStack};

use super::ground::{Ground, places};
use super::{
    Inputs, SpecError, TextRef, Wanting, bastion, certificate, file_system, flow_logs, identity, interface_endpoints,
    load_balancer, network, service,
};
use crate::cloud::Question;
use crate::desired::Desired;

impl Wanting for HAStack {
    fn region<'a>(&'a self, _stack: Option<&'a HAStack>) -> Option<&'a str> {
        Some(&self.spec.region)
    }

    fn stack_name(&self) -> Option<&str> {
        None
    }

    fn questions(&self, inputs: &Inputs) -> Vec<Question> {
        if is_leaving(self) && inputs.dependents.is_empty() {
            return Vec::new();
        }
        let zone = certificate::hosted_zone(&self.spec).map(|text| Question::HostedZones(text.to_owned()));
        [Question::Zones].into_iter().chain(zone).collect()
    }

    fn texts(&self) -> Vec<TextRef> {
        Vec::new()
    }

    fn desire(&self, inputs: &Inputs) -> Result<Desired, SpecError> {
        desire(self, inputs)
    }
}

const fn is_leaving(stack: &HAStack) -> bool {
    stack.metadata.deletion_timestamp.is_some()
}

/// The AWS resources a stack wants: none when it is being deleted and nothing stands on it any more. Until then it is kept as its
/// spec says, so far as that can be: what stands on it may wait for a change, such as the end of a rule that names its group.
pub(super) fn desire(stack: &HAStack, inputs: &Inputs) -> Result<Desired, SpecError> {
    if !is_leaving(stack) {
        return wanted(stack, inputs);
    }
    let nothing = Desired {
        disposal: stack.spec.deletion_policy,
        keeps: file_system::keeps(&stack.spec),
        ..Desired::none(identity(stack, &inputs.cluster))
    };
    if inputs.dependents.is_empty() {
        return Ok(nothing);
    }
    Ok(Desired {
        dependents: inputs.dependents.clone(),
        ..wanted(stack, inputs).unwrap_or(nothing)
    })
}

fn wanted(stack: &HAStack, inputs: &Inputs) -> Result<Desired, SpecError> {
    let identity = identity(stack, &inputs.cluster);
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
        due: None,
        neighbours: service::usable_of(&inputs.services),
        identity,
    })
}
