"""Elastic Load Balancing v2: whose a target group is, and its targets."""

import email.message

import pytest

from conftest import refused, run


def test_a_target_group_belongs_to_one_load_balancer(balanced):
    group = balanced.target_group()
    balanced.listener(balanced.balancer(), group)
    with refused("TargetGroupAssociationLimit"):
        balanced.listener(balanced.balancer(Name="other"), group)


def test_a_rule_does_not_share_a_target_group_between_load_balancers(balanced, aws):
    shared = balanced.target_group()
    balanced.listener(balanced.balancer(), shared)
    listener = balanced.listener(balanced.balancer(Name="other"), balanced.target_group("other"))
    with refused("TargetGroupAssociationLimit"):
        aws.elbv2.create_rule(
            ListenerArn=listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": shared}],
        )


def test_a_target_group_is_free_again_when_its_load_balancer_is_deleted(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    (shown,) = aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert shown["LoadBalancerArns"] == [made]
    with refused("ResourceInUse"):
        aws.elbv2.delete_target_group(TargetGroupArn=group)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    aws.elbv2.delete_target_group(TargetGroupArn=group)


def test_the_same_call_makes_one_target_group(balanced):
    assert balanced.target_group() == balanced.target_group()


def test_a_target_groups_name_with_other_settings_is_refused(balanced):
    balanced.target_group()
    with refused("DuplicateTargetGroupName"):
        balanced.target_group(Port=81)


def test_an_unknown_instance_is_not_registered(balanced, aws):
    with refused("InvalidTarget"):
        aws.elbv2.register_targets(TargetGroupArn=balanced.target_group(), Targets=[{"Id": "i-0123456789abcdef0"}])


def test_a_target_is_unused_then_initial_then_healthy(balanced, aws):
    group, instance = balanced.target_group(), balanced.instance()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert balanced.health(group) == [("unused", "Target.NotInUse")]
    balanced.listener(balanced.balancer(), group)
    assert balanced.health(group) == [("initial", "Elb.RegistrationInProgress")]
    aws.wait_out_pending()
    assert balanced.health(group) == [("healthy", None)]


def test_a_target_is_unhealthy_when_told_so(balanced, aws):
    group, instance = balanced.target_group(), balanced.instance()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    balanced.listener(balanced.balancer(), group)
    aws.wait_out_pending()
    aws.post(f"/mended/targets/{instance}/unhealthy")
    assert balanced.health(group) == [("unhealthy", "Target.FailedHealthChecks")]
    aws.post(f"/mended/targets/{instance}/healthy")
    assert balanced.health(group) == [("healthy", None)]


@pytest.fixture
def serving(balanced, aws):
    """A target group with a healthy target."""
    group, made = balanced.target_group(), balanced.instance()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    balanced.listener(balanced.balancer(), group)
    aws.wait_out_pending()
    return group, made


def test_a_deregistered_target_drains_first(serving, balanced, aws):
    group, made = serving
    aws.post("/mended/durations", draining=100)
    aws.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    assert balanced.health(group) == [("draining", "Target.DeregistrationInProgress")]
    aws.post("/mended/clock/advance", seconds=101)
    assert balanced.health(group) == []
    named = aws.elbv2.describe_target_health(TargetGroupArn=group, Targets=[{"Id": made}])
    health = named["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (health["State"], health["Reason"]) == ("unused", "Target.NotRegistered")


def test_a_target_drains_no_longer_than_its_groups_delay(serving, balanced, aws):
    group, made = serving
    aws.post("/mended/durations", draining=100)
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    aws.elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=delay)
    aws.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    assert balanced.health(group) == []


def test_a_draining_target_may_come_back(serving, balanced, aws):
    group, made = serving
    aws.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    assert balanced.health(group) == [("initial", "Elb.RegistrationInProgress")]


def test_a_terminated_target_drains_too(serving, balanced, aws):
    group, made = serving
    aws.ec2.terminate_instances(InstanceIds=[made])
    assert balanced.health(group) == [("draining", "Target.DeregistrationInProgress")]
    aws.wait_out_pending()
    assert balanced.health(group) == []


def test_what_is_not_registered_is_deregistered_without_a_word(balanced, aws):
    aws.elbv2.deregister_targets(TargetGroupArn=balanced.target_group(), Targets=[{"Id": "i-0123456789abcdef0"}])


@pytest.mark.parametrize("multipart", [False, True])
def test_user_data_may_ask_for_targets_that_stay_unhealthy(balanced, aws, network, multipart):
    script = "#!/bin/sh\n# hastack-test: unhealthy\n"
    if multipart:
        message = email.message.EmailMessage()
        message.set_content("#!/bin/sh\n")
        message.add_attachment(script, subtype="x-shellscript", cte="base64")
        script = message.as_string()
    made = run(aws, network, UserData=script)
    group = balanced.target_group()
    balanced.listener(balanced.balancer(), group)
    aws.wait_out_pending()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": made}])
    aws.wait_out_pending()
    assert balanced.health(group) == [("unhealthy", "Target.FailedHealthChecks")]
