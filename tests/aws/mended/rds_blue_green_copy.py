"""RDS: what a blue/green deployment may be made of, and the green copies of it.

The pages are https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html, its
neighbours -creating, -replication-type and -switching, and those of the AuroraUserGuide. They do not say what becomes
of a parameter group of one's own in a major upgrade that names no other: it is refused here.

Still wrong: TargetResourceConfigurations and UpgradeTargetStorageConfig are ignored; option groups, roles, custom
endpoints and global databases are not copied; a smaller storage is never too small for its data; a green cluster does
not show what it replicates.
"""

import secrets
import string

from moto.rds.exceptions import DBClusterNotFoundError, DBInstanceNotFoundError, RDSClientError
from moto.rds.models import DBCluster, DBInstance

from mended.rds_engine import CLASSES, major
from mended.rds_modify import check_version
from mended.rds_parameter_group import check, find, in_sync
from mended.rds_show import INSIGHTS, LARGE
from mended.rds_state import cluster_state, combination, instance_state, invalid

INSTANCE_ENGINES = ("postgres", "mysql", "mariadb")
CLUSTER_ENGINES = ("aurora-mysql", "aurora-postgresql")

# What a green instance and cluster have of their blue one, by moto's names; instances of clusters have the first alone.
OF_MEMBER = """engine db_instance_class port auto_minor_version_upgrade copy_tags_to_snapshot publicly_accessible
    preferred_maintenance_window ca_certificate_identifier monitoring_interval monitoring_role_arn availability_zone
    tags""".split()
OF_INSTANCE = """engine_version allocated_storage max_allocated_storage storage_type backup_retention_period
    character_set_name db_name master_username multi_az license_model preferred_backup_window storage_encrypted
    kms_key_id vpc_security_group_ids deletion_protection enable_iam_database_authentication""".split()
OF_CLUSTER = """engine engine_version engine_mode port master_username database_name storage_encrypted kms_key_id
    storage_type allocated_storage backup_retention_period preferred_backup_window preferred_maintenance_window
    vpc_security_group_ids db_subnet_group_name deletion_protection copy_tags_to_snapshot availability_zones
    auto_minor_version_upgrade serverless_v2_scaling_configuration tags""".split()

# What "doesn't apply to Amazon Aurora blue/green deployments", and what to an instance's.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateBlueGreenDeployment.html
STORAGE = {
    "TargetAllocatedStorage": "allocated_storage",
    "TargetIops": "iops",
    "TargetStorageThroughput": "storage_throughput",
    "TargetStorageType": "storage_type",
}
OF_INSTANCES_ALONE = ("TargetDBInstanceClass", *STORAGE)


def unsupported(blue, message):
    """The error of an instance or a cluster that no deployment can be made of."""
    kind = "Cluster" if isinstance(blue, DBCluster) else "Database"
    return RDSClientError(f"Source{kind}NotSupportedFault", message)


def source(backend, arn):
    """The instance or cluster of this ARN, if a deployment can be made of it."""
    kind, name = arn.split(":")[5:7] if arn.count(":") == 6 else (None, None)
    if kind not in ("db", "cluster"):
        raise invalid(f"The parameter Source is not a valid ARN of an instance or a cluster: {arn}")
    blue = (backend.databases if kind == "db" else backend.clusters).get(name)
    if blue is None:
        raise (DBInstanceNotFoundError if kind == "db" else DBClusterNotFoundError)(name)
    if kind == "db":
        _check_instance(backend, blue)
    else:
        _check_cluster(blue)
    if blue.manage_master_user_password:
        # -considerations: "Blue/green deployments don't support managing master user passwords with AWS Secrets
        # Manager."
        raise unsupported(blue, "Blue/Green Deployments don't support master user passwords in AWS Secrets Manager.")
    return blue


