use super::*;
use crate::desire::service::sample::{inputs, on, service, stack};

fn wanted(parts: &str) -> Result<(auto_scaling_group::Spec, instance_refresh::Spec), SpecError> {
    let mut spec = service("web", parts).spec;
    // The sample has one type.
    if spec.instance_types.is_some() {
        spec.instance_type = None;
    }
    let nodes = on(&stack("loadBalancer: {}"), |site| {
        desire(&spec, site, &inputs(), Some(2))
    })?;
    match (&nodes[&group()].spec, &nodes[&refresh()].spec) {
        (Spec::AutoScalingGroup(group), Spec::InstanceRefresh(refresh)) => Ok((group.clone(), refresh.clone())),
        (group, refresh) => panic!("{group} {refresh}"),
    }
}

fn group_of(parts: &str) -> auto_scaling_group::Spec {
    wanted(parts).unwrap().0
}

fn preferences_of(parts: &str) -> Preferences {
    wanted(parts).unwrap().1.preferences
}

#[test]
fn a_group_is_as_small_as_the_service_may_be_and_launches_what_the_template_says() {
    let group = group_of("");
    assert_eq!(group.to_string(), "1 to 2 instances");
    assert!(group.name.starts_with("web-auto-scaling-group-"), "{}", group.name);
    assert_eq!((group.mixed, group.warm_pool, group.desired), (None, None, None));
    assert_eq!((group.applied, group.max_lifetime_seconds), (Some(2), 0));
    assert_eq!(group.termination_policies, ["Default"]);
    assert_eq!((group.grace_seconds, group.warmup_seconds), (300, 300));
    assert!(group.rebalance && !group.takes_versions);
    assert_eq!(group.target_groups, [], "nothing is routed to it");
}

#[test]
fn several_types_and_spot_instances_are_a_mixture() {
    for (parts, expected) in [
        ("instanceTypes: [t3.micro]", "1 to 2 instances"),
        (
            "instanceTypes: [c6i.large, c5.large]",
            "1 to 2 instances of c6i.large, c5.large",
        ),
        ("spot: {percent: 50}", "1 to 2 instances of t3.micro with 50 % spot"),
        (
            "instanceTypes: [c6i.large, c5.large], spot: {percent: 30, baseCapacity: 1, strategy: LowestPrice}",
            "1 to 2 instances of c6i.large, c5.large with 30 % spot beyond 1",
        ),
    ] {
        assert_eq!(group_of(parts).to_string(), expected);
    }
    let mixed = group_of("spot: {percent: 30, strategy: LowestPrice}").mixed.unwrap();
    assert_eq!(mixed.on_demand_percent, 70);
    assert_eq!(mixed.spot_strategy.as_deref(), Some("lowest-price"));
}

#[test]
fn what_the_spec_says_is_in_the_group() {
    let group = group_of(
        "suspendedProcesses: [AZRebalance, Launch], terminationPolicies: [OldestInstance], warmPool: {min: 1, reuse: true}, healthCheck: {gracePeriodSeconds: 60}",
    );
    assert_eq!(group.suspended, ["AZRebalance".to_owned(), "Launch".to_owned()].into());
    assert_eq!(group.termination_policies, ["OldestInstance"]);
    assert_eq!(group.warm_pool.unwrap().to_string(), "Stopped, at least 1, taken back");
    assert_eq!((group.grace_seconds, group.warmup_seconds), (60, 60));
}

#[test]
fn a_rollout_takes_care_as_the_spec_says() {
    let rolling = preferences_of("");
    assert_eq!((rolling.min_healthy, rolling.max_healthy), (90, None));
    assert!(rolling.auto_rollback && rolling.checkpoints.is_none());
    let first = preferences_of("rollout: {strategy: LaunchBeforeTerminate}");
    assert_eq!((first.min_healthy, first.max_healthy), (100, Some(110)));
    let given = preferences_of("rollout: {strategy: LaunchBeforeTerminate, maxHealthyPercent: 150, warmupSeconds: 10}");
    assert_eq!((given.max_healthy, given.warmup_seconds), (Some(150), Some(10)));
    let checkpoints = preferences_of("rollout: {checkpoints: {percentages: [50, 20]}}").checkpoints;
    assert_eq!(checkpoints.unwrap().percentages, [20, 50, 100]);
}

#[test]
fn a_manual_rollout_replaces_nothing_and_launches_new_ones_anew() {
    let (group, refresh) = wanted("rollout: {strategy: Manual}").unwrap();
    assert!(group.takes_versions && !refresh.automatic);
}

#[test]
fn what_aws_would_refuse_is_refused_before() {
    for (parts, expected) in [
        (
            "rollout: {minHealthyPercent: 50, maxHealthyPercent: 200}",
            "cannot combine rollout.maxHealthyPercent with so low a rollout.minHealthyPercent: AWS takes them at most 100 apart",
        ),
        (
            "rollout: {strategy: LaunchBeforeTerminate, maxHealthyPercent: 100}",
            "cannot combine rollout.maxHealthyPercent with rollout.strategy LaunchBeforeTerminate: with at most 100 percent there is no room for new instances",
        ),
    ] {
        assert_eq!(wanted(parts).unwrap_err().to_string(), expected);
    }
    assert!(
        wanted("rollout: {strategy: LaunchBeforeTerminate, minHealthyPercent: 50, maxHealthyPercent: 200}").is_ok()
    );
}
