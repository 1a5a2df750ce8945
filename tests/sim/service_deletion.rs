//! Services and their stack that are deleted at once.

use std::time::Duration;

use hastack_tests::shape::{service, stack};
use hastack_tests::stage::Stage;

const GROUND: &str =
    "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {deletionPolicy: Delete}";
const MOUNTING: &str = "image: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}\nmounts: [{fileSystem: stack, path: /mnt}]";

#[test]
fn a_stack_that_is_to_go_first_lets_go_of_the_security_group_of_a_service_that_mounts_its_files() {
    let mut stage = Stage::new([stack(GROUND)]);
    stage.add(service("web", MOUNTING));
    assert!(stage.converge(), "{}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage.delete();
    stage.delete_services();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    stage.rest(Duration::from_mins(30));
    assert!(stage.sim.objects().is_empty(), "{:#?}", stage.sim.objects());
}
