use aws_sdk_route53::Client;
use aws_sdk_route53::operation::change_resource_record_sets::{
    ChangeResourceRecordSetsError, ChangeResourceRecordSetsOutput,
};
use aws_sdk_route53::operation::list_resource_record_sets::{
    ListResourceRecordSetsError, ListResourceRecordSetsOutput,
};
use aws_sdk_route53::types::{ChangeInfo, ChangeStatus};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::resource::dns_record::AUTHORITY;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, request};

const COMPANION: &str =
    r#""heritage=hastack,hastack.dev/cluster=c1,hastack.dev/owner=HAStack/shop/web,hastack.dev/id=dns-record/caa/x""#;

fn alias() -> Value {
    Value::Alias {
        dns_name: "web-1.us-east-1.elb.amazonaws.com".into(),
        hosted_zone_id: "Z35".into(),
        evaluate_health: false,
    }
}

fn state(record_type: RecordType, value: Value) -> State {
    State {
        zone_id: "Z1".into(),
        name: "shop.example.com".into(),
        record_type,
        value,
        companion: Some(Answers::one(COMPANION.into())),
    }
}

fn answers(name: &str, record_type: RrType, value: &str) -> ResourceRecordSet {
    record_set(&place(name, record_type), &Value::Answers(Answers::one(value.into()))).unwrap()
}

fn page(start: &'static str, record_type: RrType, sets: Vec<ResourceRecordSet>) -> Rule {
    mock!(Client::list_resource_record_sets)
        .match_requests(move |input| {
            input.hosted_zone_id() == Some("Z1")
                && input.start_record_name() == Some(start)
                && input.start_record_type() == Some(&record_type)
        })
        .then_output(move || {
            ListResourceRecordSetsOutput::builder()
                .set_resource_record_sets(Some(sets.clone()))
                .is_truncated(true)
                .max_items(300)
                .build()
                .unwrap()
        })
}

fn changed(wanted: Vec<(ChangeAction, ResourceRecordSet)>) -> Rule {
    mock!(Client::change_resource_record_sets)
        .match_requests(move |input| {
            let changes = input.change_batch().unwrap().changes().iter();
            let changes = changes.map(|change| (change.action.clone(), change.resource_record_set.clone().unwrap()));
            input.hosted_zone_id() == Some("Z1") && changes.eq(wanted.clone())
        })
        .then_output(|| {
            let info = ChangeInfo::builder()
                .id("C1")
                .status(ChangeStatus::Pending)
                .submitted_at(DateTime::from_secs(0));
            ChangeResourceRecordSetsOutput::builder()
                .change_info(info.build().unwrap())
                .build()
        })
}

fn refused(message: &'static str) -> Rule {
    mock!(Client::change_resource_record_sets).then_error(move || {
        let error = ErrorMetadata::builder().code("InvalidChangeBatch").message(message);
        ChangeResourceRecordSetsError::generic(error.build())
    })
}

#[tokio::test]
async fn a_record_is_created_together_with_the_one_that_tells_whose_it_is() {
    let target = AliasTarget::builder()
        .dns_name("web-1.us-east-1.elb.amazonaws.com")
        .hosted_zone_id("Z35")
        .evaluate_target_health(false);
    let record = ResourceRecordSet::builder()
        .name("shop.example.com")
        .r#type(RrType::A)
        .alias_target(target.build().unwrap());
    let beside = answers("_hastack-a.shop.example.com", RrType::Txt, COMPANION);
    let batch = vec![
        (ChangeAction::Create, record.build().unwrap()),
        (ChangeAction::Upsert, beside),
    ];
    let (aws, _) = aws(&[changed(batch)]);
    let wanted = Create {
        zone_id: "Z1".into(),
        name: "shop.example.com".into(),
        record_type: RecordType::A,
        value: alias(),
        companion: COMPANION.into(),
    };
    let made = aws
        .create(&request(Kind::DnsRecord, AnyCreate::DnsRecord(wanted)))
        .await
        .unwrap();
    assert_eq!(made.id, "Z1/shop.example.com/A");
    assert_eq!(made.state, AnyState::DnsRecord(state(RecordType::A, alias())));
}

#[tokio::test]
async fn a_record_is_changed_and_deleted_with_the_one_beside_it() {
    let old = answers("shop.example.com", RrType::Caa, "old");
    let new = answers("shop.example.com", RrType::Caa, AUTHORITY);
    let beside = answers("_hastack-caa.shop.example.com", RrType::Txt, COMPANION);
    let (aws, _) = aws(&[
        changed(vec![
            (ChangeAction::Upsert, new),
            (ChangeAction::Upsert, beside.clone()),
        ]),
        changed(vec![(ChangeAction::Delete, old), (ChangeAction::Delete, beside)]),
    ]);
    let record = object(
        "Z1/shop.example.com/CAA",
        AnyState::DnsRecord(state(RecordType::Caa, Value::Answers(Answers::one("old".into())))),
    );
    let change = Change::Write {
        value: Value::Answers(Answers::one(AUTHORITY.into())),
        companion: COMPANION.into(),
    };
    aws.update(&record, &AnyChange::DnsRecord(change)).await.unwrap();
    assert_eq!(aws.delete(&record, None).await.unwrap(), Deletion::Gone);
}

