use std::collections::BTreeMap;

use super::*;
use crate::resource::instance_refresh::{self, Latest, Refresh, Status};
use crate::resource::{launch_template, mount_target};

/// Others of the owner, each under its own name; of the template, this version is wanted.
struct Others {
    missing: &'static [&'static str],
    template: AnyState,
    refresh: Option<AnyState>,
    rule: Option<AnyState>,
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
        self.usable(node)
    }

    fn state(&self, node: &NodeId) -> Option<&AnyState> {
        match node.to_string().as_str() {
            "launch-template" => Some(&self.template),
            "instance-refresh" => self.refresh.as_ref(),
            "listener-rule/http/1" => self.rule.as_ref(),
            _ => None,
        }
    }
}

fn others(version: i64, missing: &'static [&'static str]) -> Others {
    let one = launch_template::Version {
        description: format!("{}x", launch_template::OURS),
        image_id: None,
    };
    Others {
        missing,
        template: AnyState::LaunchTemplate(launch_template::State {
            name: "web".into(),
            latest: version,
            default: 1,
            history: Some(launch_template::History {
                latest: version,
                versions: BTreeMap::from([(version, one)]),
            }),
        }),
        refresh: None,
        rule: None,
    }
}

fn nodes(names: &[&str]) -> Vec<NodeId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn hook() -> Hook {
    Hook {
        name: "hastack-warm".into(),
        content: lifecycle_hook::Content {
            transition: lifecycle_hook::LifecycleTransition::Launching,
            timeout_seconds: 300,
            default_result: lifecycle_hook::LifecycleResult::Abandon,
            metadata: None,
            notification: None,
        },
    }
}

fn spec() -> Spec {
    Spec {
        name: "web".into(),
        launch_template: "launch-template".parse().unwrap(),
        mixed: None,
        takes_versions: false,
        min: 2,
        max: 4,
        desired: Some(3),
        applied: None,
        subnets: nodes(&["subnet/private/a", "subnet/private/b"]),
        target_groups: nodes(&["target-group/new"]),
        rules: nodes(&["listener-rule/http/1"]),
        grace_seconds: 300,
        termination_policies: vec!["Default".into()],
        suspended: BTreeSet::new(),
        warm_pool: None,
        rebalance: true,
        max_lifetime_seconds: 0,
        warmup_seconds: 300,
        hooks: vec![hook()],
    }
}

fn mixed() -> Mixed {
    Mixed {
        types: vec!["c6i.large".into(), "c5.large".into()],
        on_demand_base: 0,
        on_demand_percent: 50,
        on_demand_strategy: Some("prioritized".into()),
        spot_strategy: Some("price-capacity-optimized".into()),
    }
}

fn pool() -> WarmPool {
    WarmPool {
        min: 1,
        max_prepared: None,
        state: "Stopped".into(),
        reuse: false,
    }
}

fn instance(healthy: bool, lifecycle: Lifecycle) -> Instance {
    Instance {
        id: "i-1".into(),
        instance_type: "t3.micro".into(),
        zone: "us-east-1a".into(),
        template: Some(TemplateVersion {
            id: "launch-template".into(),
            number: Some(1),
        }),
        lifecycle,
        healthy,
    }
}

/// As it is once all is done.
fn state(spec: &Spec) -> State {
    let mut state = State::new(&spec.create(&others(1, &[])).unwrap());
    state.suspended.clone_from(&spec.suspended);
    state.warm_pool.clone_from(&spec.warm_pool);
    state.instances = vec![instance(true, Lifecycle::InService); 3];
    state
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
            Finding::Underway(what) => format!("under way: {what}"),
            Finding::Failed(problem) => problem,
        })
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn one_that_is_as_wanted_needs_nothing() {
    for spec in [
        spec(),
        Spec {
            mixed: Some(mixed()),
            warm_pool: Some(pool()),
            suspended: set(&["Launch"]),
            ..spec()
        },
    ] {
        assert_eq!(findings(&spec, &state(&spec), &others(1, &[])), NOTHING);
    }
}

#[test]
fn it_is_created_with_all_that_the_call_takes_once_that_is_there() {
    let create = spec().create(&others(7, &[])).unwrap();
    assert_eq!(create.launch.template.unwrap().number, Some(7));
    assert_eq!(create.desired, 3);
    assert_eq!(create.target_group_arns, set(&["target-group/new"]));
    assert_eq!(create.hooks, [hook()]);
    assert!(create.settings.load_balancer_health);
    for missing in [&["launch-template"], &["subnet/private/b"], &["target-group/new"]] {
        let waits = spec().create(&others(1, missing)).unwrap_err();
        assert_eq!(waits.to_string(), missing[0]);
    }
    let alone = Spec {
        desired: None,
        target_groups: Vec::new(),
        ..spec()
    };
    let create = alone.create(&others(1, &[])).unwrap();
    assert_eq!(create.desired, 2);
    assert!(!create.settings.load_balancer_health);
}

