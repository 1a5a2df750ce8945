"""Auto Scaling: groups and their fleets."""

import base64
import collections

import pytest

from conftest import refused

IMAGE = "ami-0abcdef1234567890"
SCRIPT = base64.b64encode(b"#!/bin/bash\n").decode()


@pytest.fixture
def fleet(network, aws):
    """The means to make a group over two zones."""
    return Fleet(network, aws)


class Fleet:
    def __init__(self, network, aws):
        self.network, self.aws, self.api = network, aws, aws.autoscaling
        self.security_group = network.group()
        data = {"ImageId": IMAGE, "InstanceType": "t3.micro", "SecurityGroupIds": [self.security_group]}
        made = aws.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]

    def version(self, **data):
        made = self.aws.ec2.create_launch_template_version(
            LaunchTemplateId=self.template, SourceVersion="1", LaunchTemplateData=data or {"InstanceType": "t3.small"}
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def create(self, least=2, most=4, settle=True, **changes):
        wanted = {"AutoScalingGroupName": "web", "MinSize": least, "MaxSize": most}
        wanted["VPCZoneIdentifier"] = f"{self.network.subnet},{self.network.other_subnet}"
        if "MixedInstancesPolicy" not in changes:
            wanted["LaunchTemplate"] = {"LaunchTemplateId": self.template, "Version": "1"}
        self.api.create_auto_scaling_group(**wanted | changes)
        if settle:
            self.settle()

    def settle(self):
        for _ in range(3):
            self.aws.wait_out_pending()

    def group(self):
        (shown,) = self.api.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
        return shown

    def states(self):
        return sorted(instance["LifecycleState"] for instance in self.group()["Instances"])

    def ids(self):
        return {i["InstanceId"] for i in self.group()["Instances"] if i["LifecycleState"] == "InService"}

    def target_group(self):
        wanted = {"Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": self.network.vpc}
        return self.aws.elbv2.create_target_group(**wanted)["TargetGroups"][0]["TargetGroupArn"]

    def listen(self, target_group):
        subnets = [self.network.subnet, self.network.other_subnet]
        balancer = self.aws.elbv2.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
        forward = {"Type": "forward", "TargetGroupArn": target_group}
        wanted = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80}
        self.aws.elbv2.create_listener(**wanted, DefaultActions=[forward])

    def targets(self, target_group):
        found = self.aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return {target["Target"]["Id"] for target in found if target["TargetHealth"]["State"] != "draining"}


MIXED = {
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 50,
    "SpotAllocationStrategy": "price-capacity-optimized",
}


def mixed(fleet):
    specification = {"LaunchTemplateId": fleet.template, "Version": "1"}
    overrides = [{"InstanceType": kind} for kind in ("c6i.large", "c6a.large", "c5.large")]
    template = {"LaunchTemplateSpecification": specification, "Overrides": overrides}
    return {"LaunchTemplate": template, "InstancesDistribution": MIXED}


def test_instances_are_pending_then_in_service(fleet):
    fleet.create(settle=False)
    assert fleet.states() == ["Pending", "Pending"]
    fleet.settle()
    assert fleet.states() == ["InService", "InService"]


def test_instances_spread_over_the_zones(fleet):
    fleet.create(least=4)
    count = collections.Counter(instance["AvailabilityZone"] for instance in fleet.group()["Instances"])
    assert count == {"us-east-1a": 2, "us-east-1b": 2}


def test_what_is_set_is_shown(fleet):
    given = {
        "DefaultInstanceWarmup": 60,
        "HealthCheckGracePeriod": 120,
        "HealthCheckType": "ELB",
        "MaxInstanceLifetime": 86400,
        "TerminationPolicies": ["OldestInstance"],
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 110},
    }
    fleet.create(**given)
    assert {name: fleet.group()[name] for name in given} == given


