//! Where a database may be: the database subnets of its stack, the private ones where there are none, or the public ones where it is
//! public.

use std::collections::BTreeMap;

use super::Plan;
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::{Spec, db_subnet_group};

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> BTreeMap<NodeId, Node> {
    let spec = db_subnet_group::Spec {
        name: plan.identifier(&group()),
        path: plan.path(&group()),
        subnets: wanted(plan),
    };
    [(group(), Node::new(Spec::DbSubnetGroup(spec), Origin::Managed))].into()
}

/// The subnet group.
pub(super) fn group() -> NodeId {
    NodeId::only(Kind::DbSubnetGroup)
}

/// The subnets, in the order of their names.
pub(super) fn wanted(plan: &Plan<'_>) -> Vec<NodeId> {
    let tiers: &[&str] = if plan.spec.public {
        &["public"]
    } else {
        &["database", "private"]
    };
    let found = tiers.iter().map(|tier| plan.site.subnets_of(tier));
    let found = found.into_iter().find(|subnets| !subnets.is_empty());
    // The stack does not say yet which there will be.
    found.unwrap_or_else(|| vec![plan.site.of_stack(NodeId::named(Kind::Subnet, tiers[0]))])
}
