"""RDS: Aurora clusters as scalable targets of Application Auto Scaling, and their policies."""

import pytest

from conftest import refused

DIMENSION = "rds:cluster:ReadReplicaCount"
CLUSTER = {"ServiceNamespace": "rds", "ResourceId": "cluster:books", "ScalableDimension": DIMENSION}
CPU = {"PredefinedMetricType": "RDSReaderAverageCPUUtilization"}
CONNECTIONS = {"PredefinedMetricType": "RDSReaderAverageDatabaseConnections"}
CUSTOM = {"MetricName": "Lag", "Namespace": "Own", "Statistic": "Average"}
ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/rds.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_RDSCluster"
)
UNKNOWN = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/gone"
CLOCKED = ("CreationTime", "ScalableTargetARN")


class Scaling:
    """Application Auto Scaling, of the cluster books unless another is named."""

    def __init__(self, aws):
        self.api = getattr(aws, "application-autoscaling")

    def register(self, **changes):
        return self.api.register_scalable_target(**CLUSTER | changes)["ScalableTargetARN"]

    def deregister(self):
        self.api.deregister_scalable_target(**CLUSTER)

    def targets(self, **changes):
        return self.api.describe_scalable_targets(ServiceNamespace="rds", **changes)["ScalableTargets"]

    def put(self, name="cpu", metric=CPU, target=60.0, **changes):
        configuration = {"TargetValue": target, "PredefinedMetricSpecification": metric} | changes
        given = {"TargetTrackingScalingPolicyConfiguration": configuration, "PolicyType": "TargetTrackingScaling"}
        return self.api.put_scaling_policy(PolicyName=name, **CLUSTER, **given)

    def policies(self, **changes):
        return self.api.describe_scaling_policies(ServiceNamespace="rds", **changes)["ScalingPolicies"]

    def delete(self, name="cpu"):
        self.api.delete_scaling_policy(PolicyName=name, **CLUSTER)

    def tags(self, arn):
        return self.api.list_tags_for_resource(ResourceARN=arn)["Tags"]


@pytest.fixture
def scaling(data, aws):
    """Application Auto Scaling, beside a cluster."""
    data.cluster()
    return Scaling(aws)


def alarms(aws):
    return [alarm["AlarmName"] for alarm in aws.cloudwatch.describe_alarms()["MetricAlarms"]]


def test_a_registered_cluster_shows_its_capacity_and_role(scaling):
    arn = scaling.register(MinCapacity=0, MaxCapacity=15, RoleARN="arn:aws:iam::123456789012:role/own")
    (shown,) = scaling.targets()
    assert shown["ScalableTargetARN"] == arn
    assert {key: value for key, value in shown.items() if key not in CLOCKED} == CLUSTER | {
        "MinCapacity": 0,
        "MaxCapacity": 15,
        "RoleARN": ROLE,
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    }


def test_only_what_is_given_is_changed(scaling):
    suspended = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False}
    arn = scaling.register(MinCapacity=1, MaxCapacity=4, SuspendedState=suspended)
    assert scaling.register(MaxCapacity=5, SuspendedState={"ScheduledScalingSuspended": True}) == arn
    (shown,) = scaling.targets()
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (1, 5)
    assert shown["SuspendedState"] == suspended | {"ScheduledScalingSuspended": True}


@pytest.mark.parametrize(
    "resource,message",
    [
        ("cluster:gone", "DB cluster doesn't exist"),
        ("books", "Unsupported service namespace, resource type or scalable dimension"),
        ("service/a/b", "Unsupported service namespace, resource type or scalable dimension"),
    ],
)
def test_only_a_cluster_that_is_there_is_registered(scaling, resource, message):
    with refused("ValidationException", message):
        scaling.register(ResourceId=resource, MinCapacity=1, MaxCapacity=2)


def test_only_auroras_cluster_is_registered(scaling, data):
    wanted = {"DBClusterInstanceClass": "db.m6g.large", "AllocatedStorage": 100, "StorageType": "io1", "Iops": 1000}
    data.cluster("plain", Engine="postgres", EngineVersion="16", **wanted)
    with refused("ValidationException", "Aurora"):
        scaling.register(ResourceId="cluster:plain", MinCapacity=1, MaxCapacity=2)


