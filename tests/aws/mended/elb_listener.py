"""Elastic Load Balancing v2: listeners, their default actions and attributes."""

import re

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeListener
from moto.elbv2.responses import ELBV2Response
from moto.elbv2.ssl_policies import SSL_POLICIES

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
    refuse_bad_forwards(backend, response._get_param("DefaultActions", []), balancer, protocol)
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
    refuse_bad_forwards(backend, response._get_param("DefaultActions", []), balancer, protocol)
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


def refuse_bad_forwards(backend, actions, balancer, protocol):
    """Refuse to forward to a target group of another load balancer, or by a protocol it does not speak."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html: "Each target
    # group can be used with one load balancer" - TargetGroupAssociationLimit. For HTTP/2 and gRPC "the only supported
    # listener protocol is HTTPS".
    for arn in (arn for action in actions for arn in backend._get_target_group_arns_from(action)):
        group = backend.target_groups.get(arn)
        if group is None or balancer is None:
            continue
        if set(group.load_balancer_arns) - {balancer.arn}:
            raise ELBClientError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )
        if protocol == "HTTP" and group.protocol_version in ("HTTP2", "GRPC"):
            raise ELBClientError(
                "InvalidConfigurationRequest",
                f"Listener protocol 'HTTP' is not supported with a target group with the protocol-version "
                f"'{group.protocol_version}'",
            )


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
