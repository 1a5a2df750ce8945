//! A certificate and its DNS records: in a hosted zone they come by themselves, elsewhere somebody is told what to create.

use std::time::Duration;

use hastack_core::object::{Object, Phase};
use hastack_core::resource::State;
use hastack_core::resource::certificate::{self, Renewal, Status};
use hastack_core::resource::dns_record::{self, Answers, RecordType, Value};
use hastack_core::tag::Tags;
use hastack_core::timing::{Clock, after};
use hastack_sim::{Fault, FaultMode};
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;
use hastack_tests::tamper::certificate::record_of;

const HOSTED: &str = "domain: shop.example.com, hostedZone: example.com";
const FOREIGN: &str = "domain: shop.example.com";

fn stage(tls: &str) -> Stage {
    let shape = format!(
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {{tls: {{{tls}}}}}"
    );
    Stage::new([stack(&shape)])
}

/// A stack with such TLS at rest, and no call counted.
fn built(tls: &str) -> Stage {
    let mut stage = stage(tls);
    assert!(stage.converge(), "{tls}: {}", stage.plan());
    stage.rest(Duration::from_mins(15));
    stage.sim.inject(Vec::new());
    stage
}

fn change(stage: &Stage, tls: &str) {
    let tls = serde_yaml_ng::from_str(&format!("{{{tls}}}")).unwrap();
    stage.edit(|stack| {
        if let Some(balancer) = &mut stack.spec.load_balancer {
            balancer.tls.clone_from(&tls);
        }
    });
}

/// The records of the status, as `type name seen`.
fn listed(stage: &Stage) -> Vec<String> {
    let records = stage.stack().status.unwrap_or_default().dns_records;
    let line = |record: &hastack_api::load_balancer::DnsRecordStatus| {
        format!("{} {} {:?}", record.record_type, record.name, record.seen)
    };
    records.iter().map(line).collect()
}

fn certificates(stage: &Stage) -> Vec<(Object, certificate::State)> {
    let state = |object: Object| match object.state.clone() {
        State::Certificate(state) => Some((object, state)),
        _ => None,
    };
    stage.sim.objects().into_iter().filter_map(state).collect()
}

fn records(stage: &Stage) -> Vec<Object> {
    let is_record = |object: &Object| matches!(object.state, State::DnsRecord(_));
    stage.sim.objects().into_iter().filter(is_record).collect()
}

/// Changes the only certificate behind everybody's back.
fn turn(stage: &Stage, phase: Phase, turned: impl Fn(&mut certificate::State)) {
    let id = certificates(stage)[0].0.id.clone();
    stage.sim.tamper(&id, |object| {
        object.phase = phase;
        if let State::Certificate(state) = &mut object.state {
            turned(state);
        }
    });
}

