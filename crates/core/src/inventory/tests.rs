use std::time::Duration;

use super::*;
use crate::desired::Identity;
use crate::resource::State;
use crate::resource::{default_security_group, elastic_ip, vpc};
use crate::tag::{Tags, tags};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

pub(super) fn owner() -> Owner {
    "HAStack/shop/web".parse().unwrap()
}

fn nothing() -> Desired {
    Desired::none(Identity {
        cluster: "c".into(),
        owner: owner(),
        uid: "u".into(),
    })
}

pub(super) fn address(id: &str, name: &str) -> Object {
    let node = NodeId::named(Kind::ElasticIp, name);
    Object {
        id: id.into(),
        tags: tags("c", &owner(), "u", &node, &Tags::new()),
        phase: Phase::Ready,
        created: None,
        state: State::ElasticIp(elastic_ip::State {
            public_ip: "198.51.100.1".into(),
            association_id: None,
            instance_id: None,
        }),
    }
}

fn network(id: &str, dns_hostnames: Option<bool>) -> Object {
    let state = State::Vpc(vpc::State {
        cidr: "10.0.0.0/16".into(),
        dns_hostnames,
    });
    Object {
        tags: tags("c", &owner(), "u", &NodeId::only(Kind::Vpc), &Tags::new()),
        state,
        ..address(id, "")
    }
}

pub(super) fn inventory() -> Inventory {
    Inventory::new("c", Timing::default())
}

pub(super) fn ids(inventory: &mut Inventory) -> Vec<String> {
    inventory
        .observe(&nothing(), &Memory::default())
        .all()
        .map(|(_, object)| object.id.clone())
        .collect()
}

fn sweep(inventory: &mut Inventory, second: i64, objects: Vec<Object>) -> BTreeSet<Owner> {
    inventory.swept(Kind::ElasticIp, objects, at(second), at(second))
}

#[test]
fn a_sweep_shows_what_is_ours_and_wakes_its_owner() {
    let mut inventory = inventory();
    let foreign = Object {
        tags: Tags::new(),
        ..address("eip-2", "b")
    };
    assert_eq!(
        sweep(&mut inventory, 0, vec![address("eip-1", "a"), foreign]),
        BTreeSet::from([owner()])
    );
    assert_eq!(ids(&mut inventory), ["eip-1"]);
    assert_eq!(
        sweep(&mut inventory, 60, vec![address("eip-1", "a")]),
        BTreeSet::new(),
        "nothing changed"
    );
}

#[test]
fn a_new_resource_counts_before_any_sweep_shows_it() {
    let mut inventory = inventory();
    inventory.created(address("eip-1", "a"), at(0));
    sweep(&mut inventory, 30, Vec::new());
    let observed = inventory.observe(&nothing(), &Memory::default());
    assert_eq!(observed.objects.len(), 1);
    assert!(observed.doubtful.is_empty());
    assert!(!observed.objects.values().flatten().next().unwrap().confirmed);
}

#[test]
fn absence_in_a_sweep_is_a_doubt_that_only_a_read_by_id_ends() {
    let mut inventory = inventory();
    sweep(&mut inventory, 0, vec![address("eip-1", "a")]);
    assert_eq!(sweep(&mut inventory, 60, Vec::new()), BTreeSet::from([owner()]));
    assert_eq!(inventory.observe(&nothing(), &Memory::default()).doubtful.len(), 1);
    assert!(
        inventory
            .due(at(60))
            .contains(&Look::Read(Kind::ElasticIp, vec!["eip-1".into()]))
    );

    let concerned = inventory.read(Kind::ElasticIp, &["eip-1".into()], vec![address("eip-1", "a")], at(61));
    assert_eq!(concerned, BTreeSet::from([owner()]));
    assert!(
        inventory.observe(&nothing(), &Memory::default()).doubtful.is_empty(),
        "it was there all along"
    );

    sweep(&mut inventory, 120, Vec::new());
    inventory.read(Kind::ElasticIp, &["eip-1".into()], Vec::new(), at(121));
    assert_eq!(ids(&mut inventory), Vec::<String>::new());
}

