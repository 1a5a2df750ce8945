"""EC2, every action: dry runs, client tokens, tag filters, pagination."""

import concurrent.futures

import pytest

from conftest import refused, tagged


def test_a_dry_run_creates_nothing(aws):
    with refused("DryRunOperation"):
        aws.ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert len(aws.ec2.describe_vpcs()["Vpcs"]) == 1


PAGED = {
    "describe_subnets": "Subnets",
    "describe_vpcs": "Vpcs",
    "describe_route_tables": "RouteTables",
    "describe_internet_gateways": "InternetGateways",
    "describe_nat_gateways": "NatGateways",
    "describe_security_groups": "SecurityGroups",
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_network_interfaces": "NetworkInterfaces",
}


@pytest.mark.parametrize("action", PAGED)
def test_max_results_makes_pages_that_are_complete_together(network, aws, action):
    for number in range(6):
        vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
        aws.ec2.create_internet_gateway()
        network.nat()
        service = "com.amazonaws.us-east-1.s3"
        aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service)
    describe = getattr(aws.ec2, action)
    everything, key = describe(), PAGED[action]
    pages = []
    token = {}
    while True:
        page = describe(MaxResults=5, **token)
        pages.append(page[key])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert "NextToken" not in everything
    assert all(len(page) == 5 for page in pages[:-1]) and len(pages) > 1
    assert [item for page in pages for item in page] == everything[key]


def test_a_token_of_another_call_is_refused(aws):
    token = aws.ec2.describe_subnets(MaxResults=5)["NextToken"]
    with refused("InvalidNextToken"):
        aws.ec2.describe_vpcs(NextToken=token)


def test_too_large_a_page_is_refused(aws):
    with refused("InvalidParameterValue", "maxResults"):
        aws.ec2.describe_subnets(MaxResults=1001)


@pytest.fixture
def twins(network, aws):
    """Two of each kind, tagged color=red and color=blue, by the name of the action that lists them."""
    vpcs = []
    for color in ("red", "blue"):
        tag = {"color": color, "hastack.dev/cluster": "c-1"}
        vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc", **tag))["Vpc"]["VpcId"]
        vpcs.append(vpc)
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=tagged("subnet", **tag))
        aws.ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", **tag))
        aws.ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", **tag))
        aws.ec2.allocate_address(TagSpecifications=tagged("elastic-ip", **tag))
        network.nat(TagSpecifications=tagged("natgateway", **tag))
        aws.ec2.create_security_group(
            GroupName="g", Description="g", VpcId=vpc, TagSpecifications=tagged("security-group", **tag)
        )
        aws.ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", TagSpecifications=tagged("vpc-endpoint", **tag)
        )
        aws.ec2.create_network_interface(SubnetId=network.subnet, TagSpecifications=tagged("network-interface", **tag))


TAGGED = PAGED | {"describe_addresses": "Addresses"}


FILTERS = [
    ("tag:color", ["red"], ["red"]),
    ("tag:color", ["red", "blue"], ["blue", "red"]),
    ("tag:color", ["bl?e", "gr*"], ["blue"]),
    ("tag:color", ["RED"], []),
    ("tag-key", ["hastack.dev/cluster"], ["blue", "red"]),
    ("tag-key", ["hastack.dev/*"], ["blue", "red"]),
    ("tag-key", ["hastack.dev"], []),
    ("tag:missing", ["red"], []),
]


def colors(items):
    tags = [tag for item in items for tag in item.get("Tags", item.get("TagSet"))]
    return sorted(tag["Value"] for tag in tags if tag["Key"] == "color")


@pytest.mark.parametrize("action", TAGGED)
def test_tag_filters_are_honoured(twins, aws, action):
    describe = getattr(aws.ec2, action)
    for name, values, expected in FILTERS:
        found = describe(Filters=[{"Name": name, "Values": values}])[TAGGED[action]]
        assert colors(found) == expected, (name, values)
        assert len(found) == len(expected), (name, values)


def test_all_filters_of_a_call_must_match(twins, aws):
    both = [{"Name": "tag:color", "Values": ["red"]}, {"Name": "tag:hastack.dev/cluster", "Values": ["c-2"]}]
    assert aws.ec2.describe_subnets(Filters=both)["Subnets"] == []


