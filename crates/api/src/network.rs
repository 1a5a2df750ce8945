//! The `network` part of an `HAStack`.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// The VPC of a stack: created from `cidr`, or an `existing` one.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.cidr) != has(self.existing)")
        .message("network: give either cidr (to create a VPC) or existing (to use one)"),
    validation = Rule::new("!(has(self.availabilityZones) && has(self.zoneNames))")
        .message("network: give either availabilityZones (how many) or zoneNames (which), not both"),
    validation = Rule::new("!has(self.existing) || !(has(self.availabilityZones) || has(self.zoneNames) || has(self.subnets) || has(self.gatewayEndpoints) || has(self.interfaceEndpoints) || has(self.flowLogs))")
        .message("network: with existing, the zones, subnets, endpoints and flow logs are those of the existing VPC and cannot be given"),
    validation = Rule::new("has(self.cidr) == has(oldSelf.cidr) && (!has(self.cidr) || self.cidr == oldSelf.cidr)")
        .message("network.cidr cannot be changed: the address range of a VPC is fixed"),
    validation = Rule::new("has(self.existing) == has(oldSelf.existing)")
        .message("network.existing cannot be added or removed")
)]
pub struct NetworkSpec {
    /// The VPC's IPv4 range, /16 to /23 (to /28 when `subnets` are given), such as `10.0.0.0/16`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 9, max = 18))]
    #[x_kube(
        validation = Rule::new("isCIDR(self)").message("network.cidr must be an IPv4 range such as 10.0.0.0/16"),
        validation = Rule::new("!isCIDR(self) || (cidr(self).ip().family() == 4 && cidr(self) == cidr(self).masked())")
            .message("network.cidr must be an IPv4 range with no host bits set, such as 10.0.0.0/16"),
        validation = Rule::new("!isCIDR(self) || (cidr(self).prefixLength() >= 16 && cidr(self).prefixLength() <= 28)")
            .message("network.cidr must be between /16 and /28: AWS allows no other VPC")
    )]
    pub cidr: Option<String>,

    /// How many availability zones to spread over. Default 3. AWS's first ones by name are taken, and kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 6))]
    pub availability_zones: Option<u8>,

    /// The availability zones to spread over, by name. Adding one never moves the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 6), inner(length(min = 10, max = 26), regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9][a-h]$")),
        extend("x-kubernetes-list-type" = "set"))]
    pub zone_names: Option<Vec<String>>,

    /// How private subnets reach the internet: not at all, through one NAT gateway, or through one in each zone.
    #[serde(default)]
    pub nat_gateways: NatGateways,

    /// Whether instances started in a public subnet get a public address by themselves.
    #[serde(default = "yes")]
    pub assign_public_addresses: bool,

    /// Whether there is a third tier of subnets, for databases, with no route to the internet.
    #[serde(default = "yes")]
    pub database_subnets: bool,

    /// Address ranges of the subnets, for who plans them by hand. Zones left out get computed ranges. Ranges of a zone cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 6), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["zone"]))]
    pub subnets: Option<Vec<ZoneSubnets>>,

    /// Gateway endpoints: reach these services without a NAT gateway, at no cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub gateway_endpoints: Option<Vec<GatewayEndpoint>>,

    /// Interface endpoints: reach these services, such as `ssm` or `ecr.api`, from within the VPC under their own names, without a NAT gateway. They cost by the hour and zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 2, max = 64), regex(pattern = r"^[a-z0-9]+([.-][a-z0-9]+)*$")),
        extend("x-kubernetes-list-type" = "set"))]
    pub interface_endpoints: Option<Vec<String>>,

    /// Use this VPC and these subnets instead of creating them. hastack changes nothing in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("network.existing cannot be changed"))]
    pub existing: Option<ExistingNetwork>,

    /// Record the traffic of the VPC, in CloudWatch Logs or in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_logs: Option<FlowLogs>,
}

