"""Auto Scaling: scheduled actions, lifecycle hooks, suspended processes, warm pools."""

import pytest

from conftest import refused
from test_autoscaling import Fleet


@pytest.fixture
def fleet(network, aws):
    """A settled group."""
    fleet = Fleet(network, aws)
    fleet.create()
    return fleet


def put(fleet, group="web", name="evening", **changes):
    wanted = {"MinSize": 0, "Recurrence": "0 18 * * *", "TimeZone": "Europe/Berlin"} | changes
    fleet.api.put_scheduled_update_group_action(AutoScalingGroupName=group, ScheduledActionName=name, **wanted)


def actions(fleet, **wanted):
    return fleet.api.describe_scheduled_actions(**wanted)["ScheduledUpdateGroupActions"]


def test_scheduled_actions_are_their_groups(fleet):
    fleet.create(AutoScalingGroupName="other")
    put(fleet)
    put(fleet, group="other")
    put(fleet, MinSize=1)
    assert [a["MinSize"] for a in actions(fleet, AutoScalingGroupName="web")] == [1]
    assert [a["MinSize"] for a in actions(fleet, AutoScalingGroupName="other")] == [0]
    fleet.api.delete_scheduled_action(AutoScalingGroupName="web", ScheduledActionName="evening")
    assert [a["AutoScalingGroupName"] for a in actions(fleet)] == ["other"]
    with refused("ValidationError"):
        fleet.api.delete_scheduled_action(AutoScalingGroupName="web", ScheduledActionName="evening")


def test_scheduled_actions_have_pages(fleet):
    for number in range(3):
        put(fleet, name=f"a{number}")
    first = fleet.api.describe_scheduled_actions(MaxRecords=2)
    rest = actions(fleet, MaxRecords=2, NextToken=first["NextToken"])
    assert [a["ScheduledActionName"] for a in first["ScheduledUpdateGroupActions"] + rest] == ["a0", "a1", "a2"]


def test_what_belongs_to_a_group_goes_with_it(fleet):
    put(fleet)
    fleet.api.put_lifecycle_hook(
        AutoScalingGroupName="web", LifecycleHookName="h", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING"
    )
    fleet.api.put_scaling_policy(
        AutoScalingGroupName="web",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 70,
        },
    )
    fleet.api.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    fleet.settle()
    assert actions(fleet) == []
    assert fleet.api.describe_policies()["ScalingPolicies"] == []
    fleet.create()
    assert fleet.api.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"] == []


def test_hooks_are_put_with_their_group_or_later(fleet):
    hook = {"LifecycleHookName": "h", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    hook |= {"HeartbeatTimeout": 60, "DefaultResult": "CONTINUE", "NotificationMetadata": "m"}
    fleet.create(AutoScalingGroupName="other", LifecycleHookSpecificationList=[hook])
    fleet.api.put_lifecycle_hook(AutoScalingGroupName="web", **hook)
    for group in ("web", "other"):
        (shown,) = fleet.api.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        assert hook.items() <= shown.items()
        assert "RoleARN" not in shown and shown["GlobalTimeout"] == 6000


def test_known_processes_are_suspended(fleet):
    fleet.api.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["AZRebalance", "Launch"])
    assert [p["ProcessName"] for p in fleet.group()["SuspendedProcesses"]] == ["Launch", "AZRebalance"]
    fleet.api.resume_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch"])
    assert [p["ProcessName"] for p in fleet.group()["SuspendedProcesses"]] == ["AZRebalance"]
    with refused("ValidationError"):
        fleet.api.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Everything"])


def test_a_warm_pool_comes_and_goes(fleet):
    fleet.api.put_warm_pool(AutoScalingGroupName="web", MinSize=1, PoolState="Stopped", MaxGroupPreparedCapacity=-1)
    shown = fleet.api.describe_warm_pool(AutoScalingGroupName="web")["WarmPoolConfiguration"]
    assert (shown["MinSize"], shown["PoolState"], "MaxGroupPreparedCapacity" in shown) == (1, "Stopped", False)
    assert fleet.group()["WarmPoolConfiguration"] == shown
    fleet.api.delete_warm_pool(AutoScalingGroupName="web", ForceDelete=True)
    assert "WarmPoolConfiguration" not in fleet.api.describe_warm_pool(AutoScalingGroupName="web")
    assert "WarmPoolConfiguration" not in fleet.group()
