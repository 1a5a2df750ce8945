//! From a spec to the AWS resources it wants: the last place that can reject a spec. Every later step trusts it.

mod bastion;
mod certificate;
mod file_system;
mod flow_logs;
mod ground;
mod interface_endpoints;
mod layout;
mod load_balancer;
mod name;
mod network;
mod stack;

use std::collections::BTreeSet;

use crate::cloud::{HostedZone, Zone};
use crate::kind::Kind;
use crate::observed::Observed;

pub use certificate::hosted_zone;
pub(crate) use certificate::{certificate_node, domains};
pub use stack::{KIND, desire, identity};

/// What a spec is read together with.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// This installation.
    pub cluster: String,
    /// The availability zones of the region.
    pub zones: Vec<Zone>,
    /// The hosted zones that the spec may mean.
    pub hosted_zones: Vec<HostedZone>,
    /// The availability zones that have subnets of this stack.
    pub zones_in_use: BTreeSet<String>,
    /// The availability zones that have NAT gateways of this stack.
    pub nat_zones_in_use: BTreeSet<String>,
    /// Other custom resources that refer to this one, such as `AutoScaledService/web`.
    pub dependents: Vec<String>,
}

impl Inputs {
    /// The inputs of a stack of which this exists.
    pub fn new(cluster: impl Into<String>, zones: Vec<Zone>, observed: &Observed) -> Self {
        let names = |kind: Kind| {
            observed
                .objects
                .keys()
                .filter(move |node| node.kind == kind)
                .map(|node| node.name.as_str())
        };
        let zone = |name: &str| name.rsplit('/').next().map(str::to_owned);
        Self {
            cluster: cluster.into(),
            zones,
            hosted_zones: Vec::new(),
            zones_in_use: names(Kind::Subnet).filter_map(zone).collect(),
            nat_zones_in_use: names(Kind::NatGateway).filter_map(zone).collect(),
            dependents: Vec::new(),
        }
    }
}

/// A spec that cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A part of the spec this version does not act on.
    #[error("cannot act on {field}: this version of hastack does not support it yet; leave it out")]
    SupportPart {
        /// The field.
        field: &'static str,
    },
    /// A range that is none.
    #[error("cannot read {field}: {value:?} is not an IPv4 range with no host bits set, such as 10.0.0.0/16")]
    ReadRange {
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
    /// A range of a size AWS does not allow.
    #[error("cannot use {field}: {value} is not between /16 and /28")]
    SizeRange {
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
    /// A VPC too small for computed subnets.
    #[error(
        "cannot lay out subnets in network.cidr: {cidr} has too few addresses; it must be /23 or larger, or network.subnets must list every zone"
    )]
    LayOutSubnets {
        /// The VPC's range.
        cidr: String,
    },
    /// A subnet outside its VPC.
    #[error("cannot place {field}: {range} is not within network.cidr {cidr}")]
    PlaceSubnet {
        /// The field.
        field: String,
        /// Its range.
        range: String,
        /// The VPC's range.
        cidr: String,
    },
    /// Two subnets that share addresses.
    #[error("cannot place {field}: {range} overlaps {other} of {other_field}")]
    SeparateSubnets {
        /// The field.
        field: String,
        /// Its range.
        range: String,
        /// The field of the other one.
        other_field: String,
        /// The other one's range.
        other: String,
    },
    /// A subnet that is needed and not given.
    #[error(
        "cannot leave out {field}: a database subnet is needed in each zone unless network.databaseSubnets is false"
    )]
    LeaveOutSubnet {
        /// The field.
        field: String,
    },
    /// A zone that the region does not have.
    #[error("cannot use {field}: there is no availability zone {zone:?} in {region}; there are {available}")]
    FindZone {
        /// The field.
        field: String,
        /// The zone.
        zone: String,
        /// The region.
        region: String,
        /// The zones there are.
        available: String,
    },
    /// Ranges for a zone the stack is not in.
    #[error("cannot use {field}: the stack is not spread over {zone}")]
    UseZone {
        /// The field.
        field: String,
        /// The zone.
        zone: String,
    },
    /// A hosted zone that does not exist.
    #[error(
        "cannot find loadBalancer.tls.hostedZone: the account has no public hosted zone of the id or name {hosted_zone:?}"
    )]
    FindHostedZone {
        /// What the spec says.
        hosted_zone: String,
    },
    /// A name that several hosted zones have.
    #[error(
        "cannot use loadBalancer.tls.hostedZone: there are several of the name {hosted_zone}; give the id of one of them: {ids}"
    )]
    ChooseHostedZone {
        /// What the spec says.
        hosted_zone: String,
        /// The ids of those there are.
        ids: String,
    },
    /// A domain that a hosted zone does not serve.
    #[error("cannot use {field}: {domain} is not within the hosted zone {hosted_zone}")]
    PlaceDomain {
        /// The field.
        field: String,
        /// The domain.
        domain: String,
        /// The name of the hosted zone.
        hosted_zone: String,
    },
    /// A part that needs subnets there are none of.
    #[error("cannot place {field}: network.existing lists no {tier} subnets")]
    PlacePart {
        /// The field.
        field: &'static str,
        /// The tier of subnets.
        tier: &'static str,
    },
    /// Fields that do not go together.
    #[error("cannot combine {field} with {other}: {reason}")]
    CombineFields {
        /// The field.
        field: &'static str,
        /// The other one, as it is.
        other: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// More zones than the region has.
    #[error("cannot spread over network.availabilityZones {wanted}: {region} has {available}")]
    SpreadZones {
        /// How many.
        wanted: usize,
        /// The region.
        region: String,
        /// How many there are.
        available: usize,
    },
    /// Too few zones for a load balancer.
    #[error("cannot place loadBalancer: AWS wants two availability zones, and {field} gives {zones}")]
    PlaceLoadBalancer {
        /// The field.
        field: &'static str,
        /// How many zones there are.
        zones: usize,
    },
    /// An internal load balancer in a VPC whose range is not known.
    #[error("cannot leave out loadBalancer.allowedCidrs: who is in an existing VPC is not known")]
    LeaveOutRanges,
    /// Neither or both of two certificates.
    #[error(
        "cannot read loadBalancer.tls: give either domain (to request a certificate) or certificateArn (to use one)"
    )]
    ChooseCertificate,
}