def test_tag_filters_and_other_filters_go_together(twins, aws):
    vpc = aws.ec2.describe_vpcs(Filters=[{"Name": "tag:color", "Values": ["blue"]}])["Vpcs"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "tag-key", "Values": ["color"]}]
    assert [s["VpcId"] for s in aws.ec2.describe_subnets(Filters=filters)["Subnets"]] == [vpc]
    assert [t["VpcId"] for t in aws.ec2.describe_route_tables(Filters=filters)["RouteTables"]] == [vpc]


def test_an_unknown_filter_is_refused(aws):
    with refused("InvalidParameterValue", "filter"):
        aws.ec2.describe_vpcs(Filters=[{"Name": "colour", "Values": ["red"]}])


def test_filtered_pages_count_only_what_matches(aws):
    for number in range(7):
        aws.ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", odd=str(number % 2)))
    odd = [{"Name": "tag:odd", "Values": ["0"]}]
    assert "NextToken" not in aws.ec2.describe_internet_gateways(Filters=odd, MaxResults=5)


def create_route_table(aws, network, **changes):
    return aws.ec2.create_route_table(**{"VpcId": network.vpc, "ClientToken": "t"} | changes)["RouteTable"][
        "RouteTableId"
    ]


def test_the_same_token_makes_one_route_table(network, aws):
    assert create_route_table(aws, network) == create_route_table(aws, network)


def test_calls_at_the_same_time_with_the_same_token_make_one_route_table(network, aws):
    create_route_table(aws, network, ClientToken="warm")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_route_table(aws, network), range(24)))
    assert len(set(made)) == 1


def test_another_token_makes_another_route_table(network, aws):
    assert create_route_table(aws, network) != create_route_table(aws, network, ClientToken="u")


def test_a_token_with_other_parameters_is_refused(network, aws):
    create_route_table(aws, network)
    with refused("IdempotentParameterMismatch"):
        create_route_table(aws, network, TagSpecifications=tagged("route-table", Name="other"))


def test_a_token_answers_again_after_its_object_was_deleted(network, aws):
    table = create_route_table(aws, network)
    aws.ec2.delete_route_table(RouteTableId=table)
    assert create_route_table(aws, network) == table
    with refused("InvalidRouteTableID.NotFound"):
        aws.ec2.describe_route_tables(RouteTableIds=[table])


def test_the_same_token_makes_one_nat_gateway(network, aws):
    allocation = network.address()
    first = network.nat(allocation, ClientToken="t")
    aws.wait_out_pending()
    assert network.nat(allocation, ClientToken="t") == first
    assert len(aws.ec2.describe_nat_gateways()["NatGateways"]) == 1


def test_a_token_of_a_deleted_nat_gateway_makes_no_new_one(network, aws):
    allocation = network.address()
    first = network.nat(allocation, ClientToken="t")
    aws.ec2.delete_nat_gateway(NatGatewayId=first)
    aws.wait_out_pending()
    again = aws.ec2.create_nat_gateway(SubnetId=network.subnet, AllocationId=allocation, ClientToken="t")["NatGateway"]
    assert (again["NatGatewayId"], again["State"]) == (first, "deleted")


def test_the_same_token_makes_one_endpoint(network, aws):
    wanted = {"VpcId": network.vpc, "ServiceName": "com.amazonaws.us-east-1.s3", "ClientToken": "t"}
    first, second = (aws.ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"] for _ in range(2))
    assert first == second


def test_a_refused_call_leaves_its_token_unused(network, aws):
    with refused("InvalidVpcID.NotFound"):
        create_route_table(aws, network, VpcId="vpc-0123456789abcdef0")
    assert create_route_table(aws, network).startswith("rtb-")


def test_the_same_token_runs_one_instance(network, aws):
    image = aws.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    wanted = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": network.subnet, "ClientToken": "t"}
    first, second = (aws.ec2.run_instances(**wanted)["Instances"][0]["InstanceId"] for _ in range(2))
    assert first == second


def test_the_same_token_makes_one_launch_template(aws):
    wanted = {"LaunchTemplateName": "n", "LaunchTemplateData": {"InstanceType": "t3.micro"}, "ClientToken": "t"}
    first, second = (aws.ec2.create_launch_template(**wanted)["LaunchTemplate"]["LaunchTemplateId"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("token", ["t" * 65, "t\u00e4"])
def test_a_token_has_at_most_64_ascii_characters(network, aws, token):
    with refused("InvalidParameterValue", "client token"):
        create_route_table(aws, network, ClientToken=token)
