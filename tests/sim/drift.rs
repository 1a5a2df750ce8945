//! What somebody changes or deletes behind hastack's back is put right, or said.

use std::time::Duration;

use hastack_core::resource::State;
use hastack_tests::shape::{difference, picture, stack};
use hastack_tests::stage::Stage;
use hastack_tests::tamper::{network::table_of, tampers};

/// Shapes that together have every kind.
const SHAPES: [&str; 5] = [
    "availabilityZones: 2\ngatewayEndpoints: [S3]",
    "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\", additionalCertificateArns: [\"arn:aws:acm:us-east-1:123456789012:certificate/2\"]}}",
    "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, hostedZone: example.com}}",
    "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {}\ninterfaceEndpoints: [ssm]\n---\nbastion: {allowedCidrs: [203.0.113.7/32], sshPublicKey: ssh-ed25519 AAAA, elasticIp: true}",
    "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {accessPoints: [{name: web}]}",
];

fn built(shape: &str) -> Stage {
    let mut stage = Stage::new([stack(shape)]);
    assert!(stage.converge(), "{}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage
}

#[test]
fn every_field_that_is_changed_is_changed_back() {
    let mut count = 0;
    for shape in SHAPES {
        for object in built(shape).sim.objects() {
            for (name, change) in tampers(&object) {
                let id = &object.id;
                let mut stage = built(shape);
                let wanted = picture(&stage.sim.objects());
                stage.sim.tamper(id, change);
                // A detail is read only every six hours.
                stage.rest(Duration::from_hours(8));
                assert!(stage.converge(), "{id}, {name}: {}", stage.plan());
                let is = picture(&stage.sim.objects());
                assert_eq!(is, wanted, "{id}, {name}:\n{}", difference(&is, &wanted));
                count += 1;
            }
        }
    }
    println!("{count} fields");
}

#[test]
fn every_resource_that_is_deleted_is_made_again_with_all_that_depends_on_it() {
    let mut count = 0;
    for shape in SHAPES {
        let objects = built(shape).sim.objects();
        for object in objects.iter().filter(|object| !object.tags.is_empty()) {
            let id = &object.id;
            let mut stage = built(shape);
            let wanted = picture(&stage.sim.objects());
            // AWS lets nobody delete what is in use: its users go first.
            let in_use = matches!(
                object.state,
                State::Vpc(_)
                    | State::Subnet(_)
                    | State::ElasticIp(_)
                    | State::SecurityGroup(_)
                    | State::Role(_)
                    | State::FileSystem(_)
            );
            if in_use {
                vanish_with_users(&stage, id);
            } else {
                stage.sim.vanish(id);
            }
            stage.rest(Duration::from_mins(30));
            assert!(stage.converge(), "{id}: {}", stage.plan());
            let is = picture(&stage.sim.objects());
            assert_eq!(is, wanted, "{id}:\n{}", difference(&is, &wanted));
            count += 1;
        }
    }
    println!("{count} resources");
}

fn vanish_with_users(stage: &Stage, id: &str) {
    let users: Vec<_> = stage
        .sim
        .objects()
        .into_iter()
        .filter(|object| {
            object.state.uses().contains(&id) && !matches!(object.state, State::RouteTable(_))
                || matches!(&object.state, State::RouteTable(table) if table.vpc_id == id)
        })
        .map(|object| object.id)
        .collect();
    for user in users {
        vanish_with_users(stage, &user);
    }
    stage.sim.vanish(id);
}

#[test]
fn a_resource_that_lost_our_tags_is_named_and_left_alone() {
    let mut stage = built(SHAPES[0]);
    let subnet = stage
        .sim
        .objects()
        .into_iter()
        .find(|object| matches!(object.state, State::Subnet(_)))
        .unwrap();
    stage.sim.tamper(&subnet.id, |object| object.tags.clear());
    stage.rest(Duration::from_mins(10));
    assert!(stage.is("Stalled"));
    assert!(
        stage.message("Ready").contains(&subnet.id),
        "{}",
        stage.message("Ready")
    );
    assert!(
        stage.message("Ready").contains("has lost its hastack.dev tags"),
        "{}",
        stage.message("Ready")
    );

    stage
        .sim
        .tamper(&subnet.id, |object| object.tags.clone_from(&subnet.tags));
    stage.rest(Duration::from_mins(10));
    assert!(stage.is("Ready"), "{}", stage.plan());
}

#[test]
fn a_change_that_somebody_undoes_before_it_shows_is_given_up_said_and_taken_up_with_the_next_spec() {
    let mut stage = built(SHAPES[0]);
    let tables = stage
        .sim
        .objects()
        .into_iter()
        .filter(|object| matches!(object.state, State::RouteTable(_)));
    let table = tables
        .into_iter()
        .find(|object| object.tags["hastack.dev/id"] == "route-table/public")
        .unwrap();
    stage.sim.inject(Vec::new());
    for _ in 0..600 {
        stage.sim.tamper(&table.id, |object| {
            table_of(object).default_route = Some("eni-foreign".into());
        });
        stage.rest(Duration::from_secs(1));
    }
    let writes = |stage: &Stage| stage.sim.calls().iter().filter(|call| call.write).count();
    assert_eq!(writes(&stage), 5, "{}", stage.plan());
    assert!(stage.is("Stalled"));
    assert!(
        stage
            .message("Stalled")
            .contains("was done several times without effect"),
        "{}",
        stage.message("Stalled")
    );

    stage.edit(|_| ());
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(writes(&stage), 6);
}
