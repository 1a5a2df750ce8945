//! How many calls each shape takes: a promise.

use std::collections::BTreeMap;
use std::time::Duration;

use hastack_core::object::Object;
use hastack_sim::Call;
use hastack_tests::plan::{database, service};
use hastack_tests::shape::{databases, services, stack};
use hastack_tests::stage::Stage;

/// What a shape takes to create and to delete, in writes.
///
/// The fewest possible for three zones without databases are 30 and 19 (`VPC` 1 + DNS host names 1, subnets 6, gateway 2, addresses 3,
/// NAT gateways 3, route tables 4, routes 4, associations 6; to delete: NAT gateways 3, addresses 3, gateway 2, subnets 6, tables 4,
/// VPC 1). On top of that come one a public subnet for public addresses and two to empty the default group.
const PROMISES: [(&str, usize, usize); 17] = [
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
    // The ground of what follows, in one zone: VPC 2, gateway 2, subnets 2, public addresses 1, tables 2, a route, associations 2, the
    // default group 2; to delete: gateway 2, subnets 2, tables 2, VPC 1.
    (ONE_ZONE, 14, 7),
    // Session Manager: group, role and its policy, instance profile and its role, instance; to delete: the same.
    (
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {}",
        14 + 6,
        7 + 6,
    ),
    // SSH: a rule and a key pair as well; a rule goes with its group.
    (
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {allowedCidrs: [203.0.113.7/32], sshPublicKey: ssh-ed25519 AAAA}",
        14 + 8,
        7 + 7,
    ),
    // An address and its association, which goes with the instance.
    (
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {allowedCidrs: [203.0.113.7/32], keyName: ops, elasticIp: true}",
        14 + 7 + 2,
        7 + 6 + 1,
    ),
    // Log group and its retention, role and its policy, flow log; to delete: the retention goes with its group.
    (
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {}",
        14 + 5,
        7 + 4,
    ),
    // A group and its rule, an endpoint a service.
    (
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\ninterfaceEndpoints: [ssm, ecr.api]",
        14 + 2 + 2,
        7 + 1 + 2,
    ),
    // A file system: its security group, itself, a mount target a zone. Two zones without NAT gateways take 20 and 10.
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {deletionPolicy: Delete}",
        20 + 1 + 1 + 2,
        10 + 2 + 1 + 1,
    ),
    // A load balancer: a security group and its rules, the load balancer and the attribute that drops invalid headers, a listener.
    // Deleting it takes its listeners along.
    (
        "natGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
        26 + 5,
        13 + 2,
    ),
    // TLS: one more listener, and one more call for each further certificate.
    (
        "natGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\", additionalCertificateArns: [\"arn:aws:acm:us-east-1:123456789012:certificate/2\"]}}",
        26 + 5 + 2,
        13 + 2,
    ),
    // A domain in a hosted zone: one more listener, the certificate, and one call for each of three records. HTTP serves from the
    // start, and is told to redirect when HTTPS does.
    (
        "natGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, hostedZone: example.com}}",
        26 + 5 + 1 + 1 + 3 + 1,
        13 + 2 + 1 + 3,
    ),
    // Each further name has two records.
    (
        "natGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, alternativeNames: [www.example.com], hostedZone: Z0EXAMPLE}}",
        37 + 2,
        19 + 2,
    ),
];

const ONE_ZONE: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false";

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

/// What services take on their stack, in writes: to create, and to delete.
///
/// The fewest possible for one that nobody is sent to are 7 and 7: security group, role and its policy, instance profile and its role,
/// launch template, Auto Scaling group; to delete, the same.
const SERVICES: [(&str, usize, usize); 5] = [
    // Behind the load balancer: one rule of the group, target group and its attributes, listener rule; the group's rule goes with it.
    (service::SHAPES[0].1, 7 + 4, 7 + 2),
    // An image that is built: the builder and its group, which go again, and the image.
    (service::SHAPES[1].1, 7 + 5, 7 + 1),
    // Two policies, an action, a suspended process, the warm pool; a hook comes with the group, and all but the pool go with it.
    (service::SHAPES[2].1, 7 + 5, 7 + 1),
    // Two services, one of which lets the other in.
    (service::SHAPES[3].1, 7 + 7 + 1, 7 + 7),
    // The file system lets it in, and not any more.
    (service::SHAPES[4].1, 7 + 1, 7 + 1),
];

#[test]
fn services_take_the_fewest_writes_to_create_and_to_delete() {
    for (shape, create, delete) in SERVICES {
        let mut stage = Stage::new([stack(shape)]);
        assert!(stage.converge(), "{shape}: {}", stage.message("Ready"));
        for (wanted, promised) in [(services(shape), create), (Vec::new(), delete)] {
            stage.rest(Duration::from_mins(5));
            stage.sim.inject(Vec::new());
            stage.apply_services(wanted);
            assert!(stage.converge(), "{shape}: {:#?}", stage.plans());
            stage.rest(Duration::from_mins(5));
            let calls = stage.sim.calls();
            assert_eq!(writes(&calls), promised, "{shape}: {:?}", by_action(&calls));
            assert!(!calls.iter().any(|call| call.failed), "{shape}: no call fails");
        }
    }
}

/// What databases take on their stack, in writes: to create, and to delete.
///
/// The fewest possible for an instance are 4 and 4: security group and the rule for what goes out, which is taken away, subnet group,
/// instance; to delete, the protection is taken away first.
const DATABASES: [(&str, usize, usize); 4] = [
    // A replica, a role and its policy, a parameter group and its parameter.
    (database::POSTGRES, 4 + 1 + 2 + 2, 4 + 1 + 2 + 1),
    (database::MYSQL, 4, 4),
    // Two members, a parameter group and its parameter, and what lets AWS add readers, with its policy; that is told to add none before
    // it goes.
    (database::AURORA, 4 + 2 + 2 + 2, 4 + 2 + 1 + 2),
    // A member.
    (database::SERVERLESS, 4 + 1, 4 + 1),
];

#[test]
fn databases_take_the_fewest_writes_to_create_and_to_delete() {
    for (shape, create, delete) in DATABASES {
        let mut stage = Stage::new([stack(shape)]);
        assert!(stage.converge(), "{shape}: {}", stage.message("Ready"));
        for (wanted, promised) in [(databases(shape), create), (Vec::new(), delete)] {
            stage.rest(Duration::from_mins(5));
            stage.sim.inject(Vec::new());
            stage.apply_databases(wanted);
            assert!(stage.converge(), "{shape}: {:#?}", stage.plans());
            stage.rest(Duration::from_mins(10));
            let calls = stage.sim.calls();
            assert_eq!(writes(&calls), promised, "{shape}: {:?}", by_action(&calls));
            assert!(!calls.iter().any(|call| call.failed), "{shape}: no call fails");
        }
    }
}
