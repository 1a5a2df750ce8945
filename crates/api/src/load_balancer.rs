//! The `loadBalancer` part of an `HAStack`.
#![allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of AWS's, and so it reads in a manifest"
)]

use jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// A domain name, which may begin with `*.`.
const DOMAIN: &str = r"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";

/// An Application Load Balancer.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.scheme == oldSelf.scheme || self.allowReplacement")
        .message("loadBalancer.scheme cannot be changed: AWS has to make the load balancer anew, under another address; allowReplacement: true allows that"),
    validation = Rule::new("has(self.tls) || !has(self.redirectHttp) || !self.redirectHttp")
        .message("loadBalancer.redirectHttp needs tls: there is no HTTPS to redirect to")
)]
pub struct LoadBalancerSpec {
    /// Whether the internet reaches it, over the public subnets, or only what is in the VPC, over the private ones.
    /// Cannot be changed unless `allowReplacement` is true.
    #[serde(default)]
    pub scheme: LoadBalancerScheme,

    /// Whether it may be made anew, under another address, where AWS cannot change it in place. Default false.
    #[serde(default)]
    pub allow_replacement: bool,

    /// Who may connect, as IPv4 ranges. Default everybody; of an `Internal` one whoever is in the VPC.
    /// Each takes a rule of the security group for HTTP and one for HTTPS, of which AWS allows 60 unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new(crate::rule::IPV4_RANGES)
        .message("loadBalancer.allowedCidrs must be IPv4 ranges with no host bits set, such as 203.0.113.0/24"))]
    pub allowed_cidrs: Option<Vec<String>>,

    /// Seconds after which a connection is closed on which nothing is sent, 1 to 4000. Default 60.
    #[serde(default = "idle_timeout")]
    #[schemars(with = "i32", range(min = 1, max = 4000))]
    pub idle_timeout_seconds: u16,

    /// Whether clients may speak HTTP/2. Default true.
    #[serde(default = "yes")]
    pub http2: bool,

    /// Whether headers whose names HTTP does not allow are left out of what services get. Default true.
    #[serde(default = "yes")]
    pub drop_invalid_headers: bool,

    /// What is done about requests that services may take for other ones (request smuggling).
    #[serde(default)]
    pub desync_mitigation: DesyncMitigation,

    /// Whether AWS refuses to delete it for anybody. Deleting the stack, or `loadBalancer`, turns it off first. Default false.
    #[serde(default)]
    pub deletion_protection: bool,

    /// Record every request in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_logs: Option<LoadBalancerLogs>,

    /// Record every connection in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_logs: Option<LoadBalancerLogs>,

    /// A web ACL of AWS WAF, by ARN, that requests have to pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/.+$")
    )]
    pub web_acl_arn: Option<String>,

    /// Whether HTTP answers with a redirect to HTTPS, as soon as that serves. Default true where `tls` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_http: Option<bool>,

    /// HTTPS: the certificate, requested or given. Left out: HTTP only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSpec>,
}

/// From where a load balancer is reached.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum LoadBalancerScheme {
    /// From the internet, over the public subnets.
    #[default]
    InternetFacing,
    /// From within the VPC, over the private subnets.
    Internal,
}

/// What a load balancer does about requests that services may take for other ones.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#desync-mitigation-mode>
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum DesyncMitigation {
    /// Blocks what is known to be an attack.
    #[default]
    Defensive,
    /// Blocks whatever is not as HTTP says.
    Strictest,
    /// Blocks nothing, and counts.
    Monitor,
}

/// Where a load balancer records what happens.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerLogs {
    /// A bucket by name, in the region of the stack, whose policy lets Elastic Load Balancing write.
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$"))]
    pub bucket: String,
    /// What the names of the objects begin with, without a slash at either end. Default nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^/](.*[^/])?$"))]
    pub prefix: Option<String>,
}

/// The certificate of the HTTPS listener, and how it is used.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.domain) != has(self.certificateArn)")
        .message("loadBalancer.tls: give either domain (to request a certificate) or certificateArn (to use one)"),
    validation = Rule::new("has(self.domain) || !(has(self.alternativeNames) || has(self.hostedZone))")
        .message("loadBalancer.tls: alternativeNames and hostedZone belong to a domain, not to certificateArn")
)]
pub struct TlsSpec {
    /// Request a certificate for this domain, such as `shop.example.com` or `*.example.com`, at most 64 characters.
    /// Another domain gets another certificate, which takes over once it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 64), regex(pattern = DOMAIN))]
    pub domain: Option<String>,

    /// Further names the certificate is for. AWS allows 9 unless told otherwise. Other names get another certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 99), inner(length(min = 3, max = 253), regex(pattern = DOMAIN)), extend("x-kubernetes-list-type" = "set"))]
    pub alternative_names: Option<Vec<String>>,

    /// The public hosted zone of Route 53 that serves the domain, by id (`Z...`) or name. The records are written there;
    /// left out, they are listed in `status.dnsRecords`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub hosted_zone: Option<String>,

    /// Whether a CAA record says that only Amazon may issue certificates for the domain. Default true.
    #[serde(default = "yes")]
    pub caa_record: bool,

    /// Use this certificate of AWS Certificate Manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:acm:"))]
    pub certificate_arn: Option<String>,

    /// Certificates of AWS Certificate Manager for further domains: clients that name one get its certificate (SNI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 24), inner(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:acm:")), extend("x-kubernetes-list-type" = "set"))]
    pub additional_certificate_arns: Option<Vec<String>>,

    /// Which versions and ciphers of TLS clients may use: a security policy of Elastic Load Balancing.
    /// Default `ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09`: TLS 1.3 and 1.2, with post-quantum key exchange for who knows it.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
    #[serde(default = "policy")]
    #[schemars(length(min = 19, max = 128), regex(pattern = r"^ELBSecurityPolicy-[A-Za-z0-9-]+$"))]
    pub policy: String,
}

/// The load balancer of a stack, for who builds on it.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerStatus {
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// The Route 53 hosted zone of its DNS name: what an alias record needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_zone_id: Option<String>,
    /// Its security group: what a service lets in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group_id: Option<String>,
}

/// The certificate of a stack.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateStatus {
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// AWS's word for how it is, such as `PENDING_VALIDATION` or `ISSUED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub expires: Option<Timestamp>,
}

/// A DNS record the stack needs: written by hastack in a hosted zone of Route 53, else by its user wherever the domain is served.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecordStatus {
    /// Its type, such as `CNAME`.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it is for.
    pub purpose: String,
    /// Whether it has been seen. Left out where that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
}

const fn idle_timeout() -> u16 {
    60
}

fn policy() -> String {
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".into()
}
