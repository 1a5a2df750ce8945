//! From a spec to the AWS resources it wants: the last place that can reject a spec. Every later step trusts it.

mod layout;
mod network;
mod stack;

use std::collections::BTreeSet;

use crate::cloud::Zone;
use crate::kind::Kind;
use crate::observed::Observed;

pub use stack::{KIND, desire, identity};

/// What a spec is read together with.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// This installation.
    pub cluster: String,
    /// The availability zones of the region.
    pub zones: Vec<Zone>,
    /// The availability zones that have subnets of this stack.
    pub zones_in_use: BTreeSet<String>,
    /// The availability zones that have NAT gateways of this stack.
    pub nat_zones_in_use: BTreeSet<String>,
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
            zones_in_use: names(Kind::Subnet).filter_map(zone).collect(),
            nat_zones_in_use: names(Kind::NatGateway).filter_map(zone).collect(),
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
}
