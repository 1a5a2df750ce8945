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
IMAGE = "ami-0abcdef1234567890"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
OWN_PASSWORD = {"ManageMasterUserPassword": False, "MasterUserPassword": "long-enough"}
BINARY_LOG = {"ParameterName": "binlog_format", "ParameterValue": "ROW", "ApplyMethod": "pending-reboot"}
NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


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


def run(aws, network, **changes):
    """A new instance's id."""
    wanted = {"ImageId": IMAGE, "InstanceType": "t3.micro", "SubnetId": network.subnet, "MinCount": 1, "MaxCount": 1}
    return aws.ec2.run_instances(**wanted | changes)["Instances"][0]["InstanceId"]


def instance(aws, instance_id):
    """An instance, as it is described."""
    return aws.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def state(aws, instance_id):
    """The name of an instance's state."""
    return instance(aws, instance_id)["State"]["Name"]


def issued(aws, domain="a.example.org"):
    """An issued certificate's ARN."""
    made = aws.acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    aws.post(f"/mended/acm/{made}/issue")
    return made


def zone(aws, reference="r", name="example.org", **changes):
    """A new hosted zone's id."""
    return aws.route53.create_hosted_zone(Name=name, CallerReference=reference, **changes)["HostedZone"]["Id"]


def change(aws, zone_id, action, *records):
    """Change records of a hosted zone."""
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for record in records]}
    return aws.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)["ChangeInfo"]


def record(name, kind, *values, ttl=300):
    """A record set."""
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def cname(name, value):
    """A CNAME's record set."""
    return record(name, "CNAME", value)


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


@pytest.fixture
def balanced(network, aws):
    """The network, with the means to make load balancers."""
    return Balanced(network, aws)


