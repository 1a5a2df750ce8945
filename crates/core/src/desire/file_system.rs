//! The file system of a stack.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::file_system::{AccessPointSpec, FileSystemPerformance, FileSystemSpec, FileSystemThroughput};
use hastack_api::service::launch::{MountSpec, MountedFileSystem};
use hastack_api::{AutoScaledService, DeletionPolicy, HAStackSpec, ResourcePhase};

use super::ground::Ground;
use super::site::group_of;
use super::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::file_system::Throughput;
use crate::resource::security_group::{Allowance, Party};
use crate::resource::{Spec, access_point, file_system, mount_target, security_group};

/// The port of NFS, by which it is mounted.
pub(super) const NFS: u16 = 2049;

/// The nodes of this part.
pub(super) fn desire(
    spec: &HAStackSpec,
    ground: &Ground<'_>,
    inputs: &Inputs,
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
    let parts = [(group(), Spec::SecurityGroup(group_spec(ground, inputs)))];
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
pub(super) fn id(spec: &HAStackSpec) -> NodeId {
    let vpc_id = spec.network.existing.as_ref().map(|existing| existing.vpc_id.as_str());
    NodeId::named(Kind::FileSystem, vpc_id.unwrap_or_default())
}

/// The security group of its mount targets.
pub(super) fn group() -> NodeId {
    NodeId::named(Kind::SecurityGroup, "file-system")
}

/// Only the instances of services that mount it come in.
fn group_spec(ground: &Ground<'_>, inputs: &Inputs) -> security_group::Spec {
    let mounting = inputs.services.iter().filter(|service| mounts(service));
    let let_in = |service| Allowance {
        protocol: "tcp".to_owned(),
        ports: Some((NFS, NFS)),
        party: Party::Group(group_of(service)),
    };
    security_group::Spec {
        vpc: Ground::vpc(),
        name: ground.group_name("file-system"),
        ingress: mounting.map(let_in).collect(),
        egress: vec![Allowance::anything()],
    }
}

/// Whether a service mounts it and has the security group for that: the stack waits for no service.
fn mounts(service: &AutoScaledService) -> bool {
    let mounts = |mount: &MountSpec| match mount.file_system {
        MountedFileSystem::Stack => true,
    };
    let group = NodeId {
        whose: None,
        ..group_of(service)
    };
    let resources = service.status.iter().flat_map(|status| &status.resources);
    let mut groups = resources.filter(|resource| resource.id == group.to_string());
    service.metadata.deletion_timestamp.is_none()
        && service.spec.mounts.iter().any(mounts)
        && groups.any(|group| group.phase == ResourcePhase::Ready)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Zone;
    use hastack_api::HAStack;

    use crate::desire::Wanting;

    /// A service that mounts the file system of its stack, with its security group in this phase.
    fn service(name: &str, phase: &str) -> AutoScaledService {
        let text = format!(
            "{{apiVersion: hastack.dev/v1alpha1, kind: AutoScaledService, metadata: {{name: {name}, namespace: shop}}, spec: {{stackRef: {{name: web}}, image: {{}}, capacity: {{min: 1, max: 1}}, mounts: [{{fileSystem: stack, path: /mnt}}]}}, status: {{resources: [{{id: security-group/service, phase: {phase}}}]}}}}"
        );
        serde_yaml_ng::from_str(&text).unwrap()
    }

    fn let_in(services: Vec<AutoScaledService>) -> String {
        let text = "{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {name: web, namespace: shop}, spec: {region: us-east-1, network: {cidr: 10.0.0.0/16, availabilityZones: 1}, fileSystem: {}}}";
        let zone = Zone {
            name: "us-east-1a".into(),
            available: true,
        };
        let inputs = Inputs {
            zones: vec![zone],
            services,
            ..Inputs::default()
        };
        let desired = serde_yaml_ng::from_str::<HAStack>(text)
            .unwrap()
            .desire(&inputs)
            .unwrap();
        desired.nodes[&group()].spec.to_string()
    }

    #[test]
    fn only_services_that_mount_it_come_in_and_none_is_waited_for() {
        assert_eq!(let_in(Vec::new()), "nothing in");
        let mut other = service("other", "Ready");
        other.spec.mounts.clear();
        let mut leaving = service("leaving", "Ready");
        leaving.metadata.deletion_timestamp = serde_json::from_str("\"2026-11-23T12:00:00Z\"").unwrap();
        assert_eq!(
            let_in(vec![service("api", "Ready"), service("new", "Missing"), other, leaving]),
            "tcp 2049 security-group/service of AutoScaledService/api in"
        );
    }
}
