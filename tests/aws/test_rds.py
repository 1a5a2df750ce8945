"""RDS: instances, clusters, subnet groups, engines."""

import json

import pytest

from conftest import refused


def test_an_instance_is_creating_without_an_endpoint_then_available_with_one(data, aws):
    made = data.create(settle=False)
    assert (made["DBInstanceStatus"], "Endpoint" in made) == ("creating", False)
    aws.wait_out_pending()
    assert data.instance()["DBInstanceStatus"] == "available"
    assert data.instance()["Endpoint"]["Port"] == 5432


def test_a_major_version_becomes_its_newest_minor(data):
    made = data.create()
    assert made["EngineVersion"] == "16.10"
    assert made["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"EngineVersion": "99"}, "InvalidParameterCombination"),
        ({"DBInstanceClass": "db.none"}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "gone"}, "DBSubnetGroupNotFoundFault"),
        ({"VpcSecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidParameterValue"),
        ({"DBParameterGroupName": "gone"}, "DBParameterGroupNotFound"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(data, changes, code):
    with refused(code):
        data.create(**changes)
    assert data.rds.describe_db_instances()["DBInstances"] == []


def test_a_name_is_taken_once_whatever_its_case(data):
    data.create()
    with refused("DBInstanceAlreadyExists"):
        data.create("Orders")


def test_the_master_users_secret_has_her_name(data, aws):
    data.create()
    secret = data.instance()["MasterUserSecret"]
    value = json.loads(aws.secretsmanager.get_secret_value(SecretId=secret["SecretArn"])["SecretString"])
    assert value["username"] == "app"
    assert len(value["password"]) > 20


def test_an_instances_interface_holds_its_subnet_and_groups_until_it_is_deleted(data, aws):
    data.create()
    (interface,) = data.interfaces()
    assert [g["GroupId"] for g in interface["Groups"]] == [data.group]
    data.delete()
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=data.group)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=interface["SubnetId"])
    aws.wait_out_pending()
    aws.ec2.delete_security_group(GroupId=data.group)
    aws.ec2.delete_subnet(SubnetId=interface["SubnetId"])


def test_a_multi_az_instance_has_a_standby_in_another_zone(data):
    data.create(MultiAZ=True)
    shown = data.instance()
    assert {shown["AvailabilityZone"], shown["SecondaryAvailabilityZone"]} == {"us-east-1a", "us-east-1b"}
    assert {i["SubnetId"] for i in data.interfaces()} == {data.network.subnet, data.network.other_subnet}


def test_a_deferred_change_waits_for_the_window(data, aws):
    data.create()
    data.modify(DBInstanceClass="db.t4g.small", AllocatedStorage=40)
    shown = data.instance()
    assert shown["PendingModifiedValues"] == {"DBInstanceClass": "db.t4g.small", "AllocatedStorage": 40}
    assert (shown["DBInstanceClass"], shown["DBInstanceStatus"]) == ("db.t4g.micro", "available")
    aws.post("/mended/rds/orders/maintenance")
    shown = data.instance()
    assert (shown["DBInstanceClass"], shown["AllocatedStorage"]) == ("db.t4g.small", 40)
    assert shown.get("PendingModifiedValues", {}) == {}


def test_an_immediate_change_is_modifying_then_applied(data, aws):
    data.create()
    data.modify(DBInstanceClass="db.t4g.small", ApplyImmediately=True)
    shown = data.instance()
    assert (shown["DBInstanceClass"], shown["DBInstanceStatus"]) == ("db.t4g.micro", "modifying")
    with refused("InvalidDBInstanceState"):
        data.modify(AllocatedStorage=40)
    aws.wait_out_pending()
    shown = data.instance()
    assert (shown["DBInstanceClass"], shown["DBInstanceStatus"]) == ("db.t4g.small", "available")


def test_a_change_that_changes_nothing_is_not_pending(data):
    data.create()
    data.modify(DBInstanceClass="db.t4g.micro", ApplyImmediately=True)
    assert data.instance()["DBInstanceStatus"] == "available"


def test_protection_and_groups_change_at_once(data):
    data.create()
    other = data.network.group("other")
    data.modify(DeletionProtection=True, VpcSecurityGroupIds=[other])
    assert data.instance()["DeletionProtection"] is True
    assert [g["GroupId"] for g in data.interfaces()[0]["Groups"]] == [other]