class Balanced:
    """Makes load balancers and what belongs to them."""

    def __init__(self, network, aws):
        self.network, self.aws, self.elb = network, aws, aws.elbv2
        self.group = network.group("alb")

    def balancer(self, **changes):
        wanted = {"Name": "web", "Subnets": [self.network.subnet, self.network.other_subnet]}
        wanted |= {"SecurityGroups": [self.group]} | changes
        return self.elb.create_load_balancer(**wanted)["LoadBalancers"][0]["LoadBalancerArn"]

    def target_group(self, name="web", **changes):
        wanted = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": self.network.vpc} | changes
        return self.elb.create_target_group(**wanted)["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer, target_group, **changes):
        wanted = {"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80}
        wanted |= {"DefaultActions": [{"Type": "forward", "TargetGroupArn": target_group}]} | changes
        return self.elb.create_listener(**wanted)["Listeners"][0]["ListenerArn"]

    def state(self, balancer):
        return self.elb.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]["State"]["Code"]

    def instance(self):
        wanted = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro", "SubnetId": self.network.subnet}
        made = self.aws.ec2.run_instances(**wanted, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        self.aws.wait_out_pending()
        return made

    def health(self, target_group):
        found = self.elb.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return [(t["TargetHealth"]["State"], t["TargetHealth"].get("Reason")) for t in found]

    def interfaces(self):
        filters = [{"Name": "description", "Values": ["ELB app/web/*"]}]
        return self.aws.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]


@pytest.fixture
def data(network, aws):
    """A subnet group over two zones, and the means to make databases in it."""
    return Data(network, aws)


class Data:
    """Makes databases and what belongs to them."""

    def __init__(self, network, aws):
        self.network, self.aws, self.rds = network, aws, aws.rds
        self.group = network.group("db")
        self.subnet_group()

    def subnet_group(self, name="db", **changes):
        wanted = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": name}
        wanted["SubnetIds"] = [self.network.subnet, self.network.other_subnet]
        self.rds.create_db_subnet_group(**wanted | changes)

    def create(self, name="orders", settle=True, **changes):
        wanted = {
            "DBInstanceIdentifier": name,
            "Engine": "postgres",
            "EngineVersion": "16",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "app",
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": "db",
            "VpcSecurityGroupIds": [self.group],
        }
        made = self.rds.create_db_instance(**wanted | changes)["DBInstance"]
        if settle:
            self.aws.wait_out_pending()
        return made

    def instance(self, name="orders"):
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def modify(self, **changes):
        return self.rds.modify_db_instance(DBInstanceIdentifier="orders", **changes)["DBInstance"]

    def delete(self, name="orders", **changes):
        return self.rds.delete_db_instance(DBInstanceIdentifier=name, **changes or {"SkipFinalSnapshot": True})

    def cluster(self, name="books", settle=True, **changes):
        wanted = {
            "DBClusterIdentifier": name,
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0",
            "MasterUsername": "app",
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": "db",
            "VpcSecurityGroupIds": [self.group],
        }
        made = self.rds.create_db_cluster(**wanted | changes)["DBCluster"]
        if settle:
            self.aws.wait_out_pending()
        return made

    def member(self, name, **changes):
        wanted = {"DBInstanceIdentifier": name, "DBClusterIdentifier": "books", "Engine": "aurora-mysql"}
        wanted["DBInstanceClass"] = "db.t4g.medium"
        self.rds.create_db_instance(**wanted | changes)
        self.aws.wait_out_pending()

    def interfaces(self):
        filters = [{"Name": "description", "Values": ["RDSNetworkInterface"]}]
        return self.aws.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

    def described(self, name="books"):
        """A cluster, as it is described."""
        return self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def modify_cluster(self, **changes):
        return self.rds.modify_db_cluster(DBClusterIdentifier="books", **changes)["DBCluster"]

    def parameter_group(self, name="own", family="postgres16", **changes):
        wanted = {"DBParameterGroupName": name, "DBParameterGroupFamily": family, "Description": name}
        return self.rds.create_db_parameter_group(**wanted | changes)["DBParameterGroup"]

    def cluster_parameter_group(self, name="own", family="aurora-mysql8.0", **changes):
        wanted = {"DBClusterParameterGroupName": name, "DBParameterGroupFamily": family, "Description": name}
        return self.rds.create_db_cluster_parameter_group(**wanted | changes)["DBClusterParameterGroup"]


@pytest.fixture
def colours(data, aws):
    """The means to make databases and deployments of them."""
    return Colours(data, aws)


class Colours:
    """Makes databases that deployments can be made of, and deployments."""

    def __init__(self, data, aws):
        self.data, self.aws, self.rds = data, aws, data.rds

    def instance(self, name="orders", **changes):
        return self.data.create(name, **OWN_PASSWORD | changes)["DBInstanceArn"]

    def replica(self, name, of="orders", **changes):
        wanted = {"DBInstanceIdentifier": name, "SourceDBInstanceIdentifier": of, "DBSubnetGroupName": "db"}
        self.rds.create_db_instance_read_replica(**wanted | changes)
        self.aws.wait_out_pending()

    def cluster(self, *members, **changes):
        self.data.cluster_parameter_group("logged")
        self.rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="logged", Parameters=[BINARY_LOG])
        arn = self.data.cluster(DBClusterParameterGroupName="logged", **OWN_PASSWORD | changes)["DBClusterArn"]
        for member in members:
            self.data.member(member)
        return arn

    def make(self, source, settle=True, **changes):
        wanted = {"BlueGreenDeploymentName": "upgrade", "Source": source}
        made = self.rds.create_blue_green_deployment(**wanted | changes)["BlueGreenDeployment"]
        if settle:
            self.aws.wait_out_pending()
        return made["BlueGreenDeploymentIdentifier"]

    def shown(self, identifier):
        asked = {"BlueGreenDeploymentIdentifier": identifier}
        return self.rds.describe_blue_green_deployments(**asked)["BlueGreenDeployments"][0]

    def status(self, identifier):
        return self.shown(identifier)["Status"]

    def switch(self, identifier, settle=True, **changes):
        wanted = {"BlueGreenDeploymentIdentifier": identifier}
        made = self.rds.switchover_blue_green_deployment(**wanted | changes)["BlueGreenDeployment"]
        if settle:
            self.aws.wait_out_pending()
        return made

    def delete(self, identifier, **changes):
        wanted = {"BlueGreenDeploymentIdentifier": identifier}
        return self.rds.delete_blue_green_deployment(**wanted | changes)["BlueGreenDeployment"]

    def green(self, identifier, number=0):
        """The name of a green member."""
        return self.shown(identifier)["SwitchoverDetails"][number]["TargetMember"].split(":")[-1]

    def names(self):
        return sorted(i["DBInstanceIdentifier"] for i in self.rds.describe_db_instances()["DBInstances"])

    def told(self):
        return [e["Message"] for e in self.rds.describe_events(SourceType="blue-green-deployment")["Events"]]
