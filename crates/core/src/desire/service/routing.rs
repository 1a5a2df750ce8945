//! The routing part of a service: the target group its instances are in, and the rules that send requests there.

mod cut;
mod priority;

use std::collections::BTreeMap;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::routing::{HealthCheckSpec, RoutingAlgorithm, RoutingSpec, TargetProtocol};

use super::fleet;
use crate::desire::name::{digest, unique};
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::target_group::{Algorithm, Attributes, HealthCheck, Protocol, Stickiness, Version};
use crate::resource::{Spec, State, listener_rule, target_group};

/// The longest name AWS accepts.
const LONGEST_NAME: usize = 32;
/// How much of a digest tells a target group from another one whose name is given.
const DIGITS: usize = 4;

/// The nodes of this part.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let Some(routing) = &spec.routing else {
        return Ok(BTreeMap::new());
    };
    let listeners = listeners(routing, site)?;
    let port = spec.port.ok_or_else(|| SpecError::RouteRequests {
        field: "routing",
        reason: "it needs port, where requests are sent".to_owned(),
    })?;
    let target_group = target_group(spec, routing, port);
    let wanted = target_group_spec(spec, routing, port, site, inputs);
    let mut nodes = BTreeMap::from([(target_group.clone(), Spec::TargetGroup(wanted))]);
    let rules = cut::rules(routing)?;
    let own = priority::Claim {
        service: site.name(),
        since: inputs.since,
        priority: routing.priority,
        rules: rules.clone(),
        is_leaving: false,
    };
    let places = priority::places(own, &inputs.services)?;
    let rules: Vec<_> = rules.into_iter().zip(places).collect();
    for listener in &listeners {
        let ids: Vec<_> = (1..=rules.len()).map(|number| rule(listener, number)).collect();
        for (id, (conditions, place)) in ids.iter().zip(&rules) {
            let wanted = listener_rule::Spec {
                listener: listener.clone(),
                place: place.clone(),
                siblings: ids.iter().filter(|other| *other != id).cloned().collect(),
                conditions: conditions.clone(),
                target_group: target_group.clone(),
                group: fleet::group(),
            };
            nodes.insert(id.clone(), Spec::ListenerRule(wanted));
        }
    }
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    Ok(nodes.into_iter().map(managed).collect())
}

/// The target groups that the instances are to be in.
pub(super) fn target_groups(spec: &AutoScaledServiceSpec, _site: &Site<'_>) -> Vec<NodeId> {
    let wanted = spec.routing.as_ref().zip(spec.port);
    let wanted = wanted.map(|(routing, port)| target_group(spec, routing, port));
    wanted.into_iter().collect()
}

/// The rules that send requests there; none where those cannot be met, which [`desire`] says.
pub(super) fn rules(spec: &AutoScaledServiceSpec, site: &Site<'_>, _inputs: &Inputs) -> Vec<NodeId> {
    let Some(routing) = &spec.routing else {
        return Vec::new();
    };
    let listeners = listeners(routing, site).unwrap_or_default();
    let count = cut::rules(routing).map_or(0, |rules| rules.len());
    let rules = listeners
        .iter()
        .flat_map(|listener| (1..=count).map(move |number| rule(listener, number)));
    rules.collect()
}

fn rule(listener: &NodeId, number: usize) -> NodeId {
    NodeId::named(Kind::ListenerRule, format!("{}/{number}", listener.name))
}

/// The target group. Another one of what cannot be changed is another target group.
fn target_group(spec: &AutoScaledServiceSpec, routing: &RoutingSpec, port: u16) -> NodeId {
    let (protocol, version) = speech(routing.protocol);
    let name = spec.target_group_name.as_deref().unwrap_or_default();
    let fixed = digest(&format!("{port}\n{protocol}\n{version}\n{name}"));
    NodeId::named(Kind::TargetGroup, fixed)
}

fn target_group_spec(
    spec: &AutoScaledServiceSpec,
    routing: &RoutingSpec,
    port: u16,
    site: &Site<'_>,
    inputs: &Inputs,
) -> target_group::Spec {
    let (protocol, version) = speech(routing.protocol);
    let node = target_group(spec, routing, port);
    target_group::Spec {
        name: name(spec.target_group_name.as_deref(), &node, site, inputs),
        vpc: site.vpc(),
        port,
        protocol,
        version,
        health_check: health_check(&spec.health_check, protocol, version),
        attributes: attributes(routing),
        healthy: spec.capacity.min,
    }
}

