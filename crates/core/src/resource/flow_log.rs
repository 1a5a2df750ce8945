//! The record of a VPC's traffic. Nothing about it can be changed, and it holds nothing itself.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC whose traffic is recorded.
    pub vpc: NodeId,
    /// What is recorded of it.
    pub traffic: Traffic,
    /// Where the record goes.
    pub destination: Destination,
    /// How many seconds of traffic one line sums up.
    pub aggregation_seconds: u16,
}

/// What is recorded of a VPC's traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Traffic {
    /// All of it.
    All,
    /// What is let through.
    Accept,
    /// What is not.
    Reject,
}

/// Where the record goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A log group of CloudWatch Logs.
    LogGroup {
        /// The log group.
        group: NodeId,
        /// The role with which AWS writes to it.
        role: NodeId,
    },
    /// A bucket, by ARN, with a folder where one is given.
    Bucket(String),
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC whose traffic is recorded.
    pub vpc_id: String,
    /// What is recorded of it.
    pub traffic: Traffic,
    /// Where the record goes: a log group by name, or a bucket by ARN.
    pub destination: String,
    /// The role with which AWS writes to a log group, by ARN.
    pub role_arn: Option<String>,
    /// How many seconds of traffic one line sums up.
    pub aggregation_seconds: u16,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC whose traffic is recorded.
    pub vpc_id: String,
    /// What is recorded of it.
    pub traffic: Traffic,
    /// Where the record goes: a log group by name, or a bucket by ARN.
    pub destination: String,
    /// The role with which AWS writes to a log group, by ARN.
    #[serde(default)]
    pub role_arn: Option<String>,
    /// How many seconds of traffic one line sums up.
    pub aggregation_seconds: u16,
    /// Why records do not arrive, in AWS's words, while they do not.
    #[serde(default)]
    pub delivery_error: Option<String>,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let (destination, role_arn) = match &self.destination {
            // Without its policy the role cannot write, and AWS would say so.
            Destination::LogGroup { group, role } => (refs.usable(group)?, Some(refs.settled(role)?)),
            Destination::Bucket(arn) => (arn.clone(), None),
        };
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
            traffic: self.traffic,
            destination,
            role_arn,
            aggregation_seconds: self.aggregation_seconds,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let destination = "network.flowLogs.bucketArn";
        let role = state.role_arn.as_deref().unwrap_or("no role");
        let mut findings = vec![fixed(refs.usable(&self.vpc), &state.vpc_id, "network")];
        match &self.destination {
            Destination::LogGroup { group, role: wanted } => findings.extend([
                fixed(refs.usable(group), &state.destination, destination),
                fixed(refs.usable(wanted), role, destination),
            ]),
            Destination::Bucket(arn) => findings.push(fixed(Ok(arn.clone()), &state.destination, destination)),
        }
        let (is, wanted) = (state.traffic.to_string(), self.traffic.to_string());
        findings.push(fixed(Ok(wanted), &is, "network.flowLogs.traffic"));
        let (is, wanted) = (state.aggregation_seconds, self.aggregation_seconds);
        findings.push(fixed(
            Ok(wanted.to_string()),
            &is.to_string(),
            "network.flowLogs.aggregationSeconds",
        ));
        findings.into_iter().flatten().collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        [self.vpc_id.as_str(), self.destination.as_str()]
            .into_iter()
            .chain(self.role_arn.as_deref())
            .collect()
    }

    fn problem(&self) -> Option<String> {
        self.delivery_error.clone()
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::All => "all traffic",
            Self::Accept => "accepted traffic",
            Self::Reject => "rejected traffic",
        })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} to ", self.traffic, self.vpc)?;
        match &self.destination {
            Destination::LogGroup { group, role: _ } => write!(formatter, "{group}"),
            Destination::Bucket(arn) => formatter.write_str(arn),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
