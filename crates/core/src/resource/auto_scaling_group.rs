//! A group of instances that AWS keeps at a size.
//!
//! The version of the launch template that a group names is the one its new instances are launched from. Where instances are
//! replaced when that changes, the instance refresh brings the new version in, so that AWS can go back to the old one.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html>

mod change;
mod part;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, State as AnyState, Wanted, lifecycle_hook};
use crate::cloud::Reply;
use crate::kind::Kind;
use crate::owner::NodeId;

pub use change::{Change, Update};
pub use part::{Activity, Instance, Launch, Lifecycle, Mixed, Settings, TemplateVersion, WarmPool};

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account and region: its id too.
    pub name: String,
    /// What its instances are launched with.
    pub launch_template: NodeId,
    /// Which types they have, where not the template's alone, and how many are spot instances.
    pub mixed: Option<Mixed>,
    /// Whether it takes up a new version of the template by itself, since no instance refresh brings that in.
    pub takes_versions: bool,
    /// How many there are at least.
    pub min: u32,
    /// How many there are at most.
    pub max: u32,
    /// How many there are to be now, where the user says so.
    pub desired: Option<u32>,
    /// What of that was written to AWS last: what has changed since is left alone.
    pub applied: Option<u32>,
    /// The subnets they are in.
    pub subnets: Vec<NodeId>,
    /// The target groups they are registered with.
    pub target_groups: Vec<NodeId>,
    /// The listener rules that may still send requests to other target groups.
    pub rules: Vec<NodeId>,
    /// Seconds in which a new one may be unhealthy.
    pub grace_seconds: u32,
    /// Which goes first.
    pub termination_policies: Vec<String>,
    /// What AWS does not do for the time being, in its words.
    pub suspended: BTreeSet<String>,
    /// Instances kept ready.
    pub warm_pool: Option<WarmPool>,
    /// Whether a spot instance is replaced when it is in danger.
    pub rebalance: bool,
    /// Seconds after which one is replaced; 0 for never.
    pub max_lifetime_seconds: u32,
    /// Seconds after which a new one counts.
    pub warmup_seconds: u32,
    /// What its first instances wait for too. Once it is there, lifecycle hooks are resources of their own.
    pub hooks: Vec<Hook>,
}

/// A lifecycle hook that a group is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name in AWS.
    pub name: String,
    /// What it says.
    pub content: lifecycle_hook::Content,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// What its instances are launched from.
    pub launch: Launch,
    /// What is set.
    pub settings: Settings,
    /// How many there are at first.
    pub desired: u32,
    /// The target groups they are registered with, by ARN.
    pub target_group_arns: BTreeSet<String>,
    /// What the first ones wait for too.
    pub hooks: Vec<Hook>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name.
    pub name: String,
    /// What new instances are launched from.
    pub launch: Launch,
    /// What is set.
    #[serde(flatten)]
    pub settings: Settings,
    /// How many instances there are to be.
    pub desired: u32,
    /// The target groups they are registered with, by ARN.
    #[serde(default)]
    pub target_group_arns: BTreeSet<String>,
    /// What AWS does not do for the time being.
    #[serde(default)]
    pub suspended: BTreeSet<String>,
    /// Instances kept ready.
    #[serde(default)]
    pub warm_pool: Option<WarmPool>,
    /// Whether the last of such instances are on their way out.
    #[serde(default)]
    pub warm_pool_leaves: bool,
    /// The instances.
    #[serde(default)]
    pub instances: Vec<Instance>,
    /// What the last scaling activity came to; a detail that only `DescribeScalingActivities` shows, and that is looked at while
    /// there are too few instances.
    #[serde(default)]
    pub last_activity: Option<Activity>,
}

