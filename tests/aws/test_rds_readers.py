"""RDS: readers that Application Auto Scaling makes and removes."""

import urllib.error

import pytest
from test_rds_reader_scaling import Scaling

from conftest import refused

SUSPENDED = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True}


@pytest.fixture
def scaling(data, aws):
    """Application Auto Scaling, beside a cluster that has a writer and a reader."""
    data.cluster(Tags=[{"Key": "a", "Value": "b"}])
    data.parameter_group(family="aurora-mysql8.0")
    wanted = {"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"}
    wanted |= {"DBParameterGroupName": "own", "DBInstanceClass": "db.r6g.large", "EnablePerformanceInsights": True}
    data.member("books-1", **wanted, Tags=[{"Key": "a", "Value": "b"}])
    data.member("books-2")
    return Scaling(aws)


def members(data):
    return [member["DBInstanceIdentifier"] for member in data.described()["DBClusterMembers"]]


def made(data):
    """The readers that nobody but AWS has made, as they are described."""
    found = data.rds.describe_db_instances()["DBInstances"]
    return [i for i in found if i["DBInstanceIdentifier"].startswith("application-autoscaling-")]


def statuses(data):
    return [instance["DBInstanceStatus"] for instance in made(data)]


def test_missing_readers_are_made_when_a_cluster_is_registered(scaling, data, aws):
    scaling.register(MinCapacity=3, MaxCapacity=4)
    assert statuses(data) == ["creating", "creating"]
    aws.wait_out_pending()
    assert statuses(data) == ["available", "available"]
    assert len(members(data)) == 4


def test_our_own_readers_count(scaling, data):
    scaling.register(MinCapacity=1, MaxCapacity=4)
    assert members(data) == ["books-1", "books-2"]


def test_a_raised_minimum_makes_readers(scaling, data):
    scaling.register(MinCapacity=1, MaxCapacity=4)
    scaling.register(MinCapacity=2)
    assert len(members(data)) == 3


def test_a_made_reader_is_as_the_writer_is_but_for_its_tags(scaling, data):
    scaling.register(MinCapacity=2, MaxCapacity=2)
    (reader,) = made(data)
    writer = data.instance("books-1")
    for key in ("DBInstanceClass", "Engine", "EngineVersion", "MonitoringInterval", "MonitoringRoleArn"):
        assert reader[key] == writer[key]
    (group,) = reader["DBParameterGroups"]
    assert (group["DBParameterGroupName"], reader["PromotionTier"]) == ("own", 15)
    assert reader["TagList"] == [{"Key": "application-autoscaling:resourceId", "Value": "cluster:books"}]
    assert (writer["PerformanceInsightsEnabled"], reader["PerformanceInsightsEnabled"]) == (True, False)
    assert reader["DBClusterIdentifier"] == "books"


def test_nothing_is_made_while_the_cluster_is_not_available(scaling, data, aws):
    data.modify_cluster(BackupRetentionPeriod=9)
    scaling.register(MinCapacity=2, MaxCapacity=2)
    assert made(data) == []
    aws.wait_out_pending()
    assert statuses(data) == ["creating"]


def test_a_cluster_without_a_writer_is_not_scaled(data, aws):
    data.cluster()
    Scaling(aws).register(MinCapacity=1, MaxCapacity=1)
    assert members(data) == []


def test_a_deleted_reader_comes_back_until_the_target_is_deregistered(scaling, data, aws):
    scaling.register(MinCapacity=1, MaxCapacity=1)
    data.delete("books-2")
    (reader,) = made(data)
    aws.wait_out_pending()
    scaling.deregister()
    data.delete(reader["DBInstanceIdentifier"])
    aws.wait_out_pending()
    assert members(data) == ["books-1"]


def test_made_readers_outlive_their_target_and_keep_the_cluster(scaling, data, aws):
    scaling.register(MinCapacity=2, MaxCapacity=2)
    (reader,) = made(data)
    aws.wait_out_pending()
    scaling.deregister()
    for name in ("books-1", "books-2"):
        data.delete(name)
    aws.wait_out_pending()
    assert members(data) == [reader["DBInstanceIdentifier"]]
    with refused("InvalidDBClusterStateFault"):
        data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    data.delete(reader["DBInstanceIdentifier"])
    data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)


def test_a_policy_makes_and_removes_readers(scaling, data, aws):
    scaling.register(MinCapacity=0, MaxCapacity=5)
    scaling.put()
    names = aws.post("/mended/rds/books/readers", count=2)["readers"]
    assert [reader["DBInstanceIdentifier"] for reader in made(data)] == names
    aws.wait_out_pending()
    assert aws.post("/mended/rds/books/readers", count=1)["readers"] == names[:1]
    assert statuses(data) == ["available", "deleting"]
    aws.wait_out_pending()
    assert members(data) == ["books-1", "books-2", *names[:1]]


def test_a_policy_stays_within_the_capacity(scaling, data, aws):
    scaling.register(MinCapacity=2, MaxCapacity=3)
    assert len(aws.post("/mended/rds/books/readers", count=9)["readers"]) == 2
    aws.wait_out_pending()
    assert len(aws.post("/mended/rds/books/readers", count=0)["readers"]) == 1


def test_only_made_readers_are_removed(scaling, data, aws):
    scaling.register(MinCapacity=0, MaxCapacity=3)
    aws.post("/mended/rds/books/readers", count=2)
    aws.wait_out_pending()
    scaling.register(MaxCapacity=0)
    assert statuses(data) == ["deleting", "deleting"]
    aws.wait_out_pending()
    assert members(data) == ["books-1", "books-2"]


def test_a_made_reader_that_became_the_writer_is_not_removed(scaling, data, aws):
    scaling.register(MinCapacity=0, MaxCapacity=3)
    (name,) = aws.post("/mended/rds/books/readers", count=1)["readers"]
    aws.wait_out_pending()
    data.rds.failover_db_cluster(DBClusterIdentifier="books", TargetDBInstanceIdentifier=name)
    aws.wait_out_pending()
    assert aws.post("/mended/rds/books/readers", count=0)["readers"] == []
    assert name in members(data)


def test_suspended_scaling_makes_and_removes_nothing(scaling, data, aws):
    scaling.register(MinCapacity=0, MaxCapacity=3)
    aws.post("/mended/rds/books/readers", count=1)
    aws.wait_out_pending()
    scaling.register(SuspendedState=SUSPENDED)
    for count in (0, 2):
        assert len(aws.post("/mended/rds/books/readers", count=count)["readers"]) == 1
    scaling.register(SuspendedState=dict.fromkeys(SUSPENDED, False))
    assert len(aws.post("/mended/rds/books/readers", count=2)["readers"]) == 2


def test_a_policy_that_does_not_scale_in_removes_nothing(scaling, data, aws):
    scaling.register(MinCapacity=0, MaxCapacity=3)
    scaling.put(DisableScaleIn=True)
    for count in (1, 0):
        assert len(aws.post("/mended/rds/books/readers", count=count)["readers"]) == 1


def test_only_an_available_scalable_target_is_scaled(scaling, data, aws):
    for name, status in (("gone", 404), ("books-1", 404), ("books", 409)):
        with pytest.raises(urllib.error.HTTPError) as raised:
            aws.post(f"/mended/rds/{name}/readers", count=1)
        assert raised.value.code == status
    scaling.register(MinCapacity=0, MaxCapacity=3)
    data.modify_cluster(BackupRetentionPeriod=9)
    with pytest.raises(urllib.error.HTTPError) as raised:
        aws.post("/mended/rds/books/readers", count=1)
    assert raised.value.code == 409
