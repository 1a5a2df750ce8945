"""Elastic Load Balancing v2: listeners, rules, target groups and targets.

Still wrong: DescribeRules answers rules in the order they were made, not by priority. No quota on rules or targets.
"""

import re

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, RuleNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeListener, FakeTargetGroup, elbv2_backends
from moto.elbv2.responses import ELBV2Response
from moto.elbv2.ssl_policies import SSL_POLICIES

from mended import clock
from mended.elb_certificate import refuse_unusable
from mended.elb_load_balancer import same_settings, settings
from mended.patch import replaces

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
HTTP_ATTRIBUTES = {
    "routing.http.response.server.enabled": "true",
    **{
        f"routing.http.response.{header}.header_value": ""
        for header in (
            "strict_transport_security",
            "access_control_allow_origin",
            "access_control_allow_methods",
            "access_control_allow_headers",
            "access_control_allow_credentials",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "x_content_type_options",
            "x_frame_options",
        )
    },
}
# What CreateListener takes where none is given.
DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"
RENAMED = re.compile(r"routing\.http\.request\.x_amzn_(mtls|tls)_[a-z_]+\.header_name")


def listeners(backend):
    """Every listener of an account and region."""
    return [listener for balancer in backend.load_balancers.values() for listener in balancer.listeners.values()]


