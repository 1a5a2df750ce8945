"""EFS: file systems and mount targets."""

import json

import pytest

from conftest import refused


@pytest.fixture
def files(aws):
    """An available file system's id."""
    made = create(aws)["FileSystemId"]
    aws.wait_out_pending()
    return made


def create(aws, token="t", **changes):
    return aws.efs.create_file_system(CreationToken=token, Encrypted=True, **changes)


def shown(aws, file_system):
    return aws.efs.describe_file_systems(FileSystemId=file_system)["FileSystems"][0]


def mount(aws, files, subnet, **changes):
    return aws.efs.create_mount_target(FileSystemId=files, SubnetId=subnet, **changes)["MountTargetId"]


def targets(aws, files):
    return aws.efs.describe_mount_targets(FileSystemId=files)["MountTargets"]


def test_a_file_system_is_creating_then_available(aws):
    made = create(aws)
    assert made["LifeCycleState"] == "creating"
    aws.wait_out_pending()
    assert shown(aws, made["FileSystemId"])["LifeCycleState"] == "available"


def test_a_creation_token_of_an_existing_file_system_names_it(aws, files):
    with pytest.raises(aws.efs.exceptions.FileSystemAlreadyExists) as raised:
        create(aws)
    assert raised.value.response["FileSystemId"] == files
    assert raised.value.response["ErrorCode"] == "FileSystemAlreadyExists"


def test_a_creation_token_is_free_when_its_file_system_is_gone(aws, files):
    aws.efs.delete_file_system(FileSystemId=files)
    assert shown(aws, files)["LifeCycleState"] == "deleting"
    aws.wait_out_pending()
    with refused("FileSystemNotFound"):
        shown(aws, files)
    assert create(aws)["FileSystemId"] != files


def test_a_mount_target_is_creating_then_available(network, aws, files):
    made = mount(aws, files, network.subnet)
    (target,) = targets(aws, files)
    assert (target["MountTargetId"], target["LifeCycleState"]) == (made, "creating")
    aws.wait_out_pending()
    (target,) = targets(aws, files)
    assert target["LifeCycleState"] == "available"
    assert (target["AvailabilityZoneName"], target["VpcId"]) == ("us-east-1a", network.vpc)


def test_a_mount_target_has_an_interface_with_its_groups(network, aws, files):
    group = network.group()
    made = mount(aws, files, network.subnet, SecurityGroups=[group])
    (target,) = targets(aws, files)
    (interface,) = aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[target["NetworkInterfaceId"]])[
        "NetworkInterfaces"
    ]
    assert (interface["SubnetId"], interface["PrivateIpAddress"]) == (network.subnet, target["IpAddress"])
    assert [g["GroupId"] for g in interface["Groups"]] == [group]
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=group)
    assert aws.efs.describe_mount_target_security_groups(MountTargetId=made)["SecurityGroups"] == [group]


def test_descriptions_hold_what_is_documented(network, aws, files):
    mount(aws, files, network.subnet)
    assert {"LifecyclePolicies", "FileSystemPolicy"}.isdisjoint(raw(aws, "describe_file_systems", "FileSystems"))
    assert "SecurityGroups" not in raw(aws, "describe_mount_targets", "MountTargets", FileSystemId=files)


def raw(aws, action, key, **parameters):
    """The first item of an answer, as it was sent: boto3 drops what it does not know."""
    sent = []
    event = f"after-call.efs.{aws.efs.meta.method_to_api_mapping[action]}"

    def catch(http_response, **_):
        sent.append(json.loads(http_response.content))

    aws.efs.meta.events.register(event, catch)
    getattr(aws.efs, action)(**parameters)
    aws.efs.meta.events.unregister(event, catch)
    return sent[0][key][0]


def test_a_mount_target_without_groups_has_the_default_group(network, aws, files):
    made = mount(aws, files, network.subnet)
    filters = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    assert aws.efs.describe_mount_target_security_groups(MountTargetId=made)["SecurityGroups"] == [default]


def test_a_mount_targets_groups_are_changed(network, aws, files):
    made = mount(aws, files, network.subnet)
    group = network.group()
    aws.efs.modify_mount_target_security_groups(MountTargetId=made, SecurityGroups=[group])
    assert aws.efs.describe_mount_target_security_groups(MountTargetId=made)["SecurityGroups"] == [group]


