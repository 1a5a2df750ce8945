//! A cluster of Aurora and its members, one of which writes, in the zones in turn.

use std::collections::BTreeMap;

use hastack_api::database::capacity::ReaderAutoScalingSpec;

use super::{Plan, parameters, primary, settings};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::database::Source;
use crate::resource::scalable_target::{Bounds, Metric, Policy};
use crate::resource::{Spec, database, scalable_target};

/// How many members there are where the spec does not say.
const MEMBERS: u8 = 2;

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> BTreeMap<NodeId, Node> {
    let node = primary(plan.spec);
    let mut spec = parameters::of(plan, plan.whole(&node));
    spec.settings.extend(settings::of_whole(plan));
    spec.settings.extend(settings::of_capacity(plan.spec));
    let members = (1..=plan.spec.instances.unwrap_or(MEMBERS)).map(|number| member(plan, number));
    let mut nodes: BTreeMap<_, _> = members.collect();
    nodes.insert(node, plan.holding(Spec::DbCluster(spec)));
    nodes.extend(
        plan.spec
            .reader_auto_scaling
            .as_ref()
            .map(|wanted| readers(plan, wanted)),
    );
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

/// What lets AWS add readers.
fn readers(plan: &Plan<'_>, wanted: &ReaderAutoScalingSpec) -> (NodeId, Node) {
    let ReaderAutoScalingSpec {
        min_readers,
        max_readers,
        target_cpu_percent,
        target_connections,
        scale_in,
        scale_in_cooldown_seconds,
        scale_out_cooldown_seconds,
    } = wanted;
    let own = plan.spec.instances.unwrap_or(MEMBERS).saturating_sub(1);
    let (metric, target) = match (target_cpu_percent, target_connections) {
        (Some(percent), _) => (Metric::Cpu, u32::from(*percent)),
        (None, connections) => (Metric::Connections, connections.unwrap_or_default()),
    };
    let spec = scalable_target::Spec {
        cluster: primary(plan.spec),
        bounds: Bounds {
            min: min_readers.unwrap_or(own),
            max: *max_readers,
        },
        policy: Policy {
            metric,
            target,
            scale_in: *scale_in,
            scale_in_cooldown: *scale_in_cooldown_seconds,
            scale_out_cooldown: *scale_out_cooldown_seconds,
        },
    };
    (
        NodeId::named(Kind::ScalableTarget, scalable_target::READERS),
        Node::new(Spec::ScalableTarget(spec), Origin::Managed),
    )
}
