"""EC2: security groups and their rules."""

import pytest

from conftest import refused, tagged

ALL = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
HTTP = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
HTTPS = HTTP | {"FromPort": 443, "ToPort": 443}


def group(aws, group_id):
    return aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]


def default_group(aws, network):
    filters = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]


def rules(aws, group_id):
    return aws.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])[
        "SecurityGroupRules"
    ]


def test_the_default_group_admits_itself_and_lets_everything_out(network, aws):
    default = default_group(aws, network)
    (ingress,), (egress,) = default["IpPermissions"], default["IpPermissionsEgress"]
    assert ingress["IpProtocol"] == "-1"
    assert ingress["UserIdGroupPairs"] == [{"GroupId": default["GroupId"], "UserId": "123456789012"}]
    assert ingress["IpRanges"] == []
    assert (egress["IpProtocol"], egress["IpRanges"]) == ("-1", [{"CidrIp": "0.0.0.0/0"}])


def test_the_default_groups_rules_are_revoked_by_permissions(network, aws):
    default = default_group(aws, network)
    of_default = {"GroupId": default["GroupId"]}
    aws.ec2.revoke_security_group_ingress(**of_default, IpPermissions=default["IpPermissions"])
    aws.ec2.revoke_security_group_egress(**of_default, IpPermissions=default["IpPermissionsEgress"])
    assert rules(aws, default["GroupId"]) == []


def test_the_default_groups_rules_are_revoked_by_id(network, aws):
    default = default_group(aws, network)["GroupId"]
    ids = {rule["IsEgress"]: [rule["SecurityGroupRuleId"]] for rule in rules(aws, default)}
    aws.ec2.revoke_security_group_ingress(GroupId=default, SecurityGroupRuleIds=ids[False])
    aws.ec2.revoke_security_group_egress(GroupId=default, SecurityGroupRuleIds=ids[True])
    assert rules(aws, default) == []


def test_the_default_group_is_not_deleted(network, aws):
    with refused("CannotDelete"):
        aws.ec2.delete_security_group(GroupId=default_group(aws, network)["GroupId"])


def test_a_created_group_answers_with_its_tags(network, aws):
    made = aws.ec2.create_security_group(
        GroupName="g", Description="g", VpcId=network.vpc, TagSpecifications=tagged("security-group", Name="g")
    )
    assert made["Tags"] == [{"Key": "Name", "Value": "g"}]


def test_a_name_is_taken_once_a_network(network, aws):
    network.group("app")
    with refused("InvalidGroup.Duplicate"):
        network.group("app")


def test_a_new_group_lets_everything_out_and_nothing_in(network, aws):
    made = group(aws, network.group())
    assert made["IpPermissions"] == []
    assert [p["IpProtocol"] for p in made["IpPermissionsEgress"]] == ["-1"]


def test_one_call_authorizes_many_rules_and_answers_them_all(network, aws):
    made = network.group()
    answer = aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[HTTP, HTTPS])
    assert [rule["FromPort"] for rule in answer["SecurityGroupRules"]] == [80, 443]


def test_a_rule_that_is_there_already_adds_none(network, aws):
    made = network.group()
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[HTTP])
    with refused("InvalidPermission.Duplicate"):
        aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[HTTPS, HTTP])
    assert [p["FromPort"] for p in group(aws, made)["IpPermissions"]] == [80]


def test_a_missing_rule_revokes_none(network, aws):
    made = network.group()
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[HTTP])
    with refused("InvalidPermission.NotFound"):
        aws.ec2.revoke_security_group_ingress(GroupId=made, IpPermissions=[HTTP, HTTPS])
    assert len(group(aws, made)["IpPermissions"]) == 1


def test_an_unknown_rule_id_revokes_none(network, aws):
    made = network.group()
    (egress,) = rules(aws, made)
    with refused("InvalidSecurityGroupRuleId.NotFound"):
        aws.ec2.revoke_security_group_egress(
            GroupId=made, SecurityGroupRuleIds=[egress["SecurityGroupRuleId"], "sgr-0123456789abcdef0"]
        )
    assert len(rules(aws, made)) == 1


def test_a_rule_with_a_description_is_revoked_without_it(network, aws):
    made, peer = network.group("made"), network.group("peer")
    pair = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    described = pair | {"UserIdGroupPairs": [{"GroupId": peer, "Description": "from peer"}]}
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[described])
    aws.ec2.revoke_security_group_ingress(
        GroupId=made, IpPermissions=[pair | {"UserIdGroupPairs": [{"GroupId": peer}]}]
    )
    assert group(aws, made)["IpPermissions"] == []