def test_a_zone_has_one_mount_target(network, aws, files):
    mount(aws, files, network.subnet)
    with refused("MountTargetConflict"):
        mount(aws, files, network.subnet)
    mount(aws, files, network.other_subnet)


def test_a_creating_file_system_takes_no_mount_target(network, aws):
    made = create(aws)["FileSystemId"]
    with refused("IncorrectFileSystemLifeCycleState"):
        mount(aws, made, network.subnet)


@pytest.mark.parametrize(
    "change,code",
    [
        ({"SubnetId": "subnet-0123456789abcdef0"}, "SubnetNotFound"),
        ({"SecurityGroups": ["sg-0123456789abcdef0"]}, "SecurityGroupNotFound"),
        ({"FileSystemId": "fs-0123456789abcdef0"}, "FileSystemNotFound"),
    ],
)
def test_a_mount_target_names_what_exists(network, aws, files, change, code):
    with refused(code):
        aws.efs.create_mount_target(**{"FileSystemId": files, "SubnetId": network.subnet} | change)
    assert targets(aws, files) == []


def test_a_file_system_with_mount_targets_stays(network, aws, files):
    made = mount(aws, files, network.subnet)
    aws.wait_out_pending()
    aws.efs.delete_mount_target(MountTargetId=made)
    with refused("FileSystemInUse"):
        aws.efs.delete_file_system(FileSystemId=files)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.wait_out_pending()
    with refused("MountTargetNotFound"):
        aws.efs.delete_mount_target(MountTargetId=made)
    aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.efs.delete_file_system(FileSystemId=files)


def test_throughput_is_updated(aws, files):
    aws.efs.update_file_system(FileSystemId=files, ThroughputMode="elastic")
    assert (shown(aws, files)["LifeCycleState"], shown(aws, files)["ThroughputMode"]) == ("updating", "elastic")
    aws.wait_out_pending()
    assert shown(aws, files)["LifeCycleState"] == "available"


def test_provisioned_throughput_needs_a_figure(aws, files):
    with refused("BadRequest"):
        aws.efs.update_file_system(FileSystemId=files, ThroughputMode="provisioned")


def test_backups_are_switched(aws, files):
    def status():
        return aws.efs.describe_backup_policy(FileSystemId=files)["BackupPolicy"]["Status"]

    assert status() == "DISABLED"
    for under_way, after in (("ENABLING", "ENABLED"), ("DISABLING", "DISABLED")):
        aws.efs.put_backup_policy(FileSystemId=files, BackupPolicy={"Status": after})
        assert status() == under_way
        aws.wait_out_pending()
        assert status() == after


def test_backups_are_on_from_the_start(aws):
    made = create(aws, Backup=True)["FileSystemId"]
    assert aws.efs.describe_backup_policy(FileSystemId=made)["BackupPolicy"]["Status"] == "ENABLED"


def lifecycle(aws, files, *policies):
    aws.efs.put_lifecycle_configuration(FileSystemId=files, LifecyclePolicies=list(policies))
    return aws.efs.describe_lifecycle_configuration(FileSystemId=files)["LifecyclePolicies"]


def test_lifecycle_policies_are_kept_and_dropped(aws):
    made = create(aws, ThroughputMode="elastic")["FileSystemId"]
    aws.wait_out_pending()
    policies = [
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToArchive": "AFTER_90_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]
    assert lifecycle(aws, made, *policies) == policies
    assert lifecycle(aws, made) == []


