"""EC2: VPCs, subnets, internet gateways, zones."""

import pytest

from conftest import refused

GONE = "0123456789abcdef0"


def test_us_east_1_has_six_zones(aws):
    zones = aws.ec2.describe_availability_zones()["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones] == [f"us-east-1{letter}" for letter in "abcdef"]
    assert {(zone["ZoneType"], zone["OptInStatus"], zone["State"]) for zone in zones} == {
        ("availability-zone", "opt-in-not-required", "available")
    }


def test_zones_are_found_by_name(aws):
    zones = aws.ec2.describe_availability_zones(ZoneNames=["us-east-1b"])["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones] == ["us-east-1b"]


def test_an_unknown_zone_is_refused(aws):
    with refused("InvalidParameterValue"):
        aws.ec2.describe_availability_zones(ZoneNames=["us-east-1z"])


@pytest.mark.parametrize("attribute,at_first", [("enableDnsSupport", True), ("enableDnsHostnames", False)])
def test_a_vpcs_attributes_are_kept(network, aws, attribute, at_first):
    def value():
        name = attribute[0].upper() + attribute[1:]
        return aws.ec2.describe_vpc_attribute(VpcId=network.vpc, Attribute=attribute)[name]["Value"]

    assert value() is at_first
    name = attribute[0].upper() + attribute[1:]
    aws.ec2.modify_vpc_attribute(VpcId=network.vpc, **{name: {"Value": not at_first}})
    assert value() is not at_first


def test_a_vpcs_dns_attributes_change_one_at_a_time(network, aws):
    both = {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}}
    with refused("InvalidParameterCombination"):
        aws.ec2.modify_vpc_attribute(VpcId=network.vpc, **both)


def test_dns_host_names_need_dns_support(network, aws):
    aws.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsSupport={"Value": False})
    with refused("InvalidParameterCombination"):
        aws.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})


def test_a_subnets_attributes_change_one_at_a_time(network, aws):
    both = {"MapPublicIpOnLaunch": {"Value": True}, "EnableResourceNameDnsARecordOnLaunch": {"Value": True}}
    with refused("InvalidParameterCombination"):
        aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, **both)


def test_a_vpcs_range_is_made_canonical(aws):
    assert aws.ec2.create_vpc(CidrBlock="100.68.0.18/18")["Vpc"]["CidrBlock"] == "100.68.0.0/18"


def test_a_subnets_range_is_made_canonical(network, aws):
    assert aws.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.9.7/24")["Subnet"]["CidrBlock"] == "10.0.9.0/24"


def test_public_addresses_on_launch_are_kept(network, aws):
    aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": True})
    found = aws.ec2.describe_subnets(SubnetIds=[network.subnet, network.other_subnet])["Subnets"]
    assert {subnet["SubnetId"]: subnet["MapPublicIpOnLaunch"] for subnet in found} == {
        network.subnet: True,
        network.other_subnet: False,
    }


def test_overlapping_subnets_conflict(network, aws):
    with refused("InvalidSubnet.Conflict"):
        aws.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.0.128/25")


@pytest.mark.parametrize("cidr", ["10.1.0.0/24", "10.0.2.0/29"])
def test_a_range_outside_the_vpc_or_too_small_is_refused(network, aws, cidr):
    with refused("InvalidSubnet.Range"):
        aws.ec2.create_subnet(VpcId=network.vpc, CidrBlock=cidr)


@pytest.mark.parametrize("zone", ["us-east-1z", "us-west-2a"])
def test_a_subnet_in_a_zone_of_another_region_is_refused(network, aws, zone):
    with refused("InvalidParameterValue", "availabilityZone"):
        aws.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=zone)


def test_a_subnet_with_an_interface_stays(network, aws):
    interface = aws.ec2.create_network_interface(SubnetId=network.subnet)["NetworkInterface"]["NetworkInterfaceId"]
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.ec2.delete_network_interface(NetworkInterfaceId=interface)
    aws.ec2.delete_subnet(SubnetId=network.subnet)


def test_a_subnet_with_a_nat_gateway_stays_until_it_is_deleted(network, aws):
    nat = network.nat()
    aws.wait_out_pending()
    aws.ec2.delete_nat_gateway(NatGatewayId=nat)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.wait_out_pending()
    aws.ec2.delete_subnet(SubnetId=network.subnet)


