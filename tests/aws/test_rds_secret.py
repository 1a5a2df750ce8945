"""RDS and Secrets Manager: the master user's secret."""

import json

import pytest

from conftest import refused


def secret_of(shown):
    return shown["MasterUserSecret"]["SecretArn"]


def password(aws, arn):
    return json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])["password"]


def test_a_managed_secret_is_rotated_every_seven_days(data, aws):
    made = data.create(settle=False)["MasterUserSecret"]
    assert made["SecretStatus"] == "creating"
    aws.wait_out_pending()
    shown = data.instance()["MasterUserSecret"]
    assert ":secret:rds!db-" in shown["SecretArn"] and ":kms:" in shown["KmsKeyId"]
    assert shown["SecretStatus"] == "active"
    secret = aws.secretsmanager.describe_secret(SecretId=shown["SecretArn"])
    assert (secret["RotationEnabled"], secret["OwningService"]) == (True, "rds")
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 7}
    assert list(secret["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert "RotationLambdaARN" not in secret


def test_a_secret_is_encrypted_with_a_key_that_is_there(data, aws):
    key = aws.kms.create_key()["KeyMetadata"]
    data.create(MasterUserSecretKmsKeyId=key["KeyId"])
    assert data.instance()["MasterUserSecret"]["KmsKeyId"] == key["Arn"]
    with refused("KMSKeyNotAccessibleFault"):
        data.create("other", MasterUserSecretKmsKeyId="11111111-2222-3333-4444-555555555555")


def test_a_rotation_later_changes_the_rules_alone(data, aws):
    arn = secret_of(data.create())
    before = password(aws, arn)
    aws.secretsmanager.rotate_secret(
        SecretId=arn, RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 30}
    )
    shown = aws.secretsmanager.describe_secret(SecretId=arn)
    assert shown["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert (len(shown["VersionIdsToStages"]), password(aws, arn)) == (1, before)
    rules = {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}
    aws.secretsmanager.rotate_secret(SecretId=arn, RotateImmediately=False, RotationRules=rules)
    assert aws.secretsmanager.describe_secret(SecretId=arn)["RotationRules"] == rules


def test_a_rotation_now_makes_another_password(data, aws):
    arn = secret_of(data.create())
    before = password(aws, arn)
    aws.secretsmanager.rotate_secret(SecretId=arn)
    assert data.instance()["MasterUserSecret"]["SecretStatus"] == "rotating"
    aws.wait_out_pending()
    assert data.instance()["MasterUserSecret"]["SecretStatus"] == "active"
    assert password(aws, arn) != before
    stages = aws.secretsmanager.describe_secret(SecretId=arn)["VersionIdsToStages"]
    assert sorted(stages.values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    data.modify(RotateMasterUserPassword=True, ApplyImmediately=True)
    assert len(aws.secretsmanager.describe_secret(SecretId=arn)["VersionIdsToStages"]) == 2


@pytest.mark.parametrize(
    "rules", [{"AutomaticallyAfterDays": 1001}, {"AutomaticallyAfterDays": 9, "ScheduleExpression": "rate(9 days)"}]
)
def test_a_rotation_rule_that_cannot_be_is_refused(data, aws, rules):
    arn = secret_of(data.create())
    with refused("InvalidParameterException"):
        aws.secretsmanager.rotate_secret(SecretId=arn, RotationRules=rules)


def test_a_user_neither_deletes_nor_changes_a_managed_secret(data, aws):
    arn = secret_of(data.create())
    with refused("InvalidRequestException"):
        aws.secretsmanager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    with refused("InvalidRequestException"):
        aws.secretsmanager.put_secret_value(SecretId=arn, SecretString="{}")
    assert password(aws, arn)


def test_an_instance_begins_and_ends_to_manage_its_password(data, aws):
    data.create(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    assert "MasterUserSecret" not in data.instance()
    with refused("InvalidParameterCombination"):
        data.modify(ManageMasterUserPassword=True, MasterUserPassword="long-enough")
    data.modify(ManageMasterUserPassword=True)
    assert data.instance()["DBInstanceStatus"] == "resetting-master-credentials"
    aws.wait_out_pending()
    arn = secret_of(data.instance())
    data.modify(ManageMasterUserPassword=True)
    assert (secret_of(data.instance()), data.instance()["DBInstanceStatus"]) == (arn, "available")
    for changes in ({"ManageMasterUserPassword": False}, {"MasterUserPassword": "long-enough"}):
        with refused("InvalidParameterCombination"):
            data.modify(**changes)
    data.modify(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    aws.wait_out_pending()
    assert "MasterUserSecret" not in data.instance()
    with refused("ResourceNotFoundException"):
        aws.secretsmanager.describe_secret(SecretId=arn)
    data.delete()
    aws.wait_out_pending()
    assert aws.secretsmanager.list_secrets()["SecretList"] == []


def test_a_cluster_begins_and_ends_to_manage_its_password(data, aws):
    data.cluster()
    arn = secret_of(data.described())
    assert ":secret:rds!cluster-" in arn
    assert json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])["username"] == "app"
    with refused("InvalidParameterCombination"):
        data.modify_cluster(ManageMasterUserPassword=False)
    data.modify_cluster(ManageMasterUserPassword=False, MasterUserPassword="long-enough")
    assert (data.described()["Status"], "MasterUserSecret" in data.described()) == ("modifying", False)
    aws.wait_out_pending()
    data.modify_cluster(ManageMasterUserPassword=True)
    aws.wait_out_pending()
    assert data.described()["MasterUserSecret"]["SecretStatus"] == "active"
    data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    aws.wait_out_pending()
    assert aws.secretsmanager.list_secrets()["SecretList"] == []


def test_a_master_user_has_one_password(data):
    for create in (data.create, data.cluster):
        with refused("InvalidParameterValue"):
            create(ManageMasterUserPassword=False)
        with refused("InvalidParameterValue"):
            create(ManageMasterUserPassword=False, MasterUserPassword="short")
        with refused("InvalidParameterCombination"):
            create(MasterUserPassword="long-enough")
