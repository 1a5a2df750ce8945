"""RDS: what ModifyDBInstance changes, and what an instance shows."""

import pytest

from conftest import refused


def test_an_instance_shows_what_it_was_asked_for(data, aws):
    data.create(
        AllocatedStorage=400,
        MaxAllocatedStorage=1000,
        StorageThroughput=600,
        Iops=12000,
        StorageType="gp3",
        StorageEncrypted=True,
        EnablePerformanceInsights=True,
        MonitoringInterval=30,
        MonitoringRoleArn="arn:aws:iam::123456789012:role/rds",
        EnableCloudwatchLogsExports=["postgresql"],
        CopyTagsToSnapshot=True,
        EnableIAMDatabaseAuthentication=True,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    shown = data.instance()
    assert (shown["MaxAllocatedStorage"], shown["StorageThroughput"], shown["Iops"]) == (1000, 600, 12000)
    assert (shown["PerformanceInsightsEnabled"], shown["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert (shown["MonitoringInterval"], shown["MonitoringRoleArn"]) == (30, "arn:aws:iam::123456789012:role/rds")
    assert shown["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert shown["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    assert shown["CopyTagsToSnapshot"] is shown["IAMDatabaseAuthenticationEnabled"] is True
    assert shown["TagList"] == [{"Key": "a", "Value": "b"}]
    assert shown["KmsKeyId"].startswith("arn:aws:kms:")
    assert shown["LatestRestorableTime"]


def test_storage_is_gp3_with_its_baseline_unless_asked_otherwise(data):
    data.create()
    shown = data.instance()
    assert (shown["StorageType"], shown["Iops"], shown["StorageThroughput"]) == ("gp3", 3000, 125)
    assert "MaxAllocatedStorage" not in shown and "KmsKeyId" not in shown
    assert shown["PerformanceInsightsEnabled"] is False and "PerformanceInsightsRetentionPeriod" not in shown


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"StorageThroughput": 200, "StorageType": "gp3"}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 5}, "InvalidParameterCombination"),
        ({"EnableCloudwatchLogsExports": ["slowquery"]}, "InvalidParameterCombination"),
        ({"CACertificateIdentifier": "rds-ca-2019"}, "CertificateNotFound"),
        ({"MonitoringInterval": 30}, "InvalidParameterCombination"),
    ],
)
def test_what_the_engine_does_not_have_is_refused(data, changes, code):
    with refused(code):
        data.create(**changes)


@pytest.mark.parametrize(
    "change,shown",
    [
        ({"AutoMinorVersionUpgrade": False}, {"AutoMinorVersionUpgrade": False}),
        ({"CopyTagsToSnapshot": True}, {"CopyTagsToSnapshot": True}),
        ({"BackupRetentionPeriod": 9}, {"BackupRetentionPeriod": 9}),
        ({"MaxAllocatedStorage": 100}, {"MaxAllocatedStorage": 100}),
        ({"PreferredBackupWindow": "03:00-04:00"}, {"PreferredBackupWindow": "03:00-04:00"}),
        ({"PreferredMaintenanceWindow": "Sun:01:00-Sun:02:00"}, {"PreferredMaintenanceWindow": "sun:01:00-sun:02:00"}),
        ({"PubliclyAccessible": True}, {"PubliclyAccessible": True}),
        (
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 31},
            {"PerformanceInsightsEnabled": True, "PerformanceInsightsRetentionPeriod": 31},
        ),
    ],
)
def test_some_changes_are_made_at_once(data, change, shown):
    data.create()
    data.modify(**change)
    found = data.instance()
    assert {name: found[name] for name in shown} == shown
    assert (found["DBInstanceStatus"], found.get("PendingModifiedValues", {})) == ("available", {})


def test_insights_and_monitoring_are_turned_off(data, aws):
    role = "arn:aws:iam::123456789012:role/rds"
    data.create(EnablePerformanceInsights=True, MonitoringInterval=30, MonitoringRoleArn=role)
    data.modify(EnablePerformanceInsights=False, MonitoringInterval=0)
    assert data.instance()["DBInstanceStatus"] == "configuring-enhanced-monitoring"
    aws.wait_out_pending()
    shown = data.instance()
    assert (shown["PerformanceInsightsEnabled"], shown["MonitoringInterval"]) == (False, 0)
    assert "MonitoringRoleArn" not in shown
    with refused("InvalidParameterCombination"):
        data.modify(MonitoringInterval=5)
    data.modify(MonitoringInterval=5, MonitoringRoleArn=role)
    assert data.instance()["MonitoringRoleArn"] == role


