"""Auto Scaling: what belongs to a group - scheduled actions, lifecycle hooks, suspended processes, its warm pool.

Still wrong: a scheduled action never runs; hooks do not hold instances; a warm pool stays empty.
"""

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, LifecycleHook
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from mended.patch import replaces

# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html
PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)


@replaces(AutoScalingBackend, "put_scheduled_update_group_action")
def an_actions_name_is_taken_once_a_group(original, backend, name, *args, **kwargs):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html: "creates or
    # updates a scheduled scaling action for an Auto Scaling group". moto has one action a name in the account.
    action = original(name, *args, **kwargs)
    del backend.scheduled_actions[action.scheduled_action_name]
    backend.scheduled_actions[name, action.scheduled_action_name] = action
    return action


@replaces(AutoScalingBackend, "delete_scheduled_action")
def an_action_is_deleted_from_its_group(_original, backend, auto_scaling_group_name, scheduled_action_name):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteScheduledAction.html
    if (auto_scaling_group_name, scheduled_action_name) not in backend.scheduled_actions:
        raise ValidationError("Scheduled action name not found")
    del backend.scheduled_actions[auto_scaling_group_name, scheduled_action_name]


@replaces(AutoScalingResponse, "describe_scheduled_actions")
def actions_have_pages(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScheduledActions.html: 50 a page unless given
    return page(response, "ScheduledUpdateGroupActions", original().result["ScheduledUpdateGroupActions"], 50)


def page(response, key, found, size):
    """One page of a list."""
    start, size = int(response._get_param("NextToken") or 0), response._get_int_param("MaxRecords", size)
    token = str(start + size) if len(found) > start + size else None
    return ActionResult({key: found[start : start + size], "NextToken": token})


@replaces(LifecycleHook, "__init__")
def a_hook_notifies_nobody_unless_told_to(original, hook, *args, **kwargs):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html. moto shows a queue and a role.
    original(*args, **kwargs)
    hook.role_arn = hook.notification_target_arn = None
    hook.global_timeout = min(172800, 100 * hook.heartbeat_timeout)


@replaces(AutoScalingResponse, "put_lifecycle_hook")
def a_hook_has_all_that_is_given(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
    _put_hook(response.autoscaling_backend, response._get_param("AutoScalingGroupName"), response.params)
    return EmptyResult()


def put_hooks(backend, group_name, specifications):
    """Put the hooks that CreateAutoScalingGroup lists."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHookSpecification.html
    for specification in specifications:
        _put_hook(backend, group_name, specification)


def _put_hook(backend, group_name, given):
    name = given["LifecycleHookName"]
    hook = backend.create_lifecycle_hook(
        name, group_name, given.get("LifecycleTransition"), given.get("HeartbeatTimeout"), given.get("DefaultResult")
    )
    hook.role_arn, hook.notification_target_arn = given.get("RoleARN"), given.get("NotificationTargetARN")
    hook.notification_metadata = given.get("NotificationMetadata")


@replaces(AutoScalingResponse, "suspend_processes", "resume_processes")
def only_known_processes_are_suspended(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html
    for process in response._get_param("ScalingProcesses", []):
        if process not in PROCESSES:
            raise ValidationError(f"Invalid scaling process: {process}")
    return original()


def _suspended(group):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendedProcess.html
    names = [name for name in PROCESSES if name in group._suspended_processes]
    return [{"ProcessName": name, "SuspensionReason": "User suspended"} for name in names]


def _suspend(group, processes):
    group._suspended_processes = processes


FakeAutoScalingGroup.suspended_processes = property(_suspended, _suspend)


@replaces(FakeAutoScalingGroup, "put_warm_pool")
def a_warm_pools_capacity_may_be_left_open(original, group, max_group_prepared_capacity=None, **kwargs):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html: -1 takes a former value away.
    given = None if max_group_prepared_capacity == -1 else max_group_prepared_capacity
    original(max_group_prepared_capacity=given, **kwargs)


FakeAutoScalingGroup.warm_pool_size = property(lambda group: 0 if group.warm_pool else None)
