use super::*;

/// Everything is there under its own name.
struct All;

impl Refs for All {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        Ok(node.to_string())
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

fn spec() -> Spec {
    Spec {
        name: "web".into(),
        vpc: "vpc".parse().unwrap(),
        port: 8080,
        protocol: Protocol::Http,
        version: Version::Http1,
        health_check: HealthCheck {
            protocol: Protocol::Http,
            port: None,
            path: "/health".into(),
            codes: "200-399".into(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
        },
        attributes: Attributes {
            deregistration_delay_seconds: 60,
            slow_start_seconds: 30,
            stickiness: Some(Stickiness {
                duration_seconds: 600,
                cookie_name: None,
            }),
            algorithm: Algorithm::RoundRobin,
        },
        healthy: 2,
    }
}

fn target(id: &str, health: Health, reason: Option<&str>) -> Target {
    Target {
        id: id.into(),
        health,
        reason: reason.map(str::to_owned),
    }
}

/// As it is once all is done, with these targets.
fn state(targets: Vec<Target>) -> State {
    let attributes = spec().attributes;
    State {
        details: Some(Details { attributes, targets }),
        ..State::new(&spec().create(&All).unwrap())
    }
}

fn healthy(count: usize) -> Vec<Target> {
    let ids = (0..count).map(|index| format!("i-{index}"));
    ids.map(|id| target(&id, Health::Healthy, None)).collect()
}

fn findings(spec: &Spec, state: &State) -> Vec<String> {
    let found = spec.compare(state, &All).into_iter();
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
fn one_with_enough_healthy_targets_needs_nothing() {
    for count in [2, 3] {
        assert_eq!(findings(&spec(), &state(healthy(count))), Vec::<String>::new());
    }
    let none = Spec { healthy: 0, ..spec() };
    assert_eq!(findings(&none, &state(Vec::new())), Vec::<String>::new());
}

#[test]
fn too_few_healthy_targets_are_named_with_the_reason_and_nothing_is_written() {
    let broken = state(vec![
        target("i-0", Health::Healthy, None),
        target("i-1", Health::Unhealthy, Some("Target.ResponseCodeMismatch")),
        target("i-2", Health::Draining, Some("Target.DeregistrationInProgress")),
    ]);
    assert_eq!(
        findings(&spec(), &broken),
        ["1 of 2 targets are healthy: i-1 unhealthy (Target.ResponseCodeMismatch)"]
    );
    assert_eq!(findings(&spec(), &state(Vec::new())), ["0 of 2 targets are healthy"]);
    let many = (0..5).map(|index| target(&format!("i-{index}"), Health::Initial, None));
    assert_eq!(
        findings(&spec(), &state(many.collect())),
        ["0 of 2 targets are healthy: i-0 initial, i-1 initial, i-2 initial and 2 more"]
    );
}

#[test]
fn a_new_target_group_gets_the_attributes_that_differ_in_one_call() {
    let new = State::new(&spec().create(&All).unwrap());
    assert_eq!(
        findings(&Spec { healthy: 0, ..spec() }, &new),
        ["deregistration delay 60 s, slow start 30 s, stickiness 600 s"]
    );
}

#[test]
fn another_health_check_takes_one_call() {
    let mut other = state(healthy(2));
    other.health_check.path = "/".into();
    other.health_check.port = Some(9090);
    assert_eq!(
        findings(&spec(), &other),
        ["health check HTTP/health answers 200-399 within 5 s, every 15 s, 2 times well, 3 times not"]
    );
}

#[test]
fn one_in_another_vpc_cannot_be_changed() {
    let elsewhere = State {
        vpc_id: "vpc-other".into(),
        ..state(healthy(2))
    };
    assert_eq!(findings(&spec(), &elsewhere), ["network"]);
}

#[test]
fn what_is_not_known_is_asked_for_and_kept() {
    let known = state(healthy(2));
    let mut swept = State {
        details: None,
        ..known.clone()
    };
    assert!(swept.lacks_details());
    assert_eq!(findings(&spec(), &swept), Vec::<String>::new());
    swept.keep_details(&known);
    assert_eq!(swept, known);
}

#[test]
fn a_target_that_is_about_to_change_is_looked_at_again_soon() {
    let with = |health| state(vec![target("i-1", health, None)]);
    for health in [
        Health::Initial,
        Health::Unhealthy,
        Health::Draining,
        Health::Unavailable,
    ] {
        assert!(with(health).is_underway(), "{health}");
    }
    assert!(!with(Health::Healthy).is_underway());
    let mut unused = with(Health::Unused);
    assert!(!unused.is_underway());
    unused.load_balancer_arns = vec!["arn".into()];
    assert!(unused.is_underway());
}

#[test]
fn targets_finish_their_requests_before_it_is_deleted() {
    let draining = |count: usize| {
        let targets = (0..count).map(|index| target(&format!("i-{index}"), Health::Draining, None));
        state(targets.chain(healthy(1)).collect()).lingers()
    };
    assert_eq!(draining(0), None);
    assert_eq!(draining(1).unwrap(), "1 target finishes its requests");
    assert_eq!(draining(2).unwrap(), "2 targets finish their requests");
}

#[test]
fn a_change_shows_in_the_state() {
    let mut state = self::state(healthy(2));
    state.health_check.codes = "200".into();
    state.details = Some(Details {
        attributes: Attributes {
            algorithm: Algorithm::PlainRandom,
            ..Attributes::default()
        },
        targets: healthy(2),
    });
    for finding in spec().compare(&state.clone(), &All) {
        match finding {
            Finding::Change(change) => state.fold(&change, &Reply::default()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(state, self::state(healthy(2)));
}
