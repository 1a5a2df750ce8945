"""EC2: NAT gateways, Elastic IP addresses, network interfaces."""

from conftest import refused, tagged


def nat(aws, nat_id):
    return aws.ec2.describe_nat_gateways(NatGatewayIds=[nat_id])["NatGateways"][0]


def address(aws, allocation):
    return aws.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]


def interfaces(aws, network):
    inside = [{"Name": "vpc-id", "Values": [network.vpc]}]
    return aws.ec2.describe_network_interfaces(Filters=inside)["NetworkInterfaces"]


def test_a_nat_gateway_is_pending_then_available(network, aws):
    made = network.nat(TagSpecifications=tagged("natgateway", Name="n"))
    assert nat(aws, made)["State"] == "pending"
    aws.wait_out_pending()
    after = nat(aws, made)
    assert (after["State"], after["VpcId"], after["ConnectivityType"]) == ("available", network.vpc, "public")
    assert after["Tags"] == [{"Key": "Name", "Value": "n"}]


def test_pending_lasts_as_long_as_set(network, aws):
    aws.post("/mended/durations", pending=60)
    made = network.nat()
    aws.post("/mended/clock/advance", seconds=59)
    assert nat(aws, made)["State"] == "pending"
    aws.post("/mended/clock/advance", seconds=1)
    assert nat(aws, made)["State"] == "available"


def test_an_available_nat_gateway_shows_its_address_and_interface(network, aws):
    allocation = network.address()
    made = network.nat(allocation)
    aws.wait_out_pending()
    shown, associated, (interface,) = (
        nat(aws, made)["NatGatewayAddresses"][0],
        address(aws, allocation),
        interfaces(aws, network),
    )
    assert shown["AllocationId"] == allocation
    assert shown["PublicIp"] == associated["PublicIp"] == interface["Association"]["PublicIp"]
    assert shown["AssociationId"] == associated["AssociationId"]
    assert shown["NetworkInterfaceId"] == associated["NetworkInterfaceId"] == interface["NetworkInterfaceId"]
    assert shown["PrivateIp"] == interface["PrivateIpAddress"] == "10.0.0.4"
    assert (interface["SubnetId"], interface["RequesterManaged"], interface["Groups"]) == (network.subnet, True, [])
    assert interface["Description"] == f"Interface for NAT Gateway {made}"


def test_a_deleted_nat_gateway_is_deleting_then_deleted_and_listed_for_an_hour(network, aws):
    made = network.nat()
    aws.wait_out_pending()
    aws.ec2.delete_nat_gateway(NatGatewayId=made)
    assert nat(aws, made)["State"] == "deleting"
    aws.wait_out_pending()
    assert nat(aws, made)["State"] == "deleted"
    assert "DeleteTime" in nat(aws, made)
    aws.post("/mended/clock/advance", seconds=3590)
    assert nat(aws, made)["State"] == "deleted"
    aws.post("/mended/clock/advance", seconds=10)
    with refused("NatGatewayNotFound"):
        nat(aws, made)


def test_a_pending_nat_gateway_can_be_deleted(network, aws):
    made = network.nat()
    aws.ec2.delete_nat_gateway(NatGatewayId=made)
    aws.wait_out_pending()
    assert nat(aws, made)["State"] == "deleted"


def test_the_association_ends_when_the_nat_gateway_is_deleted_not_before(network, aws):
    allocation = network.address()
    made = network.nat(allocation)
    aws.wait_out_pending()
    with refused("InvalidIPAddress.InUse"):
        aws.ec2.release_address(AllocationId=allocation)
    aws.ec2.delete_nat_gateway(NatGatewayId=made)
    with refused("InvalidIPAddress.InUse"):
        aws.ec2.release_address(AllocationId=allocation)
    assert "AssociationId" in address(aws, allocation)
    aws.wait_out_pending()
    assert "AssociationId" not in address(aws, allocation)
    assert interfaces(aws, network) == []
    aws.ec2.release_address(AllocationId=allocation)


def test_an_address_in_use_fails_the_second_nat_gateway(network, aws):
    allocation = network.address()
    first, second = network.nat(allocation), network.nat(allocation)
    assert nat(aws, second)["State"] == "pending"
    aws.wait_out_pending()
    failed = nat(aws, second)
    assert (failed["State"], failed["FailureCode"]) == ("failed", "Resource.AlreadyAssociated")
    assert allocation in failed["FailureMessage"]
    assert nat(aws, first)["State"] == "available"
    assert len(interfaces(aws, network)) == 1


