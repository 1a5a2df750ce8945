"""RDS: Aurora clusters - slow states, network, protection, final snapshots.

Still wrong: ModifyDBCluster applies everything at once; global clusters and serverless v1 are moto's.
"""

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError
from moto.rds.models import DBCluster, DBClusterSnapshot, RDSBackend
from moto.rds.responses import RDSResponse

from mended import clock
from mended.patch import replaces
from mended.rds_engine import family, resolve
from mended.rds_instance import check_network, combination, settle

# moto's clusters become available by being described.
DBCluster.status = property(
    lambda cluster: cluster._status, lambda cluster, status: setattr(cluster, "_status", status)
)


@replaces(RDSBackend, "create_db_cluster")
def a_cluster_is_creating_then_available(original, backend, kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html: DBClusterAlreadyExistsFault
    identifier = kwargs["db_cluster_identifier"] = kwargs["db_cluster_identifier"].lower()
    if identifier in backend.clusters:
        raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    kwargs["engine_version"] = resolve(kwargs["engine"], kwargs.get("engine_version"))
    check_network(backend, kwargs)
    cluster = original(kwargs)
    if not kwargs.get("db_cluster_parameter_group_name"):
        cluster.parameter_group = f"default.{family(cluster.engine, cluster.engine_version)}"
    settle(cluster, "creating")
    return cluster


@replaces(RDSResponse, "modify_db_cluster")
def only_an_available_cluster_is_modified(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html: InvalidDBClusterStateFault
    identifier = response.params["DBClusterIdentifier"]
    cluster = response.backend.clusters.get(identifier)
    if cluster is None:
        raise DBClusterNotFoundError(identifier)
    if cluster.status != "available":
        raise RDSClientError("InvalidDBClusterStateFault", f"DB cluster {identifier} is not in available state.")
    if response.params.get("EngineVersion"):
        response.params["EngineVersion"] = resolve(cluster.engine, response.params["EngineVersion"])
    return original()


@replaces(RDSResponse, "delete_db_cluster")
def a_cluster_is_deleting_then_gone(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html
    params, backend = response.params, response.backend
    cluster = backend.clusters.get(params["DBClusterIdentifier"])
    if cluster is None or cluster.deletion_protection:
        return original()
    if cluster.status == "deleting":
        raise RDSClientError("InvalidDBClusterStateFault", "DB cluster is already being deleted.")
    if any(member.status != "deleting" for member in cluster.members):
        return original()
    final, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot", False)
    if not final and not skip:
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if final and skip:
        raise combination("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.")
    if final:
        backend.create_db_cluster_snapshot(cluster.db_cluster_identifier, final)
    cluster.status = "deleting"
    clock.later(clock.durations.pending, lambda: backend.delete_db_cluster(cluster.db_cluster_identifier))
    return ActionResult({"DBCluster": cluster})


@replaces(DBClusterSnapshot, "__init__")
def a_cluster_snapshot_is_creating_then_available(original, snapshot, *args, **kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html
    original(*args, **kwargs)
    settle(snapshot, "creating")
