//! The kinds of AWS resources and THE TABLE: one row a kind, from which the order of creation, the order of deletion, recovery
//! after a crash and the pace of looking are read. Nothing else knows any of it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use Kind::{
    AccessPoint, AutoScalingGroup, BlueGreenDeployment, Certificate, DbCluster, DbClusterParameterGroup, DbInstance,
    DbParameterGroup, DbSubnetGroup, DefaultSecurityGroup, DnsRecord, ElasticIp, FileSystem, FlowLog, ForeignDbCluster,
    ForeignDbInstance, ForeignSecurityGroup, Image, Instance, InstanceProfile, InstanceRefresh, InternetGateway,
    KeyPair, LaunchTemplate, LifecycleHook, Listener, ListenerRule, LoadBalancer, LogGroup, MountTarget, NatGateway,
    NetworkInterface, Role, RouteTable, ScalableTarget, ScalingPolicy, ScheduledAction, Secret, SecurityGroup, Subnet,
    TargetGroup, Vpc, VpcEndpoint,
};

/// A kind of AWS resource, in the order in which plans list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A virtual private cloud.
    Vpc,
    /// The security group that comes with a VPC.
    DefaultSecurityGroup,
    /// A security group.
    SecurityGroup,
    /// An internet gateway.
    InternetGateway,
    /// A route table.
    RouteTable,
    /// A subnet.
    Subnet,
    /// A public address.
    ElasticIp,
    /// A NAT gateway.
    NatGateway,
    /// A gateway or interface endpoint.
    VpcEndpoint,
    /// A log group.
    LogGroup,
    /// A role.
    Role,
    /// An instance profile: how an instance gets its role.
    InstanceProfile,
    /// The record of a VPC's traffic.
    FlowLog,
    /// A key pair.
    KeyPair,
    /// An instance.
    Instance,
    /// A certificate.
    Certificate,
    /// A load balancer.
    LoadBalancer,
    /// A listener of a load balancer.
    Listener,
    /// A DNS record.
    DnsRecord,
    /// A file system.
    FileSystem,
    /// A file system's address in a zone.
    MountTarget,
    /// A way into a file system with its own root and user.
    AccessPoint,
    /// An image that instances start from.
    Image,
    /// What instances of a group are launched with.
    LaunchTemplate,
    /// The instances a load balancer sends requests to.
    TargetGroup,
    /// Which requests a listener sends where.
    ListenerRule,
    /// A group of instances that AWS keeps at a size.
    AutoScalingGroup,
    /// The replacement of a group's instances by such of another version.
    InstanceRefresh,
    /// When a group grows and shrinks.
    ScalingPolicy,
    /// When a group's size changes by the clock.
    ScheduledAction,
    /// What a group waits for before it takes in or lets go of an instance.
    LifecycleHook,
    /// The subnets that a database may be in.
    DbSubnetGroup,
    /// The parameters of database instances.
    DbParameterGroup,
    /// The parameters of database clusters.
    DbClusterParameterGroup,
    /// A database cluster of Aurora.
    DbCluster,
    /// A database instance: one by itself, a replica of one, or a member of a cluster.
    DbInstance,
    /// The secret in which RDS keeps the master password of a database.
    Secret,
    /// An upgrade of a database beside it.
    BlueGreenDeployment,
    /// What lets AWS add readers to a cluster and take them away.
    ScalableTarget,
    /// A network interface, of whatever has one in our subnets.
    NetworkInterface,
    /// A security group of somebody else that refers to one of ours.
    ForeignSecurityGroup,
    /// A database instance that is not ours, in a cluster of ours or with a group of ours.
    ForeignDbInstance,
    /// A database cluster that is not ours, with a group of ours.
    ForeignDbCluster,
}

