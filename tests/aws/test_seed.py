"""What users' manifests take as given."""

import pytest

from conftest import TRUST, refused


def test_the_key_pair_is_there(aws):
    assert aws.ec2.describe_key_pairs(KeyNames=["ops"])["KeyPairs"][0]["KeyType"] == "ed25519"


def test_the_image_is_there(aws):
    (image,) = aws.ec2.describe_images(ImageIds=["ami-0abcdef1234567890"])["Images"]
    assert (image["State"], image["Architecture"]) == ("available", "x86_64")


def test_the_topic_is_there(aws):
    arn = "arn:aws:sns:us-east-1:123456789012:on-call"
    assert aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"] == arn


@pytest.mark.parametrize(
    "name",
    [
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    ],
)
def test_a_public_parameter_names_an_image_that_exists(aws, name):
    value = aws.ssm.get_parameter(Name=name)["Parameter"]["Value"]
    assert aws.ec2.describe_images(ImageIds=[value])["Images"][0]["State"] == "available"
    assert aws.ssm.get_parameters(Names=[name])["Parameters"][0]["Value"] == value


@pytest.mark.parametrize("name,architecture", [("kernel-default-x86_64", "x86_64"), ("kernel-default-arm64", "arm64")])
def test_a_public_parameter_names_an_image_of_its_architecture(aws, name, architecture):
    value = aws.ssm.get_parameter(Name=f"/aws/service/ami-amazon-linux-latest/al2023-ami-{name}")["Parameter"]["Value"]
    assert aws.ec2.describe_images(ImageIds=[value])["Images"][0]["Architecture"] == architecture


def test_an_unknown_parameter_is_not_found(aws):
    with refused("ParameterNotFound"):
        aws.ssm.get_parameter(Name="/aws/service/ami-amazon-linux-latest/al1999")


@pytest.mark.parametrize("name", ["AmazonSSMManagedInstanceCore", "service-role/AmazonEC2ContainerServiceforEC2Role"])
def test_a_managed_policy_is_attached_to_a_role(aws, name):
    aws.iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    aws.iam.attach_role_policy(RoleName="r", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    attached = aws.iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == [name.rsplit("/", 1)[-1]]


def test_an_attachment_does_not_outlive_a_reset(aws):
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    aws.iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    aws.iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    aws.post("/moto-api/reset")
    assert aws.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0
