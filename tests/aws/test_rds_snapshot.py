"""RDS: snapshots and restores."""

import datetime

import pytest

from conftest import refused

TAGS = [{"Key": "a", "Value": "b"}]


def snapshot(data, aws, **changes):
    data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now", **changes)
    aws.wait_out_pending()


def restore(data, **changes):
    wanted = {"DBInstanceIdentifier": "copy", "DBSnapshotIdentifier": "now", "DBSubnetGroupName": "db"}
    wanted["VpcSecurityGroupIds"] = [data.group]
    return data.rds.restore_db_instance_from_db_snapshot(**wanted | changes)["DBInstance"]


def back(data, **changes):
    wanted = {"SourceDBInstanceIdentifier": "orders", "TargetDBInstanceIdentifier": "copy", "DBSubnetGroupName": "db"}
    wanted |= {"VpcSecurityGroupIds": [data.group], "UseLatestRestorableTime": True}
    return data.rds.restore_db_instance_to_point_in_time(**wanted | changes)["DBInstance"]


def cluster_snapshot(data, aws, **changes):
    wanted = {"DBClusterIdentifier": "books", "DBClusterSnapshotIdentifier": "now"}
    data.rds.create_db_cluster_snapshot(**wanted | changes)
    aws.wait_out_pending()


def restore_cluster(data, **changes):
    wanted = {"DBClusterIdentifier": "copy", "SnapshotIdentifier": "now", "Engine": "aurora-mysql"}
    wanted |= {"DBSubnetGroupName": "db", "VpcSecurityGroupIds": [data.group]}
    return data.rds.restore_db_cluster_from_snapshot(**wanted | changes)["DBCluster"]


@pytest.mark.parametrize("asked,tags", [(None, TAGS), ([{"Key": "c", "Value": "d"}], [{"Key": "c", "Value": "d"}])])
def test_an_instance_restored_from_a_snapshot_has_its_tags_or_new_ones(data, aws, asked, tags):
    data.create(Tags=TAGS, CopyTagsToSnapshot=True)
    snapshot(data, aws)
    made = restore(data, DeletionProtection=True, **{"Tags": asked} if asked else {})
    assert (made["DBInstanceStatus"], made["TagList"], made["DeletionProtection"]) == ("creating", tags, True)
    aws.wait_out_pending()
    shown = data.instance("copy")
    assert (shown["DBInstanceStatus"], shown["AllocatedStorage"]) == ("available", 20)
    assert [group["VpcSecurityGroupId"] for group in shown["VpcSecurityGroups"]] == [data.group]
    assert shown["DBSubnetGroup"]["DBSubnetGroupName"] == "db"
    assert "MasterUserSecret" not in shown


def test_a_restored_instance_then_manages_its_password(data, aws):
    data.create()
    snapshot(data, aws)
    with refused("InvalidParameterCombination", "ManageMasterUserPassword"):
        restore(data, ManageMasterUserPassword=True)
    restore(data)
    aws.wait_out_pending()
    data.rds.modify_db_instance(DBInstanceIdentifier="copy", ManageMasterUserPassword=True, ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance("copy")["MasterUserSecret"] != data.instance()["MasterUserSecret"]


def test_only_an_available_snapshot_is_restored(data, aws):
    data.create()
    with refused("DBSnapshotNotFound"):
        restore(data)
    data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now")
    with refused("InvalidDBSnapshotState"):
        restore(data)
    aws.wait_out_pending()
    with refused("DBInstanceAlreadyExists"):
        restore(data, DBInstanceIdentifier="orders")


def test_an_instance_is_restored_to_a_point_in_time(data, aws):
    data.create(Tags=TAGS, DeletionProtection=True, EngineVersion="16.8")
    made = back(data)
    assert (made["DBInstanceStatus"], made["TagList"], made["EngineVersion"]) == ("creating", TAGS, "16.8")
    aws.wait_out_pending()
    shown = data.instance("copy")
    assert (shown["DeletionProtection"], shown["DBInstanceStatus"]) == (False, "available")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in shown
    number = data.instance()["DbiResourceId"]
    data.rds.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=number,
        TargetDBInstanceIdentifier="older",
        DBSubnetGroupName="db",
        VpcSecurityGroupIds=[data.group],
        RestoreTime=data.instance()["LatestRestorableTime"],
    )
    assert data.instance("older")["DBInstanceStatus"] == "creating"