/// The part of a stack a resource belongs to; each has a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// VPC, subnets, gateways, routes, endpoints, flow logs.
    Network,
    /// Load balancer and listeners.
    LoadBalancer,
    /// Certificate and DNS records.
    Certificate,
    /// File system, mount targets, access points.
    FileSystem,
    /// Bastion.
    Bastion,
    /// Security group, role and instance profile of a service's instances.
    Access,
    /// Image and what builds it.
    Image,
    /// Launch template, Auto Scaling group and what belongs to it.
    Fleet,
    /// Target group and listener rules.
    Routing,
    /// Subnet group, parameter groups, instances and clusters, and who reaches them.
    Database,
}

/// How a creation whose outcome is unknown is kept from happening twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// AWS answers a repeated client token with the first answer.
    Token,
    /// AWS refuses a second one in the same place, such as a subnet of the same range, or of the same name.
    NaturalKey,
    /// AWS offers nothing: an intent is written down first, and tags are looked up before a second try.
    Intent,
    /// It is never created: it comes with its parent.
    Inherent,
}

/// What a difference in a field that cannot be changed leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// It holds nothing: it is deleted and created anew.
    DeleteThenCreate,
    /// Others live in it or it holds data: the change is refused.
    Never,
}

/// What tells whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Its own tags, which sweeps show.
    Tags,
    /// Its path or name, since lists do not show tags.
    Name,
    /// What it is part of, since it has no tags.
    Parent,
    /// A record beside it, since it has no tags.
    Companion,
    /// Nothing: it comes with what is ours.
    Nothing,
}

/// How it is looked at while all is at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A few pages show all there are: in every sweep.
    Sweep,
    /// AWS shows them only parent by parent: more rarely.
    Slow,
    /// AWS has no list worth reading, but its id is known beforehand: each is read by itself.
    Named,
}

/// How often what only a read of the one resource shows is read, while all is at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Details {
    /// Sweeps show everything.
    None,
    /// Nobody but us changes it: rarely.
    Rare,
    /// It changes by itself, and seldom: as often as what is listed parent by parent.
    Slow,
    /// It changes by itself: as often as sweeps.
    Steady,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are columns of the table")]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Its word in ids, tags and metrics.
    pub word: &'static str,
    /// The kinds that must exist before it and outlast it.
    pub depends_on: &'static [Kind],
    /// The part of a stack it belongs to, unless its name says another.
    pub area: Area,
    /// How its creation is kept from happening twice.
    pub recovery: Recovery,
    /// What a change of an immutable field leads to.
    pub replacement: Replacement,
    /// What tells whose it is.
    pub carrier: Carrier,
    /// How it is looked at while all is at rest.
    pub lane: Lane,
    /// The kinds under which AWS lists it, where it has no list of all: those must be known first.
    pub listed_by: &'static [Kind],
    /// The kind it goes with when that is deleted, without a call of its own.
    pub goes_with: Option<Kind>,
    /// Whether AWS answers a creation with one of the same name and settings that is there, whoever has it and without our tags: so
    /// sweeps show everybody's.
    pub shares_names: bool,
    /// Whether it is whoever's, and looked at when it may be in one of ours or refer to it.
    pub occupies: bool,
    /// Whether it has network interfaces, which AWS may take away later than the resource itself.
    pub has_interfaces: bool,
    /// Whether what is not ours may have come to have it by AWS's doing: that is looked at before it is deleted.
    pub looked_into: bool,
    /// Whether it holds data: it is never deleted but because it is not wanted, never without what its deletion policy says, and one
    /// that somebody else deleted is not replaced by an empty one.
    pub holds_data: bool,
    /// How often what only a read of the one resource shows is read.
    pub details: Details,
    /// How many of it one page of AWS's answer holds at most.
    pub page: u16,
    /// How often to look while something of this kind is pending.
    pub poll: Duration,
}

const QUICK: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_secs(5);

