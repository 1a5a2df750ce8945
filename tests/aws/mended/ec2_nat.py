"""EC2: NAT gateways - their slow states, their failures, their address and their network interface.

Still wrong: regional NAT gateways, secondary addresses and private NAT gateways' own rules are not modelled.
DeleteNatGateway of a gateway already deleted but still listed answers NatGatewayNotFound; AWS does not document it.
"""

import datetime

from moto.ec2.exceptions import EC2ClientError, MissingParameterError
from moto.ec2.models.nat_gateways import NatGatewayBackend

from mended import clock
from mended.ec2_interface import free_address, lend_to_service
from mended.patch import replaces


@replaces(NatGatewayBackend, "create_nat_gateway")
def a_nat_gateway_starts_pending(original, backend, subnet_id, allocation_id, tags=None, connectivity_type=None):
    # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html: pending, then available or failed.
    public = connectivity_type != "private"
    subnet = backend.get_subnet(subnet_id)
    if public and not allocation_id:
        raise MissingParameterError("AllocationId")
    address = backend.address_by_allocation([allocation_id])[0] if public else None
    failure = _failure(backend, subnet, address) if public else None
    gateway = original(subnet_id, None, tags, "public" if public else "private")
    _dress_interface(backend, gateway, subnet)
    gateway.state = "pending"
    gateway.address_set = [{"AllocationId": allocation_id}] if public else []
    if failure:
        clock.later(clock.durations.pending, lambda: _fail(backend, gateway, *failure))
    else:
        _map_address(backend, gateway, address)
        clock.later(clock.durations.pending, lambda: _make_available(gateway))
    return gateway


def _failure(backend, subnet, address):
    # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html: these do not fail the call; the
    # gateway goes from pending to failed, with FailureCode and FailureMessage.
    if address.association_id:
        return "Resource.AlreadyAssociated", f"Elastic IP address [{address.allocation_id}] is already associated"
    if not any(gateway.vpc and gateway.vpc.id == subnet.vpc_id for gateway in backend.internet_gateways.values()):
        return "Gateway.NotAttached", f"Network {subnet.vpc_id} has no Internet gateway attached"
    return None


def _dress_interface(backend, gateway, subnet):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html. A NAT gateway has no groups.
    interface = gateway._eni
    interface._group_set = []
    interface.private_ip_address = free_address(backend, subnet)
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": interface.private_ip_address}]
    lend_to_service(interface, "amazon-aws", f"Interface for NAT Gateway {gateway.id}", "nat_gateway")


def _map_address(backend, gateway, address):
    if address is not None:
        backend.associate_address(eni=gateway._eni, allocation_id=address.allocation_id)
        gateway._mended_address = address


def _make_available(gateway):
    if gateway.state != "pending":
        return
    interface, address = gateway._eni, getattr(gateway, "_mended_address", None)
    mapped = {"NetworkInterfaceId": interface.id, "PrivateIp": interface.private_ip_address, "IsPrimary": True}
    if address is not None:
        mapped |= {
            "AllocationId": address.allocation_id,
            "PublicIp": address.public_ip,
            "AssociationId": address.association_id,
        }
    gateway.address_set = [mapped | {"Status": "succeeded"}]
    gateway.state = "available"


def _fail(backend, gateway, code, message):
    if gateway.state != "pending":
        return
    gateway.state, gateway.failure_code, gateway.failure_message = "failed", code, message
    backend.enis.pop(gateway._eni.id, None)
    # "A failed NAT gateway is automatically deleted, usually in about an hour."
    clock.later(clock.durations.listed, lambda: backend.nat_gateways.pop(gateway.id, None))


@replaces(NatGatewayBackend, "delete_nat_gateway")
def a_deleted_nat_gateway_lets_go_of_its_address_at_the_end(_original, backend, nat_gateway_id):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html: "Deleting a public NAT gateway
    # disassociates its Elastic IP address, but does not release the address"; it stays visible for about an hour.
    gateway = _existing(backend, nat_gateway_id)
    if gateway.state in ("pending", "available", "failed"):
        gateway.state = "deleting"
        clock.later(clock.durations.pending, lambda: _finish_delete(backend, gateway))
    return gateway


def _finish_delete(backend, gateway):
    address = getattr(gateway, "_mended_address", None)
    if address is not None and address.eni is gateway._eni:
        backend.disassociate_address(association_id=address.association_id)
    backend.enis.pop(gateway._eni.id, None)
    gateway.state = "deleted"
    gateway.delete_time = datetime.datetime.now(datetime.timezone.utc)
    clock.later(clock.durations.listed, lambda: backend.nat_gateways.pop(gateway.id, None))


def _existing(backend, nat_gateway_id):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    gateway = backend.nat_gateways.get(nat_gateway_id)
    if gateway is None or gateway.state == "deleted":
        raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
    return gateway


@replaces(NatGatewayBackend, "describe_nat_gateways")
def an_unknown_nat_gateway_is_an_error(original, backend, filters, nat_gateway_ids):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    for nat_gateway_id in nat_gateway_ids or []:
        if nat_gateway_id not in backend.nat_gateways:
            raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
    return original(filters, nat_gateway_ids)
