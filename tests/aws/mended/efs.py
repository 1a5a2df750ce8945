"""EFS: file systems - slow states, creation tokens, throughput, lifecycle and backup policies, pages, tags.

Still wrong: nothing is ever stored, so sizes stay 0; replication and throughput credits are not modelled. A file
system's deletion is not refused while access points exist (nor does AWS document that): they go with it.
"""

import json

from moto.efs.exceptions import AccessPointNotFound, BadRequest, EFSError, FileSystemAlreadyExists, FileSystemNotFound
from moto.efs.models import EFSBackend, FileSystem
from moto.efs.responses import EFSResponse

from mended import clock
from mended.patch import replaces


DAY = 24 * 3600
DEFAULT_KEY = "00000000-0000-4000-8000-0000000000ef"


class IncorrectFileSystemLifeCycleState(EFSError):
    """The file system is not available."""

    code = 409

    def __init__(self, file_system):
        super().__init__(
            "IncorrectFileSystemLifeCycleState",
            f"File system '{file_system.file_system_id}' is {file_system.life_cycle_state}.",
        )


class TooManyRequests(EFSError):
    """Throughput was changed less than a day ago."""

    code = 429

    def __init__(self, file_system):
        super().__init__(
            "TooManyRequests", f"Throughput of '{file_system.file_system_id}' was changed in the last 24 hours."
        )


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
    # https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html: without a key of one's own the account's
    # default key for EFS is used, and shown.
    if made.encrypted and not made.kms_key_id:
        made.kms_key_id = f"arn:aws:kms:{backend.region_name}:{backend.account_id}:key/{DEFAULT_KEY}"
    settle(made)
    return made


def _check_throughput(mode, mibps):
    # https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html
    if mode == "provisioned" and not mibps:
        raise BadRequest("Provisioned throughput mode needs ProvisionedThroughputInMibps.")
    if mode in ("bursting", "elastic") and mibps:
        raise BadRequest(f"ProvisionedThroughputInMibps cannot be set in throughput mode {mode}.")


def settle(resource, state="creating"):
    """Let a resource be in this state for a while, then available."""
    resource.life_cycle_state = state
    clock.later(clock.durations.pending, lambda: _make_available(resource, state))


def _make_available(resource, state):
    if resource.life_cycle_state == state:
        resource.life_cycle_state = "available"


def refuse_unready(file_system):
    """Refuse what needs the file system to be there."""
    if file_system.life_cycle_state not in ("available", "updating"):
        raise IncorrectFileSystemLifeCycleState(file_system)


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
    clock.later(clock.durations.pending, lambda: _remove(original, backend, file_system_id))
    return None


def _remove(original, backend, file_system_id):
    for access_point in backend.describe_access_points(None, file_system_id):
        backend.access_points.pop(access_point.access_point_id, None)
    original(file_system_id)


def _existing(response):
    file_system_id = response._get_param("FileSystemId")
    if file_system_id not in response.efs_backend.file_systems_by_id:
        raise FileSystemNotFound(file_system_id)
    return response.efs_backend.file_systems_by_id[file_system_id]


def _answer(body, status=200):
    return json.dumps(body), {"status": status, "Content-Type": "application/json"}