def test_an_instance_is_not_restored_to_any_time(data):
    data.create()
    now = datetime.datetime.now(datetime.UTC)
    with refused("InvalidParameterCombination"):
        back(data, RestoreTime=now)
    with refused("InvalidRestoreFault"):
        back(data, UseLatestRestorableTime=False, RestoreTime=now + datetime.timedelta(days=1))
    data.create("bare", BackupRetentionPeriod=0)
    assert "LatestRestorableTime" not in data.instance("bare")
    with refused("PointInTimeRestoreNotEnabled"):
        back(data, SourceDBInstanceIdentifier="bare")
    with refused("DBInstanceNotFound"):
        back(data, SourceDBInstanceIdentifier="gone")


def test_a_cluster_is_restored_from_a_snapshot(data, aws):
    data.cluster(Tags=TAGS, CopyTagsToSnapshot=True, DeletionProtection=True)
    cluster_snapshot(data, aws)
    made = restore_cluster(data)
    assert (made["Status"], made["TagList"], made["DeletionProtection"]) == ("creating", TAGS, False)
    aws.wait_out_pending()
    shown = data.described("copy")
    assert (shown["Status"], shown["DBClusterMembers"], shown["DBSubnetGroup"]) == ("available", [], "db")
    assert "MasterUserSecret" not in shown and shown["LatestRestorableTime"]
    other = restore_cluster(data, DBClusterIdentifier="other", Tags=[], DeletionProtection=True)
    assert other["DeletionProtection"] is True
    with refused("DBClusterAlreadyExistsFault"):
        restore_cluster(data)
    with refused("DBClusterSnapshotNotFoundFault"):
        restore_cluster(data, DBClusterIdentifier="third", SnapshotIdentifier="gone")


def test_a_cluster_is_restored_to_a_point_in_time(data, aws):
    data.cluster(Tags=TAGS)
    wanted = {"DBClusterIdentifier": "copy", "SourceDBClusterIdentifier": "books", "DBSubnetGroupName": "db"}
    wanted["VpcSecurityGroupIds"] = [data.group]
    with refused("InvalidParameterCombination"):
        data.rds.restore_db_cluster_to_point_in_time(**wanted)
    tags = [{"Key": "c", "Value": "d"}]
    data.rds.restore_db_cluster_to_point_in_time(**wanted, UseLatestRestorableTime=True, Tags=tags)
    assert (data.described("copy")["Status"], data.described("copy")["TagList"]) == ("creating", tags)
    aws.wait_out_pending()
    assert data.described("copy")["Status"] == "available"


@pytest.mark.parametrize("copies,tags", [(True, TAGS), (False, [])])
def test_a_final_snapshot_has_the_tags_if_they_are_copied(data, aws, copies, tags):
    data.create(Tags=TAGS, CopyTagsToSnapshot=copies)
    data.delete(FinalDBSnapshotIdentifier="last")
    assert data.rds.describe_db_snapshots()["DBSnapshots"][0]["TagList"] == tags
    data.cluster(Tags=TAGS, CopyTagsToSnapshot=copies)
    data.rds.delete_db_cluster(DBClusterIdentifier="books", FinalDBSnapshotIdentifier="last")
    aws.wait_out_pending()
    assert data.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"][0]["TagList"] == tags


def test_snapshots_have_pages(data, aws):
    data.create()
    data.cluster()
    for number in range(21):
        data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier=f"s-{number}")
        cluster_snapshot(data, aws, DBClusterSnapshotIdentifier=f"s-{number}")
    first = data.rds.describe_db_snapshots(MaxRecords=20)
    assert len(data.rds.describe_db_snapshots(MaxRecords=20, Marker=first["Marker"])["DBSnapshots"]) == 1
    first = data.rds.describe_db_cluster_snapshots(MaxRecords=20)
    second = data.rds.describe_db_cluster_snapshots(MaxRecords=20, Marker=first["Marker"])
    assert len(second["DBClusterSnapshots"]) == 1