/// The version of the launch template that is wanted: the newest of ours, once the template is as wanted.
pub fn wanted_version(refs: &dyn Refs, template: &NodeId) -> Result<TemplateVersion, NodeId> {
    let id = refs.settled(template)?;
    let Some(AnyState::LaunchTemplate(state)) = refs.state(template) else {
        return Err(template.clone());
    };
    let number = state.newest_ours().ok_or_else(|| template.clone())?;
    Ok(TemplateVersion {
        id,
        number: Some(number),
    })
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            launch: Launch {
                template: Some(wanted_version(refs, &self.launch_template)?),
                mixed: self.mixed.clone(),
            },
            settings: self.settings(ids(&self.subnets, refs)?),
            desired: self.desired.unwrap_or(self.min),
            target_group_arns: ids(&self.target_groups, refs)?,
            hooks: self.hooks.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings = Vec::new();
        let subnet_ids = ids(&self.subnets, refs).unwrap_or_else(|node| {
            findings.push(Finding::Wait(node));
            state.settings.subnet_ids.clone()
        });
        let mut update = Update::between(&state.settings, &self.settings(subnet_ids));
        match self.compare_launch(&state.launch, refs) {
            Ok(launch) => update.launch = launch,
            Err(node) => findings.push(Finding::Wait(node)),
        }
        if update != Update::default() {
            findings.push(Finding::Change(Change::Update(Box::new(update))));
        }
        findings.extend(self.compare_desired(state).map(Finding::Change));
        findings.extend(self.compare_target_groups(state, refs));
        findings.extend(self.compare_suspended(state));
        findings.extend(self.compare_warm_pool(state));
        findings.extend(state.shortage().map(Finding::Underway));
        findings
    }
}

impl Spec {
    fn settings(&self, subnet_ids: BTreeSet<String>) -> Settings {
        Settings {
            min: self.min,
            max: self.max,
            subnet_ids,
            load_balancer_health: !self.target_groups.is_empty(),
            grace_seconds: self.grace_seconds,
            termination_policies: self.termination_policies.clone(),
            rebalance: self.rebalance,
            max_lifetime_seconds: self.max_lifetime_seconds,
            warmup_seconds: Some(self.warmup_seconds),
        }
    }

    /// What new instances are to be launched from, if from something else. An instance refresh changes that too, and AWS refuses to
    /// have it changed meanwhile.
    fn compare_launch(&self, is: &Launch, refs: &dyn Refs) -> Result<Option<Launch>, NodeId> {
        let template = match &is.template {
            Some(template) if !self.takes_versions && !self.loses_types(is) && template.number.is_some() => {
                template.clone()
            }
            Some(_) | None => wanted_version(refs, &self.launch_template)?,
        };
        let launch = Launch {
            template: Some(template),
            mixed: self.mixed.clone(),
        };
        if launch == *is {
            return Ok(None);
        }
        let refresh = NodeId::only(Kind::InstanceRefresh);
        match refs.state(&refresh) {
            Some(AnyState::InstanceRefresh(state)) if state.is_underway() => Err(refresh),
            _ => Ok(Some(launch)),
        }
    }

    /// Whether the types of its instances become the template's alone: what an earlier version says of that was not in force.
    fn loses_types(&self, is: &Launch) -> bool {
        is.mixed.is_some() && self.mixed.is_none()
    }

    /// How many there are to be now, where the user has changed that. AWS takes none that is out of bounds, so those come first.
    fn compare_desired(&self, state: &State) -> Option<Change> {
        let bounds = state.settings.min..=state.settings.max;
        let desired = self.desired.filter(|desired| self.applied != Some(*desired))?;
        (desired != state.desired && bounds.contains(&desired)).then_some(Change::Desired(desired))
    }

    /// A target group that is not wanted any more stays as long as a rule sends requests to it.
    fn compare_target_groups(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let wanted = match ids(&self.target_groups, refs) {
            Ok(arns) => arns,
            Err(node) => return vec![Finding::Wait(node)],
        };
        let mut findings = Vec::new();
        let missing: BTreeSet<_> = wanted.difference(&state.target_group_arns).cloned().collect();
        if !missing.is_empty() {
            findings.push(Finding::Change(Change::AttachTargetGroups(missing)));
        }
        let mut superfluous: BTreeSet<_> = state.target_group_arns.difference(&wanted).cloned().collect();
        for rule in &self.rules {
            let uses = refs.state(rule).map(AnyState::uses).unwrap_or_default();
            let before = superfluous.len();
            superfluous.retain(|arn| !uses.contains(&arn.as_str()));
            if superfluous.len() < before {
                findings.push(Finding::Wait(rule.clone()));
            }
        }
        if !superfluous.is_empty() {
            findings.push(Finding::Change(Change::DetachTargetGroups(superfluous)));
        }
        findings
    }

    fn compare_suspended(&self, state: &State) -> impl Iterator<Item = Finding<Change>> {
        let suspend: BTreeSet<_> = self.suspended.difference(&state.suspended).cloned().collect();
        let resume: BTreeSet<_> = state.suspended.difference(&self.suspended).cloned().collect();
        // An empty list would mean all of them.
        let suspend = (!suspend.is_empty()).then_some(Change::Suspend(suspend));
        let resume = (!resume.is_empty()).then_some(Change::Resume(resume));
        suspend.into_iter().chain(resume).map(Finding::Change)
    }