def test_a_subnet_with_an_instance_stays_until_it_is_terminated(network, aws):
    instance = aws.ec2.run_instances(
        ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1, SubnetId=network.subnet, InstanceType="t3.micro"
    )["Instances"][0]["InstanceId"]
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.wait_out_pending()
    aws.ec2.terminate_instances(InstanceIds=[instance])
    aws.wait_out_pending()
    aws.ec2.delete_subnet(SubnetId=network.subnet)


def test_a_deleted_subnet_drops_its_route_table_association(network, aws):
    aws.ec2.associate_route_table(RouteTableId=network.table, SubnetId=network.subnet)
    aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.ec2.delete_route_table(RouteTableId=network.table)


def test_a_deleted_subnet_leaves_its_network_acl(network, aws):
    aws.ec2.delete_subnet(SubnetId=network.subnet)
    acls = aws.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [network.vpc]}])["NetworkAcls"]
    assert [a["SubnetId"] for acl in acls for a in acl["Associations"]] == [network.other_subnet]


def test_an_attached_gateway_is_not_attached_again(network, aws):
    with refused("Resource.AlreadyAssociated"):
        aws.ec2.attach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)


def test_a_vpc_takes_one_internet_gateway(network, aws):
    second = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue", "already has an internet gateway attached"):
        aws.ec2.attach_internet_gateway(InternetGatewayId=second, VpcId=network.vpc)


def test_a_gateway_stays_attached_while_a_nat_gateway_has_its_address(network, aws):
    nat = network.nat()
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    aws.wait_out_pending()
    aws.ec2.delete_nat_gateway(NatGatewayId=nat)
    with refused("DependencyViolation", "mapped public address"):
        aws.ec2.detach_internet_gateway(**detach)
    aws.wait_out_pending()
    aws.ec2.detach_internet_gateway(**detach)


def test_a_gateway_stays_attached_while_an_instance_has_a_public_address(network, aws):
    aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": True})
    instance = aws.ec2.run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1, SubnetId=network.subnet)
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    with refused("DependencyViolation", "mapped public address"):
        aws.ec2.detach_internet_gateway(**detach)
    aws.wait_out_pending()
    aws.ec2.terminate_instances(InstanceIds=[instance["Instances"][0]["InstanceId"]])
    aws.wait_out_pending()
    aws.ec2.detach_internet_gateway(**detach)


def test_a_gateway_is_detached_from_its_own_vpc_only(network, aws):
    other = aws.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with refused("Gateway.NotAttached"):
        aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=other)


def test_an_attached_gateway_is_not_deleted(network, aws):
    with refused("DependencyViolation"):
        aws.ec2.delete_internet_gateway(InternetGatewayId=network.gateway)


def leave_subnet(network, ec2, vpc):
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")


def leave_gateway(network, ec2, vpc):
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def leave_route_table(network, ec2, vpc):
    ec2.create_route_table(VpcId=vpc)


def leave_group(network, ec2, vpc):
    ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)


def leave_endpoint(network, ec2, vpc):
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")


@pytest.mark.parametrize("leave", [leave_subnet, leave_gateway, leave_route_table, leave_group, leave_endpoint])
def test_a_vpc_with_anything_left_is_not_deleted(network, aws, leave):
    vpc = aws.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    leave(network, aws.ec2, vpc)
    with refused("DependencyViolation"):
        aws.ec2.delete_vpc(VpcId=vpc)


