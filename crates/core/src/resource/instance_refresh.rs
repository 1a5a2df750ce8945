//! The replacement of a group's instances by such of another version. It comes with its group, which has one at a time: what there
//! is of it is the newest there was.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html>

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::auto_scaling_group::{self, Launch, Mixed, TemplateVersion, wanted_version};
use super::{Finding, Refs, Shown, State as AnyState, Wanted};
use crate::cloud::Reply;
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::timing::after;

/// What the id of a group's refresh has beyond the group's.
const SUFFIX: &str = "/instance-refresh";

/// How long after a refresh has ended a look at the group may still show what was before.
const LATE: Duration = Duration::from_mins(2);

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The group.
    pub group: NodeId,
    /// What its instances are launched with.
    pub launch_template: NodeId,
    /// Which types they have, where not the template's alone.
    pub mixed: Option<Mixed>,
    /// Whether instances are replaced when what they are launched with changes.
    pub automatic: bool,
    /// How they are.
    pub preferences: Preferences,
}

/// How instances are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// How many are in service at least meanwhile, in percent.
    pub min_healthy: u32,
    /// How many there are at most meanwhile, in percent; where none is given, one goes while the other comes.
    pub max_healthy: Option<u32>,
    /// Seconds after which a new one counts; as the group says where none is given.
    pub warmup_seconds: Option<u32>,
    /// Where it pauses.
    pub checkpoints: Option<Checkpoints>,
    /// Whether the earlier version is put back when it fails.
    pub auto_rollback: bool,
    /// CloudWatch alarms by name, any of which makes it fail.
    pub alarms: Vec<String>,
}

/// Where a replacement pauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// At these percentages of replaced instances, in rising order, 100 the last.
    pub percentages: Vec<u32>,
    /// For so many seconds.
    pub delay_seconds: u32,
}

/// It is never created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Create {}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The name of the group.
    pub group: String,
    /// The newest there was; a detail that only `DescribeInstanceRefreshes` shows.
    #[serde(default)]
    pub latest: Option<Latest>,
}

/// The newest there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Latest {
    /// There was none.
    Never,
    /// This one.
    Refresh(Refresh),
}

/// A replacement of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub status: Status,
    /// How much of it is done, in percent.
    pub percentage: u32,
    /// What the new instances are launched from, where it says so; else what the group says.
    #[serde(default)]
    pub template: Option<TemplateVersion>,
    /// Why it stands so, in AWS's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
}

/// How a replacement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It is about to start.
    Pending,
    /// Instances are being replaced.
    InProgress,
    /// All are, and it is seen whether they last.
    Baking,
    /// It is being given up.
    Cancelling,
    /// The earlier version is being put back.
    RollbackInProgress,
    /// All are replaced.
    Successful,
    /// It failed, and is left as it was then.
    Failed,
    /// It was given up, and is left as it was then.
    Cancelled,
    /// It failed, and the earlier version is back.
    RollbackSuccessful,
    /// It failed, and the earlier version could not be put back either.
    RollbackFailed,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Replace all instances that were not launched from this.
    Start {
        /// What the new ones are launched from.
        launch: Launch,
        /// How.
        preferences: Preferences,
    },
    /// Give up the one that is under way.
    Cancel,
}

/// The id of the refresh of the group with this name.
pub fn id_of(group: &str) -> String {
    format!("{group}{SUFFIX}")
}

/// The name of the group whose refresh has this id.
pub fn group_of(id: &str) -> &str {
    id.strip_suffix(SUFFIX).unwrap_or(id)
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Err(self.group.clone())
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let Some(AnyState::AutoScalingGroup(group)) = refs.state(&self.group) else {
            return vec![Finding::Wait(self.group.clone())];
        };
        let finding = match state.running() {
            Some(refresh) => Some(self.compare_running(refresh, group, refs)),
            None => self.compare_ended(state, group, refs),
        };
        finding.into_iter().collect()
    }
}

impl Spec {
    /// One that replaces instances by what is not wanted any more is given up. One that is being given up, or put back, is not hurried.
    fn compare_running(
        &self,
        refresh: &Refresh,
        group: &auto_scaling_group::State,
        refs: &dyn Refs,
    ) -> Finding<Change> {
        let wanted = wanted_version(refs, &self.launch_template);
        let leads_there = match &wanted {
            Ok(wanted) => refresh.leads_to(wanted, group),
            // What is wanted is not made yet.
            Err(_) => true,
        };
        if self.automatic && !leads_there && refresh.status.can_be_cancelled() {
            return Finding::Change(Change::Cancel);
        }
        Finding::Underway(refresh.to_string())
    }

    fn compare_ended(
        &self,
        state: &State,
        group: &auto_scaling_group::State,
        refs: &dyn Refs,
    ) -> Option<Finding<Change>> {
        if !self.automatic {
            return None;
        }
        let wanted = match wanted_version(refs, &self.launch_template) {
            Ok(wanted) => wanted,
            Err(node) => return Some(Finding::Wait(node)),
        };
        if !self.is_outdated(group, &wanted) {
            return None;
        }
        // The group changes its types itself, which AWS refuses while instances are being replaced.
        if group.launch.mixed != self.mixed {
            return Some(Finding::Wait(self.group.clone()));
        }
        let earlier = state.refresh().filter(|refresh| refresh.leads_to(&wanted, group));
        if let Some(refresh) = earlier {
            if refresh.status.has_failed() {
                return Some(Finding::Failed(refresh.failure()));
            }
            if refresh.may_be_unseen(refs) {
                return Some(Finding::Underway(format!("the group is about to show {wanted}")));
            }
        }
        let launch = Launch {
            template: Some(wanted),
            mixed: self.mixed.clone(),
        };
        Some(Finding::Change(Change::Start {
            launch,
            preferences: self.preferences.clone(),
        }))
    }

