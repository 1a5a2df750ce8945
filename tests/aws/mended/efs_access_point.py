"""EFS: access points - slow states, client tokens, pages.

Still wrong: nothing is ever mounted, so no root directory is ever made.
"""

import json

from moto.efs.exceptions import AccessPointNotFound, BadRequest, EFSError, FileSystemNotFound
from moto.efs.models import AccessPoint, EFSBackend
from moto.efs.responses import EFSResponse

from mended import clock
from mended.efs import refuse_unready, settle
from mended.patch import replaces


class AccessPointAlreadyExists(EFSError):
    """The client token has made an access point before."""

    code = 409

    def __init__(self, access_point):
        super().__init__("AccessPointAlreadyExists", f"Access point '{access_point.access_point_id}' already exists")
        self.description = json.dumps({**json.loads(self.description), "AccessPointId": access_point.access_point_id})


@replaces(EFSBackend, "create_access_point")
def a_token_makes_one_access_point(original, backend, client_token, tags, file_system_id, *args, **kwargs):
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html: AccessPointAlreadyExists, with its id;
    # FileSystemNotFound; IncorrectFileSystemLifeCycleState; creating, then available.
    for existing in backend.access_points.values():
        if existing.client_token == client_token:
            raise AccessPointAlreadyExists(existing)
    if file_system_id not in backend.file_systems_by_id:
        raise FileSystemNotFound(file_system_id)
    refuse_unready(backend.file_systems_by_id[file_system_id])
    made = original(client_token, tags, file_system_id, *args, **kwargs)
    settle(made)
    return made


@replaces(AccessPoint, "info_json")
def an_access_point_shows_its_state_and_its_name_of_today(original, access_point):
    # https://docs.aws.amazon.com/efs/latest/ug/API_AccessPointDescription.html: Name is the tag's value.
    shown = {name: value for name, value in original().items() if value is not None}
    names = [tag["Value"] for tag in shown["Tags"] if tag["Key"] == "Name"]
    return {**shown, "LifeCycleState": access_point.life_cycle_state} | ({"Name": names[0]} if names else {})


@replaces(EFSBackend, "delete_access_point")
def a_deleted_access_point_is_deleting_then_gone(original, backend, access_point_id):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteAccessPoint.html: AccessPointNotFound
    access_point = backend.access_points.get(access_point_id)
    if access_point is None:
        raise AccessPointNotFound(access_point_id)
    if access_point.life_cycle_state != "deleting":
        access_point.life_cycle_state = "deleting"
        clock.later(clock.durations.pending, lambda: original(access_point_id))


@replaces(EFSResponse, "describe_access_points")
def access_points_have_100_a_page(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeAccessPoints.html: "You can provide either an AccessPointId
    # or a FileSystemId in the request, but not both"; MaxResults is 100 unless given.
    file_system_id = response._get_param("FileSystemId")
    if file_system_id and response._get_param("AccessPointId"):
        raise BadRequest("Request cannot contain both an access point ID and a file system ID.")
    if file_system_id and file_system_id not in response.efs_backend.file_systems_by_id:
        raise FileSystemNotFound(file_system_id)
    body, headers = original()
    found = json.loads(body)["AccessPoints"]
    start, size = int(response._get_param("NextToken") or 0), response._get_int_param("MaxResults", 100)
    page = {"AccessPoints": found[start : start + size]}
    if start + size < len(found):
        page["NextToken"] = str(start + size)
    return json.dumps(page), headers