/// The table.
#[rustfmt::skip]
pub static TABLE: [Row; 43] = {
    use Area::{Bastion, Certificate as Tls, Database, FileSystem as Files, Fleet, LoadBalancer as Balancing, Routing};
    use Recovery::{Inherent, Intent, NaturalKey, Token};
    [
        row(Vpc,                  "vpc",                    Intent).details(),
        row(DefaultSecurityGroup, "default-security-group", Inherent).after(&[Vpc]).carried(Carrier::Nothing),
        row(SecurityGroup,        "security-group",         NaturalKey).after(&[Vpc]),
        row(InternetGateway,      "internet-gateway",       Intent).after(&[Vpc]),
        row(RouteTable,           "route-table",            Token).after(&[Vpc]).page(100),
        // A route table cannot be deleted while a subnet is associated with it; deleting the subnet ends the association.
        row(Subnet,               "subnet",                 NaturalKey).after(&[Vpc, RouteTable]),
        row(ElasticIp,            "elastic-ip",             Intent),
        // The gateway must be attached before a NAT gateway works, and cannot be detached while one has a public address.
        row(NatGateway,           "nat-gateway",            Token).after(&[Subnet, ElasticIp, InternetGateway]).made_anew().interfaces().poll(SLOW),
        row(VpcEndpoint,          "vpc-endpoint",           Token).after(&[Vpc, RouteTable, Subnet, SecurityGroup]).interfaces(),
        row(LogGroup,             "log-group",              NaturalKey).carried(Carrier::Name).page(50),
        row(Role,                 "role",                   NaturalKey).carried(Carrier::Name).details().poll(SLOW),
        row(InstanceProfile,      "instance-profile",       NaturalKey).after(&[Role]).carried(Carrier::Name).poll(SLOW),
        row(FlowLog,              "flow-log",               Token).after(&[Vpc, LogGroup, Role]).made_anew(),
        row(KeyPair,              "key-pair",               NaturalKey).in_area(Bastion).made_anew(),
        // The gateway cannot be detached while an instance has a public address.
        row(Instance,             "instance",               Token).after(&[InternetGateway, Subnet, SecurityGroup, ElasticIp, InstanceProfile, KeyPair]).in_area(Bastion).made_anew().details().interfaces().poll(SLOW),
        row(Certificate,          "certificate",            Token).in_area(Tls).made_anew().lane(Lane::Slow).poll(SLOW),
        row(LoadBalancer,         "load-balancer",          NaturalKey).after(&[InternetGateway, Subnet, SecurityGroup]).in_area(Balancing).details().interfaces().page(400).poll(SLOW),
        row(Listener,             "listener",               NaturalKey).after(&[Certificate, LoadBalancer]).in_area(Balancing).made_anew().details().with(LoadBalancer).listed_by(&[LoadBalancer]).lane(Lane::Slow).page(400),
        row(DnsRecord,            "dns-record",             NaturalKey).after(&[Certificate, LoadBalancer]).in_area(Tls).made_anew().carried(Carrier::Companion).lane(Lane::Named).page(300),
        // EFS refuses a second one with the same token, where others answer as they did first.
        row(FileSystem,           "file-system",            NaturalKey).in_area(Files).details().page(100),
        row(MountTarget,          "mount-target",           NaturalKey).after(&[Subnet, SecurityGroup, FileSystem]).in_area(Files).carried(Carrier::Parent).listed_by(&[FileSystem]).lane(Lane::Slow).made_anew().details().interfaces().page(100).poll(SLOW),
        row(AccessPoint,          "access-point",           NaturalKey).after(&[FileSystem]).in_area(Files).made_anew().page(100),
        row(Image,                "image",                  NaturalKey).after(&[Instance]).in_area(Area::Image).poll(SLOW),
        row(LaunchTemplate,       "launch-template",        NaturalKey).after(&[SecurityGroup, InstanceProfile, Image]).in_area(Fleet).details().page(200),
        row(TargetGroup,          "target-group",           NaturalKey).after(&[Vpc]).in_area(Routing).sharing_names().steady().page(400).poll(SLOW),
        row(ListenerRule,         "listener-rule",          NaturalKey).after(&[Listener, TargetGroup]).in_area(Routing).made_anew().with(Listener).listed_by(&[Listener]).lane(Lane::Slow).page(400),
        row(AutoScalingGroup,     "auto-scaling-group",     NaturalKey).after(&[Subnet, MountTarget, LaunchTemplate, TargetGroup]).in_area(Fleet).details().interfaces().page(100).poll(SLOW),
        // It is a group's: a read of the one shows it, and nothing lists them.
        row(InstanceRefresh,      "instance-refresh",       Inherent).after(&[AutoScalingGroup]).in_area(Fleet).carried(Carrier::Nothing).listed_by(&[AutoScalingGroup]).details().poll(SLOW),
        row(ScalingPolicy,        "scaling-policy",         NaturalKey).after(&[ListenerRule, AutoScalingGroup]).in_area(Fleet).carried(Carrier::Parent).made_anew().with(AutoScalingGroup).listed_by(&[AutoScalingGroup]).lane(Lane::Slow).page(100),
        row(ScheduledAction,      "scheduled-action",       NaturalKey).after(&[AutoScalingGroup]).in_area(Fleet).carried(Carrier::Parent).made_anew().with(AutoScalingGroup).listed_by(&[AutoScalingGroup]).lane(Lane::Slow).page(100),
        row(LifecycleHook,        "lifecycle-hook",         NaturalKey).after(&[AutoScalingGroup]).in_area(Fleet).carried(Carrier::Parent).made_anew().with(AutoScalingGroup).listed_by(&[AutoScalingGroup]).lane(Lane::Slow).page(50),
        // AWS lists neither the tags of these three, but their descriptions, which tell whose they are.
        row(DbSubnetGroup,        "db-subnet-group",        NaturalKey).after(&[Subnet]).in_area(Database).carried(Carrier::Name).page(100).poll(SLOW),
        row(DbParameterGroup,     "db-parameter-group",     NaturalKey).in_area(Database).carried(Carrier::Name).details().looked_into().page(100),
        row(DbClusterParameterGroup, "db-cluster-parameter-group", NaturalKey).in_area(Database).carried(Carrier::Name).details().looked_into().page(100),
        row(DbCluster,            "db-cluster",             NaturalKey).after(&[SecurityGroup, DbSubnetGroup, DbClusterParameterGroup]).in_area(Database).holding_data().slowly_changing().page(100).poll(SLOW),
        row(DbInstance,           "db-instance",            NaturalKey).after(&[SecurityGroup, Role, DbSubnetGroup, DbParameterGroup, DbCluster]).in_area(Database).holding_data().slowly_changing().interfaces().page(100).poll(SLOW),
        row(Secret,               "secret",                 Inherent).after(&[DbCluster, DbInstance]).in_area(Database).carried(Carrier::Nothing).listed_by(&[DbCluster, DbInstance]).slowly_changing().poll(SLOW),
        row(BlueGreenDeployment,  "blue-green-deployment",  NaturalKey).after(&[DbParameterGroup, DbClusterParameterGroup, DbCluster, DbInstance]).in_area(Database).page(100).poll(SLOW),
        row(ScalableTarget,       "scalable-target",        NaturalKey).after(&[DbCluster, DbInstance]).in_area(Database).carried(Carrier::Parent).listed_by(&[DbCluster]).lane(Lane::Slow).looked_into().page(50).poll(SLOW),
        row(NetworkInterface,     "network-interface",      Inherent).after(&[InternetGateway, Subnet, SecurityGroup]).carried(Carrier::Nothing).listed_by(&[Vpc, SecurityGroup]).occupying(),
        row(ForeignSecurityGroup, "foreign-security-group", Inherent).after(&[SecurityGroup]).carried(Carrier::Nothing).listed_by(&[SecurityGroup]).occupying(),
        row(ForeignDbInstance,    "foreign-db-instance",    Inherent).after(&[DbSubnetGroup, DbParameterGroup, DbCluster, ScalableTarget]).in_area(Database).carried(Carrier::Nothing).listed_by(&[DbSubnetGroup, DbParameterGroup, DbCluster]).occupying().page(100).poll(SLOW),
        row(ForeignDbCluster,     "foreign-db-cluster",     Inherent).after(&[DbSubnetGroup, DbClusterParameterGroup]).in_area(Database).carried(Carrier::Nothing).listed_by(&[DbSubnetGroup, DbClusterParameterGroup]).occupying().page(100).poll(SLOW),
    ]
};

