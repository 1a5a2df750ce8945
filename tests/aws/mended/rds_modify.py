"""RDS: ModifyDBInstance - what is changed at once, what waits for the maintenance window, what cannot be changed.

Still wrong: an instance does not move to another subnet group.
"""

import math

from moto.rds.exceptions import DBInstanceNotFoundError
from moto.rds.responses import RDSResponse

from mended import rds_rename, rds_secret
from mended.patch import replaces
from mended.rds_engine import CLASSES, VERSIONS, major, order, resolve
from mended.rds_event import tell, tell_beginning, tell_finish
from mended.rds_instance import check_groups, follow_groups, place_standby
from mended.rds_parameter_group import await_reboot, check, rebooted
from mended.rds_show import change_logs, check_certificate, check_logs, check_storage, show_baseline
from mended.rds_state import CHANGEABLE, combination, instance_state, invalid, settle

# What ModifyDBInstance defers to the maintenance window unless ApplyImmediately is set: its name in
# PendingModifiedValues. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
DEFERRED = {
    "AllocatedStorage": "AllocatedStorage",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "NewDBInstanceIdentifier": "DBInstanceIdentifier",
    "CACertificateIdentifier": "CACertificateIdentifier",
    "DBInstanceClass": "DBInstanceClass",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EngineVersion": "EngineVersion",
    "Iops": "Iops",
    "MultiAZ": "MultiAZ",
    "StorageThroughput": "StorageThroughput",
    "StorageType": "StorageType",
}

# The attribute of each of them.
ATTRIBUTES = {
    "AllocatedStorage": "allocated_storage",
    "BackupRetentionPeriod": "backup_retention_period",
    "CACertificateIdentifier": "ca_certificate_identifier",
    "DBInstanceClass": "db_instance_class",
    "DBInstanceIdentifier": "db_instance_identifier",
    "EngineVersion": "engine_version",
    "IAMDatabaseAuthenticationEnabled": "enable_iam_database_authentication",
    "Iops": "iops",
    "MultiAZ": "multi_az",
    "StorageThroughput": "storage_throughput",
    "StorageType": "storage_type",
}

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html: "This setting doesn't apply to
# Amazon Aurora"; the cluster has it.
OF_CLUSTERS = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "CloudwatchLogsExportConfiguration",
    "EnableIAMDatabaseAuthentication",
    "EngineVersion",
    "Iops",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "MaxAllocatedStorage",
    "MultiAZ",
    "PreferredBackupWindow",
    "StorageThroughput",
    "StorageType",
    "VpcSecurityGroupIds",
)