#[test]
fn all_settings_that_differ_take_one_call() {
    let wanted = Spec {
        min: 1,
        max: 9,
        subnets: nodes(&["subnet/private/a"]),
        target_groups: Vec::new(),
        rules: Vec::new(),
        grace_seconds: 60,
        termination_policies: vec!["OldestInstance".into(), "Default".into()],
        rebalance: false,
        max_lifetime_seconds: 86_400,
        warmup_seconds: 60,
        mixed: Some(mixed()),
        ..spec()
    };
    assert_eq!(
        findings(&wanted, &state(&spec()), &others(1, &[])),
        [
            "min 1, max 9, subnets subnet/private/a, load balancer's health checks off, grace period 60 s, termination policies \
             OldestInstance Default, capacity rebalancing off, longest lifetime 86400 s, warm-up 60 s, launch version 1, types \
             c6i.large, c5.large with 50 % spot",
            "detach target-group/new"
        ]
    );
}

#[test]
fn a_new_version_is_brought_in_by_the_refresh_unless_there_is_none() {
    assert_eq!(findings(&spec(), &state(&spec()), &others(2, &[])), NOTHING);
    let manual = Spec {
        takes_versions: true,
        ..spec()
    };
    assert_eq!(
        findings(&manual, &state(&spec()), &others(2, &[])),
        ["launch version 2, the type of the launch template"]
    );
}

#[test]
fn one_that_launches_whichever_version_is_told_which() {
    let mut latest = state(&spec());
    latest.launch.template.as_mut().unwrap().number = None;
    assert_eq!(
        findings(&spec(), &latest, &others(2, &[])),
        ["launch version 2, the type of the launch template"]
    );
}

#[test]
fn the_types_change_at_the_version_there_is_but_not_back_to_one_that_says_none() {
    let several = Spec {
        mixed: Some(mixed()),
        ..spec()
    };
    assert_eq!(
        findings(&several, &state(&spec()), &others(2, &[])),
        ["launch version 1, types c6i.large, c5.large with 50 % spot"]
    );
    assert_eq!(
        findings(&spec(), &state(&several), &others(2, &[])),
        ["launch version 2, the type of the launch template"]
    );
}

#[test]
fn what_is_launched_does_not_change_while_instances_are_replaced() {
    let mut others = others(1, &[]);
    let several = Spec {
        mixed: Some(mixed()),
        min: 1,
        ..spec()
    };
    for (status, expected) in [
        (Status::InProgress, vec!["wait for instance-refresh", "min 1"]),
        (
            Status::Successful,
            vec!["min 1, launch version 1, types c6i.large, c5.large with 50 % spot"],
        ),
    ] {
        others.refresh = Some(AnyState::InstanceRefresh(instance_refresh::State {
            group: "web".into(),
            latest: Some(Latest::Refresh(Refresh {
                id: "r-1".into(),
                status,
                percentage: 0,
                template: None,
                reason: None,
                ended: None,
            })),
        }));
        assert_eq!(findings(&several, &state(&spec()), &others), expected);
    }
}

#[test]
fn the_desired_capacity_is_written_when_the_user_changes_it_and_left_alone_else() {
    let with = |desired, applied| Spec {
        desired,
        applied,
        ..spec()
    };
    let is = state(&spec());
    assert_eq!(is.desired, 3);
    for (desired, applied, expected) in [
        (Some(4), Some(3), Some("desired capacity 4")),
        (Some(4), None, Some("desired capacity 4")),
        (Some(4), Some(4), None),
        (Some(3), Some(2), None),
        (None, Some(4), None),
        // It is out of bounds as yet.
        (Some(5), Some(3), None),
    ] {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(
            findings(&with(desired, applied), &is, &others(1, &[])),
            expected,
            "{desired:?} {applied:?}"
        );
    }
}

#[test]
fn a_target_group_is_let_go_when_no_rule_sends_requests_to_it() {
    let mut old = state(&spec());
    old.target_group_arns = set(&["target-group/old"]);
    let mut others = others(1, &[]);
    assert_eq!(
        findings(&spec(), &old, &others),
        ["attach target-group/new", "detach target-group/old"]
    );
    others.rule = Some(user_of("target-group/old"));
    assert_eq!(
        findings(&spec(), &old, &others),
        ["attach target-group/new", "wait for listener-rule/http/1"]
    );
    others.missing = &["target-group/new"];
    assert_eq!(findings(&spec(), &old, &others), ["wait for target-group/new"]);
}

