"""EFS: mount targets - slow states, their interface and its groups, pages.

Still wrong: only IPv4; a mount target never fails; groups of another network are accepted.
"""

from moto.efs.exceptions import EFSError, MountTargetNotFound, SecurityGroupNotFound
from moto.efs.models import EFSBackend, MountTarget
from moto.efs.responses import EFSResponse

from mended import clock
from mended.ec2_interface import lend_to_service
from mended.efs import refuse_unready, settle
from mended.patch import replaces


class IncorrectMountTargetState(EFSError):
    """The mount target is not available."""

    code = 409

    def __init__(self, target):
        super().__init__(
            "IncorrectMountTargetState", f"Mount target '{target.mount_target_id}' is {target.life_cycle_state}."
        )


@replaces(EFSBackend, "create_mount_target")
def a_mount_target_is_creating_then_available(original, backend, file_system_id, *args, **kwargs):
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html: the file system must be available; without
    # groups the VPC's default group is used; the interface is the service's.
    file_system = backend.file_systems_by_id.get(file_system_id)
    if file_system is not None:
        refuse_unready(file_system)
    target = original(file_system_id, *args, **kwargs)
    interface = backend.ec2_backend.get_network_interface(target.network_interface_id)
    description = f"EFS mount target for {file_system_id} ({target.mount_target_id})"
    lend_to_service(interface, "amazon-efs", description, "efs")
    target._security_groups = [group.id for group in interface._group_set]
    settle(target)
    return target


@replaces(MountTarget, "info_json")
def groups_are_asked_for_separately(original, target):
    # https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html has none.
    return {key: value for key, value in original().items() if key != "SecurityGroups"}


@replaces(EFSBackend, "describe_mount_target_security_groups")
def the_groups_are_those_of_the_interface(original, backend, mount_target_id):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeMountTargetSecurityGroups.html
    original(mount_target_id)
    target = backend.mount_targets_by_id[mount_target_id]
    _refuse_leaving(target)
    return [group.id for group in backend.ec2_backend.get_network_interface(target.network_interface_id)._group_set]


@replaces(EFSBackend, "delete_mount_target")
def a_deleted_mount_target_is_deleting_then_gone(original, backend, mount_target_id):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteMountTarget.html: asynchronous, with its network interface.
    target = backend.mount_targets_by_id.get(mount_target_id)
    if target is None:
        raise MountTargetNotFound(mount_target_id)
    if target.life_cycle_state != "deleting":
        target.life_cycle_state = "deleting"
        clock.later(clock.durations.pending, lambda: original(mount_target_id))


def _refuse_leaving(target):
    if target.life_cycle_state == "deleting":
        raise IncorrectMountTargetState(target)


@replaces(EFSBackend, "modify_mount_target_security_groups")
def a_mount_target_changes_to_known_groups(original, backend, mount_target_id, security_groups):
    # https://docs.aws.amazon.com/efs/latest/ug/API_ModifyMountTargetSecurityGroups.html: SecurityGroupNotFound,
    # IncorrectMountTargetState
    target = backend.mount_targets_by_id.get(mount_target_id)
    if target is not None:
        _refuse_leaving(target)
    for group_id in security_groups or []:
        if backend.ec2_backend.get_security_group_from_id(group_id) is None:
            raise SecurityGroupNotFound(group_id)
    return original(mount_target_id, security_groups)


@replaces(EFSResponse, "describe_mount_targets")
def mount_targets_fit_on_one_page(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeMountTargets.html: 100 a page, whatever MaxItems says; a
    # file system has at most one a zone.
    response.querystring["MaxItems"] = ["100"]
    return original()
