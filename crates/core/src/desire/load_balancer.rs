//! The load balancer of a stack, its security group and its listeners.

use std::collections::BTreeMap;

use hastack_api::HAStackSpec;
use hastack_api::load_balancer::{LoadBalancerScheme, LoadBalancerSpec, TlsSpec};
use hastack_api::network::NetworkSpec;

use super::certificate;
use super::ground::Ground;
use super::name::unique;
use super::{Inputs, SpecError, range};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::listener::{self, HTTPS_PORT, Redirect, Tls};
use crate::resource::load_balancer::Attributes;
use crate::resource::security_group::{self, ANYWHERE, Allowance};
use crate::resource::{Spec, load_balancer};

const HTTP_PORT: u16 = 80;
/// The longest name AWS accepts.
const LONGEST_NAME: usize = 32;
/// In how many zones a load balancer is at least.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer>
const FEWEST_ZONES: usize = 2;

/// The nodes of a stack's load balancer.
pub(super) fn desire(
    spec: &HAStackSpec,
    ground: &Ground<'_>,
    _inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let Some(wanted) = &spec.load_balancer else {
        return Ok(BTreeMap::new());
    };
    let listeners = listeners(wanted)?;
    let ports: Vec<_> = listeners.iter().map(|(_, listener)| listener.port).collect();
    let group = security_group::Spec {
        vpc: Ground::vpc(),
        name: ground.group_name("load-balancer"),
        ingress: ingress(wanted, ground, &ports)?,
        egress: vec![Allowance::anything()],
    };
    let balancer = balancer(wanted, &spec.network, ground)?;
    let listeners = listeners
        .into_iter()
        .map(|(id, listener)| (id, Spec::Listener(listener)));
    let nodes = [
        (security_group(), Spec::SecurityGroup(group)),
        (load_balancer(), Spec::LoadBalancer(balancer)),
    ];
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    Ok(nodes.into_iter().chain(listeners).map(managed).collect())
}

fn balancer(
    wanted: &LoadBalancerSpec,
    network: &NetworkSpec,
    ground: &Ground<'_>,
) -> Result<load_balancer::Spec, SpecError> {
    let (places, tier) = match wanted.scheme {
        LoadBalancerScheme::InternetFacing => (&ground.public, "network.existing.publicSubnetIds"),
        LoadBalancerScheme::Internal => (&ground.private, "network.existing.privateSubnetIds"),
    };
    if places.len() < FEWEST_ZONES {
        let field = match (&network.existing, &network.zone_names) {
            (Some(_), _) => tier,
            (None, Some(_)) => "network.zoneNames",
            (None, None) => "network.availabilityZones",
        };
        return Err(SpecError::PlaceLoadBalancer {
            field,
            zones: places.len(),
        });
    }
    let reached_by_internet = wanted.scheme == LoadBalancerScheme::InternetFacing;
    Ok(load_balancer::Spec {
        name: name(ground),
        scheme: wanted.scheme,
        may_be_replaced: wanted.allow_replacement,
        subnets: places.iter().map(|place| place.subnet.clone()).collect(),
        security_group: security_group(),
        // That of an existing VPC is there.
        internet_gateway: (reached_by_internet && ground.cidr.is_some()).then(|| NodeId::only(Kind::InternetGateway)),
        attributes: attributes(wanted),
        web_acl_arn: wanted.web_acl_arn.clone(),
    })
}

fn name(ground: &Ground<'_>) -> String {
    let name = unique(ground.identity, &load_balancer(), LONGEST_NAME);
    // AWS keeps this beginning for itself.
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>
    match name.strip_prefix("internal-") {
        Some(rest) => format!("inner-{rest}"),
        None => name,
    }
}

fn attributes(wanted: &LoadBalancerSpec) -> Attributes {
    Attributes {
        idle_timeout_seconds: wanted.idle_timeout_seconds,
        http2: wanted.http2,
        drop_invalid_headers: wanted.drop_invalid_headers,
        desync_mitigation: wanted.desync_mitigation,
        deletion_protection: wanted.deletion_protection,
        access_logs: wanted.access_logs.clone(),
        connection_logs: wanted.connection_logs.clone(),
    }
}

/// Who may connect, to each of the ports.
fn ingress(wanted: &LoadBalancerSpec, ground: &Ground<'_>, ports: &[u16]) -> Result<Vec<Allowance>, SpecError> {
    let ranges = match (&wanted.allowed_cidrs, wanted.scheme, ground.cidr) {
        (Some(ranges), _, _) => ranges.clone(),
        (None, LoadBalancerScheme::InternetFacing, _) => vec![ANYWHERE.to_owned()],
        (None, LoadBalancerScheme::Internal, Some(cidr)) => vec![cidr.to_owned()],
        (None, LoadBalancerScheme::Internal, None) => return Err(SpecError::LeaveOutRanges),
    };
    for (index, range) in ranges.iter().enumerate() {
        range::read(&format!("loadBalancer.allowedCidrs[{index}]"), range)?;
    }
    let rules = ports
        .iter()
        .flat_map(|&port| ranges.iter().map(move |range| Allowance::tcp(port, range)));
    Ok(rules.collect())
}

