//! The certificate and the DNS records of a stack.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::HAStackSpec;
use hastack_api::load_balancer::TlsSpec;

use super::ground::Ground;
use super::name::digest;
use super::{Inputs, SpecError};
use crate::cloud::HostedZone;
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::certificate::base;
use crate::resource::dns_record::Content;
use crate::resource::{Spec, certificate, dns_record};
use crate::tag;

/// The nodes of this part.
pub(super) fn desire(
    spec: &HAStackSpec,
    ground: &Ground<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let Some(tls) = spec.load_balancer.as_ref().and_then(|balancer| balancer.tls.as_ref()) else {
        return Ok(BTreeMap::new());
    };
    match (&tls.domain, &tls.certificate_arn) {
        (Some(domain), _) => requested(tls, domain, ground, inputs),
        (None, Some(arn)) => Ok(given(arn)),
        (None, None) => Ok(BTreeMap::new()),
    }
}

/// A certificate that exists: it is only looked at, to say how it is.
fn given(arn: &str) -> BTreeMap<NodeId, Node> {
    let spec = certificate::Spec {
        domain: String::new(),
        alternative_names: Vec::new(),
        hosted: true,
    };
    let node = Node::new(Spec::Certificate(spec), Origin::External(arn.to_owned()));
    BTreeMap::from([(given_node(), node)])
}

/// The certificate of a domain, and its records where a hosted zone is given.
fn requested(
    tls: &TlsSpec,
    domain: &str,
    ground: &Ground<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let zone = zone_of(tls, inputs)?;
    let certificate = node(tls, domain);
    let spec = certificate::Spec {
        domain: domain.to_owned(),
        alternative_names: alternative_names(tls),
        hosted: zone.is_some(),
    };
    let mut nodes = BTreeMap::from([(certificate.clone(), Spec::Certificate(spec))]);
    if let Some(zone) = zone {
        for (name, content) in records(tls, domain, &certificate) {
            let node = NodeId::named(Kind::DnsRecord, name);
            let identity = ground.identity;
            let record = dns_record::Spec {
                zone_id: zone.id.clone(),
                content,
                companion: tag::companion(&identity.cluster, &identity.owner, &identity.uid, &node),
            };
            nodes.insert(node, Spec::DnsRecord(record));
        }
    }
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    Ok(nodes.into_iter().map(managed).collect())
}

/// The certificate that is requested for `domain`. Other names are another certificate: it takes over once it is issued, and the
/// earlier one goes when nothing uses it any more.
pub(super) fn node(tls: &TlsSpec, domain: &str) -> NodeId {
    let others = alternative_names(tls);
    // A tag may not hold an asterisk.
    let name = match domain.strip_prefix("*.") {
        None if others.is_empty() => domain.to_owned(),
        Some(_) | None => format!(
            "{}/{}",
            base(domain),
            digest(&format!("{domain}\n{}", others.join("\n")))
        ),
    };
    NodeId::named(Kind::Certificate, name)
}

/// The hosted zone that a stack names, by id or name: what has to be looked up.
pub fn hosted_zone(spec: &HAStackSpec) -> Option<&str> {
    let tls = spec.load_balancer.as_ref()?.tls.as_ref()?;
    tls.domain.as_ref().and(tls.hosted_zone.as_deref())
}

/// The certificate that a stack requests or is given.
pub(crate) fn certificate_node(tls: &TlsSpec) -> NodeId {
    tls.domain.as_ref().map_or_else(given_node, |domain| node(tls, domain))
}

fn given_node() -> NodeId {
    NodeId::named(Kind::Certificate, "given")
}

/// Every name that leads to a stack: its domain first.
pub(crate) fn domains(tls: &TlsSpec) -> impl Iterator<Item = &str> {
    let names = tls.domain.iter().chain(tls.alternative_names.iter().flatten());
    names.map(String::as_str)
}