def test_a_groups_name_is_taken_once(fleet):
    fleet.create()
    before = fleet.ids()
    with refused("AlreadyExists"):
        fleet.create()
    assert fleet.ids() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"least": 3, "most": 2},
        {"DesiredCapacity": 9},
        {"TargetGroupARNs": ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef"]},
        {"LaunchTemplate": {"LaunchTemplateId": "lt-0123456789abcdef0"}},
        {"VPCZoneIdentifier": "subnet-0123456789abcdef0"},
    ],
)
def test_a_group_that_cannot_be_is_refused(fleet, aws, changes):
    with refused("ValidationError"):
        fleet.create(**changes)
    assert aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_a_template_with_an_unknown_profile_is_refused(fleet, aws):
    version = fleet.version(IamInstanceProfile={"Name": "nobody"})
    with refused("ValidationError", "Invalid IAM Instance Profile name"):
        fleet.create(LaunchTemplate={"LaunchTemplateId": fleet.template, "Version": version})
    assert aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_unknown_groups_are_named(aws):
    with refused("ValidationError", "not found"):
        aws.autoscaling.set_desired_capacity(AutoScalingGroupName="gone", DesiredCapacity=1)


def test_capacity_is_raised_and_lowered(fleet):
    fleet.create()
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert fleet.states() == ["InService", "InService", "Pending"]
    fleet.settle()
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    assert fleet.states() == ["InService", "InService", "Terminating"]
    fleet.settle()
    assert fleet.states() == ["InService", "InService"]


def test_the_fullest_zone_shrinks_first(fleet):
    fleet.create(least=1, DesiredCapacity=3)
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    fleet.settle()
    assert {i["AvailabilityZone"] for i in fleet.group()["Instances"]} == {"us-east-1a", "us-east-1b"}


@pytest.mark.parametrize("desired", [1, 5])
def test_capacity_outside_its_bounds_is_refused(fleet, desired):
    fleet.create()
    with refused("ValidationError"):
        fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=desired)


def test_an_update_changes_only_what_is_given(fleet):
    fleet.create(MixedInstancesPolicy=mixed(fleet), HealthCheckType="ELB")
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=9)
    shown = fleet.group()
    assert (shown["MaxSize"], shown["MinSize"], shown["HealthCheckType"]) == (9, 2, "ELB")
    assert shown["MixedInstancesPolicy"]["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 50


def test_an_update_of_min_above_max_is_refused(fleet):
    fleet.create()
    with refused("ValidationError"):
        fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=5)


def test_new_bounds_move_the_desired_capacity(fleet):
    fleet.create()
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=3)
    assert fleet.group()["DesiredCapacity"] == 3
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, MaxSize=1)
    assert fleet.group()["DesiredCapacity"] == 1


def test_a_new_template_version_is_for_new_instances(fleet):
    fleet.create()
    version = fleet.version()
    template = {"LaunchTemplateId": fleet.template, "Version": version}
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=template, DesiredCapacity=3)
    fleet.settle()
    assert fleet.group()["LaunchTemplate"]["Version"] == version
    versions = sorted(i["LaunchTemplate"]["Version"] for i in fleet.group()["Instances"])
    assert versions == ["1", "1", version]


def test_serving_instances_are_registered_and_leaving_ones_are_not(fleet):
    arn = fleet.target_group()
    fleet.create(settle=False, TargetGroupARNs=[arn])
    assert fleet.targets(arn) == set()
    fleet.settle()
    assert fleet.targets(arn) == fleet.ids() != set()
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, DesiredCapacity=0)
    assert fleet.targets(arn) == set()


def test_target_groups_are_attached_and_detached(fleet):
    arn = fleet.target_group()
    fleet.create()
    fleet.api.attach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[arn])
    assert fleet.targets(arn) == fleet.ids()
    fleet.api.detach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[arn])
    assert fleet.targets(arn) == set()


