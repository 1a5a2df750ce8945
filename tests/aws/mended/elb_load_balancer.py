"""Elastic Load Balancing v2: load balancers - idempotent creation, slow states, interfaces, protection.

Still wrong: a load balancer never fails; its interfaces do not change in number with load. Network and gateway load
balancers are left as moto has them.
"""

import json
import re

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.utils import random_public_ip
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.elbv2.responses import ELBV2Response

from mended import clock
from mended.ec2_interface import lend_to_service
from mended.elb_attribute import APPLICATION_ATTRIBUTES
from mended.patch import replaces


def same_settings(existing, response, code, what):
    """True if `existing` was made with the same parameters; another set of parameters is refused with `code`."""
    if existing._mended_settings == settings(response):
        return True
    raise ELBClientError(code, f"A {what} exists, but with different settings")


def settings(response):
    """The parameters of a create call, comparable."""
    return json.dumps(response.params, sort_keys=True, default=str)


@replaces(ELBV2Response, "create_load_balancer")
def the_same_load_balancer_is_made_once(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html: "This operation
    # is idempotent ... If you attempt to create multiple load balancers with the same settings, each call succeeds."
    # Whether tags are settings is not documented; here they are.
    name = response._get_param("Name")
    _refuse_other_name(name)
    for existing in response.elbv2_backend.load_balancers.values():
        what = f"load balancer with the same name '{name}'"
        if existing.name == name and same_settings(existing, response, "DuplicateLoadBalancerName", what):
            return ActionResult({"LoadBalancers": [existing]})
    answer = original()
    answer.result["LoadBalancers"][0]._mended_settings = settings(response)
    return answer


def _refuse_other_name(name):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html: "can have a
    # maximum of 32 characters, must contain only alphanumeric characters or hyphens, must not begin or end with a
    # hyphen, and must not begin with internal-".
    if not re.fullmatch(r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?", name):
        raise ELBClientError("ValidationError", f"The load balancer name '{name}' is not valid")


@replaces(ELBv2Backend, "create_load_balancer")
def an_application_load_balancer_is_provisioned(
    original,
    backend,
    name,
    security_groups,
    subnet_ids,
    subnet_mappings=None,
    scheme=None,
    loadbalancer_type=None,
    **rest,
):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html
    application = (loadbalancer_type or "application") == "application"
    ids = [*subnet_ids, *(mapping["SubnetId"] for mapping in subnet_mappings or [])]
    subnets = _usable_subnets(backend, ids, application)
    scheme = scheme or "internet-facing"
    if scheme == "internet-facing":
        _refuse_without_gateway(backend, subnets)
    if application:
        security_groups = _usable_groups(backend, security_groups, subnets)
    balancer = original(name, security_groups, subnet_ids, subnet_mappings, scheme, loadbalancer_type, **rest)
    number = int(balancer.arn.rsplit("/", 1)[1], 16) % 10**10
    internal = "internal-" if scheme == "internal" else ""
    balancer.dns_name = f"{internal}{name}-{number:010}.{backend.region_name}.elb.amazonaws.com"
    balancer.canonical_hosted_zone_id = "Z35SXDOTRQ7X7K"
    balancer.enable_prefix_for_ipv6_source_nat = "off"
    if application:
        balancer.attrs = dict(APPLICATION_ATTRIBUTES)
    _place_interfaces(backend, balancer)
    clock.later(clock.durations.pending, lambda: _activate(balancer))
    return balancer


def _usable_subnets(backend, ids, application):
    subnets = []
    for subnet_id in ids:
        try:
            subnets.append(backend.ec2_backend.get_subnet(subnet_id))
        except EC2ClientError:
            raise ELBClientError("SubnetNotFound", f"The subnet ID '{subnet_id}' is not valid") from None
    zones = [subnet.availability_zone for subnet in subnets]
    if application and len(set(zones)) < len(zones):
        raise ELBClientError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if application and len(zones) < 2:
        raise ELBClientError(
            "ValidationError", "At least two subnets in two different Availability Zones must be specified"
        )
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise ELBClientError("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    return subnets


def _refuse_without_gateway(backend, subnets):
    vpc_id = subnets[0].vpc_id
    attached = [gateway for gateway in backend.ec2_backend.internet_gateways.values() if gateway.vpc]
    default = backend.ec2_backend.get_default_vpc()
    if not any(gateway.vpc.id == vpc_id for gateway in attached) and not (default and default.id == vpc_id):
        raise ELBClientError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


def _usable_groups(backend, group_ids, subnets):
    ec2 = backend.ec2_backend
    for group_id in group_ids:
        group = ec2.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != subnets[0].vpc_id:
            raise ELBClientError("InvalidSecurityGroup", f"Security group ID '{group_id}' does not exist")
    return group_ids or [ec2.get_default_security_group(subnets[0].vpc_id).id]


def _place_interfaces(backend, balancer):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html: one interface
    # a subnet, with the load balancer's groups.
    present = {interface.subnet.id: interface for interface in getattr(balancer, "_mended_interfaces", [])}
    wanted = {subnet.id for subnet in balancer.subnets}
    for subnet_id in set(present) - wanted:
        _linger(backend, [present.pop(subnet_id)])
    for subnet in balancer.subnets:
        if subnet.id not in present:
            present[subnet.id] = _interface(backend, balancer, subnet)
    balancer._mended_interfaces = list(present.values())


def _interface(backend, balancer, subnet):
    description = f"ELB {balancer.arn.split(':loadbalancer/', 1)[1]}"
    interface = backend.ec2_backend.create_network_interface(subnet, None, group_ids=balancer.security_groups)
    lend_to_service(interface, "amazon-elb", description)
    if balancer.scheme == "internet-facing":
        interface.public_ip = random_public_ip()
    return interface


def _linger(backend, interfaces):
    # https://repost.aws/knowledge-center/troubleshoot-delete-vpc-sg: after a load balancer is deleted its interfaces
    # stay for a while, and with them the subnet, the groups and the internet gateway's attachment.
    def remove():
        for interface in interfaces:
            backend.ec2_backend.enis.pop(interface.id, None)

    clock.later(clock.durations.interface_lingers, remove)


def _activate(balancer):
    if balancer.state == "provisioning":
        balancer.state = "active"


@replaces(FakeLoadBalancer, "activate")
def reading_does_not_make_it_active(_original, _balancer):
    # moto's load balancers become active by being described.
    return None


@replaces(ELBv2Backend, "set_subnets")
def new_subnets_have_interfaces(original, backend, arn, subnets, subnet_mappings):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and balancer.type == "application":
        ids = [*subnets, *(mapping["SubnetId"] for mapping in subnet_mappings or [])]
        found = _usable_subnets(backend, ids, True)
        if found[0].vpc_id != balancer.vpc_id:
            raise ELBClientError("InvalidSubnet", f"The subnets are not of the load balancer's VPC {balancer.vpc_id}")
        if balancer.scheme == "internet-facing":
            _refuse_without_gateway(backend, found)
    zones = original(arn, subnets, subnet_mappings)
    _place_interfaces(backend, backend.load_balancers[arn])
    return zones


@replaces(ELBv2Backend, "set_security_groups")
def the_interfaces_have_the_load_balancers_groups(original, backend, arn, sec_groups):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and not sec_groups:
        raise ELBClientError("InvalidConfigurationRequest", "At least one security group must be specified")
    if balancer is not None:
        _usable_groups(backend, sec_groups, balancer.subnets)
    original(arn, sec_groups)
    for interface in backend.load_balancers[arn]._mended_interfaces:
        interface._group_set = [backend.ec2_backend.get_security_group_from_id(group_id) for group_id in sec_groups]


@replaces(ELBv2Backend, "delete_load_balancer")
def a_protected_load_balancer_stays_and_a_deleted_ones_interfaces_linger(original, backend, arn):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html: "You can't
    # delete a load balancer if deletion protection is enabled. If the load balancer does not exist ..., the call
    # succeeds."
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise ELBClientError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    original(arn)
    if balancer is not None:
        _linger(backend, balancer._mended_interfaces)
        backend.tagging_service.delete_all_tags_for_resource(arn)