fn alternative_names(tls: &TlsSpec) -> Vec<String> {
    let others = tls.alternative_names.iter().flatten();
    let others: BTreeSet<_> = others
        .filter(|name| Some(*name) != tls.domain.as_ref())
        .cloned()
        .collect();
    others.into_iter().collect()
}

/// The hosted zone the records go to, if they are ours to write.
fn zone_of<'a>(tls: &TlsSpec, inputs: &'a Inputs) -> Result<Option<&'a HostedZone>, SpecError> {
    let Some(hosted_zone) = &tls.hosted_zone else {
        return Ok(None);
    };
    let zone = match inputs.hosted_zones.as_slice() {
        [] => {
            let hosted_zone = hosted_zone.clone();
            return Err(SpecError::FindHostedZone { hosted_zone });
        }
        [zone] => zone,
        several => {
            let ids: Vec<_> = several.iter().map(|zone| zone.id.as_str()).collect();
            return Err(SpecError::ChooseHostedZone {
                hosted_zone: hosted_zone.clone(),
                ids: ids.join(", "),
            });
        }
    };
    if let Some((index, name)) = domains(tls).enumerate().find(|(_, name)| !zone.serves(name)) {
        return Err(SpecError::PlaceDomain {
            field: match index {
                0 => "loadBalancer.tls.domain".to_owned(),
                _ => format!("loadBalancer.tls.alternativeNames[{}]", index - 1),
            },
            domain: name.to_owned(),
            hosted_zone: zone.name.clone(),
        });
    }
    Ok(Some(zone))
}

/// The records in the hosted zone, by name.
fn records(tls: &TlsSpec, domain: &str, certificate: &NodeId) -> BTreeMap<String, Content> {
    let mut records = BTreeMap::new();
    for name in domains(tls) {
        let content = Content::Validation {
            certificate: certificate.clone(),
            domain: base(name).to_owned(),
        };
        records.insert(format!("validation/{}", base(name)), content);
        let content = Content::Address {
            name: name.to_owned(),
            load_balancer: NodeId::only(Kind::LoadBalancer),
        };
        records.insert(format!("address/{name}"), content);
    }
    if tls.caa_record {
        let domain = base(domain).to_owned();
        records.insert(format!("caa/{domain}"), Content::Authority { domain });
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(text: &str) -> TlsSpec {
        serde_yaml_ng::from_str(text).unwrap()
    }

    fn name(text: &str) -> String {
        let tls = tls(text);
        node(&tls, tls.domain.as_deref().unwrap()).to_string()
    }

    #[test]
    fn other_names_are_another_certificate_and_their_order_does_not_matter() {
        assert_eq!(name("domain: shop.example.com"), "certificate/shop.example.com");
        let two = name("{domain: shop.example.com, alternativeNames: [b.example.com, a.example.com]}");
        assert!(two.starts_with("certificate/shop.example.com/"), "{two}");
        assert_eq!(
            two,
            name("{domain: shop.example.com, alternativeNames: [a.example.com, b.example.com]}")
        );
        assert_ne!(
            two,
            name("{domain: shop.example.com, alternativeNames: [a.example.com]}")
        );
    }

    #[test]
    fn a_wildcard_has_a_name_that_a_tag_may_hold_and_is_not_taken_for_its_parent() {
        let wildcard = name("domain: '*.example.com'");
        assert!(wildcard.starts_with("certificate/example.com/"), "{wildcard}");
        assert!(!wildcard.contains('*'));
        assert_ne!(wildcard, name("domain: example.com"));
    }

    #[test]
    fn a_wildcard_and_what_it_stands_for_are_validated_by_one_record() {
        let tls = tls("{domain: example.com, alternativeNames: ['*.example.com']}");
        let records = records(&tls, "example.com", &NodeId::only(Kind::Certificate));
        let names: Vec<_> = records.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "address/*.example.com",
                "address/example.com",
                "caa/example.com",
                "validation/example.com"
            ]
        );
    }
}
