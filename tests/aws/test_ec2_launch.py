"""EC2: launching instances."""

import pytest

from conftest import IMAGE, instance, refused, run, tagged

PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


def volumes(aws, instance_id):
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    return aws.ec2.describe_volumes(Filters=filters)["Volumes"]


def profile(aws, name="bastion"):
    return aws.iam.create_instance_profile(InstanceProfileName=name, Path="/hastack.dev/c-1/")["InstanceProfile"]


def test_an_image_is_named_by_a_parameter(network, aws):
    made = instance(aws, run(aws, network, ImageId=f"resolve:ssm:{PARAMETER}", InstanceType="t4g.nano"))
    assert made["ImageId"] == aws.ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    assert made["Architecture"] == "arm64"


def test_an_unknown_parameter_launches_nothing(network, aws):
    with refused("InvalidAMIID.NotFound"):
        run(aws, network, ImageId="resolve:ssm:/no/such")
    assert aws.ec2.describe_instances()["Reservations"] == []


@pytest.mark.parametrize(
    "change,code",
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"InstanceType": "t9.nano"}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
    ],
)
def test_a_launch_names_what_exists(network, aws, change, code):
    with refused(code):
        run(aws, network, **change)
    assert aws.ec2.describe_instances()["Reservations"] == []


@pytest.mark.parametrize("key,by", [("Name", "InstanceProfileName"), ("Arn", "Arn")])
def test_an_instance_profile_is_given_by_name_or_arn(network, aws, key, by):
    made = profile(aws)
    shown = instance(aws, run(aws, network, IamInstanceProfile={key: made[by]}))
    assert shown["IamInstanceProfile"] == {"Arn": made["Arn"], "Id": made["InstanceProfileId"]}


def test_an_instance_profile_is_not_known_by_its_path(network, aws):
    profile(aws)
    with refused("InvalidParameterValue", "Invalid IAM Instance Profile name"):
        run(aws, network, IamInstanceProfile={"Name": "hastack.dev/c-1/bastion"})


def test_metadata_options_are_shown(network, aws):
    wanted = {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    shown = instance(aws, run(aws, network, MetadataOptions=wanted))["MetadataOptions"]
    assert wanted.items() <= shown.items()


def test_the_root_volume_is_the_images_unless_specified(network, aws):
    (volume,) = volumes(aws, run(aws, network))
    assert (volume["Size"], volume["VolumeType"], volume["Encrypted"]) == (8, "gp3", False)
    assert volume["Attachments"][0]["Device"] == "/dev/xvda"


def test_the_root_volume_is_encrypted_without_a_size(network, aws):
    mapping = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeType": "gp3"}}
    made = run(aws, network, BlockDeviceMappings=[mapping])
    (volume,) = volumes(aws, made)
    assert (volume["Encrypted"], volume["VolumeType"], volume["Size"]) == (True, "gp3", 8)
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    assert volumes(aws, made) == []


def test_another_volume_comes_with_the_root_volume(network, aws):
    mapping = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 20}}
    made = volumes(aws, run(aws, network, BlockDeviceMappings=[mapping]))
    assert sorted((v["Attachments"][0]["Device"], v["Size"]) for v in made) == [("/dev/sdf", 20), ("/dev/xvda", 8)]


def test_an_interface_specification_has_the_subnet_the_groups_and_the_address(network, aws):
    group = network.group()
    nic = {"DeviceIndex": 0, "SubnetId": network.subnet, "Groups": [group], "AssociatePublicIpAddress": True}
    wanted = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [nic]}
    shown = instance(aws, aws.ec2.run_instances(**wanted)["Instances"][0]["InstanceId"])
    assert (shown["SubnetId"], shown["VpcId"]) == (network.subnet, network.vpc)
    assert [g["GroupId"] for g in shown["SecurityGroups"]] == [group]
    assert shown["PublicIpAddress"] == shown["NetworkInterfaces"][0]["Association"]["PublicIp"]


def test_an_interface_specification_excludes_a_subnet(network, aws):
    with refused("InvalidParameterCombination"):
        run(aws, network, NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": network.subnet}])


def test_a_public_address_is_declined_in_a_public_subnet(network, aws):
    aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": True})
    nic = {"DeviceIndex": 0, "SubnetId": network.subnet, "AssociatePublicIpAddress": False}
    wanted = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [nic]}
    made = aws.ec2.run_instances(**wanted)["Instances"][0]["InstanceId"]
    shown = instance(aws, made)
    assert "PublicIpAddress" not in shown
    assert "Association" not in shown["NetworkInterfaces"][0]


def test_instance_volume_and_interface_have_their_tags(network, aws):
    kinds = ("instance", "volume", "network-interface")
    made = run(aws, network, TagSpecifications=[spec for kind in kinds for spec in tagged(kind, of=kind)])
    shown = instance(aws, made)
    (interface,) = aws.ec2.describe_network_interfaces(
        NetworkInterfaceIds=[shown["NetworkInterfaces"][0]["NetworkInterfaceId"]]
    )["NetworkInterfaces"]
    tags = (shown["Tags"], volumes(aws, made)[0]["Tags"], interface["TagSet"])
    assert tags == tuple([{"Key": "of", "Value": kind}] for kind in kinds)


def test_a_token_with_another_key_launches_nothing(network, aws):
    run(aws, network, ClientToken="t")
    with refused("IdempotentParameterMismatch"):
        run(aws, network, ClientToken="t", KeyName="ops")


def test_a_token_answers_with_the_instance_as_it_is(network, aws):
    first = run(aws, network, ClientToken="t")
    aws.ec2.terminate_instances(InstanceIds=[first])
    assert run(aws, network, ClientToken="t") == first


@pytest.mark.parametrize("seconds", [0, 3601], ids=["still listed", "forgotten"])
def test_a_token_of_a_terminated_instance_launches_nothing(network, aws, seconds):
    made = run(aws, network, ClientToken="t")
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    aws.post("/mended/clock/advance", seconds=seconds)
    with refused("IdempotentInstanceTerminated"):
        run(aws, network, ClientToken="t")
