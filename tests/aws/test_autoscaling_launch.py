"""Auto Scaling: what a group launches."""

import pytest

from conftest import instance, tagged
from test_autoscaling import IMAGE, SCRIPT, Fleet, mixed


@pytest.fixture
def fleet(network, aws):
    """The means to make a group over two zones."""
    return Fleet(network, aws)


def test_an_instance_has_its_groups_template_groups_and_tags(fleet, aws):
    tag = {"Key": "role", "Value": "web", "PropagateAtLaunch": True}
    fleet.create(Tags=[tag, {"Key": "kept", "Value": "here", "PropagateAtLaunch": False}])
    shown = fleet.group()["Instances"][0]
    assert shown["LaunchTemplate"] == {"LaunchTemplateId": fleet.template, "LaunchTemplateName": "web", "Version": "1"}
    found = aws.ec2.describe_instances(InstanceIds=[shown["InstanceId"]])["Reservations"][0]["Instances"][0]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert (tags["role"], tags["aws:autoscaling:groupName"], "kept" in tags) == ("web", "web", False)
    assert (found["ImageId"], found["InstanceType"]) == (IMAGE, "t3.micro")
    assert [group["GroupId"] for group in found["SecurityGroups"]] == [fleet.security_group]


def test_an_instance_is_as_its_template_says(fleet, aws):
    profile = aws.iam.create_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    disk = {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}
    version = fleet.version(
        UserData=SCRIPT,
        KeyName="ops",
        IamInstanceProfile={"Arn": profile["Arn"]},
        Monitoring={"Enabled": True},
        EbsOptimized=True,
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": disk}],
        TagSpecifications=[*tagged("instance", a="i"), *tagged("volume", a="v"), *tagged("network-interface", a="n")],
    )
    fleet.create(
        least=1,
        LaunchTemplate={"LaunchTemplateId": fleet.template, "Version": version},
        Tags=[{"Key": "kept", "Value": "here", "PropagateAtLaunch": False}],
    )
    found = instance(aws, min(fleet.ids()))
    assert found["IamInstanceProfile"]["Arn"] == profile["Arn"]
    assert (found["Monitoring"]["State"], found["EbsOptimized"], found["KeyName"]) == ("enabled", True, "ops")
    assert (found["MetadataOptions"]["HttpTokens"], found["MetadataOptions"]["HttpPutResponseHopLimit"]) == (
        "required",
        2,
    )
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"] if not tag["Key"].startswith("aws:")}
    assert tags == {"a": "i"}
    (device,) = found["BlockDeviceMappings"]
    (volume,) = aws.ec2.describe_volumes(VolumeIds=[device["Ebs"]["VolumeId"]])["Volumes"]
    assert (device["DeviceName"], volume["Size"], volume["VolumeType"], volume["Encrypted"]) == (
        "/dev/xvda",
        20,
        "gp3",
        True,
    )
    interface = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    shown = aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
    assert (volume["Tags"], shown["TagSet"]) == ([{"Key": "a", "Value": "v"}], [{"Key": "a", "Value": "n"}])


def test_a_later_version_with_user_data_launches(fleet):
    fleet.create(LaunchTemplate={"LaunchTemplateId": fleet.template, "Version": fleet.version(UserData=SCRIPT)})
    assert fleet.states() == ["InService", "InService"]


def test_an_image_behind_a_parameter_is_resolved(fleet, aws):
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    version = fleet.version(ImageId=f"resolve:ssm:{name}")
    fleet.create(LaunchTemplate={"LaunchTemplateId": fleet.template, "Version": version})
    instance = aws.ec2.describe_instances(InstanceIds=list(fleet.ids())[:1])["Reservations"][0]["Instances"][0]
    assert instance["ImageId"] == aws.ssm.get_parameter(Name=name)["Parameter"]["Value"]


def test_mixed_instances_share_by_purchase_and_type(fleet, aws):
    arn = fleet.target_group()
    fleet.create(least=4, MixedInstancesPolicy=mixed(fleet), TargetGroupARNs=[arn], CapacityRebalance=True)
    found = [i for r in aws.ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    assert sorted(i.get("InstanceLifecycle", "on-demand") for i in found) == ["on-demand", "on-demand", "spot", "spot"]
    assert {i["InstanceType"] for i in found} <= {"c6i.large", "c6a.large", "c5.large"}
    shown = fleet.group()
    assert "LaunchTemplate" not in shown
    assert shown["CapacityRebalance"] is True
    assert shown["MixedInstancesPolicy"]["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 50
    assert fleet.targets(arn) == fleet.ids()


def test_a_launch_that_fails_is_told_and_tried_again(fleet, aws):
    fleet.create(least=1)
    image = aws.ec2.create_image(InstanceId=min(fleet.ids()), Name="baked")["ImageId"]
    aws.wait_out_pending()
    template = {"LaunchTemplateId": fleet.template, "Version": fleet.version(ImageId=image)}
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=template)
    aws.ec2.deregister_image(ImageId=image)
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    newest = fleet.api.describe_scaling_activities(AutoScalingGroupName="web")["Activities"][0]
    assert newest["StatusCode"] == "Failed" and image in newest["StatusMessage"]
    fleet.api.update_auto_scaling_group(
        AutoScalingGroupName="web", LaunchTemplate={"LaunchTemplateId": fleet.template, "Version": "1"}
    )
    fleet.settle()
    assert fleet.states() == ["InService", "InService"]
