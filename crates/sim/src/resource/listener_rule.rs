//! Which requests a listener sends where.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::listener::Protocol;
use hastack_core::resource::listener_rule::{Change, Conditions, Create, Forward, Modification, State};
use hastack_core::resource::target_group::Version;

use super::target_group::{balancers, check_health};
use super::{Names, Refusal, Simulated};
use crate::world::World;

/// The most rules of a load balancer, values of a rule, and target groups of one.
const MOST_RULES: usize = 100;
const MOST_VALUES: usize = 5;
const MOST_TARGET_GROUPS: usize = 5;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateRule",
        describe: "DescribeRules",
        delete: "DeleteRule",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Modify(_) => "ModifyRule",
            Change::SetPriority(_) => "SetRulePriorities",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            listener_arn,
            priority,
            conditions,
            target_group_arn,
        } = create;
        world.must_exist(listener_arn)?;
        check_priority(world, listener_arn, *priority)?;
        check_conditions(conditions)?;
        check_target_group(world, listener_arn, target_group_arn)?;
        let balancer = balancer_of(world, listener_arn);
        let rules = world.states().filter(|state| match state {
            AnyState::ListenerRule(rule) => balancer_of(world, &rule.listener_arn) == balancer,
            _ => false,
        });
        if rules.count() >= MOST_RULES {
            let message = "The maximum number of rules has been reached".to_owned();
            return Err((ErrorKind::Quota, "TooManyRules", message));
        }
        Ok(Self::new(create))
    }

    fn created(&self, world: &mut World, _id: &str) {
        check_health(world);
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::SetPriority(priority) => check_priority(world, &self.listener_arn, *priority),
            Change::Modify(Modification { conditions, forwards }) => {
                conditions.iter().try_for_each(check_conditions)?;
                let forwards = forwards.as_deref().unwrap_or_default();
                if forwards.len() > MOST_TARGET_GROUPS {
                    let message = "A forward action has too many target groups".to_owned();
                    return Err((ErrorKind::Quota, "TooManyTargetGroups", message));
                }
                // Those it names are there as long as it does.
                let new = |forward: &&Forward| {
                    let arn = &forward.target_group_arn;
                    !self.forwards.iter().any(|is| is.target_group_arn == *arn)
                };
                let mut new = forwards.iter().filter(new);
                new.try_for_each(|forward| check_target_group(world, &self.listener_arn, &forward.target_group_arn))
            }
        }
    }

    fn holds(&self, id: &str) -> bool {
        // Its listener takes it along.
        self.forwards.iter().any(|forward| forward.target_group_arn == id)
    }

    fn gone(&self, world: &mut World, _id: &str) {
        check_health(world);
    }
}

fn balancer_of<'a>(world: &'a World, listener_arn: &str) -> Option<&'a str> {
    match world.state(listener_arn) {
        Some(AnyState::Listener(listener)) => Some(&listener.load_balancer_arn),
        Some(_) | None => None,
    }
}

fn check_priority(world: &World, listener_arn: &str, priority: u16) -> Result<(), Refusal> {
    let taken = world.states().any(|state| {
        matches!(state, AnyState::ListenerRule(other) if other.listener_arn == listener_arn && other.priority == priority)
    });
    if taken {
        let message = format!("Priority '{priority}' is currently in use");
        return Err((ErrorKind::AlreadyExists, "PriorityInUse", message));
    }
    Ok(())
}

fn check_conditions(conditions: &Conditions) -> Result<(), Refusal> {
    let Conditions {
        hosts,
        paths,
        methods,
        headers,
        others,
    } = conditions;
    let headers = headers.iter().map(|header| header.values.len()).sum::<usize>();
    let values = hosts.len() + paths.len() + methods.len() + headers + others.len();
    if (1..=MOST_VALUES).contains(&values) {
        return Ok(());
    }
    let message = format!("A rule has 1 to {MOST_VALUES} condition values, not {values}");
    Err((ErrorKind::Invalid, "ValidationError", message))
}

/// A target group is one load balancer's, and what it speaks is carried by the listener.
fn check_target_group(world: &World, listener_arn: &str, arn: &str) -> Result<(), Refusal> {
    world.must_exist(arn)?;
    let here = balancer_of(world, listener_arn);
    if balancers(world, arn).iter().any(|other| Some(other.as_str()) != here) {
        let message = format!("The target group {arn} is associated with another load balancer");
        return Err((ErrorKind::Invalid, "TargetGroupAssociationLimit", message));
    }
    match (world.state(listener_arn), world.state(arn)) {
        (Some(AnyState::Listener(listener)), Some(AnyState::TargetGroup(group)))
            if listener.protocol == Protocol::Http && group.version != Version::Http1 =>
        {
            let message = format!(
                "Listener protocol 'HTTP' is not supported with a target group with the protocol-version '{}'",
                group.version
            );
            Err((ErrorKind::Invalid, "InvalidConfigurationRequest", message))
        }
        (_, _) => Ok(()),
    }
}
