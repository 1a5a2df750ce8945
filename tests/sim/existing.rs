//! A VPC that exists already is used and left as it is.

use std::time::Duration;

use hastack_core::object::{Object, Phase};
use hastack_core::resource::{State, subnet, vpc};
use hastack_core::tag::Tags;
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

fn stage(vpc_of_subnet: &str) -> Stage {
    let mut stack = stack("");
    stack.spec.network = serde_yaml_ng::from_str(
        "existing: {vpcId: vpc-0a, publicSubnetIds: [subnet-0a], privateSubnetIds: [subnet-0b]}",
    )
    .unwrap();
    let stage = Stage::new([stack]);
    let object = |id: &str, state| Object {
        id: id.into(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state,
    };
    let subnet = |zone: &str, vpc: &str| {
        State::Subnet(subnet::State {
            vpc_id: vpc.into(),
            zone: zone.into(),
            cidr: "10.9.0.0/24".into(),
            assign_public_addresses: false,
        })
    };
    stage.sim.place(object(
        "vpc-0a",
        State::Vpc(vpc::State {
            cidr: "10.9.0.0/16".into(),
            dns_hostnames: Some(false),
        }),
    ));
    stage.sim.place(object("subnet-0a", subnet("us-east-1a", "vpc-0a")));
    stage
        .sim
        .place(object("subnet-0b", subnet("us-east-1b", vpc_of_subnet)));
    stage
}

#[test]
fn an_existing_network_is_ready_without_a_write_and_outlasts_the_stack() {
    let mut stage = stage("vpc-0a");
    assert!(stage.converge(), "{}", stage.plan());
    let status = stage.stack().status.unwrap();
    let network = status.network.as_ref().unwrap();
    assert_eq!(network.vpc_id.as_deref(), Some("vpc-0a"));
    assert_eq!(network.private_subnet_ids["us-east-1b"], "subnet-0b");
    assert_eq!(status.progress.as_deref(), Some("3/3"));
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(!stage.sim.calls().iter().any(|call| call.write));
    assert_eq!(stage.sim.objects().len(), 3);
}

#[test]
fn an_existing_network_that_is_missing_is_named_and_found_when_it_comes_back() {
    let mut stage = stage("vpc-0a");
    let subnet = stage
        .sim
        .objects()
        .into_iter()
        .find(|object| object.id == "subnet-0b")
        .unwrap();
    stage.sim.vanish("subnet-0b");
    stage.rest(Duration::from_mins(5));
    assert!(
        stage.message("Stalled").contains("subnet-0b does not exist"),
        "{}",
        stage.message("Stalled")
    );
    stage.sim.place(subnet);
    stage.rest(Duration::from_mins(5));
    assert!(stage.is("Ready"), "{}", stage.plan());
}

#[test]
fn an_existing_subnet_of_another_vpc_is_refused() {
    let mut stage = stage("vpc-0b");
    stage.rest(Duration::from_mins(5));
    assert!(
        stage
            .message("Stalled")
            .contains("subnet-0b is in vpc-0b, not in vpc-0a"),
        "{}",
        stage.message("Stalled")
    );
}
