"""Elastic Load Balancing v2: target groups and targets."""

from conftest import refused


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
