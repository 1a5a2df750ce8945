//! What somebody changes or deletes behind hastack's back is put right, or said.

use std::time::Duration;

use hastack_core::kind::Area;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State;
use hastack_core::tag;
use hastack_tests::plan::{database, service};
use hastack_tests::shape::{databases, difference, picture, services, stack};
use hastack_tests::stage::Stage;
use hastack_tests::tamper::{network::table_of, service_image::image_of, tampers};

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
    stage.apply_services(services(shape));
    stage.apply_databases(databases(shape));
    assert!(stage.converge(), "{:#?}", stage.plans());
    stage.rest(Duration::from_mins(5));
    stage
}

/// What is a service's.
fn of_services(stage: &Stage) -> Vec<Object> {
    let mut objects = stage.sim.objects();
    objects.retain(|object| {
        let owner = object.tags.get(tag::OWNER);
        let is_service = owner.is_some_and(|owner| owner.starts_with("AutoScaledService/"));
        // What comes with a group has no tags.
        is_service || object.tags.is_empty() && object.kind().row().area == Area::Fleet
    });
    objects
}

#[test]
fn every_field_that_is_changed_is_changed_back() {
    let count: usize = SHAPES
        .into_iter()
        .map(|shape| changes_back(shape, &built(shape).sim.objects()))
        .sum();
    println!("{count} fields");
}

#[test]
fn every_field_of_a_service_that_is_changed_is_changed_back() {
    let shapes = service::SHAPES.into_iter();
    let count: usize = shapes
        .map(|(_, shape)| changes_back(shape, &of_services(&built(shape))))
        .sum();
    println!("{count} fields");
}

/// What is a database's.
fn of_databases(stage: &Stage) -> Vec<Object> {
    let mut objects = stage.sim.objects();
    objects.retain(|object| {
        let owner = object.tags.get(tag::OWNER);
        owner.is_some_and(|owner| owner.starts_with("ManagedDatabase/")) || object.kind().row().area == Area::Database
    });
    objects
}

#[test]
fn every_field_of_a_database_that_is_changed_is_changed_back() {
    let shapes = database::SHAPES.into_iter();
    let count: usize = shapes
        .map(|(_, shape)| changes_back(shape, &of_databases(&built(shape))))
        .sum();
    println!("{count} fields");
}

/// Does in the maintenance windows of all databases what waits for them.
fn maintain(stage: &Stage) {
    for object in of_databases(stage) {
        stage.sim.maintain(&object.id);
    }
}

fn changes_back(shape: &str, objects: &[Object]) -> usize {
    let mut count = 0;
    for object in objects {
        for (name, change) in tampers(object) {
            let id = &object.id;
            let mut stage = built(shape);
            let wanted = picture(&stage.sim.objects());
            stage.sim.tamper(id, change);
            // A detail is read only every six hours.
            stage.rest(Duration::from_hours(8));
            // What interrupts those who are connected to a database waits for its window.
            maintain(&stage);
            stage.rest(Duration::from_mins(5));
            assert!(stage.converge(), "{id}, {name}: {:#?}", stage.plans());
            let is = picture(&stage.sim.objects());
            assert_eq!(is, wanted, "{id}, {name}:\n{}", difference(&is, &wanted));
            count += 1;
        }
    }
    count
}

#[test]
fn every_resource_that_is_deleted_is_made_again_with_all_that_depends_on_it() {
    let count: usize = SHAPES
        .into_iter()
        .map(|shape| makes_again(shape, &built(shape).sim.objects()))
        .sum();
    println!("{count} resources");
}

#[test]
fn every_resource_of_a_service_that_is_deleted_is_made_again_with_all_that_depends_on_it() {
    let shapes = service::SHAPES.into_iter();
    let count: usize = shapes
        .map(|(_, shape)| makes_again(shape, &of_services(&built(shape))))
        .sum();
    println!("{count} resources");
}

fn makes_again(shape: &str, objects: &[Object]) -> usize {
    let mut count = 0;
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
        assert!(stage.converge(), "{id}: {:#?}", stage.plans());
        let is = picture(&stage.sim.objects());
        assert_eq!(is, wanted, "{id}:\n{}", difference(&is, &wanted));
        count += 1;
    }
    count
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

#[test]
fn an_image_that_somebody_disables_is_said_and_used_again_when_it_is_enabled() {
    let mut stage = built(service::SHAPES[1].1);
    let mut images = stage.sim.objects();
    images.retain(|object| matches!(object.state, State::Image(_)));
    let image = &images[0];
    stage.sim.tamper(&image.id, |object| {
        object.phase = Phase::Failed;
        image_of(object).reason = Some("it is disabled".into());
    });
    stage.rest(Duration::from_hours(7));
    let plan = stage.service("web").status.unwrap().plan.join("\n");
    assert!(
        plan.contains(&format!("AWS gave up on {}: it is disabled", image.id)),
        "{plan}"
    );
    stage.sim.tamper(&image.id, |object| {
        object.phase = Phase::Ready;
        image_of(object).reason = None;
    });
    stage.rest(Duration::from_hours(7));
    assert!(stage.converge(), "{:#?}", stage.plans());
}
