"""RDS: instances - slow states, interfaces, deferred changes, protection, final snapshots, managed secrets.

POST /mended/rds/INSTANCE/maintenance applies what ModifyDBInstance deferred, as the maintenance window would.

Still wrong: stopping, starting and rebooting take no time; a read replica copies nothing; backups are never taken; the
status passes from creating to available without backing-up.
"""

import json
import secrets

from moto.rds.exceptions import DBInstanceAlreadyExists, DBInstanceNotFoundError, RDSClientError
from moto.rds.models import DBCluster, DBInstance, DBSnapshot, MasterUserSecret, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from mended import clock
from mended.patch import replaces
from mended.rds_engine import CLASSES, VERSIONS, major, order, resolve

# What ModifyDBInstance defers to the maintenance window unless ApplyImmediately is set, by the name in
# PendingModifiedValues: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
DEFERRED = {
    "AllocatedStorage": "allocated_storage",
    "BackupRetentionPeriod": "backup_retention_period",
    "DBInstanceClass": "db_instance_class",
    "EngineVersion": "engine_version",
    "Iops": "iops",
    "MasterUserPassword": "master_user_password",
    "MultiAZ": "multi_az",
    "StorageThroughput": "storage_throughput",
    "StorageType": "storage_type",
}


def combination(message):
    """The error of parameters that do not go together."""
    return RDSClientError("InvalidParameterCombination", message)


