//! Which requests a service's instances get.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which requests of the stack's load balancer are sent to the instances: those that meet all of what is given.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.hosts) || has(self.paths) || has(self.headers) || has(self.methods)")
    .message("routing: give at least one of hosts, paths, headers and methods; paths: [\"/*\"] is everything"),
    validation = Rule::new("self.slowStartSeconds == 0 || self.slowStartSeconds >= 30")
        .message("routing.slowStartSeconds must be 0 or at least 30"),
    validation = Rule::new("self.slowStartSeconds == 0 || self.algorithm == 'RoundRobin'")
        .message("routing.slowStartSeconds needs the algorithm RoundRobin"))]
pub struct RoutingSpec {
    /// To one of these hosts, in which `*` and `?` stand for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z0-9*?.-]*\.[A-Za-z0-9-]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub hosts: Option<Vec<String>>,
    /// With one of these paths, in which `*` and `?` stand for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 128), regex(pattern = r#"^/[A-Za-z0-9_.$/~"'@:+&*?-]*$"#)), extend("x-kubernetes-list-type" = "set"))]
    pub paths: Option<Vec<String>>,
    /// With these headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub headers: Option<Vec<HeaderMatch>>,
    /// With one of these methods, such as `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 5), inner(length(min = 1, max = 40), regex(pattern = r"^[A-Z_-]+$")), extend("x-kubernetes-list-type" = "set"))]
    pub methods: Option<Vec<String>>,
    /// Which rule comes first, 1 to 50000: the lowest. Default one that puts the more particular before the more general (by hosts,
    /// then by how long the paths are up to a wildcard, of several the most general one), and never that of another service of the
    /// stack. A rule of AWS's takes five values; where it takes several rules, they have this number and those that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 50000))]
    pub priority: Option<u16>,
    /// What the load balancer speaks to the instances. Default `HTTP`. `HTTP2` and `GRPC` need `loadBalancer.tls` of the stack.
    #[serde(default)]
    pub protocol: TargetProtocol,
    /// Seconds in which an instance that is taken out may finish its requests, 0 to 3600. Default 60.
    #[serde(default = "a_minute")]
    #[schemars(with = "i32", range(min = 0, max = 3600))]
    pub deregistration_delay_seconds: u16,
    /// Seconds in which a new instance gets more and more requests, 30 to 900, with the algorithm `RoundRobin`; 0 for all at once.
    /// Default 0.
    #[serde(default)]
    #[schemars(with = "i32", range(min = 0, max = 900))]
    pub slow_start_seconds: u16,
    /// Whether a client comes back to the same instance, and how long. Default not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<StickinessSpec>,
    /// Which instance gets a request. Default `RoundRobin`.
    #[serde(default)]
    pub algorithm: RoutingAlgorithm,
}

/// A header that a request must have.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.name.lowerAscii() != 'host'").message("routing.headers: give hosts instead of the header Host"))]
pub struct HeaderMatch {
    /// Its name.
    #[schemars(length(min = 1, max = 40), regex(pattern = r"^[A-Za-z0-9!#$%&'+.^_`|~-]+$"))]
    pub name: String,
    /// One of these values, in which `*` and `?` stand for anything.
    #[schemars(length(min = 1, max = 5), inner(length(min = 1, max = 128)), extend("x-kubernetes-list-type" = "set"))]
    pub values: Vec<String>,
}

/// What the load balancer speaks to the instances.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum TargetProtocol {
    /// HTTP/1.1.
    #[default]
    #[serde(rename = "HTTP")]
    Http,
    /// HTTP/1.1 over TLS.
    #[serde(rename = "HTTPS")]
    Https,
    /// HTTP/2.
    #[serde(rename = "HTTP2")]
    Http2,
    /// gRPC.
    #[serde(rename = "GRPC")]
    Grpc,
}

/// How long a client comes back to the same instance.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StickinessSpec {
    /// For so many seconds, 1 to 604800.
    #[schemars(with = "i32", range(min = 1, max = 604_800))]
    pub duration_seconds: u32,
    /// The cookie of the application that tells it. Default one of the load balancer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    #[x_kube(validation = Rule::new("!self.startsWith('AWSALB')").message("routing.stickiness.cookieName must not start with AWSALB: AWS keeps that for itself"))]
    pub cookie_name: Option<String>,
}

/// Which instance gets a request.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum RoutingAlgorithm {
    /// One after the other.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastOutstandingRequests,
    /// Any, with fewer for those that look unwell.
    WeightedRandom,
}

/// How it is found out whether an instance is healthy.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.timeoutSeconds < self.intervalSeconds").message("healthCheck.timeoutSeconds must be below intervalSeconds"))]
pub struct HealthCheckSpec {
    /// The path that is asked for. Default `/`; for gRPC `/AWS.ALB/healthcheck`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024), regex(pattern = r"^/"))]
    pub path: Option<String>,
    /// The port that is asked. Default the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// The answers that are well, such as `200`, `200-299` or `200,301`. Default `200-399`; for gRPC `0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[0-9]{1,3}([,-][0-9]{1,3})*$"))]
    pub codes: Option<String>,
    /// Seconds between two questions, 5 to 300. Default 15.
    #[serde(default = "interval")]
    #[schemars(with = "i32", range(min = 5, max = 300))]
    pub interval_seconds: u16,
    /// Seconds an answer may take, 2 to 120. Default 5.
    #[serde(default = "timeout")]
    #[schemars(with = "i32", range(min = 2, max = 120))]
    pub timeout_seconds: u16,
    /// How many good answers make it healthy, 2 to 10. Default 2.
    #[serde(default = "two")]
    #[schemars(with = "i32", range(min = 2, max = 10))]
    pub healthy_threshold: u8,
    /// How many bad ones make it unhealthy, 2 to 10. Default 2.
    #[serde(default = "two")]
    #[schemars(with = "i32", range(min = 2, max = 10))]
    pub unhealthy_threshold: u8,
    /// Seconds in which a new instance may be unhealthy without being replaced, 0 to 7200. Default 300.
    #[serde(default = "grace")]
    #[schemars(with = "i32", range(min = 0, max = 7200))]
    pub grace_period_seconds: u16,
}

impl Default for HealthCheckSpec {
    fn default() -> Self {
        Self {
            path: None,
            port: None,
            codes: None,
            interval_seconds: interval(),
            timeout_seconds: timeout(),
            healthy_threshold: two(),
            unhealthy_threshold: two(),
            grace_period_seconds: grace(),
        }
    }
}

/// An instance that is not healthy.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnhealthyTarget {
    /// The instance.
    pub id: String,
    /// AWS's word for how it is, such as `unhealthy`.
    pub state: String,
    /// Why, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

const fn a_minute() -> u16 {
    60
}

const fn interval() -> u16 {
    15
}

const fn timeout() -> u16 {
    5
}

const fn two() -> u8 {
    2
}

const fn grace() -> u16 {
    300
}
