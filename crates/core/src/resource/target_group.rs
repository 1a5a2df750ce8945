//! The instances a load balancer sends requests to, with how healthy they are. Who registers them is the Auto Scaling group.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>

mod attribute;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

pub use attribute::{Algorithm, Attribute, Attributes, Stickiness};

/// How many targets that are not healthy are named where there are more.
const NAMED: usize = 3;

/// What is wanted. What cannot be changed is in the name of the node, so that another one of it is another target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region, where it is made anew.
    pub name: String,
    /// The VPC its targets are in.
    pub vpc: NodeId,
    /// The port its targets listen on.
    pub port: u16,
    /// What its targets speak.
    pub protocol: Protocol,
    /// In which version.
    pub version: Version,
    /// How it is found out whether a target is healthy.
    pub health_check: HealthCheck,
    /// Its attributes.
    pub attributes: Attributes,
    /// How many targets are healthy at least.
    pub healthy: u16,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// The VPC its targets are in.
    pub vpc_id: String,
    /// The port its targets listen on.
    pub port: u16,
    /// What its targets speak.
    pub protocol: Protocol,
    /// In which version.
    pub version: Version,
    /// How it is found out whether a target is healthy.
    pub health_check: HealthCheck,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// The VPC its targets are in.
    pub vpc_id: String,
    /// The port its targets listen on.
    pub port: u16,
    /// What its targets speak.
    pub protocol: Protocol,
    /// In which version.
    pub version: Version,
    /// How it is found out whether a target is healthy.
    pub health_check: HealthCheck,
    /// The load balancers that send requests to it.
    #[serde(default)]
    pub load_balancer_arns: Vec<String>,
    /// What only reads of this one target group show.
    #[serde(default)]
    pub details: Option<Details>,
}

/// What only `DescribeTargetGroupAttributes` and `DescribeTargetHealth` show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Its attributes.
    pub attributes: Attributes,
    /// Its targets, in the order of their ids.
    #[serde(default)]
    pub targets: Vec<Target>,
}

/// What targets speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
    /// gRPC over HTTP/2.
    Grpc,
}

/// How it is found out whether a target is healthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    /// What is spoken.
    pub protocol: Protocol,
    /// The port that is asked, where that is not the target's.
    #[serde(default)]
    pub port: Option<u16>,
    /// The path that is asked for.
    pub path: String,
    /// The answers that are well.
    pub codes: String,
    /// Seconds between two questions.
    pub interval_seconds: u16,
    /// Seconds an answer may take.
    pub timeout_seconds: u16,
    /// How many good answers make a target healthy.
    pub healthy_threshold: u8,
    /// How many bad ones make it unhealthy.
    pub unhealthy_threshold: u8,
}

/// An instance that is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The instance.
    pub id: String,
    /// How it is.
    pub health: Health,
    /// Why, in AWS's words, where it is not healthy.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How a target is.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It is being registered, or has not answered often enough.
    Initial,
    /// It answers well.
    Healthy,
    /// It does not.
    Unhealthy,
    /// No load balancer sends requests to it, so it is not asked.
    Unused,
    /// It is taken out and finishes its requests.
    Draining,
    /// AWS cannot tell.
    Unavailable,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Find out so whether a target is healthy.
    ModifyHealthCheck(HealthCheck),
    /// Give it these attributes.
    ModifyAttributes(Vec<Attribute>),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            vpc_id: refs.usable(&self.vpc)?,
            port: self.port,
            protocol: self.protocol,
            version: self.version,
            health_check: self.health_check.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let vpc = fixed(refs.usable(&self.vpc), &state.vpc_id, "network");
        let check = (state.health_check != self.health_check)
            .then(|| Finding::Change(Change::ModifyHealthCheck(self.health_check.clone())));
        let mut findings: Vec<_> = vpc.into_iter().chain(check).collect();
        if let Some(details) = &state.details {
            let differing = details.attributes.differing(&self.attributes);
            if !differing.is_empty() {
                findings.push(Finding::Change(Change::ModifyAttributes(differing)));
            }
            if state.healthy() < usize::from(self.healthy) {
                findings.push(Finding::Underway(self.progress(state)));
            }
        }
        findings
    }

    /// A name is one target group's, of whatever VPC.
    fn rivals(&self, state: &State) -> bool {
        state.name == self.name
    }

    fn conflict(&self, state: &State, _refs: &dyn Refs) -> Option<String> {
        let State { name, .. } = state;
        Some(format!(
            "target group {name:?} is somebody else's; give another targetGroupName, or delete that one"
        ))
    }
}