def test_a_target_group_attached_early_gets_the_instances_that_serve(fleet):
    arn = fleet.target_group()
    fleet.create(settle=False)
    fleet.api.attach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[arn])
    assert fleet.targets(arn) == set()
    fleet.settle()
    assert fleet.targets(arn) == fleet.ids() != set()


def test_only_existing_target_groups_are_attached(fleet):
    fleet.create()
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef"
    with refused("ValidationError"):
        fleet.api.attach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[arn])


def test_a_target_group_is_detached_while_instances_start(fleet):
    arn = fleet.target_group()
    fleet.create(settle=False, TargetGroupARNs=[arn])
    fleet.api.detach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[arn])
    fleet.settle()
    assert fleet.targets(arn) == set()


def test_suspended_launches_wait(fleet):
    fleet.create()
    fleet.api.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch"])
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert len(fleet.states()) == 2
    fleet.api.resume_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch"])
    assert len(fleet.states()) == 3


def test_activities_tell_what_happened(fleet):
    fleet.create(least=1)
    (activity,) = fleet.api.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    assert (activity["StatusCode"], activity["Progress"]) == ("Successful", 100)
    assert activity["Description"] == f"Launching a new EC2 instance: {min(fleet.ids())}"


def test_a_group_with_instances_is_not_deleted(fleet):
    fleet.create()
    with refused("ResourceInUse"):
        fleet.api.delete_auto_scaling_group(AutoScalingGroupName="web")
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, DesiredCapacity=0)
    with refused("ScalingActivityInProgress"):
        fleet.api.delete_auto_scaling_group(AutoScalingGroupName="web")
    fleet.settle()
    fleet.api.delete_auto_scaling_group(AutoScalingGroupName="web")
    assert fleet.api.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_a_group_deleted_by_force_takes_its_instances_along(fleet, aws):
    fleet.create()
    fleet.api.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    assert fleet.group()["Status"] == "Delete in progress"
    assert fleet.states() == ["Terminating", "Terminating"]
    with refused("AlreadyExists"):
        fleet.create()
    fleet.settle()
    assert fleet.api.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    states = {i["State"]["Name"] for r in aws.ec2.describe_instances()["Reservations"] for i in r["Instances"]}
    assert states == {"terminated"}
    aws.ec2.delete_security_group(GroupId=fleet.security_group)


def test_groups_are_found_by_tag(fleet):
    fleet.create(Tags=[{"Key": "hastack.dev/cluster", "Value": "c", "PropagateAtLaunch": True}])
    for value, expected in (("c", 1), ("d", 0)):
        filters = [{"Name": "tag:hastack.dev/cluster", "Values": [value]}]
        found = fleet.api.describe_auto_scaling_groups(Filters=filters)["AutoScalingGroups"]
        assert len(found) == expected


def test_metrics_are_switched(fleet):
    fleet.create()
    fleet.api.enable_metrics_collection(AutoScalingGroupName="web", Granularity="1Minute")
    assert len(fleet.group()["EnabledMetrics"]) == 13
    fleet.api.disable_metrics_collection(AutoScalingGroupName="web", Metrics=["GroupMinSize"])
    assert len(fleet.group()["EnabledMetrics"]) == 12


@pytest.mark.parametrize("policy,gone", [("OldestInstance", "2"), ("Default", "1"), ("NewestInstance", "1")])
def test_termination_policies_choose(fleet, policy, gone):
    wide = {"VPCZoneIdentifier": fleet.network.subnet, "TerminationPolicies": [policy]}
    template = {"LaunchTemplateId": fleet.template, "Version": fleet.version()}
    fleet.create(least=1, LaunchTemplate=template, **wide)
    template["Version"] = "1"
    fleet.api.update_auto_scaling_group(AutoScalingGroupName="web", LaunchTemplate=template, DesiredCapacity=2)
    fleet.settle()
    fleet.api.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    (leaving,) = [i for i in fleet.group()["Instances"] if i["LifecycleState"] == "Terminating"]
    assert leaving["LaunchTemplate"]["Version"] == gone
