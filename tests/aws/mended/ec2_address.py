"""EC2: Elastic IP addresses and network interfaces - what an association keeps from being released or deleted.

Still wrong: an address released and allocated again by value gets a new allocation id (so does AWS's); transfers and
address pools are not modelled.
"""

from moto.ec2.exceptions import EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.responses import EC2Response

from mended.patch import replaces


@replaces(ElasticAddressBackend, "release_address")
def an_associated_address_is_not_released(original, backend, address=None, allocation_id=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html: "you must use DisassociateAddress
    # to disassociate the Elastic IP address before you can release it. Otherwise, Amazon EC2 returns an error
    # (InvalidIPAddress.InUse)."
    found = backend.address_by_ip([address]) if address else backend.address_by_allocation([allocation_id])
    if found[0].association_id:
        raise EC2ClientError(
            "InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use: {found[0].association_id}."
        )
    return original(address=address, allocation_id=allocation_id)


@replaces(EC2Response, "associate_address", "disassociate_address")
def addresses_of_managed_interfaces_are_not_ours_to_move(original, response):
    # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html: "You can't disassociate an Elastic IP
    # address from a NAT gateway" but by the NAT gateway's own actions; EC2 answers AuthFailure.
    wanted = {response._get_param(name) for name in ("AssociationId", "AllocationId", "PublicIp")} - {None}
    for address in response.ec2_backend.addresses:
        managed = address.eni is not None and address.eni.requester_managed
        if managed and wanted & {address.association_id, address.allocation_id, address.public_ip}:
            raise EC2ClientError("AuthFailure", "You do not have permission to access the specified resource.")
    return original()


@replaces(NetworkInterfaceBackend, "create_network_interface")
def an_interface_names_existing_groups_and_a_free_address(
    original, backend, subnet, private_ip_address, private_ip_addresses=None, group_ids=None, *args, **kwargs
):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html: an address is picked from
    # the subnet's range; an unknown group is InvalidGroup.NotFound (moto creates one of that id).
    for group_id in group_ids or []:
        if backend.get_security_group_from_id(group_id) is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
    subnet = backend.get_subnet(subnet) if isinstance(subnet, str) else subnet
    if not private_ip_address and not private_ip_addresses:
        private_ip_address = free_address(backend, subnet)
    return original(subnet, private_ip_address, private_ip_addresses, group_ids, *args, **kwargs)


def free_address(backend, subnet):
    """The lowest address of the subnet no interface has; AWS keeps the first four and the last."""
    taken = {
        address["PrivateIpAddress"]
        for interface in backend.enis.values()
        if interface.subnet is subnet
        for address in interface.private_ip_addresses
    } | set(subnet._subnet_ips)
    for number in range(4, subnet.cidr.num_addresses - 1):
        if (candidate := str(subnet.cidr[number])) not in taken:
            return candidate
    raise EC2ClientError("InsufficientFreeAddressesInSubnet", f"Insufficient Free Addresses in subnet {subnet.id}.")


@replaces(EC2Response, "delete_network_interface")
def an_interface_in_use_stays(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html: "You must detach the
    # network interface before you can delete it."
    interface = response.ec2_backend.get_network_interface(response._get_param("NetworkInterfaceId"))
    if interface.instance is not None or interface.status == "in-use":
        raise EC2ClientError("InvalidParameterValue", f"Network interface '{interface.id}' is currently in use.")
    return original()
