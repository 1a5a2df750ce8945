"""RDS: Aurora clusters as scalable targets of Application Auto Scaling.

Their policies are in `rds_reader_policy.py`, the readers that come and go in `rds_readers.py`. Other namespaces than
rds are moto's, but for tags.

No source tells what AWS says of a cluster that is not there or is not Aurora's, of too small or too large a capacity,
of none at all and of a resource that cannot be tagged: the codes are the API reference's, the words made up.

Still wrong: the service-linked role is shown but not made in IAM; no quotas; a target is there as soon as it is
registered, and gone as soon as its cluster is; scheduled actions never run; DescribeScalingActivities is not
implemented (500).
"""

import json

from moto.applicationautoscaling.models import FakeScalableTarget, applicationautoscaling_backends
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse, _build_target
from moto.core.exceptions import JsonRESTError
from moto.rds.models import RDSBackend, rds_backends

from mended.patch import replaces

DIMENSION = "rds:cluster:ReadReplicaCount"
PREFIX = "cluster:"

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html: "0-15"
MOST_READERS = 15

# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html: TooManyTagsException
MOST_TAGS = 50

# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_SuspendedState.html
NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def invalid(message):
    """The error of a parameter."""
    return JsonRESTError("ValidationException", message)


def missing(what, params, policy=None):
    """The error of a target, or a policy, that is not there."""
    named = {"service namespace": params["ServiceNamespace"], "resource ID": params["ResourceId"]}
    named |= {"scalable dimension": params["ScalableDimension"]} | ({"policy name": policy} if policy else {})
    where = ", ".join(f"{key}: {value}" for key, value in named.items())
    return JsonRESTError("ObjectNotFoundException", f"No {what} for {where}")


def asked_of_clusters(response):
    """What a request asks, when it is of RDS's namespace."""
    params = json.loads(response.body)
    return params if params.get("ServiceNamespace") == "rds" else None


def target_of(backend, params):
    """The scalable target that a request names, or None."""
    return backend.targets.get(params["ScalableDimension"], {}).get(params["ResourceId"])


def page(params, key, items, most):
    """One page of a list by MaxResults and NextToken."""
    size, token = params.get("MaxResults", most), params.get("NextToken") or "0"
    if not 1 <= size <= most:
        raise invalid(f"1 validation error detected: Value '{size}' at 'maxResults' must be between 1 and {most}")
    if not token.isdigit():
        raise JsonRESTError("InvalidNextTokenException", "The next token supplied was invalid.")
    end = int(token) + size
    answer = {key: items[int(token) : end]}
    return json.dumps(answer | ({"NextToken": str(end)} if end < len(items) else {}))


def check_filters(resource_ids, params):
    """Refuse a dimension without a resource."""
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
    if params.get("ScalableDimension") and not resource_ids:
        raise invalid("If you specify a scalable dimension, you must also specify a resource ID.")


