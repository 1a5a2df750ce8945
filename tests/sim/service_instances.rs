//! What a service's instances start with: hooks that they wait for, and variables.

use std::collections::BTreeSet;
use std::time::Duration;

use hastack_core::resource::State;
use hastack_tests::shape::{service, stack};
use hastack_tests::stage::Stage;

const GROUND: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false";

const WORKERS: &str = "image: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}";

fn built(further: &str) -> Stage {
    let mut stage = Stage::new([stack(GROUND)]);
    stage.add(service("web", &format!("{WORKERS}\n{further}")));
    stage.settle();
    stage.rest(Duration::from_mins(15));
    stage
}

fn instances(stage: &Stage) -> BTreeSet<String> {
    let groups = stage.auto_scaling_groups().into_iter();
    groups
        .flat_map(|group| group.instances)
        .map(|instance| instance.id)
        .collect()
}

fn hooks(stage: &Stage) -> Vec<String> {
    let objects = stage.sim.objects().into_iter();
    let hooks = objects.filter_map(|object| match object.state {
        State::LifecycleHook(hook) => Some(hook.name),
        _ => None,
    });
    hooks.collect()
}

#[test]
fn the_first_instances_wait_for_the_lifecycle_hooks_too() {
    let mut stage = built(
        "lifecycleHooks:\n- {name: warm, transition: Launching, timeoutSeconds: 300}\n- {name: drain, transition: Terminating}",
    );
    let first = instances(&stage);
    assert_eq!(first.len(), 2);
    for instance in &first {
        assert_eq!(
            stage.sim.hooks_awaited(instance),
            BTreeSet::from(["hastack-warm".to_owned()])
        );
    }
    assert_eq!(hooks(&stage), ["hastack-drain", "hastack-warm"]);
    assert_eq!(stage.count("PutLifecycleHook"), 0, "they came with the group");

    stage.edit_services(|service| drop(service.spec.lifecycle_hooks.remove(0)));
    stage.settle();
    stage.rest(Duration::from_mins(15));
    assert_eq!(hooks(&stage), ["hastack-drain"]);
    assert_eq!(instances(&stage), first);
}

#[test]
fn a_hook_that_is_added_later_or_taken_away_is_put_there() {
    let mut stage = built("");
    stage.edit_services(|service| {
        service.spec.lifecycle_hooks =
            serde_yaml_ng::from_str("[{name: warm, transition: Launching, timeoutSeconds: 300}]").unwrap();
    });
    stage.settle();
    assert_eq!(hooks(&stage), ["hastack-warm"]);
    let hook = stage.sim.objects().into_iter();
    let hook = hook.map(|object| object.id).find(|id| id.ends_with("/hastack-warm"));
    stage.sim.vanish(&hook.unwrap());
    stage.rest(Duration::from_hours(7));
    assert_eq!(hooks(&stage), ["hastack-warm"]);
}

/// What is said of a variable that names a database which is not there.
const MISSING: &str = "cannot use environment HOST: HAStack web has no ManagedDatabase \"orders\"";

#[test]
fn a_variable_from_a_database_that_is_not_there_is_refused_by_its_name_and_all_else_stays() {
    let mut stage = built("");
    let (before, status) = (stage.sim.objects(), stage.service("web").status.unwrap());
    stage.edit_services(|service| {
        service.spec.environment =
            serde_yaml_ng::from_str("[{name: HOST, database: {name: orders, key: host}}]").unwrap();
    });
    stage.rest(Duration::from_hours(1));
    let refused = stage.service("web").status.unwrap();
    let stalled = refused.common.conditions.iter();
    let stalled: Vec<_> = stalled
        .filter(|condition| ["Ready", "Stalled"].contains(&condition.type_.as_str()))
        .map(|condition| condition.message.contains(MISSING))
        .collect();
    assert_eq!(stalled, [true, true], "{:#?}", refused.common.conditions);
    assert_eq!(stage.sim.objects(), before);
    assert_eq!(
        (refused.common.resources, refused.image, refused.healthy),
        (status.common.resources, status.image, status.healthy)
    );

    stage.edit_services(|service| service.spec.environment.clear());
    stage.settle();
    assert_eq!(stage.sim.objects(), before);
}
