use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::resource::auto_scaling_group::{Instance, Lifecycle, Settings};
use crate::resource::launch_template;

const ENDED: Timestamp = Timestamp::UNIX_EPOCH;

/// A template of which version 3 is wanted, and a group.
struct Others {
    template: AnyState,
    group: AnyState,
    settled: bool,
    swept: Timestamp,
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        Ok(node.to_string())
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.settled.then(|| node.to_string()).ok_or_else(|| node.clone())
    }

    fn state(&self, node: &NodeId) -> Option<&AnyState> {
        match node.to_string().as_str() {
            "launch-template" => Some(&self.template),
            "auto-scaling-group" => Some(&self.group),
            _ => None,
        }
    }

    fn swept(&self, _kind: Kind) -> Option<Timestamp> {
        Some(self.swept)
    }
}

fn version(number: i64) -> TemplateVersion {
    TemplateVersion {
        id: "launch-template".into(),
        number: Some(number),
    }
}

fn template() -> AnyState {
    let version = launch_template::Version {
        description: format!("{}x", launch_template::OURS),
        image_id: None,
    };
    AnyState::LaunchTemplate(launch_template::State {
        name: "web".into(),
        latest: 3,
        default: 1,
        history: Some(launch_template::History {
            latest: 3,
            versions: BTreeMap::from([(3, version)]),
        }),
    })
}

fn instance(number: i64, lifecycle: Lifecycle) -> Instance {
    Instance {
        id: format!("i-{number}"),
        instance_type: "t3.micro".into(),
        zone: "us-east-1a".into(),
        template: Some(version(number)),
        lifecycle,
        healthy: true,
    }
}

/// A group that launches from one version and has instances of these.
fn others(names: i64, instances: &[(i64, Lifecycle)]) -> Others {
    let group = auto_scaling_group::State {
        name: "web".into(),
        launch: Launch {
            template: Some(version(names)),
            mixed: None,
        },
        settings: Settings {
            min: 1,
            max: 2,
            subnet_ids: BTreeSet::new(),
            load_balancer_health: false,
            grace_seconds: 300,
            termination_policies: Vec::new(),
            rebalance: true,
            max_lifetime_seconds: 0,
            warmup_seconds: Some(300),
        },
        desired: 1,
        target_group_arns: BTreeSet::new(),
        suspended: BTreeSet::new(),
        warm_pool: None,
        warm_pool_leaves: false,
        instances: instances
            .iter()
            .map(|(number, lifecycle)| instance(*number, *lifecycle))
            .collect(),
        last_activity: None,
    };
    Others {
        template: template(),
        group: AnyState::AutoScalingGroup(group),
        settled: true,
        swept: ENDED,
    }
}

fn spec() -> Spec {
    Spec {
        group: "auto-scaling-group".parse().unwrap(),
        launch_template: "launch-template".parse().unwrap(),
        mixed: None,
        automatic: true,
        preferences: Preferences {
            min_healthy: 90,
            max_healthy: None,
            warmup_seconds: None,
            checkpoints: None,
            auto_rollback: true,
            alarms: Vec::new(),
        },
    }
}

fn state(latest: Latest) -> State {
    State {
        latest: Some(latest),
        ..State::bare("web")
    }
}

/// A refresh that leads to this version.
fn refresh(number: i64, status: Status) -> State {
    state(Latest::Refresh(Refresh {
        id: "r-1".into(),
        status,
        percentage: 40,
        template: Some(version(number)),
        reason: Some("because".into()),
        ended: (!status.is_running()).then_some(ENDED),
    }))
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
            Finding::Underway(what) => format!("under way: {what}"),
            Finding::Failed(problem) => format!("failed: {problem}"),
        })
        .collect()
}

const STARTS: [&str; 1] = ["roll out version 3"];
const NOTHING: [&str; 0] = [];

#[test]
fn nothing_is_done_while_all_instances_are_of_the_wanted_version() {
    for latest in [
        Latest::Never,
        refresh(3, Status::Failed).latest.unwrap(),
        refresh(2, Status::Cancelled).latest.unwrap(),
    ] {
        let others = others(
            3,
            &[
                (3, Lifecycle::InService),
                (1, Lifecycle::Terminating),
                (1, Lifecycle::Aside),
            ],
        );
        assert_eq!(findings(&spec(), &state(latest), &others), NOTHING);
    }
}

#[test]
fn another_version_is_rolled_out_whether_the_group_or_an_instance_is_behind() {
    for others in [
        others(2, &[]),
        others(2, &[(2, Lifecycle::InService)]),
        others(3, &[(3, Lifecycle::InService), (2, Lifecycle::InService)]),
        others(3, &[(2, Lifecycle::Pending)]),
    ] {
        assert_eq!(findings(&spec(), &state(Latest::Never), &others), STARTS);
        assert_eq!(
            findings(&spec(), &refresh(2, Status::RollbackSuccessful), &others),
            STARTS
        );
    }
}

#[test]
fn nothing_is_started_before_the_template_and_the_last_refresh_are_known() {
    let mut others = others(2, &[(2, Lifecycle::InService)]);
    others.settled = false;
    assert_eq!(
        findings(&spec(), &state(Latest::Never), &others),
        ["wait for launch-template"]
    );
    assert!(State::bare("web").lacks_details());
    assert!(!state(Latest::Never).lacks_details());
}

