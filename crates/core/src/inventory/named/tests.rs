use super::*;
use crate::cloud::Deletion;
use crate::desired::Identity;
use crate::object::{Object, Phase};
use crate::resource::State;
use crate::resource::dns_record::{self, Answers, RecordType, Value};
use crate::tag::{Tags, tags};
use crate::timing::Timing;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn owner() -> Owner {
    "HAStack/shop/web".parse().unwrap()
}

fn node() -> NodeId {
    NodeId::named(Kind::DnsRecord, "validation/shop.example.com")
}

fn record() -> Object {
    let state = dns_record::State {
        zone_id: "Z1".into(),
        name: "_1.shop.example.com".into(),
        record_type: RecordType::Cname,
        value: Value::Answers(Answers::one("_2.acm-validations.aws".into())),
        companion: None,
    };
    Object {
        id: state.id(),
        tags: tags("c", &owner(), "u", &node(), &Tags::new()),
        phase: Phase::Ready,
        created: None,
        state: State::DnsRecord(state),
    }
}

fn name(inventory: &mut Inventory, ids: &[&str]) {
    let named = ids.iter().map(|id| (Kind::DnsRecord, (*id).to_owned())).collect();
    inventory.attend(&owner(), BTreeSet::new(), BTreeSet::new(), named);
}

fn seen(inventory: &mut Inventory) -> usize {
    let nothing = Desired::none(Identity {
        cluster: "c".into(),
        owner: owner(),
        uid: "u".into(),
    });
    inventory.observe(&nothing, &Memory::default()).objects.len()
}

#[test]
fn what_was_deleted_and_is_named_no_more_does_not_come_back_with_a_read_that_began_before() {
    let mut inventory = Inventory::new("c", Timing::default());
    let record = record();
    name(&mut inventory, &[&record.id]);
    inventory.created(record.clone(), at(0));
    assert_eq!(seen(&mut inventory), 1);

    inventory.deleted(Kind::DnsRecord, &record.id, Deletion::Gone, at(11));
    name(&mut inventory, &[]);
    let ids = [record.id.clone()];
    inventory.read(Kind::DnsRecord, &ids, vec![record], at(10));
    assert_eq!(seen(&mut inventory), 0);
}
