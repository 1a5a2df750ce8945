//! The load balancer in the status.

use hastack_api::load_balancer::LoadBalancerStatus;
use hastack_api::{HAStack, HAStackStatus};

use super::Kept;
use crate::desire::certificate_node;
use crate::kind::Kind;
use crate::object::{Object, Phase};
use crate::owner::NodeId;
use crate::resource::State;
use crate::resource::listener::Protocol;

pub(super) fn fill(kept: &Kept<'_, HAStack>, status: &mut HAStackStatus) {
    let group = kept.get(&NodeId::named(Kind::SecurityGroup, "load-balancer"));
    let balancer = kept.get(&NodeId::only(Kind::LoadBalancer));
    status.load_balancer = balancer.and_then(|balancer| match &balancer.state {
        State::LoadBalancer(state) => Some(LoadBalancerStatus {
            arn: Some(balancer.id.clone()),
            dns_name: state.dns_name.clone(),
            hosted_zone_id: state.hosted_zone_id.clone(),
            security_group_id: group.map(|group| group.id.clone()),
        }),
        _ => None,
    });
    status.url = balancer.and_then(|balancer| url(kept, balancer));
}

/// Where the load balancer answers: by HTTPS under its domain once that serves, else by HTTP under AWS's name.
fn url(kept: &Kept<'_, HAStack>, balancer: &Object) -> Option<String> {
    let State::LoadBalancer(state) = &balancer.state else {
        return None;
    };
    let serves = |(_, object): &(&NodeId, &Object)| object.phase == Phase::Ready;
    let certificate = kept
        .of(Kind::Listener)
        .filter(serves)
        .find_map(|(_, object)| match &object.state {
            State::Listener(listener) if listener.protocol == Protocol::Https => listener.certificate_arn.as_deref(),
            _ => None,
        });
    let dns_name = state.dns_name.as_ref()?;
    Some(match certificate {
        None => format!("http://{dns_name}"),
        Some(arn) => format!("https://{}", domain(kept, arn).unwrap_or(dns_name)),
    })
}

/// The domain of a certificate, where the stack requests it and it is for one host.
fn domain<'a>(kept: &'a Kept<'_, HAStack>, arn: &str) -> Option<&'a str> {
    let tls = kept.object.spec.load_balancer.as_ref()?.tls.as_ref()?;
    let certificate = kept.get(&certificate_node(tls)).filter(|_| tls.domain.is_some())?;
    match &certificate.state {
        State::Certificate(state) if certificate.id == arn => {
            Some(&*state.domain).filter(|name| !name.starts_with('*'))
        }
        _ => None,
    }
}