def _check_instance(backend, blue):
    name = blue.db_instance_identifier
    if blue.status != "available":
        raise instance_state(f"DB instance {name} is not in available state")
    if blue.engine not in INSTANCE_ENGINES or blue.db_cluster_identifier:
        raise unsupported(blue, f"Blue/Green Deployments don't support the DB instance {name} of {blue.engine}.")
    replicas = [backend.databases.get(replica) for replica in blue.replicas]
    if blue.is_replica or None in replicas or any(replica.replicas for replica in replicas):
        raise unsupported(blue, "Blue/Green Deployments don't support replicas, cascading or in other Regions.")
    if not blue.backup_retention_period:
        # -creating: "you must enable automated backups".
        raise unsupported(blue, f"Blue/Green Deployments require automated backups of the DB instance {name}.")


def _check_cluster(blue):
    name = blue.db_cluster_identifier
    if blue.status != "available":
        raise cluster_state(f"DB cluster {name} is not in available state")
    for member in blue.members:
        if member.status != "available":
            raise instance_state(f"DB instance {member.db_instance_identifier} is not in available state")
    if blue.engine not in CLUSTER_ENGINES or blue.writer is None:
        raise unsupported(blue, f"Blue/Green Deployments don't support the DB cluster {name} of {blue.engine}.")


def check_targets(backend, blue, params):
    """Refuse what green cannot be; complete its version."""
    of_cluster = isinstance(blue, DBCluster)
    wrong = [name for name in OF_INSTANCES_ALONE if of_cluster and params.get(name) is not None]
    if wrong or (not of_cluster and params.get("TargetDBClusterParameterGroupName")):
        raise combination(f"{', '.join(wrong) or 'TargetDBClusterParameterGroupName'} doesn't apply to {blue.arn}.")
    if params.get("TargetDBInstanceClass") not in (None, *CLASSES):
        raise invalid(f"Invalid DB Instance class: {params['TargetDBInstanceClass']}")
    wanted = {"EngineVersion": params.get("TargetEngineVersion"), "AllowMajorVersionUpgrade": True}
    check_version(blue, wanted)
    version = wanted["EngineVersion"] or blue.engine_version
    _check_replication(backend, blue, version)
    for resource in (blue, *_others(backend, blue)):
        _group(backend, resource, version, params)
    return version


def _others(backend, blue):
    # The writer's copy is made first, and so is the writer.
    if isinstance(blue, DBCluster):
        return sorted(blue.members, key=lambda member: not member.is_cluster_writer)
    return [backend.databases[name] for name in blue.replicas]


def _check_replication(backend, blue, version):
    # -creating: a group with logical replication or binary logging, which the writer is in sync with; of instances
    # those of PostgreSQL need it, and -replication-type: for major upgrades alone.
    if isinstance(blue, DBCluster):
        name, value = ("binlog_format", "OFF") if blue.engine == "aurora-mysql" else ("rds.logical_replication", "0")
        what = "binary logging" if blue.engine == "aurora-mysql" else "logical replication"
        group, writer = find(backend, blue.parameter_group, True), blue.writer
    elif blue.engine == "postgres" and major(blue.engine, version) != major(blue.engine, blue.engine_version):
        name, value, what = "rds.logical_replication", "0", "logical replication"
        group, writer = blue.db_parameter_groups()[0], blue
    else:
        return
    kind = "DB cluster" if isinstance(blue, DBCluster) else "DB instance"
    if group.parameters.get(name, {}).get("ParameterValue", value) == value:
        # https://repost.aws/knowledge-center/rds-postgresql-blue-green-deployment-error
        raise unsupported(
            blue,
            f"Blue/Green Deployments require a {kind} with {what} enabled. Before you create a Blue/Green Deployment "
            f"for a {kind}, associate the {kind} with a custom {kind} parameter group that enables {what}.",
        )
    if not in_sync(writer):
        raise unsupported(blue, f"Blue/Green Deployments require a {kind} in sync with its parameter group.")


def _group(backend, blue, version, params):
    # -creating: the group that is asked for, else the blue one's.
    if isinstance(blue, DBCluster):
        target, own = params.get("TargetDBClusterParameterGroupName"), blue.parameter_group
    else:
        target, own = params.get("TargetDBParameterGroupName"), blue.db_parameter_group_name
    name = target or own
    if name is None or (name.startswith("default.") and not target):
        return None
    check(backend, name, blue.engine, version, of_cluster=isinstance(blue, DBCluster))
    return name


