"""RDS: instances and clusters are stopped, started and rebooted; what tests do to them.

POST /mended/rds/NAME/status       JSON {"status": s}: an instance, or else a cluster, is in this state from now on
POST /mended/rds/NAME/failover     a Multi-AZ instance is in its other zone; a cluster's writer is another member

Still wrong: what is stopped is never started again after seven days.
"""

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBInstanceNotFoundError, RDSClientError
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_cluster import fail_over, find, tell_failed_over
from mended.rds_event import tell
from mended.rds_parameter_group import rebooted
from mended.rds_state import CHANGEABLE, cluster_state, instance_state, named, settle, unknown


def _instance(response, verb, *states):
    name = response.params["DBInstanceIdentifier"]
    instance = response.backend.databases.get(name)
    if instance is None:
        raise DBInstanceNotFoundError(name)
    if instance.db_cluster_identifier and verb != "reboot":
        raise cluster_state(f"The instance {name} is a member of a DB cluster: {verb} the cluster instead.")
    if instance.status not in states:
        raise instance_state(f"Instance {name} is {instance.status}: it must be {' or '.join(states)} to {verb} it.")
    return instance


@replaces(RDSResponse, "stop_db_instance")
def an_instance_is_stopping_then_stopped(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBInstance.html; and
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html: neither a replica nor its source.
    instance = _instance(response, "stop", "available")
    if instance.is_replica or instance.replicas:
        raise instance_state("An instance that has or is a read replica can't be stopped.")
    if response.params.get("DBSnapshotIdentifier"):
        response.backend.create_db_snapshot(instance.db_instance_identifier, response.params["DBSnapshotIdentifier"])
    settle(instance, "stopping", final="stopped")
    return ActionResult({"DBInstance": instance})


@replaces(RDSResponse, "start_db_instance")
def an_instance_is_starting_then_available(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstance.html
    instance = _instance(response, "start", "stopped")
    settle(instance, "starting", lambda: rebooted(instance))
    return ActionResult({"DBInstance": instance})


@replaces(RDSResponse, "reboot_db_instance")
def an_instance_is_rebooting_then_available(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html: it has all its parameters.
    instance = _instance(response, "reboot", *CHANGEABLE)
    if response.params.get("ForceFailover") and not instance.multi_az:
        raise RDSClientError(
            "InvalidParameterCombination", "You can't force a failover of an instance that is not Multi-AZ."
        )
    if response.params.get("ForceFailover") and instance.secondary_availability_zone:
        _change_zones(instance)
    settle(instance, "rebooting", lambda: rebooted(instance))
    return ActionResult({"DBInstance": instance})


def _change_zones(instance):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html: the standby is the
    # primary from now on, in its own zone.
    tell(instance, "Multi-AZ instance failover started", "failover")
    instance._mended_interfaces.reverse()
    zones = instance.availability_zone, instance.secondary_availability_zone
    instance.secondary_availability_zone, instance.availability_zone = zones
    tell(instance, "Multi-AZ instance failover completed", "failover")


def _settle_cluster(response, wanted, status, final):
    cluster = find(response.backend, response.params["DBClusterIdentifier"])
    if cluster.status != wanted:
        raise cluster_state(f"DbCluster {cluster.db_cluster_identifier} is in {cluster.status} state but not {wanted}.")
    for member in cluster.members:
        if member.status not in (wanted, "deleting"):
            raise instance_state(f"Instance {member.db_instance_identifier} is {member.status}.")
    settle(cluster, status, final=final)
    for member in cluster.members:
        if member.status == wanted:
            settle(member, status, lambda member=member: _started(member, final), final=final)
    return ActionResult({"DBCluster": cluster})


def _started(member, final):
    if final == "available":
        rebooted(member)


@replaces(RDSResponse, "stop_db_cluster")
def a_cluster_is_stopping_then_stopped_with_its_members(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBCluster.html
    return _settle_cluster(response, "available", "stopping", "stopped")


@replaces(RDSResponse, "start_db_cluster")
def a_cluster_is_starting_then_available_with_its_members(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBCluster.html
    return _settle_cluster(response, "stopped", "starting", "available")


def _set_status(body, name):
    _, found = named(name)
    if found is None:
        return unknown(name)
    found.status = body["status"]
    return "200 OK", {"name": name, "status": found.status}


def _fail_over(_body, name):
    backend, found = named(name)
    if found is None:
        return unknown(name)
    if name not in backend.clusters:
        return _fail_over_instance(found)
    try:
        fail_over(backend.clusters[name])
        tell_failed_over(backend.clusters[name])
    except RDSClientError as error:
        return "409 Conflict", {"error": error.message}
    return "200 OK", {"name": name, "writer": backend.clusters[name].writer.db_instance_identifier}


def _fail_over_instance(instance):
    name = instance.db_instance_identifier
    if not instance.secondary_availability_zone:
        return "409 Conflict", {"error": f"{name} has no standby to fail over to"}
    _change_zones(instance)
    return "200 OK", {"name": name, "zone": instance.availability_zone}


ROUTES = [
    ("POST", r"/mended/rds/([^/]+)/status", _set_status),
    ("POST", r"/mended/rds/([^/]+)/failover", _fail_over),
]
