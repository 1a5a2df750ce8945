//! The flow logs of a stack.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::HAStackSpec;
use hastack_api::network::FlowLogTraffic;
use serde_json::json;

use super::ground::Ground;
use super::name::{LONGEST_ROLE, unique};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::flow_log::{Destination, Traffic};
use crate::resource::role::Document;
use crate::resource::{Spec, flow_log, log_group, role};
use crate::tag;

/// The word in the ids of its resources.
const FLOW_LOGS: &str = "flow-logs";

/// How long records are kept where the user does not say.
const DEFAULT_RETENTION: u16 = 30;

/// The nodes of this part.
pub(super) fn desire(spec: &HAStackSpec, ground: &Ground<'_>) -> BTreeMap<NodeId, Node> {
    let Some(flow_logs) = &spec.network.flow_logs else {
        return BTreeMap::new();
    };
    let (group, role) = (
        NodeId::named(Kind::LogGroup, FLOW_LOGS),
        NodeId::named(Kind::Role, FLOW_LOGS),
    );
    let mut specs = Vec::new();
    let destination = if let Some(arn) = &flow_logs.bucket_arn {
        Destination::Bucket(arn.clone())
    } else {
        let name = log_group_name(ground, &group);
        specs.push((role.clone(), Spec::Role(role_spec(ground, &role, &name))));
        let log_group = log_group::Spec {
            name,
            retention_days: flow_logs.retention_days.unwrap_or(DEFAULT_RETENTION),
        };
        specs.push((group.clone(), Spec::LogGroup(log_group)));
        Destination::LogGroup { group, role }
    };
    let flow_log = flow_log::Spec {
        vpc: Ground::vpc(),
        traffic: match flow_logs.traffic {
            FlowLogTraffic::All => Traffic::All,
            FlowLogTraffic::Accept => Traffic::Accept,
            FlowLogTraffic::Reject => Traffic::Reject,
        },
        destination,
        aggregation_seconds: flow_logs.aggregation_seconds,
    };
    specs.push((NodeId::only(Kind::FlowLog), Spec::FlowLog(flow_log)));
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    specs.into_iter().map(managed).collect()
}

fn log_group_name(ground: &Ground<'_>, node: &NodeId) -> String {
    tag::path(&ground.identity.cluster, &ground.identity.owner, node)
}

/// The role may not make the log group: AWS would make it again after it was deleted, to write what is still on its way.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>
fn role_spec(ground: &Ground<'_>, node: &NodeId, log_group: &str) -> role::Spec {
    let (partition, region) = (ground.partition(), ground.region);
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": format!("arn:{partition}:logs:{region}:*:log-group:{log_group}:*"),
        }],
    });
    role::Spec {
        name: unique(ground.identity, node, LONGEST_ROLE),
        path: ground.path(node),
        service: "vpc-flow-logs.amazonaws.com",
        managed_policies: BTreeSet::new(),
        inline_policy: Some(Document(policy)),
    }
}
