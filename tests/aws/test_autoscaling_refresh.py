"""Auto Scaling: instance refresh."""

import base64

import pytest

from conftest import refused
from test_autoscaling import Fleet


@pytest.fixture
def rolling(network, aws):
    """A settled group of two instances, and version 2 of its template."""
    fleet = Fleet(network, aws)
    fleet.create()
    return Rolling(fleet)


class Rolling:
    def __init__(self, fleet):
        self.fleet, self.api, self.before = fleet, fleet.api, fleet.ids()
        self.new = {"LaunchTemplateId": fleet.template, "Version": fleet.version()}

    def start(self, **preferences):
        return self.api.start_instance_refresh(
            AutoScalingGroupName="web", DesiredConfiguration={"LaunchTemplate": self.new}, Preferences=preferences
        )["InstanceRefreshId"]

    def refresh(self):
        return self.api.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"][0]

    def status(self):
        return self.refresh()["Status"]

    def versions(self):
        return [i["LaunchTemplate"]["Version"] for i in self.fleet.group()["Instances"]]

    def finish(self):
        for _ in range(4):
            self.fleet.settle()


def test_a_refresh_replaces_one_after_the_other_and_ends_well(rolling, aws):
    made = rolling.start()
    seen, serving = [], []
    for _ in range(12):
        shown = rolling.refresh()
        seen.append((shown["Status"], shown["PercentageComplete"]))
        serving.append(len(rolling.fleet.ids()))
        aws.wait_out_pending()
    assert seen[0] == ("InProgress", 0)
    assert seen[-1] == ("Successful", 100)
    assert ("InProgress", 50) in seen
    assert min(serving) == 1
    assert rolling.refresh()["InstanceRefreshId"] == made
    assert rolling.versions() == ["2", "2"]
    assert rolling.before.isdisjoint(rolling.fleet.ids())


def test_a_finished_refresh_leaves_its_configuration_in_the_group(rolling):
    rolling.start()
    assert rolling.fleet.group()["LaunchTemplate"]["Version"] == "1"
    rolling.finish()
    assert rolling.fleet.group()["LaunchTemplate"]["Version"] == "2"


def test_full_health_launches_before_it_terminates(rolling, aws):
    rolling.start(MinHealthyPercentage=100, MaxHealthyPercentage=110)
    for _ in range(12):
        assert len(rolling.fleet.ids()) >= 2
        aws.wait_out_pending()
    assert (rolling.status(), rolling.versions()) == ("Successful", ["2", "2"])


def test_no_health_asked_for_replaces_all_at_once(rolling):
    rolling.start(MinHealthyPercentage=0)
    assert sorted(rolling.fleet.states()) == ["Pending", "Pending", "Terminating", "Terminating"]


def test_a_second_refresh_waits(rolling):
    rolling.start()
    with refused("InstanceRefreshInProgress"):
        rolling.start()
    rolling.finish()
    rolling.start()


def test_matching_instances_are_skipped_when_asked(rolling):
    rolling.start()
    rolling.finish()
    before = rolling.fleet.ids()
    rolling.start(SkipMatching=True)
    assert rolling.status() == "Successful"
    assert rolling.fleet.ids() == before


def test_refreshes_are_listed_newest_first(rolling):
    first = rolling.start()
    rolling.finish()
    second = rolling.start()
    shown = rolling.api.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"]
    assert [refresh["InstanceRefreshId"] for refresh in shown] == [second, first]


def test_a_cancelled_refresh_leaves_what_is_replaced(rolling, aws):
    made = rolling.start()
    aws.wait_out_pending()
    assert rolling.api.cancel_instance_refresh(AutoScalingGroupName="web")["InstanceRefreshId"] == made
    rolling.finish()
    assert rolling.status() == "Cancelled"
    assert len(rolling.fleet.ids()) == 2
    assert rolling.fleet.group()["LaunchTemplate"]["Version"] == "1"


@pytest.mark.parametrize("call", ["cancel_instance_refresh", "rollback_instance_refresh"])
def test_nothing_running_is_neither_cancelled_nor_rolled_back(rolling, call):
    with refused("ActiveInstanceRefreshNotFound"):
        getattr(rolling.api, call)(AutoScalingGroupName="web")


