"""RDS: instances and clusters are stopped, started and rebooted."""

import urllib.error

import pytest

from conftest import refused


def status(data, name="orders"):
    return data.instance(name)["DBInstanceStatus"]


def test_an_instance_is_stopped_and_started_in_its_time(data, aws):
    data.create()
    assert data.rds.stop_db_instance(DBInstanceIdentifier="orders")["DBInstance"]["DBInstanceStatus"] == "stopping"
    with refused("InvalidDBInstanceState"):
        data.rds.start_db_instance(DBInstanceIdentifier="orders")
    aws.wait_out_pending()
    assert status(data) == "stopped"
    for call in (data.rds.stop_db_instance, data.rds.reboot_db_instance):
        with refused("InvalidDBInstanceState"):
            call(DBInstanceIdentifier="orders")
    with refused("InvalidDBInstanceState"):
        data.modify(DeletionProtection=True)
    assert data.rds.start_db_instance(DBInstanceIdentifier="orders")["DBInstance"]["DBInstanceStatus"] == "starting"
    aws.wait_out_pending()
    assert status(data) == "available"


def test_an_instance_is_rebooted_in_its_time(data, aws):
    data.create()
    data.rds.reboot_db_instance(DBInstanceIdentifier="orders")
    assert status(data) == "rebooting"
    aws.wait_out_pending()
    assert status(data) == "available"


def test_a_stopped_instance_is_deleted(data, aws):
    data.create()
    data.rds.stop_db_instance(DBInstanceIdentifier="orders")
    aws.wait_out_pending()
    data.delete()
    aws.wait_out_pending()
    assert data.rds.describe_db_instances()["DBInstances"] == []


def test_members_are_stopped_and_started_with_their_cluster(data, aws):
    data.cluster()
    data.member("books-1")
    with refused("InvalidDBClusterStateFault"):
        data.rds.stop_db_instance(DBInstanceIdentifier="books-1")
    with refused("InvalidDBClusterStateFault"):
        data.rds.start_db_cluster(DBClusterIdentifier="books")
    data.rds.stop_db_cluster(DBClusterIdentifier="books")
    assert (data.described()["Status"], status(data, "books-1")) == ("stopping", "stopping")
    aws.wait_out_pending()
    assert (data.described()["Status"], status(data, "books-1")) == ("stopped", "stopped")
    data.rds.start_db_cluster(DBClusterIdentifier="books")
    assert (data.described()["Status"], status(data, "books-1")) == ("starting", "starting")
    aws.wait_out_pending()
    assert (data.described()["Status"], status(data, "books-1")) == ("available", "available")


def test_a_stopped_cluster_is_neither_deleted_nor_modified(data, aws):
    data.cluster()
    data.member("books-1")
    data.rds.stop_db_cluster(DBClusterIdentifier="books")
    aws.wait_out_pending()
    with refused("InvalidDBClusterStateFault"):
        data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    with refused("InvalidDBClusterStateFault"):
        data.modify_cluster(DeletionProtection=True)
    with refused("InvalidDBClusterStateFault"):
        data.delete("books-1")


def test_a_test_sets_a_status(data, aws):
    data.create()
    data.cluster()
    aws.post("/mended/rds/orders/status", status="storage-full")
    aws.post("/mended/rds/books/status", status="inaccessible-encryption-credentials")
    assert (status(data), data.described()["Status"]) == ("storage-full", "inaccessible-encryption-credentials")
    data.modify(AllocatedStorage=40, ApplyImmediately=True)
    aws.wait_out_pending()
    assert (status(data), data.instance()["AllocatedStorage"]) == ("available", 40)
    with pytest.raises(urllib.error.HTTPError):
        aws.post("/mended/rds/gone/status", status="failed")


def test_what_cannot_be_read_is_deleted_without_a_snapshot(data, aws):
    data.create()
    aws.post("/mended/rds/orders/status", status="incompatible-restore")
    with refused("InvalidDBInstanceState"):
        data.delete(FinalDBSnapshotIdentifier="last")
    data.delete()


def writer(data):
    return [m["DBInstanceIdentifier"] for m in data.described()["DBClusterMembers"] if m["IsClusterWriter"]]


def test_another_member_becomes_the_writer(data, aws):
    data.cluster()
    data.member("books-1")
    with refused("InvalidDBClusterStateFault"):
        data.rds.failover_db_cluster(DBClusterIdentifier="books")
    data.member("books-2")
    assert writer(data) == ["books-1"]
    aws.post("/mended/rds/books/failover")
    assert writer(data) == ["books-2"]
    data.rds.failover_db_cluster(DBClusterIdentifier="books", TargetDBInstanceIdentifier="books-1")
    assert (writer(data), data.described()["Status"]) == (["books-1"], "failing-over")
    aws.wait_out_pending()
    assert data.described()["Status"] == "available"
