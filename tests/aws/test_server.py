"""The server itself: health, account, reset, clock."""

import urllib.request

from conftest import refused


def test_health_answers_200(server):
    with urllib.request.urlopen(server.url + "/mended/health") as reply:
        assert reply.status == 200


def test_the_account_is_the_documented_example(aws):
    assert aws.sts.get_caller_identity()["Account"] == "123456789012"


def test_a_reset_forgets_what_was_created(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws.post("/moto-api/reset")
    with refused("InvalidVpcID.NotFound"):
        aws.ec2.describe_vpcs(VpcIds=[vpc])


def test_a_reset_forgets_what_is_due_and_changed_durations(network, aws):
    network.nat()
    aws.post("/mended/durations", pending=1)
    aws.post("/moto-api/reset")
    aws.wait_out_pending()
    assert aws.ec2.describe_nat_gateways()["NatGateways"] == []
    assert aws.post("/mended/durations")["pending"] == 1000


def test_the_default_vpc_is_there(aws):
    assert [vpc["IsDefault"] for vpc in aws.ec2.describe_vpcs()["Vpcs"]] == [True]
