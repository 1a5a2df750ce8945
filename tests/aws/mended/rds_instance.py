"""RDS: instances - slow states, interfaces, protection, final snapshots, replicas.

Still wrong: a read replica copies nothing; backups are never taken; the status passes from creating to available, never
by way of backing-up.
"""

import secrets

from moto.rds.models import DBCluster, DBInstance, RDSBackend

# What these mend of the creation is asked after what is mended here.
from mended import clock, rds_parameter_group, rds_secret, rds_show  # noqa: F401
from mended.patch import replaces
from mended.rds_engine import CLASSES, resolve
from mended.rds_event import tell
from mended.rds_rename import refuse_taken_instance
from mended.rds_state import cluster_state, combination, instance_state, invalid, settle

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html: without a final snapshot.
UNREADABLE = ("failed", "incompatible-restore", "incompatible-network")


@replaces(RDSBackend, "create_db_instance")
def an_instance_is_creating_then_available(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    identifier = db_kwargs["db_instance_identifier"] = db_kwargs["db_instance_identifier"].lower()
    refuse_taken_instance(backend, identifier)
    if db_kwargs.get("db_instance_class") not in CLASSES:
        raise invalid(f"Invalid DB Instance class: {db_kwargs.get('db_instance_class')}")
    cluster = backend.clusters.get(db_kwargs.get("db_cluster_identifier") or "")
    if cluster is None:
        db_kwargs["engine_version"] = resolve(db_kwargs["engine"], db_kwargs.get("engine_version"))
        check_network(backend, db_kwargs)
    else:
        db_kwargs["db_subnet_group_name"] = cluster.db_subnet_group_name
    if db_kwargs.get("db_subnet_group_name"):
        db_kwargs["db_subnet_group_name"] = db_kwargs["db_subnet_group_name"].lower()
    instance = original(db_kwargs)
    instance.dbi_resource_id = _resource_id()
    instance.pending_modified_values = {}
    _place(backend, instance, db_kwargs.get("availability_zone"))
    settle(instance, "creating")
    return instance


def _resource_id():
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html: "Region-unique, immutable".
    return "db-" + secrets.token_hex(13).upper()


def check_network(backend, wanted):
    """Refuse unknown groups and networks that differ; fill in the default group."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    name, ec2 = wanted.get("db_subnet_group_name"), backend.ec2_backend
    group = backend.describe_db_subnet_groups(name.lower())[0] if name else None
    vpc_id = group.vpc_id if group else ec2.get_default_vpc().id
    ids = wanted.get("vpc_security_group_ids") or [ec2.get_default_security_group(vpc_id).id]
    check_groups(ec2, ids, vpc_id)
    wanted["vpc_security_group_ids"] = list(ids)


def check_groups(ec2, ids, vpc_id):
    """Refuse security groups that are not in this VPC."""
    for group_id in ids:
        found = ec2.get_security_group_from_id(group_id)
        if found is None:
            raise invalid(f"Invalid security group , groupId= {group_id}, groupName= .")
        if found.vpc_id != vpc_id:
            raise combination("The DB instance and EC2 security group are in different VPCs.")


def follow_groups(backend, instance):
    """Give the instance's interfaces its security groups."""
    groups = [backend.ec2_backend.get_security_group_from_id(group_id) for group_id in instance.vpc_security_group_ids]
    for interface in instance._mended_interfaces:
        interface._group_set = [group for group in groups if group is not None]


def _place(backend, instance, zone):
    # One interface in the instance's zone, another in that of its standby. A cluster's instances spread over zones.
    group = getattr(instance, "db_subnet_group", None)
    subnets = group._subnets if group else [s for s in backend.ec2_backend.describe_subnets() if s.default_for_az]
    taken = [d.availability_zone for d in backend.databases.values() if _siblings(instance, d)]
    subnets = sorted(subnets, key=lambda s: (s.availability_zone != zone, taken.count(s.availability_zone)))
    instance.availability_zone = subnets[0].availability_zone
    instance._mended_interfaces = [_interface(backend, instance, subnets[0])]
    place_standby(backend, instance)


def _siblings(instance, other):
    return (
        other is not instance
        and instance.db_cluster_identifier
        and (other.db_cluster_identifier == instance.db_cluster_identifier)
    )


def place_standby(backend, instance):
    """Give a Multi-AZ instance a second interface in another zone, and another instance none."""
    first = instance._mended_interfaces[0].subnet
    for interface in instance._mended_interfaces[1:]:
        backend.ec2_backend.enis.pop(interface.id, None)
    del instance._mended_interfaces[1:]
    instance.secondary_availability_zone = None
    group = getattr(instance, "db_subnet_group", None)
    others = [s for s in group._subnets if s.availability_zone != first.availability_zone] if group else []
    if instance.multi_az and others:
        instance.secondary_availability_zone = others[0].availability_zone
        instance._mended_interfaces.append(_interface(backend, instance, others[0]))


def _interface(backend, instance, subnet):
    interface = backend.ec2_backend.create_network_interface(
        subnet, None, group_ids=instance.vpc_security_group_ids or None, description="RDSNetworkInterface"
    )
    interface.requester_managed, interface.requester_id, interface.status = True, "amazon-rds", "in-use"
    return interface


def _endpoint(instance):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html: not while it is created.
    if instance.status == "creating":
        return None
    return {"Address": instance.address, "Port": instance.port, "HostedZoneId": "Z2R2ITUGPM61AM"}


DBInstance.endpoint = property(_endpoint)


@replaces(RDSBackend, "delete_db_instance")
def an_instance_is_deleting_then_gone(
    original,
    backend,
    db_instance_identifier,
    final_db_snapshot_identifier=None,
    skip_final_snapshot=False,
    delete_automated_backups=True,
):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
    identifier = db_instance_identifier.lower()
    instance = backend.databases.get(identifier)
    if instance is None or instance.deletion_protection:
        return original(identifier)
    if instance.status == "deleting":
        raise instance_state(f"Instance {identifier} is already being deleted.")
    cluster = backend.clusters.get(instance.db_cluster_identifier or "")
    if cluster is not None and cluster.status in ("stopping", "stopped", "starting"):
        raise cluster_state(f"DB cluster {cluster.db_cluster_identifier} is {cluster.status}.")
    _check_final_snapshot(instance, final_db_snapshot_identifier, skip_final_snapshot)
    if final_db_snapshot_identifier:
        backend.create_db_snapshot(identifier, final_db_snapshot_identifier, snapshot_type="manual")
    instance.status = "deleting"
    clock.later(clock.durations.pending, lambda: _remove(original, backend, instance, delete_automated_backups))
    return instance


def _check_final_snapshot(instance, final, skip):
    if final and instance.status in UNREADABLE:
        raise instance_state(f"A DB instance that is {instance.status} can only be deleted with SkipFinalSnapshot.")
    if instance.db_cluster_identifier or instance.is_replica:
        return
    if not final and not skip:
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if final and skip:
        raise combination("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.")


def _remove(original, backend, instance, delete_automated_backups):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html: without their source, replicas in the
    # same Region are promoted.
    for replica in (other for other in backend.databases.values() if other.db_instance_identifier in instance.replicas):
        replica.is_replica, replica.source_db_instance_identifier = False, None
    original(instance.db_instance_identifier, None, True, delete_automated_backups)
    for interface in instance._mended_interfaces:
        backend.ec2_backend.enis.pop(interface.id, None)
    tell(instance, "DB instance deleted", "deletion")


@replaces(RDSBackend, "create_db_instance_read_replica")
def a_replica_is_an_instance_of_its_own(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
    refuse_taken_instance(backend, db_kwargs["db_instance_identifier"].lower())
    replica = original(db_kwargs)
    replica.dbi_resource_id = _resource_id()
    replica.deletion_protection = bool(db_kwargs.get("deletion_protection"))
    replica.pending_modified_values, replica.manage_master_user_password = {}, False
    _place(backend, replica, db_kwargs.get("availability_zone"))
    settle(replica, "creating")
    return replica


@replaces(RDSBackend, "promote_read_replica")
def a_promoted_replica_has_no_source(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PromoteReadReplica.html
    replica = original(db_kwargs)
    source = backend.databases.get(replica.source_db_instance_identifier or "")
    if source is not None and replica.db_instance_identifier in source.replicas:
        source.remove_replica(replica)
    replica.source_db_instance_identifier = None
    settle(replica, "modifying")
    return replica


@replaces(DBInstance, "save_automated_backup")
@replaces(DBCluster, "save_automated_backup")
def backups_are_not_made_up(_original, _resource):
    # moto makes one, named by the minute, with each instance and cluster: a second one of a name then fails.
    return None
