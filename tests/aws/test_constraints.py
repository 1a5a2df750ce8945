"""Some services, every action: what the service's model does not allow."""

import pytest

from conftest import TRUST, refused

REFUSED = {
    "acm: a token of word characters": (
        "acm",
        "request_certificate",
        {"DomainName": "a.example.org", "IdempotencyToken": "a-b"},
        "ValidationException",
    ),
    "acm: a token of 32 characters": (
        "acm",
        "request_certificate",
        {"DomainName": "a.example.org", "IdempotencyToken": "a" * 33},
        "ValidationException",
    ),
    "acm: a domain": ("acm", "request_certificate", {"DomainName": "a_b.example.org"}, "ValidationException"),
    "efs: a token of 64 characters": ("efs", "create_file_system", {"CreationToken": "t" * 65}, "BadRequest"),
    "efs: a known mode": (
        "efs",
        "create_file_system",
        {"CreationToken": "t", "PerformanceMode": "fast"},
        "BadRequest",
    ),
    "elbv2: a port": (
        "elbv2",
        "create_listener",
        {"LoadBalancerArn": "arn", "Protocol": "HTTP", "Port": 65536, "DefaultActions": []},
        "ValidationError",
    ),
    "elbv2: a known scheme": (
        "elbv2",
        "create_load_balancer",
        {"Name": "web", "Subnets": [], "Scheme": "outside"},
        "ValidationError",
    ),
    "elbv2: a tag in documented characters": (
        "elbv2",
        "create_load_balancer",
        {"Name": "web", "Subnets": [], "Tags": [{"Key": "a", "Value": "<b>"}]},
        "ValidationError",
    ),
    "iam: a name of 64 characters": (
        "iam",
        "create_role",
        {"RoleName": "r" * 65, "AssumeRolePolicyDocument": TRUST},
        "ValidationError",
    ),
    "iam: a name without slashes": (
        "iam",
        "create_role",
        {"RoleName": "a/b", "AssumeRolePolicyDocument": TRUST},
        "ValidationError",
    ),
    "iam: a path between slashes": (
        "iam",
        "create_role",
        {"RoleName": "r", "Path": "/a", "AssumeRolePolicyDocument": TRUST},
        "ValidationError",
    ),
    "logs: a prefix of documented characters": (
        "logs",
        "describe_log_groups",
        {"logGroupNamePrefix": "a b"},
        "InvalidParameterException",
    ),
    "route53: a known type": (
        "route53",
        "list_resource_record_sets",
        {"HostedZoneId": "Z1", "StartRecordName": "a", "StartRecordType": "ALIAS"},
        "InvalidInput",
    ),
    "wafv2: an ARN of 2048 characters": (
        "wafv2",
        "get_web_acl_for_resource",
        {"ResourceArn": "arn:" + "a" * 2045},
        "WAFInvalidParameterException",
    ),
}


@pytest.mark.parametrize("service,action,wanted,code", REFUSED.values(), ids=REFUSED)
def test_a_parameter_is_as_the_model_says(aws, service, action, wanted, code):
    with refused(code):
        getattr(getattr(aws, service), action)(**wanted)


def test_the_parameter_is_named(aws):
    with refused("BadRequest", "creationToken"):
        aws.efs.create_file_system(CreationToken="t" * 65)


def test_every_letter_and_digit_is_a_tag(aws):
    tags = [{"Key": "hastack.dev/\u00e4", "Value": "\u0663 +-=._:/@"}]
    made = aws.acm.request_certificate(DomainName="a.example.org", Tags=tags)["CertificateArn"]
    assert aws.acm.list_tags_for_certificate(CertificateArn=made)["Tags"] == tags
