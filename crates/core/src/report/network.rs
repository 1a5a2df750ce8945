//! The network in the status.

use hastack_api::{HAStack, HAStackStatus, NetworkStatus};

use super::Kept;
use crate::kind::Kind;
use crate::resource::State;

pub(super) fn fill(kept: &Kept<'_, HAStack>, status: &mut HAStackStatus) {
    let mut network = NetworkStatus {
        vpc_id: kept.of(Kind::Vpc).map(|(_, vpc)| vpc.id.clone()).next(),
        ..NetworkStatus::default()
    };
    let mut zones = Vec::new();
    for (node, object) in kept.of(Kind::Subnet) {
        let State::Subnet(subnet) = &object.state else { continue };
        let tier = match node.name.split('/').next() {
            Some("public") => &mut network.public_subnet_ids,
            Some("private") => &mut network.private_subnet_ids,
            Some(_) | None => &mut network.database_subnet_ids,
        };
        tier.insert(subnet.zone.clone(), object.id.clone());
        zones.push(subnet.zone.as_str());
    }
    for (node, object) in kept.of(Kind::NatGateway) {
        if let State::NatGateway(gateway) = &object.state
            && let Some(address) = &gateway.public_ip
        {
            network.nat_addresses.insert(node.name.clone(), address.clone());
        }
    }
    zones.sort_unstable();
    zones.dedup();
    status.zones = (!zones.is_empty()).then(|| zones.join(","));
    status.network = Some(network);
}