def test_a_rollback_brings_the_old_version_back(rolling, aws):
    rolling.start()
    aws.wait_out_pending()
    assert set(rolling.versions()) == {"1", "2"}
    rolling.api.rollback_instance_refresh(AutoScalingGroupName="web")
    assert (rolling.status(), rolling.refresh()["PercentageComplete"]) == ("RollbackInProgress", 50)
    rolling.finish()
    assert (rolling.refresh()["PercentageComplete"], rolling.refresh()["InstancesToUpdate"]) == (0, 1)
    assert (rolling.status(), rolling.versions()) == ("RollbackSuccessful", ["1", "1"])
    assert rolling.refresh()["RollbackDetails"]["RollbackReason"]


def test_a_refresh_fails_when_told_so(rolling, aws):
    rolling.start()
    aws.wait_out_pending()
    aws.post("/mended/instance-refresh/web/fail", reason="unhealthy")
    assert (rolling.refresh()["PercentageComplete"], rolling.refresh()["InstancesToUpdate"]) == (50, 1)
    assert (rolling.status(), rolling.refresh()["StatusReason"]) == ("Failed", "unhealthy")


def test_a_refresh_with_auto_rollback_rolls_back_when_it_fails(rolling, aws):
    rolling.start(AutoRollback=True)
    aws.wait_out_pending()
    aws.post("/mended/instance-refresh/web/fail", reason="unhealthy")
    rolling.finish()
    assert (rolling.status(), rolling.versions()) == ("RollbackSuccessful", ["1", "1"])
    assert rolling.fleet.group()["LaunchTemplate"]["Version"] == "1"


def test_a_template_that_cannot_launch_starts_no_refresh(rolling):
    rolling.new = rolling.new | {"Version": rolling.fleet.version(ImageId="ami-0123456789abcdef0")}
    with refused("ValidationError"):
        rolling.start()
    assert rolling.api.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"] == []


def test_a_launch_that_fails_fails_the_refresh(rolling, aws):
    image = aws.ec2.create_image(InstanceId=min(rolling.before), Name="baked")["ImageId"]
    aws.wait_out_pending()
    rolling.new = rolling.new | {"Version": rolling.fleet.version(ImageId=image)}
    rolling.start()
    aws.ec2.deregister_image(ImageId=image)
    rolling.finish()
    assert rolling.status() == "Failed"
    assert image in rolling.refresh()["StatusReason"]


def test_auto_rollback_needs_numbered_versions(rolling):
    latest = {"LaunchTemplateId": rolling.fleet.template, "Version": "$Latest"}
    rolling.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=latest)
    with refused("ValidationError"):
        rolling.start(AutoRollback=True)


def test_auto_rollback_needs_an_image_that_is_not_a_parameter(rolling):
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    version = rolling.fleet.version(ImageId=f"resolve:ssm:{name}")
    aliased = {"LaunchTemplateId": rolling.fleet.template, "Version": version}
    rolling.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=aliased)
    with refused("ValidationError", "AutoRollback"):
        rolling.start(AutoRollback=True)


def test_a_refresh_is_pending_first(rolling, aws):
    aws.post("/mended/durations", refresh_pending=10)
    rolling.start()
    assert (rolling.status(), rolling.refresh()["PercentageComplete"]) == ("Pending", 0)
    aws.post("/mended/clock/advance", seconds=11)
    assert rolling.status() == "InProgress"


def test_a_group_does_not_change_its_template_while_a_refresh_does(rolling):
    rolling.start()
    with refused("ValidationError", "active instance refresh"):
        rolling.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=rolling.new)
    rolling.api.update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=5)
    rolling.finish()
    rolling.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=rolling.new)


def test_a_refresh_pauses_at_its_checkpoints(rolling, aws):
    aws.post("/mended/durations", refresh_waits=10**6)
    rolling.start(MinHealthyPercentage=0, CheckpointPercentages=[50, 100], CheckpointDelay=10**5)
    rolling.finish()
    assert (rolling.status(), rolling.refresh()["PercentageComplete"]) == ("InProgress", 50)
    assert sorted(rolling.versions()) == ["1", "2"]
    aws.post("/mended/clock/advance", seconds=10**5)
    rolling.finish()
    assert (rolling.status(), rolling.versions()) == ("Successful", ["2", "2"])


