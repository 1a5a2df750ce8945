//! The file system in the status.

use hastack_api::file_system::FileSystemStatus;
use hastack_api::{HAStack, HAStackStatus, ResourcePhase};

use super::Kept;
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::State;

pub(super) fn fill(kept: &Kept<'_, HAStack>, status: &mut HAStackStatus) {
    let retained = |node: &NodeId| kept.outcome.plan.phases.get(node) == Some(&ResourcePhase::Retained);
    let mut file_systems = kept.of(Kind::FileSystem).filter(|(node, _)| !retained(node));
    status.file_system = file_systems.next().map(|(_, file_system)| FileSystemStatus {
        dns_name: Some(dns_name(&file_system.id, &kept.object.spec.region)),
        id: Some(file_system.id.clone()),
        security_group_id: kept
            .get(&NodeId::named(Kind::SecurityGroup, "file-system"))
            .map(|group| group.id.clone()),
        mount_target_addresses: kept
            .of(Kind::MountTarget)
            .filter_map(|(_, object)| {
                let State::MountTarget(target) = &object.state else {
                    return None;
                };
                Some((target.zone.clone(), target.address.clone()?))
            })
            .collect(),
        access_point_ids: kept
            .of(Kind::AccessPoint)
            .map(|(node, object)| (node.name.clone(), object.id.clone()))
            .collect(),
    });
}

/// <https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html>
fn dns_name(id: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("{id}.efs.{region}.{suffix}")
}
