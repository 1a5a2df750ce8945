//! How many calls each shape takes: a promise.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_core::object::Object;
use hastack_sim::Call;
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

/// What a shape takes to create and to delete, in writes.
///
/// The fewest possible for three zones without databases are 30 and 19 (`VPC` 1 + DNS host names 1, subnets 6, gateway 2, addresses 3,
/// NAT gateways 3, route tables 4, routes 4, associations 6; to delete: NAT gateways 3, addresses 3, gateway 2, subnets 6, tables 4,
/// VPC 1). On top of that come one a public subnet for public addresses and two to empty the default group.
const PROMISES: [(&str, usize, usize); 6] = [
    ("databaseSubnets: false", 30 + 3 + 2, 19),
    ("databaseSubnets: false\nassignPublicAddresses: false", 30 + 2, 19),
    // Databases: a subnet and an association a zone, one table.
    ("", 35 + 7, 19 + 4),
    ("natGateways: Single\ndatabaseSubnets: false", 35 - 4, 19 - 4),
    // Without NAT gateways the private tables have no default route either.
    ("natGateways: None\ndatabaseSubnets: false", 35 - 6 - 3, 19 - 6),
    (
        "databaseSubnets: false\ngatewayEndpoints: [S3, DynamoDB]",
        35 + 2,
        19 + 2,
    ),
];

fn writes(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.write).count()
}

fn by_action(calls: &[Call]) -> BTreeMap<&str, usize> {
    calls.iter().fold(BTreeMap::new(), |mut counts, call| {
        *counts.entry(call.action).or_default() += 1;
        counts
    })
}

#[test]
fn every_shape_takes_the_fewest_writes_to_create_and_to_delete() {
    for (shape, create, delete) in PROMISES {
        let mut stage = Stage::new([stack(shape)]);
        assert!(stage.converge(), "{shape}: {}", stage.message("Ready"));
        let calls = stage.sim.calls();
        assert_eq!(writes(&calls), create, "{shape}: {:?}", by_action(&calls));
        assert!(!calls.iter().any(|call| call.failed), "{shape}: no call fails");

        stage.rest(Duration::from_mins(5));
        stage.sim.inject(Vec::new());
        stage.delete();
        assert!(stage.run_until(|_| false), "{shape}: {}", stage.plan());
        let calls = stage.sim.calls();
        assert_eq!(writes(&calls), delete, "{shape}: {:?}", by_action(&calls));
        assert!(!calls.iter().any(|call| call.failed), "{shape}: no call fails");
        assert_eq!(stage.sim.objects(), Vec::<Object>::new());
    }
}
