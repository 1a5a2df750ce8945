//! Requests to a service: the way to its instances, other ways, and other services beside it.

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use hastack_api::AutoScaledService;
use hastack_api::service::routing::RoutingSpec;
use hastack_core::object::Object;
use hastack_core::resource::{State, listener_rule, target_group};
use hastack_sim::Sim;
use hastack_tests::shape::{service, stack};
use hastack_tests::stage::Stage;
use hastack_tests::tamper::tampers;

const GROUND: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}";

fn parts(routing: &str) -> String {
    format!(
        "image: {{id: ami-0123456789abcdef0}}\ninstanceType: t3.micro\ncapacity: {{min: 2, max: 4}}\nport: 80\nrouting: {{{routing}}}"
    )
}

/// Services on a stack at rest, by name and routing, and no call counted.
fn built(services: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new([stack(GROUND)]);
    for (name, routing) in services {
        stage.add(service(name, &parts(routing)));
    }
    stage.settle();
    stage.rest(Duration::from_mins(15));
    stage.sim.inject(Vec::new());
    stage
}

fn route(stage: &Stage, edit: impl Fn(&str, &mut RoutingSpec)) {
    stage.edit_services(|service| {
        let name = service.metadata.name.clone().unwrap();
        edit(&name, service.spec.routing.as_mut().unwrap());
    });
}

fn groups(sim: &Sim) -> Vec<(String, target_group::State)> {
    let objects = sim.objects().into_iter();
    let groups = objects.filter_map(|Object { id, state, .. }| match state {
        State::TargetGroup(group) => Some((id, group)),
        _ => None,
    });
    groups.collect()
}

fn rules(sim: &Sim) -> Vec<listener_rule::State> {
    let objects = sim.objects().into_iter();
    let rules = objects.filter_map(|object| match object.state {
        State::ListenerRule(rule) => Some(rule),
        _ => None,
    });
    rules.collect()
}

/// Whether each rule sends requests to some instance that answers, and to no other.
fn all_serve(sim: &Sim) -> bool {
    let groups = groups(sim);
    let healthy = |forward: &&listener_rule::Forward| {
        let mut groups = groups.iter().filter(|(id, _)| *id == forward.target_group_arn);
        groups.any(|(_, group)| group.healthy() > 0)
    };
    rules(sim).iter().all(|rule| {
        let mut taken = rule.forwards.iter().filter(|forward| forward.weight > 0).peekable();
        taken.peek().is_some() && taken.all(|forward| healthy(&forward))
    })
}

#[test]
fn another_target_group_takes_over_without_a_request_that_nobody_answers() {
    let mut stage = built(&[("web", "paths: ['/*']")]);
    let before = groups(&stage.sim);
    route(&stage, |_, routing| {
        routing.protocol = serde_yaml_ng::from_str("HTTPS").unwrap();
    });
    let sim = Arc::clone(&stage.sim);
    let settled = stage.run_until(|_| {
        assert!(all_serve(&sim), "{:#?}\n{:#?}", rules(&sim), groups(&sim));
        let groups = groups(&sim);
        groups.len() == 1 && groups[0].0 != before[0].0
    });
    assert!(settled, "{:#?}", stage.service("web").status.unwrap().plan);
    stage.settle();
    let mut writes = stage.writes();
    writes.sort_unstable();
    assert_eq!(
        writes,
        [
            "AttachLoadBalancerTargetGroups",
            "CreateTargetGroup",
            "DeleteTargetGroup",
            "DetachLoadBalancerTargetGroups",
            "ModifyRule",
            "ModifyRule",
            "ModifyTargetGroupAttributes",
        ]
    );
}

#[test]
fn a_target_group_that_nobody_is_healthy_in_does_not_take_over() {
    let mut stage = built(&[("web", "paths: ['/*']")]);
    // Else new ones would take their place and be healthy.
    stage.edit_services(|service| {
        service.spec.suspended_processes = serde_yaml_ng::from_str("[ReplaceUnhealthy]").unwrap();
    });
    stage.settle();
    for instance in groups(&stage.sim)[0].1.targets() {
        stage.sim.fail_health_checks(&instance.id, true);
    }
    route(&stage, |_, routing| {
        routing.protocol = serde_yaml_ng::from_str("HTTPS").unwrap();
    });
    stage.rest(Duration::from_mins(15));
    let rule = &rules(&stage.sim)[0];
    assert_eq!(rule.forwards.iter().filter(|forward| forward.weight > 0).count(), 1);
    assert_eq!(rule.forwards.len(), 2, "{rule:?}");
    let status = stage.service("web").status.unwrap();
    assert!(
        status
            .plan
            .iter()
            .any(|line| line.contains("0 of 2 targets are healthy")),
        "{:#?}",
        status.plan
    );
}

