//! A certificate: it is issued some time after the DNS shows all records that AWS asks for.

use std::collections::BTreeSet;
use std::time::Duration;

use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::certificate::{Change, Create, Record, State, Status, Validation, base};
use hastack_core::resource::dns_record::{RecordType, Value};
use hastack_core::timing::after;

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

/// How long AWS takes to issue a certificate of whose records it knows.
const ISSUANCE: Duration = Duration::from_mins(1);
/// How long a certificate is good for.
const VALIDITY: Duration = Duration::from_hours(24 * 198);

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "RequestCertificate",
        describe: "ListCertificates",
        delete: "DeleteCertificate",
    };
    const LIFE: Life = Life {
        // Until the records are there.
        pending: Duration::MAX,
        ..Life::AT_ONCE
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            domain,
            alternative_names,
        } = create;
        Ok(Self {
            domain: domain.clone(),
            alternative_names: alternative_names.clone(),
            status: Status::PendingValidation,
            // The answer to a request does not hold them yet.
            validations: Vec::new(),
            not_after: None,
            renewal: None,
            failure: None,
        })
    }

    fn created(&self, world: &mut World, id: &str) {
        if let Some(AnyState::Certificate(state)) = world.things.get_mut(id).map(|thing| &mut thing.object.state) {
            let names = [&self.domain].into_iter().chain(&self.alternative_names);
            state.validations = names.map(|name| validation(name)).collect();
        }
    }

    fn foreign(id: &str) -> Option<Self> {
        id.starts_with("arn:").then(|| Self {
            domain: "foreign.example".into(),
            alternative_names: Vec::new(),
            status: Status::Issued,
            validations: Vec::new(),
            not_after: None,
            renewal: None,
            failure: None,
        })
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}

/// The record that shows who owns a domain: the same for all certificates of an account.
fn validation(name: &str) -> Validation {
    let domain = base(name);
    Validation {
        domain: name.to_owned(),
        record: Some(Record {
            name: format!("_proof.{domain}"),
            value: format!("_{domain}.acm-validations.aws"),
        }),
        validated: false,
    }
}

/// Lets AWS look for the records it asks for, and issue the certificates of which it has seen all.
pub(crate) fn validate(world: &mut World) {
    let served: BTreeSet<_> = world.states().filter_map(served).collect();
    let now = world.now;
    let World {
        things, dns, proven, ..
    } = world;
    for (id, thing) in things {
        let AnyState::Certificate(state) = &mut thing.object.state else {
            continue;
        };
        if state.status != Status::PendingValidation {
            continue;
        }
        for validation in &mut state.validations {
            let seen = |record: &Record| dns.contains(&record.name) || served.contains(record.name.as_str());
            validation.validated |= validation.record.as_ref().is_some_and(seen);
        }
        let all = state.validations.iter().all(|validation| validation.validated);
        if all && now >= after(*proven.entry(id.clone()).or_insert(now), ISSUANCE) {
            state.status = Status::Issued;
            state.not_after = Some(after(now, VALIDITY));
            thing.object.phase = Phase::Ready;
        }
    }
}

/// The name of a record that shows who owns a domain.
fn served(state: &AnyState) -> Option<String> {
    match state {
        AnyState::DnsRecord(record) if record.record_type == RecordType::Cname => match &record.value {
            Value::Answers(_) => Some(record.name.clone()),
            Value::Alias { .. } | Value::Routed => None,
        },
        _ => None,
    }
}