@pytest.mark.parametrize(
    "policies",
    [
        [{"TransitionToIA": "AFTER_30_DAYS", "TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
        [{"TransitionToArchive": "AFTER_90_DAYS"}],
        [{"TransitionToIA": "AFTER_90_DAYS"}, {"TransitionToArchive": "AFTER_90_DAYS"}],
    ],
)
def test_transitions_come_one_by_one_and_in_order(aws, policies):
    made = create(aws, ThroughputMode="elastic")["FileSystemId"]
    aws.wait_out_pending()
    with refused("BadRequest"):
        lifecycle(aws, made, *policies)


def test_the_archive_needs_elastic_throughput(aws, files):
    with refused("BadRequest", "elastic"):
        lifecycle(aws, files, {"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToArchive": "AFTER_90_DAYS"})


@pytest.mark.parametrize("action", ["lifecycle", "backup"])
def test_a_creating_file_system_takes_no_policy(aws, action):
    made = create(aws)["FileSystemId"]
    with refused("IncorrectFileSystemLifeCycleState"):
        if action == "lifecycle":
            lifecycle(aws, made, {"TransitionToIA": "AFTER_30_DAYS"})
        else:
            aws.efs.put_backup_policy(FileSystemId=made, BackupPolicy={"Status": "ENABLED"})


def test_a_file_system_shows_its_settings(aws):
    made = create(
        aws,
        PerformanceMode="maxIO",
        ThroughputMode="provisioned",
        ProvisionedThroughputInMibps=64,
        Tags=[{"Key": "Name", "Value": "shared"}],
    )
    found = shown(aws, made["FileSystemId"])
    assert (found["PerformanceMode"], found["Encrypted"], found["Name"]) == ("maxIO", True, "shared")
    assert (found["ThroughputMode"], found["ProvisionedThroughputInMibps"]) == ("provisioned", 64.0)
    assert found["KmsKeyId"].startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert found["NumberOfMountTargets"] == 0


def test_throughput_changes_once_a_day_but_grows_at_will(aws, files):
    def update(**changes):
        aws.efs.update_file_system(FileSystemId=files, **changes)
        aws.wait_out_pending()

    update(ThroughputMode="provisioned", ProvisionedThroughputInMibps=64)
    update(ThroughputMode="provisioned", ProvisionedThroughputInMibps=128)
    for change in (
        {"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 64},
        {"ThroughputMode": "elastic"},
    ):
        with refused("TooManyRequests"):
            update(**change)
    aws.post("/mended/clock/advance", seconds=24 * 3600)
    update(ThroughputMode="elastic")
    assert "ProvisionedThroughputInMibps" not in shown(aws, files)


def test_a_file_system_is_asked_for_by_its_creation_token(aws, files):
    assert aws.efs.describe_file_systems(CreationToken="t")["FileSystems"][0]["FileSystemId"] == files
    with refused("FileSystemNotFound"):
        aws.efs.describe_file_systems(CreationToken="u")


def test_file_systems_have_pages(aws):
    made = [create(aws, f"t{number}")["FileSystemId"] for number in range(12)]
    assert len(aws.efs.describe_file_systems()["FileSystems"]) == 12
    first = aws.efs.describe_file_systems(MaxItems=10)
    second = aws.efs.describe_file_systems(MaxItems=10, Marker=first["NextMarker"])
    assert [f["FileSystemId"] for page in (first, second) for f in page["FileSystems"]] == made


def test_tags_are_given_changed_and_removed(aws):
    made = create(aws, Tags=[{"Key": "a", "Value": "1"}])["FileSystemId"]
    aws.efs.tag_resource(ResourceId=made, Tags=[{"Key": "b", "Value": "2"}])
    aws.efs.untag_resource(ResourceId=made, TagKeys=["a"])
    assert shown(aws, made)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(
    "resource,code",
    [("fs-0123456789abcdef0", "FileSystemNotFound"), ("fsap-0123456789abcdef0", "AccessPointNotFound")],
)
def test_what_does_not_exist_has_no_tags(aws, resource, code):
    with refused(code):
        aws.efs.tag_resource(ResourceId=resource, Tags=[{"Key": "a", "Value": "1"}])


def test_a_mount_target_changes_to_known_groups_only(network, aws, files):
    made = mount(aws, files, network.subnet)
    with refused("SecurityGroupNotFound"):
        aws.efs.modify_mount_target_security_groups(MountTargetId=made, SecurityGroups=["sg-0123456789abcdef0"])


def test_a_deleting_mount_target_shows_no_groups(network, aws, files):
    made = mount(aws, files, network.subnet)
    aws.efs.delete_mount_target(MountTargetId=made)
    assert [target["LifeCycleState"] for target in targets(aws, files)] == ["deleting"]
    with refused("IncorrectMountTargetState"):
        aws.efs.describe_mount_target_security_groups(MountTargetId=made)


def test_the_tags_of_every_file_system_are_in_one_list(aws):
    for number in range(2):
        create(aws, f"t{number}", Tags=[{"Key": "number", "Value": str(number)}])
    found = aws.efs.describe_file_systems()["FileSystems"]
    assert [f["Tags"] for f in found] == [[{"Key": "number", "Value": str(number)}] for number in range(2)]
