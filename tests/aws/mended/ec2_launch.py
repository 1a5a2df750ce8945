"""EC2: RunInstances - what must exist to launch, the image behind a parameter, the root volume, tokens of the dead.

Still wrong: MinCount instances are launched, not MaxCount; capacity is always there. A parameter that does not exist
answers InvalidAMIID.NotFound (AWS does not document its answer).
"""

from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError, InvalidInstanceTypeError, InvalidKeyPairNameError
from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociation
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends
from moto.ssm.models import ssm_backends

from mended.ec2_launch_template import refuse_long_user_data
from mended.ec2_request import on_repeated
from mended.patch import replaces


def resolve_image(ec2_backend, image):
    """The image id, also behind `resolve:ssm:NAME`."""
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html
    if not image.startswith("resolve:ssm:"):
        return image
    name = image.removeprefix("resolve:ssm:")
    parameters = ssm_backends[ec2_backend.account_id][ec2_backend.region_name]._parameters
    return parameters[name][-1].value if name in parameters else image


@replaces(EC2Response, "run_instances")
def a_launch_is_checked_and_completed_before_anything_exists(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    backend, params = response.ec2_backend, response.params
    _refuse_unknown_profile(response)
    refuse_long_user_data(params.get("UserData"))
    if params.get("ImageId"):
        params["ImageId"] = resolve_image(backend, params["ImageId"])
        image = backend.amis.get(params["ImageId"])
        if image is not None and "LaunchTemplate" not in params:
            params["BlockDeviceMappings"] = with_root_volume(image, params.get("BlockDeviceMappings", []))
    answer = original()
    tags = response._parse_tag_specification().get("network-interface", {})
    for instance in answer.result.instances:
        for interface in instance.nics.values():
            interface.add_tags(tags)
    return answer


def _refuse_unknown_profile(response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. moto launches first and then looks.
    wanted = response._get_param("IamInstanceProfile", {})
    known = iam_backends[response.current_account][response.partition].instance_profiles.values()
    if wanted and not any(wanted.get("Arn") == p.arn or wanted.get("Name") == p.name for p in known):
        kind = "name" if wanted.get("Name") else "arn"
        message = (
            f"Value ({wanted.get('Name') or wanted.get('Arn')}) for parameter iamInstanceProfile.{kind} is invalid."
        )
        raise EC2ClientError("InvalidParameterValue", f"{message} Invalid IAM Instance Profile {kind}")


def with_root_volume(image, mappings):
    """What to map, with the image's root device."""
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html: the image's mapping holds
    # for the root device, except for what the launch specifies; other devices come in addition.
    # A volume is not smaller than the snapshot it is made of: InvalidBlockDeviceMapping.
    given = {mapping["DeviceName"]: mapping for mapping in mappings}
    whole = []
    for of_image in image.block_device_mappings:
        name, ebs = of_image["DeviceName"], {k: v for k, v in of_image["Ebs"].items() if k != "SnapshotId"}
        wanted = {**ebs, **given.pop(name, {}).get("Ebs", {})}
        if int(wanted["VolumeSize"]) < ebs["VolumeSize"]:
            raise EC2ClientError(
                "InvalidBlockDeviceMapping",
                f"Volume of size {wanted['VolumeSize']}GB is smaller than snapshot "
                f"'{of_image['Ebs']['SnapshotId']}', expect size >= {ebs['VolumeSize']}GB",
            )
        whole.append({"DeviceName": name, "Ebs": wanted})
    return [*whole, *given.values()]


@replaces(IamInstanceProfileAssociation, "__init__")
def an_instance_shows_its_profiles_id(original, association, ec2_backend, association_id, instance, profile):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfile.html
    original(ec2_backend, association_id, instance, profile)
    instance.iam_instance_profile["Id"] = profile.id


@replaces(InstanceBackend, "run_instances")
def a_launch_names_what_exists(original, backend, image_id, *args, **kwargs):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    if image_id and image_id not in backend.amis:
        raise InvalidAMIIdError(image_id)
    if image_id and backend.amis[image_id].state != "available":
        raise EC2ClientError("InvalidAMIID.Unavailable", f"The image ID '[{image_id}]' is not available")
    key_name = kwargs.get("key_name")
    if key_name and key_name not in backend.key_pairs:
        raise InvalidKeyPairNameError(key_name)
    try:
        return original(image_id, *args, **kwargs)
    except InvalidInstanceTypeError:
        message = f"Invalid value '{kwargs.get('instance_type')}' for InstanceType."
        raise EC2ClientError("InvalidParameterValue", message) from None


@on_repeated("RunInstances")
def a_token_of_a_terminated_instance_launches_nothing(reservation):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: IdempotentInstanceTerminated, "The
    # request to launch an instance uses the same client token as a previous request for which the instance has been
    # terminated."
    if not reservation.instances or any(instance.state == "terminated" for instance in reservation.instances):
        raise EC2ClientError("IdempotentInstanceTerminated", "The instance of this client token has been terminated")
