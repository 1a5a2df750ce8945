"""EC2: flow logs."""

import pytest

from conftest import TRUST, refused, tagged


@pytest.fixture
def flows(network, aws):
    """The network, with what flow logs need."""
    return Flows(network, aws)


class Flows:
    def __init__(self, network, aws):
        self.network, self.aws = network, aws
        self.role = aws.iam.create_role(RoleName="flow", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        aws.s3.create_bucket(Bucket="flows")

    def create(self, **changes):
        wanted = {"ResourceIds": [self.network.vpc], "ResourceType": "VPC", "TrafficType": "ALL"}
        return self.aws.ec2.create_flow_logs(**wanted | changes)

    def to_group(self, **changes):
        wanted = {"LogGroupName": "flows", "DeliverLogsPermissionArn": self.role} | changes
        return self.create(**wanted)["FlowLogIds"][0]

    def to_bucket(self, destination="arn:aws:s3:::flows", **changes):
        return self.create(LogDestinationType="s3", LogDestination=destination, **changes)

    def all(self, **wanted):
        return self.aws.ec2.describe_flow_logs(**wanted)["FlowLogs"]


def test_the_same_token_makes_one_flow_log(flows):
    assert flows.to_group(ClientToken="t") == flows.to_group(ClientToken="t")
    assert len(flows.all()) == 1


def test_the_same_flow_log_without_a_token_is_refused(flows):
    flows.to_group()
    with refused("FlowLogAlreadyExists"):
        flows.to_group()


def test_flow_logs_are_found_by_tag(flows):
    made = flows.to_group(TagSpecifications=tagged("vpc-flow-log", color="red"))
    for value, expected in (("red", [made]), ("blue", [])):
        found = flows.all(Filters=[{"Name": "tag:color", "Values": [value]}])
        assert [log["FlowLogId"] for log in found] == expected


def test_flow_logs_have_pages(flows, aws):
    for number in range(6):
        flows.to_group(LogGroupName=f"flows-{number}")
    first = aws.ec2.describe_flow_logs(MaxResults=5)
    second = aws.ec2.describe_flow_logs(MaxResults=5, NextToken=first["NextToken"])
    assert (len(first["FlowLogs"]), len(second["FlowLogs"])) == (5, 1)


def test_a_flow_log_shows_its_settings(flows):
    flows.to_group(MaxAggregationInterval=60, LogFormat="${srcaddr} ${dstaddr}")
    (shown,) = flows.all()
    assert (shown["ResourceId"], shown["TrafficType"], shown["FlowLogStatus"]) == (flows.network.vpc, "ALL", "ACTIVE")
    assert (shown["LogDestinationType"], shown["LogGroupName"]) == ("cloud-watch-logs", "flows")
    assert shown["DeliverLogsPermissionArn"] == flows.role
    assert (shown["MaxAggregationInterval"], shown["LogFormat"]) == (60, "${srcaddr} ${dstaddr}")


def test_a_log_group_may_be_new(flows):
    flows.to_group(LogGroupName="new")
    assert flows.all()[0]["DeliverLogsStatus"] == "SUCCESS"


def test_a_log_group_needs_a_role(flows):
    with refused("InvalidParameter", "DeliverLogsPermissionArn"):
        flows.create(LogGroupName="flows", LogDestinationType="cloud-watch-logs")


def test_an_unknown_role_is_not_assumed(flows):
    with refused("InvalidParameter", "assume"):
        flows.to_group(DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/nobody")
    assert flows.all() == []


def test_a_bucket_may_have_a_folder_and_shows_its_options(flows):
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True}
    flows.to_bucket("arn:aws:s3:::flows/network/", DestinationOptions=options)
    (shown,) = flows.all()
    assert shown["LogDestination"] == "arn:aws:s3:::flows/network/"
    assert shown["DestinationOptions"] == options | {"PerHourPartition": False}


def test_an_unknown_bucket_is_unsuccessful(flows):
    answer = flows.to_bucket("arn:aws:s3:::nowhere")
    assert answer["FlowLogIds"] == []
    assert answer["Unsuccessful"][0]["ResourceId"] == flows.network.vpc


def test_two_folders_of_a_bucket_are_two_flow_logs(flows):
    for folder in ("a/", "b/"):
        flows.to_bucket(f"arn:aws:s3:::flows/{folder}")
    with refused("FlowLogAlreadyExists"):
        flows.to_bucket("arn:aws:s3:::flows/a/")


def test_an_unknown_flow_log_is_an_error(flows):
    with refused("InvalidFlowLogId.NotFound"):
        flows.all(FlowLogIds=["fl-0123456789abcdef0"])


def test_what_cannot_be_deleted_is_unsuccessful(flows, aws):
    made, unknown = flows.to_group(), "fl-0123456789abcdef0"
    (item,) = aws.ec2.delete_flow_logs(FlowLogIds=[unknown, made])["Unsuccessful"]
    assert (item["ResourceId"], item["Error"]["Code"]) == (unknown, "InvalidFlowLogId.NotFound")
    assert flows.all() == []


def test_a_network_that_does_not_exist_has_no_flow_log(flows):
    with refused("InvalidVpcID.NotFound"):
        flows.to_group(ResourceIds=["vpc-0123456789abcdef0"])
