"""IAM: roles, their policies, and instance profiles."""

import json

import pytest

from conftest import TRUST, refused

PATH = "/hastack.dev/c-1/"
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TAGS = [{"Key": "hastack.dev/cluster", "Value": "c-1"}]


def role(aws, name="bastion", **changes):
    wanted = {"RoleName": name, "Path": PATH, "AssumeRolePolicyDocument": TRUST} | changes
    return aws.iam.create_role(**wanted)["Role"]


def profile(aws, name="bastion", **changes):
    return aws.iam.create_instance_profile(**{"InstanceProfileName": name, "Path": PATH} | changes)["InstanceProfile"]


def names(items):
    return sorted(item.get("RoleName", item.get("InstanceProfileName")) for item in items)


def test_a_path_is_in_the_arn_and_not_in_the_name(aws):
    assert role(aws)["Arn"] == "arn:aws:iam::123456789012:role/hastack.dev/c-1/bastion"
    assert profile(aws)["Arn"] == "arn:aws:iam::123456789012:instance-profile/hastack.dev/c-1/bastion"


@pytest.mark.parametrize("make", [role, profile])
def test_a_name_is_taken_once_whatever_its_path(aws, make):
    make(aws)
    with refused("EntityAlreadyExists"):
        make(aws, Path="/")


def test_roles_are_listed_by_path_in_pages(aws):
    made = sorted(role(aws, f"r{number}")["RoleName"] for number in range(3))
    role(aws, "elsewhere", Path="/hastack.dev/c-2/")
    first = aws.iam.list_roles(PathPrefix=PATH, MaxItems=2)
    assert first["IsTruncated"]
    second = aws.iam.list_roles(PathPrefix=PATH, MaxItems=2, Marker=first["Marker"])
    assert not second["IsTruncated"]
    assert names(first["Roles"] + second["Roles"]) == made


def test_instance_profiles_are_listed_by_path_in_pages(aws):
    made = sorted(profile(aws, f"p{number}")["InstanceProfileName"] for number in range(3))
    profile(aws, "elsewhere", Path="/hastack.dev/c-2/")
    first = aws.iam.list_instance_profiles(PathPrefix=PATH, MaxItems=2)
    assert first["IsTruncated"]
    second = aws.iam.list_instance_profiles(PathPrefix=PATH, MaxItems=2, Marker=first["Marker"])
    assert not second["IsTruncated"]
    assert names(first["InstanceProfiles"] + second["InstanceProfiles"]) == made


def test_lists_show_no_tags(aws):
    role(aws, Tags=TAGS), profile(aws, Tags=TAGS)
    (listed_role,), (listed,) = aws.iam.list_roles()["Roles"], aws.iam.list_instance_profiles()["InstanceProfiles"]
    assert "Tags" not in listed_role
    assert not listed.get("Tags")
    assert aws.iam.get_role(RoleName="bastion")["Role"]["Tags"] == TAGS
    assert aws.iam.get_instance_profile(InstanceProfileName="bastion")["InstanceProfile"]["Tags"] == TAGS


def test_a_listed_instance_profile_shows_its_role(aws):
    made = role(aws)
    profile(aws)
    aws.iam.add_role_to_instance_profile(InstanceProfileName="bastion", RoleName="bastion")
    (listed,) = aws.iam.list_instance_profiles(PathPrefix=PATH)["InstanceProfiles"]
    assert [(r["RoleName"], r["Arn"]) for r in listed["Roles"]] == [("bastion", made["Arn"])]


def test_a_role_shows_its_trust_policy(aws):
    role(aws)
    (listed,) = aws.iam.list_roles(PathPrefix=PATH)["Roles"]
    assert listed["AssumeRolePolicyDocument"] == json.loads(TRUST)


@pytest.mark.parametrize("document", ["{}", "not json", json.dumps(POLICY)])
def test_a_trust_policy_is_well_formed(aws, document):
    with refused("MalformedPolicyDocument"):
        role(aws, AssumeRolePolicyDocument=document)


def test_a_profile_has_one_role(aws):
    role(aws), role(aws, "other"), profile(aws)
    aws.iam.add_role_to_instance_profile(InstanceProfileName="bastion", RoleName="bastion")
    for name in ("bastion", "other"):
        with refused("LimitExceeded"):
            aws.iam.add_role_to_instance_profile(InstanceProfileName="bastion", RoleName=name)


