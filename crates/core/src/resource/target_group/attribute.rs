//! The attributes of a target group.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The attributes a user can set.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// Seconds in which a target that is taken out may finish its requests.
    pub deregistration_delay_seconds: u16,
    /// Seconds in which a new target gets more and more requests; 0 for all at once.
    pub slow_start_seconds: u16,
    /// How long a client comes back to the same target, if it does.
    #[serde(default)]
    pub stickiness: Option<Stickiness>,
    /// Which target gets a request.
    pub algorithm: Algorithm,
}

/// How long a client comes back to the same target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stickiness {
    /// For so many seconds.
    pub duration_seconds: u32,
    /// The cookie of the application that tells it; else it is one of the load balancer's.
    #[serde(default)]
    pub cookie_name: Option<String>,
}

/// Which target gets a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// One after the other.
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastOutstandingRequests,
    /// Any, with fewer for those that look unwell.
    WeightedRandom,
    /// Any.
    PlainRandom,
}

/// One attribute with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Seconds in which a target that is taken out may finish its requests.
    DeregistrationDelay(u16),
    /// Seconds in which a new target gets more and more requests.
    SlowStart(u16),
    /// How long a client comes back to the same target.
    Stickiness(Option<Stickiness>),
    /// Which target gets a request.
    Algorithm(Algorithm),
}

impl Attributes {
    /// One by one.
    fn list(&self) -> [Attribute; 4] {
        let Self {
            deregistration_delay_seconds,
            slow_start_seconds,
            stickiness,
            algorithm,
        } = self;
        [
            Attribute::DeregistrationDelay(*deregistration_delay_seconds),
            Attribute::SlowStart(*slow_start_seconds),
            Attribute::Stickiness(stickiness.clone()),
            Attribute::Algorithm(*algorithm),
        ]
    }

    /// Those of `wanted` that are otherwise here.
    pub(super) fn differing(&self, wanted: &Self) -> Vec<Attribute> {
        let pairs = wanted.list().into_iter().zip(self.list());
        pairs
            .filter(|(wanted, is)| wanted != is)
            .map(|(wanted, _)| wanted)
            .collect()
    }

    pub(super) fn set(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::DeregistrationDelay(seconds) => self.deregistration_delay_seconds = *seconds,
            Attribute::SlowStart(seconds) => self.slow_start_seconds = *seconds,
            Attribute::Stickiness(stickiness) => self.stickiness.clone_from(stickiness),
            Attribute::Algorithm(algorithm) => self.algorithm = *algorithm,
        }
    }
}

/// Those of a new target group.
impl Default for Attributes {
    fn default() -> Self {
        Self {
            deregistration_delay_seconds: 300,
            slow_start_seconds: 0,
            stickiness: None,
            algorithm: Algorithm::RoundRobin,
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeregistrationDelay(seconds) => write!(formatter, "deregistration delay {seconds} s"),
            Self::SlowStart(seconds) => write!(formatter, "slow start {seconds} s"),
            Self::Stickiness(None) => formatter.write_str("no stickiness"),
            Self::Stickiness(Some(Stickiness {
                duration_seconds,
                cookie_name: None,
            })) => write!(formatter, "stickiness {duration_seconds} s"),
            Self::Stickiness(Some(Stickiness {
                duration_seconds,
                cookie_name: Some(cookie),
            })) => write!(formatter, "stickiness {duration_seconds} s by {cookie}"),
            Self::Algorithm(algorithm) => formatter.write_str(match algorithm {
                Algorithm::RoundRobin => "round robin",
                Algorithm::LeastOutstandingRequests => "least outstanding requests",
                Algorithm::WeightedRandom => "weighted random",
                Algorithm::PlainRandom => "weighted random without anomaly mitigation",
            }),
        }
    }
}