@pytest.mark.parametrize(
    "capacity,message",
    [
        ({}, "must be specified"),
        ({"MinCapacity": 1}, "must be specified"),
        ({"MinCapacity": -1, "MaxCapacity": 2}, "Minimum capacity"),
        ({"MinCapacity": 1, "MaxCapacity": 16}, "Maximum capacity"),
        ({"MinCapacity": 3, "MaxCapacity": 2}, "Maximum capacity cannot be less than minimum capacity"),
    ],
)
def test_a_capacity_is_within_what_aurora_has(scaling, capacity, message):
    with refused("ValidationException", message):
        scaling.register(**capacity)
    assert scaling.targets() == []


def test_a_changed_capacity_fits_the_one_that_stays(scaling):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException", "Maximum capacity cannot be less than minimum capacity"):
        scaling.register(MinCapacity=3)
    assert scaling.targets()[0]["MinCapacity"] == 1


def test_a_target_is_tagged_when_it_is_made_and_by_its_arn(scaling):
    arn = scaling.register(MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})
    with refused("ValidationException", "The scalable target that you tried to tag already exists."):
        scaling.register(MinCapacity=0, Tags={"a": "c"})
    assert (scaling.targets()[0]["MinCapacity"], scaling.tags(arn)) == (1, {"a": "b"})
    scaling.api.tag_resource(ResourceARN=arn, Tags={"a": "c", "d": "e"})
    assert scaling.tags(arn) == {"a": "c", "d": "e"}
    scaling.api.untag_resource(ResourceARN=arn, TagKeys=["a", "gone"])
    assert scaling.tags(arn) == {"d": "e"}
    with refused("TooManyTagsException"):
        scaling.api.tag_resource(ResourceARN=arn, Tags={str(number): "" for number in range(50)})
    assert all("Tags" not in shown for shown in scaling.targets())


def test_a_target_that_is_not_there_has_no_tags(scaling):
    with refused("ResourceNotFoundException"):
        scaling.tags(UNKNOWN)
    with refused("ResourceNotFoundException"):
        scaling.api.tag_resource(ResourceARN=UNKNOWN, Tags={"a": "b"})
    with refused("ResourceNotFoundException"):
        scaling.api.untag_resource(ResourceARN=UNKNOWN, TagKeys=["a"])


def test_targets_are_filtered_and_paged(scaling, data):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    for name in ("films", "songs"):
        data.cluster(name)
        scaling.register(ResourceId=f"cluster:{name}", MinCapacity=1, MaxCapacity=2)
    wanted = ["cluster:songs", "cluster:gone"]
    assert [found["ResourceId"] for found in scaling.targets(ResourceIds=wanted)] == ["cluster:songs"]
    pages = scaling.api.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="rds", PaginationConfig={"PageSize": 2}
    )
    found = [[target["ResourceId"] for target in page["ScalableTargets"]] for page in pages]
    assert found == [["cluster:books", "cluster:films"], ["cluster:songs"]]
    for size in (0, 51):
        with refused("ValidationException", "maxResults"):
            scaling.targets(MaxResults=size)
    with refused("InvalidNextTokenException"):
        scaling.targets(NextToken="none")
    with refused("ValidationException", "resource ID"):
        scaling.targets(ScalableDimension=DIMENSION)


def test_a_deregistered_target_takes_its_policies_and_actions_along(scaling, aws):
    with refused("ObjectNotFoundException", "No scalable target found for service namespace: rds"):
        scaling.deregister()
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put()
    scaling.api.put_scheduled_action(ScheduledActionName="night", Schedule="rate(1 day)", **CLUSTER)
    scaling.deregister()
    assert scaling.api.describe_scheduled_actions(ServiceNamespace="rds")["ScheduledActions"] == []
    assert (scaling.targets(), scaling.policies(), alarms(aws)) == ([], [], [])
    with refused("ObjectNotFoundException"):
        scaling.deregister()


def test_a_deleted_cluster_takes_its_target_along(scaling, data, aws):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put()
    data.rds.delete_db_cluster(DBClusterIdentifier="books", SkipFinalSnapshot=True)
    assert len(scaling.targets()) == 1
    aws.wait_out_pending()
    assert (scaling.targets(), scaling.policies(), alarms(aws)) == ([], [], [])


def test_other_services_are_registered_as_ever(scaling):
    table = {"ServiceNamespace": "dynamodb", "ResourceId": "table/t"}
    table["ScalableDimension"] = "dynamodb:table:ReadCapacityUnits"
    arn = scaling.register(**table, MinCapacity=1, MaxCapacity=100)
    assert scaling.tags(arn) == {}
    scaling.api.deregister_scalable_target(**table)


