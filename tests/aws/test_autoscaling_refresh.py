"""Auto Scaling: instance refresh."""

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
    assert rolling.status() == "RollbackInProgress"
    rolling.finish()
    assert (rolling.status(), rolling.versions()) == ("RollbackSuccessful", ["1", "1"])
    assert rolling.refresh()["RollbackDetails"]["RollbackReason"]


def test_a_refresh_fails_when_told_so(rolling, aws):
    rolling.start()
    aws.post("/mended/instance-refresh/web/fail", reason="unhealthy")
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
