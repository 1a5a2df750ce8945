"""EC2: network interfaces - whose they are, which addresses they have, and when they can be deleted.

A service's interface (`lend_to_service`) is managed by that service: its requester owns the attachment. A service that
forgets one leaves it available: POST /mended/interfaces/ID/release.

Still wrong: attaching and detaching takes no time; prefixes and secondary addresses are moto's.
"""

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.exceptions import EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses import EC2Response

from mended.patch import replaces


def lend_to_service(interface, owner, description, interface_type="interface"):
    """Make an interface a service's: in use, managed by its requester."""
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
    interface.description, interface.interface_type = description, interface_type
    interface.requester_id, interface.requester_managed, interface.status = owner, True, "in-use"
    interface._mended_owner = owner


_association = NetworkInterface.association.fget
_attachment = NetworkInterface.attachment.fget


def _association_of(interface):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAssociation.html: IpOwnerId is the
    # account for its own Elastic IP addresses, else amazon or the service; nothing is shown where nothing is mapped.
    if not interface.public_ip:
        return None
    own = interface.ec2_backend.address_by_ip([interface.public_ip], fail_if_not_found=False)
    shown = _association(interface)
    return shown if own else {**shown, "ipOwnerId": getattr(interface, "_mended_owner", "amazon")}


def _attachment_of(interface):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html: a service's attachment
    # is owned by the service, and is no instance's.
    owner = getattr(interface, "_mended_owner", None)
    if owner is None or interface.status != "in-use":
        return _attachment(interface)
    return {
        "AttachmentId": interface.id.replace("eni-", "ela-attach-"),
        "DeleteOnTermination": False,
        "DeviceIndex": 1,
        "InstanceOwnerId": owner,
        "Status": "attached",
    }


NetworkInterface.association = property(_association_of)
NetworkInterface.attachment = property(_attachment_of)
# moto shows the union of the interface's groups and its instance's.
NetworkInterface.group_set = property(lambda interface: interface._group_set)


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


@replaces(Subnet, "get_available_subnet_ip")
def an_address_is_taken_once(_original, subnet, instance):
    # moto gives instances and mount targets addresses that other interfaces have.
    address = free_address(subnet.ec2_backend, subnet)
    subnet._subnet_ips[address] = instance
    return address


@replaces(EC2Response, "delete_network_interface")
def an_interface_in_use_stays(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html: "You must detach the
    # network interface before you can delete it."
    interface = response.ec2_backend.get_network_interface(response._get_param("NetworkInterfaceId"))
    if interface.instance is not None or interface.status == "in-use":
        raise EC2ClientError("InvalidParameterValue", f"Network interface '{interface.id}' is currently in use.")
    return original()


def _release(_body, interface_id):
    # https://repost.aws/knowledge-center/vpc-find-owner-unknown-enis: what is available is left to its account.
    for backend in ec2_backends[DEFAULT_ACCOUNT_ID].values():
        if interface_id in backend.enis:
            interface = backend.enis[interface_id]
            interface.status, interface.public_ip = "available", None
            return "200 OK", {"interface": interface_id, "status": interface.status}
    return "404 Not Found", {"error": f"no network interface {interface_id}"}


ROUTES = [("POST", r"/mended/interfaces/([^/]+)/release", _release)]
