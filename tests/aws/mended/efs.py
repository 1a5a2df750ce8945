"""EFS: file systems and mount targets - slow states, creation tokens, updates, backup policies, pages.

Still wrong: nothing is ever stored, so sizes stay 0; replication and throughput credits are not modelled. A file
system's deletion is not refused while access points exist (nor does AWS document that).
"""

import json

from moto.efs.exceptions import EFSError, FileSystemAlreadyExists, FileSystemNotFound, MountTargetNotFound
from moto.efs.models import EFSBackend, FileSystem, MountTarget
from moto.efs.responses import EFSResponse

from mended import clock
from mended.patch import replaces


class IncorrectFileSystemLifeCycleState(EFSError):
    """The file system is not available."""

    code = 409

    def __init__(self, file_system):
        super().__init__(
            "IncorrectFileSystemLifeCycleState",
            f"File system '{file_system.file_system_id}' is {file_system.life_cycle_state}.",
        )


class BadThroughput(EFSError):
    """Throughput mode and provisioned throughput do not go together."""

    code = 400

    def __init__(self, message):
        super().__init__("BadRequest", message)


@replaces(EFSError, "__init__")
def every_error_has_its_code_in_the_body(original, error, *args, **kwargs):
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html#API_CreateFileSystem_Errors: ErrorCode is
    # required in each of EFS's errors.
    original(*args, **kwargs)
    error.description = json.dumps(
        {"__type": error.error_type, "ErrorCode": error.error_type, "Message": error.message, "message": error.message}
    )


@replaces(EFSBackend, "create_file_system")
def a_file_system_is_creating_then_available(original, backend, creation_token, *args, **kwargs):
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html: the token of an existing file system is
    # FileSystemAlreadyExists, with its id; the new one is creating, then available.
    for existing in backend.file_systems_by_id.values():
        if existing.creation_token == creation_token:
            error = FileSystemAlreadyExists(creation_token)
            error.description = json.dumps({**json.loads(error.description), "FileSystemId": existing.file_system_id})
            raise error
    _check_throughput(kwargs.get("throughput_mode"), kwargs.get("provisioned_throughput_in_mibps"))
    made = original(creation_token, *args, **kwargs)
    _settle(made)
    return made


def _check_throughput(mode, mibps):
    # https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html
    if mode == "provisioned" and not mibps:
        raise BadThroughput("Provisioned throughput mode needs ProvisionedThroughputInMibps.")
    if mode in ("bursting", "elastic") and mibps:
        raise BadThroughput(f"ProvisionedThroughputInMibps cannot be set in throughput mode {mode}.")


def _settle(resource, state="creating"):
    resource.life_cycle_state = state
    clock.later(clock.durations.pending, lambda: _make_available(resource, state))


def _make_available(resource, state):
    if resource.life_cycle_state == state:
        resource.life_cycle_state = "available"


@replaces(FileSystem, "info_json")
def internal_state_stays_inside(original, file_system):
    # moto answers every attribute, policies too.
    return {k: v for k, v in original().items() if k not in ("LifecyclePolicies", "FileSystemPolicy") and v is not None}


@replaces(EFSBackend, "delete_file_system")
def a_deleted_file_system_is_deleting_then_gone(original, backend, file_system_id):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html: "You can't delete a file system that is in
    # use" by mount targets; LifeCycleState deleting until it is gone.
    file_system = backend.file_systems_by_id.get(file_system_id)
    if file_system is None or file_system.number_of_mount_targets:
        return original(file_system_id)
    if file_system.life_cycle_state == "deleting":
        return None
    file_system.life_cycle_state = "deleting"
    clock.later(clock.durations.pending, lambda: original(file_system_id))
    return None


@replaces(EFSBackend, "create_mount_target")
def a_mount_target_is_creating_then_available(original, backend, file_system_id, *args, **kwargs):
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html: the file system must be available; without
    # groups the VPC's default group is used; the interface is the service's.
    file_system = backend.file_systems_by_id.get(file_system_id)
    if file_system is not None and file_system.life_cycle_state not in ("available", "updating"):
        raise IncorrectFileSystemLifeCycleState(file_system)
    target = original(file_system_id, *args, **kwargs)
    interface = backend.ec2_backend.get_network_interface(target.network_interface_id)
    interface.description = f"EFS mount target for {file_system_id} ({target.mount_target_id})"
    interface.requester_managed, interface.status = True, "in-use"
    target._security_groups = [group.id for group in interface._group_set]
    _settle(target)
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


def _existing(response):
    file_system_id = response._get_param("FileSystemId")
    if file_system_id not in response.efs_backend.file_systems_by_id:
        raise FileSystemNotFound(file_system_id)
    return response.efs_backend.file_systems_by_id[file_system_id]


def _answer(body, status=200):
    return json.dumps(body), {"status": status, "Content-Type": "application/json"}


def update_file_system(response):
    """UpdateFileSystem, which moto lacks."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html
    file_system = _existing(response)
    if file_system.life_cycle_state != "available":
        raise IncorrectFileSystemLifeCycleState(file_system)
    mode = response._get_param("ThroughputMode") or file_system.throughput_mode
    mibps = response._get_param("ProvisionedThroughputInMibps")
    _check_throughput(mode, mibps)
    file_system.throughput_mode, file_system.provisioned_throughput_in_mibps = mode, mibps
    _settle(file_system, "updating")
    return _answer(file_system.info_json(), 202)


def put_backup_policy(response):
    """PutBackupPolicy, which moto lacks."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html
    file_system = _existing(response)
    file_system._backup = response._get_param("BackupPolicy")["Status"] == "ENABLED"
    return _answer({"BackupPolicy": _backup_policy(file_system)})


def describe_backup_policy(response):
    """DescribeBackupPolicy: DISABLED where moto says there is no policy."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeBackupPolicy.html
    return _answer({"BackupPolicy": _backup_policy(_existing(response))})


def _backup_policy(file_system):
    return {"Status": "ENABLED" if file_system._backup else "DISABLED"}


for _action in (update_file_system, put_backup_policy, describe_backup_policy):
    setattr(EFSResponse, _action.__name__, _action)


@replaces(EFSResponse, "describe_file_systems")
def file_systems_have_100_a_page(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html: MaxItems is 100 unless given.
    backend = response.efs_backend
    marker, size = response._get_param("Marker"), response._get_int_param("MaxItems", 100)
    if response._get_param("CreationToken") or response._get_param("FileSystemId"):
        return original()
    known = list(backend.file_systems_by_id.values())
    start = int(marker) if marker else 0
    body = {"FileSystems": [file_system.info_json() for file_system in known[start : start + size]]}
    if start + size < len(known):
        body["NextMarker"] = str(start + size)
    return _answer(body)
