//! The instances a load balancer sends requests to, with how healthy they are.

use std::collections::BTreeSet;
use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::target_group::{Algorithm, Change, Create, Details, Health, State, Target};
use hastack_core::timing::after;

use super::{Names, Refusal, Simulated};
use crate::world::{Sim, World};

/// How long it takes to find out whether a target is healthy.
const CHECKED: Duration = Duration::from_secs(10);

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateTargetGroup",
        describe: "DescribeTargetGroups",
        delete: "DeleteTargetGroup",
    };
    const DETAILS: &'static [&'static str] = &["DescribeTargetGroupAttributes", "DescribeTargetHealth"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::ModifyHealthCheck(_) => "ModifyTargetGroup",
            Change::ModifyAttributes(_) => "ModifyTargetGroupAttributes",
        }
    }

    /// One of the same name and settings, whoever has it.
    fn like(world: &World, create: &Create) -> Option<String> {
        let wanted = Self::new(create);
        let like = |state: &AnyState| match state {
            AnyState::TargetGroup(other) => {
                let asked = Self {
                    load_balancer_arns: Vec::new(),
                    details: wanted.details.clone(),
                    ..other.clone()
                };
                asked == wanted
            }
            _ => false,
        };
        let mut things = world.things.iter();
        let like = things.find(|(_, thing)| like(&thing.object.state));
        like.map(|(arn, _)| arn.clone())
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let mut others = world.states();
        if others.any(|state| matches!(state, AnyState::TargetGroup(other) if other.name == create.name)) {
            let message = format!(
                "A target group with the same name '{}' exists, but with different settings",
                create.name
            );
            return Err((ErrorKind::AlreadyExists, "DuplicateTargetGroupName", message));
        }
        world.must_exist(&create.vpc_id)?;
        Ok(Self::new(create))
    }

    fn check(&self, _world: &World, change: &Change) -> Result<(), Refusal> {
        use hastack_core::resource::Shown;

        let mut changed = self.clone();
        changed.fold(change, &hastack_core::cloud::Reply::default());
        let attributes = changed.details.unwrap_or_default().attributes;
        if attributes.slow_start_seconds > 0 && attributes.algorithm != Algorithm::RoundRobin {
            let message = "Slow start mode is only supported with the round robin algorithm".to_owned();
            return Err((ErrorKind::Invalid, "InvalidConfigurationRequest", message));
        }
        Ok(())
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn hide(&mut self) {
        self.details = None;
    }
}

impl Sim {
    /// Lets an instance answer no more, or again.
    pub fn fail_health_checks(&self, instance_id: &str, fails: bool) {
        let mut world = self.world();
        if fails {
            world.sick.insert(instance_id.to_owned());
        } else {
            world.sick.remove(instance_id);
        }
        world.remember();
    }
}

/// Puts an instance into a target group, as its Auto Scaling group does.
pub(crate) fn register(world: &mut World, target_group_arn: &str, instance_id: &str) {
    let Some(targets) = targets(world, target_group_arn) else {
        return;
    };
    let staying = |target: &Target| target.id == instance_id && target.health != Health::Draining;
    if targets.iter().any(staying) {
        return;
    }
    targets.retain(|target| target.id != instance_id);
    targets.push(Target {
        id: instance_id.to_owned(),
        health: Health::Unused,
        reason: reason(Health::Unused),
    });
    targets.sort_by(|one, other| one.id.cmp(&other.id));
    check_health(world);
}

/// Takes an instance out of a target group, once it has finished its requests.
pub(crate) fn deregister(world: &mut World, target_group_arn: &str, instance_id: &str) {
    let now = world.now;
    let used = !balancers(world, target_group_arn).is_empty();
    let Some(targets) = targets(world, target_group_arn) else {
        return;
    };
    if used {
        let target = targets.iter_mut().find(|target| target.id == instance_id);
        if let Some(target) = target.filter(|target| target.health != Health::Draining) {
            set(target, Health::Draining);
            world.health_since.insert(key(target_group_arn, instance_id), now);
        }
    } else {
        targets.retain(|target| target.id != instance_id);
    }
}

/// Finds out how targets are by now.
pub(crate) fn check_health(world: &mut World) {
    let arns: Vec<_> = world
        .things
        .iter()
        .filter(|(_, thing)| matches!(thing.object.state, AnyState::TargetGroup(_)))
        .map(|(arn, _)| arn.clone())
        .collect();
    for arn in arns {
        check_targets(world, &arn);
    }
}

fn check_targets(world: &mut World, arn: &str) {
    let balancers = balancers(world, arn);
    let World {
        now,
        things,
        sick,
        health_since,
        ..
    } = world;
    let Some(AnyState::TargetGroup(group)) = things.get_mut(arn).map(|thing| &mut thing.object.state) else {
        return;
    };
    let used = !balancers.is_empty();
    group.load_balancer_arns = balancers.into_iter().collect();
    let Some(Details { attributes, targets }) = &mut group.details else {
        return;
    };
    let delay = Duration::from_secs(attributes.deregistration_delay_seconds.into());
    targets.retain_mut(|target| {
        let since = *health_since.entry(key(arn, &target.id)).or_insert(*now);
        let answers = if sick.contains(&target.id) {
            Health::Unhealthy
        } else {
            Health::Healthy
        };
        let next = match (target.health, used) {
            (Health::Draining, true) if *now < after(since, delay) => Health::Draining,
            (Health::Draining, _) => {
                health_since.remove(&key(arn, &target.id));
                return false;
            }
            (_, false) => Health::Unused,
            (Health::Unused, true) => Health::Initial,
            (Health::Initial, true) if *now < after(since, CHECKED) => Health::Initial,
            (Health::Initial | Health::Healthy | Health::Unhealthy | Health::Unavailable, true) => answers,
        };
        if next != target.health {
            set(target, next);
            health_since.insert(key(arn, &target.id), *now);
        }
        true
    });
}

fn targets<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Vec<Target>> {
    match world.things.get_mut(arn).map(|thing| &mut thing.object.state) {
        Some(AnyState::TargetGroup(group)) => Some(&mut group.details.get_or_insert_default().targets),
        Some(_) | None => None,
    }
}

/// The load balancers that a rule makes send requests to a target group, or would but for its weight.
pub(super) fn balancers(world: &World, arn: &str) -> BTreeSet<String> {
    let listeners = world.states().filter_map(|state| match state {
        AnyState::ListenerRule(rule) if rule.forwards.iter().any(|forward| forward.target_group_arn == arn) => {
            Some(&rule.listener_arn)
        }
        _ => None,
    });
    let balancers = listeners.filter_map(|listener| match world.state(listener) {
        Some(AnyState::Listener(listener)) => Some(listener.load_balancer_arn.clone()),
        _ => None,
    });
    balancers.collect()
}

fn set(target: &mut Target, health: Health) {
    target.health = health;
    target.reason = reason(health);
}

fn reason(health: Health) -> Option<String> {
    let word = match health {
        Health::Initial => "Elb.RegistrationInProgress",
        Health::Healthy => return None,
        Health::Unhealthy => "Target.FailedHealthChecks",
        Health::Unused => "Target.NotInUse",
        Health::Draining => "Target.DeregistrationInProgress",
        Health::Unavailable => "Elb.InternalError",
    };
    Some(word.to_owned())
}

fn key(arn: &str, instance_id: &str) -> (String, String) {
    (arn.to_owned(), instance_id.to_owned())
}

#[cfg(test)]
mod tests;
