//! Changes of DNS records. Nothing about a certificate can be changed.

use hastack_core::object::Object;
use hastack_core::resource::State;
use hastack_core::resource::dns_record::{self, Answers, Value};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    let State::DnsRecord(record) = state else {
        return Vec::new();
    };
    let mut tampers: Vec<Tamper> = vec![
        ("another value", |object| {
            record_of(object).value = Value::Answers(Answers::one("198.51.100.7".into()));
        }),
        ("how long the TXT record is kept", |object| {
            if let Some(companion) = &mut record_of(object).companion {
                companion.ttl = 60;
            }
        }),
    ];
    match record.value {
        Value::Alias { .. } => tampers.extend::<[Tamper; 2]>([
            ("an alias of something else", |object| {
                if let Value::Alias { dns_name, .. } = &mut record_of(object).value {
                    *dns_name = "foreign.us-east-1.elb.amazonaws.com".into();
                }
            }),
            ("an alias that depends on health", |object| {
                if let Value::Alias { evaluate_health, .. } = &mut record_of(object).value {
                    *evaluate_health = true;
                }
            }),
        ]),
        Value::Answers(_) => tampers.extend::<[Tamper; 2]>([
            ("how long it is kept", |object| answers_of(object).ttl = 60),
            ("a further value", |object| {
                answers_of(object).values.push("foreign".into());
            }),
        ]),
        Value::Routed => {}
    }
    tampers
}

/// The state of a DNS record.
pub fn record_of(object: &mut Object) -> &mut dns_record::State {
    match &mut object.state {
        State::DnsRecord(record) => record,
        other => panic!("{other:?} is no DNS record"),
    }
}

fn answers_of(object: &mut Object) -> &mut Answers {
    match &mut record_of(object).value {
        Value::Answers(answers) => answers,
        other => panic!("{other:?} is no fixed answer"),
    }
}
