"""EC2: launch templates."""

import pytest

from conftest import refused
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
