"""RDS: Aurora clusters."""

from conftest import refused


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


def test_a_cluster_shows_what_it_was_asked_for(data):
    data.cluster(
        EnableCloudwatchLogsExports=["error"],
        EnableIAMDatabaseAuthentication=True,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 4},
        StorageEncrypted=True,
        BackupRetentionPeriod=5,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    shown = data.described()
    assert shown["EnabledCloudwatchLogsExports"] == ["error"]
    assert shown["IAMDatabaseAuthenticationEnabled"] is True
    assert shown["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 4}
    assert (shown["BackupRetentionPeriod"], shown["TagList"]) == (5, [{"Key": "a", "Value": "b"}])
    assert shown["KmsKeyId"].startswith("arn:aws:kms:")
    assert shown["Endpoint"] != shown["ReaderEndpoint"]
    assert shown.get("PendingModifiedValues", {}) == {}


def test_some_changes_of_a_cluster_are_made_at_once(data, aws):
    data.cluster()
    data.member("books-1")
    other = data.network.group("other")
    data.modify_cluster(
        BackupRetentionPeriod=9,
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["audit"]},
        CopyTagsToSnapshot=True,
        Port=3307,
        PreferredBackupWindow="03:00-04:00",
        PreferredMaintenanceWindow="sun:01:00-sun:02:00",
        ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 2},
        VpcSecurityGroupIds=[other],
    )
    shown = data.described()
    assert (shown["Status"], shown["BackupRetentionPeriod"], shown["Port"]) == ("modifying", 9, 3307)
    assert (shown["EnabledCloudwatchLogsExports"], shown["CopyTagsToSnapshot"]) == (["audit"], True)
    assert shown["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 1, "MaxCapacity": 2}
    assert [group["VpcSecurityGroupId"] for group in shown["VpcSecurityGroups"]] == [other]
    assert [group["GroupId"] for group in data.interfaces()[0]["Groups"]] == [other]
    with refused("InvalidDBClusterStateFault"):
        data.modify_cluster(Port=3308)
    aws.wait_out_pending()
    assert data.described()["Status"] == "available"
    data.modify_cluster(Port=3307)
    assert data.described()["Status"] == "available"


def test_a_clusters_version_waits_for_the_window_unless_applied_immediately(data, aws):
    data.cluster(Engine="aurora-postgresql", EngineVersion="16.8")
    data.modify_cluster(EngineVersion="16.9", EnableIAMDatabaseAuthentication=True)
    shown = data.described()
    pending = {"EngineVersion": "16.9", "IAMDatabaseAuthenticationEnabled": True}
    assert (shown["EngineVersion"], shown["PendingModifiedValues"]) == ("16.8", pending)
    assert shown["Status"] == "available"
    aws.post("/mended/rds/books/maintenance")
    shown = data.described()
    assert (shown["EngineVersion"], shown["IAMDatabaseAuthenticationEnabled"]) == ("16.9", True)
    with refused("InvalidParameterCombination"):
        data.modify_cluster(EngineVersion="17", ApplyImmediately=True)
    data.modify_cluster(EngineVersion="17", ApplyImmediately=True, AllowMajorVersionUpgrade=True)
    assert data.described()["Status"] == "upgrading"
    aws.wait_out_pending()
    shown = data.described()
    assert (shown["EngineVersion"], shown["Status"]) == ("17.5", "available")
    assert shown["DBClusterParameterGroup"] == "default.aurora-postgresql17"


def test_a_clusters_major_upgrade_names_groups_of_the_new_family(data, aws):
    data.cluster_parameter_group(family="aurora-postgresql16")
    data.cluster_parameter_group("next", "aurora-postgresql17")
    data.parameter_group("members", "aurora-postgresql17")
    data.cluster(Engine="aurora-postgresql", EngineVersion="16.8", DBClusterParameterGroupName="own")
    data.member("books-1", Engine="aurora-postgresql")
    upgrade = {"EngineVersion": "17", "ApplyImmediately": True, "AllowMajorVersionUpgrade": True}
    with refused("InvalidParameterCombination"):
        data.modify_cluster(**upgrade)
    data.modify_cluster(**upgrade, DBClusterParameterGroupName="next", DBInstanceParameterGroupName="members")
    assert data.described()["DBClusterParameterGroup"] == "own"
    aws.wait_out_pending()
    assert data.described()["DBClusterParameterGroup"] == "next"
    (group,) = data.instance("books-1")["DBParameterGroups"]
    assert (group["DBParameterGroupName"], group["ParameterApplyStatus"]) == ("members", "in-sync")


def test_a_clusters_password_changes_at_once(data, aws):
    data.cluster(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    data.modify_cluster(MasterUserPassword="another-one")
    shown = data.described()
    assert (shown["Status"], shown["PendingModifiedValues"]) == ("modifying", {"MasterUserPassword": "****"})
    aws.wait_out_pending()
    assert data.described().get("PendingModifiedValues", {}) == {}
