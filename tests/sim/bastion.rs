//! The bastion: who reaches it, how it is replaced, what a change of it takes.

use std::time::Duration;

use futures::FutureExt;
use hastack_api::HAStackSpec;
use hastack_api::bastion::{BastionAccess, BastionSpec, BastionStatus};
use hastack_core::cloud::Cloud;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::security_group::{Peer, Rule};
use hastack_core::resource::{State, instance};
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

const GROUND: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\n";
const WITH_ADDRESS: &str = "bastion: {allowedCidrs: [203.0.113.7/32, 198.51.100.0/24], keyName: ops, elasticIp: true}";
const WITH_KEY: &str = "bastion: {allowedCidrs: [203.0.113.7/32], sshPublicKey: ssh-ed25519 AAAA}";
const WITHOUT_PORT: &str = "bastion: {}";

/// A change of the spec.
type Edit = fn(&mut BastionSpec);

fn built(bastion: &str) -> Stage {
    let mut stage = Stage::new([stack(&format!("{GROUND}{bastion}"))]);
    assert!(stage.converge(), "{}", stage.plan());
    // What was just created is visible by now.
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage
}

fn the(stage: &Stage, kind: Kind) -> Object {
    let mut objects = stage.sim.objects().into_iter();
    objects.find(|object| object.kind() == kind).unwrap()
}

fn instance(stage: &Stage) -> (String, instance::State) {
    let Object { id, state, .. } = the(stage, Kind::Instance);
    match state {
        State::Instance(instance) => (id, instance),
        other => panic!("{other:?} is no instance"),
    }
}

/// The rules for what comes in.
fn ingress(stage: &Stage) -> Vec<Rule> {
    match the(stage, Kind::SecurityGroup).state {
        State::SecurityGroup(group) => group.ingress,
        other => panic!("{other:?} is no security group"),
    }
}

fn status(stage: &Stage) -> BastionStatus {
    stage.stack().status.unwrap().bastion.unwrap()
}

fn edit(stage: &mut Stage, edit: impl Fn(&mut BastionSpec)) {
    stage.edit(|stack| edit(stack.spec.bastion.as_mut().unwrap()));
    assert!(stage.converge(), "{}", stage.plan());
}

#[test]
fn with_ssh_port_22_is_open_to_the_given_addresses_only() {
    let stage = built(WITH_ADDRESS);
    let rule = |range: &str| Rule {
        protocol: "tcp".into(),
        ports: Some((22, 22)),
        peer: Peer::Cidr(range.into()),
    };
    let mut rules = ingress(&stage);
    rules.sort();
    assert_eq!(rules, [rule("198.51.100.0/24"), rule("203.0.113.7/32")]);
}

#[test]
fn with_session_manager_no_port_is_open_and_no_key_opens_it() {
    let stage = built(WITHOUT_PORT);
    assert_eq!(ingress(&stage), []);
    let (id, instance) = instance(&stage);
    assert_eq!(instance.key_name, None);
    let access = format!("aws ssm start-session --target {id} --region us-east-1");
    assert_eq!(status(&stage).access, Some(access));
}

#[test]
fn the_status_says_how_to_connect() {
    let stage = built(WITH_ADDRESS);
    let State::ElasticIp(address) = the(&stage, Kind::ElasticIp).state else {
        panic!("an address has an address's state")
    };
    let status = status(&stage);
    assert_eq!(status.address.as_ref(), Some(&address.public_ip));
    assert_eq!(status.access, Some(format!("ssh ec2-user@{}", address.public_ip)));
    assert_eq!(status.instance_id, Some(instance(&stage).0));
    assert_eq!(status.security_group_id, Some(the(&stage, Kind::SecurityGroup).id));
    assert!(stage.is("BastionReady"), "{}", stage.message("BastionReady"));
}

#[test]
fn a_terminated_bastion_is_replaced_and_keeps_its_address() {
    let mut stage = built(WITH_ADDRESS);
    let (before, address) = (the(&stage, Kind::Instance), status(&stage).address);
    stage.sim.delete(&before, None).now_or_never().unwrap().unwrap();
    stage.sim.inject(Vec::new());
    stage.rest(Duration::from_mins(5));
    assert!(stage.is("Ready"), "{}", stage.plan());
    assert_ne!(instance(&stage).0, before.id);
    assert_eq!(status(&stage).address, address);
    assert_eq!(stage.writes(), ["RunInstances", "AssociateAddress"]);
}

#[test]
fn a_stopped_bastion_is_started_again() {
    let mut stage = built(WITHOUT_PORT);
    let (id, _) = instance(&stage);
    stage.sim.tamper(&id, |object| {
        hastack_tests::tamper::bastion::instance_of(object).runs = false;
    });
    stage.rest(Duration::from_mins(5));
    assert_eq!(stage.writes(), ["StartInstances"]);
    assert!(instance(&stage).1.runs);
}

