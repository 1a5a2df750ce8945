"""RDS: instances and clusters are renamed; what they are known by otherwise stays."""

import pytest

from conftest import refused

TAGS = [{"Key": "a", "Value": "b"}]


def status(data, name="orders"):
    return data.instance(name)["DBInstanceStatus"]


def test_an_instance_is_renaming_then_rebooting_then_available(data, aws):
    before = data.create(Tags=TAGS)
    secret = data.instance()["MasterUserSecret"]["SecretArn"]
    changed = data.modify(NewDBInstanceIdentifier="Sales", ApplyImmediately=True)
    assert (changed["DBInstanceIdentifier"], changed["DBInstanceStatus"]) == ("orders", "renaming")
    assert changed["PendingModifiedValues"] == {"DBInstanceIdentifier": "sales"}
    with refused("DBInstanceNotFound"):
        data.instance("sales")
    aws.wait_out_pending()
    assert status(data, "sales") == "rebooting"
    with refused("DBInstanceNotFound"):
        data.instance()
    aws.wait_out_pending()
    after = data.instance("sales")
    assert (after["DBInstanceStatus"], after.get("PendingModifiedValues", {})) == ("available", {})
    assert after["DBInstanceArn"] == before["DBInstanceArn"].replace("orders", "sales")
    assert after["Endpoint"]["Address"].startswith("sales.")
    assert after["DbiResourceId"] == before["DbiResourceId"]
    assert after["MasterUserSecret"]["SecretArn"] == secret
    assert data.rds.list_tags_for_resource(ResourceName=after["DBInstanceArn"])["TagList"] == TAGS
    with refused("DBInstanceNotFound"):
        data.rds.list_tags_for_resource(ResourceName=before["DBInstanceArn"])


def test_an_instance_waits_for_its_window_to_be_renamed(data, aws):
    data.create()
    data.modify(NewDBInstanceIdentifier="sales", DBInstanceClass="db.t4g.small")
    pending = {"DBInstanceIdentifier": "sales", "DBInstanceClass": "db.t4g.small"}
    assert (status(data), data.instance()["PendingModifiedValues"]) == ("available", pending)
    aws.post("/mended/rds/orders/maintenance")
    assert (status(data, "sales"), data.instance("sales")["DBInstanceClass"]) == ("rebooting", "db.t4g.small")
    aws.wait_out_pending()
    assert status(data, "sales") == "available"


def test_a_pending_name_is_taken_back(data, aws):
    data.create()
    data.modify(NewDBInstanceIdentifier="sales")
    data.modify(NewDBInstanceIdentifier="orders")
    assert data.instance().get("PendingModifiedValues", {}) == {}


def test_the_former_name_is_free_and_the_new_one_taken(data, aws):
    data.create()
    first = data.instance()["DbiResourceId"]
    data.modify(NewDBInstanceIdentifier="sales", ApplyImmediately=True)
    for name in ("orders", "sales"):
        with refused("DBInstanceAlreadyExists"):
            data.create(name)
    aws.wait_out_pending()
    with refused("DBInstanceAlreadyExists"):
        data.create("sales")
    data.create()
    assert data.instance()["DbiResourceId"] != first
    with refused("DBInstanceAlreadyExists"):
        data.modify(NewDBInstanceIdentifier="SALES", ApplyImmediately=True)
    assert status(data) == "available"


@pytest.mark.parametrize("name", ["1st", "with--two", "ends-", "dotted.name", "n" * 64])
def test_a_new_name_is_a_name(data, name):
    data.create()
    with refused("InvalidParameterValue"):
        data.modify(NewDBInstanceIdentifier=name)
    data.cluster()
    with refused("InvalidParameterValue"):
        data.modify_cluster(NewDBClusterIdentifier=name)


