"""Elastic Load Balancing v2: targets - who may be one, their health, how they drain.

POST /mended/targets/ID/unhealthy and .../healthy: a target's health checks fail or pass.

Still wrong: health follows time alone, not the thresholds and intervals of the health check; Auto Scaling does not wait
for a target to drain.
"""

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from mended import clock, user_data
from mended.patch import replaces


@replaces(FakeTargetGroup, "register")
def only_instances_of_the_network_are_registered(original, group, targets):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html: InvalidTarget. "The
    # instance must be in the running state when you register it"; Auto Scaling registers them when they are.
    if group.target_type == "instance":
        for target in targets:
            instance = group.ec2_backend.get_instance_by_id(target["Id"])
            if instance is None or instance.vpc_id != group.vpc_id:
                raise ELBClientError(
                    "InvalidTarget",
                    f"The following targets are not in the target group VPC '{group.vpc_id}': {target['Id']}",
                )
    original(targets)
    for target in targets:
        group.targets[target["Id"]]["_mended_since"] = clock.now()
        _draining(group).pop(target["Id"], None)


def _draining(group):
    # The targets that drain, and until when.
    leaving = group.__dict__.setdefault("_mended_draining", {})
    for target_id in [target_id for target_id, (_target, until) in leaving.items() if until <= clock.now()]:
        del leaving[target_id]
    return leaving


@replaces(FakeTargetGroup, "deregister")
def a_deregistered_target_drains(_original, group, targets):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html: "If the specified
    # target does not exist, the action returns successfully." .../application/edit-target-group-attributes.html#
    # deregistration-delay: its status is draining until the delay is over, then it is unused.
    delay = min(int(group.attributes["deregistration_delay.timeout_seconds"]), clock.durations.draining)
    for target in targets:
        registered = group.targets.pop(target["Id"], None)
        if registered is not None and group.load_balancer_arns:
            _draining(group)[target["Id"]] = (registered, clock.now() + delay)


@replaces(FakeTargetGroup, "deregister_terminated_instances")
def a_terminated_target_is_deregistered(_original, group, instance_ids):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
    group.deregister([{"Id": instance_id} for instance_id in instance_ids])


@replaces(ELBv2Backend, "describe_target_health")
def draining_targets_are_described(original, backend, target_group_arn, targets):
    group = backend.target_groups.get(target_group_arn)
    if group is None or targets:
        return original(target_group_arn, targets)
    leaving = [target for target, _until in _draining(group).values()]
    return [group.health_for(target, backend.ec2_backend) for target in [*group.targets.values(), *leaving]]


# Targets a test has declared unhealthy, by id: POST /mended/targets/ID/unhealthy and .../healthy.
_unhealthy = set()
# Where an instance's user data says so, its targets fail too.
SICK = "hastack-test: unhealthy"


@replaces(FakeTargetGroup, "health_for")
def health_follows_the_listener_and_time(original, group, target, ec2_backend):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    if target["Id"] in _draining(group):
        leaving, _until = _draining(group)[target["Id"]]
        words = "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
        return FakeHealthStatus(leaving["Id"], leaving["Port"], group.health_check_port, *words)
    status = original(target, ec2_backend)
    registered = group.targets.get(target["Id"])
    if registered is None or status.status != "healthy":
        return status
    instance = ec2_backend.get_instance_by_id(target["Id"])
    if not group.load_balancer_arns:
        worse = "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
    elif group.target_type == "instance" and (instance is None or instance.state != "running"):
        worse = "unused", "Target.InvalidState", "Target is not in the running state"
    elif target["Id"] in _unhealthy or (instance is not None and SICK in user_data.text(instance.user_data)):
        worse = "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    elif clock.now() - registered.get("_mended_since", 0) < clock.durations.pending:
        worse = "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
    else:
        return status
    return FakeHealthStatus(status.instance_id, status.port, status.health_check_port, *worse)


def target_health(backend, group, target_id):
    """A registered target's state."""
    return group.health_for(group.targets[target_id], backend.ec2_backend).status


def _set_health(_body, target_id, state):
    (_unhealthy.add if state == "unhealthy" else _unhealthy.discard)(target_id)
    return "200 OK", {"target": target_id, "state": state}


def reset():
    """Forget declared health."""
    _unhealthy.clear()


ROUTES = [("POST", r"/mended/targets/([^/]+)/(healthy|unhealthy)", _set_health)]