def update_file_system(response):
    """UpdateFileSystem, which moto lacks."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html: TooManyRequests "if you don't wait at least
    # 24 hours before either changing the throughput mode, or decreasing the Provisioned Throughput value".
    file_system = _existing(response)
    if file_system.life_cycle_state != "available":
        raise IncorrectFileSystemLifeCycleState(file_system)
    mode = response._get_param("ThroughputMode") or file_system.throughput_mode
    mibps = response._get_param("ProvisionedThroughputInMibps")
    _check_throughput(mode, mibps)
    before = file_system.provisioned_throughput_in_mibps or 0
    if mode != file_system.throughput_mode or (mibps or 0) < before:
        if clock.now() - getattr(file_system, "_mended_changed", -DAY) < DAY:
            raise TooManyRequests(file_system)
        file_system._mended_changed = clock.now()
    file_system.throughput_mode, file_system.provisioned_throughput_in_mibps = mode, mibps
    settle(file_system, "updating")
    return _answer(file_system.info_json(), 202)


@replaces(EFSResponse, "put_lifecycle_configuration")
def transitions_come_one_by_one_and_in_order(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html: "each LifecyclePolicy object have
    # only have a single transition"; "TransitionToArchive must either not be set or must be later than TransitionToIA";
    # "The Archive storage class is available only for file systems that use the Elastic throughput mode and the General
    # Purpose performance mode."
    file_system, policies = _existing(response), response._get_param("LifecyclePolicies")
    refuse_unready(file_system)
    if any(len(policy) != 1 for policy in policies):
        raise BadRequest("One or more LifecyclePolicy objects specified are malformed: one transition each")
    wanted = {name: value for policy in policies for name, value in policy.items()}
    archive, infrequent = (wanted.get(name) for name in ("TransitionToArchive", "TransitionToIA"))
    if archive and (not infrequent or _days(archive) <= _days(infrequent)):
        raise BadRequest("TransitionToArchive must be later than TransitionToIA")
    if archive and (file_system.throughput_mode, file_system.performance_mode) != ("elastic", "generalPurpose"):
        raise BadRequest("TransitionToArchive needs elastic throughput and general purpose performance")
    return original()


def _days(transition):
    return int(transition.split("_")[1])


def put_backup_policy(response):
    """PutBackupPolicy, which moto lacks."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html
    file_system = _existing(response)
    refuse_unready(file_system)
    wanted = response._get_param("BackupPolicy")["Status"] == "ENABLED"
    if wanted != bool(file_system._backup):
        file_system._backup, file_system._mended_backup_since = wanted, clock.now()
    return _answer({"BackupPolicy": _backup_policy(file_system)})


def describe_backup_policy(response):
    """DescribeBackupPolicy: DISABLED where moto says there is no policy."""
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeBackupPolicy.html
    return _answer({"BackupPolicy": _backup_policy(_existing(response))})


def _backup_policy(file_system):
    # https://docs.aws.amazon.com/efs/latest/ug/API_BackupPolicy.html: ENABLING and DISABLING come first.
    since = getattr(file_system, "_mended_backup_since", None)
    under_way = since is not None and clock.now() - since < clock.durations.pending
    return {"Status": ("ENABL" if file_system._backup else "DISABL") + ("ING" if under_way else "ED")}


for _action in (update_file_system, put_backup_policy, describe_backup_policy):
    setattr(EFSResponse, _action.__name__, _action)


@replaces(EFSResponse, "describe_file_systems")
def file_systems_have_100_a_page(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html: MaxItems is 100 unless given.
    backend = response.efs_backend
    marker, size = response._get_param("Marker"), response._get_int_param("MaxItems", 100)
    token = response._get_param("CreationToken")
    if token and token not in backend.creation_tokens:
        # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html: "If you pass file system ID or creation
        # token for the deleted file system, the DescribeFileSystems returns a 404 FileSystemNotFound error."
        raise FileSystemNotFound(token)
    if token or response._get_param("FileSystemId"):
        return original()
    known = list(backend.file_systems_by_id.values())
    start = int(marker) if marker else 0
    body = {"FileSystems": [file_system.info_json() for file_system in known[start : start + size]]}
    if start + size < len(known):
        body["NextMarker"] = str(start + size)
    return _answer(body)


@replaces(EFSResponse, "tag_resource", "untag_resource", "list_tags_for_resource")
def tags_belong_to_what_exists(original, response):
    # https://docs.aws.amazon.com/efs/latest/ug/API_TagResource.html: FileSystemNotFound, AccessPointNotFound
    resource_id = response._get_param("ResourceId").rsplit("/", 1)[-1]
    if resource_id.startswith("fsap-") and resource_id not in response.efs_backend.access_points:
        raise AccessPointNotFound(resource_id)
    if resource_id.startswith("fs-") and resource_id not in response.efs_backend.file_systems_by_id:
        raise FileSystemNotFound(resource_id)
    return original()