#[test]
fn one_that_is_under_way_is_waited_for_if_it_leads_there_and_given_up_if_not() {
    let others = others(1, &[(1, Lifecycle::InService)]);
    for (number, status, expected) in [
        (
            3,
            Status::Pending,
            "under way: the rollout of version 3 is about to start",
        ),
        (
            3,
            Status::InProgress,
            "under way: the rollout of version 3 has replaced 40 % of the instances",
        ),
        (2, Status::Pending, "cancel the rollout"),
        (2, Status::InProgress, "cancel the rollout"),
        (2, Status::Baking, "cancel the rollout"),
        (
            2,
            Status::Cancelling,
            "under way: the rollout of version 2 is being given up",
        ),
        (
            2,
            Status::RollbackInProgress,
            "under way: the rollout of version 2 has failed and is being rolled back",
        ),
    ] {
        assert_eq!(findings(&spec(), &refresh(number, status), &others), [expected]);
    }
}

#[test]
fn one_of_somebody_that_names_no_version_leads_where_the_group_is() {
    let nameless = |mut state: State| {
        if let Some(Latest::Refresh(refresh)) = &mut state.latest {
            refresh.template = None;
        }
        state
    };
    let running = nameless(refresh(0, Status::InProgress));
    assert_eq!(findings(&spec(), &running, &others(1, &[])), ["cancel the rollout"]);
    assert_eq!(
        findings(&spec(), &running, &others(3, &[])),
        ["under way: the rollout of the group's version has replaced 40 % of the instances"]
    );
}

#[test]
fn a_rollout_that_failed_is_not_tried_again() {
    let others = others(2, &[(2, Lifecycle::InService)]);
    for (status, word) in [
        (Status::Failed, "has failed at 40 %"),
        (Status::RollbackSuccessful, "has failed and was rolled back"),
        (Status::RollbackFailed, "has failed, and so has rolling it back"),
        (Status::Cancelled, "was cancelled"),
    ] {
        let problem = format!(
            "failed: the rollout of version 3 {word}: because; another change of what instances are launched with is tried"
        );
        assert_eq!(findings(&spec(), &refresh(3, status), &others), [problem]);
    }
}

#[test]
fn a_group_that_was_looked_at_before_a_rollout_ended_is_looked_at_again() {
    let mut others = others(2, &[(2, Lifecycle::InService)]);
    let done = refresh(3, Status::Successful);
    assert_eq!(
        findings(&spec(), &done, &others),
        ["under way: the group is about to show version 3"]
    );
    others.swept = after(ENDED, LATE);
    assert_eq!(
        findings(&spec(), &done, &others),
        STARTS,
        "somebody has changed it back"
    );
}

#[test]
fn a_manual_rollout_starts_and_cancels_nothing() {
    let spec = Spec {
        automatic: false,
        ..spec()
    };
    let others = others(2, &[(2, Lifecycle::InService)]);
    assert_eq!(findings(&spec, &state(Latest::Never), &others), NOTHING);
    assert_eq!(findings(&spec, &refresh(3, Status::Failed), &others), NOTHING);
    assert!(findings(&spec, &refresh(2, Status::InProgress), &others)[0].starts_with("under way"));
}

#[test]
fn instances_of_a_type_that_is_not_wanted_are_replaced_once_the_group_launches_others() {
    let mixed = |types: &[&str]| {
        Some(Mixed {
            types: types.iter().map(|word| (*word).to_owned()).collect(),
            on_demand_base: 0,
            on_demand_percent: 100,
            on_demand_strategy: None,
            spot_strategy: None,
        })
    };
    let spec = Spec {
        mixed: mixed(&["c5.large", "c6i.large"]),
        ..spec()
    };
    let mut others = others(3, &[(3, Lifecycle::InService)]);
    assert_eq!(
        findings(&spec, &state(Latest::Never), &others),
        ["wait for auto-scaling-group"]
    );
    if let AnyState::AutoScalingGroup(group) = &mut others.group {
        group.launch.mixed.clone_from(&spec.mixed);
    }
    assert_eq!(findings(&spec, &state(Latest::Never), &others), STARTS);
}

#[test]
fn a_change_shows_in_the_state() {
    let mut shown = state(Latest::Never);
    assert_eq!(shown.progress(), None);
    let others = others(2, &[]);
    let Some(Finding::Change(start)) = spec().compare(&shown, &others).pop() else {
        panic!("it starts");
    };
    let reply = Reply {
        part_id: Some("r-1".into()),
    };
    shown.fold(&start, &reply);
    assert_eq!(shown.progress().as_deref(), Some("0%"));
    assert!(shown.is_underway());
    assert!(findings(&spec(), &shown, &others)[0].starts_with("under way"));
    shown.fold(&Change::Cancel, &Reply::default());
    assert_eq!(shown.running().unwrap().status, Status::Cancelling);
}

#[test]
fn what_only_a_read_shows_outlasts_a_sweep() {
    let mut bare = State::bare("web");
    bare.keep_details(&refresh(3, Status::InProgress));
    assert_eq!(bare, refresh(3, Status::InProgress));
    assert_eq!(group_of(&id_of("web")), "web");
}