#[tokio::test]
async fn what_route_53_says_of_a_batch_leads_to_a_look_or_is_a_success() {
    let record = object(
        "Z1/shop.example.com/A",
        AnyState::DnsRecord(state(RecordType::A, alias())),
    );
    let (aws, _) = aws(&[
        refused("[Tried to delete resource record set [name='shop.example.com.', type='A'] but it was not found]"),
        refused(
            "[Tried to delete resource record set [name='shop.example.com.', type='A'] but the values provided do not match the current values]",
        ),
    ]);
    assert_eq!(aws.delete(&record, None).await.unwrap(), Deletion::Gone);
    assert!(aws.delete(&record, None).await.unwrap_err().kind.is_uncertain());
}

#[tokio::test]
async fn the_records_of_a_domain_are_read_in_one_call() {
    let sets = vec![
        ResourceRecordSet::builder()
            .name("shop.example.com.")
            .r#type(RrType::A)
            .alias_target(
                AliasTarget::builder()
                    .dns_name("Web-1.us-east-1.elb.amazonaws.com.")
                    .hosted_zone_id("Z35")
                    .evaluate_target_health(false)
                    .build()
                    .unwrap(),
            )
            .build()
            .unwrap(),
        answers("shop.example.com.", RrType::Caa, AUTHORITY),
        answers("other.example.com.", RrType::A, "198.51.100.1"),
        answers("_hastack-a.shop.example.com.", RrType::Txt, COMPANION),
        answers("_hastack-caa.shop.example.com.", RrType::Txt, COMPANION),
    ];
    let (aws, calls) = aws(&[page("shop.example.com", RrType::A, sets)]);
    let ids = ["Z1/shop.example.com/A", "Z1/shop.example.com/CAA"].map(str::to_owned);
    let seen = aws.read(Kind::DnsRecord, &ids).await.unwrap();
    let states: Vec<_> = seen.iter().map(|object| object.state.clone()).collect();
    let authority = Value::Answers(Answers::one(AUTHORITY.into()));
    assert_eq!(
        states,
        [state(RecordType::A, alias()), state(RecordType::Caa, authority)].map(AnyState::DnsRecord)
    );
    assert_eq!(seen[0].tags["hastack.dev/owner"], "HAStack/shop/web");
    assert_eq!(calls.seen().len(), 1);
}

#[tokio::test]
async fn a_record_that_no_page_shows_is_asked_for_by_itself_and_is_not_there() {
    let other = vec![answers("zoo.example.com.", RrType::A, "198.51.100.1")];
    let (aws, _) = aws(&[
        page("*.example.com", RrType::A, other.clone()),
        page("_hastack-a.*.example.com", RrType::Txt, other),
    ]);
    let ids = ["Z1/*.example.com/A".to_owned()];
    assert_eq!(aws.read(Kind::DnsRecord, &ids).await.unwrap(), []);
}

#[tokio::test]
async fn a_wildcard_and_a_record_of_somebody_else_are_shown_as_they_are() {
    let sets = vec![answers("\\052.example.com.", RrType::A, "198.51.100.1")];
    let (aws, _) = aws(&[
        page("*.example.com", RrType::A, sets.clone()),
        page("_hastack-a.*.example.com", RrType::Txt, Vec::new()),
    ]);
    let seen = aws
        .read(Kind::DnsRecord, &["Z1/*.example.com/A".to_owned()])
        .await
        .unwrap();
    assert_eq!(seen[0].id, "Z1/*.example.com/A");
    assert!(seen[0].tags.is_empty());
}

#[tokio::test]
async fn records_of_a_routing_policy_are_neither_taken_for_ours_nor_written() {
    let weighted = |id: &str| {
        let set = ResourceRecordSet::builder().name("shop.example.com.").r#type(RrType::A);
        set.set_identifier(id).weight(1).build().unwrap()
    };
    let sets = vec![
        weighted("a"),
        weighted("b"),
        answers("_hastack-a.shop.example.com.", RrType::Txt, COMPANION),
    ];
    let (aws, calls) = aws(&[page("shop.example.com", RrType::A, sets)]);
    let seen = aws
        .read(Kind::DnsRecord, &["Z1/shop.example.com/A".to_owned()])
        .await
        .unwrap();
    assert_eq!(seen[0].state, AnyState::DnsRecord(state(RecordType::A, Value::Routed)));
    assert_eq!(aws.delete(&seen[0], None).await.unwrap_err().kind, ErrorKind::Invalid);
    assert_eq!(calls.seen().len(), 1);
}

#[tokio::test]
async fn the_records_of_a_zone_that_is_gone_are_gone() {
    let gone = mock!(Client::list_resource_record_sets).then_error(|| {
        let error = ErrorMetadata::builder().code("NoSuchHostedZone").message("none");
        ListResourceRecordSetsError::generic(error.build())
    });
    let (aws, _) = aws(&[gone]);
    assert_eq!(
        aws.read(Kind::DnsRecord, &["Z1/shop.example.com/A".to_owned()])
            .await
            .unwrap(),
        []
    );
}
