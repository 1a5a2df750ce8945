//! A cluster of Aurora and its members, one of which writes, in the zones in turn.

use std::collections::BTreeMap;

use super::{Plan, parameters, primary, settings};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::database::Source;
use crate::resource::{Spec, database};

/// How many members there are where the spec does not say.
const MEMBERS: u8 = 2;

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> BTreeMap<NodeId, Node> {
    let node = primary(plan.spec);
    let mut spec = parameters::of(plan, plan.whole(&node));
    spec.settings.extend(settings::of_whole(plan.spec));
    spec.settings.extend(settings::of_capacity(plan.spec));
    let members = (1..=plan.spec.instances.unwrap_or(MEMBERS)).map(|number| member(plan, number));
    let mut nodes: BTreeMap<_, _> = members.collect();
    nodes.insert(node, plan.holding(Spec::DbCluster(spec)));
    nodes
}

fn member(plan: &Plan<'_>, number: u8) -> (NodeId, Node) {
    let node = NodeId::named(Kind::DbInstance, number.to_string());
    let mut spec = database::Spec {
        source: Source::Member(primary(plan.spec)),
        monitoring_role: plan.monitoring_role(),
        zone: plan.zone(number - 1),
        ..plan.part(&node)
    };
    spec.settings.extend(settings::of_instance(plan.spec));
    (node, Node::new(Spec::DbInstance(spec), Origin::Managed))
}
