//! A DNS record, with the TXT record beside it that tells whose it is.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::{self, AliasTarget, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::dns_record::{Answers, Change, Create, RecordType, State, Value, companion_name};
use hastack_core::tag::tags_of_companion;

use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::error;

/// A record's name, label by label from the right, as Route 53 sorts them, and its type.
type Place = (Vec<String>, RrType);

/// Nothing: no list shows whose a record is, so each is read.
pub fn sweep() -> Vec<Object> {
    Vec::new()
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut zones: BTreeMap<&str, Vec<(&str, RecordType)>> = BTreeMap::new();
    for id in ids {
        if let Some((zone, name, record_type)) = parts(id) {
            zones.entry(zone).or_default().push((name, record_type));
        }
    }
    let mut objects = Vec::with_capacity(ids.len());
    for (zone_id, records) in zones {
        let places = records
            .iter()
            .flat_map(|(name, record_type)| places(name, *record_type));
        let shown = match look_for(aws, zone_id, places.collect()).await {
            Ok(shown) => shown,
            // The zone is gone with all its records.
            Err(error) if error.kind == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let records = records.into_iter();
        objects.extend(records.filter_map(|(name, record_type)| object(zone_id, name, record_type, &shown)));
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, _request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let state = create.state();
    // Not over what somebody else may have written in the meantime; the TXT record may have been left.
    change(aws, &state, [ChangeAction::Create, ChangeAction::Upsert]).await?;
    Ok(whole(state))
}

pub async fn update(aws: &Aws, object: &Object, wanted: &Change) -> Result<Reply, CloudError> {
    let Change::Write { value, companion } = wanted;
    if let AnyState::DnsRecord(state) = &object.state {
        let state = State {
            value: value.clone(),
            companion: Some(Answers::one(companion.clone())),
            ..state.clone()
        };
        change(aws, &state, [ChangeAction::Upsert, ChangeAction::Upsert]).await?;
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, object: &Object) -> Result<Deletion, CloudError> {
    let AnyState::DnsRecord(state) = &object.state else {
        return Ok(Deletion::Gone);
    };
    let result = change(aws, state, [ChangeAction::Delete, ChangeAction::Delete]).await;
    gone(result, Deletion::Gone)
}

/// Writes a record and the one beside it in one call, which takes effect as a whole or not at all.
async fn change(aws: &Aws, state: &State, [record, companion]: [ChangeAction; 2]) -> Result<(), CloudError> {
    let action = Action::ChangeResourceRecordSets;
    let [own, beside] = places(&state.name, state.record_type);
    let written = [
        Some((record, record_set(&own, &state.value))),
        state
            .companion
            .clone()
            .map(|answers| (companion, record_set(&beside, &Value::Answers(answers)))),
    ];
    let changes = written.into_iter().flatten().map(|(verb, set)| {
        let change = types::Change::builder().action(verb).resource_record_set(set?);
        change.build().ok()
    });
    let batch = ChangeBatch::builder().set_changes(changes.collect()).build();
    let batch = batch.map_err(|_| {
        let message = "a record that a routing policy answers is not hastack's to write";
        error::refused(action, Some("InvalidChangeBatch"), Some(message))
    })?;
    let call = aws.route53.write.change_resource_record_sets();
    let call = call.hosted_zone_id(&state.zone_id).change_batch(batch);
    aws.send_write(action, call.send()).await?;
    Ok(())
}

/// The records at these places, as far as there are any. AWS lists from one place on in order, so that those of one domain take one
/// call. What is not in the page is asked for by itself: only where a list begins does it show that there is nothing.
async fn look_for(aws: &Aws, zone_id: &str, wanted: BTreeSet<Place>) -> Result<Vec<ResourceRecordSet>, CloudError> {
    let mut found = BTreeMap::new();
    let mut open = wanted.clone();
    while let Some(first) = open.pop_first() {
        let request = aws
            .route53
            .read
            .list_resource_record_sets()
            .hosted_zone_id(zone_id)
            .start_record_name(name(&first))
            .start_record_type(first.1.clone())
            .max_items(Kind::DnsRecord.row().page.into());
        let answer = aws.send_read(Action::ListResourceRecordSets, || request.clone().send());
        for set in answer.await?.resource_record_sets {
            let place = place(&unescape(&set.name), set.r#type.clone());
            if wanted.contains(&place) {
                open.remove(&place);
                found.insert((place, set.set_identifier.clone()), set);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Zone, name and type of an id.
fn parts(id: &str) -> Option<(&str, &str, RecordType)> {
    let (zone, rest) = id.split_once('/')?;
    let (name, word) = rest.rsplit_once('/')?;
    let types = [RecordType::A, RecordType::Cname, RecordType::Caa];
    let record_type = types.into_iter().find(|known| known.to_string() == word)?;
    Some((zone, name, record_type))
}

/// Where a record is, and the one beside it.
fn places(name: &str, record_type: RecordType) -> [Place; 2] {
    let own = match record_type {
        RecordType::A => RrType::A,
        RecordType::Cname => RrType::Cname,
        RecordType::Caa => RrType::Caa,
    };
    [place(name, own), place(&companion_name(name, record_type), RrType::Txt)]
}

fn place(name: &str, record_type: RrType) -> Place {
    let labels = name.trim_end_matches('.').rsplit('.');
    (labels.map(str::to_lowercase).collect(), record_type)
}

fn name((labels, _): &Place) -> String {
    let labels: Vec<_> = labels.iter().rev().map(String::as_str).collect();
    labels.join(".")
}

/// A name without the numbers that Route 53 writes for characters such as the asterisk.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>
fn unescape(name: &str) -> String {
    let mut parts = name.split('\\');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let code = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match (code, part.get(3..)) {
            (Some(code), Some(rest)) => format!("{text}{}{rest}", char::from(code)),
            (_, _) => format!("{text}\\{part}"),
        }
    })
}

/// A record in AWS's words; none for one that several answer.
fn record_set(place: &Place, value: &Value) -> Option<ResourceRecordSet> {
    let set = ResourceRecordSet::builder().name(name(place)).r#type(place.1.clone());
    let set = match value {
        Value::Alias {
            dns_name,
            hosted_zone_id,
            evaluate_health,
        } => {
            let target = AliasTarget::builder()
                .dns_name(dns_name)
                .hosted_zone_id(hosted_zone_id)
                .evaluate_target_health(*evaluate_health);
            set.alias_target(target.build().ok()?)
        }
        Value::Answers(Answers { ttl, values }) => {
            let records = values
                .iter()
                .map(|value| ResourceRecord::builder().value(value).build().ok());
            set.ttl((*ttl).into()).set_resource_records(records.collect())
        }
        Value::Routed => return None,
    };
    set.build().ok()
}

fn object(zone_id: &str, name: &str, record_type: RecordType, shown: &[ResourceRecordSet]) -> Option<Object> {
    let [own, beside] = places(name, record_type);
    let at = |wanted: &Place| {
        let is = |set: &&ResourceRecordSet| place(&unescape(&set.name), set.r#type.clone()) == *wanted;
        shown.iter().filter(is).collect::<Vec<_>>()
    };
    let companion = match value(&at(&beside)) {
        Some(Value::Answers(answers)) => Some(answers),
        Some(Value::Alias { .. } | Value::Routed) | None => None,
    };
    Some(whole(State {
        zone_id: zone_id.to_owned(),
        name: name.to_owned(),
        record_type,
        value: value(&at(&own))?,
        companion,
    }))
}

/// A record with the tags that the one beside it stands for.
fn whole(state: State) -> Object {
    let text = state.companion.as_ref().and_then(|answers| answers.values.first());
    Object {
        id: state.id(),
        tags: text.and_then(|text| tags_of_companion(text)).unwrap_or_default(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::DnsRecord(state),
    }
}

/// What the records at one place say; nothing where there are none.
fn value(sets: &[&ResourceRecordSet]) -> Option<Value> {
    let [set] = sets else {
        return sets.first().map(|_| Value::Routed);
    };
    let plain =
        set.set_identifier.is_none() && set.health_check_id.is_none() && set.traffic_policy_instance_id.is_none();
    let value = match (&set.alias_target, &set.resource_records) {
        (Some(target), _) if plain => Value::Alias {
            dns_name: target.dns_name.trim_end_matches('.').to_lowercase(),
            hosted_zone_id: target.hosted_zone_id.clone(),
            evaluate_health: target.evaluate_target_health,
        },
        (None, Some(records)) if plain => Value::Answers(Answers {
            ttl: set.ttl.and_then(|ttl| ttl.try_into().ok()).unwrap_or_default(),
            values: records.iter().map(|record| record.value.clone()).collect(),
        }),
        (_, _) => Value::Routed,
    };
    Some(value)
}

#[cfg(test)]
mod tests;