    fn compare_warm_pool(&self, state: &State) -> Option<Finding<Change>> {
        if state.warm_pool_leaves {
            return Some(Finding::Underway("its warm pool is being deleted".to_owned()));
        }
        match (&self.warm_pool, &state.warm_pool) {
            (Some(wanted), is) if is.as_ref() != Some(wanted) => {
                Some(Finding::Change(Change::PutWarmPool(wanted.clone())))
            }
            (None, Some(_)) => Some(Finding::Change(Change::DeleteWarmPool)),
            (_, _) => None,
        }
    }
}

/// The ids of all of these, or the first that is not there.
fn ids(nodes: &[NodeId], refs: &dyn Refs) -> Result<BTreeSet<String>, NodeId> {
    nodes.iter().map(|node| refs.usable(node)).collect()
}

impl Create {
    /// The lifecycle hooks that the call makes too, which no answer shows.
    pub fn parts(&self) -> impl Iterator<Item = lifecycle_hook::State> {
        let hooks = self.hooks.iter();
        hooks.map(|Hook { name, content }| lifecycle_hook::State {
            group: self.name.clone(),
            name: name.clone(),
            content: content.clone(),
        })
    }
}

impl State {
    /// A group as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create {
            name,
            launch,
            settings,
            desired,
            target_group_arns,
            hooks: _,
        } = create.clone();
        Self {
            name,
            launch,
            settings,
            desired,
            target_group_arns,
            suspended: BTreeSet::new(),
            warm_pool: None,
            warm_pool_leaves: false,
            instances: Vec::new(),
            last_activity: None,
        }
    }

    /// How many instances are in service and well.
    pub fn in_service(&self) -> usize {
        self.instances.iter().filter(|instance| instance.serves()).count()
    }

    /// The numbers of the versions that it launches from or that its instances were launched from.
    pub fn versions(&self) -> BTreeSet<i64> {
        let launched = self.instances.iter().map(|instance| &instance.template);
        let all = launched.chain([&self.launch.template]).flatten();
        all.filter_map(|version| version.number).collect()
    }

    /// How many instances must be in service for it to be as wanted.
    fn needed(&self) -> usize {
        self.settings.min.min(self.desired) as usize
    }

    /// How it lacks instances, if it does.
    fn shortage(&self) -> Option<String> {
        let (serving, needed) = (self.in_service(), self.needed());
        if serving >= needed {
            return None;
        }
        let verb = if needed == 1 { "instance is" } else { "instances are" };
        let text = format!("{serving} of {needed} {verb} in service");
        Some(match &self.last_activity {
            Some(Activity::Failed(reason)) => format!("{text}; the last attempt failed: {reason}"),
            Some(Activity::Well) | None => text,
        })
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Update(update) => {
                update.apply(&mut self.settings, &mut self.launch);
                // AWS moves it along with the bounds.
                self.desired = self.desired.max(self.settings.min).min(self.settings.max);
            }
            Change::Desired(number) => self.desired = *number,
            Change::AttachTargetGroups(arns) => self.target_group_arns.extend(arns.iter().cloned()),
            Change::DetachTargetGroups(arns) => self.target_group_arns.retain(|arn| !arns.contains(arn)),
            Change::Suspend(processes) => self.suspended.extend(processes.iter().cloned()),
            Change::Resume(processes) => self.suspended.retain(|process| !processes.contains(process)),
            Change::PutWarmPool(pool) => self.warm_pool = Some(pool.clone()),
            Change::DeleteWarmPool => {
                self.warm_pool = None;
                self.warm_pool_leaves = true;
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let template = self.launch.template.iter().map(|template| &template.id);
        let others = self.settings.subnet_ids.iter().chain(&self.target_group_arns);
        template.chain(others).map(String::as_str).collect()
    }

    fn teardown(&self) -> Option<Change> {
        self.warm_pool.as_ref().map(|_| Change::DeleteWarmPool)
    }

    fn lingers(&self) -> Option<String> {
        self.warm_pool_leaves
            .then(|| "its warm pool is being deleted".to_owned())
    }

    fn is_underway(&self) -> bool {
        self.in_service() < self.needed()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.last_activity.is_none() && self.is_underway() {
            self.last_activity.clone_from(&earlier.last_activity);
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {} instances", self.min, self.max)?;
        match &self.mixed {
            Some(mixed) => write!(formatter, " of {mixed}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
