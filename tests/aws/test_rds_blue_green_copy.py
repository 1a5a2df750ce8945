"""RDS: what no blue/green deployment is made of, or into."""

import pytest

from conftest import refused

LOGICAL = {"ParameterName": "rds.logical_replication", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}


def test_what_is_not_there_is_not_found(colours):
    for call in (colours.shown, colours.switch, colours.delete):
        with refused("BlueGreenDeploymentNotFoundFault"):
            call("bgd-0123456789abcdef")
    arn = "arn:aws:rds:us-east-1:123456789012"
    with refused("DBInstanceNotFound"):
        colours.make(f"{arn}:db:gone")
    with refused("DBClusterNotFoundFault"):
        colours.make(f"{arn}:cluster:gone")
    for source in ("orders", f"{arn}:snapshot:gone"):
        with refused("InvalidParameterValue"):
            colours.make(source)


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"BlueGreenDeploymentName": "with_line"}, "InvalidParameterValue"),
        ({"BlueGreenDeploymentName": "n" * 61}, "InvalidParameterValue"),
        ({"TargetEngineVersion": "16.8"}, "InvalidParameterCombination"),
        ({"TargetEngineVersion": "99"}, "InvalidParameterCombination"),
        ({"TargetDBInstanceClass": "db.none.none"}, "InvalidParameterValue"),
        ({"TargetDBParameterGroupName": "gone"}, "DBParameterGroupNotFound"),
        ({"TargetDBParameterGroupName": "other"}, "InvalidParameterCombination"),
        ({"TargetDBClusterParameterGroupName": "other"}, "InvalidParameterCombination"),
        ({"TargetAllocatedStorage": 5}, "InvalidParameterCombination"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(colours, data, changes, code):
    data.parameter_group("other", "postgres17")
    source = colours.instance(EngineVersion="16.9")
    with refused(code):
        colours.make(source, **changes)
    assert (colours.names(), data.rds.describe_blue_green_deployments()["BlueGreenDeployments"]) == (["orders"], [])


def test_a_name_is_taken_once_and_a_database_is_in_one_deployment(colours, aws):
    source, other = colours.instance(), colours.instance("other")
    identifier = colours.make(source)
    with refused("BlueGreenDeploymentAlreadyExistsFault", "'upgrade' already exists"):
        colours.make(other)
    with refused("SourceDatabaseNotSupportedFault"):
        colours.make(source, BlueGreenDeploymentName="another")
    colours.delete(identifier)
    aws.wait_out_pending()
    colours.make(other)


def test_an_instance_without_backups_or_with_a_managed_password_is_not_supported(colours, data, aws):
    with refused("SourceDatabaseNotSupportedFault", "automated backups"):
        colours.make(colours.instance("unsaved", BackupRetentionPeriod=0))
    data.create("managed")
    with refused("SourceDatabaseNotSupportedFault", "Secrets Manager"):
        colours.make(data.instance("managed")["DBInstanceArn"])
    data.cluster()
    data.member("books-1")
    with refused("SourceClusterNotSupportedFault", "Secrets Manager"):
        colours.make(data.described()["DBClusterArn"])
    with refused("SourceDatabaseNotSupportedFault"):
        colours.make(data.instance("books-1")["DBInstanceArn"])


def test_a_replica_and_a_chain_of_replicas_are_not_supported(colours, data):
    source = colours.instance(Engine="mysql", EngineVersion="8.0")
    colours.replica("copy")
    with refused("SourceDatabaseNotSupportedFault"):
        colours.make(data.instance("copy")["DBInstanceArn"])
    colours.replica("copy-of-copy", of="copy")
    with refused("SourceDatabaseNotSupportedFault"):
        colours.make(source)


def test_only_what_is_available_is_copied(colours, data, aws):
    source = colours.instance()
    aws.post("/mended/rds/orders/status", status="storage-full")
    with refused("InvalidDBInstanceState"):
        colours.make(source)
    cluster = colours.cluster()
    with refused("SourceClusterNotSupportedFault"):
        colours.make(cluster)
    aws.post("/mended/rds/books/status", status="backing-up")
    with refused("InvalidDBClusterStateFault"):
        colours.make(cluster)


def test_a_major_upgrade_of_postgresql_needs_logical_replication_that_is_in_use(colours, data, aws):
    source = colours.instance(EngineVersion="16")
    data.parameter_group("replicates")
    data.parameter_group("new", "postgres17")
    upgrade = {"TargetEngineVersion": "17", "TargetDBParameterGroupName": "new"}
    with refused("SourceDatabaseNotSupportedFault", "logical replication enabled"):
        colours.make(source, **upgrade)
    data.rds.modify_db_parameter_group(DBParameterGroupName="replicates", Parameters=[LOGICAL])
    data.modify(DBParameterGroupName="replicates")
    with refused("SourceDatabaseNotSupportedFault", "in sync"):
        colours.make(source, **upgrade)
    data.rds.reboot_db_instance(DBInstanceIdentifier="orders")
    aws.wait_out_pending()
    with refused("InvalidParameterCombination", "replicates"):
        colours.make(source, TargetEngineVersion="17")
    identifier = colours.make(source, **upgrade)
    assert data.instance(colours.green(identifier))["EngineVersion"] == "17.6"


def test_an_aurora_cluster_needs_a_log_that_is_in_use(colours, data, aws):
    source = colours.cluster("books-1")
    data.rds.modify_db_cluster(DBClusterIdentifier="books", DBClusterParameterGroupName="default.aurora-mysql8.0")
    aws.wait_out_pending()
    with refused("SourceClusterNotSupportedFault", "binary logging enabled"):
        colours.make(source)
    data.rds.modify_db_cluster(DBClusterIdentifier="books", DBClusterParameterGroupName="logged")
    aws.wait_out_pending()
    with refused("SourceClusterNotSupportedFault", "in sync"):
        colours.make(source)
    data.rds.reboot_db_instance(DBInstanceIdentifier="books-1")
    aws.wait_out_pending()
    for wrong in ({"TargetDBInstanceClass": "db.r6g.large"}, {"TargetAllocatedStorage": 100}):
        with refused("InvalidParameterCombination"):
            colours.make(source, **wrong)
    with refused("DBClusterParameterGroupNotFound"):
        colours.make(source, TargetDBClusterParameterGroupName="gone")
    with refused("DBParameterGroupNotFound"):
        colours.make(source, TargetDBParameterGroupName="gone")
    assert colours.names() == ["books-1"]
    colours.make(source)
