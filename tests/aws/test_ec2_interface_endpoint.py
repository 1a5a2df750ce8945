"""EC2: interface endpoints."""

import pytest

from conftest import refused, tagged

SSM = "com.amazonaws.us-east-1.ssm"


@pytest.fixture
def private(network, aws):
    """The network, with private names switched on."""
    aws.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    return Private(network, aws)


class Private:
    def __init__(self, network, aws):
        self.network, self.aws = network, aws
        self.group = network.group("endpoints")

    def endpoint(self, **changes):
        wanted = {"VpcId": self.network.vpc, "ServiceName": SSM, "VpcEndpointType": "Interface"}
        wanted |= {"SubnetIds": [self.network.subnet, self.network.other_subnet], "PrivateDnsEnabled": True}
        wanted |= {"SecurityGroupIds": [self.group]} | changes
        return self.aws.ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"]

    def shown(self, endpoint):
        return self.aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]

    def interfaces(self, endpoint):
        wanted = self.shown(endpoint)["NetworkInterfaceIds"]
        return self.aws.ec2.describe_network_interfaces(NetworkInterfaceIds=wanted)["NetworkInterfaces"]


def test_an_interface_endpoint_is_pending_then_available(private, aws):
    made = private.endpoint()
    assert private.shown(made)["State"] == "pending"
    aws.wait_out_pending()
    assert private.shown(made)["State"] == "available"


def test_an_interface_endpoint_shows_its_settings(private, aws):
    shown = private.shown(private.endpoint(TagSpecifications=tagged("vpc-endpoint", Name="ssm")))
    assert (shown["VpcEndpointType"], shown["ServiceName"], shown["PrivateDnsEnabled"]) == ("Interface", SSM, True)
    assert shown["SubnetIds"] == [private.network.subnet, private.network.other_subnet]
    assert [group["GroupId"] for group in shown["Groups"]] == [private.group]
    assert shown["Tags"] == [{"Key": "Name", "Value": "ssm"}]
    assert shown["DnsEntries"][-1]["DnsName"] == "ssm.us-east-1.amazonaws.com"


def test_each_subnet_has_an_interface_of_the_services(private):
    made = private.endpoint()
    interfaces = private.interfaces(made)
    assert sorted(i["SubnetId"] for i in interfaces) == sorted([private.network.subnet, private.network.other_subnet])
    assert {(i["InterfaceType"], i["RequesterManaged"], i["Status"]) for i in interfaces} == {
        ("vpc_endpoint", True, "in-use")
    }
    assert {i["Description"] for i in interfaces} == {f"VPC Endpoint Interface {made}"}
    assert {group["GroupId"] for i in interfaces for group in i["Groups"]} == {private.group}


def test_an_endpoint_without_groups_has_the_default_group(private, aws):
    shown = private.shown(private.endpoint(SecurityGroupIds=[]))
    assert [group["GroupName"] for group in shown["Groups"]] == ["default"]


def test_the_same_token_makes_one_endpoint(private, aws):
    assert private.endpoint(ClientToken="t") == private.endpoint(ClientToken="t")
    assert len(aws.ec2.describe_vpc_endpoints()["VpcEndpoints"]) == 1


def test_a_deleted_endpoint_is_deleting_then_gone_with_its_interfaces(private, aws):
    made = private.endpoint()
    assert aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
    assert private.shown(made)["State"] == "deleting"
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=private.group)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=private.network.subnet)
    aws.wait_out_pending()
    with refused("InvalidVpcEndpointId.NotFound"):
        private.shown(made)
    aws.ec2.delete_security_group(GroupId=private.group)
    aws.ec2.delete_subnet(SubnetId=private.network.subnet)


def test_subnets_are_added_and_removed(private, aws):
    network = private.network
    made = private.endpoint(SubnetIds=[network.subnet])
    aws.ec2.modify_vpc_endpoint(
        VpcEndpointId=made, AddSubnetIds=[network.other_subnet], RemoveSubnetIds=[network.subnet]
    )
    assert private.shown(made)["SubnetIds"] == [network.other_subnet]
    assert [i["SubnetId"] for i in private.interfaces(made)] == [network.other_subnet]
    aws.ec2.delete_subnet(SubnetId=network.subnet)


def test_groups_are_added_and_removed(private, aws):
    made, other = private.endpoint(), private.network.group("other")
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddSecurityGroupIds=[other], RemoveSecurityGroupIds=[private.group])
    assert [group["GroupId"] for group in private.shown(made)["Groups"]] == [other]
    assert {group["GroupId"] for i in private.interfaces(made) for group in i["Groups"]} == {other}
    aws.ec2.delete_security_group(GroupId=private.group)


def test_private_names_are_switched(private, aws):
    made = private.endpoint()
    for enabled in (False, True):
        aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, PrivateDnsEnabled=enabled)
        assert private.shown(made)["PrivateDnsEnabled"] is enabled


def test_private_names_need_the_networks_names(private, aws):
    aws.ec2.modify_vpc_attribute(VpcId=private.network.vpc, EnableDnsHostnames={"Value": False})
    with refused("InvalidParameter", "enableDnsHostnames"):
        private.endpoint()
    private.endpoint(PrivateDnsEnabled=False)


def test_a_network_has_one_private_name_a_service(private):
    private.endpoint()
    with refused("InvalidParameter", "conflicting DNS domain"):
        private.endpoint()


def test_a_zone_has_one_subnet(private, aws):
    wanted = {"VpcId": private.network.vpc, "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "us-east-1a"}
    twin = aws.ec2.create_subnet(**wanted)["Subnet"]["SubnetId"]
    with refused("DuplicateSubnetsInSameZone"):
        private.endpoint(SubnetIds=[private.network.subnet, twin])


@pytest.mark.parametrize(
    "change,code",
    [
        ({"ServiceName": "com.amazonaws.us-east-1.nothing"}, "InvalidServiceName"),
        ({"SubnetIds": ["subnet-0123456789abcdef0"]}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound"),
    ],
)
def test_an_endpoint_names_what_exists(private, aws, change, code):
    with refused(code):
        private.endpoint(**change)
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_endpoints_are_found_by_tag(private, aws):
    made = private.endpoint(TagSpecifications=tagged("vpc-endpoint", color="red"))
    private.endpoint(ServiceName=SSM + "messages")
    found = aws.ec2.describe_vpc_endpoints(Filters=[{"Name": "tag:color", "Values": ["red"]}])["VpcEndpoints"]
    assert [endpoint["VpcEndpointId"] for endpoint in found] == [made]
