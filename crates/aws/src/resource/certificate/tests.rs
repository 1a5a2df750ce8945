use aws_sdk_acm::Client;
use aws_sdk_acm::operation::delete_certificate::DeleteCertificateError;
use aws_sdk_acm::operation::describe_certificate::{DescribeCertificateError, DescribeCertificateOutput};
use aws_sdk_acm::operation::list_certificates::ListCertificatesOutput;
use aws_sdk_acm::operation::list_tags_for_certificate::ListTagsForCertificateOutput;
use aws_sdk_acm::operation::request_certificate::RequestCertificateOutput;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateSummary, DomainValidation, FailureReason, RecordType, RenewalSummary, ResourceRecord,
    Tag,
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn tag() -> Tag {
    Tag::builder().key("hastack.dev/cluster").value("c1").build().unwrap()
}

fn listed(arn: &'static str, next: Option<&'static str>) -> Rule {
    mock!(Client::list_certificates)
        .match_requests(|input| input.includes().unwrap().key_types().len() == ALGORITHMS.len())
        .then_output(move || {
            let summary = CertificateSummary::builder()
                .certificate_arn(arn)
                .r#type(CertificateType::AmazonIssued);
            let imported = CertificateSummary::builder()
                .certificate_arn("arn-imported")
                .r#type(CertificateType::Imported);
            ListCertificatesOutput::builder()
                .certificate_summary_list(summary.build())
                .certificate_summary_list(imported.build())
                .set_next_token(next.map(str::to_owned))
                .build()
        })
}

fn tagged(arn: &'static str, tag: Option<Tag>) -> Rule {
    mock!(Client::list_tags_for_certificate)
        .match_requests(move |input| input.certificate_arn() == Some(arn))
        .then_output(move || {
            let tags = tag.clone().into_iter().collect();
            ListTagsForCertificateOutput::builder().set_tags(Some(tags)).build()
        })
}

fn option(domain: &str, status: DomainStatus) -> DomainValidation {
    let record = ResourceRecord::builder()
        .name(format!("_x.{domain}."))
        .r#type(RecordType::Cname)
        .value("_y.acm-validations.aws.");
    DomainValidation::builder()
        .domain_name(domain)
        .validation_status(status)
        .resource_record(record.build().unwrap())
        .build()
        .unwrap()
}

fn detail() -> aws_sdk_acm::types::builders::CertificateDetailBuilder {
    CertificateDetail::builder()
        .certificate_arn("arn-1")
        .domain_name("shop.example.com")
        .subject_alternative_names("shop.example.com")
        .subject_alternative_names("www.example.com")
        .subject_alternative_names("a.example.com")
        .domain_validation_options(option("shop.example.com", DomainStatus::Success))
}

fn described(detail: CertificateDetail) -> Rule {
    mock!(Client::describe_certificate)
        .match_requests(|input| input.certificate_arn() == Some("arn-1"))
        .then_output(move || DescribeCertificateOutput::builder().certificate(detail.clone()).build())
}

async fn shown(detail: CertificateDetail) -> (Phase, State) {
    let (aws, _) = aws(&[tagged("arn-1", Some(tag())), described(detail)]);
    let mut seen = aws.read(Kind::Certificate, &["arn-1".into()]).await.unwrap();
    let object = seen.remove(0);
    match object.state {
        AnyState::Certificate(state) => (object.phase, state),
        other => panic!("{other:?} is no certificate"),
    }
}

#[tokio::test]
async fn a_certificate_is_requested_with_its_names_token_and_tags() {
    let create = mock!(Client::request_certificate)
        .match_requests(|input| {
            input.domain_name() == Some("shop.example.com")
                && input.subject_alternative_names() == ["www.example.com"]
                && input.validation_method() == Some(&ValidationMethod::Dns)
                && input.idempotency_token() == Some(&"0123456789abcdef".repeat(2))
                && input.tags() == [tag()]
        })
        .then_output(|| RequestCertificateOutput::builder().certificate_arn("arn-1").build());
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        domain: "shop.example.com".into(),
        alternative_names: vec!["www.example.com".into()],
    };
    let request = CreateRequest {
        token: "0123456789abcdef".repeat(4),
        ..request(Kind::Certificate, AnyCreate::Certificate(wanted))
    };
    let made = aws.create(&request).await.unwrap();
    assert_eq!((made.id.as_str(), made.phase), ("arn-1", Phase::Pending));
    assert_eq!(made.tags, tags());
}

