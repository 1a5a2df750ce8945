"""Auto Scaling: scaling policies."""

import pytest
from test_autoscaling import Fleet


@pytest.fixture
def fleet(network, aws):
    """The means to make a group over two zones."""
    return Fleet(network, aws)


def target_tracking(fleet, group="web", target=70.0):
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    return fleet.api.put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": target},
    )["PolicyARN"]


def test_a_policy_is_put_changed_and_deleted(fleet):
    fleet.create()
    arn = target_tracking(fleet)
    assert target_tracking(fleet, target=50.0) == arn
    (shown,) = fleet.api.describe_policies(AutoScalingGroupName="web")["ScalingPolicies"]
    assert (shown["PolicyARN"], shown["TargetTrackingConfiguration"]["TargetValue"]) == (arn, 50.0)
    fleet.api.delete_policy(AutoScalingGroupName="web", PolicyName="cpu")
    assert fleet.api.describe_policies()["ScalingPolicies"] == []


def test_two_groups_have_policies_of_one_name(fleet):
    fleet.create()
    fleet.create(AutoScalingGroupName="other", least=0)
    assert target_tracking(fleet) != target_tracking(fleet, "other")
    assert len(fleet.api.describe_policies()["ScalingPolicies"]) == 2
    fleet.api.delete_policy(AutoScalingGroupName="other", PolicyName="cpu")
    assert [p["AutoScalingGroupName"] for p in fleet.api.describe_policies()["ScalingPolicies"]] == ["web"]


def test_policies_have_pages(fleet):
    fleet.create(least=0)
    for number in range(3):
        fleet.api.put_scaling_policy(
            AutoScalingGroupName="web",
            PolicyName=f"p{number}",
            AdjustmentType="ChangeInCapacity",
            ScalingAdjustment=1,
        )
    first = fleet.api.describe_policies(MaxRecords=2)
    second = fleet.api.describe_policies(MaxRecords=2, NextToken=first["NextToken"])
    names = [policy["PolicyName"] for page in (first, second) for policy in page["ScalingPolicies"]]
    assert names == ["p0", "p1", "p2"] and "NextToken" not in second
