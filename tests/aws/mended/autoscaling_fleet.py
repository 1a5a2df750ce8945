"""Auto Scaling: what a group does by itself - launch, spread over zones, check health, replace, terminate.

`converge` is called for each group at the start of every request, so a group moves as far as time and EC2 allow.

Still wrong: lifecycle hooks do not hold instances; cooldowns and warm-up take no time; scaling policies never scale;
standby is moto's; zones are not rebalanced once launched; an instance goes before it has drained.
"""

import math

from moto.autoscaling.models import Activity, InstanceState, autoscaling_backends
from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from mended import clock
from mended.autoscaling_launch import run, specification
from mended.elb_target import target_health

LEAVING = ("Terminating", "Terminated")


def converge_all():
    """Let every group of every account and region take its next step."""
    for account in list(autoscaling_backends.values()):
        for backend in list(account.values()):
            for group in list(backend.autoscaling_groups.values()):
                converge(group)


def converge(group):
    """Let a group take its next step."""
    _observe(group)
    _replace_unhealthy(group)
    refresh = getattr(group, "_mended_refresh", None)
    if refresh is not None:
        refresh.step()
    _scale(group)
    if group.status == "Delete in progress" and not group.instance_states:
        forget(group)


def forget(group):
    """Remove a group and what belongs to it alone."""
    backend = group.autoscaling_backend
    backend.autoscaling_groups.pop(group.name, None)
    for belongings in (backend.policies, backend.lifecycle_hooks, backend.scheduled_actions):
        for key in [key for key, its in belongings.items() if its.auto_scaling_group_name == group.name]:
            del belongings[key]


def active(group):
    """The instances that count towards the desired capacity."""
    return [state for state in group.instance_states if state.lifecycle_state in ("Pending", "InService")]


def in_service(group):
    """The instances that serve."""
    return [s for s in group.instance_states if s.lifecycle_state == "InService" and s.health_status == "Healthy"]


def settled(group):
    """The instances that serve and are not still being looked at by the load balancer."""
    return [state for state in in_service(group) if not failing(group, state, ("initial", "unhealthy"))]


def _runs(group, process):
    return process not in group._suspended_processes


def _observe(group):
    for state in list(group.instance_states):
        instance = state.instance.state
        if state.lifecycle_state == "Terminating" and instance == "terminated":
            group.instance_states.remove(state)
            _end(state._mended_activity)
        elif state.lifecycle_state == "Pending" and instance == "running":
            state.lifecycle_state, state._mended_since = "InService", clock.now()
            _end(state._mended_activity)
            register(group, [state])
        elif not _runs(group, "HealthCheck"):
            continue
        elif state.lifecycle_state in ("Pending", "InService") and instance not in ("pending", "running"):
            state.health_status = "Unhealthy"
        elif state.lifecycle_state == "InService" and failing(group, state) and _beyond_grace(group, state):
            state.health_status = "Unhealthy"


def failing(group, state, worse=("unhealthy",)):
    """True if the group heeds its load balancer, and that finds an instance in one of these states."""
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html: ELB counts "unhealthy" alone.
    backend = group.autoscaling_backend.elbv2_backend
    attached = [backend.target_groups[arn] for arn in group.target_group_arns if arn in backend.target_groups]
    return "ELB" in group.health_check_type and any(
        state.instance.id in target_group.targets
        and target_health(backend, target_group, state.instance.id) in worse
        for target_group in attached
    )


def _beyond_grace(group, state):
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html: failed health checks do not
    # count before; the period begins when an instance is in service.
    since = clock.now() - getattr(state, "_mended_since", clock.now())
    return since >= (group.health_check_grace_period or 0)


def _replace_unhealthy(group):
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-unhealthy-instance.html; the grace period counts
    # from the moment an instance is in service, and not for an instance that no longer runs.
    if not _runs(group, "ReplaceUnhealthy"):
        return
    for state in active(group):
        over = state.instance.state not in ("pending", "running") or _beyond_grace(group, state)
        if state.health_status == "Unhealthy" and (over or getattr(state, "_mended_now", False)):
            terminate(group, state, "an instance was taken out of service in response to a health check failure")


