"""EFS: access points."""

import pytest

from conftest import refused
from test_efs import create


@pytest.fixture
def files(aws):
    """An available file system's id."""
    made = create(aws)["FileSystemId"]
    aws.wait_out_pending()
    return made


def access_point(aws, files, token="a", **changes):
    return aws.efs.create_access_point(ClientToken=token, FileSystemId=files, **changes)["AccessPointId"]


def all_of_them(aws, **wanted):
    return aws.efs.describe_access_points(**wanted)["AccessPoints"]


def state(aws, made):
    return all_of_them(aws, AccessPointId=made)[0]["LifeCycleState"]


def test_an_access_point_is_creating_then_available_then_deleting_then_gone(aws, files):
    made = access_point(aws, files)
    assert state(aws, made) == "creating"
    aws.wait_out_pending()
    assert state(aws, made) == "available"
    aws.efs.delete_access_point(AccessPointId=made)
    assert state(aws, made) == "deleting"
    aws.wait_out_pending()
    with refused("AccessPointNotFound"):
        state(aws, made)


def test_an_access_point_shows_its_settings(aws, files):
    user = {"Uid": 1000, "Gid": 1000, "SecondaryGids": [2000]}
    root = {"Path": "/uploads", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0755"}}
    made = access_point(aws, files, PosixUser=user, RootDirectory=root, Tags=[{"Key": "Name", "Value": "uploads"}])
    (shown,) = all_of_them(aws, AccessPointId=made)
    assert (shown["PosixUser"], shown["RootDirectory"], shown["FileSystemId"]) == (user, root, files)
    assert (shown["Name"], shown["ClientToken"]) == ("uploads", "a")


def test_an_access_point_without_a_root_has_the_file_systems(aws, files):
    access_point(aws, files)
    (shown,) = all_of_them(aws)
    assert shown["RootDirectory"] == {"Path": "/"}
    assert "PosixUser" not in shown


def test_a_token_of_an_existing_access_point_names_it(aws, files):
    made = access_point(aws, files)
    with pytest.raises(aws.efs.exceptions.AccessPointAlreadyExists) as raised:
        access_point(aws, files)
    assert raised.value.response["AccessPointId"] == made


def test_access_points_of_every_file_system_are_listed_in_pages(aws, files):
    other = create(aws, "u")["FileSystemId"]
    aws.wait_out_pending()
    made = [access_point(aws, of, token) for of, token in ((files, "a"), (other, "b"), (files, "c"))]
    first = aws.efs.describe_access_points(MaxResults=2)
    second = aws.efs.describe_access_points(MaxResults=2, NextToken=first["NextToken"])
    assert "NextToken" not in second
    assert [a["AccessPointId"] for page in (first, second) for a in page["AccessPoints"]] == made
    assert [a["AccessPointId"] for a in all_of_them(aws, FileSystemId=files)] == [made[0], made[2]]


def test_an_access_point_is_asked_for_by_one_id(aws, files):
    with refused("BadRequest"):
        all_of_them(aws, AccessPointId=access_point(aws, files), FileSystemId=files)


def test_tags_are_changed_with_the_name(aws, files):
    made = access_point(aws, files, Tags=[{"Key": "Name", "Value": "a"}, {"Key": "b", "Value": "1"}])
    aws.efs.tag_resource(ResourceId=made, Tags=[{"Key": "Name", "Value": "c"}])
    aws.efs.untag_resource(ResourceId=made, TagKeys=["b"])
    (shown,) = all_of_them(aws)
    assert (shown["Name"], shown["Tags"]) == ("c", [{"Key": "Name", "Value": "c"}])


def test_an_access_point_needs_an_available_file_system(aws):
    with refused("FileSystemNotFound"):
        access_point(aws, "fs-0123456789abcdef0")
    with refused("IncorrectFileSystemLifeCycleState"):
        access_point(aws, create(aws)["FileSystemId"])


def test_a_deleted_file_system_takes_its_access_points_along(aws, files):
    access_point(aws, files)
    aws.efs.delete_file_system(FileSystemId=files)
    aws.wait_out_pending()
    assert all_of_them(aws) == []


def test_an_unknown_access_point_is_not_deleted(aws):
    with refused("AccessPointNotFound"):
        aws.efs.delete_access_point(AccessPointId="fsap-0123456789abcdef0")
