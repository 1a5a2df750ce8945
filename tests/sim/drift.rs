//! What somebody changes or deletes behind hastack's back is put right, or said.

use std::time::Duration;

use hastack_core::object::{Object, Phase};
use hastack_core::resource::default_security_group::{Peer, Rule};
use hastack_core::resource::{State, route_table};
use hastack_tests::shape::{difference, picture, stack};
use hastack_tests::stage::Stage;

const SHAPE: &str = "availabilityZones: 2\ngatewayEndpoints: [S3]";

fn built() -> Stage {
    let mut stage = Stage::new([stack(SHAPE)]);
    assert!(stage.converge(), "{}", stage.plan());
    stage.rest(Duration::from_mins(5));
    stage
}

/// A change made outside of hastack, and its name.
type Tamper = (&'static str, fn(&mut Object));

/// Every change that can be made to an object outside of hastack.
fn tampers(object: &Object) -> Vec<Tamper> {
    let mut tampers: Vec<Tamper> = match &object.state {
        State::Vpc(_) => vec![("DNS host names off", disable_dns)],
        State::DefaultSecurityGroup(_) => vec![
            ("a rule for what comes in", let_in),
            ("a rule for what goes out", let_out),
        ],
        State::InternetGateway(_) => vec![("detached", detach)],
        State::RouteTable(table) => route_table_tampers(table),
        State::Subnet(_) => vec![("public addresses", toggle_public_addresses)],
        State::VpcEndpoint(_) => vec![("the route tables", drop_a_table)],
        State::NatGateway(_) => vec![("failed", |object| object.phase = Phase::Failed)],
        State::ElasticIp(_) => Vec::new(),
    };
    if !object.tags.is_empty() {
        tampers.push(("the name tag", |object| {
            object.tags.insert("Name".into(), "somebody was here".into());
        }));
    }
    tampers
}

fn route_table_tampers(table: &route_table::State) -> Vec<Tamper> {
    let mut tampers: Vec<Tamper> = vec![
        ("the associations", |object| table_of(object).associations.clear()),
        ("another default route", |object| {
            table_of(object).default_route = Some("eni-foreign".into());
        }),
        ("a foreign association", |object| {
            let association = route_table::Association {
                id: "foreign".into(),
                subnet_id: "subnet-foreign".into(),
            };
            table_of(object).associations.push(association);
        }),
    ];
    if table.default_route.is_some() {
        tampers.push(("no default route", |object| table_of(object).default_route = None));
    }
    tampers
}

fn table_of(object: &mut Object) -> &mut route_table::State {
    match &mut object.state {
        State::RouteTable(table) => table,
        other => panic!("{other:?} is no route table"),
    }
}

fn disable_dns(object: &mut Object) {
    if let State::Vpc(vpc) = &mut object.state {
        vpc.dns_hostnames = Some(false);
    }
}

fn let_in(object: &mut Object) {
    if let State::DefaultSecurityGroup(group) = &mut object.state {
        let peer = Peer::Cidr("0.0.0.0/0".into());
        group.ingress.push(Rule {
            protocol: "tcp".into(),
            ports: Some((22, 22)),
            peer,
        });
    }
}

fn let_out(object: &mut Object) {
    if let State::DefaultSecurityGroup(group) = &mut object.state {
        group.egress.push(Rule {
            protocol: "-1".into(),
            ports: None,
            peer: Peer::Cidr("0.0.0.0/0".into()),
        });
    }
}

fn detach(object: &mut Object) {
    if let State::InternetGateway(gateway) = &mut object.state {
        gateway.vpc_id = None;
    }
}

fn toggle_public_addresses(object: &mut Object) {
    if let State::Subnet(subnet) = &mut object.state {
        subnet.assign_public_addresses = !subnet.assign_public_addresses;
    }
}

fn drop_a_table(object: &mut Object) {
    if let State::VpcEndpoint(endpoint) = &mut object.state {
        endpoint.route_table_ids.pop();
    }
}

#[test]
fn every_field_that_is_changed_is_changed_back() {
    let mut count = 0;
    let names: Vec<_> = built()
        .sim
        .objects()
        .iter()
        .map(|object| (object.id.clone(), tampers(object).len()))
        .collect();
    for (id, tamper) in names
        .iter()
        .flat_map(|(id, tampers)| (0..*tampers).map(move |index| (id, index)))
    {
        let mut stage = built();
        let wanted = picture(&stage.sim.objects());
        let object = stage.sim.objects().into_iter().find(|object| object.id == *id).unwrap();
        let (name, change) = tampers(&object)[tamper];
        stage.sim.tamper(id, change);
        // A detail is read only every six hours.
        stage.rest(Duration::from_hours(8));
        assert!(stage.converge(), "{id}, {name}: {}", stage.plan());
        let is = picture(&stage.sim.objects());
        assert_eq!(is, wanted, "{id}, {name}:\n{}", difference(&is, &wanted));
        count += 1;
    }
    println!("{count} fields");
}

#[test]
fn every_resource_that_is_deleted_is_made_again_with_all_that_depends_on_it() {
    let ids: Vec<_> = built()
        .sim
        .objects()
        .iter()
        .filter(|object| !object.tags.is_empty())
        .map(|object| object.id.clone())
        .collect();
    for id in &ids {
        let mut stage = built();
        let wanted = picture(&stage.sim.objects());
        let object = stage.sim.objects().into_iter().find(|object| object.id == *id).unwrap();
        // AWS lets nobody delete what is in use: its users go first.
        if matches!(object.state, State::Vpc(_) | State::Subnet(_) | State::ElasticIp(_)) {
            vanish_with_users(&stage, id);
        } else {
            stage.sim.vanish(id);
        }
        stage.rest(Duration::from_mins(30));
        assert!(stage.converge(), "{id}: {}", stage.plan());
        let is = picture(&stage.sim.objects());
        assert_eq!(is, wanted, "{id}:\n{}", difference(&is, &wanted));
    }
    println!("{} resources", ids.len());
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
    let mut stage = built();
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
    let mut stage = built();
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
