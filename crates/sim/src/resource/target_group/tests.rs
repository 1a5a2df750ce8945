use hastack_core::resource::listener::{self, Action, Protocol as Speaks};
use hastack_core::resource::listener_rule::{self, Conditions, Forward};
use hastack_core::resource::target_group::{HealthCheck, Protocol, Version};
use hastack_core::resource::vpc;
use hastack_core::tag::Tags;
use hastack_core::timing::Clock;

use super::*;

/// An account with a listener and a target group.
struct Account {
    sim: Sim,
    listener: String,
    group: String,
}

impl Account {
    fn new() -> Self {
        let sim = Sim::new();
        let mut world = sim.world();
        let mut add = |state| world.add(Tags::new(), state).id;
        add(AnyState::Vpc(vpc::State {
            cidr: "10.0.0.0/16".into(),
            dns_hostnames: None,
        }));
        let listener = add(AnyState::Listener(listener::State::new(&listener::Create {
            load_balancer_arn: "load-balancer".into(),
            port: 80,
            protocol: Speaks::Http,
            certificate_arn: None,
            policy: None,
            default_action: Action::NotFound,
        })));
        let group = add(AnyState::TargetGroup(State::new(&create("web"))));
        drop(world);
        Self { sim, listener, group }
    }

    /// Sends all requests to the target group.
    fn route(&self) -> String {
        let rule = listener_rule::State::new(&listener_rule::Create {
            listener_arn: self.listener.clone(),
            priority: 1,
            conditions: Conditions {
                paths: vec!["/*".into()],
                ..Conditions::default()
            },
            target_group_arn: self.group.clone(),
        });
        let mut world = self.sim.world();
        let rule = world.add(Tags::new(), AnyState::ListenerRule(rule)).id;
        check_health(&mut world);
        rule
    }

    fn wait(&self, seconds: u64) {
        let then = after(self.sim.now(), Duration::from_secs(seconds));
        self.sim.advance_to(then);
    }

    fn health(&self) -> Vec<Health> {
        let mut world = self.sim.world();
        let targets = targets(&mut world, &self.group).unwrap();
        targets.iter().map(|target| target.health).collect()
    }
}

fn create(name: &str) -> Create {
    Create {
        name: name.into(),
        vpc_id: "vpc-0001".into(),
        port: 80,
        protocol: Protocol::Http,
        version: Version::Http1,
        health_check: HealthCheck {
            protocol: Protocol::Http,
            port: None,
            path: "/".into(),
            codes: "200".into(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
    }
}

#[test]
fn a_target_is_unused_then_initial_then_healthy() {
    let account = Account::new();
    register(&mut account.sim.world(), &account.group, "i-1");
    assert_eq!(account.health(), [Health::Unused]);
    account.route();
    assert_eq!(account.health(), [Health::Initial]);
    account.wait(10);
    assert_eq!(account.health(), [Health::Healthy]);
    account.sim.fail_health_checks("i-1", true);
    account.wait(1);
    assert_eq!(account.health(), [Health::Unhealthy]);
    account.sim.fail_health_checks("i-1", false);
    account.wait(1);
    assert_eq!(account.health(), [Health::Healthy]);
}

#[test]
fn a_target_that_is_taken_out_finishes_its_requests() {
    let account = Account::new();
    account.route();
    register(&mut account.sim.world(), &account.group, "i-1");
    account.wait(10);
    deregister(&mut account.sim.world(), &account.group, "i-1");
    assert_eq!(account.health(), [Health::Draining]);
    account.wait(299);
    assert_eq!(account.health(), [Health::Draining]);
    account.wait(1);
    assert_eq!(account.health(), []);
}

#[test]
fn a_target_without_requests_is_taken_out_at_once() {
    let account = Account::new();
    register(&mut account.sim.world(), &account.group, "i-1");
    deregister(&mut account.sim.world(), &account.group, "i-1");
    assert_eq!(account.health(), []);
}

#[test]
fn a_target_that_comes_back_while_it_drains_is_looked_at_anew() {
    let account = Account::new();
    account.route();
    register(&mut account.sim.world(), &account.group, "i-1");
    account.wait(10);
    deregister(&mut account.sim.world(), &account.group, "i-1");
    register(&mut account.sim.world(), &account.group, "i-1");
    assert_eq!(account.health(), [Health::Initial]);
}

#[test]
fn one_that_gets_no_requests_yet_is_looked_at_too() {
    let account = Account::new();
    let rule = account.route();
    account.sim.tamper(&rule, |object| match &mut object.state {
        AnyState::ListenerRule(rule) => rule.forwards = vec![Forward::all("other"), Forward::none(&account.group)],
        other => panic!("{other:?}"),
    });
    register(&mut account.sim.world(), &account.group, "i-1");
    account.wait(10);
    assert_eq!(account.health(), [Health::Healthy]);
}

#[test]
fn a_name_is_one_target_groups() {
    let account = Account::new();
    let world = account.sim.world();
    assert_eq!(
        State::create(&world, &create("web")).unwrap_err().1,
        "DuplicateTargetGroupName"
    );
    assert!(State::create(&world, &create("other")).is_ok());
}

#[test]
fn rules_go_with_their_listener_and_targets_are_unused_then() {
    let account = Account::new();
    let rule = account.route();
    register(&mut account.sim.world(), &account.group, "i-1");
    account.wait(10);
    account.sim.vanish(&account.listener);
    assert!(account.sim.objects().iter().all(|object| object.id != rule));
    assert_eq!(account.health(), [Health::Unused]);
}
