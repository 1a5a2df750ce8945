//! An Application Load Balancer. Its scheme is fixed; subnets, security groups and attributes are not.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>

use std::fmt;

pub use hastack_api::load_balancer::{DesyncMitigation, LoadBalancerLogs, LoadBalancerScheme};
use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, once};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What the names of web ACLs begin with that AWS Firewall Manager makes: they are there at the wish of whoever watches over all
/// accounts, so they stay unless the user names another one.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-policies.html>
const FIREWALL_MANAGER: &str = "webacl/FMManagedWebACL";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region.
    pub name: String,
    /// From where it is reached.
    pub scheme: LoadBalancerScheme,
    /// Whether it may be made anew for another scheme.
    pub may_be_replaced: bool,
    /// Its subnets, one a zone.
    pub subnets: Vec<NodeId>,
    /// Its security group.
    pub security_group: NodeId,
    /// The gateway that must be attached before the internet can reach it.
    pub internet_gateway: Option<NodeId>,
    /// Its attributes.
    pub attributes: Attributes,
    /// The web ACL that requests have to pass, by ARN.
    pub web_acl_arn: Option<String>,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// From where it is reached.
    pub scheme: LoadBalancerScheme,
    /// Its subnets.
    pub subnet_ids: Vec<String>,
    /// Its security groups.
    pub security_group_ids: Vec<String>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// From where it is reached.
    pub scheme: LoadBalancerScheme,
    /// Its subnets, sorted.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// Its security groups, sorted.
    #[serde(default)]
    pub security_group_ids: Vec<String>,
    /// Its DNS name.
    #[serde(default)]
    pub dns_name: Option<String>,
    /// The hosted zone of its DNS name.
    #[serde(default)]
    pub hosted_zone_id: Option<String>,
    /// Why it failed, in AWS's words.
    #[serde(default)]
    pub failure: Option<String>,
    /// What only reads of this one load balancer show.
    #[serde(default)]
    pub details: Option<Details>,
}

/// What only `DescribeLoadBalancerAttributes` and `GetWebACLForResource` show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Its attributes.
    pub attributes: Attributes,
    /// Its web ACL, by ARN.
    #[serde(default)]
    pub web_acl_arn: Option<String>,
}

/// The attributes a user can set.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// Seconds after which an idle connection is closed.
    pub idle_timeout_seconds: u16,
    /// Whether clients may speak HTTP/2.
    pub http2: bool,
    /// Whether headers with invalid names are dropped.
    pub drop_invalid_headers: bool,
    /// What is done about requests that may be taken for others.
    pub desync_mitigation: DesyncMitigation,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Where requests are recorded.
    #[serde(default)]
    pub access_logs: Option<LoadBalancerLogs>,
    /// Where connections are recorded.
    #[serde(default)]
    pub connection_logs: Option<LoadBalancerLogs>,
}

/// One attribute with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Seconds after which an idle connection is closed.
    IdleTimeout(u16),
    /// Whether clients may speak HTTP/2.
    Http2(bool),
    /// Whether headers with invalid names are dropped.
    DropInvalidHeaders(bool),
    /// What is done about requests that may be taken for others.
    DesyncMitigation(DesyncMitigation),
    /// Whether AWS refuses to delete it.
    DeletionProtection(bool),
    /// Where requests are recorded.
    AccessLogs(Option<LoadBalancerLogs>),
    /// Where connections are recorded.
    ConnectionLogs(Option<LoadBalancerLogs>),
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Move it to these subnets.
    SetSubnets(Vec<String>),
    /// Give it these security groups.
    SetSecurityGroups(Vec<String>),
    /// Give it these attributes.
    ModifyAttributes(Vec<Attribute>),
    /// Put this web ACL before it.
    AssociateWebAcl(String),
    /// Take its web ACL away.
    DisassociateWebAcl,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        if let Some(gateway) = &self.internet_gateway {
            refs.settled(gateway)?;
        }
        Ok(Create {
            name: self.name.clone(),
            scheme: self.scheme,
            subnet_ids: self.subnet_ids(refs)?,
            security_group_ids: vec![refs.usable(&self.security_group)?],
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        if let Some(finding) = self.compare_scheme(state.scheme) {
            // Everything else belongs to the other scheme.
            return vec![finding];
        }
        let mut findings = Vec::new();
        match self.subnet_ids(refs) {
            Ok(ids) if ids == state.subnet_ids => {}
            Ok(ids) => findings.push(Finding::Change(Change::SetSubnets(ids))),
            Err(node) => findings.push(Finding::Wait(node)),
        }
        findings.extend(once(refs.usable(&self.security_group), |id| {
            let ids = vec![id];
            (ids != state.security_group_ids).then_some(Change::SetSecurityGroups(ids))
        }));
        if let Some(details) = &state.details {
            let changes = self.compare_details(details).into_iter();
            findings.extend(changes.map(Finding::Change));
        }
        findings
    }
}

