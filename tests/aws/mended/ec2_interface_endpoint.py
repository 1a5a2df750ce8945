"""EC2: interface endpoints - their slow states, their interfaces, groups and private names.

Still wrong: endpoint policies are not checked; an endpoint is available while subnets are added; only IPv4.
"""

from moto.ec2.exceptions import EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, COVERED_ENDPOINT_SERVICES, VPCBackend, VPCEndPoint
from moto.ec2.responses import EC2Response

from mended import clock
from mended.ec2_interface import lend_to_service
from mended.patch import replaces


@replaces(VPCBackend, "create_vpc_endpoint")
def an_interface_endpoint_is_pending_then_available(original, backend, **endpoint):
    # https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    if endpoint.get("endpoint_type") != "Interface":
        return original(**{**endpoint, "private_dns_enabled": False})
    _refuse_unknown_service(backend, endpoint["service_name"])
    vpc, subnet_ids = backend.get_vpc(endpoint["vpc_id"]), endpoint.pop("subnet_ids", [])
    _refuse_subnets(backend, vpc, subnet_ids)
    groups = endpoint["security_group_ids"] or [backend.get_default_security_group(vpc.id).id]
    _refuse_groups(backend, groups)
    if endpoint["private_dns_enabled"]:
        _refuse_private_names(backend, vpc, endpoint["service_name"])
    made = original(**{**endpoint, "security_group_ids": groups, "subnet_ids": []})
    for subnet_id in subnet_ids:
        _place(backend, made, subnet_id)
    made.state = "pending"
    clock.later(clock.durations.pending, lambda: _make_available(made))
    return made


def _refuse_unknown_service(backend, service_name):
    # https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    prefix = f"com.amazonaws.{backend.region_name}."
    known = {*AWS_ENDPOINT_SERVICES, *COVERED_ENDPOINT_SERVICES}
    if not service_name.startswith(prefix) or service_name.removeprefix(prefix) not in known:
        raise EC2ClientError("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")


def _refuse_subnets(backend, vpc, subnet_ids):
    # "You can't have more than one subnet a zone": DuplicateSubnetsInSameZone, which
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html names.
    subnets = [backend.get_subnet(subnet_id) for subnet_id in subnet_ids]
    for subnet in subnets:
        if subnet.vpc_id != vpc.id:
            raise EC2ClientError("InvalidParameter", f"The subnet {subnet.id} does not belong to vpc {vpc.id}.")
    if len({subnet.availability_zone for subnet in subnets}) < len(subnets):
        raise EC2ClientError("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the same zone")


def _refuse_groups(backend, group_ids):
    for group_id in group_ids:
        if backend.get_security_group_from_id(group_id) is None:
            raise InvalidSecurityGroupNotFoundError(group_id)


def _refuse_private_names(backend, vpc, service_name):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html: "To use a private hosted zone,
    # you must set the following VPC attributes to true: enableDnsHostnames and enableDnsSupport." A network resolves a
    # name to one endpoint.
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        raise EC2ClientError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc.id}",
        )
    for other in backend.vpc_end_points.values():
        if (other.vpc_id, other.service_name, bool(other.private_dns_enabled)) == (vpc.id, service_name, True):
            raise EC2ClientError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{service_name} in the VPC {vpc.id}",
            )


def _place(backend, endpoint, subnet_id):
    interface = backend.create_network_interface(subnet_id, None, group_ids=list(endpoint.security_group_ids))
    lend_to_service(interface, "amazon-aws", f"VPC Endpoint Interface {endpoint.id}", "vpc_endpoint")
    endpoint.subnet_ids.append(subnet_id)
    endpoint.network_interface_ids.append(interface.id)


def _names(endpoint):
    # moto keeps one entry; the private name is there while private names are on.
    names = endpoint.__dict__.get("dns_entries", [])
    if endpoint.vpc_endpoint_type != "Interface" or not endpoint.private_dns_enabled:
        return names
    short = endpoint.service_name.rsplit(".", 1)[-1]
    return [*names, {"dns_name": f"{short}.{endpoint.ec2_backend.region_name}.amazonaws.com"}]


VPCEndPoint.dns_entries = property(_names, lambda endpoint, names: endpoint.__dict__.update(dns_entries=names))


def _make_available(endpoint):
    if endpoint.state == "pending":
        endpoint.state = "available"


@replaces(VPCBackend, "modify_vpc_endpoint")
def interfaces_follow_the_endpoints_subnets_and_groups(original, backend, vpc_id, **changes):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html. `vpc_id` is the endpoint's id.
    endpoint = backend.get_vpc_end_point(vpc_id)
    if endpoint.vpc_endpoint_type != "Interface":
        return original(vpc_id=vpc_id, **changes)
    removed = changes.pop("remove_subnets", None) or []
    kept = [subnet_id for subnet_id in endpoint.subnet_ids if subnet_id not in removed]
    added = [subnet_id for subnet_id in changes.pop("add_subnets", None) or [] if subnet_id not in kept]
    _refuse_subnets(backend, backend.get_vpc(endpoint.vpc_id), [*kept, *added])
    _refuse_groups(backend, changes.get("add_security_groups") or [])
    original(vpc_id=vpc_id, add_subnets=[], remove_subnets=[], **changes)
    for interface in _interfaces(backend, endpoint):
        if interface.subnet.id in removed:
            del backend.enis[interface.id]
            endpoint.network_interface_ids.remove(interface.id)
        interface._group_set = [backend.get_security_group_from_id(i) for i in endpoint.security_group_ids]
    endpoint.subnet_ids = kept
    for subnet_id in added:
        _place(backend, endpoint, subnet_id)
    return None


@replaces(EC2Response, "modify_vpc_endpoint")
def private_names_are_switched(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html: PrivateDnsEnabled
    backend, wanted = response.ec2_backend, response._get_param("PrivateDnsEnabled")
    endpoint = backend.get_vpc_end_point(response._get_param("VpcEndpointId"))
    if wanted and not endpoint.private_dns_enabled:
        _refuse_private_names(backend, backend.get_vpc(endpoint.vpc_id), endpoint.service_name)
    if wanted is not None:
        endpoint.private_dns_enabled = wanted
    return original()


def _interfaces(backend, endpoint):
    return [backend.enis[interface_id] for interface_id in endpoint.network_interface_ids]


def begin_deletion(backend, endpoint):
    """Delete an interface endpoint: it and its interfaces stay for a while."""
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html: State deleting.
    if endpoint.state != "deleting":
        endpoint.state = "deleting"
        clock.later(clock.durations.pending, lambda: _finish_deletion(backend, endpoint))


def _finish_deletion(backend, endpoint):
    for interface in _interfaces(backend, endpoint):
        del backend.enis[interface.id]
    endpoint.state = "deleted"
    backend.vpc_end_points.pop(endpoint.id, None)