impl Spec {
    /// How many targets are healthy of those that must be, and why others are not.
    fn progress(&self, state: &State) -> String {
        let others: Vec<_> = state.unhealthy().map(ToString::to_string).collect();
        let named = others.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match others.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = if others.is_empty() { "" } else { ": " };
        format!(
            "{} of {} targets are healthy{why}{named}{more}",
            state.healthy(),
            self.healthy
        )
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::ModifyHealthCheck(check) => self.health_check.clone_from(check),
            Change::ModifyAttributes(attributes) => {
                if let Some(details) = &mut self.details {
                    for attribute in attributes {
                        details.attributes.set(attribute);
                    }
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.vpc_id]
    }

    fn lacks_details(&self) -> bool {
        self.details.is_none()
    }

    fn is_underway(&self) -> bool {
        self.targets().iter().any(|target| match target.health {
            Health::Initial | Health::Unhealthy | Health::Draining | Health::Unavailable => true,
            Health::Healthy => false,
            // It is asked as soon as AWS knows of the load balancer.
            Health::Unused => !self.load_balancer_arns.is_empty(),
        })
    }

    fn lingers(&self) -> Option<String> {
        let draining = |target: &&Target| target.health == Health::Draining;
        match self.targets().iter().filter(draining).count() {
            0 => None,
            1 => Some("1 target finishes its requests".to_owned()),
            many => Some(format!("{many} targets finish their requests")),
        }
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.details.is_none() {
            self.details.clone_from(&earlier.details);
        }
    }
}

impl State {
    /// A target group as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create {
            name,
            vpc_id,
            port,
            protocol,
            version,
            health_check,
        } = create.clone();
        Self {
            name,
            vpc_id,
            port,
            protocol,
            version,
            health_check,
            load_balancer_arns: Vec::new(),
            details: Some(Details::default()),
        }
    }

    /// The targets, as far as they are known.
    pub fn targets(&self) -> &[Target] {
        self.details.as_ref().map_or(&[], |details| &details.targets)
    }

    /// How many targets are healthy.
    pub fn healthy(&self) -> usize {
        let targets = self.targets().iter();
        targets.filter(|target| target.health == Health::Healthy).count()
    }

    /// The targets that are not healthy and not on their way out.
    pub fn unhealthy(&self) -> impl Iterator<Item = &Target> {
        let targets = self.targets().iter();
        targets.filter(|target| !matches!(target.health, Health::Healthy | Health::Draining))
    }

    /// Whether some target's health is still being found out: none can be told to be the last that serves.
    pub fn is_untold(&self) -> bool {
        let is = |health: Health| self.targets().iter().any(|target| target.health == health);
        // One in a zone that the load balancer is not in stays unused for ever.
        is(Health::Initial) || is(Health::Unused) && self.healthy() == 0
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http1 => "HTTP1",
            Self::Http2 => "HTTP2",
            Self::Grpc => "GRPC",
        })
    }
}

impl fmt::Display for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unused => "unused",
            Self::Draining => "draining",
            Self::Unavailable => "unavailable",
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, health, reason } = self;
        write!(formatter, "{id} {health}")?;
        match reason {
            Some(reason) => write!(formatter, " ({reason})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for HealthCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            protocol,
            port,
            path,
            codes,
            interval_seconds,
            timeout_seconds,
            healthy_threshold,
            unhealthy_threshold,
        } = self;
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        write!(
            formatter,
            "health check {protocol}{port}{path} answers {codes} within {timeout_seconds} s, every {interval_seconds} s, {healthy_threshold} times well, {unhealthy_threshold} times not"
        )
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            protocol,
            version,
            ..
        } = self;
        match version {
            Version::Http1 => write!(formatter, "{protocol} to {port}"),
            Version::Http2 | Version::Grpc => write!(formatter, "{version} to {port}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ModifyHealthCheck(check) => check.fmt(formatter),
            Self::ModifyAttributes(attributes) => {
                let attributes: Vec<_> = attributes.iter().map(ToString::to_string).collect();
                formatter.write_str(&attributes.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests;
