"""EC2: route tables, routes, gateway endpoints."""

import pytest

from conftest import refused

ANYWHERE = "0.0.0.0/0"
S3, DYNAMODB = "com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"


def table(aws, table_id):
    return aws.ec2.describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]


def routes(aws, table_id):
    """Destination, target and state of each route but the local one."""
    return [
        (
            route.get("DestinationCidrBlock") or route.get("DestinationPrefixListId"),
            route.get("NatGatewayId") or route.get("GatewayId"),
            route["State"],
        )
        for route in table(aws, table_id)["Routes"]
        if route.get("GatewayId") != "local"
    ]


def test_a_route_to_an_internet_gateway_is_active(network, aws):
    aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, GatewayId=network.gateway)
    assert routes(aws, network.table) == [(ANYWHERE, network.gateway, "active")]


def test_a_route_to_a_detached_gateway_is_a_blackhole(network, aws):
    aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, GatewayId=network.gateway)
    aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    assert routes(aws, network.table) == [(ANYWHERE, network.gateway, "blackhole")]


def test_a_route_to_a_deleted_nat_gateway_is_a_blackhole_even_when_it_is_no_longer_listed(network, aws):
    nat = network.nat()
    aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat)
    aws.wait_out_pending()
    assert routes(aws, network.table) == [(ANYWHERE, nat, "active")]
    aws.ec2.delete_nat_gateway(NatGatewayId=nat)
    aws.wait_out_pending()
    assert routes(aws, network.table) == [(ANYWHERE, nat, "blackhole")]
    aws.post("/mended/clock/advance", seconds=3601)
    assert routes(aws, network.table) == [(ANYWHERE, nat, "blackhole")]


@pytest.mark.parametrize("destination", [{"DestinationCidrBlock": ANYWHERE}, {"DestinationIpv6CidrBlock": "::/0"}])
def test_a_second_route_to_a_destination_is_refused(network, aws, destination):
    route = {"RouteTableId": network.table, "GatewayId": network.gateway} | destination
    aws.ec2.create_route(**route)
    with refused("RouteAlreadyExists"):
        aws.ec2.create_route(**route)


def test_a_route_is_replaced(network, aws):
    nat = network.nat()
    aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, GatewayId=network.gateway)
    aws.ec2.replace_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat)
    assert routes(aws, network.table) == [(ANYWHERE, nat, "active")]


def test_a_missing_route_is_not_replaced(network, aws):
    with refused("InvalidParameterValue", "Use CreateRoute instead"):
        aws.ec2.replace_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, GatewayId=network.gateway)


def test_a_missing_route_is_not_deleted(network, aws):
    with refused("InvalidRoute.NotFound"):
        aws.ec2.delete_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE)


def test_the_local_route_is_not_deleted(network, aws):
    with refused("InvalidParameterValue"):
        aws.ec2.delete_route(RouteTableId=network.table, DestinationCidrBlock="10.0.0.0/16")


@pytest.mark.parametrize("call", ["create_route", "replace_route"])
def test_a_route_to_an_unknown_nat_gateway_is_refused(network, aws, call):
    aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock="10.9.0.0/16", GatewayId=network.gateway)
    cidr = {"create_route": ANYWHERE, "replace_route": "10.9.0.0/16"}[call]
    with refused("InvalidNatGatewayID.NotFound"):
        getattr(aws.ec2, call)(
            RouteTableId=network.table, DestinationCidrBlock=cidr, NatGatewayId="nat-0123456789abcdef0"
        )


def test_a_route_to_a_deleted_nat_gateway_is_refused(network, aws):
    nat = network.nat()
    aws.ec2.delete_nat_gateway(NatGatewayId=nat)
    with refused("InvalidNatGatewayID.NotFound"):
        aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat)


def test_a_route_to_another_networks_gateway_is_refused(network, aws):
    stray = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue", "different networks"):
        aws.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock=ANYWHERE, GatewayId=stray)


def test_an_associated_subnet_takes_no_second_table(network, aws):
    aws.ec2.associate_route_table(RouteTableId=network.table, SubnetId=network.subnet)
    other = aws.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    with refused("Resource.AlreadyAssociated"):
        aws.ec2.associate_route_table(RouteTableId=other, SubnetId=network.subnet)
    assert table(aws, other)["Associations"] == []


def test_an_association_is_replaced(network, aws):
    made = aws.ec2.associate_route_table(RouteTableId=network.table, SubnetId=network.subnet)["AssociationId"]
    other = aws.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    new = aws.ec2.replace_route_table_association(AssociationId=made, RouteTableId=other)["NewAssociationId"]
    assert new != made
    assert table(aws, network.table)["Associations"] == []
    assert [a["RouteTableAssociationId"] for a in table(aws, other)["Associations"]] == [new]


