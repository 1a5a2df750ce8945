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
    plan.site.subnets_of_first(if plan.spec.public {
        &["public"]
    } else {
        &["database", "private"]
    })
}
