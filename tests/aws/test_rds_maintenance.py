"""RDS: pending maintenance, tags by ARN, pages, names."""

import pytest

from conftest import refused

TAGS = [{"Key": "a", "Value": "b"}]


def pending(data, **asked):
    return data.rds.describe_pending_maintenance_actions(**asked)["PendingMaintenanceActions"]


def test_maintenance_is_pending_until_the_window(data, aws):
    arn = data.create()["DBInstanceArn"]
    data.cluster()
    assert pending(data) == []
    aws.post("/mended/rds/orders/pending-maintenance", action="system-update", description="New kernel")
    aws.post("/mended/rds/books/pending-maintenance")
    assert {item["ResourceIdentifier"] for item in pending(data)} == {arn, data.described()["DBClusterArn"]}
    (found,) = pending(data, ResourceIdentifier=arn)
    assert found["PendingMaintenanceActionDetails"] == [{"Action": "system-update", "Description": "New kernel"}]
    (found,) = pending(data, Filters=[{"Name": "db-cluster-id", "Values": ["books"]}])
    assert found["ResourceIdentifier"] == data.described()["DBClusterArn"]
    aws.post("/mended/rds/orders/maintenance")
    aws.post("/mended/rds/books/pending-maintenance", action=None)
    assert pending(data) == []


def test_pending_maintenance_has_pages(data, aws):
    for number in range(21):
        data.create(f"i-{number}", settle=False)
        aws.post(f"/mended/rds/i-{number}/pending-maintenance")
    pages = data.rds.get_paginator("describe_pending_maintenance_actions").paginate(PaginationConfig={"PageSize": 20})
    assert [len(page["PendingMaintenanceActions"]) for page in pages] == [20, 1]


def test_instances_and_clusters_have_pages(data):
    for number in range(21):
        data.create(f"i-{number}", settle=False)
        data.cluster(f"c-{number}", settle=False)
    for operation, key in (("describe_db_instances", "DBInstances"), ("describe_db_clusters", "DBClusters")):
        pages = data.rds.get_paginator(operation).paginate(PaginationConfig={"PageSize": 20})
        assert [len(page[key]) for page in pages] == [20, 1]
        with refused("InvalidParameterValue", "MaxRecords"):
            getattr(data.rds, operation)(MaxRecords=19)


def arns(data, aws):
    """One of each kind that is tagged."""
    yield data.create(Tags=TAGS)["DBInstanceArn"]
    yield data.cluster(Tags=TAGS)["DBClusterArn"]
    made = data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now", Tags=TAGS)
    yield made["DBSnapshot"]["DBSnapshotArn"]
    wanted = {"DBClusterIdentifier": "books", "DBClusterSnapshotIdentifier": "now", "Tags": TAGS}
    yield data.rds.create_db_cluster_snapshot(**wanted)["DBClusterSnapshot"]["DBClusterSnapshotArn"]
    data.subnet_group("tagged", Tags=TAGS)
    found = data.rds.describe_db_subnet_groups(DBSubnetGroupName="tagged")["DBSubnetGroups"]
    yield found[0]["DBSubnetGroupArn"]
    yield data.parameter_group(Tags=TAGS)["DBParameterGroupArn"]
    yield data.cluster_parameter_group(Tags=TAGS)["DBClusterParameterGroupArn"]


def test_everything_is_tagged_by_its_arn(data, aws):
    for arn in arns(data, aws):
        assert data.rds.list_tags_for_resource(ResourceName=arn)["TagList"] == TAGS
        data.rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
        data.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
        assert data.rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "c", "Value": "d"}]


@pytest.mark.parametrize(
    "kind,code",
    [
        ("db", "DBInstanceNotFound"),
        ("cluster", "DBClusterNotFoundFault"),
        ("snapshot", "DBSnapshotNotFound"),
        ("subgrp", "DBSubnetGroupNotFoundFault"),
        ("cluster-pg", "DBParameterGroupNotFound"),
    ],
)
def test_what_is_not_there_is_not_tagged(data, kind, code):
    arn = f"arn:aws:rds:us-east-1:123456789012:{kind}:gone"
    with refused(code):
        data.rds.list_tags_for_resource(ResourceName=arn)
    with refused(code):
        data.rds.add_tags_to_resource(ResourceName=arn, Tags=TAGS)


def test_names_are_kept_in_lower_case(data, aws):
    data.parameter_group("Own")
    data.create("Orders", DBParameterGroupName="OWN", DBSubnetGroupName="DB")
    assert data.instance("ORDERS")["DBInstanceIdentifier"] == "orders"
    data.delete("OrderS", FinalDBSnapshotIdentifier="Last")
    aws.wait_out_pending()
    wanted = {"DBInstanceIdentifier": "Copy", "DBSnapshotIdentifier": "LAST", "DBSubnetGroupName": "Db"}
    made = data.rds.restore_db_instance_from_db_snapshot(**wanted, VpcSecurityGroupIds=[data.group])["DBInstance"]
    assert made["DBInstanceIdentifier"] == "copy"
    data.rds.delete_db_snapshot(DBSnapshotIdentifier="LAST")


def test_a_subnet_group_shows_its_description(data):
    data.subnet_group("other", DBSubnetGroupDescription="/hastack.dev/a")
    ids = [data.network.other_subnet, data.network.subnet]
    (shown,) = data.rds.describe_db_subnet_groups(DBSubnetGroupName="other")["DBSubnetGroups"]
    assert shown["DBSubnetGroupDescription"] == "/hastack.dev/a"
    change = data.rds.modify_db_subnet_group
    change(DBSubnetGroupName="other", SubnetIds=ids)
    made = change(DBSubnetGroupName="other", SubnetIds=ids, DBSubnetGroupDescription="new")["DBSubnetGroup"]
    assert (made["DBSubnetGroupDescription"], made["VpcId"]) == ("new", data.network.vpc)