#[test]
fn a_given_name_does_not_keep_another_target_group_from_taking_over() {
    let mut stage = built(&[("web", "paths: ['/*']")]);
    stage.edit_services(|service| service.spec.target_group_name = Some("shop".into()));
    stage.settle();
    assert_eq!(groups(&stage.sim)[0].1.name, "shop");
    stage.edit_services(|service| service.spec.port = Some(8080));
    stage.settle();
    stage.rest(Duration::from_mins(15));
    let groups = groups(&stage.sim);
    assert_eq!(groups.len(), 1);
    assert!(groups[0].1.name.starts_with("shop-"), "{}", groups[0].1.name);
    assert_eq!(groups[0].1.port, 8080);
}

/// A change of a spec, and the calls it takes.
type Case<'a> = (fn(&mut AutoScaledService), &'a [&'a str]);

#[test]
fn what_can_be_changed_takes_one_call_and_no_other() {
    let cases: [Case<'_>; 6] = [
        (
            |service| service.spec.health_check.path = Some("/health".into()),
            &["ModifyTargetGroup"],
        ),
        (
            |service| service.spec.routing.as_mut().unwrap().slow_start_seconds = 30,
            &["ModifyTargetGroupAttributes"],
        ),
        (
            |service| service.spec.routing.as_mut().unwrap().hosts = Some(vec!["a.example.com".into()]),
            &["ModifyRule", "SetRulePriorities"],
        ),
        (
            |service| service.spec.routing.as_mut().unwrap().priority = Some(7),
            &["SetRulePriorities"],
        ),
        (
            |service| {
                service.spec.routing.as_mut().unwrap().paths = Some(["/a", "/b", "/c", "/d"].map(str::to_owned).into());
            },
            &["CreateRule", "ModifyRule", "SetRulePriorities"],
        ),
        (
            |service| service.spec.routing = None,
            &[
                "DeleteRule",
                "DeleteTargetGroup",
                "DetachLoadBalancerTargetGroups",
                "RevokeSecurityGroupIngress",
                "UpdateAutoScalingGroup",
            ],
        ),
    ];
    for (edit, wanted) in cases {
        let mut stage = built(&[("web", "paths: ['/*']")]);
        stage.edit_services(edit);
        stage.settle();
        stage.rest(Duration::from_mins(15));
        let mut writes = stage.writes();
        writes.sort_unstable();
        assert_eq!(writes, wanted);
    }
}

#[test]
fn two_services_can_change_places() {
    let mut stage = built(&[
        ("a", "paths: [/a/*], priority: 10"),
        ("b", "paths: [/b/*], priority: 20"),
    ]);
    route(&stage, |name, routing| {
        routing.priority = Some(if name == "a" { 20 } else { 10 });
    });
    stage.wake();
    stage.settle();
    let priorities: BTreeSet<_> = rules(&stage.sim)
        .iter()
        .map(|rule| (rule.conditions.to_string(), rule.priority))
        .collect();
    let wanted = [("path /a/*".to_owned(), 20), ("path /b/*".to_owned(), 10)];
    assert_eq!(priorities, BTreeSet::from(wanted));
}

#[test]
fn rules_of_one_service_can_move_up_by_one() {
    let many = (0..7).map(|index| format!("/{index}")).collect::<Vec<_>>().join(", ");
    let mut stage = built(&[("web", &format!("paths: [{many}], priority: 10"))]);
    for first in [11, 10] {
        route(&stage, |_, routing| routing.priority = Some(first));
        stage.settle();
        let priorities: BTreeSet<_> = rules(&stage.sim).iter().map(|rule| rule.priority).collect();
        assert_eq!(priorities, BTreeSet::from([first, first + 1, first + 2]));
    }
    let failed = stage.sim.calls().iter().filter(|call| call.failed).count();
    assert_eq!(failed, 0, "nothing was tried in vain");
}

#[test]
fn whatever_somebody_does_to_target_groups_and_rules_is_undone() {
    let stage = built(&[("web", "paths: ['/*']")]);
    let mut objects = stage.sim.objects();
    objects.retain(|object| matches!(object.state, State::TargetGroup(_) | State::ListenerRule(_)));
    for object in objects {
        for (what, tamper) in tampers(&object) {
            let mut stage = built(&[("web", "paths: ['/*']")]);
            stage.sim.tamper(&object.id, tamper);
            stage.rest(Duration::from_hours(7));
            let mut now = stage.sim.objects();
            now.retain(|other| other.id == object.id);
            assert_eq!(now, slice::from_ref(&object), "{what}");
        }
    }
}

#[test]
fn at_rest_the_health_of_targets_is_read_as_often_as_all_else_is_swept() {
    let mut stage = built(&[("web", "paths: ['/*']")]);
    stage.rest(Duration::from_mins(30));
    let calls = stage.sim.calls();
    let count = |action: &str| calls.iter().filter(|call| call.action == action).count();
    assert!(
        (25..=35).contains(&count("DescribeTargetHealth")),
        "{}",
        count("DescribeTargetHealth")
    );
    assert_eq!(calls.iter().filter(|call| call.write).count(), 0);
}

/// A target group as that of the service `web`, with another name, which is nobody's here.
fn foreign(name: &str) -> Object {
    let stage = built(&[("web", "paths: ['/*']")]);
    let mut objects = stage.sim.objects();
    objects.retain(|object| matches!(object.state, State::TargetGroup(_)));
    let mut object = objects.remove(0);
    object.id = "target-group-foreign".into();
    object.tags.clear();
    if let State::TargetGroup(group) = &mut object.state {
        group.name = name.into();
        group.load_balancer_arns.clear();
        group.details = Some(target_group::Details::default());
    }
    object
}

/// A service on a stack at rest whose target group is to have the name of this one.
fn beside(foreign: &Object) -> Stage {
    let mut stage = Stage::new([stack(GROUND)]);
    stage.settle();
    stage.sim.place(foreign.clone());
    stage.rest(Duration::from_mins(2));
    let mut service = service("web", &parts("paths: ['/*']"));
    service.spec.target_group_name = Some("shop".into());
    stage.add(service);
    stage.rest(Duration::from_mins(15));
    stage
}

/// Whoever sends requests or registers instances there.
fn users(sim: &Sim, arn: &str) -> Vec<String> {
    let mut objects = sim.objects();
    objects.retain(|object| object.state.uses().contains(&arn));
    objects.into_iter().map(|object| object.id).collect()
}

#[test]
fn a_target_group_of_somebody_else_is_never_taken_over() {
    let like = foreign("shop");
    let mut unlike = like.clone();
    if let State::TargetGroup(group) = &mut unlike.state {
        group.port = 8080;
    }
    for foreign in [like, unlike] {
        let mut stage = beside(&foreign);
        let named = |objects: Vec<Object>| objects.into_iter().find(|object| object.id == foreign.id);
        assert_eq!(named(stage.sim.objects()), Some(foreign.clone()));
        assert_eq!(users(&stage.sim, &foreign.id), [""; 0]);
        let status = stage.service("web").status.unwrap();
        let mut conditions = status.common.conditions.iter();
        let ready = conditions.find(|condition| condition.type_ == "RoutingReady").unwrap();
        assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "Conflict"));
        assert!(
            ready.message.contains("target group \"shop\" is somebody else's"),
            "{}",
            ready.message
        );

        stage.sim.vanish(&foreign.id);
        stage.settle();
        assert_eq!(groups(&stage.sim).len(), 1);
        assert_eq!(groups(&stage.sim)[0].1.name, "shop");
    }
}

