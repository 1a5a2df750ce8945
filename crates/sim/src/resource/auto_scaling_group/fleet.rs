//! What a group does by itself, each time some time has passed: instances come into service and go, unhealthy ones are replaced, their
//! number follows the desired capacity, and an instance refresh replaces one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::auto_scaling_group::{Activity, Instance, Launch, Lifecycle, State};
use hastack_core::resource::instance_refresh::{self, Latest, Refresh, Status};
use hastack_core::resource::lifecycle_hook::LifecycleTransition;
use hastack_core::timing::after;
use jiff::Timestamp;

use super::{deregister, launch, register};
use crate::resource::lifecycle_hook;
use crate::world::World;

/// How long an instance takes to come into service, and to end.
const PASSAGE: Duration = Duration::from_secs(20);

/// What a group is at, beside what it shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    /// Since when instances are on their way in or out.
    since: BTreeMap<String, Timestamp>,
    /// When the warm pool is gone.
    cool_at: Option<Timestamp>,
    /// The replacement of instances.
    rollout: Option<Rollout>,
}

/// A replacement of instances.
#[derive(Clone, Debug)]
struct Rollout {
    launch: Launch,
    auto_rollback: bool,
}

/// A group while it is worked on.
struct Fleet<'a> {
    world: &'a mut World,
    group: State,
    work: Work,
    refresh: Option<Refresh>,
    leaves: bool,
}

/// Lets every group do what it does by itself.
pub(crate) fn keep_fleets(world: &mut World) {
    let groups = world
        .things
        .iter()
        .filter(|(_, thing)| matches!(thing.object.state, AnyState::AutoScalingGroup(_)));
    let names: Vec<_> = groups.map(|(name, _)| name.clone()).collect();
    for name in names {
        keep(world, &name);
    }
}

/// Lets one group do so.
pub(super) fn keep(world: &mut World, name: &str) {
    let Some(thing) = world.things.get(name) else { return };
    let AnyState::AutoScalingGroup(group) = thing.object.state.clone() else {
        return;
    };
    let leaves = thing.object.phase == Phase::Deleting;
    let refresh = refresh_of(world, name)
        .and_then(instance_refresh::State::refresh)
        .cloned();
    let work = world.work.remove(name).unwrap_or_default();
    let mut fleet = Fleet {
        world,
        group,
        work,
        refresh,
        leaves,
    };
    fleet.step();
    let Fleet {
        world,
        group,
        work,
        refresh,
        leaves: _,
    } = fleet;
    if let Some(thing) = world.things.get_mut(name) {
        thing.object.state = AnyState::AutoScalingGroup(group);
    }
    if let Some(thing) = world.things.get_mut(&instance_refresh::id_of(name))
        && let AnyState::InstanceRefresh(state) = &mut thing.object.state
    {
        state.latest = Some(refresh.map_or(Latest::Never, Latest::Refresh));
    }
    world.work.insert(name.to_owned(), work);
}

/// Begins a replacement of a group's instances.
pub(crate) fn start(world: &mut World, group: &str, launch: &Launch, auto_rollback: bool) {
    let work = world.work.entry(group.to_owned()).or_default();
    work.rollout = Some(Rollout {
        launch: launch.clone(),
        auto_rollback,
    });
}

/// Begins the end of a group's warm pool.
pub(super) fn let_warm_pool_go(world: &mut World, group: &str) {
    let at = after(world.now, PASSAGE);
    world.work.entry(group.to_owned()).or_default().cool_at = Some(at);
}

/// Whether a group's instances are being replaced.
pub(super) fn is_rolling(world: &World, group: &State) -> bool {
    refresh_of(world, &group.name).is_some_and(|state| state.running().is_some())
}

fn refresh_of<'a>(world: &'a World, group: &str) -> Option<&'a instance_refresh::State> {
    match world.state(&instance_refresh::id_of(group))? {
        AnyState::InstanceRefresh(state) => Some(state),
        _ => None,
    }
}

