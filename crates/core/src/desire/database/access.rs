//! Who reaches a database: its security group. Nothing goes out of it, since a database answers and never calls.

use std::collections::BTreeMap;

use hastack_api::database::access::AllowedSource;
use hastack_api::{AutoScaledService, Custom};
use ipnet::Ipv4Net;

use super::{Plan, WORD, engine};
use crate::desire::SpecError;
use crate::desire::name::{LONGEST_ROLE, unique};
use crate::desire::range::read;
use crate::desire::site::service_group;
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::{NodeId, Owner};
use crate::resource::security_group::{Allowance, Party};
use crate::resource::{Spec, role, security_group};

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let stack = &plan.site.owner;
    let group_spec = security_group::Spec {
        vpc: plan.site.vpc(),
        name: format!("{}/{}/{}/{WORD}", stack.namespace, stack.name, plan.site.name()),
        ingress: ingress(plan)?,
        egress: Vec::new(),
    };
    let mut nodes = BTreeMap::from([(group(), Node::new(Spec::SecurityGroup(group_spec), Origin::Managed))]);
    if let Some(node) = plan.monitoring_role() {
        let policy = plan.site.managed_policy("service-role/AmazonRDSEnhancedMonitoringRole");
        let spec = role::Spec {
            name: unique(plan.site.identity, &node, LONGEST_ROLE),
            path: plan.site.path(&node),
            service: "monitoring.rds.amazonaws.com",
            managed_policies: [policy].into(),
            inline_policy: None,
        };
        nodes.insert(node, Node::new(Spec::Role(spec), Origin::Managed));
    }
    Ok(nodes)
}

/// The security group of a database.
pub(crate) fn group() -> NodeId {
    NodeId::named(Kind::SecurityGroup, WORD)
}

/// The role of Enhanced Monitoring.
pub(super) fn monitoring_role() -> NodeId {
    NodeId::named(Kind::Role, WORD)
}

fn ingress(plan: &Plan<'_>) -> Result<Vec<Allowance>, SpecError> {
    let port = plan.spec.port.unwrap_or_else(|| engine::port(plan.spec.engine));
    let mut parties = Vec::new();
    for (index, source) in plan.spec.allow_from.iter().enumerate() {
        let AllowedSource {
            service,
            bastion,
            cidrs,
        } = source;
        let field = format!("allowFrom[{index}]");
        parties.extend(service.iter().filter_map(|name| of_service(plan, name)));
        if bastion == &Some(true) {
            let group = plan.site.bastion_group(&format!("{field}.bastion"))?;
            parties.push(Party::Group(group));
        }
        for (index, range) in cidrs.iter().flatten().enumerate() {
            parties.push(of_range(plan, format!("{field}.cidrs[{index}]"), range)?);
        }
    }
    let allowance = |party| Allowance {
        protocol: "tcp".to_owned(),
        ports: Some((port, port)),
        party,
    };
    Ok(parties.into_iter().map(allowance).collect())
}

/// The instances of a service: none where they are on their way out, since their group cannot go while a rule refers to it. One that is
/// not there yet is waited for.
fn of_service(plan: &Plan<'_>, name: &str) -> Option<Party> {
    let mut services = plan.inputs.services.iter();
    let service = services.find(|service| service.metadata.name.as_deref() == Some(name));
    if service.is_some_and(|service| service.metadata.deletion_timestamp.is_some()) {
        return None;
    }
    let owner = Owner {
        kind: AutoScaledService::KIND.to_owned(),
        namespace: plan.site.identity.owner.namespace.clone(),
        name: name.to_owned(),
    };
    Some(Party::Group(service_group(&owner)))
}

/// A range, which is in the VPC unless the database is public.
fn of_range(plan: &Plan<'_>, field: String, range: &str) -> Result<Party, SpecError> {
    let net = read(&field, range)?;
    let cidr = plan.site.stack.spec.network.cidr.as_deref();
    let vpc = cidr.and_then(|cidr| cidr.parse::<Ipv4Net>().ok());
    match vpc.filter(|vpc| !plan.spec.public && !vpc.contains(&net)) {
        Some(vpc) => Err(SpecError::PlaceSubnet {
            field,
            range: range.to_owned(),
            cidr: vpc.to_string(),
        }),
        None => Ok(Party::Cidr(range.to_owned())),
    }
}