/// HTTP, and HTTPS where there is a certificate.
fn listeners(wanted: &LoadBalancerSpec) -> Result<Vec<(NodeId, listener::Spec)>, SpecError> {
    let (http, https) = (listener("http"), listener("https"));
    let tls = wanted.tls.as_ref().map(tls).transpose()?;
    let redirect = tls.as_ref().filter(|_| wanted.redirect_http.unwrap_or(true));
    let redirect = redirect.map(|tls| Redirect {
        to: https.clone(),
        at_once: matches!(tls.certificate, listener::Certificate::Given(_)),
    });
    let plain = listener::Spec {
        load_balancer: load_balancer(),
        port: HTTP_PORT,
        tls: None,
        redirect,
    };
    let secure = tls.map(|tls| listener::Spec {
        load_balancer: load_balancer(),
        port: HTTPS_PORT,
        tls: Some(tls),
        redirect: None,
    });
    let secure = secure.map(|listener| (https, listener));
    Ok([(http, plain)].into_iter().chain(secure).collect())
}

fn tls(wanted: &TlsSpec) -> Result<Tls, SpecError> {
    let certificate = match (&wanted.domain, &wanted.certificate_arn) {
        (Some(domain), None) => listener::Certificate::Node(certificate::node(wanted, domain)),
        (None, Some(arn)) => listener::Certificate::Given(arn.clone()),
        (Some(_), Some(_)) | (None, None) => return Err(SpecError::ChooseCertificate),
    };
    Ok(Tls {
        certificate,
        additional: wanted.additional_certificate_arns.clone().unwrap_or_default(),
        policy: wanted.policy.clone(),
    })
}

fn security_group() -> NodeId {
    NodeId::named(Kind::SecurityGroup, "load-balancer")
}

fn load_balancer() -> NodeId {
    NodeId::only(Kind::LoadBalancer)
}

fn listener(name: &str) -> NodeId {
    NodeId::named(Kind::Listener, name)
}

#[cfg(test)]
mod tests {
    use hastack_api::HAStack;

    use super::*;
    use crate::cloud::Zone;
    use crate::desire::Wanting;
    use crate::desired::Desired;

    /// The nodes of a stack in two zones with this load balancer.
    fn desired(name: &str, network: &str, balancer: &str) -> Result<Desired, SpecError> {
        let text = format!(
            "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: {name}, namespace: shop}}, spec: {{region: us-east-1, network: {{{network}}}, loadBalancer: {{{balancer}}}}}}}"
        );
        let zone = |letter| Zone {
            name: format!("us-east-1{letter}"),
            available: true,
        };
        let inputs = Inputs {
            zones: ('a'..='c').map(zone).collect(),
            ..Inputs::default()
        };
        serde_yaml_ng::from_str::<HAStack>(&text).unwrap().desire(&inputs)
    }

    const NETWORK: &str = "cidr: 10.0.0.0/16, availabilityZones: 2";

    /// A node of a load balancer as plans show it.
    fn shown(node: &str, balancer: &str) -> String {
        let desired = desired("web", NETWORK, balancer).unwrap();
        desired.nodes[&node.parse().unwrap()].spec.to_string()
    }

    fn balancer(desired: &Desired) -> &load_balancer::Spec {
        match &desired.nodes[&load_balancer()].spec {
            Spec::LoadBalancer(balancer) => balancer,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn an_empty_load_balancer_is_open_to_the_internet_on_80_only() {
        let group = shown("security-group/load-balancer", "");
        assert_eq!(group, "tcp 80 0.0.0.0/0 in");
        assert_eq!(shown("load-balancer", ""), "InternetFacing in 2 zones");
        assert_eq!(shown("listener/http", ""), "HTTP on 80");
        let desired = desired("web", NETWORK, "").unwrap();
        assert!(!desired.nodes.contains_key(&listener("https")));
    }

    #[test]
    fn tls_opens_443_with_the_certificate_that_is_given() {
        let tls = "tls: {certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1'}";
        let group = shown("security-group/load-balancer", tls);
        assert_eq!(group, "tcp 80 0.0.0.0/0, tcp 443 0.0.0.0/0 in");
        assert_eq!(
            shown("listener/https", tls),
            "HTTPS on 443 with arn:aws:acm:us-east-1:123456789012:certificate/1"
        );
    }

    #[test]
    fn an_internal_load_balancer_is_in_the_private_subnets_and_open_to_the_vpc() {
        let desired = desired("web", NETWORK, "scheme: Internal").unwrap();
        let private = |node: &NodeId| node.name.starts_with("private/");
        assert!(balancer(&desired).subnets.iter().all(private));
        assert_eq!(balancer(&desired).internet_gateway, None);
        let group = shown("security-group/load-balancer", "scheme: Internal");
        assert_eq!(group, "tcp 80 10.0.0.0/16 in");
    }

    #[test]
    fn a_name_does_not_begin_as_aws_reserves() {
        let desired = desired("internal-tools", NETWORK, "").unwrap();
        let name = &balancer(&desired).name;
        assert!(name.starts_with("inner-tools-") && name.len() <= LONGEST_NAME, "{name}");
    }

    #[test]
    fn what_cannot_be_met_is_refused_with_the_fields_name() {
        let existing = "existing: {vpcId: vpc-1, publicSubnetIds: [subnet-1], privateSubnetIds: [subnet-2, subnet-3]}";
        let cases = [
            (
                "cidr: 10.0.0.0/16, availabilityZones: 1",
                "",
                "network.availabilityZones",
            ),
            ("cidr: 10.0.0.0/16, zoneNames: [us-east-1a]", "", "network.zoneNames"),
            (existing, "", "network.existing.publicSubnetIds"),
            (existing, "scheme: Internal", "loadBalancer.allowedCidrs"),
            (NETWORK, "allowedCidrs: [10.0.0.1/8]", "loadBalancer.allowedCidrs[0]"),
            (NETWORK, "tls: {}", "loadBalancer.tls"),
        ];
        for (network, balancer, field) in cases {
            let error = desired("web", network, balancer).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