    /// Whether the group launches from something else, or an instance was launched from something else.
    fn is_outdated(&self, group: &auto_scaling_group::State, wanted: &TemplateVersion) -> bool {
        let differs = |template: &Option<TemplateVersion>| template.as_ref() != Some(wanted);
        let mut counted = group.instances.iter().filter(|instance| instance.counts());
        differs(&group.launch.template)
            || counted.any(|instance| {
                differs(&instance.template) || !Mixed::allows(self.mixed.as_ref(), &instance.instance_type)
            })
    }
}

impl Refresh {
    /// Whether it is, or was, about this version.
    fn leads_to(&self, wanted: &TemplateVersion, group: &auto_scaling_group::State) -> bool {
        self.template.as_ref().or(group.launch.template.as_ref()) == Some(wanted)
    }

    /// Whether the last look at groups may have been before it ended.
    fn may_be_unseen(&self, refs: &dyn Refs) -> bool {
        let since = self.ended.map(|ended| after(ended, LATE));
        since.is_some_and(|since| refs.swept(Kind::AutoScalingGroup).is_none_or(|swept| swept < since))
    }

    /// What came of it, where it failed.
    fn failure(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or("AWS gave no reason");
        format!("{self}: {reason}; another change of what instances are launched with is tried")
    }

    fn version(&self) -> String {
        self.template
            .as_ref()
            .map_or_else(|| "the group's version".to_owned(), ToString::to_string)
    }
}

impl Status {
    /// Whether AWS is at work on it.
    pub const fn is_running(self) -> bool {
        match self {
            Self::Pending | Self::InProgress | Self::Baking | Self::Cancelling | Self::RollbackInProgress => true,
            Self::Successful | Self::Failed | Self::Cancelled | Self::RollbackSuccessful | Self::RollbackFailed => {
                false
            }
        }
    }

    /// Whether it ended without having replaced all instances.
    pub const fn has_failed(self) -> bool {
        !self.is_running() && !matches!(self, Self::Successful)
    }

    const fn can_be_cancelled(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress | Self::Baking)
    }
}

impl State {
    /// What is known of a group's refresh as long as it was not looked at.
    pub fn bare(group: &str) -> Self {
        Self {
            group: group.to_owned(),
            latest: None,
        }
    }

    /// The newest there was, if there was one.
    pub fn refresh(&self) -> Option<&Refresh> {
        match self.latest.as_ref()? {
            Latest::Never => None,
            Latest::Refresh(refresh) => Some(refresh),
        }
    }

    /// The one that is under way.
    pub fn running(&self) -> Option<&Refresh> {
        self.refresh().filter(|refresh| refresh.status.is_running())
    }

    /// How far the newest is, in a word: a percentage, or what it came to.
    pub fn progress(&self) -> Option<String> {
        let refresh = self.refresh()?;
        Some(match refresh.status {
            Status::Pending | Status::InProgress | Status::Baking => format!("{}%", refresh.percentage),
            Status::Cancelling => "Cancelling".to_owned(),
            Status::RollbackInProgress => "RollingBack".to_owned(),
            Status::Successful => "Done".to_owned(),
            Status::Cancelled => "Cancelled".to_owned(),
            Status::RollbackSuccessful => "RolledBack".to_owned(),
            Status::Failed | Status::RollbackFailed => "Failed".to_owned(),
        })
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, reply: &Reply) {
        match change {
            Change::Start { launch, preferences: _ } => {
                self.latest = Some(Latest::Refresh(Refresh {
                    id: reply.part_id.clone().unwrap_or_default(),
                    status: Status::Pending,
                    percentage: 0,
                    template: launch.template.clone(),
                    reason: None,
                    ended: None,
                }));
            }
            Change::Cancel => {
                if let Some(Latest::Refresh(refresh)) = &mut self.latest {
                    refresh.status = Status::Cancelling;
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        // It goes with its group.
        Vec::new()
    }

    fn parents(&self) -> Vec<&str> {
        vec![self.group.as_str()]
    }

    fn lacks_details(&self) -> bool {
        self.latest.is_none()
    }

    fn is_underway(&self) -> bool {
        self.running().is_some()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.latest.is_none() {
            self.latest.clone_from(&earlier.latest);
        }
    }
}

impl fmt::Display for Refresh {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, percentage) = (self.version(), self.percentage);
        match self.status {
            Status::Pending => write!(formatter, "the rollout of {version} is about to start"),
            Status::InProgress => write!(
                formatter,
                "the rollout of {version} has replaced {percentage} % of the instances"
            ),
            Status::Baking => write!(
                formatter,
                "the rollout of {version} has replaced all instances and watches them"
            ),
            Status::Cancelling => write!(formatter, "the rollout of {version} is being given up"),
            Status::RollbackInProgress => write!(
                formatter,
                "the rollout of {version} has failed and is being rolled back"
            ),
            Status::Successful => write!(formatter, "the rollout of {version} is done"),
            Status::Failed => write!(formatter, "the rollout of {version} has failed at {percentage} %"),
            Status::Cancelled => write!(formatter, "the rollout of {version} was cancelled"),
            Status::RollbackSuccessful => write!(formatter, "the rollout of {version} has failed and was rolled back"),
            Status::RollbackFailed => write!(
                formatter,
                "the rollout of {version} has failed, and so has rolling it back"
            ),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "of {}", self.group)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { launch, preferences: _ } => match &launch.template {
                Some(version) => write!(formatter, "roll out {version}"),
                None => formatter.write_str("replace all instances"),
            },
            Self::Cancel => formatter.write_str("cancel the rollout"),
        }
    }
}

#[cfg(test)]
mod tests;