#[tokio::test]
async fn a_sweep_reads_every_page_and_asks_for_the_tags_of_others_once() {
    let (aws, calls) = aws(&[
        listed("arn-2", Some("more")),
        listed("arn-1", None),
        tagged("arn-2", None),
        tagged("arn-1", Some(tag())),
        described(detail().build()),
        listed("arn-2", None),
    ]);
    let seen = aws.sweep(Kind::Certificate, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].tags, tags());
    assert_eq!(aws.sweep(Kind::Certificate, &[]).await.unwrap(), []);
    assert_eq!(calls.seen().len(), 6);
}

#[tokio::test]
async fn a_certificate_shows_its_names_and_records_without_dots_at_the_end() {
    let issued = detail()
        .status(CertificateStatus::Issued)
        .not_after(DateTime::from_secs(60));
    let (phase, state) = shown(issued.build()).await;
    assert_eq!(phase, Phase::Ready);
    assert_eq!(state.alternative_names, ["a.example.com", "www.example.com"]);
    assert_eq!(state.not_after.unwrap().as_second(), 60);
    let record = state.record("shop.example.com").unwrap();
    assert_eq!(record.name, "_x.shop.example.com");
    assert_eq!(record.value, "_y.acm-validations.aws");
    assert!(state.validations[0].validated);
}

#[tokio::test]
async fn a_certificate_that_was_refused_shows_the_reason() {
    let failed = detail()
        .status(CertificateStatus::Failed)
        .failure_reason(FailureReason::CaaError);
    let (phase, state) = shown(failed.build()).await;
    assert_eq!(phase, Phase::Failed);
    assert_eq!(state.failure.as_deref(), Some("CAA_ERROR"));
}

#[tokio::test]
async fn a_renewal_that_waits_for_records_shows_which() {
    let renewal = RenewalSummary::builder()
        .renewal_status(RenewalStatus::PendingValidation)
        .domain_validation_options(option("shop.example.com", DomainStatus::PendingValidation))
        .updated_at(DateTime::from_secs(0));
    let renewing = detail()
        .status(CertificateStatus::Issued)
        .renewal_summary(renewal.build().unwrap());
    let (phase, state) = shown(renewing.build()).await;
    assert_eq!((phase, state.renewal), (Phase::Ready, Some(Renewal::PendingValidation)));
    assert!(!state.validations[0].validated);
}

#[tokio::test]
async fn every_word_for_a_certificate_has_a_phase() {
    for (word, phase) in [
        (CertificateStatus::PendingValidation, Phase::Pending),
        (CertificateStatus::Issued, Phase::Ready),
        (CertificateStatus::Inactive, Phase::Failed),
        (CertificateStatus::Expired, Phase::Failed),
        (CertificateStatus::ValidationTimedOut, Phase::Failed),
        (CertificateStatus::Revoked, Phase::Failed),
        (CertificateStatus::Failed, Phase::Failed),
        (CertificateStatus::from("NEW_WORD"), Phase::Pending),
    ] {
        assert_eq!(shown(detail().status(word.clone()).build()).await.0, phase, "{word:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_goes_while_it_is_read_is_left_out() {
    let gone = mock!(Client::describe_certificate)
        .then_error(|| DescribeCertificateError::generic(refusal("ResourceNotFoundException")));
    let (aws, _) = aws(&[tagged("arn-1", Some(tag())), gone]);
    assert_eq!(aws.read(Kind::Certificate, &["arn-1".into()]).await.unwrap(), []);
}

#[tokio::test]
async fn deleting_a_certificate_that_is_gone_is_no_error_and_one_in_use_is_refused() {
    let error = |code: &'static str| {
        mock!(Client::delete_certificate).then_error(move || DeleteCertificateError::generic(refusal(code)))
    };
    let state = shown(detail().build()).await.1;
    let certificate = object("arn-1", AnyState::Certificate(state));
    let (aws, _) = aws(&[error("ResourceNotFoundException"), error("ResourceInUseException")]);
    assert_eq!(aws.delete(&certificate, None).await.unwrap(), Deletion::Gone);
    assert_eq!(aws.delete(&certificate, None).await.unwrap_err().kind, ErrorKind::InUse);
}
