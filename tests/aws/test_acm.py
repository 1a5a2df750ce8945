"""ACM: certificates and their validation."""

import datetime
import urllib.error

import pytest

from conftest import CERTIFICATE, change, cname, issued, record, refused, zone


def request(aws, domain="www.example.org", **changes):
    return aws.acm.request_certificate(DomainName=domain, ValidationMethod="DNS", **changes)["CertificateArn"]


def certificate(aws, arn):
    return aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]


def validation(aws, arn):
    wanted = certificate(aws, arn)["DomainValidationOptions"][0]["ResourceRecord"]
    return cname(wanted["Name"], wanted["Value"])


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
        aws.post(f"/mended/acm/{CERTIFICATE}/fail")


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
    shown = certificate(aws, CERTIFICATE)
    assert (shown["Status"], shown["InUseBy"]) == ("ISSUED", [])


def test_a_certificate_in_use_is_not_deleted(network, aws):
    balancer = aws.elbv2.create_load_balancer(Name="web", Subnets=[network.subnet, network.other_subnet])
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    reply = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE}]}
    listener = aws.elbv2.create_listener(LoadBalancerArn=balancer, DefaultActions=[reply], **https)
    assert certificate(aws, CERTIFICATE)["InUseBy"] == [balancer]
    with refused("ResourceInUseException"):
        aws.acm.delete_certificate(CertificateArn=CERTIFICATE)
    aws.elbv2.delete_listener(ListenerArn=listener["Listeners"][0]["ListenerArn"])
    assert certificate(aws, CERTIFICATE)["InUseBy"] == []
    aws.acm.delete_certificate(CertificateArn=CERTIFICATE)


def test_the_same_domain_has_the_same_record_and_another_another(aws):
    first, second, other = request(aws), request(aws), request(aws, "shop.example.org")
    aws.wait_out_pending()
    assert validation(aws, first) == validation(aws, second) != validation(aws, other)


def test_each_domain_shows_whether_its_record_was_seen(aws):
    made = request(aws, "a.example.org", SubjectAlternativeNames=["b.example.org"])
    aws.wait_out_pending()
    change(aws, zone(aws), "CREATE", validation(aws, made))
    options = certificate(aws, made)["DomainValidationOptions"]
    assert [option["ValidationStatus"] for option in options] == ["SUCCESS", "PENDING_VALIDATION"]


def test_a_record_in_dns_elsewhere_counts(aws):
    made = request(aws)
    aws.wait_out_pending()
    wanted = validation(aws, made)
    aws.post("/mended/dns", name=wanted["Name"].rstrip("."), type="CNAME", value=wanted["ResourceRecords"][0]["Value"])
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"
    aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "ISSUED"


def test_a_wrong_record_in_dns_elsewhere_does_not_count(aws):
    made = request(aws)
    aws.wait_out_pending()
    aws.post("/mended/dns", name=validation(aws, made)["Name"], type="CNAME", value="elsewhere.example.org")
    aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"


def test_dns_elsewhere_is_forgotten_by_a_reset(aws):
    made = request(aws)
    aws.wait_out_pending()
    wanted = validation(aws, made)
    aws.post("/mended/dns", name=wanted["Name"], type="CNAME", value=wanted["ResourceRecords"][0]["Value"])
    aws.post("/moto-api/reset")
    made = request(aws)
    for _ in range(2):
        aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"


def test_a_record_in_a_private_zone_does_not_count(network, aws):
    made = request(aws)
    aws.wait_out_pending()
    private = {"HostedZoneConfig": {"PrivateZone": True}, "VPC": {"VPCRegion": "us-east-1", "VPCId": network.vpc}}
    change(aws, zone(aws, **private), "CREATE", validation(aws, made))
    aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"


def test_dns_elsewhere_may_follow_by_itself(aws):
    aws.post("/mended/durations", dns_elsewhere=5000)
    made = request(aws)
    aws.post("/mended/clock/advance", seconds=4999)
    assert certificate(aws, made)["Status"] == "PENDING_VALIDATION"
    aws.post("/mended/clock/advance", seconds=1)
    aws.wait_out_pending()
    assert certificate(aws, made)["Status"] == "ISSUED"


def test_a_validation_times_out_after_72_hours(aws):
    made = request(aws)
    aws.post("/mended/clock/advance", seconds=72 * 3600 + 1)
    shown = certificate(aws, made)
    assert (shown["Status"], shown["DomainValidationOptions"][0]["ValidationStatus"]) == (
        "VALIDATION_TIMED_OUT",
        "FAILED",
    )


def test_a_validation_times_out_when_told_so(aws):
    made = request(aws)
    aws.post(f"/mended/acm/{made}/time-out")
    assert certificate(aws, made)["Status"] == "VALIDATION_TIMED_OUT"