#[test]
fn two_services_that_want_one_name_do_not_share_a_target_group() {
    let mut stage = built(&[("a", "paths: [/a/*]"), ("b", "paths: [/b/*]")]);
    stage.edit_services(|service| service.spec.target_group_name = Some("shop".into()));
    stage.rest(Duration::from_mins(30));
    let named: Vec<_> = groups(&stage.sim)
        .into_iter()
        .filter(|(_, group)| group.name == "shop")
        .collect();
    assert_eq!(named.len(), 1);
    assert_eq!(users(&stage.sim, &named[0].0).len(), 2, "a group and a rule");
    let refused = ["a", "b"].map(|name| stage.service(name).status.unwrap().plan.join("\n"));
    let refused = refused.iter().filter(|plan| plan.contains("is somebody else's"));
    assert_eq!(refused.count(), 1);
}

#[test]
fn a_priority_stays_with_the_older_service_and_only_the_younger_one_is_refused() {
    let aged = |name: &str, since: &str| {
        let mut service = service(name, &parts("paths: ['/*'], priority: 10"));
        service.metadata.creation_timestamp = serde_yaml_ng::from_str(since).unwrap();
        service
    };
    let mut stage = Stage::new([stack(GROUND)]);
    stage.add(aged("web", "2026-01-01T00:00:00Z"));
    stage.settle();
    stage.add(aged("api", "2026-01-02T00:00:00Z"));
    for _ in 0..2 {
        stage.wake();
        stage.rest(Duration::from_mins(15));
        let says = |name: &str, word: &str| {
            let status = stage.service(name).status.unwrap();
            let mut conditions = status.common.conditions.into_iter();
            conditions
                .find(|condition| condition.type_ == word)
                .map(|condition| condition.message)
                .unwrap_or_default()
        };
        assert!(
            says("api", "Stalled").contains("api and web both take it"),
            "{}",
            says("api", "Stalled")
        );
        assert!(says("web", "Ready").contains("as wanted"), "{}", says("web", "Ready"));
        assert_eq!(rules(&stage.sim).len(), 1);
        stage.restart();
    }
    route(&stage, |name, routing| {
        routing.priority = Some(if name == "web" { 10 } else { 9 });
    });
    stage.settle();
    assert_eq!(rules(&stage.sim).len(), 2);
}

#[test]
fn automatic_priorities_are_apart_and_outlast_a_restart() {
    let mut stage = built(&["a", "b", "c"].map(|name| (name, "paths: [/api/*]")));
    let before = rules(&stage.sim);
    let priorities: BTreeSet<_> = before.iter().map(|rule| rule.priority).collect();
    assert_eq!(priorities.len(), 3);
    for service in stage.services.lock().unwrap().values_mut() {
        service.status = None;
    }
    stage.restart();
    stage.settle();
    stage.rest(Duration::from_mins(30));
    assert_eq!(rules(&stage.sim), before);
    assert_eq!(stage.writes(), [""; 0]);
}
