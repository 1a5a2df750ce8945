"""EC2: instances - their slow states, their interfaces, groups and addresses, and what is left of a terminated one.

Still wrong: an instance's status checks pass as soon as it runs; user data never runs.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState
from moto.ec2.responses import EC2Response

from mended import clock
from mended.patch import replaces


@replaces(Instance, "__init__")
def an_instance_is_pending_then_running(original, instance, *args, **kwargs):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
    interfaces = kwargs.get("nics") or []
    original(*args, **kwargs)
    _delete_primary_on_termination(instance, interfaces)
    instance._state = InstanceState("pending", 0)
    clock.later(clock.durations.pending, lambda: _change_state(instance, "pending", "running", 16))


def _delete_primary_on_termination(instance, specifications):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html: the primary interface goes with its instance.
    by_index = {int(specification.get("DeviceIndex", 0)): specification for specification in specifications}
    for index, interface in instance.nics.items():
        specification = by_index.get(index, {})
        if "NetworkInterfaceId" not in specification:
            interface.delete_on_termination = specification.get("DeleteOnTermination", index == 0)


def _change_state(instance, before, name, code):
    if instance._state.name == before:
        instance._state.name, instance._state.code = name, code


@replaces(Instance, "stop")
def an_instance_is_stopping_then_stopped(original, instance):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-stop-start-works.html; errors-overview.html:
    # IncorrectInstanceState.
    previous = InstanceState(instance._state.name, instance._state.code)
    if previous.name not in ("running", "stopping", "stopped"):
        raise EC2ClientError("IncorrectInstanceState", f"This instance '{instance.id}' is not in a state to be stopped")
    if previous.name == "running":
        original()
        instance._state.name, instance._state.code = "stopping", 64
        clock.later(clock.durations.pending, lambda: _change_state(instance, "stopping", "stopped", 80))
    return previous


@replaces(Instance, "start")
def only_a_stopped_instance_is_started(original, instance):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: IncorrectInstanceState
    if instance.state not in ("stopped", "pending", "running"):
        raise EC2ClientError("IncorrectInstanceState", f"The instance '{instance.id}' is not in a state to be started")
    return original()


@replaces(Instance, "terminate")
def an_instance_shuts_down_before_it_is_terminated(original, instance):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html: its interfaces and addresses are
    # its own until it is terminated; then it stays listed for about an hour.
    previous = InstanceState(instance._state.name, instance._state.code)
    if previous.name not in ("shutting-down", "terminated"):
        instance._state.name, instance._state.code = "shutting-down", 32
        clock.later(clock.durations.pending, lambda: _finish_termination(original, instance))
    return previous


def _finish_termination(original, instance):
    backend = instance.ec2_backend
    for address in [a for a in backend.addresses if a.eni is not None and a.eni.instance is instance]:
        backend.disassociate_address(association_id=address.association_id)
    original()
    for interface in instance.nics.values():
        interface.public_ip = None
        if interface.id in backend.enis:
            interface.instance, interface.attachment_id, interface.status = None, None, "available"
    clock.later(clock.durations.listed, lambda: _forget(backend, instance))


def _forget(backend, instance):
    for key, reservation in list(backend.reservations.items()):
        reservation.instances = [other for other in reservation.instances if other is not instance]
        if not reservation.instances:
            del backend.reservations[key]


def _groups(instance):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html: the groups are the primary interface's.
    # moto keeps two lists and shows their union. A terminated instance shows none, nor an interface.
    if instance.state == "terminated":
        return []
    return _primary(instance)._group_set if _primary(instance) is not None else instance._mended_groups


def _set_groups(instance, groups):
    instance._mended_groups = groups
    if _primary(instance) is not None:
        _primary(instance)._group_set = list(groups)


def _primary(instance):
    return instance.__dict__.get("nics", {}).get(0)


def _reason(instance):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html: why the state was last changed. moto
    # shows an empty one.
    reason = instance.__dict__.get("state_reason")
    return reason if reason is not None and reason.code else None


Instance.state_reason = property(_reason, lambda instance, reason: instance.__dict__.update(state_reason=reason))
Instance.security_groups = property(_groups, _set_groups)
Instance.network_interfaces = property(lambda i: [] if i.state == "terminated" else list(i.nics.values()))


@replaces(InstanceBackend, "modify_instance_security_groups")
def an_instance_changes_to_known_groups(original, backend, instance_id, new_group_id_list):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
    for group_id in new_group_id_list:
        if backend.get_security_group_from_id(group_id) is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
    return original(instance_id, new_group_id_list)


@replaces(EC2Response, "describe_instances")
def instances_are_paged_by_the_request_layer(original, response):
    # moto's token is a reservation's id, an error once that reservation is forgotten.
    asked = {name: response.params.pop(name, None) for name in ("MaxResults", "NextToken")}
    response.params["MaxResults"] = 10**6
    answer = original()
    response.params.update(asked)
    return ActionResult({"Reservations": answer.result["Reservations"]})
