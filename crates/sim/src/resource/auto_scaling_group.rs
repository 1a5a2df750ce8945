//! A group of instances that AWS keeps at a size.

mod fleet;
mod launch;

use std::collections::BTreeSet;
use std::time::Duration;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::resource::auto_scaling_group::{Change, Create, Instance, Lifecycle, Settings, State, Update};
use hastack_core::resource::group_part::node;
use hastack_core::resource::instance_refresh::{self, Latest};
use hastack_core::resource::{Shown, State as AnyState};
use hastack_core::tag::tags_of_part;

use super::{Life, Names, Refusal, Simulated, target_group};
use crate::world::World;

pub(crate) use fleet::{Work, keep_fleets, start};

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateAutoScalingGroup",
        describe: "DescribeAutoScalingGroups",
        delete: "DeleteAutoScalingGroup",
    };
    const LIFE: Life = Life {
        deleting: Duration::from_secs(40),
        ..Life::AT_ONCE
    };
    const DETAILS: &'static [&'static str] = &["DescribeScalingActivities"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Update(_) => "UpdateAutoScalingGroup",
            Change::Desired(_) => "SetDesiredCapacity",
            Change::AttachTargetGroups(_) => "AttachLoadBalancerTargetGroups",
            Change::DetachTargetGroups(_) => "DetachLoadBalancerTargetGroups",
            Change::Suspend(_) => "SuspendProcesses",
            Change::Resume(_) => "ResumeProcesses",
            Change::PutWarmPool(_) => "PutWarmPool",
            Change::DeleteWarmPool => "DeleteWarmPool",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            name,
            launch,
            settings,
            desired,
            target_group_arns,
            hooks: _,
        } = create;
        if world.must_exist(name).is_ok() {
            let message =
                format!("AutoScalingGroup by this name already exists - A group with the name {name} already exists");
            return Err((ErrorKind::AlreadyExists, "AlreadyExists", message));
        }
        check_settings(world, settings)?;
        check_desired(settings, *desired)?;
        target_group_arns.iter().try_for_each(|arn| world.must_exist(arn))?;
        launch::data(world, launch.template.as_ref()).map_err(invalid)?;
        Ok(Self::new(create))
    }

    /// What became of the last activity is looked at only where something is amiss.
    fn details(&self) -> &'static [&'static str] {
        if self.is_underway() { Self::DETAILS } else { &[] }
    }

    fn own_id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn ordered(create: &Create, world: &mut World, id: &str) {
        let whole = world.things.get(id).map(|thing| thing.object.tags.clone());
        for hook in create.parts() {
            let node = node(Kind::LifecycleHook, &hook.name);
            let tags = whole.as_ref().zip(node).map(|(tags, node)| tags_of_part(tags, &node));
            world.add(tags.unwrap_or_default(), AnyState::LifecycleHook(hook));
        }
    }

    fn created(&self, world: &mut World, id: &str) {
        let refresh = instance_refresh::State {
            group: id.to_owned(),
            latest: Some(Latest::Never),
        };
        world.add_untagged(AnyState::InstanceRefresh(refresh));
        fleet::keep(world, id);
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Update(update) => check_update(world, self, update),
            Change::Desired(number) => check_desired(&self.settings, *number),
            Change::AttachTargetGroups(arns) => arns.iter().try_for_each(|arn| world.must_exist(arn)),
            Change::PutWarmPool(_) if self.warm_pool_leaves => {
                let message = "The warm pool is pending deletion".to_owned();
                Err((ErrorKind::NotNow, "ValidationError", message))
            }
            Change::DeleteWarmPool if self.warm_pool.is_none() => {
                let message = "No warm pool found".to_owned();
                Err((ErrorKind::NotFound, "ValidationError", message))
            }
            Change::Suspend(words) | Change::Resume(words) if words.is_empty() => {
                Err(invalid("this would mean all processes".to_owned()))
            }
            Change::DetachTargetGroups(_)
            | Change::Suspend(_)
            | Change::Resume(_)
            | Change::PutWarmPool(_)
            | Change::DeleteWarmPool => Ok(()),
        }
    }

    fn changing(&self, world: &mut World, id: &str, change: &Change) -> Reply {
        let serving = || {
            self.instances
                .iter()
                .filter(|instance| instance.lifecycle == Lifecycle::InService)
        };
        match change {
            Change::AttachTargetGroups(arns) => {
                serving().for_each(|instance| register(world, arns, &instance.id));
            }
            Change::DetachTargetGroups(arns) => {
                serving().for_each(|instance| deregister(world, arns, &instance.id));
            }
            Change::DeleteWarmPool => fleet::let_warm_pool_go(world, id),
            Change::Update(_)
            | Change::Desired(_)
            | Change::Suspend(_)
            | Change::Resume(_)
            | Change::PutWarmPool(_) => {}
        }
        Reply::default()
    }

    fn holds(&self, _id: &str) -> bool {
        // Its instances' network interfaces keep subnets and security groups.
        false
    }

    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        if self.warm_pool.is_some() || self.warm_pool_leaves {
            let message = "You cannot delete an AutoScalingGroup while there are instances in the warm pool".to_owned();
            return Err((ErrorKind::InUse, "ResourceInUse", message));
        }
        Ok(())
    }

    fn gone(&self, world: &mut World, id: &str) {
        for Instance { id: instance, .. } in &self.instances {
            deregister(world, &self.target_group_arns, instance);
            launch::take_away(world, instance);
        }
        world.things.remove(&instance_refresh::id_of(id));
        world.work.remove(id);
    }

    fn hide(&mut self) {
        self.last_activity = None;
    }
}

/// Puts an instance into target groups.
fn register(world: &mut World, arns: &BTreeSet<String>, instance: &str) {
    for arn in arns {
        target_group::register(world, arn, instance);
    }
}

/// Takes an instance out of target groups.
fn deregister(world: &mut World, arns: &BTreeSet<String>, instance: &str) {
    for arn in arns {
        target_group::deregister(world, arn, instance);
    }
}

fn invalid(message: String) -> Refusal {
    (ErrorKind::Invalid, "ValidationError", message)
}

fn check_settings(world: &World, settings: &Settings) -> Result<(), Refusal> {
    settings.subnet_ids.iter().try_for_each(|id| world.must_exist(id))?;
    if settings.min > settings.max {
        return Err(invalid("Min bound greater than max bound".to_owned()));
    }
    Ok(())
}

fn check_desired(settings: &Settings, desired: u32) -> Result<(), Refusal> {
    let Settings { min, max, .. } = settings;
    if desired < *min || desired > *max {
        return Err(invalid(format!(
            "Desired capacity {desired} is not between {min} and {max}"
        )));
    }
    Ok(())
}

fn check_update(world: &World, group: &State, update: &Update) -> Result<(), Refusal> {
    let mut after = group.clone();
    {
        after.fold(&Change::Update(Box::new(update.clone())), &Reply::default());
    }
    check_settings(world, &after.settings)?;
    let Some(launch) = &update.launch else { return Ok(()) };
    if fleet::is_rolling(world, group) {
        let message = "An active instance refresh with a desired configuration exists".to_owned();
        return Err((ErrorKind::NotNow, "ValidationError", message));
    }
    launch::data(world, launch.template.as_ref()).map_err(invalid)?;
    Ok(())
}

#[cfg(test)]
mod tests;
