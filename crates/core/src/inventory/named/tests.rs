use std::slice;

use super::*;
use crate::cloud::Deletion;
use crate::inventory::tests::{address, at, ids, inventory, owner};
use crate::object::Object;
use crate::resource::State;
use crate::resource::dns_record::{self, Answers, RecordType, Value};
use crate::tag::{Tags, tags};

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
        tags: tags("c", &owner(), "u", &node(), &Tags::new()),
        state: State::DnsRecord(state.clone()),
        ..address(&state.id(), "")
    }
}

fn name(inventory: &mut Inventory, ids: &[&str]) {
    let named = ids.iter().map(|id| (Kind::DnsRecord, (*id).to_owned())).collect();
    inventory.attend(&owner(), BTreeSet::new(), BTreeSet::new(), named);
}

#[test]
fn what_was_deleted_and_is_named_no_more_does_not_come_back_with_a_read_that_began_before() {
    let mut inventory = inventory();
    let record = record();
    name(&mut inventory, &[&record.id]);
    inventory.created(record.clone(), at(0));
    assert_eq!(ids(&mut inventory), slice::from_ref(&record.id));

    inventory.deleted(Kind::DnsRecord, &record.id, Deletion::Gone, at(11));
    name(&mut inventory, &[]);
    let read = [record.id.clone()];
    inventory.read(Kind::DnsRecord, &read, vec![record], at(10));
    assert_eq!(ids(&mut inventory), [""; 0]);
}
