//! A spec that cannot be met is refused with the field's name, and AWS is not called.

use std::time::Duration;

use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

/// Specs that pass admission at most by luck, and what is said of them.
const REFUSED: [(&str, &str); 7] = [
    ("zoneNames: [us-east-1z]", "network.zoneNames[0]"),
    ("availabilityZones: 9", "network.availabilityZones"),
    (
        "zoneNames: [us-east-1a]\ndatabaseSubnets: false\nsubnets: [{zone: us-east-1a, public: 10.0.0.0/24, private: 10.0.0.0/23}]",
        "network.subnets[0].private",
    ),
    (
        "zoneNames: [us-east-1a]\ndatabaseSubnets: false\nsubnets: [{zone: us-east-1a, public: 10.1.0.0/24, private: 10.0.0.0/24}]",
        "network.subnets[0].public",
    ),
    (
        "zoneNames: [us-east-1a]\nsubnets: [{zone: us-east-1a, public: 10.0.0.0/24, private: 10.0.1.0/24}]",
        "network.subnets[0].database",
    ),
    (
        "zoneNames: [us-east-1a]\ndatabaseSubnets: false\nsubnets: [{zone: us-east-1b, public: 10.0.0.0/24, private: 10.0.1.0/24}]",
        "network.subnets[0].zone",
    ),
    (
        "zoneNames: [us-east-1a]\ndatabaseSubnets: false\nsubnets: [{zone: us-east-1a, public: 10.0.0.0/33, private: 10.0.1.0/24}]",
        "network.subnets[0].public",
    ),
];

#[test]
fn a_spec_that_cannot_be_met_stalls_with_the_fields_name_and_without_a_write() {
    for (shape, field) in REFUSED {
        let mut stage = Stage::new([stack(shape)]);
        stage.rest(Duration::from_mins(5));
        assert!(stage.is("Stalled"), "{shape}");
        assert!(
            stage.message("Stalled").contains(field),
            "{shape}: {}",
            stage.message("Stalled")
        );
        assert!(!stage.sim.calls().iter().any(|call| call.write), "{shape}");
    }
}

#[test]
fn a_small_vpc_is_refused_unless_its_subnets_are_given() {
    let small = |subnets: &str| {
        let mut stack = stack(&format!("zoneNames: [us-east-1a]\ndatabaseSubnets: false{subnets}"));
        stack.spec.network.cidr = Some("10.0.0.0/24".into());
        let mut stage = Stage::new([stack]);
        stage.rest(Duration::from_mins(5));
        stage
    };
    let refused = small("");
    assert!(
        refused.message("Stalled").contains("too few addresses"),
        "{}",
        refused.message("Stalled")
    );
    let given = small("\nsubnets: [{zone: us-east-1a, public: 10.0.0.0/25, private: 10.0.0.128/25}]");
    assert!(given.is("Ready"), "{}", given.plan());
}

#[test]
fn a_refused_change_heals_when_it_is_taken_back() {
    let mut stage = Stage::new([stack("availabilityZones: 2")]);
    assert!(stage.converge());
    stage.edit(|stack| stack.spec.network.availability_zones = Some(9));
    stage.rest(Duration::from_mins(2));
    assert!(stage.is("Stalled"));
    stage.edit(|stack| stack.spec.network.availability_zones = Some(2));
    assert!(stage.converge(), "{}", stage.plan());
    assert!(!stage.is("Stalled"));
}

#[test]
fn an_immutable_field_that_gets_past_admission_is_refused_by_name() {
    let mut stage = Stage::new([stack("availabilityZones: 2")]);
    assert!(stage.converge());
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage.edit(|stack| stack.spec.network.cidr = Some("10.1.0.0/16".into()));
    stage.rest(Duration::from_mins(5));
    assert!(
        stage.message("Stalled").contains("network.cidr cannot be changed"),
        "{}",
        stage.message("Stalled")
    );
    assert!(!stage.sim.calls().iter().any(|call| call.write));
}

#[test]
fn a_stack_with_an_invalid_spec_can_be_deleted() {
    let mut stage = Stage::new([stack("availabilityZones: 2")]);
    assert!(stage.converge());
    stage.edit(|stack| stack.spec.network.availability_zones = Some(9));
    stage.rest(Duration::from_mins(2));
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(stage.sim.objects().is_empty());
}
