"""EC2: instances - their slow states, their interfaces and addresses, and what must exist to launch one.

Still wrong: an instance's status checks pass as soon as it runs; a stopped instance is stopped at once; spot capacity
is always there; user data never runs.
"""

from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError, InvalidInstanceTypeError, InvalidKeyPairNameError
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends

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


@replaces(EC2Response, "run_instances")
def a_launch_names_an_existing_profile(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. moto launches first and then looks.
    wanted = response._get_param("IamInstanceProfile", {})
    known = iam_backends[response.current_account][response.partition].instance_profiles.values()
    if wanted and not any(wanted.get("Arn") == p.arn or wanted.get("Name") == p.name for p in known):
        name = wanted.get("Name") or wanted.get("Arn")
        message = f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        raise EC2ClientError("InvalidParameterValue", message)
    return original()


@replaces(InstanceBackend, "run_instances")
def a_launch_names_what_exists(original, backend, image_id, *args, **kwargs):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    if image_id and image_id not in backend.amis:
        raise InvalidAMIIdError(image_id)
    key_name = kwargs.get("key_name")
    if key_name and key_name not in backend.key_pairs:
        raise InvalidKeyPairNameError(key_name)
    try:
        return original(image_id, *args, **kwargs)
    except InvalidInstanceTypeError:
        message = f"Invalid value '{kwargs.get('instance_type')}' for InstanceType."
        raise EC2ClientError("InvalidParameterValue", message) from None