@pytest.mark.parametrize(
    "change", [{"AllocatedStorage": 19}, {"EngineVersion": "15"}, {"EngineVersion": "17", "ApplyImmediately": True}]
)
def test_a_change_that_cannot_be_is_refused(data, change):
    data.create()
    with refused("InvalidParameterCombination"):
        data.modify(**change)


def test_a_major_upgrade_is_done_when_allowed(data, aws):
    data.create()
    data.modify(EngineVersion="17", AllowMajorVersionUpgrade=True, ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance()["EngineVersion"] == "17.6"


def test_a_protected_instance_is_not_deleted(data):
    data.create(DeletionProtection=True)
    with refused("InvalidParameterCombination", "protected"):
        data.delete()


@pytest.mark.parametrize(
    "parameters", [{"SkipFinalSnapshot": False}, {"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}]
)
def test_a_deletion_says_once_what_becomes_of_the_data(data, parameters):
    data.create()
    with refused("InvalidParameterCombination", "FinalDBSnapshotIdentifier"):
        data.delete(**parameters)


def test_a_deleted_instance_leaves_its_final_snapshot(data, aws):
    data.create()
    data.delete(FinalDBSnapshotIdentifier="last")
    assert data.instance()["DBInstanceStatus"] == "deleting"
    with refused("InvalidDBInstanceState"):
        data.delete()
    with refused("DBInstanceAlreadyExists"):
        data.create()
    (snapshot,) = data.rds.describe_db_snapshots()["DBSnapshots"]
    assert (snapshot["DBSnapshotIdentifier"], snapshot["Status"]) == ("last", "creating")
    aws.wait_out_pending()
    assert data.rds.describe_db_snapshots()["DBSnapshots"][0]["Status"] == "available"
    with refused("DBInstanceNotFound"):
        data.instance()


def test_a_final_snapshots_name_is_taken_once(data, aws):
    data.create()
    data.delete(FinalDBSnapshotIdentifier="last")
    aws.wait_out_pending()
    data.create()
    with refused("DBSnapshotAlreadyExists"):
        data.delete(FinalDBSnapshotIdentifier="last")
    assert data.instance()["DBInstanceStatus"] == "available"


def test_a_deleted_instances_secret_is_gone(data, aws):
    data.create()
    arn = data.instance()["MasterUserSecret"]["SecretArn"]
    data.delete()
    aws.wait_out_pending()
    with refused("ResourceNotFoundException"):
        aws.secretsmanager.get_secret_value(SecretId=arn)


def test_a_restored_instance_is_not_protected(data, aws):
    data.create(DeletionProtection=True)
    data.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="now")
    aws.wait_out_pending()
    data.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="copy",
        DBSnapshotIdentifier="now",
        DBSubnetGroupName="db",
        VpcSecurityGroupIds=[data.group],
    )
    assert data.instance("copy")["DBInstanceStatus"] == "creating"
    aws.wait_out_pending()
    assert data.instance("copy")["DeletionProtection"] is False
    data.delete("copy")


def test_a_replica_is_promoted_and_deleted(data, aws):
    data.create(DeletionProtection=True)
    data.rds.create_db_instance_read_replica(DBInstanceIdentifier="reader", SourceDBInstanceIdentifier="orders")
    aws.wait_out_pending()
    assert data.instance("reader")["ReadReplicaSourceDBInstanceIdentifier"] == "orders"
    assert data.instance()["ReadReplicaDBInstanceIdentifiers"] == ["reader"]
    data.rds.promote_read_replica(DBInstanceIdentifier="reader")
    aws.wait_out_pending()
    assert "ReadReplicaSourceDBInstanceIdentifier" not in data.instance("reader")
    assert data.instance()["ReadReplicaDBInstanceIdentifiers"] == []
    data.delete("reader")
    aws.wait_out_pending()
    assert [i["DBInstanceIdentifier"] for i in data.rds.describe_db_instances()["DBInstances"]] == ["orders"]


def test_a_subnet_group_of_one_zone_is_refused(data):
    with refused("DBSubnetGroupDoesNotCoverEnoughAZs"):
        data.subnet_group("narrow", SubnetIds=[data.network.subnet])


def test_a_subnet_group_of_an_unknown_subnet_is_refused(data):
    with refused("InvalidSubnet"):
        data.subnet_group("gone", SubnetIds=[data.network.subnet, "subnet-0123456789abcdef0"])


def test_a_subnet_groups_name_is_taken_once(data):
    with refused("DBSubnetGroupAlreadyExists"):
        data.subnet_group()


def test_a_modified_subnet_group_stays(data, aws):
    third = aws.ec2.create_subnet(VpcId=data.network.vpc, CidrBlock="10.0.8.0/24", AvailabilityZone="us-east-1c")
    ids = [data.network.subnet, data.network.other_subnet, third["Subnet"]["SubnetId"]]
    data.rds.modify_db_subnet_group(DBSubnetGroupName="db", SubnetIds=ids)
    (shown,) = data.rds.describe_db_subnet_groups(DBSubnetGroupName="db")["DBSubnetGroups"]
    assert [subnet["SubnetIdentifier"] for subnet in shown["Subnets"]] == ids


def test_a_subnet_in_use_stays_in_its_group(data, aws):
    data.create()
    used = data.interfaces()[0]["SubnetId"]
    third = aws.ec2.create_subnet(VpcId=data.network.vpc, CidrBlock="10.0.8.0/24", AvailabilityZone="us-east-1c")
    ids = {data.network.subnet, data.network.other_subnet, third["Subnet"]["SubnetId"]} - {used}
    with refused("SubnetAlreadyInUse"):
        data.rds.modify_db_subnet_group(DBSubnetGroupName="db", SubnetIds=sorted(ids))


def test_a_subnet_group_in_use_stays(data, aws):
    data.create()
    with refused("InvalidDBSubnetGroupStateFault"):
        data.rds.delete_db_subnet_group(DBSubnetGroupName="db")
    data.delete()
    aws.wait_out_pending()
    data.rds.delete_db_subnet_group(DBSubnetGroupName="db")


def test_subnet_groups_have_pages(data):
    data.subnet_group("other")
    pages = data.rds.get_paginator("describe_db_subnet_groups").paginate(PaginationConfig={"PageSize": 20})
    assert [g["DBSubnetGroupName"] for page in pages for g in page["DBSubnetGroups"]] == ["db", "other"]
    for number in range(20):
        data.subnet_group(f"more-{number}")
    first = data.rds.describe_db_subnet_groups(MaxRecords=20)
    second = data.rds.describe_db_subnet_groups(MaxRecords=20, Marker=first["Marker"])
    assert (len(first["DBSubnetGroups"]), len(second["DBSubnetGroups"])) == (20, 2)


def test_an_unknown_parameter_group_is_named(data):
    with refused("DBParameterGroupNotFound"):
        data.rds.describe_db_parameter_groups(DBParameterGroupName="gone")


def test_a_parameter_group_in_use_stays(data):
    wanted = {"DBParameterGroupName": "own", "DBParameterGroupFamily": "postgres16", "Description": "own"}
    data.rds.create_db_parameter_group(**wanted)
    data.create(DBParameterGroupName="own")
    with refused("InvalidDBParameterGroupState"):
        data.rds.delete_db_parameter_group(DBParameterGroupName="own")


def test_engine_versions_tell_family_and_upgrades(data):
    (shown,) = data.rds.describe_db_engine_versions(Engine="postgres", EngineVersion="16.9")["DBEngineVersions"]
    assert shown["DBParameterGroupFamily"] == "postgres16"
    targets = {target["EngineVersion"]: target["IsMajorVersionUpgrade"] for target in shown["ValidUpgradeTarget"]}
    assert targets["16.10"] is False and targets["17.6"] is True and "16.8" not in targets


def test_classes_can_be_ordered(data):
    found = data.rds.describe_orderable_db_instance_options(Engine="aurora-mysql", DBInstanceClass="db.t4g.medium")
    assert {option["EngineVersion"] for option in found["OrderableDBInstanceOptions"]} == {
        "8.0.mysql_aurora.3.08.2",
        "8.0.mysql_aurora.3.10.0",
    }
