"""RDS: DescribeEvents, and what is told of what happens."""

import datetime
import urllib.error

import pytest

from conftest import refused


def events(data, **asked):
    return data.rds.describe_events(**asked)["Events"]


def told(data, name="orders", kind="db-instance", **asked):
    return [event["Message"] for event in events(data, SourceIdentifier=name, SourceType=kind, **asked)]


def minutes_ago(minutes):
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)


def test_an_instance_is_told_of_when_it_is_there_and_when_it_is_gone(data, aws):
    arn = data.create(settle=False)["DBInstanceArn"]
    assert events(data) == []
    aws.wait_out_pending()
    (event,) = events(data)
    assert (event["SourceIdentifier"], event["SourceType"], event["SourceArn"]) == ("orders", "db-instance", arn)
    assert (event["Message"], event["EventCategories"]) == ("DB instance created", ["creation"])
    assert minutes_ago(1) < event["Date"] < minutes_ago(-1)
    data.delete()
    assert told(data) == ["DB instance created"]
    aws.wait_out_pending()
    assert told(data, EventCategories=["deletion"]) == ["DB instance deleted"]


def test_a_clusters_life_is_told(data, aws):
    data.cluster()
    data.member("books-1")
    for call in (data.rds.stop_db_cluster, data.rds.start_db_cluster):
        call(DBClusterIdentifier="books")
        aws.wait_out_pending()
    data.delete("books-1")
    data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    aws.wait_out_pending()
    life = ["DB cluster created", "DB cluster stopped", "DB cluster started", "DB cluster deleted"]
    assert told(data, "books", "db-cluster") == life
    of_member = ["DB instance created", "DB instance shutdown", "DB instance stopped", "DB instance started"]
    assert told(data, "books-1") == [*of_member, "DB instance deleted"]


def test_a_stop_a_start_and_a_reboot_are_told(data, aws):
    data.create()
    for call in (data.rds.stop_db_instance, data.rds.start_db_instance, data.rds.reboot_db_instance):
        call(DBInstanceIdentifier="orders")
        aws.wait_out_pending()
    assert told(data, EventCategories=["notification"]) == ["DB instance stopped", "DB instance started"]
    availability = ["DB instance shutdown", "DB instance shutdown", "DB instance restarted"]
    assert told(data, EventCategories=["availability"]) == availability


def test_a_replica_is_told_of(data, aws):
    data.create()
    data.rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="orders", DBSubnetGroupName="db"
    )
    aws.wait_out_pending()
    assert told(data, "copy") == ["DB instance created"]


def test_changes_are_told_when_they_begin_and_when_they_are_finished(data, aws):
    data.create()
    change = {"DBInstanceClass": "db.t4g.small", "AllocatedStorage": 40, "MultiAZ": True}
    data.modify(**change, ApplyImmediately=True)
    begun = [
        "Applying modification to database instance class",
        "Applying modification to allocated storage",
        "Applying modification to convert to a Multi-AZ DB instance",
    ]
    assert told(data, EventCategories=["configuration change"]) == begun
    aws.wait_out_pending()
    finished = [
        "Finished applying modification to DB instance class",
        "Finished applying modification to allocated storage",
        "Finished applying modification to convert to a Multi-AZ DB instance",
    ]
    assert told(data, EventCategories=["configuration change"]) == [*begun, *finished]


def test_changes_that_wait_for_the_window_are_told_then(data, aws):
    data.create(EngineVersion="16.9")
    data.modify(EngineVersion="16.10", BackupRetentionPeriod=0)
    assert told(data) == ["DB instance created"]
    aws.post("/mended/rds/orders/maintenance")
    assert told(data, EventCategories=["configuration change"]) == ["Disabled automated backups"]
    upgrade = ["The engine version upgrade started", "The engine version upgrade finished"]
    assert told(data, EventCategories=["maintenance"]) == upgrade