def test_log_exports_come_and_go(data, aws):
    data.create(EnableCloudwatchLogsExports=["postgresql"])
    change = {"EnableLogTypes": ["upgrade"], "DisableLogTypes": ["postgresql"]}
    data.modify(CloudwatchLogsExportConfiguration=change)
    assert data.instance()["DBInstanceStatus"] == "configuring-log-exports"
    aws.wait_out_pending()
    assert data.instance()["EnabledCloudwatchLogsExports"] == ["upgrade"]
    data.modify(CloudwatchLogsExportConfiguration=change)
    assert data.instance()["DBInstanceStatus"] == "available"
    with refused("InvalidParameterCombination"):
        data.modify(CloudwatchLogsExportConfiguration={"EnableLogTypes": ["slowquery"]})


def test_certificate_iam_and_backups_wait_for_the_window(data, aws):
    data.create()
    change = {"CACertificateIdentifier": "rds-ca-ecc384-g1", "EnableIAMDatabaseAuthentication": True}
    data.modify(**change, BackupRetentionPeriod=0)
    pending = {"CACertificateIdentifier": "rds-ca-ecc384-g1", "IAMDatabaseAuthenticationEnabled": True}
    assert data.instance()["PendingModifiedValues"] == pending | {"BackupRetentionPeriod": 0}
    data.modify(BackupRetentionPeriod=1)
    assert data.instance()["PendingModifiedValues"] == pending
    aws.post("/mended/rds/orders/maintenance")
    shown = data.instance()
    assert (shown["CACertificateIdentifier"], shown["IAMDatabaseAuthenticationEnabled"]) == ("rds-ca-ecc384-g1", True)


def test_a_password_changes_at_once(data, aws):
    data.create(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    data.modify(MasterUserPassword="another-one")
    shown = data.instance()
    assert shown["DBInstanceStatus"] == "resetting-master-credentials"
    assert shown["PendingModifiedValues"] == {"MasterUserPassword": "****"}
    aws.wait_out_pending()
    assert data.instance().get("PendingModifiedValues", {}) == {}


def test_storage_grows_by_a_tenth_and_has_the_baseline_of_its_size(data, aws):
    data.create()
    data.modify(AllocatedStorage=21, ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance()["AllocatedStorage"] == 22
    with refused("InvalidParameterCombination"):
        data.modify(Iops=4000)
    data.modify(AllocatedStorage=400, ApplyImmediately=True)
    aws.wait_out_pending()
    assert (data.instance()["Iops"], data.instance()["StorageThroughput"]) == (12000, 500)
    data.modify(StorageThroughput=700, Iops=14000, ApplyImmediately=True)
    aws.wait_out_pending()
    assert (data.instance()["Iops"], data.instance()["StorageThroughput"]) == (14000, 700)


def test_a_port_changes_at_once(data, aws):
    data.create()
    data.modify(DBPortNumber=6000)
    assert data.instance()["DBInstanceStatus"] == "modifying"
    aws.wait_out_pending()
    assert data.instance()["Endpoint"]["Port"] == 6000


def test_security_groups_are_of_the_instances_network(data, aws):
    data.create()
    elsewhere = aws.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = aws.ec2.create_security_group(GroupName="x", Description="x", VpcId=elsewhere)["GroupId"]
    with refused("InvalidParameterCombination"):
        data.modify(VpcSecurityGroupIds=[group])
    with refused("InvalidParameterValue"):
        data.modify(VpcSecurityGroupIds=["sg-0123456789abcdef0"])


def test_a_member_changes_what_is_its_own(data, aws):
    data.cluster()
    data.member("books-1", PromotionTier=3, EnablePerformanceInsights=True)
    assert data.instance("books-1")["PerformanceInsightsEnabled"] is True
    change = data.rds.modify_db_instance
    change(DBInstanceIdentifier="books-1", PromotionTier=0, EnablePerformanceInsights=False)
    assert data.instance("books-1")["PromotionTier"] == 0
    change(DBInstanceIdentifier="books-1", DBInstanceClass="db.r6g.large", ApplyImmediately=True)
    aws.wait_out_pending()
    assert data.instance("books-1")["DBInstanceClass"] == "db.r6g.large"
    with refused("InvalidParameterCombination"):
        change(DBInstanceIdentifier="books-1", BackupRetentionPeriod=3)
