"""EC2: VPCs, subnets and internet gateways - what may be created where, and what must be gone before a delete.

Still wrong: the default VPC has no internet gateway (AWS's has one). CreateSubnet takes no IPAM pools.
"""

import ipaddress

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.internet_gateways import InternetGatewayBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response

from mended.patch import replaces


def interfaces_in(backend, *, vpc_id=None, subnet_id=None):
    """The network interfaces in a VPC or a subnet."""
    return [
        interface
        for interface in backend.enis.values()
        if (vpc_id is None or interface.subnet.vpc_id == vpc_id)
        and (subnet_id is None or interface.subnet.id == subnet_id)
    ]


@replaces(RegionsAndZonesBackend, "describe_availability_zones")
def zones_show_that_they_are_usable(original, backend, filters=None, zone_names=None, zone_ids=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html; unknown zones are errors.
    zones = original()
    for given, known in ((zone_names, {z.name for z in zones}), (zone_ids, {z.zone_id for z in zones})):
        for zone in set(given or []) - known:
            raise EC2ClientError("InvalidParameterValue", f"Invalid availability zone: [{zone}]")
    for zone in zones:
        zone.opt_in_status, zone.group_name = "opt-in-not-required", zone.region_name
        zone.network_border_group = zone.region_name
    return original(filters, zone_names, zone_ids)


@replaces(VPCBackend, "create_vpc")
def a_vpc_range_is_made_canonical(original, _backend, cidr_block, *args, **kwargs):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html: "We modify the specified CIDR block to
    # its canonical form; for example, if you specify 100.68.0.18/18, we modify it to 100.68.0.0/18."
    return original(_canonical(cidr_block), *args, **kwargs)


@replaces(EC2Response, "modify_vpc_attribute")
def dns_attributes_change_one_at_a_time(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html: "You cannot modify the DNS
    # resolution and DNS hostnames attributes in the same request." "You can only enable DNS hostnames if you've enabled
    # DNS support."
    hostnames, support = response._get_param("EnableDnsHostnames.Value"), response._get_param("EnableDnsSupport.Value")
    vpc = response.ec2_backend.get_vpc(response._get_param("VpcId"))
    if hostnames is not None and support is not None:
        raise EC2ClientError("InvalidParameterCombination", "Only one attribute can be modified at a time")
    if hostnames and not vpc.enable_dns_support:
        raise EC2ClientError("InvalidParameterCombination", "DNS hostnames need DNS support")
    return original()


@replaces(EC2Response, "modify_subnet_attribute")
def a_subnets_attributes_change_one_at_a_time(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html: "You can only modify one
    # attribute at a time."
    if len(set(response.params) - {"SubnetId", "DryRun"}) > 1:
        raise EC2ClientError("InvalidParameterCombination", "Only one attribute can be modified at a time")
    return original()


@replaces(SubnetBackend, "create_subnet")
def a_subnet_lies_in_its_region_and_has_a_canonical_range(
    original, backend, vpc_id, cidr_block, ipv6_cidr_block=None, availability_zone=None, *args, **kwargs
):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html: /16 to /28, canonical.
    zones = [zone.name for zone in backend.describe_availability_zones()]
    if availability_zone and availability_zone not in zones:
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Value ({availability_zone}) for parameter availabilityZone is invalid. Subnets can currently only be "
            f"created in the following availability zones: {', '.join(zones)}.",
        )
    cidr_block = _canonical(cidr_block)
    if _is_range(cidr_block) and not 16 <= ipaddress.ip_network(cidr_block).prefixlen <= 28:
        raise EC2ClientError("InvalidSubnet.Range", f"The CIDR '{cidr_block}' is invalid.")
    return original(vpc_id, cidr_block, ipv6_cidr_block, availability_zone, *args, **kwargs)


def _canonical(cidr_block):
    return str(ipaddress.ip_network(cidr_block, strict=False)) if _is_range(cidr_block) else cidr_block


def _is_range(cidr_block):
    try:
        ipaddress.IPv4Network(cidr_block, strict=False)
    except (TypeError, ValueError):
        return False
    return True


@replaces(EC2Response, "delete_subnet")
def a_subnet_goes_last_and_takes_its_associations_along(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html: "You must terminate all running
    # instances in the subnet"; any network interface counts
    # (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html).
    backend = response.ec2_backend
    subnet_id = backend.get_subnet(response._get_param("SubnetId")).id
    if interfaces_in(backend, subnet_id=subnet_id):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    answer = original()
    for table in [*backend.route_tables.values(), *backend.network_acls.values()]:
        table._associations = {k: v for k, v in table._associations.items() if not _is_of_subnet(v, subnet_id)}
    return answer


def _is_of_subnet(association, subnet_id):
    return association == subnet_id or getattr(association, "subnet_id", None) == subnet_id


@replaces(InternetGatewayBackend, "attach_internet_gateway")
def a_vpc_has_at_most_one_internet_gateway(original, backend, internet_gateway_id, vpc_id):
    # https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
    vpc = backend.get_vpc(vpc_id)
    backend.get_internet_gateway(internet_gateway_id)
    others = [gateway for gateway in backend.internet_gateways.values() if gateway.vpc is vpc]
    if others and others[0].id != internet_gateway_id:
        raise EC2ClientError("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")
    return original(internet_gateway_id, vpc_id)


@replaces(InternetGatewayBackend, "detach_internet_gateway")
def a_gateway_stays_while_public_addresses_are_mapped(original, backend, internet_gateway_id, vpc_id):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html: "The VPC must not contain
    # any running instances with Elastic IP addresses or public IPv4 addresses."
    gateway = backend.get_internet_gateway(internet_gateway_id)
    attached_here = gateway.vpc is not None and gateway.vpc.id == vpc_id
    if attached_here and any(interface.public_ip for interface in interfaces_in(backend, vpc_id=vpc_id)):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )
    return original(internet_gateway_id, vpc_id)


@replaces(EC2Response, "delete_vpc")
def a_vpc_goes_only_when_empty(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html: "You must detach or delete all gateways
    # and resources that are associated with the VPC before you can delete it."
    backend = response.ec2_backend
    vpc = backend.get_vpc(response._get_param("VpcId"))
    if any(True for _ in _left_in(backend, vpc)):
        raise DependencyViolationError(f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
    answer = original()
    backend.groups.pop(vpc.id, None)
    for acl in [acl for acl in backend.network_acls.values() if acl.vpc_id == vpc.id]:
        del backend.network_acls[acl.id]
    return answer


def _left_in(backend, vpc):
    yield from backend.describe_subnets(filters={"vpc-id": [vpc.id]})
    yield from (gateway for gateway in backend.internet_gateways.values() if gateway.vpc is vpc)
    yield from (t for t in backend.route_tables.values() if t.vpc_id == vpc.id and t.main_association_id is None)
    yield from (group for group in backend.groups[vpc.id].values() if group.name != "default")
    yield from (endpoint for endpoint in backend.vpc_end_points.values() if endpoint.vpc_id == vpc.id)
    yield from (acl for acl in backend.network_acls.values() if acl.vpc_id == vpc.id and not acl.default)
    yield from (gateway for gateway in backend.egress_only_internet_gateways.values() if gateway.vpc_id == vpc.id)
    yield from interfaces_in(backend, vpc_id=vpc.id)
