//! The stack as a service on it sees it: what the stack has is named, never its ids.

use hastack_api::auto_scaled_service::Placement;
use hastack_api::{AutoScaledService, HAStack};

use super::ground::partition;
use super::{SpecError, owner};
use crate::desired::Identity;
use crate::kind::Kind;
use crate::owner::{NodeId, Owner};
use crate::tag;

/// The security group of the instances of a service, as others speak of it.
pub(super) fn group_of(service: &AutoScaledService) -> NodeId {
    service_group(&owner::<AutoScaledService>(&service.metadata))
}

/// The same of a service that may not be there yet.
pub(super) fn service_group(service: &Owner) -> NodeId {
    NodeId::named(Kind::SecurityGroup, "service").of(service)
}

/// The stack as a service on it sees it.
pub(super) struct Site<'a> {
    /// Whose the service's resources are.
    pub(super) identity: &'a Identity,
    /// The stack.
    pub(super) stack: &'a HAStack,
    /// Whose the stack's resources are.
    pub(super) owner: Owner,
}

impl<'a> Site<'a> {
    /// The site of a service.
    pub(super) fn new(identity: &'a Identity, stack: &'a HAStack) -> Self {
        Self {
            identity,
            stack,
            owner: owner::<HAStack>(&stack.metadata),
        }
    }

    /// The service's name.
    pub(super) fn name(&self) -> &str {
        &self.identity.owner.name
    }

    /// The region.
    pub(super) fn region(&self) -> &str {
        &self.stack.spec.region
    }

    /// A resource of the stack.
    pub(super) fn of_stack(&self, node: NodeId) -> NodeId {
        node.of(&self.owner)
    }

    /// The VPC.
    pub(super) fn vpc(&self) -> NodeId {
        self.of_stack(NodeId::only(Kind::Vpc))
    }

    /// The subnets that instances placed so are in, in the order of their names.
    pub(super) fn subnets(&self, placement: Placement) -> Vec<NodeId> {
        self.subnets_of_first(match placement {
            Placement::Private => &["private"],
            Placement::Public => &["public"],
        })
    }

    /// The subnets of the first of these tiers that the stack has, in the order of their names.
    pub(super) fn subnets_of_first(&self, tiers: &[&str]) -> Vec<NodeId> {
        let found = tiers.iter().map(|tier| self.subnets_of(tier));
        let found = found.into_iter().find(|subnets| !subnets.is_empty());
        // The stack does not say yet which there will be.
        let unknown = |tier: &&str| self.of_stack(NodeId::named(Kind::Subnet, *tier));
        found.unwrap_or_else(|| tiers.first().map(unknown).into_iter().collect())
    }

    /// The subnets of a tier, in the order of their names: none where the stack does not say which it has.
    fn subnets_of(&self, tier: &str) -> Vec<NodeId> {
        let subnets = self.of_kind(Kind::Subnet);
        let of_tier = |node: &NodeId| node.name.strip_prefix(tier).is_some_and(|rest| rest.starts_with('/'));
        subnets.filter(of_tier).collect()
    }

    /// Where the stack's file system is mounted, as far as the stack says it.
    pub(super) fn mount_targets(&self) -> Vec<NodeId> {
        let targets: Vec<_> = self.of_kind(Kind::MountTarget).collect();
        if targets.is_empty() {
            return vec![self.of_stack(NodeId::only(Kind::MountTarget))];
        }
        targets
    }

    /// What the stack says it has of a kind.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = NodeId> {
        let resources = self.stack.status.iter().flat_map(|status| status.resources.iter());
        let nodes = resources.filter_map(|resource| resource.id.parse::<NodeId>().ok());
        let nodes = nodes.filter(move |node| node.kind == kind);
        nodes.map(|node| self.of_stack(node))
    }

    /// The security group of the load balancer.
    pub(super) fn load_balancer_group(&self) -> NodeId {
        self.of_stack(NodeId::named(Kind::SecurityGroup, "load-balancer"))
    }

    /// The security group of the bastion, which a field speaks of.
    pub(super) fn bastion_group(&self, field: &str) -> Result<NodeId, SpecError> {
        if self.stack.spec.bastion.is_none() {
            return Err(self.missing(field, "bastion".to_owned()));
        }
        Ok(self.of_stack(NodeId::named(Kind::SecurityGroup, "bastion")))
    }

    /// What a field speaks of and the stack does not have.
    pub(super) fn missing(&self, field: &str, part: String) -> SpecError {
        SpecError::FindPart {
            field: field.to_owned(),
            owner: format!("{} {}", self.owner.kind, self.owner.name),
            part,
        }
    }

    /// The listeners that send requests to services: HTTPS where there is a certificate, and HTTP where it does not redirect.
    pub(super) fn listeners(&self) -> Vec<NodeId> {
        let Some(balancer) = &self.stack.spec.load_balancer else {
            return Vec::new();
        };
        let names: &[&str] = match (&balancer.tls, balancer.redirect_http) {
            (None, _) => &["http"],
            (Some(_), Some(false)) => &["http", "https"],
            (Some(_), Some(true) | None) => &["https"],
        };
        let listener = |name: &&str| self.of_stack(NodeId::named(Kind::Listener, *name));
        names.iter().map(listener).collect()
    }

    /// The path in IAM that tells whose a resource is.
    pub(super) fn path(&self, node: &NodeId) -> String {
        format!("{}/", tag::path(&self.identity.cluster, &self.identity.owner, node))
    }

    /// What the names of AWS's services in the region end with.
    /// <https://docs.aws.amazon.com/general/latest/gr/rande.html>
    pub(super) fn dns_suffix(&self) -> &'static str {
        match partition(self.region()) {
            "aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }

    /// The ARN of a policy that AWS manages.
    pub(super) fn managed_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", partition(self.region()))
    }
}