#[test]
fn a_sweep_that_started_before_a_write_does_not_undo_it() {
    let mut inventory = inventory();
    let old = address("eip-1", "a");
    sweep(&mut inventory, 0, vec![old.clone()]);
    inventory.updated(Kind::ElasticIp, "eip-1", at(10), |object| {
        object.tags.insert("team".into(), "web".into());
    });
    sweep(&mut inventory, 12, vec![old.clone()]);
    let tags = |inventory: &mut Inventory| {
        inventory
            .observe(&nothing(), &Memory::default())
            .all()
            .next()
            .unwrap()
            .1
            .tags
            .clone()
    };
    assert!(
        tags(&mut inventory).contains_key("team"),
        "AWS may still show the old state"
    );
    sweep(&mut inventory, 30, vec![old]);
    assert!(!tags(&mut inventory).contains_key("team"), "by now AWS shows what is");
}

#[test]
fn what_was_deleted_does_not_come_back_with_a_late_sweep_but_does_if_it_stays() {
    let mut inventory = inventory();
    sweep(&mut inventory, 0, vec![address("eip-1", "a")]);
    inventory.deleted(Kind::ElasticIp, "eip-1", Deletion::Gone, at(10));
    sweep(&mut inventory, 11, vec![address("eip-1", "a")]);
    assert_eq!(ids(&mut inventory), Vec::<String>::new());
    sweep(&mut inventory, 40, vec![address("eip-1", "a")]);
    assert_eq!(ids(&mut inventory), ["eip-1"]);
}

#[test]
fn what_a_sweep_cannot_see_is_kept_and_read_when_it_is_not_known() {
    let mut inventory = inventory();
    inventory.swept(Kind::Vpc, vec![network("vpc-1", None)], at(0), at(0));
    assert!(
        inventory
            .due(at(0))
            .contains(&Look::Read(Kind::Vpc, vec!["vpc-1".into()]))
    );
    inventory.read(Kind::Vpc, &["vpc-1".into()], vec![network("vpc-1", Some(true))], at(1));
    inventory.swept(Kind::Vpc, vec![network("vpc-1", None)], at(60), at(60));
    let observed = inventory.observe(&nothing(), &Memory::default());
    assert_eq!(
        observed.all().next().unwrap().1.state,
        network("vpc-1", Some(true)).state
    );
    assert!(
        !inventory
            .due(at(61))
            .iter()
            .any(|look| matches!(look, Look::Read(Kind::Vpc, _)))
    );
}