def test_changes_at_once_are_told(data, aws):
    data.create(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    data.parameter_group()
    data.modify(MasterUserPassword="another-one", DBParameterGroupName="own")
    aws.wait_out_pending()
    data.modify(MonitoringInterval=5, MonitoringRoleArn="arn:aws:iam::123456789012:role/rds")
    changes = ["Updated to use DBParameterGroup own", "Reset master credentials", "Monitoring Interval changed to 5"]
    assert told(data, EventCategories=["configuration change"]) == changes


def test_a_clusters_upgrade_is_told(data, aws):
    data.cluster(EngineVersion="8.0.mysql_aurora.3.08.2")
    data.modify_cluster(EngineVersion="8.0.mysql_aurora.3.10.0", ApplyImmediately=True)
    aws.wait_out_pending()
    told_of = told(data, "books", "db-cluster", EventCategories=["maintenance"])
    assert told_of == ["Database cluster engine version has been upgraded"]


def test_a_clusters_failover_is_told(data, aws):
    data.cluster()
    data.member("books-1")
    data.member("books-2")
    aws.post("/mended/rds/books/failover")
    wanted = [
        "Started cross AZ failover to DB instance: books-2",
        "Completed failover to DB instance: books-2",
        "Started cross AZ failover to DB instance: books-1",
    ]
    data.rds.failover_db_cluster(DBClusterIdentifier="books")
    assert told(data, "books", "db-cluster", EventCategories=["failover"]) == wanted
    aws.wait_out_pending()
    wanted += ["Completed failover to DB instance: books-1"]
    assert told(data, "books", "db-cluster", EventCategories=["failover"]) == wanted


def test_an_instances_failover_is_told_and_changes_its_zone(data, aws):
    data.create(MultiAZ=True)
    before = data.instance()
    aws.post("/mended/rds/orders/failover")
    zones = ("AvailabilityZone", "SecondaryAvailabilityZone")
    assert [data.instance()[zone] for zone in zones] == [before[zone] for zone in reversed(zones)]
    data.rds.reboot_db_instance(DBInstanceIdentifier="orders", ForceFailover=True)
    aws.wait_out_pending()
    assert [data.instance()[zone] for zone in zones] == [before[zone] for zone in zones]
    failover = ["Multi-AZ instance failover started", "Multi-AZ instance failover completed"]
    assert told(data, EventCategories=["failover"]) == failover * 2
    data.create("single")
    with pytest.raises(urllib.error.HTTPError):
        aws.post("/mended/rds/single/failover")


def test_snapshots_are_told_of(data, aws):
    data.create()
    data.cluster()
    data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now")
    data.rds.create_db_cluster_snapshot(DBClusterIdentifier="books", DBClusterSnapshotIdentifier="now")
    aws.wait_out_pending()
    data.rds.delete_db_snapshot(DBSnapshotIdentifier="now")
    life = ["Creating manual snapshot", "Manual snapshot created", "Deleted user snapshot"]
    assert told(data, "now", "db-snapshot") == life
    of_cluster = ["Creating manual cluster snapshot", "Manual cluster snapshot created"]
    assert told(data, "now", "db-cluster-snapshot") == of_cluster
    assert told(data, EventCategories=["backup"]) == ["Backing up DB instance", "Finished DB Instance backup"]


def test_a_test_tells_anything(data, aws):
    data.create()
    data.cluster()
    low = "The free storage capacity for DB instance: orders is low at 9% of the provisioned storage"
    aws.post("/mended/rds/orders/event", message=low, categories=["low storage"])
    aws.post("/mended/rds/books/event", message="Something else")
    (event,) = events(data, EventCategories=["low storage", "failure"])
    assert (event["Message"], event["SourceIdentifier"]) == (low, "orders")
    assert told(data, "books", "db-cluster")[-1] == "Something else"
    with pytest.raises(urllib.error.HTTPError):
        aws.post("/mended/rds/gone/event", message="Something")


def test_events_of_the_last_hour_are_told_unless_asked_otherwise(data, aws):
    data.create()
    for minutes in (30, 90, 3000, 21000):
        aws.post("/mended/rds/orders/event", message=f"{minutes} ago", minutes_ago=minutes)
    assert told(data) == ["30 ago", "DB instance created"]
    assert told(data, Duration=100) == ["90 ago", "30 ago", "DB instance created"]
    assert told(data, Duration=20) == ["DB instance created"]
    assert told(data, StartTime=minutes_ago(4000), EndTime=minutes_ago(20)) == ["3000 ago", "90 ago", "30 ago"]
    assert told(data, EndTime=minutes_ago(40)) == ["90 ago"]
    assert told(data, StartTime=minutes_ago(100)) == ["90 ago", "30 ago", "DB instance created"]
    assert told(data, Duration=30000)[0] == "3000 ago"


@pytest.mark.parametrize(
    "asked,code",
    [
        ({"SourceIdentifier": "orders"}, "InvalidParameterCombination"),
        ({"SourceType": "db-thing"}, "InvalidParameterValue"),
        ({"MaxRecords": 19}, "InvalidParameterValue"),
        ({"StartTime": minutes_ago(1), "EndTime": minutes_ago(2)}, "InvalidParameterCombination"),
    ],
)
def test_questions_that_make_no_sense_are_refused(data, asked, code):
    with refused(code):
        events(data, **asked)


def test_events_have_pages_in_order_of_time(data, aws):
    data.create()
    for minutes in range(1, 22):
        aws.post("/mended/rds/orders/event", message=str(minutes), minutes_ago=minutes)
    pages = list(data.rds.get_paginator("describe_events").paginate(PaginationConfig={"PageSize": 20}))
    assert [len(page["Events"]) for page in pages] == [20, 2]
    dates = [event["Date"] for page in pages for event in page["Events"]]
    assert dates == sorted(dates)
    assert told(data, "ORDERS")[:2] == ["21", "20"]