@replaces(RDSResponse, "modify_db_instance")
def changes_wait_for_the_window_unless_applied_immediately(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    params, backend = response.params, response.backend
    instance = backend.databases.get(params["DBInstanceIdentifier"])
    if instance is None:
        raise DBInstanceNotFoundError(params["DBInstanceIdentifier"])
    if instance.status not in CHANGEABLE:
        raise instance_state("Database instance is not in available state.")
    _check_changes(backend, instance, params)
    rds_secret.check_change(instance, params)
    busy = _busy(instance, params)
    deferred = _deferred(instance, params)
    _switch_group(instance, params, deferred)
    answer = original()
    instance.pending_modified_values = {**instance.pending_modified_values, **deferred}
    follow_groups(backend, instance)
    _settle(backend, instance, params.get("ApplyImmediately"), busy)
    return answer


def _check_changes(backend, instance, params):
    cluster = instance.db_cluster_identifier
    wrong = [name for name in OF_CLUSTERS if cluster and params.get(name) is not None]
    if wrong:
        raise combination(f"{', '.join(wrong)} can't be changed for a member of the DB cluster {cluster}.")
    if params.get("DBInstanceClass") and params["DBInstanceClass"] not in CLASSES:
        raise invalid(f"Invalid DB Instance class: {params['DBInstanceClass']}")
    check_certificate(params.get("CACertificateIdentifier"))
    rds_rename.check_instance(backend, instance, params)
    if params.get("VpcSecurityGroupIds"):
        vpc_id = instance._mended_interfaces[0].subnet.vpc_id
        check_groups(backend.ec2_backend, params["VpcSecurityGroupIds"], vpc_id)
    if not cluster:
        _check_storage(instance, params)
        check_version(instance, params)
        logs = params.get("CloudwatchLogsExportConfiguration") or {}
        check_logs(instance.engine, [*(logs.get("EnableLogTypes") or []), *(logs.get("DisableLogTypes") or [])])
    _check_group(backend, instance, params)
    _check_monitoring(instance, params)


def _check_storage(instance, params):
    size, now = params.get("AllocatedStorage"), instance.allocated_storage
    if size and size < now:
        raise combination("Requested storage size cannot be smaller than the current size; storage can't be reduced.")
    if size and size > now:
        # "Values that are not at least 10% greater than the existing value are rounded up."
        params["AllocatedStorage"] = size = max(size, math.ceil(now * 1.1))
    storage_type = params.get("StorageType") or instance.storage_type
    check_storage(instance.engine, size or now, params.get("Iops"), params.get("StorageThroughput"), storage_type)


def check_version(resource, params):
    """Refuse a version that the instance or cluster cannot be upgraded to; complete one that it can."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
    version, engine, now = params.get("EngineVersion"), resource.engine, resource.engine_version
    if not version or engine not in VERSIONS:
        return
    params["EngineVersion"] = version = resolve(engine, version)
    if order(engine, version) < order(engine, now):
        raise combination(f"Cannot upgrade {engine} from {now} to {version}")
    if major(engine, version) != major(engine, now) and not params.get("AllowMajorVersionUpgrade"):
        raise combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")


def _check_monitoring(instance, params):
    # MonitoringInterval and MonitoringRoleArn go together.
    interval = params.get("MonitoringInterval")
    interval = instance.monitoring_interval if interval is None else interval
    role = params.get("MonitoringRoleArn")
    if interval and not (role or instance.monitoring_role_arn):
        raise combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        )
    if role and not interval:
        raise combination(
            "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value."
        )


def _busy(instance, params):
    # What is changed at once and takes a while: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
    # accessing-monitoring.html. What moto would set amiss is taken out of the parameters.
    busy = []
    logs, port, interval = (
        params.pop(name, None) for name in ("CloudwatchLogsExportConfiguration", "DBPortNumber", "MonitoringInterval")
    )
    if logs and change_logs(instance, logs):
        busy.append("configuring-log-exports")
    if port and port != instance.port:
        instance.port = port
        busy.append("modifying")
    if interval is not None and interval != instance.monitoring_interval:
        instance.monitoring_interval = interval
        instance.monitoring_role_arn = instance.monitoring_role_arn if interval else None
        busy.append("configuring-enhanced-monitoring")
        tell(instance, f"Monitoring Interval changed to {interval}", "configuration change")
    if params.get("MasterUserPassword") or params.get("ManageMasterUserPassword") is not None:
        busy.append("resetting-master-credentials")
    return busy


def _deferred(instance, params):
    found = {}
    for name, shown in DEFERRED.items():
        value = params.pop(name, None)
        if value is None:
            continue
        instance.pending_modified_values.pop(shown, None)
        if getattr(instance, ATTRIBUTES[shown]) == value:
            continue
        if name == "BackupRetentionPeriod" and value and instance.backup_retention_period:
            instance.backup_retention_period = value  # From one number of days to another at once.
        else:
            found[shown] = value
    if params.get("MasterUserPassword"):
        found["MasterUserPassword"] = "****"
    return found


def _upgrades(instance, version):
    engine, now = instance.engine, instance.engine_version
    return bool(version) and engine in VERSIONS and major(engine, version) != major(engine, now)


def _check_group(backend, instance, params):
    # EngineVersion: a major upgrade names a group of the new family, unless a default one is used.
    name, version = params.get("DBParameterGroupName"), params.get("EngineVersion")
    now = instance.db_parameter_groups()[0].name
    if name or (_upgrades(instance, version) and not now.startswith("default.")):
        check(backend, name or now, instance.engine, version or instance.engine_version)


def _switch_group(instance, params, deferred):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.Associating.html
    name, now = params.pop("DBParameterGroupName", None), instance.db_parameter_groups()[0].name
    if name in (None, now):
        return
    if _upgrades(instance, deferred.get("EngineVersion")):
        instance._mended_next_group = name
        return
    instance.db_parameter_group_name = name
    tell(instance, f"Updated to use DBParameterGroup {name}", "configuration change")
    await_reboot([instance], of_cluster=False)


def _settle(backend, instance, immediately, busy):
    pending = instance.pending_modified_values
    if immediately and set(pending) - {"MasterUserPassword"}:
        busy = [rds_rename.status(pending)]
        tell_beginning(instance, pending)
    if busy:
        status = busy[0] if len(set(busy)) == 1 else "modifying"
        settle(instance, status, lambda: _apply(backend, instance, immediately))


def _apply(backend, instance, everything):
    if instance.pending_modified_values.pop("MasterUserPassword", None):
        tell(instance, "Reset master credentials", "configuration change")
    if everything:
        apply_pending(backend, instance)


def apply_pending(backend, instance):
    """Apply what was deferred."""
    pending, instance.pending_modified_values = instance.pending_modified_values, {}
    pending.pop("MasterUserPassword", None)
    name = pending.pop("DBInstanceIdentifier", None)
    # Throughput is kept with the type that has it.
    for shown in sorted(pending, key=lambda shown: shown == "StorageThroughput"):
        setattr(instance, ATTRIBUTES[shown], pending[shown])
    if "EngineVersion" in pending:
        instance.db_parameter_group_name = instance.__dict__.pop("_mended_next_group", instance.db_parameter_group_name)
        rebooted(instance)
    if not instance.db_cluster_identifier:
        show_baseline(instance)
    place_standby(backend, instance)
    tell_finish(instance, pending)
    if name and not rds_rename.rename_instance(backend, instance, name):
        instance.pending_modified_values["DBInstanceIdentifier"] = name
    elif name:
        settle(instance, "rebooting", lambda: rebooted(instance))
