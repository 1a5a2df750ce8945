"""RDS: readers that Application Auto Scaling makes and removes.

POST /mended/rds/CLUSTER/readers  JSON {"count": n}: a policy wants n readers of its making. It gets what the scalable
                                  target's capacity, of which readers made by others are a part, and suspensions allow.

While a cluster has fewer readers than its target's minimum, or more than its maximum, each description of instances or
clusters begins with the missing ones being made, the surplus ones removed - also after somebody has deleted a reader:
"they would scale back up allowing these clusters to remain" (https://github.com/mlevit/aws-auto-cleanup/issues/111).
The guide is https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html.

No source tells which reader goes first, the youngest here; whether a suspension also stops what the minimum and the
maximum ask for, not here; what a made reader has of the writer beside its class: the parameter group and enhanced
monitoring here, but neither Performance Insights nor tags.

Still wrong: a policy that is not there is not missed; secondary clusters of a global database are scaled.
"""

import uuid

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_reader_scaling import DIMENSION, PREFIX, policies_of
from mended.rds_state import named, unknown


@replaces(RDSResponse, "describe_db_instances", "describe_db_clusters")
def capacity_is_within_its_bounds(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html: "it changes the
    # resource's current capacity to a value that is inside of this range"; "If the specified resource is not active in
    # the target service, this operation does not change the resource's current capacity."
    for cluster in list(response.backend.clusters.values()):
        target = _target(response.backend, cluster)
        if target is not None and _scales(cluster):
            _scale(response.backend, cluster, _bounded(target, len(_readers(cluster))))
    return original()


def _scaling(backend):
    return applicationautoscaling_backends[backend.account_id][backend.region_name]


def _target(backend, cluster):
    return _scaling(backend).targets.get(DIMENSION, {}).get(PREFIX + cluster.db_cluster_identifier)


def _scales(cluster):
    # The guide: "Aurora Auto Scaling only scales a DB cluster if the DB cluster is in the available state."
    return cluster.status == "available" and bool(cluster.members) and cluster.writer.status == "available"


def _readers(cluster):
    # The guide: capacity counts all Aurora Replicas, whoever made them.
    return [m for m in cluster.members if not m.is_cluster_writer and m.status != "deleting"]


def _made(cluster):
    return [member for member in _readers(cluster) if getattr(member, "_mended_auto_scaled", False)]


def _bounded(target, count):
    return max(target.min_capacity, min(target.max_capacity, count))


def _scale(backend, cluster, count):
    # The guide: "Aurora Auto Scaling only removes Aurora Replicas that it created."
    more = count - len(_readers(cluster))
    for _ in range(more):
        _make(backend, cluster)
    for reader in reversed(_made(cluster)[more:] if more < 0 else []):
        backend.delete_db_instance(reader.db_instance_identifier, skip_final_snapshot=True)


def _make(backend, cluster):
    # The guide: the writer's class, promotion tier 15, the name's prefix and the tag. AWS may pass a role to RDS, which
    # monitoring asks for: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
    # AWSApplicationAutoscalingRDSClusterPolicy.html
    writer = cluster.writer
    reader = backend.create_db_instance(
        {
            "db_instance_identifier": f"application-autoscaling-{uuid.uuid4()}",
            "db_cluster_identifier": cluster.db_cluster_identifier,
            "db_instance_class": writer.db_instance_class,
            "db_parameter_group_name": writer.db_parameter_group_name,
            "engine": writer.engine,
            "monitoring_interval": writer.monitoring_interval,
            "monitoring_role_arn": writer.monitoring_role_arn,
            "port": writer.port,
            "promotion_tier": 15,
            "publicly_accessible": writer.publicly_accessible,
            "tags": [{"Key": "application-autoscaling:resourceId", "Value": PREFIX + cluster.db_cluster_identifier}],
        }
    )
    reader._mended_auto_scaled = True


def _allowed(backend, target, now, wanted):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_SuspendedState.html; DisableScaleIn:
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/
    # API_TargetTrackingScalingPolicyConfiguration.html
    policies = policies_of(_scaling(backend), target.resource_id).values()
    tracking = [policy.target_tracking_scaling_policy_configuration or {} for policy in policies]
    keeps = bool(tracking) and all(configuration.get("DisableScaleIn") for configuration in tracking)
    if wanted > now and target.suspended_state["DynamicScalingOutSuspended"]:
        return now
    if wanted < now and (keeps or target.suspended_state["DynamicScalingInSuspended"]):
        return now
    return wanted


def _set_readers(body, name):
    backend, found = named(name)
    if found is None or name not in backend.clusters:
        return unknown(name)
    cluster, count = backend.clusters[name], int(body["count"])
    target = _target(backend, cluster)
    if target is None:
        return "409 Conflict", {"error": f"{name} is no scalable target"}
    if not _scales(cluster):
        return "409 Conflict", {"error": f"{name} or its writer is not available"}
    now = len(_readers(cluster))
    wanted = _bounded(target, now - len(_made(cluster)) + count)
    _scale(backend, cluster, _allowed(backend, target, now, wanted))
    return "200 OK", {"name": name, "readers": [reader.db_instance_identifier for reader in _made(cluster)]}


ROUTES = [("POST", r"/mended/rds/([^/]+)/readers", _set_readers)]
