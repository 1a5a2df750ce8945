//! The file system of a stack.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::file_system::{AccessPointSpec, FileSystemPerformance, FileSystemSpec, FileSystemThroughput};
use hastack_api::{DeletionPolicy, HAStackSpec};

use super::ground::Ground;
use super::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::file_system::Throughput;
use crate::resource::security_group::Allowance;
use crate::resource::{Spec, access_point, file_system, mount_target, security_group};

/// The nodes of this part.
pub(super) fn desire(
    spec: &HAStackSpec,
    ground: &Ground<'_>,
    _inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let Some(wanted) = &spec.file_system else {
        return Ok(BTreeMap::new());
    };
    let id = id(spec);
    let file_system = Node {
        deletion: wanted.deletion_policy,
        ..Node::new(Spec::FileSystem(file_system(wanted)?), Origin::Managed)
    };
    let mount_targets = ground.private.iter().map(|place| {
        let spec = mount_target::Spec {
            file_system: id.clone(),
            subnet: place.subnet.clone(),
            security_group: group(),
        };
        (NodeId::named(Kind::MountTarget, &place.name), Spec::MountTarget(spec))
    });
    let access_points = wanted.access_points.iter().map(|wanted| {
        let spec = access_point::Spec {
            file_system: id.clone(),
            entry: entry(wanted),
        };
        (NodeId::named(Kind::AccessPoint, &wanted.name), Spec::AccessPoint(spec))
    });
    let parts = [(group(), Spec::SecurityGroup(group_spec(ground)))];
    let parts = parts.into_iter().chain(mount_targets).chain(access_points);
    let parts = parts.map(|(id, spec)| (id, Node::new(spec, Origin::Managed)));
    Ok(parts.chain([(id.clone(), file_system)]).collect())
}

/// What stays when the stack is deleted: the tag that says so may not be on it yet.
pub(super) fn keeps(spec: &HAStackSpec) -> BTreeSet<NodeId> {
    let wanted = spec.file_system.iter();
    let kept = wanted.filter(|wanted| wanted.deletion_policy == DeletionPolicy::Retain);
    kept.map(|_| id(spec)).collect()
}

/// In an existing network it is named by the VPC: that tells that its mount targets are told apart by their subnets.
fn id(spec: &HAStackSpec) -> NodeId {
    let vpc_id = spec.network.existing.as_ref().map(|existing| existing.vpc_id.as_str());
    NodeId::named(Kind::FileSystem, vpc_id.unwrap_or_default())
}

fn group() -> NodeId {
    NodeId::named(Kind::SecurityGroup, "file-system")
}

/// Nothing comes in by itself: who mounts the file system brings the rule that lets it in.
fn group_spec(ground: &Ground<'_>) -> security_group::Spec {
    security_group::Spec {
        vpc: Ground::vpc(),
        name: ground.group_name("file-system"),
        ingress: Vec::new(),
        egress: vec![Allowance::anything()],
    }
}

fn file_system(wanted: &FileSystemSpec) -> Result<file_system::Spec, SpecError> {
    let combine = |field, other, reason| Err(SpecError::CombineFields { field, other, reason });
    let throughput = match (wanted.throughput, wanted.provisioned_mibps) {
        (FileSystemThroughput::Elastic, None) => Throughput::Elastic,
        (FileSystemThroughput::Bursting, None) => Throughput::Bursting,
        (FileSystemThroughput::Provisioned, Some(mibps)) => Throughput::Provisioned(mibps.into()),
        (FileSystemThroughput::Provisioned, None) => {
            let (field, other) = ("fileSystem.throughput Provisioned", "no fileSystem.provisionedMibps");
            return combine(field, other, "it says how much is provided");
        }
        (FileSystemThroughput::Elastic | FileSystemThroughput::Bursting, Some(_)) => {
            let (field, other) = (
                "fileSystem.provisionedMibps",
                "fileSystem.throughput Elastic or Bursting",
            );
            return combine(field, other, "only Provisioned has a fixed one");
        }
    };
    if wanted.performance == FileSystemPerformance::MaxIO && throughput == Throughput::Elastic {
        let (field, other) = ("fileSystem.performance MaxIO", "fileSystem.throughput Elastic");
        return combine(
            field,
            other,
            "AWS has no such file system; take Bursting or Provisioned",
        );
    }
    let lifecycle = wanted.lifecycle.unwrap_or_default();
    if lifecycle.to_archive.is_some() && throughput != Throughput::Elastic {
        let (field, other) = (
            "fileSystem.lifecycle.toArchive",
            "fileSystem.throughput Bursting or Provisioned",
        );
        return combine(field, other, "AWS has an archive for Elastic only");
    }
    if lifecycle
        .to_archive
        .is_some_and(|days| lifecycle.to_infrequent_access >= Some(days))
    {
        let (field, other) = (
            "fileSystem.lifecycle.toArchive",
            "a later fileSystem.lifecycle.toInfrequentAccess",
        );
        return combine(field, other, "files are archived after that");
    }
    Ok(file_system::Spec {
        throughput,
        performance: wanted.performance,
        kms_key_id: wanted.kms_key_id.clone(),
        lifecycle,
        backups: wanted.backups,
    })
}

fn entry(wanted: &AccessPointSpec) -> access_point::Entry {
    let AccessPointSpec {
        name,
        path,
        uid,
        gid,
        permissions,
    } = wanted;
    access_point::Entry {
        path: path.clone().unwrap_or_else(|| format!("/{name}")),
        uid: *uid,
        gid: *gid,
        permissions: permissions.clone(),
    }
}
