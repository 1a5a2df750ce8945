//! Changes of a service's Auto Scaling group. How many instances there are to be is for scaling to change.

use hastack_core::object::Object;
use hastack_core::resource::State;
use hastack_core::resource::auto_scaling_group::{self, TemplateVersion, WarmPool};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::AutoScalingGroup(group) => group_tampers(group),
        _ => Vec::new(),
    }
}

fn group_tampers(group: &auto_scaling_group::State) -> Vec<Tamper> {
    let mut tampers = settings_tampers();
    tampers.extend::<[Tamper; 6]>([
        ("another version", |object| {
            let template = &mut group_of(object).launch.template;
            if let Some(template) = template {
                template.number = Some(99);
            }
        }),
        ("the latest version", |object| {
            let template = &mut group_of(object).launch.template;
            if let Some(template) = template {
                template.number = None;
            }
        }),
        ("an instance of another version", |object| {
            if let Some(instance) = group_of(object).instances.first_mut() {
                instance.template = Some(TemplateVersion {
                    id: "lt-foreign".into(),
                    number: Some(1),
                });
            }
        }),
        ("a suspended process", |object| {
            group_of(object).suspended.insert("ReplaceUnhealthy".into());
        }),
        ("a target group", |object| {
            group_of(object).target_group_arns.insert("arn:foreign".into());
        }),
        ("a warm pool", |object| {
            group_of(object).warm_pool = Some(WarmPool {
                min: 3,
                max_prepared: Some(3),
                state: "Running".into(),
                reuse: true,
            });
        }),
    ]);
    if !group.suspended.is_empty() {
        tampers.push(("no suspended process", |object| group_of(object).suspended.clear()));
    }
    if !group.target_group_arns.is_empty() {
        tampers.push(("no target group", |object| group_of(object).target_group_arns.clear()));
    }
    if group.warm_pool.is_some() {
        tampers.push(("no warm pool", |object| group_of(object).warm_pool = None));
    }
    if group.launch.mixed.is_some() {
        tampers.extend(mixed_tampers());
    }
    tampers
}

/// Changes of a group with several types.
fn mixed_tampers() -> [Tamper; 3] {
    [
        ("the types", |object| {
            let mixed = &mut group_of(object).launch.mixed;
            if let Some(mixed) = mixed {
                mixed.types.push("m5.large".into());
            }
        }),
        ("spot instances", |object| {
            let mixed = &mut group_of(object).launch.mixed;
            if let Some(mixed) = mixed {
                mixed.on_demand_percent = 7;
            }
        }),
        ("no types", |object| group_of(object).launch.mixed = None),
    ]
}

fn settings_tampers() -> Vec<Tamper> {
    vec![
        ("the minimum", |object| group_of(object).settings.min = 0),
        ("the maximum", |object| group_of(object).settings.max += 5),
        ("the subnets", |object| {
            drop(group_of(object).settings.subnet_ids.pop_last());
        }),
        ("the health check", |object| {
            let settings = &mut group_of(object).settings;
            settings.load_balancer_health = !settings.load_balancer_health;
        }),
        ("the grace period", |object| group_of(object).settings.grace_seconds = 1),
        ("the termination policies", |object| {
            group_of(object).settings.termination_policies = vec!["NewestInstance".into()];
        }),
        ("capacity rebalancing", |object| {
            let settings = &mut group_of(object).settings;
            settings.rebalance = !settings.rebalance;
        }),
        ("the longest lifetime", |object| {
            group_of(object).settings.max_lifetime_seconds = 604_800;
        }),
        ("the warm-up", |object| group_of(object).settings.warmup_seconds = None),
    ]
}

fn group_of(object: &mut Object) -> &mut auto_scaling_group::State {
    match &mut object.state {
        State::AutoScalingGroup(group) => group,
        other => panic!("{other:?} is no Auto Scaling group"),
    }
}