@pytest.mark.parametrize(
    "name,value,status",
    [
        ("www.example.org", '0 issue "amazon.com"', "ISSUED"),
        ("example.org", '0 issue "amazontrust.com"', "ISSUED"),
        ("www.example.org", '0 issue "letsencrypt.org"', "FAILED"),
        ("example.org", '0 issue "letsencrypt.org"', "FAILED"),
        ("other.example.org", '0 issue "letsencrypt.org"', "ISSUED"),
        ("www.example.org", '0 iodef "mailto:security@example.org"', "ISSUED"),
    ],
)
def test_the_closest_caa_record_decides(aws, name, value, status):
    made, into = request(aws), zone(aws)
    aws.wait_out_pending()
    change(aws, into, "CREATE", record(name, "CAA", value), validation(aws, made))
    certificate(aws, made)
    aws.wait_out_pending()
    shown = certificate(aws, made)
    assert (shown["Status"], shown.get("FailureReason")) == (status, "CAA_ERROR" if status == "FAILED" else None)


def test_a_certificate_ends(aws):
    made = issued(aws)
    aws.post(f"/mended/acm/{made}/expire", days=10, renewal="PENDING_VALIDATION")
    shown = certificate(aws, made)
    left = shown["NotAfter"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(days=9) < left <= datetime.timedelta(days=10)
    assert (shown["Status"], shown["RenewalSummary"]["RenewalStatus"]) == ("ISSUED", "PENDING_VALIDATION")
    aws.post(f"/mended/acm/{made}/expire", days=-1)
    assert certificate(aws, made)["Status"] == "EXPIRED"


def listed(aws, **wanted):
    return [c["CertificateArn"] for c in aws.acm.list_certificates(**wanted)["CertificateSummaryList"]]


def test_certificates_of_every_status_are_listed(aws):
    pending, failed, late = request(aws), request(aws), request(aws)
    aws.post(f"/mended/acm/{failed}/fail")
    aws.post(f"/mended/acm/{late}/time-out")
    assert listed(aws) == [CERTIFICATE, pending, failed, late]
    assert listed(aws, CertificateStatuses=["PENDING_VALIDATION", "FAILED"]) == [pending, failed]


def test_certificates_have_pages(aws):
    made = [CERTIFICATE, *(request(aws, f"{number}.example.org") for number in range(4))]
    first = aws.acm.list_certificates(MaxItems=3)
    second = aws.acm.list_certificates(MaxItems=3, NextToken=first["NextToken"])
    assert "NextToken" not in second
    assert [c["CertificateArn"] for page in (first, second) for c in page["CertificateSummaryList"]] == made


def test_an_elliptic_key_is_listed_only_when_asked_for(aws):
    made = request(aws, KeyAlgorithm="EC_prime256v1")
    assert certificate(aws, made)["KeyAlgorithm"] == "EC_prime256v1"
    assert listed(aws) == [CERTIFICATE]
    assert listed(aws, Includes={"keyTypes": ["RSA_2048", "EC_prime256v1"]}) == [CERTIFICATE, made]


def test_a_summary_tells_the_names_the_status_and_the_use(aws):
    made = request(aws, "a.example.org", SubjectAlternativeNames=["b.example.org"])
    _seeded, shown = aws.acm.list_certificates()["CertificateSummaryList"]
    assert (shown["CertificateArn"], shown["DomainName"], shown["InUse"]) == (made, "a.example.org", False)
    assert (shown["Status"], shown["Type"]) == ("PENDING_VALIDATION", "AMAZON_ISSUED")
    assert shown["SubjectAlternativeNameSummaries"] == ["a.example.org", "b.example.org"]


def test_tags_are_given_changed_and_removed(aws):
    made = request(aws, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])
    aws.acm.add_tags_to_certificate(CertificateArn=made, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "2"}])
    aws.acm.remove_tags_from_certificate(CertificateArn=made, Tags=[{"Key": "a"}])
    tags = aws.acm.list_tags_for_certificate(CertificateArn=made)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"b": "2", "c": "2"}


@pytest.mark.parametrize("action", ["describe_certificate", "delete_certificate", "list_tags_for_certificate"])
def test_an_unknown_certificate_is_an_error(aws, action):
    with refused("ResourceNotFoundException"):
        getattr(aws.acm, action)(CertificateArn=CERTIFICATE[:-1] + "9")


def test_a_common_name_has_at_most_64_characters(aws):
    name = f"{'a' * 50}.{'b' * 10}.com"
    with refused("InvalidDomainValidationOptionsException", "64"):
        request(aws, name)
    assert certificate(aws, request(aws, "a.com", SubjectAlternativeNames=[name]))["DomainName"] == "a.com"
