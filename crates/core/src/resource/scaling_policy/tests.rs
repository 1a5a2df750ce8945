use super::*;
use crate::resource::State as AnyState;

const GROUP: &str = "auto-scaling-group";
const BALANCER: &str = "load-balancer";
const TARGETS: &str = "target-group/one";
const RULE: &str = "listener-rule/http/1";

/// Others of the owner, whose ids AWS gave; those that are missing are not there, and those that are unsettled not as wanted.
#[derive(Default)]
struct Others {
    missing: &'static [&'static str],
    unsettled: &'static [&'static str],
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        let arn = |end: &str| format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:{end}");
        match node.to_string().as_str() {
            name if self.missing.contains(&name) => Err(node.clone()),
            BALANCER => Ok(arn("loadbalancer/app/web/50dc6c495c0c9188")),
            TARGETS => Ok(arn("targetgroup/web/73e2d6bc24d8a067")),
            name => Ok(name.to_owned()),
        }
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        if self.unsettled.contains(&node.to_string().as_str()) {
            return Err(node.clone());
        }
        self.usable(node)
    }
}

const LABEL: &str = "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067";

fn spec(policy: Policy) -> Spec {
    Spec {
        group: GROUP.parse().unwrap(),
        name: "hastack-a".into(),
        policy,
        traffic: None,
    }
}

fn cpu(target: f64) -> Spec {
    spec(tracking(ScalingMetric::AverageCpu, target))
}

fn requests() -> Spec {
    Spec {
        traffic: Some(Traffic {
            load_balancer: BALANCER.parse().unwrap(),
            target_group: TARGETS.parse().unwrap(),
            rules: vec![RULE.parse().unwrap()],
        }),
        ..spec(tracking(ScalingMetric::RequestsPerTarget, 100.0))
    }
}

fn tracking(metric: ScalingMetric, target: f64) -> Policy {
    Policy::TargetTracking {
        metric: Metric::Predefined(metric),
        target,
        disable_scale_in: false,
        warmup_seconds: Some(300),
    }
}

fn steps() -> Policy {
    let step = |from, to, change| ScalingStep { from, to, change };
    Policy::Step {
        unit: StepUnit::Percent,
        steps: vec![step(Some(10.5), None, 20), step(None, Some(10.5), -10)],
        min_change: Some(2),
        statistic: StepStatistic::Maximum,
        warmup_seconds: None,
    }
    .in_order()
}

/// As it is once all is done.
fn state(spec: &Spec) -> State {
    State::new(&spec.create(&Others::default()).unwrap(), "arn:policy".into())
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn one_that_is_as_wanted_needs_nothing() {
    for spec in [cpu(0.1 + 0.2), requests(), self::spec(steps())] {
        assert_eq!(findings(&spec, &state(&spec), &Others::default()), Vec::<String>::new());
    }
}

#[test]
fn what_memory_keeps_of_it_reads_back_to_the_last_digit() {
    for spec in [cpu(0.1 + 0.2), cpu(1e15), requests(), self::spec(steps())] {
        let state = AnyState::ScalingPolicy(state(&spec));
        let kept = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<AnyState>(&kept).unwrap(), state, "{kept}");
    }
}

#[test]
fn it_waits_for_its_group() {
    let others = Others {
        missing: &[GROUP],
        ..Others::default()
    };
    assert_eq!(cpu(50.0).create(&others).unwrap_err().to_string(), GROUP);
}

#[test]
fn all_that_differs_takes_one_call() {
    let other = State {
        content: Content {
            policy: Policy::Other("SimpleScaling".into()),
            label: Some("whose".into()),
        },
        ..state(&cpu(50.0))
    };
    let changes = findings(&cpu(50.0), &other, &Others::default());
    assert_eq!(changes, ["AverageCPU near 50, warmup 300 s"]);
}

#[test]
fn one_that_was_disabled_is_put_again() {
    let mut state = state(&cpu(50.0));
    state.enabled = false;
    assert_eq!(
        findings(&cpu(50.0), &state, &Others::default()),
        ["AverageCPU near 50, warmup 300 s"]
    );
}

#[test]
fn requests_are_counted_once_they_are_sent() {
    let create = requests().create(&Others::default()).unwrap();
    assert_eq!(create.content.label.as_deref(), Some(LABEL));
    for node in [BALANCER, TARGETS] {
        let missing = if node == BALANCER { &[BALANCER] } else { &[TARGETS] };
        let others = Others {
            missing,
            ..Others::default()
        };
        assert_eq!(requests().create(&others).unwrap_err().to_string(), node);
    }
    let others = Others {
        unsettled: &[RULE],
        ..Others::default()
    };
    assert_eq!(requests().create(&others).unwrap_err().to_string(), RULE);
}

#[test]
fn requests_to_another_target_group_are_counted_once_they_are_sent_there() {
    let mut old = state(&requests());
    old.content.label = Some("app/web/50dc6c495c0c9188/targetgroup/old/1".into());
    let unsettled = Others {
        unsettled: &[RULE],
        ..Others::default()
    };
    assert_eq!(
        findings(&requests(), &old, &unsettled),
        ["wait for listener-rule/http/1"]
    );
    assert_eq!(
        findings(&requests(), &old, &Others::default()),
        [format!("RequestsPerTarget near 100, warmup 300 s of {LABEL}")]
    );
}

#[test]
fn a_rule_that_changes_does_not_hold_up_a_policy_whose_requests_stay() {
    let unsettled = Others {
        unsettled: &[RULE],
        ..Others::default()
    };
    let state = state(&requests());
    assert_eq!(findings(&requests(), &state, &unsettled), Vec::<String>::new());
}

#[test]
fn a_change_shows_in_the_state() {
    let wanted = spec(steps());
    let mut state = State {
        enabled: false,
        ..state(&cpu(50.0))
    };
    for finding in wanted.compare(&state.clone(), &Others::default()) {
        match finding {
            Finding::Change(change) => state.fold(&change, &Reply::default()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(state, self::state(&wanted));
}

#[test]
fn lists_have_an_order_of_their_own() {
    let dimension = |name: &str| MetricDimension {
        name: name.into(),
        value: "v".into(),
    };
    let custom = |dimensions: &[&str]| Policy::TargetTracking {
        metric: Metric::Custom(CustomMetric {
            namespace: "Shop".into(),
            name: "Depth".into(),
            dimensions: dimensions.iter().copied().map(dimension).collect(),
            statistic: MetricStatistic::Average,
            unit: None,
        }),
        target: 1.0,
        disable_scale_in: true,
        warmup_seconds: None,
    };
    assert_eq!(custom(&["b", "a"]).in_order(), custom(&["a", "b"]));
    assert_eq!(custom(&["a"]).to_string(), "Shop/Depth near 1, only growing");
    assert_eq!(
        steps().to_string(),
        "by steps of percent: -10 to 10.5, +20 from 10.5, at least 2"
    );
}
