"""RDS: snapshots, and the instances and clusters that are restored from them or to a point in time.

Still wrong: a snapshot of an instance that is a cluster's member is not refused; a restored database holds no data.
"""

import secrets

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds.exceptions import DBClusterNotFoundError, DBInstanceNotFoundError, RDSClientError
from moto.rds.models import DBClusterSnapshot, DBSnapshot, RDSBackend
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_engine import page
from mended.rds_event import tell
from mended.rds_state import combination, settle

# What a restored instance and cluster have of their source unless they are asked for something else; the groups, log
# exports, IAM authentication and protection are the request's or the defaults.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
OF_INSTANCE = """engine engine_version port allocated_storage db_instance_class license_model master_username
    character_set_name storage_type storage_encrypted kms_key_id backup_retention_period auto_minor_version_upgrade
    preferred_backup_window preferred_maintenance_window db_name""".split()
OF_CLUSTER = """engine engine_version port master_username database_name storage_encrypted kms_key_id
    backup_retention_period preferred_backup_window preferred_maintenance_window engine_mode storage_type
    availability_zones""".split()


@replaces(DBSnapshot, "__init__")
def a_snapshot_is_creating_then_available(original, snapshot, *args, **kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html
    original(*args, **kwargs)
    snapshot.percent_progress = 0
    instance = snapshot.database
    tell(snapshot, "Creating manual snapshot", "creation")
    tell(instance, "Backing up DB instance", "backup")
    settle(snapshot, "creating", lambda: _finish(snapshot))


def _finish(snapshot):
    snapshot.percent_progress = 100
    tell(snapshot.database, "Finished DB Instance backup", "backup")


@replaces(DBClusterSnapshot, "__init__")
def a_cluster_snapshot_is_creating_then_available(original, snapshot, *args, **kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html
    original(*args, **kwargs)
    snapshot.percent_progress = 0
    tell(snapshot, "Creating manual cluster snapshot", "backup")
    settle(snapshot, "creating", lambda: setattr(snapshot, "percent_progress", 100))


@replaces(RDSBackend, "delete_db_snapshot")
def a_deleted_snapshot_is_told(original, _backend, db_snapshot_identifier):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#USER_Events.Messages.snapshot
    snapshot = original(db_snapshot_identifier)
    tell(snapshot, "Deleted user snapshot", "deletion")
    return snapshot


@replaces(RDSResponse, "describe_db_snapshots", "describe_db_cluster_snapshots")
def snapshots_have_pages(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshots.html
    ((key, found),) = original().result.items()
    return ActionResult(page(response, key, list(found)))


def _asked(params, *less):
    # The request's parameters by moto's names.
    return {name: value for name, value in params.items() if value is not None and name not in less}


def _check_managed(params, source):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html:
    # ManageMasterUserPassword "Applies to RDS for Oracle only".
    if params.get("ManageMasterUserPassword") and not source.engine.startswith("oracle"):
        raise combination(f"ManageMasterUserPassword isn't supported for restoring a DB instance of {source.engine}.")


def _restored_instance(backend, source, tags, asked):
    wanted = {name: getattr(source, name) for name in OF_INSTANCE}
    if source.storage_type.startswith("io"):
        wanted["iops"] = source.iops
    wanted["tags"] = tags
    if asked.get("allocated_storage", wanted["allocated_storage"]) < wanted["allocated_storage"]:
        raise combination("The allocated storage size can't be less than the source snapshot or backup size.")
    instance = backend.create_db_instance(wanted | asked)
    instance._master_user_password = getattr(source, "_master_user_password", None)
    return ActionResult({"DBInstance": instance})


@replaces(RDSResponse, "restore_db_instance_from_db_snapshot")
def an_instance_is_restored_from_an_available_snapshot(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html: "If there are
    # no new tags, RDS looks for the tags from the source DB instance for the DB snapshot".
    snapshot = response.backend.get_db_snapshot(response.params["DBSnapshotIdentifier"])
    if snapshot.status != "available":
        raise RDSClientError("InvalidDBSnapshotState", f"DB snapshot is {snapshot.status}, not available.")
    _check_managed(response.params, snapshot.database)
    asked = _asked(response.params, "db_snapshot_identifier")
    return _restored_instance(response.backend, snapshot.database, snapshot.tags or snapshot.database.tags, asked)


@replaces(RDSResponse, "restore_db_instance_to_point_in_time")
def an_instance_is_restored_to_a_restorable_time(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html
    params, backend = response.params, response.backend
    name, number = params.get("SourceDBInstanceIdentifier"), params.get("SourceDbiResourceId")
    found = [d for k, d in backend.databases.items() if name == k or (number and d.dbi_resource_id == number)]
    if not found:
        raise DBInstanceNotFoundError(name or number)
    if not found[0].backup_retention_period:
        raise RDSClientError("PointInTimeRestoreNotEnabled", "Automated backups are not enabled for the source.")
    _check_time(params.get("RestoreTime"), params.get("UseLatestRestorableTime"), found[0])
    _check_managed(params, found[0])
    asked = _asked(params, "source_db_instance_identifier", "source_dbi_resource_id", "target_db_instance_identifier")
    asked["db_instance_identifier"] = params["TargetDBInstanceIdentifier"]
    return _restored_instance(backend, found[0], found[0].tags, asked)


def _check_time(time, latest, source):
    if bool(time) == bool(latest):
        raise combination("Specify either a time to restore to or UseLatestRestorableTime, and not both.")
    if source.latest_restorable_time is None or (time and time > utcnow()):
        raise RDSClientError("InvalidRestoreFault", "The specified time is not a restorable time of the source.")


def _restored_cluster(backend, source, tags, asked):
    wanted = {name: getattr(source, name) for name in OF_CLUSTER} | {"tags": tags}
    wanted["master_user_password"] = getattr(source, "_master_user_password", None) or secrets.token_urlsafe(21)
    return ActionResult({"DBCluster": backend.create_db_cluster(wanted | asked)})


@replaces(RDSResponse, "restore_db_cluster_from_snapshot")
def a_cluster_is_restored_from_an_available_snapshot(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html
    snapshot = response.backend.get_db_cluster_snapshot(response.params["SnapshotIdentifier"])
    if snapshot.status != "available":
        raise RDSClientError("InvalidDBClusterSnapshotStateFault", f"The snapshot is {snapshot.status}, not available.")
    if response.params["Engine"] != snapshot.engine:
        raise combination(f"The engine {response.params['Engine']} is not the snapshot's, {snapshot.engine}.")
    asked = _asked(response.params, "snapshot_identifier")
    return _restored_cluster(response.backend, snapshot.cluster, snapshot.tags or snapshot.cluster.tags, asked)


@replaces(RDSResponse, "restore_db_cluster_to_point_in_time")
def a_cluster_is_restored_to_a_restorable_time(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterToPointInTime.html
    params = response.params
    name = params.get("SourceDBClusterIdentifier", "").rpartition(":")[2]
    source = response.backend.clusters.get(name)
    if source is None:
        raise DBClusterNotFoundError(name)
    if params.get("RestoreType") != "copy-on-write" or params.get("RestoreToTime"):
        _check_time(params.get("RestoreToTime"), params.get("UseLatestRestorableTime"), source)
    asked = _asked(params, "source_db_cluster_identifier", "restore_to_time")
    return _restored_cluster(response.backend, source, source.tags, asked)
