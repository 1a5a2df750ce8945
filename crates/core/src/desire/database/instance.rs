//! An instance of RDS by itself, and its read replicas.

use std::collections::BTreeMap;

use hastack_api::managed_database::Engine;

use super::{Plan, access, parameters, primary, settings};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::database::Source;
use crate::resource::database::setting::Setting;
use crate::resource::{Spec, database};

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> BTreeMap<NodeId, Node> {
    let node = primary(plan.spec);
    let mut spec = with_parts(plan, plan.whole(&node));
    spec.settings.extend(settings::of_whole(plan));
    spec.settings.extend(settings::of_instance(plan.spec));
    spec.settings.extend(settings::of_storage(plan.spec));
    let standby = plan.spec.high_availability.unwrap_or(true);
    spec.settings.insert(Setting::MultiAz, standby.into());
    let replicas = (1..=plan.spec.read_replicas.unwrap_or_default()).map(|number| replica(plan, number));
    let mut nodes: BTreeMap<_, _> = replicas.collect();
    if plan.spec.engine != Engine::Postgres {
        spec.moved_before = nodes.keys().cloned().collect();
    }
    nodes.insert(node, plan.holding(Spec::DbInstance(spec)));
    nodes
}

fn with_parts(plan: &Plan<'_>, spec: database::Spec) -> database::Spec {
    database::Spec {
        monitoring_role: plan.monitoring_role(),
        ..parameters::of(plan, spec)
    }
}

/// A copy to read from, in the zones in turn.
fn replica(plan: &Plan<'_>, number: u8) -> (NodeId, Node) {
    let node = NodeId::named(Kind::DbInstance, format!("replica-{number}"));
    let mut spec = database::Spec {
        source: Source::Replica(primary(plan.spec)),
        security_groups: vec![access::group()],
        zone: plan.zone(number),
        ..with_parts(plan, plan.part(&node))
    };
    spec.settings.extend(settings::of_instance(plan.spec));
    spec.settings.insert(Setting::CopyTags, true.into());
    if plan.spec.engine != Engine::Postgres {
        spec.settings.insert(Setting::Version, plan.version().into());
    }
    (node, Node::new(Spec::DbInstance(spec), Origin::Managed))
}