def test_a_nat_gateway_without_an_attached_internet_gateway_fails(network, aws):
    aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    allocation = network.address()
    made = network.nat(allocation)
    aws.wait_out_pending()
    failed = nat(aws, made)
    assert (failed["State"], failed["FailureCode"]) == ("failed", "Gateway.NotAttached")
    aws.ec2.release_address(AllocationId=allocation)


def test_a_failed_nat_gateway_goes_by_itself_after_an_hour(network, aws):
    allocation = network.address()
    network.nat(allocation), network.nat(allocation)
    aws.wait_out_pending()
    aws.post("/mended/clock/advance", seconds=3600)
    assert len(aws.ec2.describe_nat_gateways()["NatGateways"]) == 1


def test_a_failed_nat_gateway_can_be_deleted_and_leaves_the_others_address_alone(network, aws):
    allocation = network.address()
    first, second = network.nat(allocation), network.nat(allocation)
    aws.wait_out_pending()
    aws.ec2.delete_nat_gateway(NatGatewayId=second)
    aws.wait_out_pending()
    assert nat(aws, second)["State"] == "deleted"
    assert address(aws, allocation)["AssociationId"]
    assert nat(aws, first)["State"] == "available"


def test_a_public_nat_gateway_needs_an_address(network, aws):
    with refused("MissingParameter", "AllocationId"):
        aws.ec2.create_nat_gateway(SubnetId=network.subnet)


def test_an_unknown_address_makes_no_nat_gateway(network, aws):
    with refused("InvalidAllocationID.NotFound"):
        network.nat("eipalloc-0123456789abcdef0")
    assert aws.ec2.describe_nat_gateways()["NatGateways"] == []


def test_a_private_nat_gateway_needs_neither_address_nor_internet_gateway(network, aws):
    aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    made = aws.ec2.create_nat_gateway(SubnetId=network.subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    aws.wait_out_pending()
    assert nat(aws, made)["State"] == "available"


def test_nat_gateways_are_found_by_state_vpc_and_subnet(network, aws):
    made = network.nat()
    for name, value in (("state", "pending"), ("vpc-id", network.vpc), ("subnet-id", network.subnet)):
        found = aws.ec2.describe_nat_gateways(Filters=[{"Name": name, "Values": [value]}])["NatGateways"]
        assert [gateway["NatGatewayId"] for gateway in found] == [made], name
    assert aws.ec2.describe_nat_gateways(Filters=[{"Name": "state", "Values": ["available"]}])["NatGateways"] == []


def test_a_nat_gateways_address_is_not_ours_to_move(network, aws):
    allocation = network.address()
    network.nat(allocation)
    with refused("AuthFailure"):
        aws.ec2.disassociate_address(AssociationId=address(aws, allocation)["AssociationId"])


def test_an_address_of_an_interface_is_released_once_disassociated(network, aws):
    allocation = network.address()
    interface = aws.ec2.create_network_interface(SubnetId=network.subnet)["NetworkInterface"]["NetworkInterfaceId"]
    association = aws.ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)["AssociationId"]
    with refused("InvalidIPAddress.InUse"):
        aws.ec2.release_address(AllocationId=allocation)
    aws.ec2.disassociate_address(AssociationId=association)
    aws.ec2.release_address(AllocationId=allocation)
    with refused("InvalidAllocationID.NotFound"):
        address(aws, allocation)


def test_a_nat_gateways_interface_is_not_ours_to_delete(network, aws):
    network.nat()
    (interface,) = interfaces(aws, network)
    with refused("InvalidParameterValue", "in use"):
        aws.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])


def test_an_interface_of_an_unknown_group_is_refused(network, aws):
    with refused("InvalidGroup.NotFound"):
        aws.ec2.create_network_interface(SubnetId=network.subnet, Groups=["sg-0123456789abcdef0"])


def test_interfaces_of_a_subnet_have_different_addresses_in_its_range(network, aws):
    for _ in range(3):
        aws.ec2.create_network_interface(SubnetId=network.subnet)
    assert sorted(i["PrivateIpAddress"] for i in interfaces(aws, network)) == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