@replaces(RDSBackend, "create_db_instance")
def an_instance_is_creating_then_available(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    identifier = db_kwargs["db_instance_identifier"] = db_kwargs["db_instance_identifier"].lower()
    if identifier in backend.databases:
        raise DBInstanceAlreadyExists()
    if db_kwargs.get("db_instance_class") not in CLASSES:
        raise RDSClientError(
            "InvalidParameterValue", f"Invalid DB Instance class: {db_kwargs.get('db_instance_class')}"
        )
    cluster = backend.clusters.get(db_kwargs.get("db_cluster_identifier") or "")
    if cluster is None:
        db_kwargs["engine_version"] = resolve(db_kwargs["engine"], db_kwargs.get("engine_version"))
        check_network(backend, db_kwargs)
    else:
        db_kwargs["db_subnet_group_name"] = cluster.db_subnet_group_name
    if db_kwargs.get("db_subnet_group_name"):
        db_kwargs["db_subnet_group_name"] = db_kwargs["db_subnet_group_name"].lower()
    instance = original(db_kwargs)
    instance.dbi_resource_id = "db-" + secrets.token_hex(13).upper()
    instance.pending_modified_values = {}
    _place(backend, instance, db_kwargs.get("availability_zone"))
    settle(instance, "creating")
    return instance


def check_network(backend, wanted):
    """Refuse unknown groups and networks that differ; fill in the default group."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    name, ec2 = wanted.get("db_subnet_group_name"), backend.ec2_backend
    group = backend.describe_db_subnet_groups(name.lower())[0] if name else None
    vpc_id = group.vpc_id if group else ec2.get_default_vpc().id
    ids = wanted.get("vpc_security_group_ids") or [ec2.get_default_security_group(vpc_id).id]
    for group_id in ids:
        found = ec2.get_security_group_from_id(group_id)
        if found is None:
            raise RDSClientError("InvalidParameterValue", f"Invalid security group , groupId= {group_id}, groupName= .")
        if found.vpc_id != vpc_id:
            raise combination("The DB instance and EC2 security group are in different VPCs.")
    wanted["vpc_security_group_ids"] = list(ids)


def _place(backend, instance, zone):
    # One interface in the instance's zone, another in that of its standby. A cluster's instances spread over zones.
    group = getattr(instance, "db_subnet_group", None)
    subnets = group._subnets if group else [s for s in backend.ec2_backend.describe_subnets() if s.default_for_az]
    taken = [d.availability_zone for d in backend.databases.values() if _siblings(instance, d)]
    subnets = sorted(subnets, key=lambda s: (s.availability_zone != zone, taken.count(s.availability_zone)))
    instance.availability_zone = subnets[0].availability_zone
    instance._mended_interfaces = [_interface(backend, instance, subnets[0])]
    _place_standby(backend, instance)


def _siblings(instance, other):
    return (
        other is not instance
        and instance.db_cluster_identifier
        and (other.db_cluster_identifier == instance.db_cluster_identifier)
    )


def _place_standby(backend, instance):
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


def settle(resource, status, then=None):
    """Show `status` for as long as slow states last, then do `then` and be available."""
    resource.status = status

    def finish():
        if resource.status == status:
            if then is not None:
                then()
            resource.status = "available"

    clock.later(clock.durations.pending, finish)


def _endpoint(instance):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html: not while it is created.
    if instance.status == "creating":
        return None
    return {"Address": instance.address, "Port": instance.port, "HostedZoneId": "Z2R2ITUGPM61AM"}


DBInstance.endpoint = property(_endpoint)


@replaces(MasterUserSecret, "_generate_secret_string")
def a_managed_secret_holds_the_master_user(_original, secret):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    return json.dumps({"username": secret.resource.master_username, "password": secrets.token_urlsafe(21)})


@replaces(RDSResponse, "modify_db_instance")
def changes_wait_for_the_window_unless_applied_immediately(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    params, backend = response.params, response.backend
    instance = backend.databases.get(params["DBInstanceIdentifier"].lower())
    if instance is None:
        raise DBInstanceNotFoundError(params["DBInstanceIdentifier"])
    if instance.status != "available":
        raise RDSClientError("InvalidDBInstanceState", "Database instance is not in available state.")
    _check_changes(instance, params)
    deferred = {name: params[name] for name in DEFERRED if params.get(name) is not None}
    for name in list(deferred):
        del params[name]
        if name != "MasterUserPassword" and getattr(instance, DEFERRED[name]) == deferred[name]:
            del deferred[name]
    answer = original()
    instance.pending_modified_values = {**instance.pending_modified_values, **deferred}
    _follow_groups(backend, instance)
    if instance.pending_modified_values and params.get("ApplyImmediately"):
        settle(instance, "modifying", lambda: _apply_pending(backend, instance))
    return answer


def _check_changes(instance, params):
    storage, version = params.get("AllocatedStorage"), params.get("EngineVersion")
    if params.get("DBInstanceClass") and params["DBInstanceClass"] not in CLASSES:
        raise RDSClientError("InvalidParameterValue", f"Invalid DB Instance class: {params['DBInstanceClass']}")
    if storage and storage < instance.allocated_storage:
        raise combination("Requested storage size cannot be smaller than the current size; storage can't be reduced.")
    if version and instance.engine in VERSIONS:
        params["EngineVersion"] = version = resolve(instance.engine, version)
        if order(instance.engine, version) < order(instance.engine, instance.engine_version):
            raise combination(f"Cannot upgrade {instance.engine} from {instance.engine_version} to {version}")
        same = major(instance.engine, version) == major(instance.engine, instance.engine_version)
        if not same and not params.get("AllowMajorVersionUpgrade"):
            raise combination(
                "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
            )


def _apply_pending(backend, instance):
    for name, value in instance.pending_modified_values.items():
        setattr(instance, DEFERRED[name], value)
    instance.pending_modified_values = {}
    _place_standby(backend, instance)


def _follow_groups(backend, instance):
    groups = [backend.ec2_backend.get_security_group_from_id(group_id) for group_id in instance.vpc_security_group_ids]
    for interface in instance._mended_interfaces:
        interface._group_set = [group for group in groups if group is not None]


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
        raise RDSClientError("InvalidDBInstanceState", f"Instance {identifier} is already being deleted.")
    _check_final_snapshot(instance, final_db_snapshot_identifier, skip_final_snapshot)
    if final_db_snapshot_identifier:
        backend.create_db_snapshot(identifier, final_db_snapshot_identifier, snapshot_type="manual")
    instance.status = "deleting"
    clock.later(clock.durations.pending, lambda: _remove(original, backend, instance, delete_automated_backups))
    return instance


def _check_final_snapshot(instance, final, skip):
    if instance.db_cluster_identifier or instance.is_replica:
        return
    if not final and not skip:
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if final and skip:
        raise combination("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.")


def _remove(original, backend, instance, delete_automated_backups):
    original(instance.db_instance_identifier, None, True, delete_automated_backups)
    for interface in instance._mended_interfaces:
        backend.ec2_backend.enis.pop(interface.id, None)


@replaces(DBSnapshot, "__init__")
def a_snapshot_is_creating_then_available(original, snapshot, *args, **kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html
    original(*args, **kwargs)
    snapshot.percent_progress = 0
    settle(snapshot, "creating", lambda: setattr(snapshot, "percent_progress", 100))


@replaces(RDSBackend, "restore_db_instance_from_db_snapshot", "restore_db_instance_to_point_in_time")
def a_restored_instance_is_not_protected(original, _backend, *args):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html: deletion
    # protection is off unless asked for.
    instance = original(*args)
    instance.deletion_protection = bool(args[-1].get("deletion_protection"))
    return instance


@replaces(RDSBackend, "create_db_instance_read_replica")
def a_replica_is_an_instance_of_its_own(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
    if db_kwargs["db_instance_identifier"].lower() in backend.databases:
        raise DBInstanceAlreadyExists()
    replica = original(db_kwargs)
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


def _maintain(_body, identifier):
    for account in rds_backends.values():
        for backend in account.values():
            instance = backend.databases.get(identifier)
            if instance is not None:
                _apply_pending(backend, instance)
                return "200 OK", {"instance": identifier}
    return "404 Not Found", {"error": f"no instance {identifier}"}


ROUTES = [("POST", r"/mended/rds/([^/]+)/maintenance", _maintain)]