const fn row(kind: Kind, word: &'static str, recovery: Recovery) -> Row {
    Row {
        kind,
        word,
        depends_on: &[],
        area: Area::Network,
        recovery,
        replacement: Replacement::Never,
        carrier: Carrier::Tags,
        lane: Lane::Sweep,
        listed_by: &[],
        goes_with: None,
        shares_names: false,
        occupies: false,
        has_interfaces: false,
        looked_into: false,
        holds_data: false,
        details: Details::None,
        page: 1000,
        poll: QUICK,
    }
}

/// What a row says beyond what most rows have in common.
impl Row {
    const fn after(mut self, kinds: &'static [Kind]) -> Self {
        self.depends_on = kinds;
        self
    }

    const fn in_area(mut self, area: Area) -> Self {
        self.area = area;
        self
    }

    const fn made_anew(mut self) -> Self {
        self.replacement = Replacement::DeleteThenCreate;
        self
    }

    const fn carried(mut self, carrier: Carrier) -> Self {
        self.carrier = carrier;
        self
    }

    const fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    const fn listed_by(mut self, kinds: &'static [Kind]) -> Self {
        self.listed_by = kinds;
        self
    }

    const fn with(mut self, parent: Kind) -> Self {
        self.goes_with = Some(parent);
        self
    }

