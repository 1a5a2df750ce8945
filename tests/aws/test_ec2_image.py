"""EC2: images and their snapshots."""

import pytest

from conftest import IMAGE, instance, refused, run, tagged

ARM = "ami-0a1202300000000a2"
CANONICAL, UBUNTU = "099720109477", "ami-0b2404000000000b1"


def images(aws, **wanted):
    return aws.ec2.describe_images(**wanted)["Images"]


def filters(**wanted):
    return [{"Name": name.replace("__", ":").replace("_", "-"), "Values": [value]} for name, value in wanted.items()]


@pytest.fixture
def source(network, aws):
    """A running instance of arm64, with a root volume of 20 GiB."""
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}]
    made = run(aws, network, ImageId=ARM, InstanceType="t4g.nano", BlockDeviceMappings=disk)
    aws.wait_out_pending()
    return made


def bake(aws, source, name="baked", **changes):
    wanted = {"TagSpecifications": [*tagged("image", a="image"), *tagged("snapshot", a="snapshot")]} | changes
    return aws.ec2.create_image(InstanceId=source, Name=name, NoReboot=True, Description="d", **wanted)["ImageId"]


def finish(aws):
    aws.post("/mended/clock/advance", seconds=2)


def test_an_image_is_found_by_owner_and_name(aws):
    wanted = filters(name="ubuntu/images/*24.04-amd64-*", architecture="x86_64", state="available")
    (found,) = images(aws, Owners=[CANONICAL], Filters=wanted)
    assert (found["ImageId"], found["RootDeviceName"]) == (UBUNTU, "/dev/sda1")
    assert found["CreationDate"].endswith("Z")
    assert images(aws, Owners=["amazon"], Filters=wanted + filters(owner_id="137112412989")) == []
    assert [image["ImageId"] for image in images(aws, Owners=["self"])] == [IMAGE]


def test_every_unknown_image_is_named(aws):
    with refused("InvalidAMIID.NotFound", "ami-0123456789abcdef0"):
        images(aws, ImageIds=[IMAGE, "ami-0123456789abcdef0"])


def test_an_image_is_pending_then_available(aws, source):
    made = bake(aws, source)
    (shown,) = images(aws, ImageIds=[made])
    assert (shown["State"], shown["Name"], shown["Description"], shown["OwnerId"]) == (
        "pending",
        "baked",
        "d",
        "123456789012",
    )
    assert (shown["Architecture"], shown["RootDeviceName"], shown["RootDeviceType"]) == ("arm64", "/dev/xvda", "ebs")
    assert (shown["Public"], shown["SourceInstanceId"]) == (False, source)
    finish(aws)
    assert images(aws, ImageIds=[made])[0]["State"] == "available"


def test_a_slow_image_is_slow(aws, source):
    aws.post("/mended/durations", image_pending=100)
    made = bake(aws, source)
    finish(aws)
    assert images(aws, ImageIds=[made])[0]["State"] == "pending"


def test_an_image_and_its_snapshots_have_their_tags(aws, source):
    made = bake(aws, source)
    assert [image["ImageId"] for image in images(aws, Filters=filters(tag__a="image"))] == [made]
    assert images(aws, Filters=filters(tag__a="snapshot")) == []
    (snapshot,) = aws.ec2.describe_snapshots(Filters=filters(tag__a="snapshot"), OwnerIds=["self"])["Snapshots"]
    assert (snapshot["VolumeSize"], snapshot["Encrypted"], snapshot["State"]) == (20, True, "pending")
    (device,) = images(aws, ImageIds=[made])[0]["BlockDeviceMappings"]
    assert (device["Ebs"]["SnapshotId"], device["Ebs"]["VolumeSize"]) == (snapshot["SnapshotId"], 20)
    finish(aws)
    assert aws.ec2.describe_snapshots(SnapshotIds=[snapshot["SnapshotId"]])["Snapshots"][0]["State"] == "completed"


def test_only_an_image_and_its_snapshots_are_tagged(aws, source):
    with refused("InvalidParameterValue"):
        bake(aws, source, TagSpecifications=tagged("volume", a="1"))


def test_an_images_name_is_taken_once(aws, source):
    bake(aws, source)
    with refused("InvalidAMIName.Duplicate"):
        bake(aws, source)


def test_an_image_is_made_of_an_instance_that_is_there(aws, source):
    with refused("InvalidInstanceID.NotFound"):
        bake(aws, "i-0123456789abcdef0")
    aws.ec2.terminate_instances(InstanceIds=[source])
    with refused("IncorrectInstanceState"):
        bake(aws, source)


def test_nothing_is_launched_of_an_image_that_is_not_available(aws, source, network):
    made = bake(aws, source)
    with refused("InvalidAMIID.Unavailable"):
        run(aws, network, ImageId=made, InstanceType="t4g.nano")
    finish(aws)
    run(aws, network, ImageId=made, InstanceType="t4g.nano")


def test_a_root_volume_is_as_the_image_says_and_not_smaller(aws, source, network):
    made = bake(aws, source)
    finish(aws)
    shown = instance(aws, run(aws, network, ImageId=made, InstanceType="t4g.nano"))
    volume = shown["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert aws.ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"] == 20
    smaller = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 19}}]
    with refused("InvalidBlockDeviceMapping"):
        run(aws, network, ImageId=made, InstanceType="t4g.nano", BlockDeviceMappings=smaller)


@pytest.mark.parametrize("along", [True, False])
def test_a_deregistered_image_takes_its_snapshots_along_if_told_to(aws, source, along):
    made = bake(aws, source)
    finish(aws)
    (snapshot,) = aws.ec2.describe_snapshots(Filters=filters(tag__a="snapshot"))["Snapshots"]
    with refused("InvalidSnapshot.InUse"):
        aws.ec2.delete_snapshot(SnapshotId=snapshot["SnapshotId"])
    answer = aws.ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=along)
    assert len(answer.get("DeleteSnapshotResults", [])) == along
    assert len(aws.ec2.describe_snapshots(Filters=filters(tag__a="snapshot"))["Snapshots"]) == (not along)
    assert images(aws, Filters=filters(tag__a="image")) == []
    with refused("InvalidAMIID.NotFound"):
        images(aws, ImageIds=[made])
    with refused("InvalidAMIID.Unavailable"):
        aws.ec2.deregister_image(ImageId=made)


def test_a_deregistered_image_is_remembered_while_instances_are_of_it(aws, source, network):
    made = bake(aws, source)
    finish(aws)
    of_it = run(aws, network, ImageId=made, InstanceType="t4g.nano")
    aws.ec2.deregister_image(ImageId=made)
    assert images(aws, ImageIds=[made]) == []
    aws.ec2.terminate_instances(InstanceIds=[of_it])
    aws.wait_out_pending()
    with refused("InvalidAMIID.NotFound"):
        images(aws, ImageIds=[made])
