"""RDS: Aurora clusters - slow states, network, changes, protection, final snapshots.

Still wrong: a failover takes no member down; global clusters and serverless v1 are moto's.
"""

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBClusterNotFoundError
from moto.rds.models import DBCluster, RDSBackend
from moto.rds.responses import RDSResponse

from mended import clock, rds_rename, rds_secret
from mended.patch import replaces
from mended.rds_engine import family, major, page, resolve
from mended.rds_event import tell, tell_failover, tell_upgrade
from mended.rds_instance import check_groups, check_network, follow_groups
from mended.rds_modify import check_version
from mended.rds_parameter_group import await_reboot, check, rebooted
from mended.rds_show import change_logs, check_logs
from mended.rds_state import cluster_state, combination, instance_state, settle

# moto's clusters become available by being described.
DBCluster.status = property(
    lambda cluster: cluster._status, lambda cluster, status: setattr(cluster, "_status", status)
)

# What ModifyDBCluster changes at once, whatever ApplyImmediately says, and the attribute: https://docs.aws.amazon.com/
# AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html
AT_ONCE = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "BackupRetentionPeriod": "backup_retention_period",
    "CopyTagsToSnapshot": "copy_tags_to_snapshot",
    "DeletionProtection": "deletion_protection",
    "Port": "port",
    "PreferredBackupWindow": "preferred_backup_window",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "ServerlessV2ScalingConfiguration": "serverless_v2_scaling_configuration",
    "VpcSecurityGroupIds": "vpc_security_group_ids",
}

# Of these, what takes no time.
QUICK = {"CopyTagsToSnapshot", "DeletionProtection", "AutoMinorVersionUpgrade"}

# What waits for the maintenance window, with its attribute and its name in PendingModifiedValues.
DEFERRED = {
    "EnableIAMDatabaseAuthentication": ("iam_auth", "IAMDatabaseAuthenticationEnabled"),
    "EngineVersion": ("engine_version", "EngineVersion"),
    "NewDBClusterIdentifier": ("db_cluster_identifier", "DBClusterIdentifier"),
}


