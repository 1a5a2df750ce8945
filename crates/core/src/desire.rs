//! From a spec to the AWS resources it wants: the last place that can reject a spec. Every later step trusts it.

mod architecture;
mod bastion;
mod certificate;
mod database;
mod file_system;
mod flow_logs;
mod ground;
mod interface_endpoints;
mod layout;
mod load_balancer;
mod name;
mod network;
mod range;
mod service;
mod site;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hastack_api::service::image::ImageStatus;
use hastack_api::{AutoScaledService, Custom, HAStack, ManagedDatabase};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::cloud::{Answer, HostedZone, Question, Zone};
use crate::desired::{Desired, Identity};
use crate::kind::Kind;
use crate::observed::Observed;
use crate::owner::Owner;

pub use certificate::hosted_zone;
pub(crate) use certificate::{certificate_node, domains};
pub use database::foreign;
pub(crate) use database::{is_aurora, is_copy, password_text, primary, provider, scheme};
pub(crate) use service::chosen_image;
/// A custom resource that wants resources of AWS.
pub trait Wanting: Custom {
    /// The region it is built in, given the stack it is on, if it is on one and that exists.
    /// It stays where it was built, whatever becomes of the stack.
    fn region<'a>(&'a self, stack: Option<&'a HAStack>) -> Option<&'a str> {
        let earlier = self.status().and_then(|status| status.region.as_deref());
        earlier.or_else(|| stack.map(|stack| stack.spec.region.as_str()))
    }

    /// The stack it is on, by name.
    fn stack_name(&self) -> Option<&str>;

    /// Takes up what it tells of itself beside its spec: what was decided before, as its status has it, and how old it is.
    fn recall(&self, _inputs: &mut Inputs) {}

    /// What has to be looked up in AWS first; more, perhaps, once `inputs` holds some of the answers.
    fn questions(&self, inputs: &Inputs) -> Vec<Question>;

    /// The texts of the cluster that it refers to.
    fn texts(&self) -> Vec<TextRef>;

    /// The AWS resources it wants: none while it is being deleted.
    fn desire(&self, inputs: &Inputs) -> Result<Desired, SpecError>;
}

/// Whose the resources of a custom resource are.
pub fn identity<K: Custom>(object: &K, cluster: &str) -> Identity {
    let metadata = object.meta();
    Identity {
        cluster: cluster.to_owned(),
        owner: owner::<K>(metadata),
        uid: metadata.uid.clone().unwrap_or_default(),
    }
}

/// The custom resource of a kind that these are the metadata of, as its resources name it.
pub fn owner<K: Custom>(metadata: &ObjectMeta) -> Owner {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    Owner {
        kind: K::KIND.to_owned(),
        namespace: name(&metadata.namespace),
        name: name(&metadata.name),
    }
}

/// A text that somebody else keeps in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextRef {
    /// In what.
    pub store: TextStore,
    /// Its name.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// What texts are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextStore {
    /// A Secret.
    Secret,
    /// A `ConfigMap`.
    ConfigMap,
}

impl fmt::Display for TextStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        })
    }
}