def test_an_empty_vpc_takes_its_default_objects_along(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    aws.ec2.delete_vpc(VpcId=vpc)
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    assert aws.ec2.describe_vpcs(Filters=inside)["Vpcs"] == []
    assert aws.ec2.describe_security_groups(Filters=inside)["SecurityGroups"] == []
    assert aws.ec2.describe_route_tables(Filters=inside)["RouteTables"] == []
    assert aws.ec2.describe_network_acls(Filters=inside)["NetworkAcls"] == []


UNKNOWN = {
    "delete_vpc": ({"VpcId": f"vpc-{GONE}"}, "InvalidVpcID.NotFound"),
    "describe_vpcs": ({"VpcIds": [f"vpc-{GONE}"]}, "InvalidVpcID.NotFound"),
    "create_route_table": ({"VpcId": f"vpc-{GONE}"}, "InvalidVpcID.NotFound"),
    "create_subnet": ({"VpcId": f"vpc-{GONE}", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound"),
    "modify_vpc_attribute": ({"VpcId": f"vpc-{GONE}", "EnableDnsSupport": {"Value": True}}, "InvalidVpcID.NotFound"),
    "create_security_group": (
        {"VpcId": f"vpc-{GONE}", "GroupName": "g", "Description": "g"},
        "InvalidVpcID.NotFound",
    ),
    "create_vpc_endpoint": (
        {"VpcId": f"vpc-{GONE}", "ServiceName": "com.amazonaws.us-east-1.s3"},
        "InvalidVpcID.NotFound",
    ),
    "delete_subnet": ({"SubnetId": f"subnet-{GONE}"}, "InvalidSubnetID.NotFound"),
    "describe_subnets": ({"SubnetIds": [f"subnet-{GONE}"]}, "InvalidSubnetID.NotFound"),
    "modify_subnet_attribute": (
        {"SubnetId": f"subnet-{GONE}", "MapPublicIpOnLaunch": {"Value": True}},
        "InvalidSubnetID.NotFound",
    ),
    "create_nat_gateway": ({"SubnetId": f"subnet-{GONE}", "AllocationId": "eipalloc-1"}, "InvalidSubnetID.NotFound"),
    "create_network_interface": ({"SubnetId": f"subnet-{GONE}"}, "InvalidSubnetID.NotFound"),
    "delete_internet_gateway": ({"InternetGatewayId": f"igw-{GONE}"}, "InvalidInternetGatewayID.NotFound"),
    "describe_internet_gateways": ({"InternetGatewayIds": [f"igw-{GONE}"]}, "InvalidInternetGatewayID.NotFound"),
    "release_address": ({"AllocationId": f"eipalloc-{GONE}"}, "InvalidAllocationID.NotFound"),
    "describe_addresses": ({"AllocationIds": [f"eipalloc-{GONE}"]}, "InvalidAllocationID.NotFound"),
    "disassociate_address": ({"AssociationId": f"eipassoc-{GONE}"}, "InvalidAssociationID.NotFound"),
    "delete_nat_gateway": ({"NatGatewayId": f"nat-{GONE}"}, "NatGatewayNotFound"),
    "describe_nat_gateways": ({"NatGatewayIds": [f"nat-{GONE}"]}, "NatGatewayNotFound"),
    "delete_route_table": ({"RouteTableId": f"rtb-{GONE}"}, "InvalidRouteTableID.NotFound"),
    "describe_route_tables": ({"RouteTableIds": [f"rtb-{GONE}"]}, "InvalidRouteTableID.NotFound"),
    "delete_route": (
        {"RouteTableId": f"rtb-{GONE}", "DestinationCidrBlock": "0.0.0.0/0"},
        "InvalidRouteTableID.NotFound",
    ),
    "disassociate_route_table": ({"AssociationId": f"rtbassoc-{GONE}"}, "InvalidAssociationID.NotFound"),
    "describe_vpc_endpoints": ({"VpcEndpointIds": [f"vpce-{GONE}"]}, "InvalidVpcEndpointId.NotFound"),
    "modify_vpc_endpoint": ({"VpcEndpointId": f"vpce-{GONE}"}, "InvalidVpcEndpointId.NotFound"),
    "delete_security_group": ({"GroupId": f"sg-{GONE}"}, "InvalidGroup.NotFound"),
    "describe_security_groups": ({"GroupIds": [f"sg-{GONE}"]}, "InvalidGroup.NotFound"),
    "describe_network_interfaces": (
        {"NetworkInterfaceIds": [f"eni-{GONE}"]},
        "InvalidNetworkInterfaceID.NotFound",
    ),
}


@pytest.mark.parametrize("action", UNKNOWN)
def test_an_unknown_id_is_named_by_its_code(aws, action):
    parameters, code = UNKNOWN[action]
    with refused(code):
        getattr(aws.ec2, action)(**parameters)