def copy(backend, blue, version, params):
    """Make green copies; returns the pairs of blue and green ones."""
    return (_copy_cluster if isinstance(blue, DBCluster) else _copy_instances)(backend, blue, version, params)


def _copy_instances(backend, blue, version, params):
    changes = {attribute: params[name] for name, attribute in STORAGE.items() if params.get(name) is not None}
    primary = changes | {"db_instance_class": params.get("TargetDBInstanceClass") or blue.db_instance_class}
    green = _instance(backend, blue, version, params, primary)
    # "The allocated storage of all green replicas matches the green primary instance, while other storage parameters
    # are inherited from the blue replicas."
    storage = {name: getattr(green, name) for name in ("allocated_storage", "max_allocated_storage")}
    replicas = _others(backend, blue)
    pairs = [(replica, _instance(backend, replica, version, params, storage)) for replica in replicas]
    for _, copied in pairs:
        _replicate(green, copied)
    _replicate(blue, green)
    return [(blue, green), *pairs]


def _replicate(primary, replica):
    # -switching: "The green primary DB instance is a replica of the blue primary DB instance."
    replica.is_replica = True
    replica.source_db_instance_identifier = primary.db_instance_identifier
    primary.add_replica(replica)


def _instance(backend, blue, version, params, changes):
    wanted = {name: getattr(blue, name) for name in [*OF_MEMBER, *INSIGHTS, *OF_INSTANCE]}
    wanted |= {"engine_version": version, "db_subnet_group_name": blue._db_subnet_group_name}
    wanted["enable_cloudwatch_logs_exports"] = list(blue.enabled_cloudwatch_logs_exports)
    wanted["master_user_password"] = getattr(blue, "_master_user_password", None)
    if blue.storage_type.startswith("io") or (blue.storage_type == "gp3" and blue.allocated_storage >= LARGE):
        wanted |= {"iops": blue.iops, "storage_throughput": blue.storage_throughput}
    return _make(backend, blue, version, params, wanted | changes)


def _make(backend, blue, version, params, wanted):
    wanted["db_parameter_group_name"] = _group(backend, blue, version, params)
    wanted["db_instance_identifier"] = _name(blue.db_instance_identifier)
    return backend.create_db_instance(wanted)


def _copy_cluster(backend, blue, version, params):
    wanted = {name: getattr(blue, name) for name in OF_CLUSTER}
    wanted |= {"engine_version": version, "db_cluster_identifier": _name(blue.db_cluster_identifier)}
    wanted["db_cluster_parameter_group_name"] = _group(backend, blue, version, params)
    wanted["enable_cloudwatch_logs_exports"] = list(blue.enabled_cloudwatch_logs_exports)
    wanted["enable_iam_database_authentication"] = blue.iam_auth
    wanted["master_user_password"] = blue._master_user_password
    green = backend.create_db_cluster(wanted)
    pairs = [(blue, green)]
    for member in _others(backend, blue):
        wanted = {name: getattr(member, name) for name in [*OF_MEMBER, *INSIGHTS, "promotion_tier"]}
        wanted["db_cluster_identifier"] = green.db_cluster_identifier
        pairs.append((member, _make(backend, member, version, params, wanted)))
    return pairs


def _name(name):
    # Such as mydb-green-abc123; a name has at most 63 characters.
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return f"{name[:50].rstrip('-')}-green-{suffix}"


def is_there(backend, resource):
    """Whether an instance or a cluster has not been deleted."""
    named = backend.databases if isinstance(resource, DBInstance) else backend.clusters
    return named.get(resource.resource_id) is resource


def stop_replication(blue, green):
    """A green instance is no longer a replica of its blue one."""
    if isinstance(green, DBInstance) and green.is_replica:
        green.is_replica, green.source_db_instance_identifier = False, None
        if green.db_instance_identifier in blue.replicas:
            blue.remove_replica(green)
