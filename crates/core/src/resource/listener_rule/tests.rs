use std::collections::BTreeMap;

use super::*;
use crate::resource::subnet;
use crate::resource::target_group::{self, Attributes, Details, Health, Target};

/// Others, each under its own name, as AWS shows them.
#[derive(Default)]
struct Others {
    missing: Vec<&'static str>,
    unsettled: Vec<&'static str>,
    states: BTreeMap<String, AnyState>,
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        let name = node.to_string();
        if self.missing.contains(&name.as_str()) {
            return Err(node.clone());
        }
        Ok(name)
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        let name = self.usable(node)?;
        if self.unsettled.contains(&name.as_str()) {
            return Err(node.clone());
        }
        Ok(name)
    }

    fn state(&self, node: &NodeId) -> Option<&AnyState> {
        self.states.get(&node.to_string())
    }
}

const NEW: &str = "target-group/new";
const OLD: &str = "target-group/old";
const GROUP: &str = "auto-scaling-group";

fn paths(path: &str) -> Conditions {
    Conditions {
        paths: vec![path.into()],
        ..Conditions::default()
    }
}

fn spec() -> Spec {
    Spec {
        listener: "listener/https".parse().unwrap(),
        place: Place {
            priority: 20,
            parking: 45_000,
            contested: BTreeSet::from([10]),
        },
        siblings: vec!["listener-rule/https/2".parse().unwrap()],
        conditions: paths("/*"),
        target_group: NEW.parse().unwrap(),
        group: GROUP.parse().unwrap(),
    }
}

fn to(forwards: &[(&str, u16)]) -> State {
    let forward = |(arn, weight): &(&str, u16)| Forward {
        target_group_arn: (*arn).to_owned(),
        weight: *weight,
    };
    State {
        forwards: forwards.iter().map(forward).collect(),
        ..State::new(&spec().create(&Others::default()).unwrap())
    }
}

/// A group that registers its instances in these target groups, as far as a rule can tell.
fn group_of(arns: &[&str]) -> AnyState {
    AnyState::Subnet(subnet::State {
        vpc_id: arns.first().map(ToString::to_string).unwrap_or_default(),
        cidr: String::new(),
        zone: String::new(),
        assign_public_addresses: false,
    })
}

fn targets(health: &[Health]) -> AnyState {
    let target = |health: &Health| Target {
        id: "i-1".into(),
        health: *health,
        reason: None,
    };
    AnyState::TargetGroup(target_group::State {
        name: String::new(),
        vpc_id: String::new(),
        port: 80,
        protocol: target_group::Protocol::Http,
        version: target_group::Version::Http1,
        health_check: target_group::HealthCheck {
            protocol: target_group::Protocol::Http,
            port: None,
            path: "/".into(),
            codes: "200".into(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
        load_balancer_arns: Vec::new(),
        details: Some(Details {
            attributes: Attributes::default(),
            targets: health.iter().map(target).collect(),
        }),
    })
}

/// The group registers its instances in the new target group, in which they are so.
fn attached(health: &[Health]) -> Others {
    Others {
        states: BTreeMap::from([(GROUP.to_owned(), group_of(&[NEW])), (NEW.to_owned(), targets(health))]),
        ..Others::default()
    }
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
            Finding::Underway(text) | Finding::Failed(text) => text,
        })
        .collect()
}

