//! An upgrade of a database beside it: AWS makes a copy of it of another version, keeps that up to date, and lets the two change names
//! when it is told to. What was upgraded is left under the name of the database with `-old1`.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-overview.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, State as AnyState, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// What is upgraded.
    pub database: NodeId,
    /// To which version.
    pub version: String,
    /// The parameter group of that version, where there are parameters.
    pub parameter_group: Option<NodeId>,
    /// AWS's own of that version, which it has otherwise.
    pub default_group: String,
    /// Whether the two may change names as soon as the copy is ready.
    pub approved: bool,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// The identifier of what is upgraded.
    pub database: String,
    /// The ARN of that.
    pub arn: String,
    /// To which version.
    pub version: String,
    /// The name of the parameter group of that version.
    pub parameter_group: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// The ARN of what is upgraded.
    pub source: String,
    /// The ARN of the copy, once there is one.
    #[serde(default)]
    pub target: Option<String>,
    /// Where it is in its life.
    pub status: Status,
    /// What AWS says of that.
    #[serde(default)]
    pub details: Option<String>,
    /// Whether nothing protects the copy any more; known of our own requests only.
    #[serde(default)]
    pub unprotected: bool,
}

macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $status:ident $word:literal,)*) => {
        /// Where it is in its life.
        /// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_BlueGreenDeployment.html>
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Status {
            $($(#[doc = $doc])+ $status,)*
            /// A word that is not known here.
            Other(String),
        }

        impl Status {
            /// The one that AWS has this word for.
            pub fn of(word: &str) -> Self {
                match word {
                    $($word => Self::$status,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for Status {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$status => formatter.write_str($word),)*
                    Self::Other(word) => formatter.write_str(word),
                }
            }
        }
    };
}

statuses! {
    /// The copy is being made.
    Provisioning "PROVISIONING",
    /// The copy is there and kept up to date.
    Available "AVAILABLE",
    /// The two are changing names.
    SwitchoverInProgress "SWITCHOVER_IN_PROGRESS",
    /// They have.
    SwitchoverCompleted "SWITCHOVER_COMPLETED",
    /// They have not, and all is as before.
    SwitchoverFailed "SWITCHOVER_FAILED",
    /// Something was done to one of the two that it does not bear.
    InvalidConfiguration "INVALID_CONFIGURATION",
    /// The copy could not be made.
    ProvisioningFailed "PROVISIONING_FAILED",
    /// It is being deleted.
    Deleting "DELETING",
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let the two change names.
    SwitchOver,
    /// Let the copy be deleted.
    Unprotect,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let parameter_group = match &self.parameter_group {
            Some(group) => refs.settled(group)?,
            None => self.default_group.clone(),
        };
        // AWS makes no copy of what is being changed.
        let database = refs.settled(&self.database)?;
        let Some(AnyState::DbInstance(state) | AnyState::DbCluster(state)) = refs.state(&self.database) else {
            return Err(self.database.clone());
        };
        Ok(Create {
            name: self.name.clone(),
            database,
            arn: state.arn.clone(),
            version: self.version.clone(),
            parameter_group,
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let version = &self.version;
        vec![match &state.status {
            Status::Available if self.approved => Finding::Change(Change::SwitchOver),
            Status::Available => Finding::Underway(format!(
                "{} of version {version} is ready and kept up to date; with switchOverTo: \"{version}\" it takes over",
                state.green().unwrap_or("a copy")
            )),
            Status::Provisioning => Finding::Underway(format!("a copy of version {version} is being made")),
            Status::SwitchoverInProgress | Status::SwitchoverCompleted => {
                Finding::Underway(format!("version {version} takes over"))
            }
            Status::SwitchoverFailed
            | Status::InvalidConfiguration
            | Status::ProvisioningFailed
            | Status::Deleting
            | Status::Other(_) => Finding::Failed(state.failure()),
        }]
    }
}

impl State {
    /// The identifier of the copy.
    pub fn green(&self) -> Option<&str> {
        self.target.as_deref().map(name_of)
    }

    /// Whether names are changing hands.
    pub fn is_switching(&self) -> bool {
        matches!(self.status, Status::SwitchoverInProgress | Status::SwitchoverCompleted)
    }

    /// What came of it, and what to do.
    fn failure(&self) -> String {
        let details = self.details.as_deref().map(|details| format!(": {details}"));
        let (name, details) = (&self.name, details.unwrap_or_default());
        format!(
            "the blue/green deployment {name} is {}{details}; when it is deleted it is tried again, and with upgradeStrategy: InPlace the database is upgraded without one",
            self.status
        )
    }
}

/// The name at the end of an ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::SwitchOver => self.status = Status::SwitchoverInProgress,
            Change::Unprotect => self.unprotected = true,
        }
    }

    fn uses(&self) -> Vec<&str> {
        vec![name_of(&self.source)]
    }

    fn teardown(&self) -> Option<Change> {
        // AWS deletes the copy with it, unless that is the database by now.
        let goes_along = self.target.is_some() && self.status != Status::SwitchoverCompleted;
        (goes_along && !self.unprotected).then_some(Change::Unprotect)
    }

    fn lingers(&self) -> Option<String> {
        let busy = matches!(self.status, Status::Provisioning | Status::SwitchoverInProgress);
        busy.then(|| format!("it is {}", self.status))
    }

    fn keep_details(&mut self, earlier: &Self) {
        self.unprotected = earlier.unprotected;
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a copy of {} of version {}", self.database, self.version)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchOver => formatter.write_str("switch over; what was before stays under its name with -old1"),
            Self::Unprotect => formatter.write_str("take the protection away from the copy"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    /// Nothing else is there.
    struct Nothing;

    impl Refs for Nothing {
        fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
            Err(node.clone())
        }

        fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
            Err(node.clone())
        }
    }

    fn spec(approved: bool) -> Spec {
        Spec {
            name: "upgrade-1".into(),
            database: NodeId::named(Kind::DbInstance, "primary"),
            version: "17".into(),
            parameter_group: None,
            default_group: "default.postgres17".into(),
            approved,
        }
    }

    fn state(status: Status) -> State {
        State {
            name: "upgrade-1".into(),
            source: "arn:aws:rds:us-east-1:123456789012:db:orders".into(),
            target: Some("arn:aws:rds:us-east-1:123456789012:db:orders-green-abc123".into()),
            status,
            details: Some("too long".into()),
            unprotected: false,
        }
    }

    #[test]
    fn names_change_hands_only_once_the_copy_is_ready_and_the_word_is_given() {
        let switches = |approved: bool, status: Status| {
            let findings = spec(approved).compare(&state(status), &Nothing);
            findings == [Finding::Change(Change::SwitchOver)]
        };
        assert!(switches(true, Status::Available));
        assert!(!switches(false, Status::Available));
        for status in [
            Status::Provisioning,
            Status::SwitchoverInProgress,
            Status::SwitchoverCompleted,
            Status::SwitchoverFailed,
            Status::InvalidConfiguration,
            Status::ProvisioningFailed,
            Status::Deleting,
            Status::Other("NEW".into()),
        ] {
            assert!(!switches(true, status.clone()), "{status}");
        }
    }

    #[test]
    fn what_failed_is_said_in_words_of_aws() {
        let findings = spec(true).compare(&state(Status::SwitchoverFailed), &Nothing);
        let [Finding::Failed(problem)] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        assert!(problem.contains("is SWITCHOVER_FAILED: too long"), "{problem}");
    }

    #[test]
    fn the_protection_of_a_copy_is_taken_away_once_and_never_that_of_the_database() {
        let mut copy = state(Status::Available);
        assert_eq!(copy.teardown(), Some(Change::Unprotect));
        copy.fold(&Change::Unprotect, &Reply::default());
        assert_eq!(copy.teardown(), None);
        assert_eq!(state(Status::SwitchoverCompleted).teardown(), None);
    }

    #[test]
    fn words_of_aws_that_are_not_known_are_kept() {
        for word in ["PROVISIONING", "AVAILABLE", "SWITCHOVER_COMPLETED", "SOMETHING_NEW"] {
            assert_eq!(Status::of(word).to_string(), word);
        }
    }
}
