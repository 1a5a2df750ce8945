"""RDS: scaling policies of Aurora clusters, and their alarms.

No source tells what AWS says of a metric that RDS has not, of two metrics and of none, which thresholds the alarms
have, nor whether there is an AlarmLow while scale in is disabled: there is.

Still wrong: nothing measures, so no alarm ever rings and no cooldown is waited for (`rds_readers.py` plays what a
policy does); a step scaling policy's configuration is not looked at.
"""

import json
import uuid

from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse, _build_alarms, _build_policy
from moto.cloudwatch.models import cloudwatch_backends

from mended.patch import replaces
from mended.rds_reader_scaling import (
    DIMENSION,
    PREFIX,
    asked_of_clusters,
    check_filters,
    invalid,
    missing,
    page,
    policies_of,
    target_of,
)

# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html: StepScaling is not
# supported for some services, of which RDS is none; PredictiveScaling is for Amazon ECS only.
CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}

# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html: of each
# predefined metric what it is in CloudWatch.
METRICS = {
    "RDSReaderAverageCPUUtilization": "CPUUtilization",
    "RDSReaderAverageDatabaseConnections": "DatabaseConnections",
}


@replaces(ApplicationAutoScalingResponse, "put_scaling_policy")
def a_policy_of_a_registered_cluster_is_made_or_changed(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html; the words:
    # https://github.com/ansible/ansible/issues/40237
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    key = _key(params)
    policy = backend.policies.get(key)
    kind = params.get("PolicyType") or (policy.policy_type if policy else None)
    configuration = _configuration(kind, params, policy)
    if target_of(backend, params) is None:
        raise missing("scalable target registered", params)
    if kind == "TargetTrackingScaling":
        _check_metric(backend, key, configuration, params["ResourceId"])
    if policy is None or policy.policy_type != kind:
        policy = backend.policies[key] = _make(backend, params, kind, configuration)
    _configure(policy, kind, configuration)
    return json.dumps({"PolicyARN": policy.policy_arn, "Alarms": _build_alarms(policy)})


def _key(params):
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")
    return FakeApplicationAutoscalingPolicy.formulate_key(*(params[name] for name in names))


def _configuration(kind, params, policy):
    if kind not in CONFIGURATIONS:
        raise invalid(f"The policy type {kind} is not supported for service namespace: rds")
    given = params.get(CONFIGURATIONS[kind])
    if given is None and (policy is None or policy.policy_type != kind):
        raise invalid(f"{CONFIGURATIONS[kind]} must be specified for policy type {kind}")
    return policy._policy_body if given is None else given


def _metric(configuration):
    # "You can specify either a predefined metric or a customized metric."
    predefined = configuration.get("PredefinedMetricSpecification")
    return predefined["PredefinedMetricType"] if predefined else configuration.get("CustomizedMetricSpecification")


def _check_metric(backend, key, configuration, resource):
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html: "you can create
    # only one Auto Scaling policy for each target metric".
    given = {"PredefinedMetricSpecification", "CustomizedMetricSpecification"} & set(configuration)
    if len(given) != 1 or "TargetValue" not in configuration:
        raise invalid("A target value and either a predefined or a customized metric must be specified")
    metric = _metric(configuration)
    if isinstance(metric, str) and metric not in METRICS:
        raise invalid(f"The predefined metric type {metric} is not supported for service namespace: rds")
    others = (policy for name, policy in policies_of(backend, resource).items() if name != key)
    if any(_metric(other.target_tracking_scaling_policy_configuration or {}) == metric for other in others):
        # https://github.com/hashicorp/terraform-provider-aws/issues/41179
        raise invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")


def _make(backend, params, kind, configuration):
    policy = FakeApplicationAutoscalingPolicy(
        backend.account_id,
        backend.region_name,
        params["PolicyName"],
        "rds",
        params["ResourceId"],
        DIMENSION,
        kind,
        configuration,
    )
    if kind == "TargetTrackingScaling":
        sides = ("High", "Low")
        policy._mended_alarms = [f"TargetTracking-{policy.resource_id}-Alarm{side}-{uuid.uuid4()}" for side in sides]
    return policy


def _configure(policy, kind, configuration):
    # The configuration is shown as it was given: a cooldown that was not is 300 seconds in effect.
    policy._policy_body = configuration
    if kind == "TargetTrackingScaling":
        policy.target_tracking_scaling_policy_configuration = configuration
        value = configuration["TargetValue"]
        high, low = policy._mended_alarms
        policy.alarms = [
            _alarm(policy, high, "GreaterThanThreshold", 3, value),
            _alarm(policy, low, "LessThanThreshold", 15, value * 0.9),
        ]
    else:
        policy.step_scaling_policy_configuration = configuration


def _alarm(policy, name, comparison, periods, threshold):
    return cloudwatch_backends[policy.account_id][policy.region_name].put_metric_alarm(
        name=name,
        comparison_operator=comparison,
        evaluation_periods=periods,
        period=60,
        threshold=threshold,
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.policy_arn}.",
        alarm_actions=[policy.policy_arn],
        **_measured(policy),
    )


def _measured(policy):
    configuration = policy.target_tracking_scaling_policy_configuration
    custom = configuration.get("CustomizedMetricSpecification")
    if custom:
        return {
            "namespace": custom.get("Namespace"),
            "metric_name": custom.get("MetricName"),
            "statistic": custom.get("Statistic"),
            "dimensions": custom.get("Dimensions") or [],
        }
    cluster = {"Name": "DBClusterIdentifier", "Value": policy.resource_id.removeprefix(PREFIX)}
    return {
        "namespace": "AWS/RDS",
        "metric_name": METRICS[_metric(configuration)],
        "statistic": "Average",
        "dimensions": [cluster, {"Name": "Role", "Value": "READER"}],
    }


@replaces(ApplicationAutoScalingResponse, "describe_scaling_policies")
def policies_are_found_by_name_in_pages(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html: MaxResults,
    # "between 1 and 10".
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    resource, names = params.get("ResourceId"), params.get("PolicyNames")
    check_filters(resource, params)
    found = [
        _build_policy(policy)
        for policy in backend.policies.values()
        if policy.service_namespace == "rds"
        and resource in (None, policy.resource_id)
        and params.get("ScalableDimension") in (None, policy.scalable_dimension)
        and (not names or policy.policy_name in names)
    ]
    return page(params, "ScalingPolicies", found, 10)


@replaces(ApplicationAutoScalingResponse, "delete_scaling_policy")
def a_deleted_policy_takes_its_alarms_along(original, response):
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html
    params, backend = asked_of_clusters(response), response.applicationautoscaling_backend
    if params is None:
        return original()
    policy = backend.policies.pop(_key(params), None)
    if policy is None:
        raise missing("scaling policy found", params, params["PolicyName"])
    policy.delete_alarms(backend.account_id, backend.region_name)
    return json.dumps({})
