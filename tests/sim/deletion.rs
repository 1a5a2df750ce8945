//! What keeps a stack from being deleted is named, and the deletion goes on when it is gone.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_core::object::{Object, Phase};
use hastack_core::resource::{State, foreign_security_group, network_interface};
use hastack_sim::Call;
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

fn built(shape: &str) -> Stage {
    let mut stage = Stage::new([stack(shape)]);
    assert!(stage.converge(), "{}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage
}

fn id_of(stage: &Stage, node: &str) -> String {
    let objects = stage.sim.objects();
    let found = objects
        .iter()
        .find(|object| object.tags.get("hastack.dev/id").is_some_and(|id| id == node));
    found.unwrap().id.clone()
}

/// Somebody's network interface in a subnet of the stack.
fn interface(stage: &Stage, subnet: &str, state: network_interface::State) -> Object {
    Object {
        id: "eni-1".into(),
        tags: BTreeMap::new(),
        phase: Phase::Ready,
        created: None,
        state: State::NetworkInterface(network_interface::State {
            vpc_id: id_of(stage, "vpc"),
            subnet_id: id_of(stage, subnet),
            ..state
        }),
    }
}

fn of_instance() -> network_interface::State {
    network_interface::State {
        vpc_id: String::new(),
        subnet_id: String::new(),
        group_ids: vec!["sg-foreign".into()],
        description: String::new(),
        in_use: true,
        managed: false,
        public: false,
        instance_id: Some("i-1".into()),
        fleet: None,
    }
}

const SHAPE_WITH_GROUP: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}";
const SHAPE: &str = "availabilityZones: 1\nnatGateways: Single\ndatabaseSubnets: false";

#[test]
fn somebodys_instance_in_a_subnet_is_named_and_the_deletion_goes_on_when_it_is_gone() {
    let mut stage = built(SHAPE);
    stage
        .sim
        .place(interface(&stage, "subnet/private/us-east-1a", of_instance()));
    stage.delete();
    stage.rest(Duration::from_mins(10));
    let message = stage.message("Stalled");
    assert!(stage.is("Stalled"), "{}", stage.plan());
    assert!(message.contains("eni-1 (instance i-1)"), "{message}");
    assert_eq!(stage.reason("Stalled"), "DeletionBlocked");
    assert!(
        !stage.sim.calls().iter().any(|call| call.failed),
        "no call fails: it is looked first"
    );

    stage.sim.vanish("eni-1");
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(stage.sim.objects().is_empty());
}

#[test]
fn an_interface_that_is_not_known_when_a_subnet_is_deleted_is_named_after_awss_refusal() {
    let mut stage = built("availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false");
    stage
        .sim
        .place(interface(&stage, "subnet/private/us-east-1a", of_instance()));
    stage.delete();
    stage.rest(Duration::from_mins(10));
    assert!(
        stage.message("Stalled").contains("eni-1 (instance i-1)"),
        "{}",
        stage.plan()
    );
}

#[test]
fn a_group_of_somebody_else_that_refers_to_ours_is_named() {
    let mut stage = built(SHAPE_WITH_GROUP);
    let group = Object {
        id: "sg-theirs".into(),
        tags: BTreeMap::new(),
        phase: Phase::Ready,
        created: None,
        state: State::ForeignSecurityGroup(foreign_security_group::State {
            name: "theirs".into(),
            refers_to: vec![id_of(&stage, "security-group/load-balancer")],
        }),
    };
    stage.sim.place(group);
    stage.delete();
    stage.rest(Duration::from_mins(30));
    let message = stage.message("Stalled");
    assert!(
        message.contains("the security group sg-theirs (theirs), whose rules refer to it"),
        "{message}"
    );
    stage.sim.vanish("sg-theirs");
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(stage.sim.objects().is_empty());
}

#[test]
fn an_interface_that_a_load_balancer_left_behind_is_taken_away() {
    let mut stage = built(SHAPE_WITH_GROUP);
    let left = network_interface::State {
        group_ids: vec![id_of(&stage, "security-group/load-balancer")],
        description: "ELB app/web/1".into(),
        in_use: false,
        instance_id: None,
        ..of_instance()
    };
    stage.sim.place(interface(&stage, "subnet/public/us-east-1a", left));
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(stage.sim.objects().is_empty());
    let removed = |call: &&Call| call.action == "DeleteNetworkInterface";
    assert_eq!(stage.sim.calls().iter().filter(removed).count(), 1);
}

#[test]
fn a_stack_is_kept_whole_while_others_refer_to_it() {
    let mut stage = built(SHAPE);
    let before = stage.sim.objects().len();
    stage.dependents = vec!["AutoScaledService/web".into(), "ManagedDatabase/orders".into()];
    stage.delete();
    stage.rest(Duration::from_mins(10));
    assert_eq!(stage.sim.objects().len(), before);
    assert_eq!(stage.reason("Ready"), "DeletionBlocked");
    let message = stage.message("Ready");
    assert!(
        message.contains("AutoScaledService/web, ManagedDatabase/orders"),
        "{message}"
    );

    stage.dependents.clear();
    stage.wake();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(stage.sim.objects().is_empty());
}