/// How private subnets reach the internet.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum NatGateways {
    /// Private subnets do not reach the internet.
    None,
    /// One NAT gateway in the first zone: cheaper, but it ends with its zone.
    Single,
    /// A NAT gateway in each zone: a zone that fails takes only itself along.
    #[default]
    OnePerZone,
}

/// A service that a gateway endpoint reaches.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum GatewayEndpoint {
    /// Amazon S3.
    S3,
    /// Amazon DynamoDB.
    DynamoDB,
}

/// The address ranges of one zone's subnets.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneSubnets {
    /// The availability zone, such as `us-east-1a`.
    #[schemars(length(min = 10, max = 26), regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9][a-h]$"))]
    pub zone: String,
    /// The public subnet's range, /16 to /28, within the VPC's.
    #[schemars(length(min = 9, max = 18))]
    #[x_kube(validation = Rule::new("isCIDR(self) && cidr(self) == cidr(self).masked()").message("public must be an IPv4 range such as 10.0.0.0/24"))]
    pub public: String,
    /// The private subnet's range, /16 to /28, within the VPC's.
    #[schemars(length(min = 9, max = 18))]
    #[x_kube(validation = Rule::new("isCIDR(self) && cidr(self) == cidr(self).masked()").message("private must be an IPv4 range such as 10.0.1.0/24"))]
    pub private: String,
    /// The database subnet's range, /16 to /28, within the VPC's. Needed unless `databaseSubnets` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 9, max = 18))]
    #[x_kube(validation = Rule::new("isCIDR(self) && cidr(self) == cidr(self).masked()").message("database must be an IPv4 range such as 10.0.2.0/24"))]
    pub database: Option<String>,
}

/// A VPC and subnets that exist already and stay as they are.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExistingNetwork {
    /// The VPC, such as `vpc-0123456789abcdef0`.
    #[schemars(length(min = 12, max = 21), regex(pattern = r"^vpc-[0-9a-f]+$"))]
    pub vpc_id: String,
    /// Its public subnets, one a zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6), inner(length(min = 15, max = 24), regex(pattern = r"^subnet-[0-9a-f]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub public_subnet_ids: Vec<String>,
    /// Its private subnets, one a zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6), inner(length(min = 15, max = 24), regex(pattern = r"^subnet-[0-9a-f]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub private_subnet_ids: Vec<String>,
    /// Its database subnets, one a zone. Left out, databases use the private subnets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6), inner(length(min = 15, max = 24), regex(pattern = r"^subnet-[0-9a-f]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub database_subnet_ids: Vec<String>,
}

/// How the traffic of the VPC is recorded: in a log group of CloudWatch Logs that hastack makes, or in a bucket.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.bucketArn) && has(self.retentionDays))")
    .message("network.flowLogs: retentionDays is of use without bucketArn only: how long a bucket keeps records is up to the bucket"))]
pub struct FlowLogs {
    /// Days to keep the records in CloudWatch Logs, one of the numbers AWS knows. Default 30. Can be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", extend("enum" = RETENTION_DAYS))]
    pub retention_days: Option<u16>,
    /// Which traffic. Default `All`. A change makes the record anew; what was recorded stays.
    #[serde(default)]
    pub traffic: FlowLogTraffic,
    /// A bucket to record in, by ARN, with a folder if you like: `arn:aws:s3:::logs/vpc`. Its policy must let AWS's log delivery write. A change makes the record anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 16, max = 1024),
        regex(pattern = r"^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]+(/.*)?$")
    )]
    pub bucket_arn: Option<String>,
    /// Seconds of traffic that one line sums up: 60 or 600. Default 600. A change makes the record anew; what was recorded stays.
    #[serde(default = "ten_minutes")]
    #[schemars(with = "i32", extend("enum" = [60, 600]))]
    pub aggregation_seconds: u16,
}

/// The days for which CloudWatch Logs can keep records.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTION_DAYS: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Which traffic is recorded.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum FlowLogTraffic {
    /// All of it.
    #[default]
    All,
    /// What security groups and network ACLs let through.
    Accept,
    /// What they do not.
    Reject,
}

fn ten_minutes() -> u16 {
    600
}
