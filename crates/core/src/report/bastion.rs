//! The bastion in the status.

use hastack_api::bastion::BastionStatus;
use hastack_api::{HAStack, HAStackStatus};

use super::Kept;
use crate::kind::{Area, Kind};
use crate::object::Phase;
use crate::resource::{State, instance};

pub(super) fn fill(kept: &Kept<'_, HAStack>, region: &str, status: &mut HAStackStatus) {
    let of_bastion = |kind| kept.of(kind).find(|(node, _)| node.area() == Area::Bastion);
    let group = of_bastion(Kind::SecurityGroup).map(|(_, group)| group.id.clone());
    let mut bastion = BastionStatus {
        security_group_id: group,
        ..BastionStatus::default()
    };
    if let Some((_, object)) = of_bastion(Kind::Instance)
        && let State::Instance(instance) = &object.state
        && object.phase != Phase::Deleting
    {
        let fixed = of_bastion(Kind::ElasticIp).and_then(|(_, address)| match &address.state {
            State::ElasticIp(address) if address.instance_id.as_ref() == Some(&object.id) => {
                Some(address.public_ip.clone())
            }
            _ => None,
        });
        bastion.address = fixed.or_else(|| instance.public_ip.clone());
        bastion.access = access(instance, &object.id, bastion.address.as_deref(), region);
        bastion.instance_id = Some(object.id.clone());
    }
    status.bastion = (bastion != BastionStatus::default()).then_some(bastion);
}

/// The command that connects to it: a key opens it by SSH only.
fn access(instance: &instance::State, id: &str, address: Option<&str>, region: &str) -> Option<String> {
    match &instance.key_name {
        Some(_) => address.map(|address| format!("ssh ec2-user@{address}")),
        None => Some(format!("aws ssm start-session --target {id} --region {region}")),
    }
}
