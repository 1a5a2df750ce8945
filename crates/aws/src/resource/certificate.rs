//! A certificate.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_acm::types::{
    self, CertificateStatus, CertificateType, DomainStatus, Filters, KeyAlgorithm, RenewalStatus, ValidationMethod,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::certificate::{Create, Record, Renewal, State, Status, Validation};
use hastack_core::tag::{CLUSTER, Tags};
use tokio::time::Instant;

use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

/// The longest token AWS takes.
/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>
const LONGEST_TOKEN: usize = 32;
/// How long a certificate that carries no tag of ours is taken for somebody else's.
const FOREIGN_FOR: Duration = Duration::from_hours(1);
/// Every algorithm: unless told so, AWS lists those of two.
const ALGORITHMS: [KeyAlgorithm; 7] = [
    KeyAlgorithm::EcPrime256v1,
    KeyAlgorithm::EcSecp384r1,
    KeyAlgorithm::EcSecp521r1,
    KeyAlgorithm::Rsa1024,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
];

/// Certificates of others, by ARN, so that their tags are not read each time: no list shows tags.
#[derive(Debug, Default)]
pub struct Foreign(Mutex<BTreeMap<String, Instant>>);

impl Foreign {
    fn contains(&self, arn: &str) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, since| since.elapsed() < FOREIGN_FOR);
        known.contains_key(arn)
    }

    fn insert(&self, arn: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(arn, Instant::now());
    }
}

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let algorithms = Filters::builder().set_key_types(Some(ALGORITHMS.into()));
    let request = aws
        .acm
        .read
        .list_certificates()
        .includes(algorithms.build())
        .max_items(Kind::Certificate.row().page.into());
    let listed = aws
        .items(
            Action::ListCertificates,
            |token| request.clone().set_next_token(token).send(),
            |page| (page.certificate_summary_list, page.next_token),
        )
        .await?;
    // What we request, Amazon issues.
    let issued = listed
        .into_iter()
        .filter(|summary| summary.r#type == Some(CertificateType::AmazonIssued));
    let mut objects = Vec::new();
    for arn in issued.filter_map(|summary| summary.certificate_arn) {
        if aws.foreign_certificates.contains(&arn) {
            continue;
        }
        let Some(tags) = present(tag::acm::read(aws, &arn).await)? else {
            continue;
        };
        if tags.get(CLUSTER) == Some(&aws.cluster) {
            objects.extend(describe(aws, &arn, tags).await?);
        } else {
            aws.foreign_certificates.insert(arn);
        }
    }
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::with_capacity(ids.len());
    for arn in ids {
        if let Some(tags) = present(tag::acm::read(aws, arn).await)? {
            objects.extend(describe(aws, arn, tags).await?);
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::RequestCertificate;
    let Create {
        domain,
        alternative_names,
    } = create;
    let others = Some(alternative_names.clone()).filter(|names| !names.is_empty());
    let call = aws
        .acm
        .write
        .request_certificate()
        .domain_name(domain)
        .set_subject_alternative_names(others)
        .validation_method(ValidationMethod::Dns)
        .idempotency_token(request.token.chars().take(LONGEST_TOKEN).collect::<String>())
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    Ok(Object {
        id: answer.certificate_arn.ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Pending,
        created: None,
        state: AnyState::Certificate(State {
            domain: domain.clone(),
            alternative_names: alternative_names.clone(),
            status: Status::PendingValidation,
            // AWS names the records some seconds later.
            validations: Vec::new(),
            not_after: None,
            renewal: None,
            failure: None,
        }),
    })
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.acm.write.delete_certificate().certificate_arn(id);
    gone(
        aws.send_write(Action::DeleteCertificate, call.send()).await,
        Deletion::Gone,
    )
}

/// What was read; nothing where it was deleted in between.
fn present<T>(result: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match result {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

async fn describe(aws: &Aws, arn: &str, tags: Tags) -> Result<Option<Object>, CloudError> {
    let action = Action::DescribeCertificate;
    let request = aws.acm.read.describe_certificate().certificate_arn(arn);
    let Some(answer) = present(aws.send_read(action, || request.clone().send()).await)? else {
        return Ok(None);
    };
    let object = answer.certificate.and_then(|shown| object(shown, tags));
    object.map(Some).ok_or_else(|| error::unreadable(action))
}

fn object(shown: types::CertificateDetail, tags: Tags) -> Option<Object> {
    let status = status(shown.status.as_ref());
    let domain = shown.domain_name?;
    let mut alternative_names = shown.subject_alternative_names.unwrap_or_default();
    alternative_names.retain(|name| *name != domain);
    alternative_names.sort();
    let renewal = shown.renewal_summary;
    let renewing = renewal.as_ref().map(|summary| &summary.renewal_status);
    // The records are the same, and may be gone by now.
    let validations = match (&renewal, renewing) {
        (Some(summary), Some(RenewalStatus::PendingValidation)) => summary.domain_validation_options.clone(),
        (_, _) => shown.domain_validation_options.unwrap_or_default(),
    };
    let renewal_failure = renewal
        .as_ref()
        .and_then(|summary| summary.renewal_status_reason.clone());
    Some(Object {
        id: shown.certificate_arn?,
        tags,
        phase: phase(status),
        created: shown.created_at.and_then(timestamp),
        state: AnyState::Certificate(State {
            domain,
            alternative_names,
            status,
            validations: validations.into_iter().map(validation).collect(),
            not_after: shown.not_after.and_then(timestamp),
            renewal: renewing.and_then(renewal_of),
            failure: shown
                .failure_reason
                .or(renewal_failure)
                .map(|reason| reason.as_str().to_owned()),
        }),
    })
}

fn validation(shown: types::DomainValidation) -> Validation {
    let plain = |name: &str| name.trim_end_matches('.').to_owned();
    Validation {
        domain: shown.domain_name,
        record: shown.resource_record.map(|record| Record {
            name: plain(&record.name),
            value: plain(&record.value),
        }),
        validated: shown.validation_status == Some(DomainStatus::Success),
    }
}

/// A word that is not known may not be built upon, so it is taken for pending.
fn status(shown: Option<&CertificateStatus>) -> Status {
    match shown {
        Some(CertificateStatus::Issued) => Status::Issued,
        Some(CertificateStatus::Inactive) => Status::Inactive,
        Some(CertificateStatus::Expired) => Status::Expired,
        Some(CertificateStatus::ValidationTimedOut) => Status::ValidationTimedOut,
        Some(CertificateStatus::Revoked) => Status::Revoked,
        Some(CertificateStatus::Failed) => Status::Failed,
        Some(_) | None => Status::PendingValidation,
    }
}

const fn phase(status: Status) -> Phase {
    match status {
        Status::PendingValidation => Phase::Pending,
        Status::Issued => Phase::Ready,
        Status::Inactive | Status::Expired | Status::ValidationTimedOut | Status::Revoked | Status::Failed => {
            Phase::Failed
        }
    }
}

fn renewal_of(shown: &RenewalStatus) -> Option<Renewal> {
    match shown {
        RenewalStatus::PendingAutoRenewal => Some(Renewal::PendingAutoRenewal),
        RenewalStatus::PendingValidation => Some(Renewal::PendingValidation),
        RenewalStatus::Success => Some(Renewal::Success),
        RenewalStatus::Failed => Some(Renewal::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
