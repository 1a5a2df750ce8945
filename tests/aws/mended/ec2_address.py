"""EC2: Elastic IP addresses - one interface each, and what an association keeps from being released.

Still wrong: an address released and allocated again by value gets a new allocation id (so does AWS's); transfers and
address pools are not modelled.
"""

from moto.ec2.exceptions import EC2ClientError, ResourceAlreadyAssociatedError
from moto.ec2.models.elastic_ip_addresses import ElasticAddress, ElasticAddressBackend
from moto.ec2.responses import EC2Response

from mended.patch import replaces


# moto shows an address without association with empty ids.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html
ElasticAddress.instance_id = property(lambda address: address.instance.id if address.instance else None)
ElasticAddress.network_interface_id = property(lambda address: address.eni.id if address.eni else None)


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


@replaces(EC2Response, "associate_address")
def an_address_moves_to_an_instance_that_is_up(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html: "Reassociation is automatic". A
    # pending instance takes no address: InvalidInstanceID, which errors-overview.html there names.
    instance_id = response._get_param("InstanceId")
    state = response.ec2_backend.get_instance(instance_id).state if instance_id else "running"
    if state not in ("running", "stopping", "stopped"):
        raise EC2ClientError(
            "InvalidInstanceID", f"The {state} instance '{instance_id}' is not in a valid state for this operation."
        )
    response.params.setdefault("AllowReassociation", True)
    return original()


@replaces(ElasticAddressBackend, "associate_address")
def an_address_has_one_interface_and_an_interface_one_address(
    original, backend, instance=None, eni=None, address=None, allocation_id=None, reassociate=False
):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html: "If the Elastic IP address is
    # already associated with a different instance, it is disassociated from that instance"; "the existing address is
    # disassociated from the instance, but remains allocated"; "This is an idempotent operation."
    (found,) = backend.address_by_ip([address]) if address else backend.address_by_allocation([allocation_id])
    target = eni or instance.nics[0]
    if found.eni is target:
        return found
    if found.eni is not None and not reassociate:
        raise ResourceAlreadyAssociatedError(found.public_ip)
    for former in [found, *(other for other in backend.addresses if other.eni is target)]:
        if former.eni is not None:
            backend.disassociate_address(association_id=former.association_id)
    made = original(instance, eni, address, allocation_id, reassociate)
    made.instance = target.instance
    return made


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
