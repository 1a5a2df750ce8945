//! The interface endpoints of a stack.

use std::collections::BTreeMap;

use hastack_api::HAStackSpec;

use super::ground::Ground;
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::security_group::Allowance;
use crate::resource::vpc_endpoint::Way;
use crate::resource::{Spec, security_group, vpc_endpoint};

/// The word in the id of their security group.
const ENDPOINTS: &str = "endpoints";

const HTTPS: u16 = 443;

/// The nodes of this part: an endpoint a service, in the private subnet of each zone, and one security group for all.
pub(super) fn desire(spec: &HAStackSpec, ground: &Ground<'_>) -> BTreeMap<NodeId, Node> {
    let Some(services) = &spec.network.interface_endpoints else {
        return BTreeMap::new();
    };
    let group = NodeId::named(Kind::SecurityGroup, ENDPOINTS);
    let let_in = |range: &str| Allowance::tcp(HTTPS, range);
    let group_spec = security_group::Spec {
        vpc: Ground::vpc(),
        name: ground.group_name(ENDPOINTS),
        ingress: ground.cidr.map(let_in).into_iter().collect(),
        egress: vec![Allowance::anything()],
    };
    let endpoint = |service: &String| {
        let spec = vpc_endpoint::Spec {
            vpc: Ground::vpc(),
            service: format!("com.amazonaws.{}.{service}", ground.region),
            way: Way::Interface {
                subnets: ground.private.iter().map(|place| place.subnet.clone()).collect(),
                group: group.clone(),
            },
        };
        (
            NodeId::named(Kind::VpcEndpoint, format!("interface/{service}")),
            Spec::VpcEndpoint(spec),
        )
    };
    let specs = services
        .iter()
        .map(endpoint)
        .chain([(group.clone(), Spec::SecurityGroup(group_spec))]);
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    specs.map(managed).collect()
}
