"""Elastic Load Balancing v2: target groups, their health checks and attributes."""

import pytest

from conftest import CERTIFICATE, NOT_FOUND, refused

CHECK = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "8081",
    "HealthCheckPath": "/ready",
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckTimeoutSeconds": 4,
    "HealthyThresholdCount": 3,
    "UnhealthyThresholdCount": 4,
    "Matcher": {"HttpCode": "200-299"},
}


def shown(aws, group):
    return aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]


def attributes(aws, group):
    found = aws.elbv2.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    return {attribute["Key"]: attribute["Value"] for attribute in found}


def set_attributes(aws, group, **given):
    wanted = [{"Key": key.replace("__", "."), "Value": value} for key, value in given.items()]
    return aws.elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=wanted)["Attributes"]


def test_the_health_check_is_as_it_was_given_and_changed(balanced, aws):
    group = balanced.target_group(**CHECK)
    assert CHECK.items() <= shown(aws, group).items()
    changed = {**CHECK, "HealthCheckPath": "/", "HealthCheckPort": "traffic-port", "Matcher": {"HttpCode": "200,301"}}
    aws.elbv2.modify_target_group(TargetGroupArn=group, **changed)
    assert changed.items() <= shown(aws, group).items()
    aws.elbv2.modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=20)
    assert {**changed, "HealthCheckIntervalSeconds": 20}.items() <= shown(aws, group).items()


def test_grpc_has_a_check_of_its_own(balanced, aws):
    group = balanced.target_group(ProtocolVersion="GRPC")
    found = shown(aws, group)
    assert (found["HealthCheckPath"], found["Matcher"]) == ("/AWS.ALB/healthcheck", {"GrpcCode": "12"})
    assert balanced.target_group(ProtocolVersion="GRPC") == group
    aws.elbv2.modify_target_group(TargetGroupArn=group, Matcher={"GrpcCode": "0-99"})
    assert shown(aws, group)["Matcher"] == {"GrpcCode": "0-99"}
    with refused("ValidationError"):
        aws.elbv2.modify_target_group(TargetGroupArn=group, Matcher={"HttpCode": "200"})


@pytest.mark.parametrize(
    "changes",
    [
        {"Matcher": {"GrpcCode": "0"}},
        {"HealthCheckEnabled": False},
        {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5},
    ],
)
def test_a_check_that_cannot_be_is_refused(balanced, aws, changes):
    with refused("ValidationError"):
        balanced.target_group("other", **changes)
    with refused("ValidationError"):
        aws.elbv2.modify_target_group(TargetGroupArn=balanced.target_group(), **changes)


@pytest.mark.parametrize("version,http", [("HTTP1", True), ("HTTP2", False), ("GRPC", False)])
def test_http_2_needs_an_https_listener(balanced, version, http):
    group, balancer = balanced.target_group(ProtocolVersion=version), balanced.balancer()
    secure = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE}]}
    if http:
        balanced.listener(balancer, group)
    else:
        with refused("InvalidConfigurationRequest", version):
            balanced.listener(balancer, group)
    balanced.listener(balancer, group, **secure)


def test_attributes_are_set_and_all_of_them_answered(balanced, aws):
    group = balanced.target_group()
    assert attributes(aws, group)["deregistration_delay.timeout_seconds"] == "300"
    wanted = {"deregistration_delay__timeout_seconds": "30", "slow_start__duration_seconds": "60"}
    wanted |= {"stickiness__enabled": "true", "stickiness__lb_cookie__duration_seconds": "600"}
    answer = set_attributes(aws, group, **wanted)
    assert {a["Key"]: a["Value"] for a in answer} == attributes(aws, group)
    assert {key.replace("__", "."): value for key, value in wanted.items()}.items() <= attributes(aws, group).items()


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"deregistration_delay__timeout_seconds": "3601"},
        {"slow_start__duration_seconds": "29"},
        {"stickiness__enabled": "yes"},
        {"stickiness__type": "source_ip"},
        {"stickiness__enabled": "true", "stickiness__type": "app_cookie"},
        {"load_balancing__algorithm__type": "random"},
        {"load_balancing__algorithm__type": "least_outstanding_requests", "slow_start__duration_seconds": "30"},
        {"load_balancing__algorithm__anomaly_mitigation": "on"},
    ],
)
def test_an_attribute_takes_documented_values_only(balanced, aws, wrong):
    group = balanced.target_group()
    before = attributes(aws, group)
    with refused("InvalidConfigurationRequest"):
        set_attributes(aws, group, **wrong)
    assert attributes(aws, group) == before


def test_target_groups_have_pages_and_tags(balanced, aws):
    made = [balanced.target_group(f"t{n}", Tags=[{"Key": "n", "Value": str(n)}]) for n in range(3)]
    first = aws.elbv2.describe_target_groups(PageSize=2)
    rest = aws.elbv2.describe_target_groups(PageSize=2, Marker=first["NextMarker"])
    found = [group["TargetGroupArn"] for group in first["TargetGroups"] + rest["TargetGroups"]]
    assert (found, "NextMarker" in rest) == (made, False)
    described = aws.elbv2.describe_tags(ResourceArns=made)["TagDescriptions"]
    assert [d["Tags"][0]["Value"] for d in described] == ["0", "1", "2"]


def test_a_load_balancer_without_target_groups_has_none(balanced, aws):
    balancer = balanced.balancer()
    balanced.target_group()
    assert aws.elbv2.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"] == []


def test_a_target_group_a_rule_names_is_in_use(balanced, aws):
    group = balanced.target_group()
    listener = balanced.listener(balanced.balancer(), None, DefaultActions=[NOT_FOUND])
    (rule,) = aws.elbv2.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Rules"]
    with refused("ResourceInUse"):
        aws.elbv2.delete_target_group(TargetGroupArn=group)
    aws.elbv2.delete_rule(RuleArn=rule["RuleArn"])
    aws.elbv2.delete_target_group(TargetGroupArn=group)
    with refused("TargetGroupNotFound"):
        aws.elbv2.describe_target_health(TargetGroupArn=group)
