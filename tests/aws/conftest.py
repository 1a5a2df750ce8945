"""The server under test, started once; each test starts from the seeded state."""

import contextlib
import json
import pathlib
import subprocess
import sys
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
import pytest

SERVE = pathlib.Path(__file__).with_name("serve.py")
PENDING = 1000.0


class Aws:
    """A stand-in: boto3 clients for it, and its clock."""

    def __init__(self, url):
        self.url = url
        self.session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="us-east-1")
        self.clients = {}

    def __getattr__(self, service):
        if service.startswith("_"):
            raise AttributeError(service)
        if service not in self.clients:
            config = botocore.config.Config(retries={"total_max_attempts": 1})
            self.clients[service] = self.session.client(service, endpoint_url=self.url, config=config)
        return self.clients[service]

    def post(self, path, **body):
        """POST to one of the stand-in's own paths."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def wait_out_pending(self):
        """Move the clock past one slow state."""
        self.post("/mended/clock/advance", seconds=PENDING + 1)


@contextlib.contextmanager
def refused(code, message=""):
    """The AWS call within is refused with this code."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        yield
    error = raised.value.response["Error"]
    assert error["Code"] == code, error
    assert message in error["Message"], error


def tagged(kind, **tags):
    """A TagSpecifications parameter."""
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


@pytest.fixture(scope="session")
def server():
    """The stand-in, with slow states that last until the clock is moved."""
    command = [sys.executable, str(SERVE), "--port", "0", "--seconds-pending", str(PENDING)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Aws(process.stdout.readline().split()[-1])
        finally:
            process.terminate()


@pytest.fixture
def aws(server):
    """The stand-in, as it is after a reset."""
    server.post("/moto-api/reset")
    return server


@pytest.fixture
def network(aws):
    """A VPC with an attached internet gateway, two subnets and a route table."""
    return Network(aws)


class Network:
    """Ids of a small network."""

    def __init__(self, aws):
        ec2 = aws.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnet, self.other_subnet = (
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for cidr, zone in (("10.0.0.0/24", "us-east-1a"), ("10.0.1.0/24", "us-east-1b"))
        )
        self.table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2 = ec2

    def address(self):
        """A new Elastic IP address's allocation id."""
        return self.ec2.allocate_address(Domain="vpc")["AllocationId"]

    def nat(self, allocation=None, **parameters):
        """A new NAT gateway's id."""
        allocation = allocation or self.address()
        made = self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=allocation, **parameters)
        return made["NatGateway"]["NatGatewayId"]

    def group(self, name="app"):
        """A new security group's id."""
        return self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