def test_a_protocol_without_ports_is_authorized(network, aws):
    made = network.group()
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[{"IpProtocol": "4", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    )
    (permission,) = group(aws, made)["IpPermissions"]
    assert (permission["IpProtocol"], "FromPort" in permission) == ("4", False)


def test_tcp_needs_ports(network, aws):
    with refused("InvalidParameterValue", "ports"):
        aws.ec2.authorize_security_group_ingress(
            GroupId=network.group(), IpPermissions=[{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
        )


def test_a_rule_from_an_unknown_group_is_refused(network, aws):
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0"}]}
    with refused("InvalidGroup.NotFound"):
        aws.ec2.authorize_security_group_ingress(GroupId=network.group(), IpPermissions=[pair])


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_group_another_groups_rule_names_stays(network, aws, direction):
    named, naming = network.group("named"), network.group("naming")
    permission = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": named}]}]
    getattr(aws.ec2, f"authorize_security_group_{direction}")(GroupId=naming, IpPermissions=permission)
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=named)
    aws.ec2.delete_security_group(GroupId=naming)
    aws.ec2.delete_security_group(GroupId=named)


def test_a_group_that_names_itself_goes(network, aws):
    made = network.group()
    permission = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": made}]}]
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=permission)
    aws.ec2.delete_security_group(GroupId=made)


def test_a_group_of_an_interface_stays(network, aws):
    made = network.group()
    interface = aws.ec2.create_network_interface(SubnetId=network.subnet, Groups=[made])["NetworkInterface"]
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=made)
    aws.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    aws.ec2.delete_security_group(GroupId=made)


def test_groups_are_found_by_tag_in_pages(network, aws):
    made = [
        aws.ec2.create_security_group(
            GroupName=f"g{number}",
            Description="g",
            VpcId=network.vpc,
            TagSpecifications=tagged("security-group", color="red"),
        )["GroupId"]
        for number in range(7)
    ]
    network.group("untagged")
    red = [{"Name": "tag:color", "Values": ["red"]}]
    first = aws.ec2.describe_security_groups(Filters=red, MaxResults=5)
    second = aws.ec2.describe_security_groups(Filters=red, MaxResults=5, NextToken=first["NextToken"])
    assert "NextToken" not in second
    assert sorted(g["GroupId"] for page in (first, second) for g in page["SecurityGroups"]) == sorted(made)


@pytest.mark.parametrize("prefix,direction", [("", "ingress"), ("egress.", "egress")])
def test_groups_are_found_by_the_group_their_rules_name(network, aws, prefix, direction):
    named, naming = network.group("named"), network.group("naming")
    permission = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": named}]}]
    getattr(aws.ec2, f"authorize_security_group_{direction}")(GroupId=naming, IpPermissions=permission)
    filters = [{"Name": f"{prefix}ip-permission.group-id", "Values": [named]}]
    found = aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    assert [g["GroupId"] for g in found] == [naming]


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_many_rules_are_authorized_and_revoked_in_one_call(network, aws, direction):
    made, peer = network.group(), network.group("peer")
    wanted = [
        HTTP | {"IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": "a"}, {"CidrIp": "10.1.0.0/16"}]},
        HTTPS | {"IpRanges": [], "UserIdGroupPairs": [{"GroupId": peer, "Description": "from peer"}]},
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": made}]},
    ]
    before = len(rules(aws, made))
    answer = getattr(aws.ec2, f"authorize_security_group_{direction}")(GroupId=made, IpPermissions=wanted)
    assert len(answer["SecurityGroupRules"]) == len(rules(aws, made)) - before == 4
    assert {rule["IsEgress"] for rule in answer["SecurityGroupRules"]} == {direction == "egress"}
    getattr(aws.ec2, f"revoke_security_group_{direction}")(GroupId=made, IpPermissions=wanted)
    assert len(rules(aws, made)) == before


def test_a_rule_is_given_once_in_a_call(network, aws):
    made = network.group()
    with refused("InvalidParameterValue", "same permission"):
        aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[HTTP, HTTP])
    assert group(aws, made)["IpPermissions"] == []


def test_a_rules_tags_and_description_are_shown(network, aws):
    made = network.group()
    described = HTTP | {"IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "office"}]}
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[described], TagSpecifications=tagged("security-group-rule", a="1")
    )
    (rule,) = [rule for rule in rules(aws, made) if not rule["IsEgress"]]
    assert (rule["Description"], rule["Tags"]) == ("office", [{"Key": "a", "Value": "1"}])
    (permission,) = group(aws, made)["IpPermissions"]
    assert permission["IpRanges"] == [{"CidrIp": "203.0.113.7/32", "Description": "office"}]


def test_a_rule_needs_a_range(network, aws):
    wrong = HTTP | {"IpRanges": [{"CidrIp": "10.0.0.300/32"}]}
    with refused("InvalidParameterValue", "CIDR"):
        aws.ec2.authorize_security_group_ingress(GroupId=network.group(), IpPermissions=[wrong])


@pytest.mark.parametrize(
    "change",
    [{"GroupName": "sg-web"}, {"GroupName": "g" * 256}, {"GroupName": "g|h"}, {"Description": "the <web> group"}],
)
def test_names_and_descriptions_have_documented_characters(network, aws, change):
    with refused("InvalidParameterValue"):
        aws.ec2.create_security_group(**{"GroupName": "g", "Description": "g", "VpcId": network.vpc} | change)


def test_a_rules_description_has_documented_characters(network, aws):
    wrong = HTTP | {"IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": "the office's"}]}
    with refused("InvalidParameterValue"):
        aws.ec2.authorize_security_group_ingress(GroupId=network.group(), IpPermissions=[wrong])