impl Spec {
    /// The ids of its subnets as AWS will show them.
    fn subnet_ids(&self, refs: &dyn Refs) -> Result<Vec<String>, NodeId> {
        let ids: Result<Vec<_>, _> = self.subnets.iter().map(|subnet| refs.usable(subnet)).collect();
        let mut ids = ids?;
        ids.sort();
        Ok(ids)
    }

    fn compare_scheme(&self, is: LoadBalancerScheme) -> Option<Finding<Change>> {
        let field = "loadBalancer.scheme";
        match (is == self.scheme, self.may_be_replaced) {
            (true, _) => None,
            (false, true) => Some(Finding::Replace { field }),
            (false, false) => Some(Finding::Immutable {
                field,
                is: word(is).to_owned(),
                wanted: word(self.scheme).to_owned(),
            }),
        }
    }

    fn compare_details(&self, details: &Details) -> Vec<Change> {
        let Details {
            attributes,
            web_acl_arn,
        } = details;
        let pairs = self.attributes.list().into_iter().zip(attributes.list());
        let differing: Vec<_> = pairs
            .filter(|(wanted, is)| wanted != is)
            .map(|(wanted, _)| wanted)
            .collect();
        let attributes = (!differing.is_empty()).then_some(Change::ModifyAttributes(differing));
        let web_acl = match (&self.web_acl_arn, web_acl_arn) {
            (Some(wanted), is) if is.as_ref() != Some(wanted) => Some(Change::AssociateWebAcl(wanted.clone())),
            (None, Some(is)) if !is.contains(FIREWALL_MANAGER) => Some(Change::DisassociateWebAcl),
            (Some(_) | None, _) => None,
        };
        attributes.into_iter().chain(web_acl).collect()
    }
}

impl Attributes {
    /// One by one.
    fn list(&self) -> [Attribute; 7] {
        let Self {
            idle_timeout_seconds,
            http2,
            drop_invalid_headers,
            desync_mitigation,
            deletion_protection,
            access_logs,
            connection_logs,
        } = self;
        [
            Attribute::IdleTimeout(*idle_timeout_seconds),
            Attribute::Http2(*http2),
            Attribute::DropInvalidHeaders(*drop_invalid_headers),
            Attribute::DesyncMitigation(*desync_mitigation),
            Attribute::DeletionProtection(*deletion_protection),
            Attribute::AccessLogs(access_logs.clone()),
            Attribute::ConnectionLogs(connection_logs.clone()),
        ]
    }

    fn set(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::IdleTimeout(seconds) => self.idle_timeout_seconds = *seconds,
            Attribute::Http2(on) => self.http2 = *on,
            Attribute::DropInvalidHeaders(on) => self.drop_invalid_headers = *on,
            Attribute::DesyncMitigation(mode) => self.desync_mitigation = *mode,
            Attribute::DeletionProtection(on) => self.deletion_protection = *on,
            Attribute::AccessLogs(logs) => self.access_logs.clone_from(logs),
            Attribute::ConnectionLogs(logs) => self.connection_logs.clone_from(logs),
        }
    }
}