def test_a_role_in_a_profile_conflicts_with_both_deletions(aws):
    role(aws), profile(aws)
    aws.iam.add_role_to_instance_profile(InstanceProfileName="bastion", RoleName="bastion")
    with refused("DeleteConflict"):
        aws.iam.delete_instance_profile(InstanceProfileName="bastion")
    with refused("DeleteConflict"):
        aws.iam.delete_role(RoleName="bastion")
    aws.iam.remove_role_from_instance_profile(InstanceProfileName="bastion", RoleName="bastion")
    with refused("NoSuchEntity"):
        aws.iam.remove_role_from_instance_profile(InstanceProfileName="bastion", RoleName="bastion")
    aws.iam.delete_instance_profile(InstanceProfileName="bastion")
    aws.iam.delete_role(RoleName="bastion")


def test_a_role_with_policies_is_not_deleted(aws):
    role(aws)
    aws.iam.attach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    with refused("DeleteConflict"):
        aws.iam.delete_role(RoleName="bastion")
    aws.iam.detach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    aws.iam.put_role_policy(RoleName="bastion", PolicyName="p", PolicyDocument=json.dumps(POLICY))
    with refused("DeleteConflict"):
        aws.iam.delete_role(RoleName="bastion")
    aws.iam.delete_role_policy(RoleName="bastion", PolicyName="p")
    aws.iam.delete_role(RoleName="bastion")


def test_a_managed_policy_is_attached_once(aws):
    role(aws)
    for _ in range(2):
        aws.iam.attach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    assert aws.iam.get_policy(PolicyArn=MANAGED)["Policy"]["AttachmentCount"] == 1
    aws.iam.detach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    with refused("NoSuchEntity"):
        aws.iam.detach_role_policy(RoleName="bastion", PolicyArn=MANAGED)


def test_an_unknown_managed_policy_is_not_attached(aws):
    role(aws)
    with refused("NoSuchEntity"):
        aws.iam.attach_role_policy(RoleName="bastion", PolicyArn=MANAGED + "Not")


def test_an_inline_policy_is_put_replaced_and_listed(aws):
    role(aws)
    other = {**POLICY, "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    for document in (POLICY, other):
        aws.iam.put_role_policy(RoleName="bastion", PolicyName="p", PolicyDocument=json.dumps(document))
    assert aws.iam.get_role_policy(RoleName="bastion", PolicyName="p")["PolicyDocument"] == other
    assert aws.iam.list_role_policies(RoleName="bastion")["PolicyNames"] == ["p"]
    with refused("NoSuchEntity"):
        aws.iam.get_role_policy(RoleName="bastion", PolicyName="q")


def test_an_inline_policy_is_well_formed(aws):
    role(aws)
    with refused("MalformedPolicyDocument"):
        aws.iam.put_role_policy(RoleName="bastion", PolicyName="p", PolicyDocument="{}")


@pytest.mark.parametrize(
    "action,wanted",
    [
        ("get_role", {"RoleName": "nobody"}),
        ("delete_role", {"RoleName": "nobody"}),
        ("list_role_policies", {"RoleName": "nobody"}),
        ("list_attached_role_policies", {"RoleName": "nobody"}),
        ("get_instance_profile", {"InstanceProfileName": "nobody"}),
        ("delete_instance_profile", {"InstanceProfileName": "nobody"}),
    ],
)
def test_what_does_not_exist_is_an_error(aws, action, wanted):
    with refused("NoSuchEntity"):
        getattr(aws.iam, action)(**wanted)


def test_tags_of_a_role_are_changed_and_removed(aws):
    role(aws, Tags=[*TAGS, {"Key": "a", "Value": "1"}])
    aws.iam.tag_role(RoleName="bastion", Tags=[{"Key": "b", "Value": "2"}])
    aws.iam.untag_role(RoleName="bastion", TagKeys=["a"])
    tags = aws.iam.list_role_tags(RoleName="bastion")["Tags"]
    assert sorted(tag["Key"] for tag in tags) == ["b", "hastack.dev/cluster"]