impl Fleet<'_> {
    fn step(&mut self) {
        self.pass();
        if self.work.cool_at.is_some_and(|at| at <= self.world.now) {
            self.work.cool_at = None;
            self.group.warm_pool_leaves = false;
        }
        if self.leaves {
            self.end(|_| true);
            return;
        }
        self.judge();
        if self.runs("ReplaceUnhealthy") {
            self.end(|instance| !instance.healthy && instance.lifecycle == Lifecycle::InService);
        }
        self.roll();
        self.resize();
    }

    /// Brings instances into service, and takes those away that have ended.
    fn pass(&mut self) {
        let now = self.world.now;
        for mut instance in std::mem::take(&mut self.group.instances) {
            let since = *self.work.since.entry(instance.id.clone()).or_insert(now);
            let over = after(since, PASSAGE) <= now;
            match instance.lifecycle {
                Lifecycle::Pending if over => {
                    instance.lifecycle = Lifecycle::InService;
                    register(self.world, &self.group.target_group_arns, &instance.id);
                }
                Lifecycle::Terminating if over => {
                    launch::take_away(self.world, &instance.id);
                    self.work.since.remove(&instance.id);
                    continue;
                }
                Lifecycle::Pending | Lifecycle::Terminating | Lifecycle::InService | Lifecycle::Aside => {}
            }
            self.group.instances.push(instance);
        }
    }

    /// Takes what target groups say for true, once the grace period is over.
    fn judge(&mut self) {
        let State {
            settings,
            instances,
            suspended,
            ..
        } = &mut self.group;
        let counted = settings.load_balancer_health && !suspended.contains("HealthCheck");
        let grace = PASSAGE + Duration::from_secs(settings.grace_seconds.into());
        for instance in instances.iter_mut().filter(|_| counted) {
            let since = self.work.since.get(&instance.id);
            let over = since.is_some_and(|since| after(*since, grace) <= self.world.now);
            if over && self.world.sick.contains(&instance.id) {
                instance.healthy = false;
            }
        }
    }

    /// Ends these of the instances that count.
    fn end(&mut self, which: impl Fn(&Instance) -> bool) {
        for instance in &mut self.group.instances {
            if instance.counts() && which(instance) {
                instance.lifecycle = Lifecycle::Terminating;
                self.work.since.insert(instance.id.clone(), self.world.now);
                deregister(self.world, &self.group.target_group_arns, &instance.id);
            }
        }
    }

    fn begin(&mut self, from: &Launch) {
        match launch::launch(self.world, &self.group, from) {
            Ok(instance) => {
                self.work.since.insert(instance.id.clone(), self.world.now);
                let hooks = lifecycle_hook::of(self.world, &self.group.name, LifecycleTransition::Launching);
                self.world.awaited.insert(instance.id.clone(), hooks);
                self.group.instances.push(instance);
                self.group.last_activity = Some(Activity::Well);
            }
            Err(reason) => self.group.last_activity = Some(Activity::Failed(reason)),
        }
    }

    fn resize(&mut self) {
        let desired = self.group.desired as usize;
        let counted: Vec<_> = self.counted().map(|instance| instance.id.clone()).collect();
        if counted.len() < desired && self.runs("Launch") {
            let from = self.launches();
            for _ in counted.len()..desired {
                self.begin(&from);
            }
        } else if counted.len() > desired && self.runs("Terminate") {
            let superfluous = &counted[desired..];
            self.end(|instance| superfluous.contains(&instance.id));
        }
    }

    /// Takes the next step of a replacement.
    fn roll(&mut self) {
        let Some(rollout) = self.work.rollout.clone() else {
            return;
        };
        let Some(mut refresh) = self.refresh.take() else { return };
        let settled = self
            .counted()
            .all(|instance| instance.lifecycle == Lifecycle::InService);
        match refresh.status {
            Status::Pending => refresh.status = Status::InProgress,
            Status::InProgress | Status::Baking if settled => self.replace(&mut refresh, &rollout),
            Status::RollbackInProgress if settled => {
                let back = self.group.launch.clone();
                if !self.replace_one(&back) {
                    self.finish(&mut refresh, Status::RollbackSuccessful);
                }
            }
            Status::Cancelling if settled => self.finish(&mut refresh, Status::Cancelled),
            Status::InProgress
            | Status::Baking
            | Status::RollbackInProgress
            | Status::Cancelling
            | Status::Successful
            | Status::Failed
            | Status::Cancelled
            | Status::RollbackSuccessful
            | Status::RollbackFailed => {}
        }
        self.refresh = Some(refresh);
    }

    fn replace(&mut self, refresh: &mut Refresh, rollout: &Rollout) {
        let Rollout { launch, auto_rollback } = rollout;
        let new = self
            .counted()
            .filter(|instance| launch::matches(instance, launch))
            .count();
        let all = self.counted().count();
        if new > 0 && launch::fails(self.world, launch.template.as_ref()) {
            refresh.reason = Some("An instance failed its health checks".to_owned());
            if *auto_rollback {
                refresh.status = Status::RollbackInProgress;
            } else {
                self.finish(refresh, Status::Failed);
            }
            return;
        }
        refresh.percentage = (new * 100)
            .checked_div(all)
            .unwrap_or(100)
            .try_into()
            .unwrap_or_default();
        if !self.replace_one(launch) {
            self.group.launch = launch.clone();
            self.finish(refresh, Status::Successful);
        }
    }

    /// Replaces an instance that would not be launched so, if there is one.
    fn replace_one(&mut self, from: &Launch) -> bool {
        let Some(old) = self
            .counted()
            .find(|instance| !launch::matches(instance, from))
            .map(|old| old.id.clone())
        else {
            return false;
        };
        self.end(|instance| instance.id == old);
        self.begin(from);
        true
    }

    fn finish(&mut self, refresh: &mut Refresh, status: Status) {
        refresh.status = status;
        refresh.ended = Some(self.world.now);
        self.work.rollout = None;
    }

    /// What instances are launched from now.
    fn launches(&self) -> Launch {
        let forward =
            |refresh: &Refresh| matches!(refresh.status, Status::Pending | Status::InProgress | Status::Baking);
        match &self.work.rollout {
            Some(rollout) if self.refresh.as_ref().is_some_and(forward) => rollout.launch.clone(),
            Some(_) | None => self.group.launch.clone(),
        }
    }

    fn counted(&self) -> impl Iterator<Item = &Instance> {
        self.group.instances.iter().filter(|instance| instance.counts())
    }

    fn runs(&self, process: &str) -> bool {
        !self.group.suspended.contains(process)
    }
}
