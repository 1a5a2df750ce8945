"""RDS: blue/green deployments are made, shown, switched over and deleted."""

import re
import urllib.error

import pytest

from conftest import refused

TAGS = [{"Key": "a", "Value": "b"}]


def test_a_deployment_is_provisioning_then_available(colours, data, aws):
    source = colours.instance()
    wanted = {"BlueGreenDeploymentName": "upgrade", "Source": source, "Tags": TAGS}
    made = colours.rds.create_blue_green_deployment(**wanted)["BlueGreenDeployment"]
    assert re.fullmatch(r"bgd-[a-z0-9]{16}", made["BlueGreenDeploymentIdentifier"])
    assert (made["Status"], made["TagList"], made["Source"]) == ("PROVISIONING", TAGS, source)
    assert made["SwitchoverDetails"] == [{"SourceMember": source}]
    assert "Target" not in made and "DeleteTime" not in made
    assert {task["Status"] for task in made["Tasks"]} == {"PENDING"}
    shown = colours.shown(made["BlueGreenDeploymentIdentifier"].upper())
    assert re.fullmatch(source + "-green-[a-z0-9]{6}", shown["Target"])
    assert [(t["Name"], t["Status"]) for t in shown["Tasks"]] == [
        ("CREATING_READ_REPLICA_OF_SOURCE", "IN_PROGRESS"),
        ("CONFIGURE_BACKUPS", "PENDING"),
    ]
    aws.wait_out_pending()
    shown = colours.shown(made["BlueGreenDeploymentIdentifier"])
    details = {"SourceMember": source, "TargetMember": shown["Target"], "Status": "AVAILABLE"}
    assert (shown["Status"], shown["SwitchoverDetails"]) == ("AVAILABLE", [details])
    assert {task["Status"] for task in shown["Tasks"]} == {"COMPLETED"}
    assert data.instance(shown["Target"].split(":")[-1])["DBInstanceStatus"] == "available"
    assert colours.told()[0].startswith("Blue/green deployment tasks completed.")


