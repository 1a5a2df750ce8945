"""Elastic Load Balancing v2: target groups - their health checks, attributes and load balancer.

Still wrong: target groups of network and gateway load balancers are left as moto has them; no quotas.
"""

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup, elbv2_backends
from moto.elbv2.responses import ELBV2Response

from mended.elb_listener import listeners
from mended.elb_load_balancer import same_settings, settings
from mended.patch import replaces

_HEALTH = "target_group_health"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html: of application
# load balancers, with their defaults.
ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": "1",
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": "off",
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
VALUES = {
    "deregistration_delay.timeout_seconds": range(3601),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    "load_balancing.algorithm.type": ("round_robin", "least_outstanding_requests", "weighted_random"),
    "load_balancing.cross_zone.enabled": ("true", "false", "use_load_balancer_configuration"),
    "slow_start.duration_seconds": (0, *range(30, 901)),
    "stickiness.app_cookie.duration_seconds": range(1, 604801),
    "stickiness.enabled": ("true", "false"),
    "stickiness.lb_cookie.duration_seconds": range(1, 604801),
    "stickiness.type": ("lb_cookie", "app_cookie"),
}


def _load_balancers_of(group):
    # moto remembers a load balancer for ever. A target group is associated as long as a listener or a rule names it.
    backend = elbv2_backends[group.account_id][group.region_name]
    return sorted(
        {listener.load_balancer_arn for listener in listeners(backend) if _forwards_to(backend, listener, group)}
    )


def _forwards_to(backend, listener, group):
    actions = [action for rule in listener.rules.values() for action in rule.actions]
    return any(group.arn in backend._get_target_group_arns_from(action.data) for action in actions)


FakeTargetGroup.load_balancer_arns = property(_load_balancers_of, lambda _group, _arns: None)


@replaces(ELBV2Response, "create_target_group")
def the_same_target_group_is_made_once(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html: idempotent
    name = response._get_param("Name")
    for existing in response.elbv2_backend.target_groups.values():
        what = f"target group with the same name '{name}'"
        if existing.name == name and same_settings(existing, response, "DuplicateTargetGroupName", what):
            return ActionResult({"TargetGroups": [existing]})
    version, matcher = response._get_param("ProtocolVersion"), response._get_param("Matcher")
    _refuse_bad_health_check(response, version)
    before = settings(response)
    if version == "GRPC":
        # "The default is /AWS.ALB/healthcheck"; "The default value is 12."
        response.params["HealthCheckPath"] = response._get_param("HealthCheckPath") or "/AWS.ALB/healthcheck"
        response.params["Matcher"] = matcher or {"GrpcCode": "12"}
    answer = original()
    answer.result["TargetGroups"][0]._mended_settings = before
    return answer


def _refuse_bad_health_check(response, version):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html, API_CreateTargetGroup.html
    matcher = response._get_param("Matcher") or {}
    if ("GrpcCode" in matcher and version != "GRPC") or ("HttpCode" in matcher and version == "GRPC"):
        raise ELBClientError("ValidationError", f"Protocol version '{version}' does not take this matcher: {matcher}")
    if response._get_param("HealthCheckEnabled") is False and response._get_param("TargetType") != "lambda":
        # "If the target type is instance, ip, or alb, health checks are always enabled and can't be disabled."
        raise ELBClientError("ValidationError", "Health checks cannot be disabled for this target type")


@replaces(ELBV2Response, "modify_target_group")
def a_modified_target_group_obeys_the_same_rules(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
    group = response.elbv2_backend.target_groups.get(response._get_param("TargetGroupArn"))
    if group is None:
        raise TargetGroupNotFoundError()
    _refuse_bad_health_check(response, group.protocol_version)
    interval = response._get_int_param("HealthCheckIntervalSeconds") or group.health_check_interval_seconds
    timeout = response._get_int_param("HealthCheckTimeoutSeconds") or group.health_check_timeout_seconds
    if timeout >= interval:
        raise ELBClientError(
            "ValidationError", f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
        )
    answer = original()
    group.matcher = response._get_param("Matcher") or group.matcher
    return answer


@replaces(FakeTargetGroup, "__init__")
def a_target_group_has_its_protocols_attributes(original, group, *args, **kwargs):
    original(*args, **kwargs)
    if group.protocol in ("HTTP", "HTTPS"):
        group.attributes = dict(ATTRIBUTES)


@replaces(ELBV2Response, "modify_target_group_attributes")
def attributes_take_documented_values(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html:
    # InvalidConfigurationRequest
    group = response.elbv2_backend.target_groups.get(response._get_param("TargetGroupArn"))
    given = {attribute["Key"]: attribute["Value"] for attribute in response._get_param("Attributes", [])}
    if group is not None and group.protocol in ("HTTP", "HTTPS"):
        for key, value in given.items():
            _refuse_other_value(key, value)
        _refuse_what_does_not_fit({**group.attributes, **given})
    original()
    return ActionResult({"Attributes": group.attributes})


def _refuse_other_value(key, value):
    allowed = VALUES.get(key)
    wanted = int(value) if allowed and not isinstance(allowed[0], str) and value.isdecimal() else value
    if key not in ATTRIBUTES or (allowed is not None and wanted not in allowed):
        raise ELBClientError(
            "InvalidConfigurationRequest", f"Target group attribute '{key}' is not supported with value '{value}'"
        )


def _refuse_what_does_not_fit(after):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html: slow start
    # is for round robin alone; anomaly mitigation for weighted random alone; an application cookie has a name.
    algorithm = after["load_balancing.algorithm.type"]
    wrong = (
        (after["slow_start.duration_seconds"] != "0" and algorithm != "round_robin", "Slow start needs round_robin"),
        (
            after["load_balancing.algorithm.anomaly_mitigation"] == "on" and algorithm != "weighted_random",
            "Anomaly mitigation needs weighted_random",
        ),
        (
            after["stickiness.enabled"] == "true"
            and after["stickiness.type"] == "app_cookie"
            and not after["stickiness.app_cookie.cookie_name"],
            "Stickiness by an application's cookie needs the cookie's name",
        ),
    )
    for is_wrong, message in wrong:
        if is_wrong:
            raise ELBClientError("InvalidConfigurationRequest", message)


@replaces(ELBv2Backend, "describe_target_groups")
def a_load_balancer_may_have_no_target_groups(original, backend, load_balancer_arn, target_group_arns, names):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
    balancer = backend.load_balancers.get(load_balancer_arn)
    if balancer is not None and not any(balancer.arn in g.load_balancer_arns for g in backend.target_groups.values()):
        return []
    return original(load_balancer_arn, target_group_arns, names)
