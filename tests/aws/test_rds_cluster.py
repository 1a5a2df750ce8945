"""RDS: Aurora clusters."""

import pytest
from conftest import refused
from test_rds import Data


@pytest.fixture
def data(network, aws):
    """A subnet group over two zones, and the means to make databases in it."""
    return Data(network, aws)


def test_a_cluster_is_creating_then_available(data, aws):
    made = data.cluster(settle=False)
    assert (made["Status"], made["EngineVersion"]) == ("creating", "8.0.mysql_aurora.3.10.0")

    def status():
        return data.rds.describe_db_clusters(DBClusterIdentifier="books")["DBClusters"][0]["Status"]

    assert status() == status() == "creating"
    aws.wait_out_pending()
    assert status() == "available"


def test_a_clusters_name_is_taken_once(data):
    data.cluster()
    with refused("DBClusterAlreadyExistsFault"):
        data.cluster()


def test_a_writer_and_a_reader_are_in_different_zones(data):
    data.cluster()
    data.member("books-1")
    data.member("books-2")
    (cluster,) = data.rds.describe_db_clusters()["DBClusters"]
    assert sorted(member["IsClusterWriter"] for member in cluster["DBClusterMembers"]) == [False, True]
    instances = data.rds.describe_db_instances()["DBInstances"]
    assert {instance["AvailabilityZone"] for instance in instances} == {"us-east-1a", "us-east-1b"}
    groups = {g["DBParameterGroupName"] for instance in instances for g in instance["DBParameterGroups"]}
    assert groups == {"default.aurora-mysql8.0"}


def test_a_cluster_with_members_is_not_deleted(data, aws):
    data.cluster()
    data.member("books-1")
    delete = {"DBClusterIdentifier": "books", "SkipFinalSnapshot": True}
    with refused("InvalidDBClusterStateFault"):
        data.rds.delete_db_cluster(**delete)
    data.delete("books-1")
    data.rds.delete_db_cluster(**delete)
    assert data.rds.describe_db_clusters()["DBClusters"][0]["Status"] == "deleting"
    aws.wait_out_pending()
    assert data.rds.describe_db_clusters()["DBClusters"] == []
    assert data.interfaces() == []


def test_a_deleted_cluster_leaves_its_final_snapshot(data, aws):
    data.cluster()
    with refused("InvalidParameterCombination", "FinalDBSnapshotIdentifier"):
        data.rds.delete_db_cluster(DBClusterIdentifier="books")
    data.rds.delete_db_cluster(DBClusterIdentifier="books", FinalDBSnapshotIdentifier="last")
    (snapshot,) = data.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert snapshot["Status"] == "creating"
    aws.wait_out_pending()
    (snapshot,) = data.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert (snapshot["DBClusterSnapshotIdentifier"], snapshot["Status"]) == ("last", "available")


def test_only_an_available_cluster_is_modified(data, aws):
    data.cluster(settle=False)
    change = {"DBClusterIdentifier": "books", "DeletionProtection": True}
    with refused("InvalidDBClusterStateFault"):
        data.rds.modify_db_cluster(**change)
    aws.wait_out_pending()
    assert data.rds.modify_db_cluster(**change)["DBCluster"]["DeletionProtection"] is True


def test_a_protected_cluster_is_not_deleted(data):
    data.cluster(DeletionProtection=True)
    with refused("InvalidParameterCombination", "protected"):
        data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