#[test]
fn another_key_replaces_the_bastion_and_the_key_pair() {
    let mut stage = built(WITH_KEY);
    let (before, key) = (instance(&stage).0, the(&stage, Kind::KeyPair).id);
    edit(&mut stage, |bastion| {
        bastion.ssh_public_key = Some("ssh-ed25519 BBBB".into());
    });
    assert_ne!(instance(&stage).0, before);
    assert_ne!(the(&stage, Kind::KeyPair).id, key);
    let mut calls = stage.writes();
    calls.sort_unstable();
    assert_eq!(
        calls,
        ["DeleteKeyPair", "ImportKeyPair", "RunInstances", "TerminateInstances"]
    );
}

#[test]
fn a_space_around_a_key_is_no_other_key() {
    let mut stage = built(WITH_KEY);
    edit(&mut stage, |bastion| {
        bastion.ssh_public_key = Some("ssh-ed25519 AAAA\n".into());
    });
    assert_eq!(stage.writes(), Vec::<&str>::new());
}

#[test]
fn what_an_instance_is_started_with_replaces_it() {
    let fields: [Edit; 3] = [
        |bastion| bastion.instance_type = Some("t3.micro".into()),
        |bastion| bastion.image_parameter = Some("/golden/bastion".into()),
        |bastion| bastion.volume_size_gib = 20,
    ];
    for field in fields {
        let mut stage = built(WITHOUT_PORT);
        edit(&mut stage, field);
        assert_eq!(stage.writes(), ["TerminateInstances", "RunInstances"]);
    }
}

#[test]
fn every_other_field_takes_the_calls_it_needs_and_no_other() {
    let cases: [(Edit, &[&str]); 4] = [
        (
            |bastion| {
                bastion
                    .allowed_cidrs
                    .get_or_insert_default()
                    .push("192.0.2.1/32".into());
            },
            &["AuthorizeSecurityGroupIngress"],
        ),
        (
            |bastion| drop(bastion.allowed_cidrs.get_or_insert_default().pop()),
            &["RevokeSecurityGroupIngress"],
        ),
        (
            |bastion| bastion.elastic_ip = false,
            &["DisassociateAddress", "ReleaseAddress"],
        ),
        (|bastion| bastion.access = Some(BastionAccess::Ssh), &[]),
    ];
    for (field, calls) in cases {
        let mut stage = built(WITH_ADDRESS);
        edit(&mut stage, field);
        assert_eq!(stage.writes(), calls);
    }
    let mut stage = built(WITHOUT_PORT);
    edit(&mut stage, |bastion| bastion.elastic_ip = true);
    assert_eq!(stage.writes(), ["AllocateAddress", "AssociateAddress"]);
}

#[test]
fn a_zone_that_comes_before_the_bastions_moves_nothing() {
    let spec = |zones: &str| -> HAStackSpec {
        let network = format!("zoneNames: [{zones}]\nnatGateways: None\ndatabaseSubnets: false");
        stack(&format!("{network}\n---\n{WITHOUT_PORT}")).spec
    };
    let mut first = stack("");
    first.spec = spec("us-east-1c");
    let mut stage = Stage::new([first]);
    assert!(stage.converge(), "{}", stage.plan());
    let (before, _) = instance(&stage);
    stage.edit(|stack| stack.spec = spec("us-east-1a, us-east-1c"));
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(instance(&stage).0, before);

    stage.edit(|stack| stack.spec = spec("us-east-1a"));
    assert!(stage.converge(), "{}", stage.plan());
    assert_ne!(instance(&stage).0, before, "its zone is gone");
}

#[test]
fn an_instance_profile_that_was_deleted_under_the_bastion_is_made_again_with_it() {
    let mut stage = built(WITHOUT_PORT);
    let (before, _) = instance(&stage);
    stage.sim.vanish(&the(&stage, Kind::InstanceProfile).id);
    stage.rest(Duration::from_mins(10));
    assert!(stage.is("Ready"), "{}", stage.plan());
    assert_ne!(instance(&stage).0, before, "it would never get its role again");
}

#[test]
fn a_bastion_in_a_vpc_without_public_subnets_is_refused_by_name() {
    let mut first = stack(&format!("{GROUND}{WITHOUT_PORT}"));
    first.spec.network = serde_yaml_ng::from_str("existing: {vpcId: vpc-0a, privateSubnetIds: [subnet-0b]}").unwrap();
    let mut stage = Stage::new([first]);
    stage.rest(Duration::from_mins(5));
    let message = stage.message("Stalled");
    assert_eq!(
        message,
        "cannot place bastion: network.existing lists no public subnets"
    );
    assert_eq!(stage.writes(), Vec::<&str>::new());
}

#[test]
fn policies_that_somebody_put_on_the_role_do_not_hold_up_its_deletion() {
    let mut stage = built(WITHOUT_PORT);
    stage.sim.tamper(&the(&stage, Kind::Role).id, |object| {
        let State::Role(role) = &mut object.state else { return };
        let policies = role.policies.get_or_insert_default();
        policies
            .managed
            .insert("arn:aws:iam::aws:policy/AdministratorAccess".into());
        policies.inline.insert("foreign".into(), None);
    });
    // After a restart nothing is known of its policies until they are read.
    stage.restart();
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(!stage.sim.calls().iter().any(|call| call.failed));
    assert_eq!(stage.sim.objects(), []);
}
