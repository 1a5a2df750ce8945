"""ACM and Route 53: certificates, their validation, zones and records."""

import urllib.error

import pytest

from conftest import refused

SEEDED = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"


def request(aws, domain="www.example.org", **changes):
    return aws.acm.request_certificate(DomainName=domain, ValidationMethod="DNS", **changes)["CertificateArn"]


def certificate(aws, arn):
    return aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]


def zone(aws, reference="r", name="example.org"):
    return aws.route53.create_hosted_zone(Name=name, CallerReference=reference)["HostedZone"]["Id"]


def change(aws, zone_id, action, record):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    return aws.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)["ChangeInfo"]


def cname(name, value, ttl=300):
    return {"Name": name, "Type": "CNAME", "TTL": ttl, "ResourceRecords": [{"Value": value}]}


def validation(aws, arn):
    record = certificate(aws, arn)["DomainValidationOptions"][0]["ResourceRecord"]
    return cname(record["Name"], record["Value"])


def test_the_record_to_create_is_shown_a_moment_after_the_request(aws):
    made = request(aws)
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"
    assert "ResourceRecord" not in certificate(aws, made)["DomainValidationOptions"][0]
    aws.wait_out_pending()
    record = certificate(aws, made)["DomainValidationOptions"][0]["ResourceRecord"]
    assert record["Type"] == "CNAME"
    assert record["Name"].endswith(".www.example.org.")


def test_time_alone_issues_nothing(aws):
    made = request(aws)
    aws.post("/mended/clock/advance", seconds=70 * 3600)
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"
    assert "IssuedAt" not in certificate(aws, made)


def test_a_certificate_is_issued_when_its_record_is_in_a_hosted_zone(aws):
    made = request(aws)
    aws.wait_out_pending()
    change(aws, zone(aws), "CREATE", validation(aws, made))
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"
    aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "ISSUED"
    assert certificate(aws, made)["DomainValidationOptions"][0]["ValidationStatus"] == "SUCCESS"


def test_every_domain_needs_its_record_and_a_wildcard_shares_one(aws):
    made = request(aws, "example.org", SubjectAlternativeNames=["*.example.org", "other.example.org"])
    aws.wait_out_pending()
    options = certificate(aws, made)["DomainValidationOptions"]
    assert [option["DomainName"] for option in options] == ["example.org", "*.example.org", "other.example.org"]
    assert options[0]["ResourceRecord"] == options[1]["ResourceRecord"] != options[2]["ResourceRecord"]
    into = zone(aws)
    for option, expected in ((options[0], "PENDING_VALIDATION"), (options[2], "ISSUED")):
        change(aws, into, "UPSERT", cname(option["ResourceRecord"]["Name"], option["ResourceRecord"]["Value"]))
        certificate(aws, made)
        aws.wait_out_pending()
        assert certificate(aws, made)["Status"] == expected


def test_dns_elsewhere_issues_a_certificate(aws):
    made = request(aws)
    aws.post(f"/mended/acm/{made}/issue")
    assert certificate(aws, made)["Status"] == "ISSUED"


def test_a_validation_fails_when_told_so(aws):
    made = request(aws)
    aws.post(f"/mended/acm/{made}/fail", reason="CAA_ERROR")
    shown = certificate(aws, made)
    assert (shown["Status"], shown["FailureReason"]) == ("FAILED", "CAA_ERROR")


def test_only_a_pending_validation_is_ended(aws):
    with pytest.raises(urllib.error.HTTPError):
        aws.post(f"/mended/acm/{SEEDED}/fail")


def test_a_token_requests_one_certificate_an_hour(aws):
    first = request(aws, IdempotencyToken="t")
    assert request(aws, IdempotencyToken="t") == first
    assert request(aws, IdempotencyToken="u") != first
    aws.post("/mended/clock/advance", seconds=3601)
    assert request(aws, IdempotencyToken="t") != first


def test_a_token_of_a_deleted_certificate_requests_no_other(aws):
    first = request(aws, IdempotencyToken="t")
    aws.acm.delete_certificate(CertificateArn=first)
    assert request(aws, IdempotencyToken="t") == first
    with refused("ResourceNotFoundException"):
        certificate(aws, first)


def test_the_seeded_certificate_is_issued(aws):
    shown = certificate(aws, SEEDED)
    assert (shown["Status"], shown["InUseBy"]) == ("ISSUED", [])


def test_a_certificate_in_use_is_not_deleted(network, aws):
    balancer = aws.elbv2.create_load_balancer(Name="web", Subnets=[network.subnet, network.other_subnet])
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    reply = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": SEEDED}]}
    listener = aws.elbv2.create_listener(LoadBalancerArn=balancer, DefaultActions=[reply], **https)
    assert certificate(aws, SEEDED)["InUseBy"] == [balancer]
    with refused("ResourceInUseException"):
        aws.acm.delete_certificate(CertificateArn=SEEDED)
    aws.elbv2.delete_listener(ListenerArn=listener["Listeners"][0]["ListenerArn"])
    assert certificate(aws, SEEDED)["InUseBy"] == []
    aws.acm.delete_certificate(CertificateArn=SEEDED)


def test_a_caller_reference_makes_one_zone(aws):
    zone(aws)
    with refused("HostedZoneAlreadyExists"):
        zone(aws)


def test_a_change_is_pending_then_in_sync(aws):
    made = change(aws, zone(aws), "CREATE", cname("a.example.org", "b.example.org"))
    assert aws.route53.get_change(Id=made["Id"])["ChangeInfo"]["Status"] == made["Status"] == "PENDING"
    aws.wait_out_pending()
    assert aws.route53.get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC"


def test_a_record_is_created_once(aws):
    into = zone(aws)
    change(aws, into, "CREATE", cname("a.example.org", "b.example.org"))
    with refused("InvalidChangeBatch", "already exists"):
        change(aws, into, "CREATE", cname("a.example.org.", "c.example.org"))


def test_a_record_is_upserted_and_deleted_by_its_exact_values(aws):
    into = zone(aws)
    for value in ("b", "c"):
        change(aws, into, "UPSERT", cname("a.example.org", f"{value}.example.org"))
    with refused("InvalidChangeBatch", "do not match"):
        change(aws, into, "DELETE", cname("a.example.org", "b.example.org"))
    with refused("HostedZoneNotEmpty"):
        aws.route53.delete_hosted_zone(Id=into)
    change(aws, into, "DELETE", cname("a.example.org", "c.example.org"))
    with refused("InvalidChangeBatch", "not found"):
        change(aws, into, "DELETE", cname("a.example.org", "c.example.org"))
    aws.route53.delete_hosted_zone(Id=into)


def test_an_alias_is_created_and_deleted(aws):
    into = zone(aws)
    target = {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "web-1.us-east-1.elb.amazonaws.com"}
    alias = {"Name": "example.org", "Type": "A", "AliasTarget": target | {"EvaluateTargetHealth": False}}
    change(aws, into, "UPSERT", alias)
    change(aws, into, "DELETE", alias)


def test_a_batch_with_one_bad_change_changes_nothing(aws):
    into = zone(aws)
    good, bad = cname("a.example.org", "b.example.org"), cname("a.example.com", "b.example.org")
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record} for record in (good, bad)]}
    with refused("InvalidChangeBatch", "not permitted"):
        aws.route53.change_resource_record_sets(HostedZoneId=into, ChangeBatch=batch)
    records = aws.route53.list_resource_record_sets(HostedZoneId=into)["ResourceRecordSets"]
    assert {record["Type"] for record in records} == {"NS", "SOA"}
