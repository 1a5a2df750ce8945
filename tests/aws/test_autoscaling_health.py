"""Auto Scaling: health checks, replacement, termination."""

import pytest
from conftest import refused
from test_autoscaling import Fleet


@pytest.fixture
def fleet(network, aws):
    """The means to make a group over two zones."""
    return Fleet(network, aws)


def test_an_instance_terminated_from_outside_is_replaced(fleet, aws):
    fleet.create()
    before = fleet.ids()
    lost = min(before)
    aws.ec2.terminate_instances(InstanceIds=[lost])
    fleet.settle()
    assert len(fleet.ids()) == 2 and lost not in fleet.ids()
    activities = fleet.api.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    (terminated,) = [a for a in activities if lost in a["Description"] and "Terminating" in a["Description"]]
    assert "health check" in terminated["Cause"]


@pytest.mark.parametrize("decrement,left", [(True, 2), (False, 3)])
def test_an_instance_is_terminated_through_its_group(fleet, decrement, left):
    fleet.create(DesiredCapacity=3)
    lost = min(fleet.ids())
    answer = fleet.api.terminate_instance_in_auto_scaling_group(
        InstanceId=lost, ShouldDecrementDesiredCapacity=decrement
    )
    assert lost in answer["Activity"]["Description"]
    assert "Terminating" in fleet.states()
    fleet.settle()
    assert len(fleet.ids()) == left and lost not in fleet.ids()


def test_the_last_instance_above_the_minimum_is_not_given_up(fleet):
    fleet.create()
    with refused("ValidationError"):
        fleet.api.terminate_instance_in_auto_scaling_group(
            InstanceId=min(fleet.ids()), ShouldDecrementDesiredCapacity=True
        )


@pytest.mark.parametrize("respect", [True, False])
def test_a_declared_health_respects_the_grace_period_unless_told_not_to(fleet, respect):
    fleet.create(HealthCheckGracePeriod=10**6)
    lost = min(fleet.ids())
    fleet.api.set_instance_health(InstanceId=lost, HealthStatus="Unhealthy", ShouldRespectGracePeriod=respect)
    assert (lost in fleet.ids()) is respect


def test_the_health_of_an_unknown_instance_is_not_declared(fleet):
    with refused("ValidationError"):
        fleet.api.set_instance_health(InstanceId="i-0123456789abcdef0", HealthStatus="Unhealthy")


def test_an_instance_declared_unhealthy_is_replaced(fleet):
    fleet.create()
    lost = min(fleet.ids())
    fleet.api.set_instance_health(InstanceId=lost, HealthStatus="Unhealthy")
    fleet.settle()
    assert len(fleet.ids()) == 2 and lost not in fleet.ids()


def test_a_failing_target_is_replaced_after_the_grace_period(fleet, aws):
    arn = fleet.target_group()
    fleet.listen(arn)
    fleet.create(TargetGroupARNs=[arn], HealthCheckType="ELB", HealthCheckGracePeriod=10**4)
    lost = min(fleet.ids())
    aws.post(f"/mended/targets/{lost}/unhealthy")
    assert lost in fleet.ids()
    aws.post("/mended/clock/advance", seconds=10**4)
    fleet.settle()
    assert len(fleet.ids()) == 2 and lost not in fleet.ids()


def test_a_failing_target_stays_when_only_ec2_is_checked(fleet, aws):
    arn = fleet.target_group()
    fleet.listen(arn)
    fleet.create(TargetGroupARNs=[arn])
    aws.post(f"/mended/targets/{min(fleet.ids())}/unhealthy")
    before = fleet.ids()
    fleet.settle()
    assert fleet.ids() == before


def test_a_protected_instance_stays(fleet):
    fleet.create(NewInstancesProtectedFromScaleIn=True)
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, DesiredCapacity=0)
    assert fleet.states() == ["InService", "InService"]