def test_a_subnet_of_another_network_is_not_associated(network, aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    stray = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    with refused("InvalidParameterValue", "different networks"):
        aws.ec2.associate_route_table(RouteTableId=network.table, SubnetId=stray)


def test_a_table_with_associations_is_not_deleted(network, aws):
    made = aws.ec2.associate_route_table(RouteTableId=network.table, SubnetId=network.subnet)["AssociationId"]
    with refused("DependencyViolation"):
        aws.ec2.delete_route_table(RouteTableId=network.table)
    aws.ec2.disassociate_route_table(AssociationId=made)
    aws.ec2.delete_route_table(RouteTableId=network.table)


def main_table(network, aws):
    filters = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "association.main", "Values": ["true"]}]
    return aws.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]


def test_the_main_table_is_not_deleted(network, aws):
    with refused("DependencyViolation"):
        aws.ec2.delete_route_table(RouteTableId=main_table(network, aws)["RouteTableId"])


def test_the_main_association_stays(network, aws):
    with refused("InvalidParameterValue"):
        (association,) = main_table(network, aws)["Associations"]
        aws.ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def endpoint(network, aws, *tables, service=S3):
    wanted = {"VpcId": network.vpc, "ServiceName": service, "RouteTableIds": list(tables)}
    return aws.ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"]


def prefix_list(aws, service=S3):
    lists = aws.ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [service]}])
    return lists["PrefixLists"][0]["PrefixListId"]


@pytest.mark.parametrize("service", [S3, DYNAMODB])
def test_a_gateway_endpoint_puts_its_route_into_the_given_tables(network, aws, service):
    other = aws.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    made = endpoint(network, aws, network.table, service=service)
    assert routes(aws, network.table) == [(prefix_list(aws, service), made, "active")]
    assert routes(aws, other) == []
    (shown,) = aws.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert (shown["State"], shown["VpcEndpointType"], shown["RouteTableIds"]) == (
        "available",
        "Gateway",
        [network.table],
    )


def test_route_tables_are_added_to_and_removed_from_an_endpoint(network, aws):
    other = aws.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    made = endpoint(network, aws, network.table)
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[other], RemoveRouteTableIds=[network.table])
    assert routes(aws, network.table) == []
    assert routes(aws, other) == [(prefix_list(aws), made, "active")]
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["RouteTableIds"] == [other]


def test_a_table_takes_one_endpoint_of_a_service(network, aws):
    endpoint(network, aws, network.table)
    with refused("RouteAlreadyExists"):
        endpoint(network, aws, network.table)
    assert len(aws.ec2.describe_vpc_endpoints()["VpcEndpoints"]) == 1


def test_a_deleted_endpoint_vanishes_with_its_routes(network, aws):
    made = endpoint(network, aws, network.table)
    assert aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
    assert routes(aws, network.table) == []
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_an_unknown_endpoint_is_reported_as_unsuccessful(aws):
    (item,) = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0123456789abcdef0"])["Unsuccessful"]
    assert (item["ResourceId"], item["Error"]["Code"]) == ("vpce-0123456789abcdef0", "InvalidVpcEndpoint.NotFound")


def test_an_endpoints_route_goes_only_with_the_endpoint(network, aws):
    endpoint(network, aws, network.table)
    with refused("InvalidParameterValue"):
        aws.ec2.delete_route(RouteTableId=network.table, DestinationPrefixListId=prefix_list(aws))


def test_an_unknown_service_has_no_endpoint(network, aws):
    with refused("InvalidServiceName"):
        endpoint(network, aws, service="com.amazonaws.us-east-1.nothing")


def test_a_deleted_table_leaves_its_endpoint(network, aws):
    endpoint(network, aws, network.table)
    aws.ec2.delete_route_table(RouteTableId=network.table)
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"][0].get("RouteTableIds", []) == []


@pytest.mark.parametrize("name", ["vpc-endpoint-id", "vpc-id", "service-name"])
def test_endpoints_are_found_by_their_own_filters(network, aws, name):
    made = endpoint(network, aws, network.table)
    values = {"vpc-endpoint-id": made, "vpc-id": network.vpc, "service-name": S3}
    for value, found in ((values[name], [made]), ("none", [])):
        shown = aws.ec2.describe_vpc_endpoints(Filters=[{"Name": name, "Values": [value]}])["VpcEndpoints"]
        assert [each["VpcEndpointId"] for each in shown] == found