/// Those of a new load balancer.
impl Default for Attributes {
    fn default() -> Self {
        Self {
            idle_timeout_seconds: 60,
            http2: true,
            drop_invalid_headers: false,
            desync_mitigation: DesyncMitigation::Defensive,
            deletion_protection: false,
            access_logs: None,
            connection_logs: None,
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::SetSubnets(ids) => self.subnet_ids.clone_from(ids),
            Change::SetSecurityGroups(ids) => self.security_group_ids.clone_from(ids),
            Change::ModifyAttributes(changed) => {
                if let Some(details) = &mut self.details {
                    for attribute in changed {
                        details.attributes.set(attribute);
                    }
                }
            }
            Change::AssociateWebAcl(arn) => {
                if let Some(details) = &mut self.details {
                    details.web_acl_arn = Some(arn.clone());
                }
            }
            Change::DisassociateWebAcl => {
                if let Some(details) = &mut self.details {
                    details.web_acl_arn = None;
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let ids = self.subnet_ids.iter().chain(&self.security_group_ids);
        ids.map(String::as_str).collect()
    }

    fn teardown(&self) -> Option<Change> {
        let details = self.details.as_ref()?;
        let off = || Change::ModifyAttributes(vec![Attribute::DeletionProtection(false)]);
        details.attributes.deletion_protection.then(off)
    }

    fn problem(&self) -> Option<String> {
        self.failure.clone()
    }

    fn lacks_details(&self) -> bool {
        self.details.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.details.is_none() {
            self.details.clone_from(&earlier.details);
        }
    }
}

const fn word(scheme: LoadBalancerScheme) -> &'static str {
    match scheme {
        LoadBalancerScheme::InternetFacing => "InternetFacing",
        LoadBalancerScheme::Internal => "Internal",
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} in {} zones", word(self.scheme), self.subnets.len())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetSubnets(ids) => write!(formatter, "subnets {}", ids.join(", ")),
            Self::SetSecurityGroups(ids) => write!(formatter, "security group {}", ids.join(", ")),
            Self::ModifyAttributes(attributes) => {
                let attributes: Vec<_> = attributes.iter().map(ToString::to_string).collect();
                formatter.write_str(&attributes.join(", "))
            }
            Self::AssociateWebAcl(arn) => write!(formatter, "web ACL {arn}"),
            Self::DisassociateWebAcl => formatter.write_str("no web ACL"),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let switch = |on: bool| if on { "on" } else { "off" };
        match self {
            Self::IdleTimeout(seconds) => write!(formatter, "idle timeout {seconds} s"),
            Self::Http2(on) => write!(formatter, "HTTP/2 {}", switch(*on)),
            Self::DropInvalidHeaders(on) => write!(formatter, "dropping of invalid headers {}", switch(*on)),
            Self::DesyncMitigation(mode) => {
                let word = match mode {
                    DesyncMitigation::Defensive => "defensive",
                    DesyncMitigation::Strictest => "strictest",
                    DesyncMitigation::Monitor => "monitor",
                };
                write!(formatter, "desync mitigation {word}")
            }
            Self::DeletionProtection(on) => write!(formatter, "deletion protection {}", switch(*on)),
            Self::AccessLogs(logs) => write_logs(formatter, "access logs", logs.as_ref()),
            Self::ConnectionLogs(logs) => write_logs(formatter, "connection logs", logs.as_ref()),
        }
    }
}

fn write_logs(formatter: &mut fmt::Formatter<'_>, what: &str, logs: Option<&LoadBalancerLogs>) -> fmt::Result {
    match logs {
        None => write!(formatter, "no {what}"),
        Some(LoadBalancerLogs { bucket, prefix: None }) => write!(formatter, "{what} to {bucket}"),
        Some(LoadBalancerLogs {
            bucket,
            prefix: Some(prefix),
        }) => write!(formatter, "{what} to {bucket}/{prefix}"),
    }
}

#[cfg(test)]
mod tests;
