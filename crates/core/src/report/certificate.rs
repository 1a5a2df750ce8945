//! The certificate and the DNS records in the status.

use hastack_api::load_balancer::{CertificateStatus, DnsRecordStatus, TlsSpec};
use hastack_api::{HAStack, HAStackStatus, ResourcePhase};

use super::Kept;
use crate::desire::{certificate_node, domains};
use crate::kind::Kind;
use crate::object::Object;
use crate::owner::NodeId;
use crate::resource::State;
use crate::resource::certificate::{self, base};
use crate::resource::dns_record::{AUTHORITY, RecordType};

pub(super) fn fill(kept: &Kept<'_, HAStack>, status: &mut HAStackStatus) {
    let tls = kept
        .object
        .spec
        .load_balancer
        .as_ref()
        .and_then(|balancer| balancer.tls.as_ref());
    let wanted = tls.filter(|_| kept.object.metadata.deletion_timestamp.is_none());
    let node = wanted.map(certificate_node);
    let certificate = node.and_then(|node| kept.get(&node));
    status.certificate = certificate.and_then(certificate_status);
    status.dns_records = match wanted {
        Some(tls) if tls.domain.is_some() => records(kept, tls, certificate),
        Some(_) | None => Vec::new(),
    };
}

fn certificate_status(object: &Object) -> Option<CertificateStatus> {
    let state = state(object)?;
    Some(CertificateStatus {
        arn: Some(object.id.clone()),
        state: Some(state.status.to_string()),
        expires: state.not_after,
    })
}

fn state(object: &Object) -> Option<&certificate::State> {
    match &object.state {
        State::Certificate(state) => Some(state),
        _ => None,
    }
}

/// Every record that the domain needs, whoever writes it, as far as it is known.
fn records(kept: &Kept<'_, HAStack>, tls: &TlsSpec, certificate: Option<&Object>) -> Vec<DnsRecordStatus> {
    let validations = certificate.and_then(state).into_iter().flat_map(validations);
    let addresses = domains(tls).filter_map(|name| address(kept, tls, name));
    let authority = domains(tls).take(1).filter(|_| tls.caa_record).map(|name| {
        let name = base(name);
        DnsRecordStatus {
            record_type: RecordType::Caa.to_string(),
            name: name.to_owned(),
            value: AUTHORITY.to_owned(),
            purpose: "lets only Amazon issue certificates".into(),
            seen: seen(kept, tls, format!("caa/{name}")),
        }
    });
    validations.chain(addresses).chain(authority).collect()
}

/// The records that show who owns the names of a certificate. A wildcard has the one of what it stands for.
fn validations(state: &certificate::State) -> Vec<DnsRecordStatus> {
    let mut records: Vec<DnsRecordStatus> = Vec::new();
    for validation in &state.validations {
        let Some(record) = &validation.record else { continue };
        match records.iter_mut().find(|other| other.name == record.name) {
            Some(other) => other.seen = other.seen.map(|seen| seen && validation.validated),
            None => records.push(DnsRecordStatus {
                record_type: RecordType::Cname.to_string(),
                name: record.name.clone(),
                value: record.value.clone(),
                purpose: format!("proves to AWS that you own {}", base(&validation.domain)),
                seen: Some(validation.validated),
            }),
        }
    }
    records
}

/// What leads from a name to the load balancer.
fn address(kept: &Kept<'_, HAStack>, tls: &TlsSpec, name: &str) -> Option<DnsRecordStatus> {
    let balancer = kept.get(&NodeId::only(Kind::LoadBalancer))?;
    let State::LoadBalancer(balancer) = &balancer.state else {
        return None;
    };
    // A name that others hang from has no CNAME: some providers offer a record of their own for it.
    // <https://www.rfc-editor.org/rfc/rfc1912#section-2.4>
    let record_type = match (&tls.hosted_zone, is_apex(name)) {
        (Some(_), _) => "A (alias)",
        (None, true) => "ALIAS or ANAME",
        (None, false) => "CNAME",
    };
    Some(DnsRecordStatus {
        record_type: record_type.to_owned(),
        name: name.to_owned(),
        value: balancer.dns_name.clone()?,
        purpose: "leads to the load balancer".into(),
        seen: seen(kept, tls, format!("address/{name}")),
    })
}

/// Whether a name is just below a top-level domain, so that it is the one its owner has registered.
fn is_apex(name: &str) -> bool {
    name.split('.').count() == 2
}

/// Whether a record of a hosted zone is there. Of others that cannot be told.
fn seen(kept: &Kept<'_, HAStack>, tls: &TlsSpec, name: String) -> Option<bool> {
    tls.hosted_zone.as_ref()?;
    let phase = kept.outcome.plan.phases.get(&NodeId::named(Kind::DnsRecord, name));
    Some(phase == Some(&ResourcePhase::Ready))
}
