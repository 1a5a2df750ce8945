"""EC2: security groups - AWS's default rules, rules compared as AWS compares them, and what keeps a group alive.

Still wrong: a rule's range is not made canonical (10.0.0.5/24 stays as it is). Rules that name a deleted peer group are
not marked stale.
"""

import json
import re

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.responses import EC2Response

from mended.patch import replaces

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html: "Valid characters"
TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")
WITH_PORTS = {"tcp", "6", "udp", "17", "icmp", "1", "icmpv6", "58"}


@replaces(SecurityGroup, "__init__")
def the_default_group_admits_itself(original, group, *args, **kwargs):
    # https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    original(*args, **kwargs)
    if group.is_default:
        itself = {"GroupId": group.id, "UserId": group.owner_id, "OwnerId": group.owner_id}
        group.ingress_rules.append(
            SecurityGroupRule(group.ec2_backend, "-1", group.id, None, None, None, itself, is_egress=False)
        )


@replaces(SecurityGroupRule, "__init__")
def only_some_protocols_have_ports(
    original, rule, ec2_backend, ip_protocol, group_id, from_port, to_port, *args, **kwargs
):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    protocol = str(ip_protocol).lower()
    if protocol in WITH_PORTS and (from_port is None or to_port is None):
        raise EC2ClientError(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    portless = protocol not in WITH_PORTS
    original(ec2_backend, ip_protocol, group_id, *((0, 0) if portless else (from_port, to_port)), *args, **kwargs)
    if portless:
        rule.from_port = rule.to_port = None


@replaces(SecurityGroupRule, "__eq__")
def descriptions_do_not_make_a_rule_another(_original, rule, other):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html: "You can specify the
    # rule's description, but it is not used for matching" - protocol, ports and source are.
    return _identity(rule) == _identity(other)


def _identity(rule):
    return (
        rule.ip_protocol,
        rule.from_port,
        rule.to_port,
        rule.ip_range.get("CidrIp"),
        rule.ip_range.get("CidrIpv6"),
        rule.prefix_list_id,
        rule.source_group.get("GroupId"),
    )


@replaces(EC2Response, "create_security_group")
def a_created_group_answers_with_its_tags(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    backend = response.ec2_backend
    for name in ("GroupName", "Description"):
        _refuse_other_text(name, response._get_param(name))
    if response._get_param("GroupName").lower().startswith("sg-"):
        raise EC2ClientError("InvalidParameterValue", "Invalid value for parameter GroupName: it starts with sg-")
    if response._get_param("VpcId"):
        backend.get_vpc(response._get_param("VpcId"))
    answer = original()
    group = backend.get_security_group_from_id(answer.result["GroupId"])
    return ActionResult({**answer.result, "Tags": group.tag_set})


def _refuse_other_text(name, value):
    if value is not None and not TEXT.fullmatch(value):
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Invalid value '{value}' for {name}. Character sets beyond ASCII are not supported, "
            "valid are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*",
        )


@replaces(EC2Response, "authorize_security_group_ingress", "authorize_security_group_egress")
def a_rule_is_written_once_in_a_call(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html and its siblings: what a description may
    # hold. A call that has a rule twice is refused as InvalidParameterValue, which errors-overview.html there names.
    sources = []
    for permission in response._get_param("IpPermissions", []):
        rule = {key: value for key, value in permission.items() if not isinstance(value, list)}
        for source in [source for value in permission.values() if isinstance(value, list) for source in value]:
            _refuse_other_text("Description", source.get("Description"))
            source = {key: value for key, value in source.items() if key != "Description"}
            sources.append(json.dumps([rule, source], sort_keys=True))
    if len(set(sources)) < len(sources):
        raise EC2ClientError("InvalidParameterValue", "The same permission must not appear multiple times")
    return original()


@replaces(
    EC2Response,
    "authorize_security_group_ingress",
    "authorize_security_group_egress",
    "revoke_security_group_ingress",
    "revoke_security_group_egress",
)
def rules_change_all_or_none(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html: "an
    # InvalidPermission.NotFound client error is returned, and no rules are revoked."
    group = _named_group(response)
    if group is None:
        return original()
    before = (list(group.ingress_rules), list(group.egress_rules))
    _refuse_unknown_rule_ids(response, group)
    try:
        answer = original()
    except Exception:
        group.ingress_rules, group.egress_rules = before
        raise
    return _with_every_rule(answer, group, before)


def _named_group(response):
    group_id = response._get_param("GroupId")
    return response.ec2_backend.get_security_group_from_id(group_id) if group_id else None


def _refuse_unknown_rule_ids(response, group):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    for rule_id in response._get_param("SecurityGroupRuleIds") or []:
        if group.get_rule(rule_id) is None:
            raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)


def _with_every_rule(answer, group, before):
    # moto answers only the rules of the last permission.
    known = {rule.id for rules in before for rule in rules}
    added = [rule for rule in [*group.ingress_rules, *group.egress_rules] if rule.id not in known]
    return ActionResult({**answer.result, "SecurityGroupRules": added}) if added else answer


@replaces(EC2Response, "delete_security_group")
def a_group_in_use_stays(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html: "If you attempt to delete a
    # security group that is associated with an instance or network interface, is referenced by another security group
    # ..., the operation fails with DependencyViolation."
    backend = response.ec2_backend
    group = _named_group(response)
    if group is None:
        return original()
    if group.name == "default":
        raise EC2ClientError(
            "CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
        )
    used = any(group in interface.group_set for interface in backend.enis.values())
    if used or any(_refers(other, group) for other in _all_groups(backend) if other is not group):
        raise DependencyViolationError(f"resource {group.id} has a dependent object")
    return original()


def _all_groups(backend):
    return [group for groups in backend.groups.values() for group in groups.values()]


def _refers(other, group):
    return any(rule.source_group.get("GroupId") == group.id for rule in [*other.ingress_rules, *other.egress_rules])
