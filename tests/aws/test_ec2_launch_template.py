"""EC2: launch templates."""

import base64

import pytest

from conftest import refused, tagged
from test_autoscaling import IMAGE, SCRIPT, Fleet


@pytest.fixture
def fleet(network, aws):
    """A launch template, and the means to make versions of it."""
    return Fleet(network, aws)


def test_a_template_version_keeps_what_its_source_has(fleet, aws):
    version = fleet.version(UserData=SCRIPT)
    (shown,) = aws.ec2.describe_launch_template_versions(LaunchTemplateId=fleet.template, Versions=[version])[
        "LaunchTemplateVersions"
    ]
    assert shown["LaunchTemplateData"]["ImageId"] == IMAGE
    assert shown["LaunchTemplateData"]["UserData"] == SCRIPT


def test_a_templates_tags_are_its_own_and_current(fleet, aws):
    made = aws.ec2.create_launch_template(
        LaunchTemplateName="tagged",
        LaunchTemplateData={"InstanceType": "t3.micro"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "1"}]}],
    )["LaunchTemplate"]["LaunchTemplateId"]
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "b", "Value": "2"}])
    found = aws.ec2.describe_launch_templates(Filters=[{"Name": "tag:b", "Values": ["2"]}])["LaunchTemplates"]
    assert [template["LaunchTemplateId"] for template in found] == [made]
    (version,) = aws.ec2.describe_launch_template_versions(LaunchTemplateId=made)["LaunchTemplateVersions"]
    assert "TagSpecifications" not in version["LaunchTemplateData"]


def test_a_template_version_is_deleted_but_not_the_default(fleet, aws):
    fleet.version()
    answer = aws.ec2.delete_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["1", "2"])
    assert [v["VersionNumber"] for v in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    assert [v["VersionNumber"] for v in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]] == [1]
    assert fleet.version() == "3"


def test_launch_templates_have_pages(aws):
    for number in range(17):
        aws.ec2.create_launch_template(LaunchTemplateName=f"t{number}", LaunchTemplateData={"InstanceType": "t3.micro"})
    assert len(aws.ec2.describe_launch_templates()["LaunchTemplates"]) == 17
    first = aws.ec2.describe_launch_templates(MaxResults=10)
    second = aws.ec2.describe_launch_templates(MaxResults=10, NextToken=first["NextToken"])
    assert len(first["LaunchTemplates"]) + len(second["LaunchTemplates"]) == 17


def test_a_deleted_version_is_not_found(fleet, aws):
    fleet.version()
    aws.ec2.delete_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["2"])
    with refused("InvalidLaunchTemplateId.VersionNotFound"):
        aws.ec2.describe_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["2"])
    (latest,) = aws.ec2.describe_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["$Latest"])[
        "LaunchTemplateVersions"
    ]
    assert latest["VersionNumber"] == 1
    every = aws.ec2.describe_launch_template_versions(LaunchTemplateId=fleet.template)["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in every] == [1]


@pytest.mark.parametrize(
    "named,code",
    [
        ({"LaunchTemplateIds": ["lt-0123456789abcdef0"]}, "InvalidLaunchTemplateId.NotFound"),
        ({"LaunchTemplateNames": ["gone"]}, "InvalidLaunchTemplateName.NotFoundException"),
    ],
)
def test_an_unknown_template_is_named(aws, named, code):
    with refused(code):
        aws.ec2.describe_launch_templates(**named)


@pytest.mark.parametrize("call", ["delete_launch_template", "modify_launch_template"])
def test_an_unknown_template_is_neither_changed_nor_deleted(aws, call):
    with refused("InvalidLaunchTemplateId.NotFound"):
        getattr(aws.ec2, call)(LaunchTemplateId="lt-0123456789abcdef0")


def test_a_deleted_version_does_not_become_the_default(fleet, aws):
    fleet.version()
    aws.ec2.delete_launch_template_versions(LaunchTemplateId=fleet.template, Versions=["2"])
    with refused("InvalidLaunchTemplateId.VersionNotFound"):
        aws.ec2.modify_launch_template(LaunchTemplateId=fleet.template, DefaultVersion="2")


def create(aws, name="first", **data):
    return aws.ec2.create_launch_template(
        LaunchTemplateName=name,
        VersionDescription="made once",
        ClientToken=name,
        LaunchTemplateData={"ImageId": IMAGE, "UserData": SCRIPT, **data},
        TagSpecifications=tagged("launch-template", a="1"),
    )["LaunchTemplate"]


def test_the_first_version_has_user_data_and_a_description(aws):
    made = create(aws, TagSpecifications=tagged("volume", kept="1"))
    assert made == create(aws, TagSpecifications=tagged("volume", kept="1"))
    assert made["Tags"] == [{"Key": "a", "Value": "1"}]
    (version,) = aws.ec2.describe_launch_template_versions(LaunchTemplateId=made["LaunchTemplateId"])[
        "LaunchTemplateVersions"
    ]
    assert version["VersionDescription"] == "made once"
    assert version["LaunchTemplateData"]["UserData"] == SCRIPT
    assert version["LaunchTemplateData"]["TagSpecifications"] == tagged("volume", kept="1")


def test_a_templates_name_is_taken_once(fleet, aws):
    with refused("InvalidLaunchTemplateName.AlreadyExistsException"):
        create(aws, "web")


def test_user_data_has_a_size(aws, network):
    create(aws, UserData=base64.b64encode(b"x" * 16384).decode())
    with refused("InvalidParameterValue", "16384"):
        create(aws, "other", UserData=base64.b64encode(b"x" * 16385).decode())
    with refused("InvalidParameterValue", "16384"):
        aws.ec2.run_instances(ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1, UserData="x" * 16385)


def test_a_template_does_not_use_what_it_names(fleet, aws):
    aws.ec2.delete_security_group(GroupId=fleet.security_group)