def test_a_policy_is_of_a_registered_cluster(scaling):
    with refused("ObjectNotFoundException", "No scalable target registered for service namespace: rds"):
        scaling.put()


def test_a_policy_shows_what_it_was_given_and_its_alarms(scaling, aws):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    made = scaling.put(ScaleInCooldown=120, DisableScaleIn=True)
    (shown,) = scaling.policies()
    assert shown["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 60.0,
        "PredefinedMetricSpecification": CPU,
        "ScaleInCooldown": 120,
        "DisableScaleIn": True,
    }
    assert (shown["PolicyARN"], shown["Alarms"]) == (made["PolicyARN"], made["Alarms"])
    names = [alarm["AlarmName"] for alarm in made["Alarms"]]
    beginnings = [f"TargetTracking-cluster:books-Alarm{side}-" for side in ("High", "Low")]
    assert all(name.startswith(beginning) for name, beginning in zip(names, beginnings, strict=True))
    assert sorted(alarms(aws)) == sorted(names)


def test_a_policy_that_is_put_again_is_changed(scaling, aws):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put(ScaleInCooldown=120)
    (before,) = scaling.policies()
    scaling.put(metric=CONNECTIONS, target=100.0)
    (shown,) = scaling.policies()
    assert shown["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 100.0,
        "PredefinedMetricSpecification": CONNECTIONS,
    }
    kept = ("PolicyARN", "Alarms", "CreationTime")
    assert [shown[key] for key in kept] == [before[key] for key in kept]
    assert len(alarms(aws)) == 2


def test_a_metric_has_one_policy(scaling):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put()
    message = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    with refused("ValidationException", message):
        scaling.put("other")
    scaling.put("other", CONNECTIONS)
    with refused("ValidationException", message):
        scaling.put("other")
    assert len(scaling.policies()) == 2


def test_a_policy_has_one_metric_that_rds_has(scaling):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException"):
        scaling.put(metric={"PredefinedMetricType": "ECSServiceAverageCPUUtilization"})
    with refused("ValidationException"):
        scaling.put(CustomizedMetricSpecification=CUSTOM)
    given = {"TargetValue": 1.0, "CustomizedMetricSpecification": CUSTOM}
    put = {"PolicyName": "own", "PolicyType": "TargetTrackingScaling"} | CLUSTER
    scaling.api.put_scaling_policy(TargetTrackingScalingPolicyConfiguration=given, **put)
    assert scaling.policies()[0]["TargetTrackingScalingPolicyConfiguration"] == given


def test_a_policy_may_have_steps_but_no_forecast(scaling):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    steps = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]}
    put = {"PolicyName": "steps", "StepScalingPolicyConfiguration": steps} | CLUSTER
    scaling.api.put_scaling_policy(PolicyType="StepScaling", **put)
    (shown,) = scaling.policies()
    assert (shown["StepScalingPolicyConfiguration"], shown["Alarms"]) == (steps, [])
    for kind in ({"PolicyType": "PredictiveScaling"}, {"PolicyType": "TargetTrackingScaling"}, {}):
        with refused("ValidationException"):
            scaling.api.put_scaling_policy(PolicyName="other", **CLUSTER, **kind)


def test_policies_are_filtered_and_paged(scaling):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put()
    scaling.put("connections", CONNECTIONS)
    assert [found["PolicyName"] for found in scaling.policies(PolicyNames=["connections", "gone"])] == ["connections"]
    assert scaling.policies(ResourceId="cluster:films") == []
    assert len(scaling.policies(ResourceId="cluster:books", ScalableDimension=DIMENSION)) == 2
    pages = scaling.api.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="rds", PaginationConfig={"PageSize": 1}
    )
    assert [page["ScalingPolicies"][0]["PolicyName"] for page in pages] == ["cpu", "connections"]
    with refused("ValidationException", "maxResults"):
        scaling.policies(MaxResults=11)


def test_a_deleted_policy_takes_its_alarms_along(scaling, aws):
    scaling.register(MinCapacity=1, MaxCapacity=2)
    scaling.put()
    scaling.delete()
    assert (scaling.policies(), alarms(aws), len(scaling.targets())) == ([], [], 1)
    with refused("ObjectNotFoundException", "No scaling policy found for service namespace: rds"):
        scaling.delete()
