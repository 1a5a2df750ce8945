"""RDS: parameter groups of instances and of clusters."""

import pytest

from conftest import refused


def parameter(name, value, method="pending-reboot"):
    return {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}


def set_parameters(data, *parameters, name="own"):
    data.rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=list(parameters))


def own_parameters(data, name="own"):
    return data.rds.describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]


def group_of(data, name="orders"):
    (group,) = data.instance(name)["DBParameterGroups"]
    return group["DBParameterGroupName"], group["ParameterApplyStatus"]


def member_statuses(data):
    return [member["DBClusterParameterGroupStatus"] for member in data.described()["DBClusterMembers"]]


def test_a_group_keeps_its_family_description_and_tags(data):
    made = data.parameter_group(Description="/hastack.dev/a", Tags=[{"Key": "a", "Value": "b"}])
    assert (made["DBParameterGroupFamily"], made["Description"]) == ("postgres16", "/hastack.dev/a")
    shown = data.rds.describe_db_parameter_groups(DBParameterGroupName="own")["DBParameterGroups"]
    assert shown == [made]
    tags = data.rds.list_tags_for_resource(ResourceName=made["DBParameterGroupArn"])["TagList"]
    assert tags == [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize("changes", [{"DBParameterGroupFamily": "postgres99"}, {"DBParameterGroupName": "a--b"}])
def test_a_group_that_cannot_be_is_refused(data, changes):
    with refused("InvalidParameterValue"):
        data.parameter_group(**changes)


def test_groups_have_pages(data):
    for number in range(21):
        data.parameter_group(f"g-{number}")
        data.cluster_parameter_group(f"g-{number}")
    first = data.rds.describe_db_parameter_groups(MaxRecords=20)
    second = data.rds.describe_db_parameter_groups(MaxRecords=20, Marker=first["Marker"])
    assert (len(first["DBParameterGroups"]), len(second["DBParameterGroups"])) == (20, 1)
    first = data.rds.describe_db_cluster_parameter_groups(MaxRecords=20)
    second = data.rds.describe_db_cluster_parameter_groups(MaxRecords=20, Marker=first["Marker"])
    assert (len(first["DBClusterParameterGroups"]), len(second["DBClusterParameterGroups"])) == (20, 1)


def test_only_parameters_that_were_set_are_the_users(data):
    data.parameter_group()
    set_parameters(data, parameter("max_connections", "50"), parameter("work_mem", "64", "immediate"))
    assert [(p["ParameterName"], p["ParameterValue"], p["ApplyType"]) for p in own_parameters(data)] == [
        ("max_connections", "50", "static"),
        ("work_mem", "64", "dynamic"),
    ]
    found = data.rds.describe_db_parameters(DBParameterGroupName="own")["Parameters"]
    assert {p["Source"] for p in found} == {"user", "engine-default"}


def test_reset_parameters_are_the_engines_again(data):
    data.parameter_group()
    set_parameters(data, parameter("max_connections", "50"), parameter("work_mem", "64", "immediate"))
    gone = [{"ParameterName": "work_mem", "ApplyMethod": "immediate"}]
    data.rds.reset_db_parameter_group(DBParameterGroupName="own", Parameters=gone)
    assert [p["ParameterName"] for p in own_parameters(data)] == ["max_connections"]
    data.rds.reset_db_parameter_group(DBParameterGroupName="own", ResetAllParameters=True)
    assert own_parameters(data) == []


@pytest.mark.parametrize(
    "wanted,code",
    [
        (parameter("max_connections", "50", "immediate"), "InvalidParameterCombination"),
        (parameter("nothing", "50"), "InvalidParameterValue"),
        ({"ParameterName": "max_connections", "ParameterValue": "50"}, "InvalidParameterValue"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(data, wanted, code):
    data.parameter_group()
    with refused(code):
        set_parameters(data, wanted)
    assert own_parameters(data) == []


def test_a_default_group_is_there_and_is_not_changed(data):
    with refused("InvalidDBParameterGroupState"):
        set_parameters(data, parameter("work_mem", "64"), name="default.postgres16")
    with refused("InvalidDBParameterGroupState"):
        data.rds.delete_db_parameter_group(DBParameterGroupName="default.postgres16")


def test_at_most_twenty_parameters_are_set_at_once(data):
    data.parameter_group()
    with refused("InvalidParameterValue", "20"):
        set_parameters(data, *[parameter("work_mem", str(value)) for value in range(21)])


def test_a_static_parameter_is_pending_until_the_instance_is_rebooted(data, aws):
    data.parameter_group()
    data.create(DBParameterGroupName="own")
    assert group_of(data) == ("own", "in-sync")
    set_parameters(data, parameter("work_mem", "64", "immediate"))
    assert group_of(data) == ("own", "in-sync")
    set_parameters(data, parameter("max_connections", "50"))
    assert group_of(data) == ("own", "pending-reboot")
    data.rds.reboot_db_instance(DBInstanceIdentifier="orders")
    assert group_of(data) == ("own", "pending-reboot")
    aws.wait_out_pending()
    assert group_of(data) == ("own", "in-sync")
    set_parameters(data, parameter("max_connections", "50"))
    assert group_of(data) == ("own", "in-sync")


def test_another_group_is_pending_until_the_instance_is_rebooted(data, aws):
    data.parameter_group()
    data.create()
    assert group_of(data) == ("default.postgres16", "in-sync")
    data.modify(DBParameterGroupName="own")
    assert group_of(data) == ("own", "pending-reboot")
    data.rds.reboot_db_instance(DBInstanceIdentifier="orders")
    aws.wait_out_pending()
    assert group_of(data) == ("own", "in-sync")
    data.modify(DBParameterGroupName="default.postgres16")
    assert group_of(data) == ("default.postgres16", "pending-reboot")


def test_a_group_of_another_family_is_refused(data):
    data.parameter_group("old", "postgres15")
    with refused("InvalidParameterCombination"):
        data.create(DBParameterGroupName="old")
    data.create()
    with refused("InvalidParameterCombination"):
        data.modify(DBParameterGroupName="old")
    data.cluster_parameter_group("old", "aurora-postgresql16")
    with refused("InvalidParameterCombination"):
        data.cluster(DBClusterParameterGroupName="old")
    with refused("DBClusterParameterGroupNotFound"):
        data.cluster(DBClusterParameterGroupName="gone")


def test_a_major_upgrade_names_a_group_of_the_new_family(data, aws):
    data.parameter_group()
    data.parameter_group("next", "postgres17")
    data.create(DBParameterGroupName="own")
    upgrade = {"EngineVersion": "17", "AllowMajorVersionUpgrade": True, "ApplyImmediately": True}
    with refused("InvalidParameterCombination"):
        data.modify(**upgrade)
    data.modify(**upgrade, DBParameterGroupName="next")
    assert data.instance()["DBInstanceStatus"] == "upgrading"
    aws.wait_out_pending()
    assert (data.instance()["EngineVersion"], group_of(data)) == ("17.6", ("next", "in-sync"))


def test_a_clusters_parameters_are_pending_until_each_member_is_rebooted(data, aws):
    data.cluster_parameter_group()
    data.cluster(DBClusterParameterGroupName="own")
    data.member("books-1")
    data.member("books-2")
    assert member_statuses(data) == ["in-sync", "in-sync"]
    static = [parameter("performance_schema", "1")]
    data.rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="own", Parameters=static)
    assert member_statuses(data) == ["pending-reboot", "pending-reboot"]
    data.rds.reboot_db_instance(DBInstanceIdentifier="books-1")
    aws.wait_out_pending()
    assert member_statuses(data) == ["in-sync", "pending-reboot"]
    found = data.rds.describe_db_cluster_parameters(DBClusterParameterGroupName="own", Source="user")["Parameters"]
    assert [(p["ParameterName"], p["ApplyType"]) for p in found] == [("performance_schema", "static")]
    data.rds.reset_db_cluster_parameter_group(DBClusterParameterGroupName="own", ResetAllParameters=True)
    found = data.rds.describe_db_cluster_parameters(DBClusterParameterGroupName="own", Source="user")["Parameters"]
    assert (found, member_statuses(data)) == ([], ["pending-reboot", "pending-reboot"])


def test_another_cluster_group_is_pending_until_each_member_is_rebooted(data, aws):
    data.cluster_parameter_group()
    data.cluster()
    data.member("books-1")
    data.modify_cluster(DBClusterParameterGroupName="own")
    assert (data.described()["DBClusterParameterGroup"], member_statuses(data)) == ("own", ["pending-reboot"])


def test_what_holds_for_a_cluster_is_in_its_own_group(data):
    data.parameter_group(family="aurora-mysql8.0")
    data.cluster_parameter_group()
    with refused("InvalidParameterValue"):
        set_parameters(data, parameter("time_zone", "UTC"))
    wanted = [parameter("time_zone", "UTC", "immediate")]
    data.rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="own", Parameters=wanted)


def test_a_cluster_parameter_group_in_use_stays(data, aws):
    data.cluster_parameter_group(Tags=[{"Key": "a", "Value": "b"}])
    data.cluster(DBClusterParameterGroupName="own")
    with refused("InvalidDBParameterGroupState"):
        data.rds.delete_db_cluster_parameter_group(DBClusterParameterGroupName="own")
    data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    aws.wait_out_pending()
    data.rds.delete_db_cluster_parameter_group(DBClusterParameterGroupName="own")
    with refused("DBParameterGroupNotFound"):
        data.rds.describe_db_cluster_parameter_groups(DBClusterParameterGroupName="own")
