"""RDS: ModifyDBInstance's NewDBInstanceIdentifier and ModifyDBCluster's NewDBClusterIdentifier, and resource ids.

What is renamed is "renaming" under its old name, then has the new one; an instance is rebooted after that. Tags,
secret, data and resource id stay: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html.

Still wrong: snapshots go on showing the name that their instance or cluster had when they were taken, and scalable
targets that of their cluster - no source tells what they show; a new name that is taken when the window comes stays
pending.
"""

import re

from moto.rds.exceptions import DBInstanceAlreadyExists, RDSClientError
from moto.rds.models import DBCluster, DBClusterSnapshot, FilterDef, rds_backends

from mended.patch import replaces
from mended.rds_event import tell
from mended.rds_state import invalid

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html: what moto lacks.
DBCluster.SUPPORTED_FILTERS["db-cluster-resource-id"] = FilterDef(["db_cluster_resource_id"], "DB Cluster Resource Ids")

# An endpoint is of a cluster's name, its account and its region; moto makes up a part of it for each cluster.
DBCluster.url_identifier = property(lambda _cluster: "aaaaaaaaaa", lambda _cluster, _made_up: None)


@replaces(DBClusterSnapshot, "__init__")
def a_cluster_snapshot_shows_whose_it_is(original, snapshot, backend, cluster, *args, **kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html: DbClusterResourceId
    original(backend, cluster, *args, **kwargs)
    snapshot.db_cluster_resource_id = cluster.db_cluster_resource_id


def refuse_taken_instance(backend, name):
    """Refuse an instance's name that another one has or is about to have."""
    if _taken(backend.databases, name, "DBInstanceIdentifier"):
        raise DBInstanceAlreadyExists()


def refuse_taken_cluster(backend, name):
    """Refuse a cluster's name that another one has or is about to have."""
    if _taken(backend.clusters, name, "DBClusterIdentifier"):
        raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")


def _taken(named, name, shown):
    return name in named or any(
        resource.status == "renaming" and resource.pending_modified_values.get(shown) == name
        for resource in named.values()
    )


def check_instance(backend, instance, params):
    """Refuse a new name that an instance cannot have; put it in lower case."""
    name = _check(params, "NewDBInstanceIdentifier")
    if name not in (None, instance.db_instance_identifier):
        refuse_taken_instance(backend, name)


def check_cluster(backend, cluster, params):
    """Refuse a new name that a cluster cannot have; put it in lower case."""
    name = _check(params, "NewDBClusterIdentifier")
    if name not in (None, cluster.db_cluster_identifier):
        refuse_taken_cluster(backend, name)


def _check(params, parameter):
    name = params.get(parameter)
    if name is None:
        return None
    if not re.fullmatch(r"(?!.*--)[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?", name):
        raise invalid(f"The parameter {parameter} is not a valid identifier: {name}")
    params[parameter] = name.lower()
    return name.lower()


def rename_instance(backend, instance, name):
    """Give an instance, its replicas and its source the new name; returns whether it is still to be had."""
    if name in backend.databases:
        return False
    before, arn = instance.db_instance_identifier, instance.arn
    instance.db_instance_identifier = name
    _move(backend.databases, before, name)
    changes = {arn: instance.arn}
    for other in backend.databases.values():
        _follow(other, changes | {before: name})
    for elsewhere in _elsewhere(backend):
        for other in elsewhere.databases.values():
            _follow(other, changes)
    return True


def _follow(other, changes):
    source = other.source_db_instance_identifier
    other.source_db_instance_identifier = changes.get(source, source)
    other.replicas = [changes.get(replica, replica) for replica in other.replicas]


def _elsewhere(backend):
    # Replicas in other regions, and their sources, are known by ARN.
    return [other for other in rds_backends[backend.account_id].values() if other is not backend]


def rename_cluster(backend, cluster, name):
    """Give a cluster, its members, replicas and source the new name; returns whether it is still to be had."""
    if name in backend.clusters:
        return False
    before, arn, members = cluster.db_cluster_identifier, cluster.arn, cluster.members
    cluster.db_cluster_identifier = name
    _move(backend.clusters, before, name)
    for member in members:
        member.db_cluster_identifier = name
    for other in (other for everywhere in (backend, *_elsewhere(backend)) for other in everywhere.clusters.values()):
        if other.replication_source_identifier == arn:
            other.replication_source_identifier = cluster.arn
        other.read_replica_identifiers = [cluster.arn if r == arn else r for r in other.read_replica_identifiers]
    tell(cluster, f"Renamed cluster from {before} to {name}", "notification")
    return True


def _move(named, before, name):
    # In its place: what is listed is listed in the same order.
    items = [(name if key == before else key, resource) for key, resource in named.items()]
    named.clear()
    named.update(items)


def status(pending):
    """What is shown while these changes are applied."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
    if "DBInstanceIdentifier" in pending or "DBClusterIdentifier" in pending:
        return "renaming"
    return "upgrading" if "EngineVersion" in pending else "modifying"