#[test]
fn a_default_group_belongs_to_whom_its_vpc_belongs_to() {
    let mut inventory = inventory();
    let group = |id: &str, vpc: &str| Object {
        id: id.into(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: State::DefaultSecurityGroup(default_security_group::State {
            vpc_id: vpc.into(),
            ingress: Vec::new(),
            egress: Vec::new(),
        }),
    };
    inventory.swept(Kind::Vpc, vec![network("vpc-1", Some(true))], at(0), at(0));
    let groups = vec![group("sg-1", "vpc-1"), group("sg-2", "vpc-foreign")];
    let concerned = inventory.swept(Kind::DefaultSecurityGroup, groups, at(0), at(0));
    assert_eq!(concerned, BTreeSet::from([owner()]));
    assert_eq!(ids(&mut inventory), ["vpc-1", "sg-1"]);
}

#[test]
fn sweeps_are_quick_while_something_is_pending_and_calm_else() {
    let mut inventory = inventory();
    let kinds = BTreeSet::from([Kind::ElasticIp]);
    inventory.attend(&owner(), kinds.clone(), kinds.clone(), BTreeSet::new());
    assert_eq!(inventory.due(at(0)), [Look::Sweep(Kind::ElasticIp)]);
    sweep(&mut inventory, 0, Vec::new());
    assert_eq!(inventory.due(at(3)), [Look::Sweep(Kind::ElasticIp)]);
    inventory.attend(&owner(), kinds, BTreeSet::new(), BTreeSet::new());
    assert_eq!(inventory.due(at(3)), []);
    assert!(inventory.next_due().unwrap() > at(50));
    inventory.dismiss(&owner());
    assert_eq!(inventory.next_due(), None, "nobody is interested");
}

fn denied() -> CloudError {
    CloudError {
        action: "DescribeAddresses",
        kind: crate::cloud::ErrorKind::Denied,
        code: None,
        message: "no".into(),
        request_id: None,
        source: None,
    }
}

#[test]
fn a_read_that_goes_on_failing_does_not_hold_up_the_sweeps_of_its_kind() {
    let mut inventory = inventory();
    let kinds = BTreeSet::from([Kind::Vpc]);
    inventory.attend(&owner(), kinds.clone(), kinds, BTreeSet::new());
    inventory.swept(Kind::Vpc, vec![network("vpc-1", None)], at(0), at(0));
    let read = Look::Read(Kind::Vpc, vec!["vpc-1".into()]);
    for second in 1..=10 {
        inventory.failed(&read, denied(), at(second));
    }
    assert!(inventory.due(at(11)).contains(&Look::Sweep(Kind::Vpc)));
    assert!(
        !inventory.due(at(11)).contains(&read),
        "the read itself is tried ever more slowly"
    );
    assert!(
        inventory
            .observe(&nothing(), &Memory::default())
            .failures
            .contains_key(&Kind::Vpc)
    );
    inventory.read(
        Kind::Vpc,
        &["vpc-1".into()],
        vec![network("vpc-1", Some(true))],
        at(200),
    );
    assert!(inventory.observe(&nothing(), &Memory::default()).failures.is_empty());
}

#[test]
fn a_sweep_that_fails_is_tried_again_ever_more_slowly_and_proves_nothing() {
    let mut inventory = inventory();
    let kinds = BTreeSet::from([Kind::ElasticIp]);
    inventory.attend(&owner(), kinds.clone(), kinds, BTreeSet::new());
    sweep(&mut inventory, 0, vec![address("eip-1", "a")]);
    let error = CloudError {
        action: "DescribeAddresses",
        kind: crate::cloud::ErrorKind::Denied,
        code: None,
        message: "no".into(),
        request_id: None,
        source: None,
    };
    let mut gaps = Vec::new();
    let mut now = at(10);
    for _ in 0..8 {
        assert_eq!(
            inventory.failed(&Look::Sweep(Kind::ElasticIp), error.clone(), now),
            BTreeSet::from([owner()])
        );
        let next = inventory.next_due().unwrap();
        gaps.push(next.duration_since(now).as_secs());
        now = next;
    }
    assert!(gaps.is_sorted(), "{gaps:?}");
    assert!(*gaps.last().unwrap() <= Duration::from_mins(2).as_secs().cast_signed());
    assert_eq!(ids(&mut inventory), ["eip-1"]);
    assert!(
        inventory
            .observe(&nothing(), &Memory::default())
            .failures
            .contains_key(&Kind::ElasticIp)
    );
}

#[test]
fn what_aws_still_lists_as_deleted_is_gone_wakes_nobody_and_is_not_read_again() {
    let mut inventory = inventory();
    let deleted = Object {
        phase: Phase::Deleted,
        ..address("eip-1", "a")
    };
    sweep(&mut inventory, 0, Vec::new());
    let mut memory = Memory::default();
    memory
        .recorded
        .insert(NodeId::named(Kind::ElasticIp, "a"), "eip-1".into());
    assert_eq!(inventory.observe(&nothing(), &memory).doubtful.len(), 1);
    inventory.read(Kind::ElasticIp, &["eip-1".into()], vec![deleted.clone()], at(1));
    assert_eq!(sweep(&mut inventory, 60, vec![deleted]), BTreeSet::new());
    let observed = inventory.observe(&nothing(), &memory);
    assert!(observed.doubtful.is_empty() && observed.objects.is_empty());
    assert!(
        !inventory
            .due(at(61))
            .iter()
            .any(|look| matches!(look, Look::Read(_, _)))
    );
}