/// Something that uses this: what a rule says beside that does not matter.
fn user_of(arn: &str) -> AnyState {
    AnyState::MountTarget(mount_target::State {
        file_system_id: arn.to_owned(),
        subnet_id: String::new(),
        zone: String::new(),
        address: None,
        security_group_ids: None,
    })
}

#[test]
fn processes_are_suspended_and_resumed() {
    let mut is = state(&spec());
    is.suspended = set(&["Terminate"]);
    let wanted = Spec {
        suspended: set(&["AZRebalance", "Launch"]),
        ..spec()
    };
    assert_eq!(
        findings(&wanted, &is, &others(1, &[])),
        ["suspend AZRebalance Launch", "resume Terminate"]
    );
}

#[test]
fn a_warm_pool_comes_changes_and_goes_first() {
    let warm = Spec {
        warm_pool: Some(pool()),
        ..spec()
    };
    let mut is = state(&spec());
    assert_eq!(findings(&warm, &is, &others(1, &[])), ["warm pool Stopped, at least 1"]);
    is.warm_pool = Some(WarmPool { min: 2, ..pool() });
    assert_eq!(findings(&warm, &is, &others(1, &[])), ["warm pool Stopped, at least 1"]);
    assert_eq!(findings(&spec(), &is, &others(1, &[])), ["delete the warm pool"]);
    let teardown = is.teardown().unwrap();
    is.fold(&teardown, &Reply::default());
    assert_eq!((is.teardown(), is.lingers().is_some()), (None, true));
    assert_eq!(
        findings(&warm, &is, &others(1, &[])),
        ["under way: its warm pool is being deleted"]
    );
}

#[test]
fn it_is_not_as_wanted_while_too_few_are_in_service() {
    let mut is = state(&spec());
    is.instances = vec![
        instance(true, Lifecycle::InService),
        instance(false, Lifecycle::InService),
    ];
    assert!(is.is_underway());
    let too_few = "under way: 1 of 2 instances are in service";
    assert_eq!(findings(&spec(), &is, &others(1, &[])), [too_few]);
    is.last_activity = Some(Activity::Failed("no capacity".into()));
    assert_eq!(
        findings(&spec(), &is, &others(1, &[])),
        [format!("{too_few}; the last attempt failed: no capacity")]
    );
    is.instances.push(instance(true, Lifecycle::InService));
    assert_eq!(
        findings(&spec(), &is, &others(1, &[])),
        NOTHING,
        "a third one is beyond what must be"
    );
    assert!(!is.is_underway() && !is.lacks_details());
    is.instances = vec![instance(true, Lifecycle::InService)];
    is.desired = 1;
    let applied = Spec {
        applied: Some(3),
        ..spec()
    };
    assert_eq!(
        findings(&applied, &is, &others(1, &[])),
        NOTHING,
        "scaling has its reason"
    );
}

#[test]
fn what_the_last_attempt_came_to_is_remembered_while_it_matters() {
    let mut earlier = state(&spec());
    earlier.last_activity = Some(Activity::Failed("no capacity".into()));
    let mut now = state(&spec());
    now.keep_details(&earlier);
    assert_eq!(now.last_activity, None);
    now.instances.clear();
    now.keep_details(&earlier);
    assert_eq!(now.last_activity, earlier.last_activity);
    now.last_activity = Some(Activity::Well);
    now.keep_details(&earlier);
    assert_eq!(now.last_activity, Some(Activity::Well));
}

#[test]
fn a_change_shows_in_the_state() {
    let wanted = Spec {
        min: 4,
        max: 9,
        desired: Some(5),
        mixed: Some(mixed()),
        warm_pool: Some(pool()),
        suspended: set(&["Launch"]),
        target_groups: nodes(&["target-group/other"]),
        ..spec()
    };
    let mut is = state(&spec());
    for _ in 0..2 {
        for finding in wanted.compare(&is.clone(), &others(1, &[])) {
            match finding {
                Finding::Change(change) => is.fold(&change, &Reply::default()),
                Finding::Underway(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let instances = is.instances.clone();
    assert_eq!(
        is,
        State {
            instances,
            ..state(&wanted)
        }
    );
}

#[test]
fn the_desired_capacity_moves_along_with_the_bounds() {
    let mut is = state(&spec());
    let update = |min, max| {
        Change::Update(Box::new(Update {
            min,
            max,
            ..Update::default()
        }))
    };
    is.fold(&update(Some(4), None), &Reply::default());
    assert_eq!(is.desired, 4);
    is.fold(&update(Some(1), Some(2)), &Reply::default());
    assert_eq!(is.desired, 2);
}

#[test]
fn it_uses_what_outlasts_it() {
    let is = state(&spec());
    let uses = [
        "launch-template",
        "subnet/private/a",
        "subnet/private/b",
        "target-group/new",
    ];
    assert_eq!(is.uses(), uses);
    assert_eq!(is.versions(), BTreeSet::from([1]));
}