/// The listeners of the stack that can send requests to the service.
fn listeners(routing: &RoutingSpec, site: &Site<'_>) -> Result<Vec<NodeId>, SpecError> {
    let mut listeners = site.listeners();
    if listeners.is_empty() {
        return Err(SpecError::RouteRequests {
            field: "routing",
            reason: format!("{} has no loadBalancer", site.owner.name),
        });
    }
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version>
    let needs_tls = match routing.protocol {
        TargetProtocol::Http | TargetProtocol::Https => false,
        TargetProtocol::Http2 | TargetProtocol::Grpc => true,
    };
    listeners.retain(|listener| !needs_tls || listener.name != "http");
    if listeners.is_empty() {
        return Err(SpecError::RouteRequests {
            field: "routing.protocol",
            reason: format!("HTTP2 and GRPC need loadBalancer.tls of {}", site.owner.name),
        });
    }
    Ok(listeners)
}

/// What the load balancer speaks, and in which version.
const fn speech(protocol: TargetProtocol) -> (Protocol, Version) {
    match protocol {
        TargetProtocol::Http => (Protocol::Http, Version::Http1),
        TargetProtocol::Https => (Protocol::Https, Version::Http1),
        TargetProtocol::Http2 => (Protocol::Http, Version::Http2),
        TargetProtocol::Grpc => (Protocol::Http, Version::Grpc),
    }
}

/// The name under which a target group is made. While another one of the service has the name that is given, it has a like one.
fn name(given: Option<&str>, node: &NodeId, site: &Site<'_>, inputs: &Inputs) -> String {
    let Some(given) = given else {
        return unique(site.identity, node, LONGEST_NAME);
    };
    let is_taken = inputs.observed.all().any(|(other, object)| match &object.state {
        State::TargetGroup(group) => other != node && group.name == given,
        _ => false,
    });
    if !is_taken {
        return given.to_owned();
    }
    let longest = given.len().min(LONGEST_NAME - DIGITS - 1);
    let digits = &node.name[..DIGITS];
    format!("{}-{digits}", given[..longest].trim_end_matches('-'))
}

fn health_check(check: &HealthCheckSpec, protocol: Protocol, version: Version) -> HealthCheck {
    let HealthCheckSpec {
        path,
        port,
        codes,
        interval_seconds,
        timeout_seconds,
        healthy_threshold,
        unhealthy_threshold,
        // It is the Auto Scaling group's.
        grace_period_seconds: _,
    } = check;
    let (usual_path, usual_codes) = match version {
        Version::Http1 | Version::Http2 => ("/", "200-399"),
        Version::Grpc => ("/AWS.ALB/healthcheck", "0"),
    };
    HealthCheck {
        protocol,
        port: *port,
        path: path.clone().unwrap_or_else(|| usual_path.to_owned()),
        codes: codes.clone().unwrap_or_else(|| usual_codes.to_owned()),
        interval_seconds: *interval_seconds,
        timeout_seconds: *timeout_seconds,
        healthy_threshold: *healthy_threshold,
        unhealthy_threshold: *unhealthy_threshold,
    }
}

fn attributes(routing: &RoutingSpec) -> Attributes {
    let stickiness = routing.stickiness.as_ref().map(|stickiness| Stickiness {
        duration_seconds: stickiness.duration_seconds,
        cookie_name: stickiness.cookie_name.clone(),
    });
    Attributes {
        deregistration_delay_seconds: routing.deregistration_delay_seconds,
        slow_start_seconds: routing.slow_start_seconds,
        stickiness,
        algorithm: match routing.algorithm {
            RoutingAlgorithm::RoundRobin => Algorithm::RoundRobin,
            RoutingAlgorithm::LeastOutstandingRequests => Algorithm::LeastOutstandingRequests,
            RoutingAlgorithm::WeightedRandom => Algorithm::WeightedRandom,
        },
    }
}

#[cfg(test)]
mod tests;
