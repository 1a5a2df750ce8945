"""Elastic Load Balancing v2: load balancers and their attributes."""

import pytest

from conftest import refused


def test_a_load_balancer_is_provisioning_then_active(balanced, aws):
    made = balanced.balancer()
    assert balanced.state(made) == balanced.state(made) == "provisioning"
    aws.wait_out_pending()
    assert balanced.state(made) == "active"


def test_a_load_balancers_name_is_in_its_dns_name(balanced, aws):
    balanced.balancer()
    (shown,) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert shown["DNSName"].startswith("web-")
    assert shown["DNSName"].endswith(".us-east-1.elb.amazonaws.com")
    assert shown["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"


def test_the_same_call_makes_one_load_balancer(balanced, aws):
    assert balanced.balancer() == balanced.balancer()
    assert len(aws.elbv2.describe_load_balancers()["LoadBalancers"]) == 1


@pytest.mark.parametrize("change", [{"Scheme": "internal"}, {"Tags": [{"Key": "owner", "Value": "another"}]}])
def test_the_same_name_with_other_settings_is_refused(balanced, change):
    balanced.balancer()
    with refused("DuplicateLoadBalancerName"):
        balanced.balancer(**change)


def test_one_subnet_is_refused(balanced):
    with refused("ValidationError", "At least two subnets"):
        balanced.balancer(Subnets=[balanced.network.subnet])


def test_two_subnets_of_a_zone_are_refused(balanced, aws):
    wanted = {"VpcId": balanced.network.vpc, "CidrBlock": "10.0.5.0/24", "AvailabilityZone": "us-east-1a"}
    twin = aws.ec2.create_subnet(**wanted)["Subnet"]["SubnetId"]
    with refused("InvalidConfigurationRequest", "same Availability Zone"):
        balanced.balancer(Subnets=[balanced.network.subnet, twin])


def test_an_unknown_subnet_is_refused(balanced):
    with refused("SubnetNotFound"):
        balanced.balancer(Subnets=[balanced.network.subnet, "subnet-0123456789abcdef0"])


def test_an_unknown_group_is_refused(balanced):
    with refused("InvalidSecurityGroup"):
        balanced.balancer(SecurityGroups=["sg-0123456789abcdef0"])


def test_an_internet_facing_load_balancer_needs_an_internet_gateway(balanced, aws):
    network = balanced.network
    aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    with refused("InvalidSubnet", "no internet gateway"):
        balanced.balancer()
    balanced.balancer(Scheme="internal")


def test_a_protected_load_balancer_is_not_deleted(balanced, aws):
    made = balanced.balancer()
    for value in ("true", "false"):
        aws.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=made, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}]
        )
        if value == "true":
            with refused("OperationNotPermitted", "deletion protection"):
                aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    with refused("LoadBalancerNotFound"):
        balanced.state(made)


def test_an_unknown_load_balancer_is_deleted_in_peace(aws):
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/gone/0123456789abcdef"
    aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)


def test_a_load_balancers_interfaces_outlive_it_and_hold_the_network(balanced, aws):
    made, network = balanced.balancer(), balanced.network
    assert sorted(i["SubnetId"] for i in balanced.interfaces()) == sorted([network.subnet, network.other_subnet])
    assert all(i["Association"]["PublicIp"] for i in balanced.interfaces())
    aws.post("/mended/durations", interface_lingers=60)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=balanced.group)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=network.subnet)
    with refused("DependencyViolation"):
        aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    aws.post("/mended/clock/advance", seconds=60)
    aws.ec2.delete_security_group(GroupId=balanced.group)
    aws.ec2.delete_subnet(SubnetId=network.subnet)
    aws.ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)


def test_new_groups_are_on_the_interfaces(balanced, aws):
    made, other = balanced.balancer(), balanced.network.group("other")
    aws.elbv2.set_security_groups(LoadBalancerArn=made, SecurityGroups=[other])
    assert {group["GroupId"] for i in balanced.interfaces() for group in i["Groups"]} == {other}
    aws.ec2.delete_security_group(GroupId=balanced.group)


def test_new_subnets_have_interfaces(balanced, aws):
    made, network = balanced.balancer(), balanced.network
    third = aws.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.7.0/24", AvailabilityZone="us-east-1c")
    third = third["Subnet"]["SubnetId"]
    aws.elbv2.set_subnets(LoadBalancerArn=made, Subnets=[network.subnet, third])
    aws.post("/mended/clock/advance", seconds=60)
    assert sorted(i["SubnetId"] for i in balanced.interfaces()) == sorted([network.subnet, third])