/// Somebody else's record.
fn foreign(name: &str, record_type: RecordType, value: &str) -> Object {
    let state = dns_record::State {
        zone_id: "Z0EXAMPLE".into(),
        name: name.into(),
        record_type,
        value: Value::Answers(Answers::one(value.into())),
        companion: None,
    };
    Object {
        id: state.id(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: State::DnsRecord(state),
    }
}

#[test]
fn records_for_a_foreign_dns_are_listed_and_https_comes_when_they_are_there() {
    let mut stage = stage(FOREIGN);
    stage.rest(Duration::from_mins(10));
    assert_eq!(
        listed(&stage),
        [
            "CNAME _proof.shop.example.com Some(false)",
            "CNAME shop.example.com None",
            "CAA shop.example.com None"
        ]
    );
    assert_eq!(
        stage.message("CertificateReady"),
        "wait certificate/shop.example.com: for the DNS records in status.dnsRecords: create them where shop.example.com is served"
    );
    let status = stage.stack().status.unwrap();
    assert_eq!(status.certificate.unwrap().state.as_deref(), Some("PENDING_VALIDATION"));
    assert!(status.url.unwrap().starts_with("http://"), "HTTP serves meanwhile");
    assert!(!stage.is("Stalled") && !stage.is("Ready"));

    stage.sim.publish_dns("_proof.shop.example.com");
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(listed(&stage)[0], "CNAME _proof.shop.example.com Some(true)");
    assert!(stage.is("CertificateReady"));
    let status = stage.stack().status.unwrap();
    assert_eq!(status.url.as_deref(), Some("https://shop.example.com"));
    assert!(status.certificate.unwrap().expires.is_some());
}

#[test]
fn a_domain_that_nothing_is_above_is_told_to_use_an_alias() {
    let mut stage = stage("domain: example.com, alternativeNames: ['*.example.com'], caaRecord: false");
    stage.rest(Duration::from_mins(10));
    assert_eq!(
        listed(&stage),
        [
            "CNAME _proof.example.com Some(false)",
            "ALIAS or ANAME example.com None",
            "CNAME *.example.com None"
        ]
    );
}

#[test]
fn in_a_hosted_zone_all_records_are_written_with_one_call_each_and_go_with_the_stack() {
    let mut stage = stage(HOSTED);
    assert!(stage.converge(), "{}", stage.plan());
    let count = |action: &str, stage: &Stage| stage.writes().iter().filter(|call| **call == action).count();
    assert_eq!(count("RequestCertificate", &stage), 1);
    assert_eq!(count("ChangeResourceRecordSets", &stage), 3);
    assert_eq!(
        listed(&stage),
        [
            "CNAME _proof.shop.example.com Some(true)",
            "A (alias) shop.example.com Some(true)",
            "CAA shop.example.com Some(true)"
        ]
    );
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert_eq!(count("ChangeResourceRecordSets", &stage), 3);
    assert_eq!(count("DeleteCertificate", &stage), 1);
    assert_eq!(stage.sim.objects(), Vec::<Object>::new());
}

#[test]
fn at_rest_the_records_of_a_zone_are_read_together_and_rarely() {
    let mut stage = built(HOSTED);
    stage.rest(Duration::from_hours(1));
    let calls = stage.sim.calls();
    let reads = calls
        .iter()
        .filter(|call| call.action == "ListResourceRecordSets")
        .count();
    assert!((11..=14).contains(&reads), "{reads} reads in an hour");
    assert_eq!(stage.writes(), Vec::<&str>::new());
}

#[test]
fn a_record_of_somebody_else_is_left_alone_and_named_until_it_is_gone() {
    let mut stage = stage(HOSTED);
    let theirs = foreign("shop.example.com", RecordType::A, "198.51.100.7");
    stage.sim.place(theirs.clone());
    stage.rest(Duration::from_mins(10));
    let said = stage.message("CertificateReady");
    assert!(stage.is("Stalled"));
    for part in [
        "the A record shop.example.com (198.51.100.7) is not hastack's",
        "TXT record _hastack-a.shop.example.com with the value \"heritage=hastack,",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(stage.sim.objects().contains(&theirs));

    stage.sim.vanish(&theirs.id);
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(records(&stage).len(), 3);
}

#[test]
fn a_record_of_somebody_else_that_is_as_wanted_is_used_and_outlasts_the_stack() {
    let mut stage = stage(HOSTED);
    let proof = "_shop.example.com.acm-validations.aws.";
    let theirs = [
        foreign("_proof.shop.example.com", RecordType::Cname, proof),
        foreign("shop.example.com", RecordType::Caa, r#"0 issue "amazontrust.com""#),
    ];
    for record in theirs.clone() {
        stage.sim.place(record);
    }
    assert!(stage.converge(), "{}", stage.plan());
    let writes = stage.writes();
    let written = writes.iter().filter(|call| **call == "ChangeResourceRecordSets");
    assert_eq!(written.count(), 1, "{writes:?}");
    let resources = stage.stack().status.unwrap().common.resources;
    let external: Vec<_> = resources.iter().filter(|resource| resource.external).collect();
    assert_eq!(external.len(), 2, "{external:?}");

    stage.restart();
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert_eq!(stage.sim.objects().len(), theirs.len());
}

#[test]
fn a_record_that_lost_its_txt_record_is_named_and_taken_up_again_with_it() {
    let mut stage = built(HOSTED);
    let ours = records(&stage);
    let address = ours.iter().find(|record| record.id.ends_with("/A")).unwrap();
    stage.sim.tamper(&address.id, |object| {
        object.tags.clear();
        record_of(object).companion = None;
    });
    stage.rest(Duration::from_mins(10));
    let said = stage.message("CertificateReady");
    assert!(said.contains("has lost the TXT record beside it"), "{said}");
    assert!(stage.is("Stalled"));

    stage.sim.tamper(&address.id, |object| *object = address.clone());
    stage.rest(Duration::from_mins(10));
    assert!(stage.is("Ready"), "{}", stage.plan());
    assert_eq!(stage.writes(), Vec::<&str>::new());
}

#[test]
fn another_domain_gets_another_certificate_that_takes_over_before_the_first_goes() {
    let mut stage = built(HOSTED);
    let first = certificates(&stage)[0].0.id.clone();
    change(&stage, "domain: web.example.com, hostedZone: example.com");
    assert!(stage.converge(), "{}", stage.plan());
    let made = stage.writes();
    let at = |action: &str| made.iter().position(|call| *call == action).unwrap();
    assert!(at("RequestCertificate") < at("ModifyListener"), "{made:?}");
    assert!(at("ModifyListener") < at("DeleteCertificate"), "{made:?}");
    let left = certificates(&stage);
    assert_eq!(left.len(), 1);
    assert_ne!(left[0].0.id, first);
    assert!(
        records(&stage)
            .iter()
            .all(|record| record.id.contains("web.example.com"))
    );
    assert_eq!(
        stage.stack().status.unwrap().url.as_deref(),
        Some("https://web.example.com")
    );
}

#[test]
fn moving_to_another_hosted_zone_moves_the_records() {
    let mut stage = built(HOSTED);
    change(&stage, "domain: shop.example.org, hostedZone: example.org");
    assert!(stage.converge(), "{}", stage.plan());
    assert!(records(&stage).iter().all(|record| record.id.starts_with("Z0OTHER/")));
    assert_eq!(records(&stage).len(), 3);
}

#[test]
fn a_certificate_whose_validation_timed_out_is_requested_again() {
    let mut stage = stage(FOREIGN);
    stage.rest(Duration::from_mins(10));
    let first = certificates(&stage)[0].0.id.clone();
    stage.sim.inject(Vec::new());
    turn(&stage, Phase::Failed, |state| state.status = Status::ValidationTimedOut);
    stage.rest(Duration::from_mins(10));
    assert_eq!(stage.writes(), ["DeleteCertificate", "RequestCertificate"]);
    assert_ne!(certificates(&stage)[0].0.id, first);
    stage.sim.publish_dns("_proof.shop.example.com");
    assert!(stage.converge(), "{}", stage.plan());
}

#[test]
fn a_certificate_that_aws_refuses_is_named_with_the_reason_and_requested_again_when_it_is_deleted() {
    let mut stage = stage(FOREIGN);
    stage.rest(Duration::from_mins(10));
    stage.sim.inject(Vec::new());
    turn(&stage, Phase::Failed, |state| {
        state.status = Status::Failed;
        state.failure = Some("CAA_ERROR".into());
    });
    stage.rest(Duration::from_mins(10));
    let said = stage.message("CertificateReady");
    assert!(
        said.contains("CAA_ERROR: a CAA record of the domain does not let Amazon"),
        "{said}"
    );
    assert!(stage.is("Stalled"));
    assert_eq!(stage.writes(), Vec::<&str>::new());

    stage.sim.vanish(&certificates(&stage)[0].0.id);
    stage.sim.publish_dns("_proof.shop.example.com");
    assert!(stage.converge(), "{}", stage.plan());
}

#[test]
fn a_certificate_that_is_not_renewed_in_time_is_said_when_the_time_has_come() {
    let mut stage = built(HOSTED);
    let expires = after(stage.sim.now(), Duration::from_hours(24 * 40));
    turn(&stage, Phase::Ready, |state| state.not_after = Some(expires));
    stage.rest(Duration::from_mins(10));
    assert!(stage.is("Ready"), "{}", stage.plan());
    stage.restart();
    stage.rest(Duration::from_hours(24 * 10) + Duration::from_mins(5));
    assert!(!stage.is("CertificateReady") && stage.is("Stalled"));
    let said = stage.message("CertificateReady");
    assert!(said.contains("and AWS has not renewed it"), "{said}");
    assert_eq!(stage.writes(), Vec::<&str>::new());
}

#[test]
fn a_certificate_that_cannot_be_renewed_is_said_at_once() {
    let mut stage = built(HOSTED);
    turn(&stage, Phase::Ready, |state| {
        state.renewal = Some(Renewal::PendingValidation);
    });
    stage.rest(Duration::from_mins(10));
    let said = stage.message("CertificateReady");
    assert!(said.contains("AWS cannot renew it"), "{said}");
}

#[test]
fn a_hosted_zone_that_does_not_fit_is_refused_by_name() {
    for (tls, said) in [
        (
            "domain: shop.example.net, hostedZone: example.net",
            "no public hosted zone of the id or name \"example.net\"",
        ),
        (
            "domain: shop.twin.example, hostedZone: twin.example",
            "give the id of one of them: Z0TWIN1, Z0TWIN2",
        ),
        (
            "domain: shop.example.com, alternativeNames: [shop.example.org], hostedZone: Z0EXAMPLE",
            "loadBalancer.tls.alternativeNames[0]: shop.example.org is not within the hosted zone example.com",
        ),
    ] {
        let mut stage = stage(tls);
        stage.rest(Duration::from_mins(5));
        let message = stage.message("Stalled");
        assert!(message.contains(said), "{message}");
        assert_eq!(stage.writes(), Vec::<&str>::new());
    }
}

#[test]
fn a_record_of_which_only_aws_knows_goes_with_the_stack() {
    let mut reference = stage(HOSTED);
    assert!(reference.converge());
    let made = reference.writes();
    let indices = made
        .iter()
        .enumerate()
        .filter(|(_, action)| **action == "ChangeResourceRecordSets");
    for (at, _) in indices {
        let mut stage = stage(HOSTED);
        let mode = FaultMode::CrashAfter;
        stage.sim.inject(vec![Fault { at, mode }]);
        while stage.turn().is_ok() {
            stage.sim.advance_to(after(stage.sim.now(), Duration::from_secs(1)));
        }
        stage.restart();
        stage.delete();
        assert!(stage.run_until(|_| false), "{}", stage.plan());
        assert_eq!(stage.sim.objects(), Vec::<Object>::new());
    }
}

#[test]
fn a_given_certificate_is_looked_at_and_left_alone() {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
    let mut stage = built(&format!("certificateArn: '{arn}'"));
    let status = stage.stack().status.unwrap();
    assert_eq!(status.certificate.unwrap().arn.as_deref(), Some(arn));
    assert!(status.dns_records.is_empty());
    assert!(stage.is("CertificateReady"));
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    assert!(!stage.writes().contains(&"DeleteCertificate"));
}
