"""Auto Scaling: groups - what may be created and changed, what is answered, how a group is deleted.

Still wrong: launch configurations, scheduled actions and classic load balancers are moto's. Predictive scaling and
traffic sources are only echoed.
"""

import copy

from botocore import xform_name
from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from mended.autoscaling_belongings import page, put_hooks
from mended.autoscaling_fleet import converge, deregister, forget, register, terminate
from mended.autoscaling_launch import check_template, specification
from mended.autoscaling_refresh import configures
from mended.patch import replaces

# Parameters that DescribeAutoScalingGroups answers as they were given.
ECHOED = (
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "Context",
    "DefaultCooldown",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "TerminationPolicies",
    "TrafficSources",
)

METRICS = [
    f"Group{name}"
    for name in (
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "InServiceInstances",
        "PendingInstances",
        "StandbyInstances",
        "TerminatingInstances",
        "TotalInstances",
        "InServiceCapacity",
        "PendingCapacity",
        "StandbyCapacity",
        "TerminatingCapacity",
        "TotalCapacity",
    )
]


@replaces(AutoScalingResponse, "call_action")
def unknown_groups_are_named(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html: ValidationError. moto answers 500.
    operation, name = response._get_action(), response._get_param("AutoScalingGroupName")
    known = response.autoscaling_backend.autoscaling_groups
    if name and name not in known and operation not in ("CreateAutoScalingGroup", "DescribePolicies"):
        missing = ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
        setattr(response, xform_name(operation), _raise(missing))
    return original()


def _raise(error):
    def refuse():
        raise error

    return refuse


@replaces(AutoScalingResponse, "create_auto_scaling_group")
def a_group_is_created_once_and_whole(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html: AlreadyExists
    backend, name = response.autoscaling_backend, response._get_param("AutoScalingGroupName")
    if name in backend.autoscaling_groups:
        raise AutoscalingClientError(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    _check_sizes(response._get_param("MinSize"), response._get_param("MaxSize"), response._get_param("DesiredCapacity"))
    for arn in response._get_param("TargetGroupARNs", []):
        _check_target_group(backend, arn)
    wanted = _launch_from(response)
    response.params["MixedInstancesPolicy"] = copy.deepcopy(response._get_param("MixedInstancesPolicy"))
    try:
        original()
    except ServiceException as error:
        raise ValidationError(str(error.message)) from None
    group = backend.autoscaling_groups[name]
    group._mended_launch_from = wanted
    group.health_check_grace_period = 0
    _echo(group, response)
    put_hooks(backend, name, response._get_param("LifecycleHookSpecificationList", []))
    try:
        check_template(group, specification(group)[1].data)
    except ServiceException as error:
        forget(group)
        raise ValidationError(str(error.message)) from None
    converge(group)
    return EmptyResult()


def _launch_from(response):
    mixed = response._get_param("MixedInstancesPolicy")
    if mixed:
        return mixed["LaunchTemplate"]["LaunchTemplateSpecification"]
    return response._get_param("LaunchTemplate")


def _check_sizes(least, most, desired):
    if least > most:
        raise ValidationError(f"Min bound, {least}, must be less than or equal to max bound, {most}")
    if desired is not None and not least <= desired <= most:
        raise ValidationError(
            f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
        )


def _check_target_group(backend, arn):
    if arn not in backend.elbv2_backend.target_groups:
        raise ValidationError(f"Provided Target Groups may not be valid. Please ensure they exist and try again: {arn}")


def _echo(group, response):
    for name in ECHOED:
        if response._get_param(name) is not None:
            setattr(group, xform_name(name), response._get_param(name))


@replaces(FakeAutoScalingGroup, "__init__")
def a_group_remembers_what_moto_does_not(original, group, *args, **kwargs):
    group.status = None
    group._mended_activities, group._mended_refreshes = [], []
    original(*args, **kwargs)


@replaces(FakeAutoScalingGroup, "set_desired_capacity")
def capacity_is_reached_step_by_step(_original, group, new_capacity):
    # moto launches at once, into one subnet, and cannot launch some templates at all.
    group.desired_capacity = group.min_size if new_capacity is None else new_capacity


@replaces(AutoScalingBackend, "update_attached_target_groups")
def only_serving_instances_are_registered(_original, backend, group_name):
    group = backend.autoscaling_groups[group_name]
    register(group, group.instance_states)


@replaces(AutoScalingBackend, "notify_terminate_instances")
def a_terminated_instance_is_found_by_its_health_check(_original, _backend, _instance_ids):
    return None


def _template_of_group(group):
    if group.mixed_instances_policy or group.ec2_launch_template is None:
        return None
    shown = {"LaunchTemplateId": group.ec2_launch_template.id, "LaunchTemplateName": group.ec2_launch_template.name}
    version = group._mended_launch_from.get("Version")
    return {**shown, "Version": version} if version else shown


FakeAutoScalingGroup.launch_template = property(_template_of_group)
InstanceState.launch_template = property(lambda state: getattr(state, "_mended_template", None))


@replaces(AutoScalingResponse, "update_auto_scaling_group")
def only_what_is_given_changes(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html: "If a new value for
    # MinSize [MaxSize] is specified without setting DesiredCapacity, and the new MinSize is larger [MaxSize is smaller]
    # than the current size of the group, this sets the group's DesiredCapacity to the new MinSize [MaxSize] value."
    group = _group(response)
    least = response._get_int_param("MinSize", group.min_size)
    most = response._get_int_param("MaxSize", group.max_size)
    desired = response._get_int_param("DesiredCapacity")
    if group.status:
        raise ValidationError(f"AutoScalingGroup '{group.name}' is pending delete")
    _check_sizes(least, most, desired)
    template, mixed = response._get_param("LaunchTemplate"), copy.deepcopy(response._get_param("MixedInstancesPolicy"))
    if (template or mixed) and configures(group):
        # AWS's documents say nothing of this; its users quote the message.
        raise ValidationError(
            "An active instance refresh with a desired configuration exists. All configuration options derived from "
            "the desired configuration are not available for update while the instance refresh is active."
        )
    if template or mixed:
        _change_template(group, template, mixed)
    zones, subnets = response._get_param("AvailabilityZones", []), response._get_param("VPCZoneIdentifier")
    if zones or subnets:
        group._set_azs_and_vpcs(zones, subnets, update=True)
    group.min_size, group.max_size = least, most
    group.desired_capacity = min(max(group.desired_capacity, least), most) if desired is None else desired
    _echo(group, response)
    converge(group)
    return EmptyResult()


def _change_template(group, template, mixed):
    before = group._mended_launch_from, group.mixed_instances_policy
    wanted = mixed["LaunchTemplate"]["LaunchTemplateSpecification"] if mixed else template
    group._mended_launch_from, group.mixed_instances_policy = dict(wanted), mixed
    try:
        check_template(group, specification(group)[1].data)
        group._set_launch_configuration(None, template, mixed)
    except ServiceException as error:
        group._mended_launch_from, group.mixed_instances_policy = before
        raise ValidationError(str(error.message)) from None


def _group(response):
    return response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]


@replaces(AutoScalingResponse, "set_desired_capacity")
def desired_capacity_stays_within_its_bounds(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html
    group, desired = _group(response), response._get_int_param("DesiredCapacity")
    for wrong, what, bound in (
        (desired > group.max_size, "above max", group.max_size),
        (desired < group.min_size, "below min", group.min_size),
    ):
        if wrong:
            raise ValidationError(
                f"New SetDesiredCapacity value {desired} is {what} value {bound} for the AutoScalingGroup."
            )
    group.desired_capacity = desired
    converge(group)
    return EmptyResult()


@replaces(AutoScalingResponse, "delete_auto_scaling_group")
def a_group_with_instances_is_deleted_by_force_only(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html: ResourceInUse with
    # instances, ScalingActivityInProgress while they go; ForceDelete terminates them first.
    group = _group(response)
    protection = getattr(group, "deletion_protection", None)
    force = response._get_bool_param("ForceDelete", False)
    if protection == "prevent-all-deletion" or (protection == "prevent-force-deletion" and force):
        raise ValidationError(f"The Auto Scaling group '{group.name}' is protected from deletion: {protection}")
    staying = [state for state in group.instance_states if state.lifecycle_state != "Terminating"]
    if staying and not force:
        raise AutoscalingClientError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group.",
        )
    if group.instance_states and not force:
        raise AutoscalingClientError(
            "ScalingActivityInProgress",
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
        )
    group.status, group.min_size, group.desired_capacity = "Delete in progress", 0, 0
    for state in staying:
        terminate(group, state, "the group was deleted by force")
    converge(group)
    return EmptyResult()


@replaces(AutoScalingResponse, "describe_scaling_activities")
def activities_are_remembered(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html: the newest first
    name, ids = response._get_param("AutoScalingGroupName"), response._get_param("ActivityIds", [])
    groups = [g for g in response.autoscaling_backend.autoscaling_groups.values() if name in (None, g.name)]
    found = [a for group in groups for a in group._mended_activities if not ids or a.activity_id in ids]
    return page(response, "Activities", found, 100)


@replaces(AutoScalingResponse, "set_instance_health")
def an_instance_declared_unhealthy_is_replaced(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html
    for state in _states(response):
        state.health_status = response._get_param("HealthStatus")
        state._mended_now = response._get_bool_param("ShouldRespectGracePeriod", True) is False
        converge(state.auto_scaling_group)
        return EmptyResult()
    raise ValidationError(
        f"Instance Id not found - No managed instance found for id {response._get_param('InstanceId')}"
    )


def _states(response):
    groups = response.autoscaling_backend.autoscaling_groups.values()
    return [s for group in groups for s in group.instance_states if s.instance.id == response._get_param("InstanceId")]


@replaces(AutoScalingResponse, "terminate_instance_in_auto_scaling_group")
def an_instance_is_terminated_through_its_group(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
    for state in _states(response):
        group = state.auto_scaling_group
        if response._get_bool_param("ShouldDecrementDesiredCapacity", False):
            if group.desired_capacity <= group.min_size:
                raise ValidationError("Currently, desiredSize equals minSize; terminating would violate the minimum")
            group.desired_capacity -= 1
        terminate(group, state, "an instance was taken out of service in response to a user request")
        converge(group)
        return ActionResult({"Activity": state._mended_activity})
    raise ValidationError(
        f"Instance Id not found - No managed instance found for id {response._get_param('InstanceId')}"
    )


@replaces(AutoScalingBackend, "detach_load_balancer_target_groups")
def detached_target_groups_lose_the_instances(_original, backend, group_name, target_group_arns):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachLoadBalancerTargetGroups.html
    group = backend.autoscaling_groups[group_name]
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]
    deregister(group, group.instance_states, target_group_arns)


@replaces(AutoScalingBackend, "attach_load_balancer_target_groups")
def only_existing_target_groups_are_attached(original, backend, group_name, target_group_arns):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html
    for arn in target_group_arns:
        _check_target_group(backend, arn)
    original(group_name, target_group_arns)


@replaces(AutoScalingResponse, "enable_metrics_collection")
def all_metrics_unless_some_are_named(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html
    wanted = response._get_param("Metrics") or METRICS
    group = _group(response)
    group.metrics = [metric for metric in METRICS if metric in {*group.metrics, *wanted}]
    return EmptyResult()


def disable_metrics_collection(response):
    """DisableMetricsCollection, which moto lacks."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DisableMetricsCollection.html
    group, unwanted = _group(response), response._get_param("Metrics") or METRICS
    group.metrics = [metric for metric in group.metrics if metric not in unwanted]
    return EmptyResult()


AutoScalingResponse.disable_metrics_collection = disable_metrics_collection