/// What a spec is read together with.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The time.
    pub now: Timestamp,
    /// Since when the custom resource exists, where that matters beside others.
    pub since: Option<Timestamp>,
    /// What was looked up in AWS.
    pub answers: BTreeMap<Question, Answer>,
    /// What exists of the custom resource.
    pub observed: Observed,
    /// The stack that a service is on.
    pub stack: Option<HAStack>,
    /// The services on the stack: of a service, those beside it.
    pub services: Vec<AutoScaledService>,
    /// The databases on the stack: of a database, those beside it.
    pub databases: Vec<ManagedDatabase>,
    /// The image that a service had, as its status keeps it.
    pub pinned: Option<ImageStatus>,
    /// Texts that the spec refers to, as far as they are there.
    pub texts: BTreeMap<TextRef, String>,
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
    /// The inputs of a custom resource of which this exists, in these zones.
    pub fn new(cluster: impl Into<String>, zones: Vec<Zone>, observed: &Observed) -> Self {
        let mut inputs = Self {
            cluster: cluster.into(),
            zones,
            ..Self::default()
        };
        inputs.see(observed.clone());
        inputs
    }

    /// Takes up what exists of the custom resource.
    pub fn see(&mut self, observed: Observed) {
        let names = |kind: Kind| {
            let nodes = observed.objects.keys().filter(move |node| node.kind == kind);
            nodes.map(|node| node.name.as_str())
        };
        let zone = |name: &str| name.rsplit('/').next().map(str::to_owned);
        self.zones_in_use = names(Kind::Subnet).filter_map(zone).collect();
        self.nat_zones_in_use = names(Kind::NatGateway).filter_map(zone).collect();
        self.observed = observed;
    }

    /// Takes up what was looked up.
    pub fn learn(&mut self, question: Question, answer: Answer) {
        match &answer {
            Answer::Zones(zones) => self.zones.clone_from(zones),
            Answer::HostedZones(zones) => self.hosted_zones.clone_from(zones),
            Answer::Account(_) | Answer::Parameter(_) | Answer::Image(_) => {}
        }
        self.answers.insert(question, answer);
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
    /// The stack a service is on does not exist.
    #[error("cannot find stackRef.name: there is no HAStack {name} in this namespace")]
    FindStack {
        /// Its name.
        name: String,
    },
    /// Neither or both of two certificates.
    #[error(
        "cannot read loadBalancer.tls: give either domain (to request a certificate) or certificateArn (to use one)"
    )]
    ChooseCertificate,
    /// Something of another custom resource that is not there.
    #[error("cannot use {field}: {owner} has no {part}")]
    FindPart {
        /// The field.
        field: String,
        /// The other custom resource, such as `HAStack shop`.
        owner: String,
        /// What it does not have.
        part: String,
    },
    /// A text that is not in the cluster.
    #[error("cannot read {field}: there is no key {key:?} in the {store} {name:?}")]
    FindText {
        /// The field.
        field: String,
        /// What it is kept in.
        store: TextStore,
        /// The name of that.
        name: String,
        /// The key in it.
        key: String,
    },
    /// Ports that are none.
    #[error("cannot read {field}: {value:?} is not a port or a range of ports, such as 50051-50060")]
    ReadPorts {
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
    /// More user data than AWS takes.
    #[error(
        "cannot fit userData: it has {given} bytes, {whole} with what environment and mounts take, and AWS takes {most}"
    )]
    FitUserData {
        /// How long it is.
        given: usize,
        /// How long it is with what hastack adds.
        whole: usize,
        /// How long it may be.
        most: usize,
    },
    /// An image that does not exist, or what names it.
    #[error("cannot find {field}: there is no {what}")]
    FindImage {
        /// The field.
        field: String,
        /// What there is none of.
        what: String,
    },
    /// A script that is too long.
    #[error("cannot fit image.build.script: it has {given} bytes, {whole} with what runs it, and AWS takes {most}")]
    FitScript {
        /// How long it is.
        given: usize,
        /// How long it is with what hastack adds.
        whole: usize,
        /// How long it may be.
        most: usize,
    },
    /// Scaling that AWS would refuse.
    #[error("cannot use {field}: {reason}")]
    UseScaling {
        /// The field.
        field: String,
        /// Why not.
        reason: String,
    },
    /// Two of one name.
    #[error("cannot use {field}: there is another one of the name {name:?}; give it a name of its own")]
    RepeatName {
        /// The field.
        field: String,
        /// The name.
        name: String,
    },
    /// Requests that cannot be sent to a service.
    #[error("cannot route requests by {field}: {reason}")]
    RouteRequests {
        /// The field.
        field: &'static str,
        /// Why not.
        reason: String,
    },
    /// A priority that two services give their rules.
    #[error("cannot use routing.priority {priority}: {service} and {other} both take it, on one load balancer")]
    SharePriority {
        /// The priority.
        priority: u16,
        /// The service.
        service: String,
        /// The other one.
        other: String,
    },
    /// Windows to take up another image in, and none given.
    #[error("cannot leave out updateWindow: with imageUpdate Window it says when a newer image is taken up")]
    LeaveOutWindow,
}