@replaces(RDSBackend, "create_db_cluster")
def a_cluster_is_creating_then_available(original, backend, kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html: DBClusterAlreadyExistsFault
    identifier = kwargs["db_cluster_identifier"] = kwargs["db_cluster_identifier"].lower()
    rds_rename.refuse_taken_cluster(backend, identifier)
    kwargs["engine_version"] = resolve(kwargs["engine"], kwargs.get("engine_version"))
    check_network(backend, kwargs)
    cluster = original(kwargs)
    if not kwargs.get("db_cluster_parameter_group_name"):
        cluster.parameter_group = f"default.{family(cluster.engine, cluster.engine_version)}"
    settle(cluster, "creating")
    return cluster


@replaces(RDSResponse, "describe_db_clusters")
def clusters_have_pages(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html
    return ActionResult(page(response, "DBClusters", list(original().result["DBClusters"])))


@replaces(RDSResponse, "modify_db_cluster")
def only_an_available_cluster_is_modified(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html: InvalidDBClusterStateFault
    params, backend = response.params, response.backend
    cluster = find(backend, params["DBClusterIdentifier"])
    if cluster.status != "available":
        raise cluster_state(f"DB cluster {cluster.db_cluster_identifier} is not in available state.")
    check_version(cluster, params)
    rds_rename.check_cluster(backend, cluster, params)
    rds_secret.check_change(cluster, params)
    _check_groups(backend, cluster, params)
    changes = _change_at_once(backend, cluster, params)
    changes |= _change_password(cluster, params)
    changes |= _switch_group(cluster, params)
    changes |= bool(_defer(cluster, params) and params.get("ApplyImmediately"))
    if changes:
        pending = cluster.pending_modified_values if params.get("ApplyImmediately") else {}
        settle(cluster, rds_rename.status(pending), lambda: _finish(cluster, params))
    return ActionResult({"DBCluster": cluster})


def find(backend, name):
    """The cluster of this name."""
    if name not in backend.clusters:
        raise DBClusterNotFoundError(name)
    return backend.clusters[name]


def _upgrades(cluster, params):
    now = major(cluster.engine, cluster.engine_version)
    return major(cluster.engine, params.get("EngineVersion")) not in (None, now)


def _check_groups(backend, cluster, params):
    # DBClusterParameterGroupName is of the version's family that the cluster has afterwards; a major upgrade needs one
    # unless the default is used. DBInstanceParameterGroupName: with a major upgrade only.
    name, version = params.get("DBClusterParameterGroupName"), params.get("EngineVersion") or cluster.engine_version
    if name or (_upgrades(cluster, params) and not cluster.parameter_group.startswith("default.")):
        check(backend, name or cluster.parameter_group, cluster.engine, version, of_cluster=True)
    if params.get("DBInstanceParameterGroupName"):
        if not _upgrades(cluster, params):
            raise combination("DBInstanceParameterGroupName is valid for a major version upgrade only.")
        check(backend, params["DBInstanceParameterGroupName"], cluster.engine, version)
    logs = params.get("CloudwatchLogsExportConfiguration") or {}
    check_logs(cluster.engine, [*(logs.get("EnableLogTypes") or []), *(logs.get("DisableLogTypes") or [])])
    if params.get("VpcSecurityGroupIds"):
        group = backend.subnet_groups.get(cluster.db_subnet_group_name)
        vpc_id = group.vpc_id if group else backend.ec2_backend.get_default_vpc().id
        check_groups(backend.ec2_backend, params["VpcSecurityGroupIds"], vpc_id)


def _change_at_once(backend, cluster, params):
    changed = set()
    for name, attribute in AT_ONCE.items():
        if params.get(name) is not None and getattr(cluster, attribute) != params[name]:
            setattr(cluster, attribute, params[name])
            changed.add(name)
    for member in cluster.members:
        follow_groups(backend, member)
    logs = params.get("CloudwatchLogsExportConfiguration")
    return bool(logs and change_logs(cluster, logs)) or bool(changed - QUICK)


def _change_password(cluster, params):
    manages = params.get("ManageMasterUserPassword")
    if manages:
        cluster.master_user_secret = rds_secret.MasterUserSecret(cluster, params.get("MasterUserSecretKmsKeyId"))
    elif manages is False:
        cluster.master_user_secret.delete_secret()
        del cluster.master_user_secret
    if manages is not None:
        cluster.manage_master_user_password = manages
    if params.get("MasterUserPassword"):
        cluster.master_user_password = params["MasterUserPassword"]
        cluster.pending_modified_values["MasterUserPassword"] = "****"
    if params.get("RotateMasterUserPassword"):
        cluster.master_user_secret.rotate_secret()
    return manages is not None or bool(params.get("MasterUserPassword"))


def _switch_group(cluster, params):
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.AssociatingCluster.html
    name = params.get("DBClusterParameterGroupName")
    if not name or name == cluster.parameter_group:
        return False
    if _upgrades(cluster, params):
        cluster._mended_next_group = name
        return False
    cluster.parameter_group = name
    await_reboot(cluster.members, of_cluster=True)
    return True


def _defer(cluster, params):
    for name, (attribute, shown) in DEFERRED.items():
        if params.get(name) is not None:
            cluster.pending_modified_values.pop(shown, None)
            if getattr(cluster, attribute) != params[name]:
                cluster.pending_modified_values[shown] = params[name]
    if params.get("DBInstanceParameterGroupName"):
        cluster._mended_members_group = params["DBInstanceParameterGroupName"]
    return set(cluster.pending_modified_values) - {"MasterUserPassword"}


def _finish(cluster, params):
    if cluster.pending_modified_values.pop("MasterUserPassword", None):
        tell(cluster, "Reset master credentials", "configuration change")
    if params.get("ApplyImmediately"):
        apply_pending(cluster)


def apply_pending(cluster):
    """Apply what was deferred."""
    pending, cluster.pending_modified_values = cluster.pending_modified_values, {}
    name = pending.pop("DBClusterIdentifier", None)
    version = cluster.engine_version
    before = family(cluster.engine, version)
    for attribute, shown in DEFERRED.values():
        if shown in pending:
            setattr(cluster, attribute, pending[shown])
    after = family(cluster.engine, cluster.engine_version)
    if before != after:
        _upgrade_groups(cluster, after)
    if "EngineVersion" in pending:
        tell_upgrade(cluster, version)
        for member in cluster.members:
            rebooted(member)
    if name and not rds_rename.rename_cluster(cluster.backend, cluster, name):
        cluster.pending_modified_values["DBClusterIdentifier"] = name


def _upgrade_groups(cluster, new_family):
    cluster.parameter_group = cluster.__dict__.pop("_mended_next_group", f"default.{new_family}")
    group = cluster.__dict__.pop("_mended_members_group", None)
    for member in cluster.members:
        member.db_parameter_group_name = group


@replaces(RDSResponse, "delete_db_cluster")
def a_cluster_is_deleting_then_gone(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html; when it is stopped:
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html
    params, backend = response.params, response.backend
    cluster = backend.clusters.get(params["DBClusterIdentifier"])
    if cluster is None or cluster.deletion_protection:
        return original()
    if cluster.status in ("deleting", "stopping", "stopped", "starting"):
        raise cluster_state(f"DB cluster is {cluster.status}.")
    if any(member.status != "deleting" for member in cluster.members):
        return original()
    final, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot", False)
    if not final and not skip:
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if final and skip:
        raise combination("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.")
    if final:
        backend.create_db_cluster_snapshot(cluster.db_cluster_identifier, final)
    begin_removal(backend, cluster)
    return ActionResult({"DBCluster": cluster})


def begin_removal(backend, cluster):
    """The cluster is deleting, then gone; its members are by then."""
    cluster.status = "deleting"
    clock.later(clock.durations.pending, lambda: _remove(backend, cluster))


def _remove(backend, cluster):
    backend.delete_db_cluster(cluster.db_cluster_identifier)
    tell(cluster, "DB cluster deleted", "deletion")


@replaces(RDSResponse, "failover_db_cluster")
def another_member_becomes_the_writer(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html
    cluster = find(response.backend, response.params["DBClusterIdentifier"])
    if cluster.status != "available":
        raise cluster_state(f"DB cluster {cluster.db_cluster_identifier} is {cluster.status}.")
    fail_over(cluster, response.params.get("TargetDBInstanceIdentifier"))
    settle(cluster, "failing-over", lambda: tell_failed_over(cluster))
    return ActionResult({"DBCluster": cluster})


def fail_over(cluster, target=None):
    """Make another member the writer: `target`, or the available one that is promoted first."""
    readers = [member for member in cluster.members if not member.is_cluster_writer]
    found = [m for m in readers if target in (None, m.db_instance_identifier)]
    available = sorted((m for m in found if m.status == "available"), key=lambda member: member.promotion_tier)
    if target and found and not available:
        raise instance_state(f"Instance {target} should be in valid state for failover.")
    if not available:
        raise cluster_state(f"DB cluster {cluster.db_cluster_identifier} has no available reader to fail over to.")
    tell_failover(cluster, cluster.writer, available[0])
    cluster.failover(available[0])


def tell_failed_over(cluster):
    """The failover has ended."""
    if cluster.writer is not None:
        tell(cluster, f"Completed failover to DB instance: {cluster.writer.db_instance_identifier}", "failover")
