"""Elastic Load Balancing v2."""

import pytest

from conftest import refused

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def balanced(network, aws):
    """The network, with the means to make load balancers."""
    return Balanced(network, aws)


class Balanced:
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


def test_the_same_call_makes_one_listener(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    assert balanced.listener(made, group) == balanced.listener(made, group)
    assert len(aws.elbv2.describe_listeners(LoadBalancerArn=made)["Listeners"]) == 1


def test_a_second_listener_of_a_port_is_refused(balanced):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    with refused("DuplicateListener"):
        balanced.listener(made, balanced.target_group("other"))


def test_a_listener_is_not_moved_to_a_taken_port(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    other = balanced.listener(made, group, Port=8080)
    with refused("DuplicateListener"):
        aws.elbv2.modify_listener(ListenerArn=other, Port=80)


def test_https_needs_a_certificate(balanced):
    with refused("ValidationError", "certificate"):
        balanced.listener(balanced.balancer(), balanced.target_group(), Protocol="HTTPS", Port=443)


def test_https_takes_an_issued_certificate(balanced, aws):
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE}]}
    made = balanced.listener(balanced.balancer(), balanced.target_group(), **https)
    (shown,) = aws.elbv2.describe_listeners(ListenerArns=[made])["Listeners"]
    assert shown["Certificates"] == [{"CertificateArn": CERTIFICATE}]


def test_https_refuses_an_unknown_certificate(balanced):
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE[:-1] + "9"}]}
    with refused("CertificateNotFound"):
        balanced.listener(balanced.balancer(), balanced.target_group(), **https)


def test_https_refuses_a_certificate_that_is_not_issued(balanced, aws):
    pending = aws.acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS")["CertificateArn"]
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": pending}]}
    with refused("UnsupportedCertificate"):
        balanced.listener(balanced.balancer(), balanced.target_group(), **https)


def test_a_listener_has_http_attributes(balanced, aws):
    made = balanced.listener(balanced.balancer(), balanced.target_group())
    wanted = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    aws.elbv2.modify_listener_attributes(ListenerArn=made, Attributes=wanted)
    shown = aws.elbv2.describe_listener_attributes(ListenerArn=made)["Attributes"]
    assert wanted[0] in shown
    assert "tcp.idle_timeout.seconds" not in {attribute["Key"] for attribute in shown}


def test_an_unknown_listener_attribute_is_refused(balanced, aws):
    made = balanced.listener(balanced.balancer(), balanced.target_group())
    with refused("InvalidConfigurationRequest"):
        aws.elbv2.modify_listener_attributes(ListenerArn=made, Attributes=[{"Key": "no.such", "Value": "1"}])


def test_a_target_group_belongs_to_one_load_balancer(balanced):
    group = balanced.target_group()
    balanced.listener(balanced.balancer(), group)
    with refused("TargetGroupAssociationLimit"):
        balanced.listener(balanced.balancer(Name="other"), group)


def test_a_rule_does_not_share_a_target_group_between_load_balancers(balanced, aws):
    shared = balanced.target_group()
    balanced.listener(balanced.balancer(), shared)
    listener = balanced.listener(balanced.balancer(Name="other"), balanced.target_group("other"))
    with refused("TargetGroupAssociationLimit"):
        aws.elbv2.create_rule(
            ListenerArn=listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": shared}],
        )


def test_a_target_group_is_free_again_when_its_load_balancer_is_deleted(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    (shown,) = aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert shown["LoadBalancerArns"] == [made]
    with refused("ResourceInUse"):
        aws.elbv2.delete_target_group(TargetGroupArn=group)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    aws.elbv2.delete_target_group(TargetGroupArn=group)


def test_the_same_call_makes_one_target_group(balanced):
    assert balanced.target_group() == balanced.target_group()


def test_a_target_groups_name_with_other_settings_is_refused(balanced):
    balanced.target_group()
    with refused("DuplicateTargetGroupName"):
        balanced.target_group(Port=81)


def test_an_unknown_instance_is_not_registered(balanced, aws):
    with refused("InvalidTarget"):
        aws.elbv2.register_targets(TargetGroupArn=balanced.target_group(), Targets=[{"Id": "i-0123456789abcdef0"}])


def test_a_target_is_unused_then_initial_then_healthy(balanced, aws):
    group, instance = balanced.target_group(), balanced.instance()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert balanced.health(group) == [("unused", "Target.NotInUse")]
    balanced.listener(balanced.balancer(), group)
    assert balanced.health(group) == [("initial", "Elb.RegistrationInProgress")]
    aws.wait_out_pending()
    assert balanced.health(group) == [("healthy", None)]


def test_a_target_is_unhealthy_when_told_so(balanced, aws):
    group, instance = balanced.target_group(), balanced.instance()
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    balanced.listener(balanced.balancer(), group)
    aws.wait_out_pending()
    aws.post(f"/mended/targets/{instance}/unhealthy")
    assert balanced.health(group) == [("unhealthy", "Target.FailedHealthChecks")]
    aws.post(f"/mended/targets/{instance}/healthy")
    assert balanced.health(group) == [("healthy", None)]


def test_lists_have_pages(balanced, aws):
    arns = sorted(balanced.target_group(f"group-{number}") for number in range(3))
    first = aws.elbv2.describe_target_groups(PageSize=2)
    second = aws.elbv2.describe_target_groups(PageSize=2, Marker=first["NextMarker"])
    assert "NextMarker" not in second
    assert sorted(g["TargetGroupArn"] for page in (first, second) for g in page["TargetGroups"]) == arns


def test_one_unknown_name_among_known_is_an_error(balanced, aws):
    balanced.balancer()
    with refused("LoadBalancerNotFound"):
        aws.elbv2.describe_load_balancers(Names=["web", "gone"])


def test_tags_of_a_deleted_load_balancer_are_not_found(balanced, aws):
    made = balanced.balancer()
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    with refused("LoadBalancerNotFound"):
        aws.elbv2.describe_tags(ResourceArns=[made])


def test_a_rule_is_found_and_the_default_rule_stays(balanced, aws):
    listener = balanced.listener(balanced.balancer(), balanced.target_group())
    (default,) = aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    with refused("OperationNotPermitted"):
        aws.elbv2.delete_rule(RuleArn=default["RuleArn"])
    with refused("RuleNotFound"):
        aws.elbv2.delete_rule(RuleArn=default["RuleArn"] + "0")


def web_acl(aws, name="acl"):
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
    wanted = {"Name": name, "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility}
    return aws.wafv2.create_web_acl(**wanted, Rules=[])["Summary"]


def test_a_load_balancer_has_the_web_acl_associated_last(balanced, aws):
    made, first, second = balanced.balancer(), web_acl(aws), web_acl(aws, "other")
    for acl in (first, second):
        aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    assert aws.wafv2.get_web_acl_for_resource(ResourceArn=made)["WebACL"]["ARN"] == second["ARN"]


def test_an_associated_web_acl_is_not_deleted_until_its_load_balancer_is(balanced, aws):
    made, acl = balanced.balancer(), web_acl(aws)
    aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    delete = {"Name": acl["Name"], "Scope": "REGIONAL", "Id": acl["Id"], "LockToken": acl["LockToken"]}
    with refused("WAFAssociatedItemException"):
        aws.wafv2.delete_web_acl(**delete)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    aws.wafv2.delete_web_acl(**delete)


def test_an_unknown_load_balancer_takes_no_web_acl(aws):
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/gone/0123456789abcdef"
    with refused("WAFNonexistentItemException"):
        aws.wafv2.associate_web_acl(WebACLArn=web_acl(aws)["ARN"], ResourceArn=arn)