def test_an_application_load_balancer_shows_every_attribute(balanced, aws):
    shown = aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=balanced.balancer())["Attributes"]
    values = {attribute["Key"]: attribute["Value"] for attribute in shown}
    assert values["idle_timeout.timeout_seconds"] == "60"
    assert values["routing.http.drop_invalid_header_fields.enabled"] == "false"
    assert values["access_logs.s3.enabled"] == "false"


def test_access_logs_need_their_bucket(balanced, aws):
    wanted = [
        {"Key": "access_logs.s3.enabled", "Value": "true"},
        {"Key": "access_logs.s3.bucket", "Value": "logs"},
    ]
    made = balanced.balancer()
    with refused("InvalidConfigurationRequest", "bucket"):
        aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=made, Attributes=wanted)
    aws.s3.create_bucket(Bucket="logs")
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=made, Attributes=wanted)


def test_a_name_is_free_when_its_load_balancer_is_deleted(balanced, aws):
    first = balanced.balancer()
    aws.elbv2.delete_load_balancer(LoadBalancerArn=first)
    assert balanced.balancer() != first


@pytest.mark.parametrize("name", ["a" * 33, "-web", "web-", "we_b", "internal-web"])
def test_a_name_has_32_documented_characters(balanced, name):
    with refused("ValidationError", "name"):
        balanced.balancer(Name=name)


def test_subnets_are_exchanged_by_the_rules_of_creation(balanced, aws):
    made, network = balanced.balancer(), balanced.network
    stray = aws.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    elsewhere = [
        aws.ec2.create_subnet(VpcId=stray, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    for subnets, code in (
        ([network.subnet], "ValidationError"),
        ([network.subnet, "subnet-0123456789abcdef0"], "SubnetNotFound"),
        ([network.subnet, elsewhere[1]["SubnetId"]], "InvalidConfigurationRequest"),
        ([subnet["SubnetId"] for subnet in elsewhere], "InvalidSubnet"),
    ):
        with refused(code):
            aws.elbv2.set_subnets(LoadBalancerArn=made, Subnets=subnets)
    (shown,) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert {z["SubnetId"] for z in shown["AvailabilityZones"]} == {network.subnet, network.other_subnet}


@pytest.mark.parametrize(
    "groups,code", [(["sg-0123456789abcdef0"], "InvalidSecurityGroup"), ([], "InvalidConfigurationRequest")]
)
def test_groups_are_exchanged_for_known_ones(balanced, aws, groups, code):
    with refused(code):
        aws.elbv2.set_security_groups(LoadBalancerArn=balanced.balancer(), SecurityGroups=groups)


def modify(aws, balancer, **attributes):
    wanted = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
    return aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=wanted)["Attributes"]


def test_attributes_change_together_and_the_others_stay(balanced, aws):
    made = balanced.balancer()
    before = {a["Key"]: a["Value"] for a in modify(aws, made, idle_timeout__timeout_seconds="60")}
    wanted = {
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "idle_timeout.timeout_seconds": "120",
        "routing.http2.enabled": "false",
        "routing.http.desync_mitigation_mode": "strictest",
        "deletion_protection.enabled": "true",
    }
    modify(aws, made, **{key.replace(".", "__"): value for key, value in wanted.items()})
    shown = aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=made)["Attributes"]
    assert {a["Key"]: a["Value"] for a in shown} == before | wanted


@pytest.mark.parametrize(
    "key,value",
    [
        ("idle_timeout.timeout_seconds", "0"),
        ("idle_timeout.timeout_seconds", "4001"),
        ("idle_timeout.timeout_seconds", "60s"),
        ("client_keep_alive.seconds", "59"),
        ("routing.http2.enabled", "yes"),
        ("routing.http.desync_mitigation_mode", "paranoid"),
        ("load_balancing.cross_zone.enabled", "false"),
        ("dns_record.client_routing_policy", "any_availability_zone"),
        ("no.such.attribute", "true"),
    ],
)
def test_an_attribute_takes_documented_values(balanced, aws, key, value):
    with refused("InvalidConfigurationRequest"):
        modify(aws, balanced.balancer(), **{key.replace(".", "__"): value})