def test_a_last_checkpoint_below_100_leaves_the_rest(rolling):
    rolling.start(CheckpointPercentages=[50], CheckpointDelay=0)
    rolling.finish()
    assert (rolling.status(), sorted(rolling.versions())) == ("Successful", ["1", "2"])


def test_a_refresh_bakes_at_its_end(rolling, aws):
    aws.post("/mended/durations", refresh_waits=10**6)
    rolling.start(BakeTime=10**5)
    rolling.finish()
    assert (rolling.status(), rolling.versions()) == ("Baking", ["2", "2"])
    aws.post("/mended/clock/advance", seconds=10**5)
    assert rolling.status() == "Successful"


@pytest.mark.parametrize("back,status", [(True, "RollbackSuccessful"), (False, "Failed")])
def test_an_alarm_that_goes_off_fails_a_refresh(rolling, aws, back, status):
    alarm = {"AlarmName": "errors", "Namespace": "n", "MetricName": "m", "Period": 60, "EvaluationPeriods": 1}
    alarm |= {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"}
    aws.cloudwatch.put_metric_alarm(**alarm)
    rolling.start(AutoRollback=back, AlarmSpecification={"Alarms": ["errors"]})
    assert rolling.status() == "InProgress"
    aws.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    rolling.finish()
    assert (rolling.status(), "errors" in rolling.refresh()["StatusReason"]) == (status, True)


@pytest.fixture
def balanced_rolling(network, aws):
    """A settled group that heeds the health of its targets, and a version 2 whose targets are unhealthy."""
    fleet = Fleet(network, aws)
    arn = fleet.target_group()
    fleet.listen(arn)
    fleet.create(TargetGroupARNs=[arn], HealthCheckType="ELB", HealthCheckGracePeriod=10**7)
    fleet.settle()
    rolling = Rolling(fleet)
    sick = base64.b64encode(b"#!/bin/sh\n# hastack-test: unhealthy\n").decode()
    rolling.new = {"LaunchTemplateId": fleet.template, "Version": fleet.version(UserData=sick)}
    return rolling


@pytest.mark.parametrize("back,status", [(True, "RollbackSuccessful"), (False, "Failed")])
@pytest.mark.parametrize("most", [100, 150])
def test_targets_that_stay_unhealthy_fail_a_refresh(balanced_rolling, aws, back, status, most):
    rolling = balanced_rolling
    aws.post("/mended/durations", refresh_unhealthy=5000)
    rolling.start(MinHealthyPercentage=50, MaxHealthyPercentage=most, AutoRollback=back)
    seen = []
    for _ in range(20):
        seen.append(rolling.status())
        aws.wait_out_pending()
    assert seen[0] == "InProgress" and seen[-1] == status, seen
    assert ("RollbackInProgress" in seen) is back
    assert "health checks" in rolling.refresh()["StatusReason"]
    assert rolling.fleet.group()["LaunchTemplate"]["Version"] == "1"
    if back:
        assert rolling.versions() == ["1", "1"]
        assert rolling.refresh()["RollbackDetails"]["RollbackReason"] == rolling.refresh()["StatusReason"]
    assert rolling.before & rolling.fleet.ids(), "one at a time was replaced"


def test_a_refresh_waits_until_the_new_targets_are_healthy(balanced_rolling, aws):
    rolling = balanced_rolling
    rolling.new = rolling.new | {"Version": rolling.fleet.version()}
    rolling.start()
    aws.wait_out_pending()
    assert len(rolling.fleet.ids()) == 2
    assert len(rolling.before & rolling.fleet.ids()) == 1
    rolling.finish()
    assert (rolling.status(), len(rolling.before & rolling.fleet.ids())) == ("Successful", 0)


def test_a_refresh_to_a_mixed_policy_launches_by_it(rolling, aws):
    template = {"LaunchTemplateSpecification": rolling.new, "Overrides": [{"InstanceType": "c5.large"}]}
    rolling.api.start_instance_refresh(
        AutoScalingGroupName="web", DesiredConfiguration={"MixedInstancesPolicy": {"LaunchTemplate": template}}
    )
    rolling.finish()
    assert {i["InstanceType"] for i in rolling.fleet.group()["Instances"]} == {"c5.large"}
    shown = rolling.fleet.group()["MixedInstancesPolicy"]["LaunchTemplate"]
    assert shown["Overrides"] == [{"InstanceType": "c5.large"}]