@replaces(ApplicationAutoScalingResponse, "register_scalable_target")
def a_cluster_is_registered_or_its_target_changed(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html: "Any parameters
    # that you don't specify are not changed".
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    _check_cluster(rds_backends[response.current_account][response.region], params)
    target = target_of(backend, params)
    least, most = _capacity(target, params)
    if target is None:
        target = _register(backend, params)
    elif params.get("Tags"):
        # https://github.com/terraform-aws-modules/terraform-aws-rds-aurora/pull/420
        raise invalid(
            "The scalable target that you tried to tag already exists. "
            "To update tags on an existing scalable target, use the TagResource API."
        )
    target.min_capacity, target.max_capacity = least, most
    target.suspended_state = target.suspended_state | (params.get("SuspendedState") or {})
    return json.dumps({"ScalableTargetARN": target.arn})


def _check_cluster(rds, params):
    resource = params["ResourceId"]
    if params["ScalableDimension"] != DIMENSION or not resource.startswith(PREFIX):
        raise invalid("Unsupported service namespace, resource type or scalable dimension")
    cluster = rds.clusters.get(resource.removeprefix(PREFIX))
    if cluster is None:
        raise invalid(f"DB cluster doesn't exist: {resource}")
    if not cluster.engine.startswith("aurora"):
        raise invalid(f"DB cluster isn't an Aurora DB cluster: {resource}")


def _capacity(target, params):
    least, most = params.get("MinCapacity"), params.get("MaxCapacity")
    if target is None and None in (least, most):
        raise invalid("Both minimum capacity and maximum capacity must be specified to register a scalable target")
    least, most = target.min_capacity if least is None else least, target.max_capacity if most is None else most
    for what, value in (("Minimum", least), ("Maximum", most)):
        if not 0 <= value <= MOST_READERS:
            raise invalid(f"{what} capacity must be between 0 and {MOST_READERS}")
    if least > most:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    return least, most


def _register(backend, params):
    # RoleARN: "If the service supports service-linked roles, Application Auto Scaling uses a service-linked role".
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
    service = "rds.application-autoscaling.amazonaws.com"
    name = "AWSServiceRoleForApplicationAutoScaling_RDSCluster"
    role = f"arn:aws:iam::{backend.account_id}:role/aws-service-role/{service}/{name}"
    target = FakeScalableTarget(backend, "rds", params["ResourceId"], DIMENSION, None, None, role, dict(NOT_SUSPENDED))
    target._mended_tags = dict(params.get("Tags") or {})
    return backend._add_scalable_target(target)


@replaces(ApplicationAutoScalingResponse, "describe_scalable_targets")
def targets_are_found_by_resource_in_pages(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html; no tags:
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    check_filters(params.get("ResourceIds"), params)
    found = backend.describe_scalable_targets("rds", params.get("ResourceIds"), params.get("ScalableDimension"))
    return page(params, "ScalableTargets", [_build_target(target) for target in found], 50)


@replaces(ApplicationAutoScalingResponse, "deregister_scalable_target")
def a_target_is_deregistered_with_its_policies(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    if target_of(backend, params) is None:
        raise missing("scalable target found", params)
    _forget(backend, params["ResourceId"])
    return json.dumps({})


def _forget(backend, resource):
    backend.targets.get(DIMENSION, {}).pop(resource, None)
    for key, policy in policies_of(backend, resource).items():
        policy.delete_alarms(backend.account_id, backend.region_name)
        del backend.policies[key]
    backend.scheduled_actions = [action for action in backend.scheduled_actions if not _is_of(action, resource)]


def policies_of(backend, resource):
    """The policies of a cluster by their keys."""
    return {key: policy for key, policy in backend.policies.items() if _is_of(policy, resource)}


def _is_of(item, resource):
    return (item.service_namespace, item.resource_id, item.scalable_dimension) == ("rds", resource, DIMENSION)


@replaces(RDSBackend, "delete_db_cluster")
def a_cluster_takes_its_target_along(original, backend, cluster_identifier, *rest, **more):
    # AWS deregisters what is deleted, some time later; when, no source tells.
    deleted = original(cluster_identifier, *rest, **more)
    _forget(applicationautoscaling_backends[backend.account_id][backend.region_name], PREFIX + cluster_identifier)
    return deleted


def _tags(response, arn):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html
    targets = [t for found in response.applicationautoscaling_backend.targets.values() for t in found.values()]
    for target in targets:
        if target.arn == arn:
            target._mended_tags = getattr(target, "_mended_tags", {})
            return target._mended_tags
    raise JsonRESTError("ResourceNotFoundException", f"The specified resource doesn't exist: {arn}")


def list_tags_for_resource(response):
    """ListTagsForResource, which moto lacks."""
    return json.dumps({"Tags": _tags(response, json.loads(response.body)["ResourceARN"])})


def tag_resource(response):
    """TagResource, which moto lacks."""
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html
    params = json.loads(response.body)
    tags = _tags(response, params["ResourceARN"])
    if len(tags | params["Tags"]) > MOST_TAGS:
        raise JsonRESTError("TooManyTagsException", f"A scalable target can have at most {MOST_TAGS} tags.")
    tags.update(params["Tags"])
    return json.dumps({})


def untag_resource(response):
    """UntagResource, which moto lacks."""
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html
    params = json.loads(response.body)
    tags = _tags(response, params["ResourceARN"])
    for key in params["TagKeys"]:
        tags.pop(key, None)
    return json.dumps({})


ApplicationAutoScalingResponse.list_tags_for_resource = list_tags_for_resource
ApplicationAutoScalingResponse.tag_resource = tag_resource
ApplicationAutoScalingResponse.untag_resource = untag_resource
