//! A service on a stack: built, scaled, rolled out, deleted.

use std::sync::Arc;
use std::time::Duration;

use hastack_api::AutoScaledService;
use hastack_core::resource::State;
use hastack_core::tag;
use hastack_tests::shape::{service, stack};
use hastack_tests::stage::Stage;

const GROUND: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}";

const WEB: &str = "image: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}\nport: 80\nrouting: {paths: [\"/*\"]}";

fn built(parts: &str) -> Stage {
    let mut stage = Stage::new([stack(GROUND)]);
    stage.add(service("web", parts));
    assert!(stage.converge(), "{}\n{:#?}", stage.plan(), plan(&stage));
    stage.rest(Duration::from_mins(5));
    stage
}

fn plan(stage: &Stage) -> Vec<String> {
    stage.service("web").status.unwrap_or_default().plan.clone()
}

fn status(stage: &Stage) -> hastack_api::AutoScaledServiceStatus {
    stage.service("web").status.unwrap()
}

#[test]
fn a_service_is_built_on_its_stack_and_says_how_healthy_it_is() {
    let stage = built(WEB);
    let status = status(&stage);
    assert_eq!(status.healthy.as_deref(), Some("2/2"));
    assert_eq!(status.replicas, Some(2));
    assert_eq!(status.rollout.unwrap().progress.as_deref(), Some("Done"));
    assert_eq!(stage.stack().status.unwrap().services.as_deref(), Some("1/1"));
}

#[test]
fn a_service_is_deleted_whole_and_its_stack_stays() {
    let mut stage = built(WEB);
    let ground = of(&stage, "HAStack");
    stage.delete_services();
    stage.rest(Duration::from_mins(30));
    assert!(stage.services.lock().unwrap().is_empty());
    assert_eq!(of(&stage, "AutoScaledService"), 0);
    assert_eq!(of(&stage, "HAStack"), ground);
}

/// How many resources there are of custom resources of a kind.
fn of(stage: &Stage, kind: &str) -> usize {
    let objects = stage.sim.objects();
    let owners = objects.iter().filter_map(|object| object.tags.get(tag::OWNER));
    owners.filter(|owner| owner.starts_with(kind)).count()
}

#[test]
fn other_user_data_replaces_every_instance() {
    let mut stage = built(WEB);
    let edit = |service: &mut AutoScaledService| service.spec.user_data = Some("#!/bin/sh\necho two\n".into());
    let before = instances(&stage);
    stage.edit_services(edit);
    assert!(stage.converge(), "{:#?}", plan(&stage));
    let after = instances(&stage);
    assert_eq!(after.len(), 2);
    assert!(after.iter().all(|id| !before.contains(id)), "{before:?} {after:?}");
    assert_eq!(status(&stage).rollout.unwrap().progress.as_deref(), Some("Done"));
}

fn instances(stage: &Stage) -> Vec<String> {
    let groups = stage.auto_scaling_groups().into_iter();
    groups
        .flat_map(|group| group.instances)
        .map(|instance| instance.id)
        .collect()
}

#[test]
fn the_number_of_instances_is_written_when_it_is_changed_and_left_to_scaling_else() {
    let mut stage = built(WEB);
    stage.edit_services(|service| service.spec.capacity.desired = Some(3));
    assert!(stage.converge(), "{:#?}", plan(&stage));
    stage.rest(Duration::from_mins(5));
    assert_eq!(status(&stage).replicas, Some(3));
    assert_eq!(status(&stage).applied_desired, Some(3));

    let name = stage.auto_scaling_groups()[0].name.clone();
    stage.sim.tamper(&name, |object| {
        if let State::AutoScalingGroup(group) = &mut object.state {
            group.desired = 4;
        }
    });
    stage.rest(Duration::from_mins(10));
    assert_eq!(status(&stage).replicas, Some(4), "scaling has its way");
}

#[test]
fn a_service_waits_for_a_stack_that_comes_later() {
    let mut stage = Stage::new([]);
    stage.add(service("web", WEB));
    stage.rest(Duration::from_mins(1));
    let conditions = status(&stage).conditions.clone();
    let stalled = conditions
        .iter()
        .find(|condition| condition.type_ == "Stalled")
        .unwrap();
    assert!(
        stalled.message.contains("there is no HAStack web"),
        "{}",
        stalled.message
    );
    assert!(stage.sim.objects().is_empty());
}

#[test]
fn the_first_instances_wait_for_the_hooks_of_their_group() {
    let mut stage = Stage::new([stack(GROUND)]);
    let hook = "lifecycleHooks: [{name: ready, transition: Launching, timeoutSeconds: 120}]";
    stage.add(service("web", &format!("{WEB}\n{hook}")));
    let sim = Arc::clone(&stage.sim);
    let has = |wanted: fn(&State) -> bool| sim.objects().iter().any(|object| wanted(&object.state));
    stage.run_until(|_| has(|state| matches!(state, State::AutoScalingGroup(_))));
    assert!(has(|state| matches!(state, State::LifecycleHook(_))));
    assert!(stage.converge(), "{:#?}", plan(&stage));
}
