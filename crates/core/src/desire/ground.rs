//! The network as the other parts of a stack see it.

use crate::desired::Identity;
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::tag;

/// The network as the other parts of a stack see it.
pub(super) struct Ground<'a> {
    /// Whose the stack is.
    pub(super) identity: &'a Identity,
    /// The region.
    pub(super) region: &'a str,
    /// The range of the VPC, where hastack makes it.
    pub(super) cidr: Option<&'a str>,
    /// The public subnets.
    pub(super) public: Vec<Place>,
    /// The private subnets.
    pub(super) private: Vec<Place>,
}

/// A subnet, one a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its zone, or its id where the VPC is an existing one: what tells a part in one zone from that in another.
    pub(super) name: String,
    /// The subnet.
    pub(super) subnet: NodeId,
}

impl Ground<'_> {
    /// The VPC.
    pub(super) fn vpc() -> NodeId {
        NodeId::only(Kind::Vpc)
    }

    /// The name of a security group: unique in its VPC, whoever shares that.
    pub(super) fn group_name(&self, part: &str) -> String {
        let owner = &self.identity.owner;
        format!("{}/{}/{part}", owner.namespace, owner.name)
    }

    /// The path in IAM that tells whose a resource is.
    pub(super) fn path(&self, node: &NodeId) -> String {
        format!("{}/", tag::path(&self.identity.cluster, &self.identity.owner, node))
    }

    /// The ARN of a policy that AWS manages.
    pub(super) fn managed_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition())
    }

    /// The part of AWS that the region belongs to.
    pub(super) fn partition(&self) -> &'static str {
        partition(self.region)
    }
}

/// The part of AWS that a region belongs to: what ARNs begin with.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(super) fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        Some(_) | None => "aws",
    }
}

/// The subnets of a tier, in the order of their names.
pub(super) fn places<'a>(subnets: impl Iterator<Item = &'a NodeId>, tier: &str) -> Vec<Place> {
    let of_tier = |subnet: &'a NodeId| Some((subnet.name.strip_prefix(tier)?.strip_prefix('/')?, subnet));
    let places = subnets.filter(|node| node.kind == Kind::Subnet).filter_map(of_tier);
    places
        .map(|(name, subnet)| Place {
            name: name.to_owned(),
            subnet: subnet.clone(),
        })
        .collect()
}