    const fn sharing_names(mut self) -> Self {
        self.shares_names = true;
        self
    }

    const fn occupying(mut self) -> Self {
        self.occupies = true;
        self
    }

    const fn interfaces(mut self) -> Self {
        self.has_interfaces = true;
        self
    }

    const fn looked_into(mut self) -> Self {
        self.looked_into = true;
        self
    }

    const fn holding_data(mut self) -> Self {
        self.holds_data = true;
        self
    }

    const fn details(mut self) -> Self {
        self.details = Details::Rare;
        self
    }

    const fn slowly_changing(mut self) -> Self {
        self.details = Details::Slow;
        self
    }

    const fn steady(mut self) -> Self {
        self.details = Details::Steady;
        self
    }

    const fn page(mut self, page: u16) -> Self {
        self.page = page;
        self
    }

    const fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }
}

impl Kind {
    /// Every kind, in the order of the table.
    pub fn all() -> impl Iterator<Item = Kind> {
        TABLE.iter().map(|row| row.kind)
    }

    /// The kind's row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its word in ids, tags and metrics, such as `nat-gateway`.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// Whether `self` must be deleted before `other` can be: `self` depends on it, directly or through others.
    pub fn depends_on(self, other: Kind) -> bool {
        self.row()
            .depends_on
            .iter()
            .any(|&kind| kind == other || kind.depends_on(other))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {0:?} as a kind of resource")]
pub struct ReadKind(pub String);

impl FromStr for Kind {
    type Err = ReadKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Kind::all()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| ReadKind(word.into()))
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, kind) in Kind::all().enumerate() {
            assert_eq!(kind as usize, index, "{kind}");
        }
    }

    #[test]
    fn a_kind_stands_below_every_kind_it_depends_on() {
        for row in &TABLE {
            for &other in row.depends_on {
                assert!(other < row.kind, "{} stands above {other}", row.kind);
            }
        }
    }

    #[test]
    fn a_word_reads_back_as_its_kind() {
        for kind in Kind::all() {
            assert_eq!(kind.word().parse(), Ok(kind));
        }
    }
}
