//! The IAM policies: exactly what this crate calls, on nothing but what is this installation's.

mod further;
mod statement;

use serde::Serialize;

use crate::action::{Class, Grant, Row, Service, TABLE};
use further::FURTHER;
use statement::Statement;

/// What stands for the installation's id in the policies. IAM knows no such variable, so where it was left in, nothing but reading
/// and what has its reason in the table is allowed.
pub const PLACEHOLDER: &str = "${CLUSTER_ID}";

/// What a policy is about. All of them are one role's; they are several since IAM takes none above 6,144 characters.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The network, and all else of EC2.
    Network,
    /// The load balancer with its certificate, records and web ACL.
    LoadBalancer,
    /// File systems, logs and roles.
    FilesLogsRoles,
    /// Auto Scaling groups, and of EC2 the images and launch templates they start from.
    Fleets,
    /// Databases, and the secrets in which RDS keeps their passwords.
    Databases,
    /// What lets AWS add readers to clusters of databases, and upgrade databases beside them.
    ReadersUpgrades,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 6] = [
        Self::Network,
        Self::LoadBalancer,
        Self::FilesLogsRoles,
        Self::Fleets,
        Self::Databases,
        Self::ReadersUpgrades,
    ];

    /// The name of its file in `deploy/iam`.
    pub fn file(self) -> &'static str {
        match self {
            Self::Network => "policy.json",
            Self::LoadBalancer => "policy-load-balancer.json",
            Self::FilesLogsRoles => "policy-files-logs-roles.json",
            Self::Fleets => "policy-fleets.json",
            Self::Databases => "policy-databases.json",
            Self::ReadersUpgrades => "policy-readers-upgrades.json",
        }
    }

    fn of(row: &Row) -> Self {
        match row.service {
            Service::AutoScaling | Service::Ssm => Self::Fleets,
            Service::Ec2 if FLEET.contains(&row.name) => Self::Fleets,
            Service::Ec2 => Self::Network,
            Service::Acm | Service::Elb | Service::Route53 | Service::Wafv2 => Self::LoadBalancer,
            Service::Efs | Service::Iam | Service::Logs | Service::Sts => Self::FilesLogsRoles,
            // Whether a cluster has any is looked at whatever its spec says.
            Service::ApplicationAutoScaling if row.class == Class::Read => Self::Databases,
            Service::ApplicationAutoScaling => Self::ReadersUpgrades,
            Service::Rds if UPGRADE.contains(&row.name) => Self::ReadersUpgrades,
            Service::Rds | Service::SecretsManager => Self::Databases,
        }
    }
}

/// The calls of EC2 that only fleets need.
const FLEET: [&str; 11] = [
    "CreateImage",
    "CreateLaunchTemplate",
    "CreateLaunchTemplateVersion",
    "DeleteLaunchTemplate",
    "DeleteLaunchTemplateVersions",
    "DeregisterImage",
    "DescribeImages",
    "DescribeLaunchTemplates",
    "DescribeLaunchTemplateVersions",
    "ModifyLaunchTemplate",
    "GetConsoleOutput",
];

/// The calls of RDS that only upgrades of databases beside them need. Whether there are any is looked at whatever a spec says.
const UPGRADE: [&str; 3] = [
    "CreateBlueGreenDeployment",
    "DeleteBlueGreenDeployment",
    "SwitchoverBlueGreenDeployment",
];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// The policy as JSON, with [`PLACEHOLDER`] for the installation's id and a line feed at the end.
pub fn policy(area: Area) -> Result<String, serde_json::Error> {
    let policy = Policy {
        version: "2012-10-17",
        statement: statement::all(&needs(area)),
    };
    Ok(serde_json::to_string_pretty(&policy)? + "\n")
}

/// A grant of an IAM action, in IAM's words.
#[derive(Clone, Copy, Debug)]
struct Need {
    service: &'static str,
    name: &'static str,
    grant: Grant,
    /// Whether this is all that the action needs.
    alone: bool,
}

/// What the tables say of an area. What a call needs beside its own permission stands with it.
fn needs(area: Area) -> Vec<Need> {
    let calls = TABLE.iter().map(|row| (row, row.service.word(), row.name, row.grants));
    let further = FURTHER
        .iter()
        .map(|row| (row.calls[0].row(), row.service, row.name, row.grants));
    let rows = calls.chain(further).filter(|(caller, ..)| Area::of(caller) == area);
    rows.flat_map(|(_, service, name, grants)| {
        grants.iter().map(move |&grant| Need {
            service,
            name,
            grant,
            alone: grants.len() == 1,
        })
    })
    .collect()
}

impl Need {
    /// The IAM action.
    fn action(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }
}

#[cfg(test)]
mod tests;
