//! What a group consists of.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateVersion {
    /// The template.
    pub id: String,
    /// Its version; none where that is whichever is the latest, or the default.
    #[serde(default)]
    pub number: Option<i64>,
}

/// What instances are launched from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Launch {
    /// The version of the launch template.
    #[serde(default)]
    pub template: Option<TemplateVersion>,
    /// Which types, where the template's is not the only one, and how many are spot instances.
    #[serde(default)]
    pub mixed: Option<Mixed>,
}

/// Which types instances have, and how many are spot instances.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mixed {
    /// The types, the preferred first.
    pub types: Vec<String>,
    /// How many instances are no spot instances at any rate.
    pub on_demand_base: u32,
    /// How many of the others are none, in percent.
    pub on_demand_percent: u32,
    /// Which types are taken where they are no spot instances, in AWS's word.
    #[serde(default)]
    pub on_demand_strategy: Option<String>,
    /// Which spot instances are taken, in AWS's word.
    #[serde(default)]
    pub spot_strategy: Option<String>,
}

/// What one call sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// How many instances there are at least.
    pub min: u32,
    /// How many there are at most.
    pub max: u32,
    /// The subnets they are in, which AWS lists in any order.
    pub subnet_ids: BTreeSet<String>,
    /// Whether what target groups say of them counts.
    pub load_balancer_health: bool,
    /// Seconds in which a new one may be unhealthy.
    pub grace_seconds: u32,
    /// Which goes first.
    pub termination_policies: Vec<String>,
    /// Whether a spot instance is replaced when it is in danger.
    pub rebalance: bool,
    /// Seconds after which one is replaced; 0 for never.
    pub max_lifetime_seconds: u32,
    /// Seconds after which a new one counts.
    #[serde(default)]
    pub warmup_seconds: Option<u32>,
}

/// Instances kept ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WarmPool {
    /// At least.
    pub min: u32,
    /// With those in service at most; as many as the group has at most where none is given.
    #[serde(default)]
    pub max_prepared: Option<u32>,
    /// How they wait, in AWS's word.
    pub state: String,
    /// Whether instances return to it.
    pub reuse: bool,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// Its type.
    pub instance_type: String,
    /// Its availability zone.
    pub zone: String,
    /// What it was launched from.
    #[serde(default)]
    pub template: Option<TemplateVersion>,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// Whether AWS takes it for healthy.
    pub healthy: bool,
}

/// Where an instance of a group is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifecycle {
    /// On its way into service.
    Pending,
    /// In service.
    InService,
    /// On its way out.
    Terminating,
    /// Somewhere beside: on standby, detached, in a warm pool.
    Aside,
}

/// What the last scaling activity came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// It succeeded, or is not finished, or there was none.
    Well,
    /// It failed.
    Failed(String),
}

impl Mixed {
    /// Whether what a group would launch from is of one of these types: one that has no list has the template's.
    pub fn allows(mixed: Option<&Self>, instance_type: &str) -> bool {
        mixed.is_none_or(|mixed| mixed.types.iter().any(|other| other == instance_type))
    }
}

impl Instance {
    /// Whether it is in service and well.
    pub fn serves(&self) -> bool {
        self.lifecycle == Lifecycle::InService && self.healthy
    }

    /// Whether it is in service, or is to be.
    pub fn counts(&self) -> bool {
        match self.lifecycle {
            Lifecycle::Pending | Lifecycle::InService => true,
            Lifecycle::Terminating | Lifecycle::Aside => false,
        }
    }
}

impl fmt::Display for TemplateVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(formatter, "version {number}"),
            None => formatter.write_str("whichever version"),
        }
    }
}

impl fmt::Display for Mixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            types,
            on_demand_base,
            on_demand_percent,
            on_demand_strategy: _,
            spot_strategy: _,
        } = self;
        formatter.write_str(&types.join(", "))?;
        match (100_u32.saturating_sub(*on_demand_percent), on_demand_base) {
            (0, _) => Ok(()),
            (percent, 0) => write!(formatter, " with {percent} % spot"),
            (percent, base) => write!(formatter, " with {percent} % spot beyond {base}"),
        }
    }
}

impl fmt::Display for WarmPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            min,
            max_prepared,
            state,
            reuse,
        } = self;
        write!(formatter, "{state}, at least {min}")?;
        if let Some(most) = max_prepared {
            write!(formatter, ", {most} at most")?;
        }
        if *reuse {
            formatter.write_str(", taken back")?;
        }
        Ok(())
    }
}
