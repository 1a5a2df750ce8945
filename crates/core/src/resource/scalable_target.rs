//! What lets AWS add readers to a cluster and take them away: a scalable target of Application Auto Scaling with one policy, by
//! whose name it is ours, as is one without any. It is whose the cluster is.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed, group_part};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// The name of the node, and with what makes it ours, of the policy in AWS.
pub const READERS: &str = "readers";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The cluster.
    pub cluster: NodeId,
    /// How many readers there may be.
    pub bounds: Bounds,
    /// When there are more and when fewer.
    pub policy: Policy,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The identifier of the cluster.
    pub cluster: String,
    /// How many readers there may be.
    pub bounds: Bounds,
}

/// How many readers there may be, whoever made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// At least.
    pub min: u8,
    /// At most.
    pub max: u8,
}

/// When there are more readers and when fewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// What is kept near the target.
    pub metric: Metric,
    /// Percent, or connections.
    pub target: u32,
    /// Whether AWS takes readers away too.
    pub scale_in: bool,
    /// Seconds after one was taken away before another is.
    pub scale_in_cooldown: u16,
    /// Seconds after one was added before another is.
    pub scale_out_cooldown: u16,
}

/// What is measured of the readers, as an average of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Metric {
    /// How busy their processors are, in percent.
    Cpu,
    /// How many are connected.
    Connections,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The identifier of the cluster.
    pub cluster: String,
    /// How many readers there may be.
    pub bounds: Bounds,
    /// Whether somebody has suspended it.
    #[serde(default)]
    pub suspended: bool,
    /// When there are more and when fewer; none where there is no policy yet, or it says what nobody here asks for.
    #[serde(default)]
    pub policy: Option<Policy>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let there be so many, and let it act.
    Bounds(Bounds),
    /// Let the policy say this.
    Policy(Policy),
}

impl Bounds {
    /// None at all: AWS takes away those that it added.
    pub const NONE: Self = Self { min: 0, max: 0 };
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            cluster: refs.usable(&self.cluster)?,
            bounds: self.bounds,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let State {
            cluster,
            bounds,
            suspended,
            policy,
        } = state;
        let cluster = fixed(refs.usable(&self.cluster), cluster, "cluster");
        let bounds = (*bounds != self.bounds || *suspended).then_some(Finding::Change(Change::Bounds(self.bounds)));
        let differs = policy.as_ref() != Some(&self.policy);
        let policy = differs.then(|| Finding::Change(Change::Policy(self.policy.clone())));
        [cluster, bounds, policy].into_iter().flatten().collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Bounds(bounds) => {
                self.bounds = *bounds;
                self.suspended = false;
            }
            Change::Policy(policy) => self.policy = Some(policy.clone()),
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![&self.cluster]
    }

    fn prelude(&self) -> Option<Change> {
        // As long as it is there, a reader that is deleted comes back.
        (self.bounds != Bounds::NONE || self.suspended).then_some(Change::Bounds(Bounds::NONE))
    }
}

impl State {
    /// What there is after the creating call.
    pub fn new(create: &Create) -> Self {
        let Create { cluster, bounds } = create.clone();
        Self {
            cluster,
            bounds,
            suspended: false,
            policy: None,
        }
    }

    /// The id by which it is known here.
    pub fn id(&self) -> String {
        id_of(&self.cluster)
    }
}

/// The id of the one of this cluster.
pub fn id_of(cluster: &str) -> String {
    group_part::id(cluster, &group_part::aws_name(READERS))
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "of {}, {}, {}", self.cluster, self.bounds, self.policy)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounds(bounds) => bounds.fmt(formatter),
            Self::Policy(policy) => policy.fmt(formatter),
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {} readers", self.min, self.max)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            metric,
            target,
            scale_in,
            scale_in_cooldown,
            scale_out_cooldown,
        } = self;
        match metric {
            Metric::Cpu => write!(formatter, "CPU near {target} %")?,
            Metric::Connections => write!(formatter, "connections near {target}")?,
        }
        let only = if *scale_in { "" } else { ", only growing" };
        write!(
            formatter,
            "{only}, one more each {scale_out_cooldown} s, one less each {scale_in_cooldown} s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    struct Cluster;

    impl Refs for Cluster {
        fn usable(&self, _node: &NodeId) -> Result<String, NodeId> {
            Ok("books".into())
        }

        fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
            self.usable(node)
        }
    }

    fn spec() -> Spec {
        Spec {
            cluster: NodeId::only(Kind::DbCluster),
            bounds: Bounds { min: 1, max: 4 },
            policy: Policy {
                metric: Metric::Cpu,
                target: 60,
                scale_in: true,
                scale_in_cooldown: 300,
                scale_out_cooldown: 300,
            },
        }
    }

    fn state() -> State {
        State {
            policy: Some(spec().policy),
            ..State::new(&spec().create(&Cluster).unwrap())
        }
    }

    #[test]
    fn one_that_is_as_wanted_takes_no_call() {
        assert_eq!(spec().compare(&state(), &Cluster), []);
    }

    #[test]
    fn what_is_suspended_or_has_other_bounds_is_registered_again() {
        let registered = [Finding::Change(Change::Bounds(spec().bounds))];
        let suspended = State {
            suspended: true,
            ..state()
        };
        let wider = State {
            bounds: Bounds { min: 1, max: 9 },
            ..state()
        };
        for state in [suspended, wider] {
            assert_eq!(spec().compare(&state, &Cluster), registered);
        }
    }

    #[test]
    fn a_policy_that_is_not_there_yet_is_put() {
        let bare = State {
            policy: None,
            ..state()
        };
        let put = Finding::Change(Change::Policy(spec().policy));
        assert_eq!(spec().compare(&bare, &Cluster), [put]);
    }

    #[test]
    fn before_it_goes_aws_is_told_to_have_no_readers_of_its_own() {
        let mut state = state();
        let none = Change::Bounds(Bounds::NONE);
        assert_eq!(state.prelude().as_ref(), Some(&none));
        state.fold(&none, &Reply::default());
        assert_eq!(state.prelude(), None);
    }
}
