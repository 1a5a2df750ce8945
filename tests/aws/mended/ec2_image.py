"""EC2: images - made of instances, slowly, with their snapshots; found; deregistered.

Still wrong: an image never fails; NoReboot makes no difference (without it AWS reboots the instance); CopyImage and
RegisterImage are moto's; an image in the Recycle Bin is not modelled. The images taken as given are 8 GiB each.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.responses import EC2Response

from mended import clock
from mended.patch import replaces

GIVEN_SIZE = 8


@replaces(AmiBackend, "__init__")
def an_owners_alias_is_not_a_customers(original, backend):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html: imageOwnerAlias is AWS's or a verified
    # partner's. moto gives every image it loads to Amazon.
    original()
    for image in backend.amis.values():
        if image.owner_id == backend.account_id:
            image.owner_alias = None


def _mappings(image):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html: as on the instance it is of.
    made = getattr(image, "_mended_mappings", None)
    given = {"VolumeSize": GIVEN_SIZE, "VolumeType": "gp3", "DeleteOnTermination": True, "Encrypted": False}
    root = {"DeviceName": image.root_device_name, "Ebs": {"SnapshotId": image.ebs_snapshot.id, **given}}
    return made or [root]


Ami.block_device_mappings = property(_mappings)


@replaces(AmiBackend, "create_image")
def an_image_is_pending_while_its_snapshots_are(original, backend, instance_id, name, description, tag_specifications):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html; errors-overview.html:
    # InvalidAMIName.Duplicate, IncorrectInstanceState.
    instance = backend.get_instance(instance_id)
    for other in backend.amis.values():
        if other.name == name and other.owner_id == backend.account_id:
            raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {other.id}")
    if instance.state not in ("running", "stopping", "stopped"):
        raise EC2ClientError("IncorrectInstanceState", f"Instance '{instance_id}' is '{instance.state}'")
    image = original(instance_id, name, description, [s for s in tag_specifications if s["ResourceType"] == "image"])
    image.root_device_name, image.root_device_type = instance.root_device_name, "ebs"
    image.image_location, image.hypervisor, image.boot_mode = f"{image.owner_id}/{name}", "xen", None
    snapshots = _snapshots(backend, image, instance)
    tags = [tag for s in tag_specifications if s["ResourceType"] == "snapshot" for tag in s.get("Tags", [])]
    for snapshot in snapshots:
        snapshot.status = "pending"
        snapshot.add_tags({tag["Key"]: tag.get("Value", "") for tag in tags})
    image.state = "pending"
    clock.later(clock.durations.image_pending, lambda: _finish(image, snapshots))
    return image


def _snapshots(backend, image, instance):
    # One of each volume of the instance; moto makes one of a volume of its own.
    backend.snapshots.pop(image.ebs_snapshot.id)
    made, image._mended_mappings = [], []
    for name, device in instance.get_block_device_mapping:
        volume = backend.get_volume(device.volume_id)
        words = f"Created by CreateImage({instance.id}) for {image.id}"
        made.append(backend.create_snapshot(volume.id, words, image.owner_id, from_ami=image.id))
        ebs = {"SnapshotId": made[-1].id, "VolumeSize": volume.size, "VolumeType": volume.volume_type}
        ebs |= {"DeleteOnTermination": device.delete_on_termination, "Encrypted": volume.encrypted}
        image._mended_mappings.append({"DeviceName": name, "Ebs": ebs})
        if name == image.root_device_name:
            image.ebs_snapshot = made[-1]
    return made


def _finish(image, snapshots):
    for snapshot in snapshots:
        snapshot.status = "completed"
    if image.state == "pending":
        image.state = "available"


@replaces(EC2Response, "deregister_image")
def a_deregistered_image_takes_its_snapshots_along_if_told_to(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html: "if a snapshot is associated with
    # multiple AMIs, it won't be deleted".
    backend, deleted = response.ec2_backend, []
    image = backend.amis.get(response._get_param("ImageId"))
    answer = original()
    if response._get_bool_param("DeleteAssociatedSnapshots", False):
        elsewhere = {mapping["Ebs"]["SnapshotId"] for other in backend.amis.values() for mapping in _mappings(other)}
        deleted = [m["Ebs"]["SnapshotId"] for m in _mappings(image) if m["Ebs"]["SnapshotId"] not in elsewhere]
        for snapshot_id in deleted:
            backend.snapshots.pop(snapshot_id, None)
    results = [{"SnapshotId": snapshot_id, "ReturnCode": "success"} for snapshot_id in deleted]
    return ActionResult({**answer.result, "DeleteSnapshotResults": results})


@replaces(AmiBackend, "describe_images")
def every_unknown_image_is_an_error(original, backend, ami_ids=None, filters=None, exec_users=None, owners=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html: of deregistered images results are
    # empty, and "After all instances that reference a deregistered AMI are terminated, specifying the ID of the image
    # will eventually return an error indicating that the AMI ID cannot be found."
    instances = [instance for r in backend.reservations.values() for instance in r.instances]
    referenced = {instance.image_id for instance in instances if instance.state != "terminated"}
    for image_id in ami_ids or []:
        if image_id.startswith("ami-") and image_id not in backend.amis and image_id not in referenced:
            raise InvalidAMIIdError(image_id)
    return original(ami_ids, filters, exec_users, owners)


@replaces(EC2Response, "describe_snapshots")
def snapshots_are_found_by_owner(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
    owners = {response.current_account if o == "self" else o for o in response._get_param("OwnerIds", [])}
    found = original().result["Snapshots"]
    return ActionResult({"Snapshots": [s for s in found if not owners or s.owner_id in owners]})
