//! The status of a stack, part by part.

use hastack_api::condition::ConditionType;
use hastack_api::{AutoScaledService, HAStack, HAStackStatus};

use super::{Kept, Reported, bastion, certificate, file_system, load_balancer, network};
use crate::kind::Area;

impl Reported for HAStack {
    const AREAS: &'static [(Area, ConditionType)] = &[
        (Area::Network, ConditionType::NetworkReady),
        (Area::LoadBalancer, ConditionType::LoadBalancerReady),
        (Area::Certificate, ConditionType::CertificateReady),
        (Area::FileSystem, ConditionType::FileSystemReady),
        (Area::Bastion, ConditionType::BastionReady),
    ];

    fn fill(kept: &Kept<'_, Self>, status: &mut HAStackStatus) {
        network::fill(kept, status);
        load_balancer::fill(kept, status);
        certificate::fill(kept, status);
        file_system::fill(kept, status);
        bastion::fill(kept, &kept.object.spec.region, status);
        let services = kept.inputs.map(|inputs| inputs.services.as_slice());
        status.services = services.filter(|services| !services.is_empty()).map(ready_of);
    }
}

/// How many services are ready, of all.
fn ready_of(services: &[AutoScaledService]) -> String {
    let ready = ConditionType::Ready.to_string();
    let is_ready = |service: &&AutoScaledService| {
        let mut conditions = service.status.iter().flat_map(|status| status.conditions.iter());
        conditions.any(|condition| condition.type_ == ready && condition.status == "True")
    };
    format!("{}/{}", services.iter().filter(is_ready).count(), services.len())
}