def test_replicas_follow_the_name_of_their_source_and_it_theirs(data, aws):
    data.create()
    data.rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="orders", DBSubnetGroupName="db"
    )
    aws.wait_out_pending()
    data.modify(NewDBInstanceIdentifier="sales", ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance("copy")["ReadReplicaSourceDBInstanceIdentifier"] == "sales"
    data.rds.modify_db_instance(DBInstanceIdentifier="copy", NewDBInstanceIdentifier="second", ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance("sales")["ReadReplicaDBInstanceIdentifiers"] == ["second"]


def test_a_renamed_instance_is_deleted_by_its_new_name(data, aws):
    data.create()
    data.modify(NewDBInstanceIdentifier="sales", ApplyImmediately=True)
    aws.wait_out_pending()
    with refused("DBInstanceNotFound"):
        data.delete()
    data.delete("sales")
    aws.wait_out_pending()
    assert (data.rds.describe_db_instances()["DBInstances"], data.interfaces()) == ([], [])


def test_a_cluster_is_renaming_then_available_and_its_members_belong_to_it(data, aws):
    before = data.cluster(Tags=TAGS)
    data.member("books-1")
    data.member("books-2")
    changed = data.modify_cluster(NewDBClusterIdentifier="Library", ApplyImmediately=True)
    assert (changed["DBClusterIdentifier"], changed["Status"]) == ("books", "renaming")
    assert changed["PendingModifiedValues"] == {"DBClusterIdentifier": "library"}
    with refused("DBClusterAlreadyExistsFault"):
        data.cluster("library")
    aws.wait_out_pending()
    after = data.described("library")
    assert (after["Status"], after["DbClusterResourceId"]) == ("available", before["DbClusterResourceId"])
    assert after["DBClusterArn"] == before["DBClusterArn"].replace("books", "library")
    for endpoint in ("Endpoint", "ReaderEndpoint"):
        assert after[endpoint] == before[endpoint].replace("books", "library", 1)
    assert {member["DBInstanceIdentifier"] for member in after["DBClusterMembers"]} == {"books-1", "books-2"}
    assert data.instance("books-1")["DBClusterIdentifier"] == "library"
    assert data.rds.list_tags_for_resource(ResourceName=after["DBClusterArn"])["TagList"] == TAGS
    with refused("DBClusterNotFoundFault"):
        data.described()
    (event,) = data.rds.describe_events(SourceType="db-cluster", EventCategories=["notification"])["Events"]
    assert event["Message"] == "Renamed cluster from books to library"


def test_a_cluster_waits_for_its_window_to_be_renamed(data, aws):
    data.cluster()
    data.modify_cluster(NewDBClusterIdentifier="library")
    assert data.described()["PendingModifiedValues"] == {"DBClusterIdentifier": "library"}
    aws.post("/mended/rds/books/maintenance")
    assert data.described("library")["Status"] == "available"
    data.cluster()
    with refused("DBClusterAlreadyExistsFault"):
        data.modify_cluster(NewDBClusterIdentifier="library", ApplyImmediately=True)


def test_a_member_is_renamed(data, aws):
    data.cluster()
    data.member("books-1")
    data.rds.modify_db_instance(DBInstanceIdentifier="books-1", NewDBInstanceIdentifier="first", ApplyImmediately=True)
    aws.wait_out_pending()
    assert status(data, "first") == "rebooting"
    (member,) = data.described()["DBClusterMembers"]
    assert (member["DBInstanceIdentifier"], member["IsClusterWriter"]) == ("first", True)


def test_a_renamed_cluster_is_deleted_by_its_new_name(data, aws):
    data.cluster()
    data.modify_cluster(NewDBClusterIdentifier="library", ApplyImmediately=True)
    aws.wait_out_pending()
    data.rds.delete_db_cluster(DBClusterIdentifier="library", SkipFinalSnapshot=True)
    aws.wait_out_pending()
    assert data.rds.describe_db_clusters()["DBClusters"] == []


def test_each_instance_has_a_resource_id_of_its_own(data, aws):
    data.create()
    data.rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="orders", DBSubnetGroupName="db"
    )
    aws.wait_out_pending()
    data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now")
    aws.wait_out_pending()
    data.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="restored", DBSnapshotIdentifier="now", DBSubnetGroupName="db"
    )
    data.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="orders",
        TargetDBInstanceIdentifier="earlier",
        UseLatestRestorableTime=True,
        DBSubnetGroupName="db",
    )
    ids = {instance["DbiResourceId"] for instance in data.rds.describe_db_instances()["DBInstances"]}
    assert len(ids) == 4
    own = data.instance()["DbiResourceId"]
    (snapshot,) = data.rds.describe_db_snapshots()["DBSnapshots"]
    assert snapshot["DbiResourceId"] == own
    filters = [{"Name": "dbi-resource-id", "Values": [own]}]
    (found,) = data.rds.describe_db_instances(Filters=filters)["DBInstances"]
    assert found["DBInstanceIdentifier"] == "orders"


def test_each_cluster_has_a_resource_id_of_its_own(data, aws):
    data.cluster()
    data.rds.create_db_cluster_snapshot(DBClusterIdentifier="books", DBClusterSnapshotIdentifier="now")
    aws.wait_out_pending()
    wanted = {"Engine": "aurora-mysql", "DBSubnetGroupName": "db"}
    data.rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="restored", SnapshotIdentifier="now", **wanted)
    data.rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="earlier",
        SourceDBClusterIdentifier="books",
        UseLatestRestorableTime=True,
        DBSubnetGroupName="db",
    )
    ids = {cluster["DbClusterResourceId"] for cluster in data.rds.describe_db_clusters()["DBClusters"]}
    assert len(ids) == 3
    own = data.described()["DbClusterResourceId"]
    (snapshot,) = data.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert snapshot["DbClusterResourceId"] == own
    filters = [{"Name": "db-cluster-resource-id", "Values": [own]}]
    (found,) = data.rds.describe_db_clusters(Filters=filters)["DBClusters"]
    assert found["DBClusterIdentifier"] == "books"
