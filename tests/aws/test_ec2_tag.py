"""EC2: tags."""

import pytest

from conftest import refused, tagged


def group(aws, network, specifications):
    wanted = {"GroupName": "g", "Description": "g", "VpcId": network.vpc}
    return aws.ec2.create_security_group(**wanted, TagSpecifications=specifications)["GroupId"]


def specification(*tags):
    return [{"ResourceType": "security-group", "Tags": [{"Key": key, "Value": value} for key, value in tags]}]


def test_only_what_is_created_is_tagged(network, aws):
    with refused("InvalidParameterValue", "taggable"):
        group(aws, network, tagged("vpc", a="1"))


@pytest.mark.parametrize(
    "tags,code",
    [
        ([("a", "1"), ("a", "2")], "InvalidParameterValue"),
        ([("k" * 129, "1")], "InvalidParameterValue"),
        ([("a", "v" * 257)], "InvalidParameterValue"),
        ([("aws:a", "1")], "InvalidParameterValue"),
        ([(str(number), "1") for number in range(51)], "TagLimitExceeded"),
    ],
    ids=["twice", "long key", "long value", "reserved", "51"],
)
def test_tags_have_limits_on_creation_and_later(network, aws, tags, code):
    with refused(code):
        group(aws, network, specification(*tags))
    made = group(aws, network, specification(("b", "1")))
    with refused(code):
        aws.ec2.create_tags(Resources=[made], Tags=specification(*tags)[0]["Tags"])


def test_a_resource_has_at_most_50_tags_in_all(network, aws):
    made = group(aws, network, specification(*((str(number), "1") for number in range(50))))
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "0", "Value": "2"}])
    with refused("TagLimitExceeded"):
        aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "50", "Value": "1"}])


def test_a_tag_is_removed_whatever_its_value(network, aws):
    made = group(aws, network, specification(("a", "1"), ("b", "1")))
    aws.ec2.delete_tags(Resources=[made], Tags=[{"Key": "a"}])
    (shown,) = aws.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"]
    assert shown["Tags"] == [{"Key": "b", "Value": "1"}]