def _scale(group):
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-limits.html
    surge = getattr(getattr(group, "_mended_refresh", None), "surge", 0)
    missing = (group.desired_capacity or 0) + surge - len(active(group))
    if missing > 0 and _runs(group, "Launch") and clock.now() >= getattr(group, "_mended_blocked_until", 0):
        for _ in range(missing):
            if not _launch(group):
                break
    elif missing < 0 and _runs(group, "Terminate"):
        for _ in range(-missing):
            victim = _to_remove(group)
            if victim is None:
                break
            terminate(
                group,
                victim,
                "an instance was taken out of service in response to a difference between desired and actual capacity",
            )


def _to_remove(group):
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html: Default is the
    # zone with the most instances, then the oldest template, then the oldest instance; other policies take the place of
    # what follows the zone. Protected ones stay.
    free = [state for state in active(group) if not state.protected_from_scale_in]
    if not free:
        return None
    count = {zone: sum(s.availability_zone == zone for s in active(group)) for zone in group.availability_zones}
    order = group.instance_states.index
    newest_first = "NewestInstance" in group.termination_policies
    by_template = {"Default", "OldestLaunchTemplate"} & set(group.termination_policies)
    return min(
        free,
        key=lambda s: (
            -count.get(s.availability_zone, math.inf),
            int(s._mended_template["Version"]) if by_template and hasattr(s, "_mended_template") else 0,
            -order(s) if newest_first else order(s),
        ),
    )


def _launch(group):
    activity = _begin(group, "Launching a new EC2 instance", "an instance was launched to meet the desired capacity")
    try:
        template, version = specification(group)
        instance = run(group, template, version, active(group))
    except ServiceException as error:
        activity.description += ".  Status Reason: " + str(error.message)
        _end(activity, "Failed", str(error.message))
        group._mended_blocked_until = clock.now() + clock.durations.pending
        return False
    activity.description += f": {instance.id}"
    protected = group.new_instances_protected_from_scale_in
    state = InstanceState(instance, "Pending", protected_from_scale_in=protected, autoscaling_group=group)
    state._mended_activity = activity
    state._mended_template = {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "Version": str(version.number),
    }
    state.image_id = instance.image_id
    group.instance_states.append(state)
    return True


def terminate(group, state, cause):
    """Take an instance out of service and terminate it."""
    deregister(group, [state])
    state._mended_activity = _begin(group, f"Terminating EC2 instance: {state.instance.id}", cause)
    state.lifecycle_state = "Terminating"
    state.instance.terminate()


def register(group, states):
    """Register serving instances with the group's target groups."""
    backend = group.autoscaling_backend.elbv2_backend
    if not _runs(group, "AddToLoadBalancer"):
        return
    for target_group in [backend.target_groups[arn] for arn in group.target_group_arns if arn in backend.target_groups]:
        new = [s for s in states if s.lifecycle_state == "InService" and s.instance.id not in target_group.targets]
        target_group.register([{"Id": state.instance.id, "Port": target_group.port} for state in new])


def deregister(group, states, arns=None):
    """Deregister instances from target groups."""
    backend = group.autoscaling_backend.elbv2_backend
    for arn in group.target_group_arns if arns is None else arns:
        target_group = backend.target_groups.get(arn)
        registered = [s for s in states if target_group is not None and s.instance.id in target_group.targets]
        if registered:
            target_group.deregister([{"Id": state.instance.id} for state in registered])


def _begin(group, description, cause):
    activity = Activity(description, f"At {utcnow():%Y-%m-%dT%H:%M:%SZ} {cause}.", group)
    activity.end_time = None
    activity.progress = 50
    activity.details = "{}"
    activity.auto_scaling_group_arn = group.arn
    group._mended_activities.insert(0, activity)
    return activity


def _end(activity, status="Successful", message=None):
    activity.status_code, activity.status_message = status, message
    activity.end_time, activity.progress = utcnow(), 100


clock.each_request(converge_all)