def test_green_is_like_blue_and_its_replica(colours, data, aws):
    role = "arn:aws:iam::123456789012:role/rds"
    colours.instance(
        AllocatedStorage=400,
        MaxAllocatedStorage=1000,
        Iops=14000,
        StorageThroughput=700,
        StorageEncrypted=True,
        MultiAZ=True,
        BackupRetentionPeriod=9,
        DeletionProtection=True,
        EnableIAMDatabaseAuthentication=True,
        EnablePerformanceInsights=True,
        EnableCloudwatchLogsExports=["postgresql"],
        CopyTagsToSnapshot=True,
        MonitoringInterval=30,
        MonitoringRoleArn=role,
        Tags=TAGS,
    )
    blue = data.instance()
    green = data.instance(colours.green(colours.make(blue["DBInstanceArn"])))
    own = {"DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "Endpoint", "InstanceCreateTime"}
    own |= {"LatestRestorableTime", "ReadReplicaDBInstanceIdentifiers", "ReadReplicaSourceDBInstanceIdentifier"}
    assert {k: v for k, v in green.items() if k not in own} == {k: v for k, v in blue.items() if k not in own}
    assert green["DbiResourceId"] != blue["DbiResourceId"]
    assert green["ReadReplicaSourceDBInstanceIdentifier"] == "orders"
    assert data.instance()["ReadReplicaDBInstanceIdentifiers"] == [green["DBInstanceIdentifier"]]


def test_green_has_what_it_is_asked_for(colours, data):
    data.parameter_group("own", "mysql8.4")
    source = colours.instance(Engine="mysql", EngineVersion="8.0")
    colours.replica("copy")
    identifier = colours.make(
        source,
        TargetEngineVersion="8.4",
        TargetDBParameterGroupName="own",
        TargetDBInstanceClass="db.r6g.large",
        TargetAllocatedStorage=100,
    )
    primary, replica = (data.instance(colours.green(identifier, number)) for number in (0, 1))
    for green in (primary, replica):
        assert (green["EngineVersion"], green["AllocatedStorage"]) == ("8.4.6", 100)
        assert green["DBParameterGroups"][0]["DBParameterGroupName"] == "own"
    assert (primary["DBInstanceClass"], replica["DBInstanceClass"]) == ("db.r6g.large", "db.t4g.micro")
    assert data.instance()["EngineVersion"].startswith("8.0.")
    assert [task["Name"] for task in colours.shown(identifier)["Tasks"]] == [
        "CREATING_READ_REPLICA_OF_SOURCE",
        "DB_ENGINE_VERSION_UPGRADE",
        "CONFIGURE_BACKUPS",
        "CREATING_TOPOLOGY_OF_SOURCE",
    ]


def test_green_takes_name_and_endpoint_and_blue_is_old(colours, data, aws):
    source = colours.instance(Tags=TAGS)
    colours.replica("copy")
    before = {name: data.instance(name) for name in ("orders", "copy")}
    identifier = colours.make(source)
    greens = [data.instance(colours.green(identifier, number))["DbiResourceId"] for number in (0, 1)]
    data.rds.add_tags_to_resource(ResourceName=colours.shown(identifier)["Target"], Tags=[{"Key": "c", "Value": "d"}])
    assert colours.switch(identifier, settle=False)["Status"] == "SWITCHOVER_IN_PROGRESS"
    for attempt in (data.modify, data.delete):
        with refused("InvalidDBInstanceState"):
            attempt()
    with refused("InvalidBlueGreenDeploymentStateFault"):
        colours.delete(identifier)
    aws.wait_out_pending()
    shown = colours.shown(identifier)
    assert (shown["Status"], shown["Source"], shown["Target"]) == ("SWITCHOVER_COMPLETED", source + "-old1", source)
    blues = [detail["SourceMember"].split(":")[-1] for detail in shown["SwitchoverDetails"]]
    assert (blues, colours.green(identifier, 1)) == (["orders-old1", "copy-old1"], "copy")
    assert colours.names() == ["copy", "copy-old1", "orders", "orders-old1"]
    for name, resource in zip(("orders", "copy"), greens, strict=True):
        after, old = data.instance(name), data.instance(f"{name}-old1")
        assert (after["DbiResourceId"], old["DbiResourceId"]) == (resource, before[name]["DbiResourceId"])
        assert (after["Endpoint"], after["DBInstanceArn"]) == (before[name]["Endpoint"], before[name]["DBInstanceArn"])
        assert after["DBInstanceStatus"] == old["DBInstanceStatus"] == "available"
    assert data.instance()["TagList"] == data.instance("orders-old1")["TagList"] == TAGS
    assert "ReadReplicaSourceDBInstanceIdentifier" not in data.instance()
    for suffix in ("", "-old1"):
        assert data.instance(f"orders{suffix}")["ReadReplicaDBInstanceIdentifiers"] == [f"copy{suffix}"]
        assert data.instance(f"copy{suffix}")["ReadReplicaSourceDBInstanceIdentifier"] == f"orders{suffix}"
    assert "Switchover completed on blue/green deployment" in colours.told()


def test_the_next_old_one_has_the_next_number(colours, data, aws):
    source = colours.instance()
    for number in (1, 2):
        identifier = colours.make(source)
        colours.switch(identifier)
        assert colours.shown(identifier)["Source"] == f"{source}-old{number}"
        colours.delete(identifier)
        aws.wait_out_pending()
    assert colours.names() == ["orders", "orders-old1", "orders-old2"]


def test_a_cluster_is_copied_with_its_members_and_switched_over(colours, data, aws):
    source = colours.cluster("books-1", "books-2", Tags=TAGS)
    data.rds.failover_db_cluster(DBClusterIdentifier="books")
    aws.wait_out_pending()
    before = data.described()
    identifier = colours.make(source, TargetEngineVersion="8.0.mysql_aurora.3.10.0")
    shown = colours.shown(identifier)
    assert [task["Name"] for task in shown["Tasks"]] == [
        "CREATING_READ_REPLICA_OF_SOURCE",
        "DB_ENGINE_VERSION_UPGRADE",
        "CREATE_DB_INSTANCES_FOR_CLUSTER",
    ]
    blues = [detail["SourceMember"].split(":")[-1] for detail in shown["SwitchoverDetails"]]
    assert blues == ["books", "books-2", "books-1"]
    green = data.described(colours.green(identifier))
    assert re.fullmatch("books-green-[a-z0-9]{6}", green["DBClusterIdentifier"])
    assert (green["DBClusterParameterGroup"], green["TagList"]) == ("logged", TAGS)
    writers = [m["DBInstanceIdentifier"] for m in green["DBClusterMembers"] if m["IsClusterWriter"]]
    assert writers[0].startswith("books-2-green-")
    colours.switch(identifier)
    after, old = data.described(), data.described("books-old1")
    assert (after["DbClusterResourceId"], old["DbClusterResourceId"]) == (
        green["DbClusterResourceId"],
        before["DbClusterResourceId"],
    )
    for endpoint in ("Endpoint", "ReaderEndpoint", "DBClusterArn"):
        assert after[endpoint] == before[endpoint]
    assert {m["DBInstanceIdentifier"] for m in after["DBClusterMembers"]} == {"books-1", "books-2"}
    assert {m["DBInstanceIdentifier"] for m in old["DBClusterMembers"]} == {"books-1-old1", "books-2-old1"}
    assert data.instance("books-1")["DBClusterIdentifier"] == "books"
    assert (after["EngineVersion"], after["Status"]) == ("8.0.mysql_aurora.3.10.0", "available")
    assert colours.shown(identifier)["Source"] == source + "-old1"


def test_deployments_are_filtered_and_have_pages(colours, data, aws):
    for number in range(21):
        colours.make(colours.instance(f"i-{number}"), settle=False, BlueGreenDeploymentName=f"d-{number}")
    paginator = data.rds.get_paginator("describe_blue_green_deployments")
    pages = paginator.paginate(PaginationConfig={"PageSize": 20})
    assert [len(page["BlueGreenDeployments"]) for page in pages] == [20, 1]

    def found(name, value):
        filters = [{"Name": name, "Values": [value]}]
        shown = data.rds.describe_blue_green_deployments(Filters=filters)["BlueGreenDeployments"]
        return [deployment["BlueGreenDeploymentName"] for deployment in shown]

    (first,) = data.rds.describe_blue_green_deployments(
        Filters=[{"Name": "blue-green-deployment-name", "Values": ["d-7"]}]
    )["BlueGreenDeployments"]
    for name, value in (
        ("blue-green-deployment-identifier", first["BlueGreenDeploymentIdentifier"]),
        ("source", first["Source"]),
        ("target", first["Target"]),
    ):
        assert found(name, value) == ["d-7"]
    assert found("source", first["Source"] + "0") == []


def test_a_cluster_of_a_deployment_is_neither_stopped_nor_started(colours, data, aws):
    identifier = colours.make(colours.cluster("books-1"))
    with refused("InvalidDBClusterStateFault"):
        data.rds.stop_db_cluster(DBClusterIdentifier="books")
    colours.switch(identifier, settle=False)
    with refused("InvalidDBClusterStateFault"):
        data.modify_cluster(BackupRetentionPeriod=9)
    aws.wait_out_pending()
    data.modify_cluster(BackupRetentionPeriod=9)


def test_only_an_available_deployment_of_available_members_is_switched_over(colours, data, aws):
    identifier = colours.make(colours.instance(), settle=False)
    state = "InvalidBlueGreenDeploymentStateFault"
    with refused(state):
        colours.switch(identifier)
    aws.wait_out_pending()
    green = colours.green(identifier)
    aws.post(f"/mended/rds/{green}/status", status="storage-optimization")
    with refused(state, f"DB instance {green} is not in available state"):
        colours.switch(identifier)
    aws.post(f"/mended/rds/{green}/status", status="available")
    with refused("InvalidParameterValue"):
        colours.switch(identifier, SwitchoverTimeout=3601)
    colours.switch(identifier, SwitchoverTimeout=30)
    with refused(state):
        colours.switch(identifier)


def test_a_member_that_is_gone_is_missing_and_stays_as_it_is(colours, data, aws):
    source = colours.instance()
    colours.replica("copy")
    identifier = colours.make(source)
    data.delete(colours.green(identifier, 1))
    aws.wait_out_pending()
    assert colours.shown(identifier)["SwitchoverDetails"][1]["Status"] == "MISSING_TARGET"
    colours.switch(identifier)
    assert colours.names() == ["copy", "orders", "orders-old1"]
    data.delete("orders-old1")
    aws.wait_out_pending()
    assert colours.shown(identifier)["SwitchoverDetails"][0]["Status"] == "MISSING_SOURCE"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in data.instance("copy")


def test_a_deployment_without_its_source_is_not_switched_over(colours, data, aws):
    identifier = colours.make(colours.instance())
    data.delete()
    aws.wait_out_pending()
    with refused("InvalidBlueGreenDeploymentStateFault"):
        colours.switch(identifier)
    colours.delete(identifier, DeleteTarget=True)
    aws.wait_out_pending()
    assert colours.names() == []


def test_a_failed_switchover_changes_nothing(colours, data, aws):
    identifier = colours.make(colours.instance())
    before = colours.names()
    aws.post("/mended/rds/blue-green/upgrade/fail-switchover", reason="Replica lag")
    assert colours.switch(identifier)["Status"] == "SWITCHOVER_IN_PROGRESS"
    shown = colours.shown(identifier)
    assert (shown["Status"], shown["StatusDetails"]) == ("SWITCHOVER_FAILED", "Replica lag")
    assert (shown["SwitchoverDetails"][0]["Status"], colours.names()) == ("SWITCHOVER_FAILED", before)
    assert colours.told()[-1] == "Switchover canceled on blue/green deployment"
    with refused("InvalidBlueGreenDeploymentStateFault"):
        colours.switch(identifier)


@pytest.mark.parametrize("status", ["INVALID_CONFIGURATION", "PROVISIONING_FAILED"])
def test_a_test_sets_a_status(colours, aws, status):
    identifier = colours.make(colours.instance(), settle=False)
    aws.post(f"/mended/rds/blue-green/{identifier}/status", status=status, details="of the parameters")
    aws.wait_out_pending()
    shown = colours.shown(identifier)
    assert (shown["Status"], shown["StatusDetails"]) == (status, "of the parameters")
    assert (shown["SwitchoverDetails"][0]["Status"], shown["Tasks"][0]["Status"]) == ("PROVISIONING", "FAILED")
    assert colours.told() == ["Creation of blue/green deployment failed because of the parameters"]
    with refused("InvalidBlueGreenDeploymentStateFault"):
        colours.switch(identifier)
    colours.delete(identifier, DeleteTarget=True)
    for route in ("status", "fail-switchover"):
        with pytest.raises(urllib.error.HTTPError):
            aws.post(f"/mended/rds/blue-green/gone/{route}", status=status)


def test_a_promoted_green_instance_leaves_its_deployment_invalid(colours, data, aws):
    identifier = colours.make(colours.instance())
    data.rds.promote_read_replica(DBInstanceIdentifier=colours.green(identifier))
    aws.wait_out_pending()
    assert colours.status(identifier) == "INVALID_CONFIGURATION"


def test_a_deployment_is_deleted_with_green(colours, data, aws):
    source = colours.instance()
    colours.replica("copy")
    identifier = colours.make(source)
    deleted = colours.delete(identifier, DeleteTarget=True)
    assert (deleted["Status"], deleted["SwitchoverDetails"][0]["Status"]) == ("DELETING", "AVAILABLE")
    assert deleted["DeleteTime"]
    assert data.instance(colours.green(identifier))["DBInstanceStatus"] == "deleting"
    with refused("InvalidBlueGreenDeploymentStateFault"):
        colours.delete(identifier)
    aws.wait_out_pending()
    assert colours.names() == ["copy", "orders"]
    assert data.instance()["ReadReplicaDBInstanceIdentifiers"] == ["copy"]
    with refused("BlueGreenDeploymentNotFoundFault"):
        colours.shown(identifier)
    assert colours.told()[-1] == "Blue/green deployment deleted"


def test_a_deployment_is_deleted_with_a_green_cluster(colours, data, aws):
    identifier = colours.make(colours.cluster("books-1"))
    green = colours.green(identifier)
    data.member("added", DBClusterIdentifier=green)
    colours.delete(identifier, DeleteTarget=True)
    assert data.described(green)["Status"] == "deleting"
    aws.wait_out_pending()
    assert (colours.names(), len(data.rds.describe_db_clusters()["DBClusters"])) == (["books-1"], 1)


def test_protected_green_is_not_deleted(colours, data):
    identifier = colours.make(colours.instance(DeletionProtection=True))
    with refused("InvalidParameterCombination", "deletion protection"):
        colours.delete(identifier, DeleteTarget=True)
    assert colours.status(identifier) == "AVAILABLE"


@pytest.mark.parametrize("engine,version,replicates", [("postgres", "16", False), ("mysql", "8.0", True)])
def test_green_stays_when_its_deployment_is_deleted_alone(colours, data, aws, engine, version, replicates):
    identifier = colours.make(colours.instance(Engine=engine, EngineVersion=version))
    green = colours.green(identifier)
    colours.delete(identifier)
    aws.wait_out_pending()
    assert ("ReadReplicaSourceDBInstanceIdentifier" in data.instance(green)) is replicates


def test_what_was_switched_over_is_not_deleted_with_its_deployment(colours, data, aws):
    identifier = colours.make(colours.instance())
    colours.switch(identifier)
    with refused("InvalidBlueGreenDeploymentStateFault", "SWITCHOVER_COMPLETED"):
        colours.delete(identifier, DeleteTarget=True)
    colours.delete(identifier)
    aws.wait_out_pending()
    assert colours.names() == ["orders", "orders-old1"]


def test_a_deployment_is_tagged_by_its_arn(colours, data):
    identifier = colours.make(colours.instance(), Tags=TAGS)
    arn = f"arn:aws:rds:us-east-1:123456789012:deployment:{identifier}"
    assert data.rds.list_tags_for_resource(ResourceName=arn)["TagList"] == TAGS
    data.rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    assert {"Key": "c", "Value": "d"} in colours.shown(identifier)["TagList"]
    with refused("BlueGreenDeploymentNotFoundFault"):
        data.rds.list_tags_for_resource(ResourceName=arn + "0")