#[test]
fn one_that_is_as_wanted_needs_nothing_whatever_its_only_weight_is() {
    for weight in [1, 100] {
        assert_eq!(
            findings(&spec(), &to(&[(NEW, weight)]), &Others::default()),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_new_rule_sends_all_requests_to_its_target_group() {
    let create = spec().create(&Others::default()).unwrap();
    assert_eq!(State::new(&create).forwards, [Forward::all(NEW)]);
    for missing in ["listener/https", NEW] {
        let others = Others {
            missing: vec![missing],
            ..Others::default()
        };
        assert_eq!(spec().create(&others).unwrap_err().to_string(), missing);
    }
}

#[test]
fn another_target_group_takes_over_once_it_serves() {
    let others = Others::default();
    assert_eq!(
        findings(&spec(), &to(&[(OLD, 1)]), &others),
        ["to target-group/old, target-group/new without requests"]
    );
    let both = to(&[(OLD, 1), (NEW, 0)]);
    let unsettled = Others {
        unsettled: vec![NEW],
        ..attached(&[Health::Healthy])
    };
    assert_eq!(findings(&spec(), &both, &unsettled), ["wait for target-group/new"]);
    assert_eq!(findings(&spec(), &both, &others), ["wait for auto-scaling-group"]);
    for health in [Health::Initial, Health::Unused] {
        assert_eq!(
            findings(&spec(), &both, &attached(&[health])),
            ["wait for target-group/new"]
        );
    }
    for health in [
        &[][..],
        &[Health::Healthy],
        &[Health::Healthy, Health::Unused],
        &[Health::Unhealthy],
    ] {
        assert_eq!(findings(&spec(), &both, &attached(health)), ["to target-group/new"]);
    }
}

#[test]
fn nobody_is_waited_for_where_nothing_serves() {
    for forwards in [&[][..], &[(OLD, 0)], &[(OLD, 0), (NEW, 0)], &[(NEW, 0)]] {
        assert_eq!(
            findings(&spec(), &to(forwards), &Others::default()),
            ["to target-group/new"]
        );
    }
}

#[test]
fn what_somebody_has_added_is_taken_away_and_whoever_serves_goes_on() {
    let strange = |forwards| State {
        other: Some("authenticate-oidc".into()),
        ..to(forwards)
    };
    assert_eq!(
        findings(&spec(), &strange(&[(NEW, 1)]), &Others::default()),
        ["to target-group/new"]
    );
    assert_eq!(
        findings(&spec(), &strange(&[(OLD, 1), (NEW, 0)]), &Others::default()),
        ["to target-group/old, target-group/new without requests"]
    );
}

#[test]
fn a_rule_names_no_more_target_groups_than_aws_takes() {
    let many = to(&[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]);
    assert_eq!(
        findings(&spec(), &many, &Others::default()),
        ["to a, b, c, d, target-group/new without requests"]
    );
}

#[test]
fn conditions_and_target_group_take_one_call() {
    let other = State {
        conditions: paths("/old/*"),
        ..to(&[])
    };
    assert_eq!(
        findings(&spec(), &other, &Others::default()),
        ["path /* to target-group/new"]
    );
}

#[test]
fn a_rule_whose_priority_another_one_wants_makes_way_first() {
    let at = |priority| State {
        priority,
        ..to(&[(NEW, 1)])
    };
    let others = Others::default();
    assert_eq!(findings(&spec(), &at(30), &others), ["priority 20"]);
    assert_eq!(findings(&spec(), &at(10), &others), ["priority 45000"]);
    assert_eq!(findings(&spec(), &at(45_000), &others), ["priority 20"]);
}

#[test]
fn a_rule_waits_for_another_one_of_its_owner_to_make_way() {
    let sibling = |listener: &str| {
        let mut sibling = to(&[(NEW, 1)]);
        sibling.listener_arn = listener.into();
        Others {
            states: BTreeMap::from([("listener-rule/https/2".to_owned(), AnyState::ListenerRule(sibling))]),
            ..Others::default()
        }
    };
    let moved = State {
        priority: 30,
        ..to(&[(NEW, 1)])
    };
    let here = sibling("listener/https");
    assert_eq!(findings(&spec(), &moved, &here), ["wait for listener-rule/https/2"]);
    assert_eq!(spec().create(&here).unwrap_err().to_string(), "listener-rule/https/2");
    assert_eq!(findings(&spec(), &moved, &sibling("listener/http")), ["priority 20"]);
}

#[test]
fn a_rule_of_another_listener_is_made_anew() {
    let elsewhere = State {
        listener_arn: "listener/http".into(),
        ..to(&[(NEW, 1)])
    };
    assert_eq!(findings(&spec(), &elsewhere, &Others::default()), ["loadBalancer"]);
}

#[test]
fn a_change_shows_in_the_state() {
    let mut state = State {
        priority: 30,
        conditions: paths("/old/*"),
        other: Some("redirect".into()),
        ..to(&[])
    };
    for finding in spec().compare(&state.clone(), &Others::default()) {
        match finding {
            Finding::Change(change) => state.fold(&change, &Reply::default()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(state, to(&[(NEW, 1)]));
}

#[test]
fn a_rule_keeps_its_listener_and_every_target_group_it_names() {
    assert_eq!(to(&[(OLD, 1), (NEW, 0)]).uses(), ["listener/https", OLD, NEW]);
}

#[test]
fn conditions_that_mean_the_same_are_equal() {
    let conditions = |hosts: [&str; 2], header: &str, values: [&str; 2]| {
        Conditions {
            hosts: hosts.map(str::to_owned).into(),
            headers: vec![Header {
                name: header.into(),
                values: values.map(str::to_owned).into(),
            }],
            ..Conditions::default()
        }
        .canonical()
    };
    assert_eq!(
        conditions(["B.example.com", "a.example.com"], "X-Team", ["b", "a"]),
        conditions(["a.example.com", "b.example.com"], "x-team", ["a", "b"])
    );
    assert_eq!(
        conditions(["b.example.com", "a.example.com"], "X-Team", ["b", "a"]).to_string(),
        "host a.example.com or b.example.com, x-team a or b"
    );
}