@replaces(ELBV2Response, "create_listener")
def a_port_has_one_listener(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html: idempotent; another
    # listener of the same port is DuplicateListener.
    backend = response.elbv2_backend
    balancer = backend.load_balancers.get(response._get_param("LoadBalancerArn"))
    for existing in balancer.listeners.values() if balancer else []:
        what = f"listener on this port for load balancer '{balancer.arn}'"
        if existing.port == response._get_param("Port") and same_settings(
            existing, response, "DuplicateListener", what
        ):
            return ActionResult({"Listeners": [existing]})
    protocol = response._get_param("Protocol")
    refuse_unusable(response, protocol)
    _refuse_unknown_policy(response)
    _refuse_bad_redirects(response, protocol, response._get_param("Port"))
    _refuse_shared_target_groups(backend, response._get_param("DefaultActions", []), balancer)
    answer = original()
    answer.result["Listeners"][0]._mended_settings = settings(response)
    return answer


@replaces(ELBV2Response, "modify_listener")
def a_modified_listener_obeys_the_same_rules(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
    backend = response.elbv2_backend
    listener = backend.describe_listeners(None, [response._get_param("ListenerArn")])[0]
    balancer = backend.load_balancers[listener.load_balancer_arn]
    port = response._get_param("Port") or listener.port
    if any(other.port == port for other in balancer.listeners.values() if other is not listener):
        raise ELBClientError("DuplicateListener", f"A listener already exists on port {port} for this load balancer")
    before, protocol = listener.protocol, response._get_param("Protocol") or listener.protocol
    if response._get_param("Certificates") or protocol != before:
        refuse_unusable(response, protocol)
    _refuse_unknown_policy(response)
    _refuse_bad_redirects(response, protocol, port)
    _refuse_shared_target_groups(backend, response._get_param("DefaultActions", []), balancer)
    answer = original()
    # "Changing the protocol from HTTPS to HTTP ... removes the security policy and default certificate properties."
    if protocol == "HTTP":
        listener.certificates, listener._mended_certificates, listener.ssl_policy = [], [], None
    elif protocol != before:
        listener.ssl_policy = response._get_param("SslPolicy") or DEFAULT_POLICY
    return answer


def _refuse_bad_redirects(response, protocol, port):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html: "You can't
    # redirect HTTPS to HTTP"; "You must modify at least one of the following components to avoid a redirect loop:
    # protocol, hostname, port, or path."
    for config in (action.get("RedirectConfig") for action in response._get_param("DefaultActions", [])):
        if config is None:
            continue
        if protocol == "HTTPS" and config.get("Protocol") == "HTTP":
            raise ELBClientError("InvalidLoadBalancerAction", "A redirect from HTTPS to HTTP is not valid")
        kept = (
            config.get("Protocol", "#{protocol}") in ("#{protocol}", protocol),
            config.get("Port", "#{port}") in ("#{port}", str(port)),
            config.get("Host", "#{host}") == "#{host}",
            config.get("Path", "/#{path}") == "/#{path}",
        )
        if all(kept):
            raise ELBClientError(
                "InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop."
            )


def _refuse_unknown_policy(response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    policy = response._get_param("SslPolicy")
    if policy is not None and policy not in SSL_POLICIES:
        raise ELBClientError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")


def _refuse_shared_target_groups(backend, actions, balancer):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html: "Each target
    # group can be used with one load balancer" - TargetGroupAssociationLimit.
    for arn in (arn for action in actions for arn in backend._get_target_group_arns_from(action)):
        group = backend.target_groups.get(arn)
        if group is not None and balancer is not None and set(group.load_balancer_arns) - {balancer.arn}:
            raise ELBClientError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )


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


@replaces(FakeListener, "__init__")
def a_listener_has_its_protocols_attributes_and_policy(original, listener, *args, **kwargs):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
    original(*args, **kwargs)
    if listener.protocol in ("HTTP", "HTTPS"):
        listener.attributes = dict(HTTP_ATTRIBUTES)
    if listener.protocol == "HTTP":
        listener.ssl_policy = None


@replaces(ELBv2Backend, "modify_listener_attributes")
def a_listener_takes_known_attributes(original, backend, listener_arn, attrs):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListenerAttributes.html
    listener = backend.describe_listeners(None, [listener_arn])[0]
    for key in (attribute["Key"] for attribute in attrs):
        if key not in listener.attributes and not (listener.protocol == "HTTPS" and RENAMED.fullmatch(key)):
            raise ELBClientError("InvalidConfigurationRequest", f"Listener attribute key '{key}' is not recognized")
    return original(listener_arn, attrs)


@replaces(ELBV2Response, "create_rule")
def a_rule_forwards_within_its_load_balancer(original, response):
    backend = response.elbv2_backend
    found = backend.describe_listeners(None, [response._get_param("ListenerArn")])
    balancer = backend.load_balancers[found[0].load_balancer_arn]
    _refuse_shared_target_groups(backend, response._get_param("Actions", []), balancer)
    return original()


@replaces(ELBv2Backend, "delete_rule")
def only_known_rules_but_the_default_are_deleted(original, backend, arn):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html
    rules = {rule.arn: rule for listener in listeners(backend) for rule in listener.rules.values()}
    if arn not in rules:
        raise RuleNotFoundError("One or more rules not found")
    if rules[arn].is_default:
        raise ELBClientError("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")
    original(arn)


@replaces(ELBV2Response, "create_target_group")
def the_same_target_group_is_made_once(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html: idempotent
    name = response._get_param("Name")
    for existing in response.elbv2_backend.target_groups.values():
        what = f"target group with the same name '{name}'"
        if existing.name == name and same_settings(existing, response, "DuplicateTargetGroupName", what):
            return ActionResult({"TargetGroups": [existing]})
    answer = original()
    answer.result["TargetGroups"][0]._mended_settings = settings(response)
    return answer


@replaces(FakeTargetGroup, "register")
def only_instances_of_the_network_are_registered(original, group, targets):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html: InvalidTarget. "The
    # instance must be in the running state when you register it"; Auto Scaling registers them when they are.
    if group.target_type == "instance":
        for target in targets:
            instance = group.ec2_backend.get_instance_by_id(target["Id"])
            if instance is None or instance.vpc_id != group.vpc_id:
                raise ELBClientError(
                    "InvalidTarget",
                    f"The following targets are not in the target group VPC '{group.vpc_id}': {target['Id']}",
                )
    original(targets)
    for target in targets:
        group.targets[target["Id"]]["_mended_since"] = clock.now()


# Targets a test has declared unhealthy, by id: POST /mended/targets/ID/unhealthy and .../healthy.
_unhealthy = set()


@replaces(FakeTargetGroup, "health_for")
def health_follows_the_listener_and_time(original, group, target, ec2_backend):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    status = original(target, ec2_backend)
    registered = group.targets.get(target["Id"])
    if registered is None or status.status != "healthy":
        return status
    instance = ec2_backend.get_instance_by_id(target["Id"])
    if not group.load_balancer_arns:
        worse = "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
    elif group.target_type == "instance" and (instance is None or instance.state != "running"):
        worse = "unused", "Target.InvalidState", "Target is not in the running state"
    elif target["Id"] in _unhealthy:
        worse = "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    elif clock.now() - registered.get("_mended_since", 0) < clock.durations.pending:
        worse = "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
    else:
        return status
    return FakeHealthStatus(status.instance_id, status.port, status.health_check_port, *worse)


def target_health(backend, group, target_id):
    """A registered target's state."""
    return group.health_for(group.targets[target_id], backend.ec2_backend).status


def _set_health(_body, target_id, state):
    (_unhealthy.add if state == "unhealthy" else _unhealthy.discard)(target_id)
    return "200 OK", {"target": target_id, "state": state}


def reset():
    """Forget declared health."""
    _unhealthy.clear()


ROUTES = [("POST", r"/mended/targets/([^/]+)/(healthy|unhealthy)", _set_health)]
