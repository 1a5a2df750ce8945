"""Route 53: hosted zones and records."""

import pytest

from conftest import change, cname, record, refused, zone

LOAD_BALANCER = {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "web-1.us-east-1.elb.amazonaws.com"}


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


def records(aws, into, **wanted):
    return aws.route53.list_resource_record_sets(HostedZoneId=into, **wanted)


def alias(name, kind="A", **changes):
    return {"Name": name, "Type": kind, "AliasTarget": LOAD_BALANCER | {"EvaluateTargetHealth": False} | changes}


def test_zones_are_listed_from_a_name_on(aws):
    made = {name: zone(aws, name, name) for name in ("example.org", "a.example.org", "example.net", "zebra.org")}
    found = aws.route53.list_hosted_zones_by_name(DNSName="example.org")["HostedZones"]
    assert [z["Id"] for z in found] == [made[name] for name in ("example.org", "a.example.org", "zebra.org")]


def test_zones_by_name_have_pages(aws):
    made = [zone(aws, name, name) for name in ("a.org", "b.org", "c.org")]
    first = aws.route53.list_hosted_zones_by_name(MaxItems="2")
    assert (first["IsTruncated"], first["NextDNSName"]) == (True, "c.org.")
    second = aws.route53.list_hosted_zones_by_name(
        MaxItems="2", DNSName=first["NextDNSName"], HostedZoneId=first["NextHostedZoneId"]
    )
    assert not second["IsTruncated"]
    assert [z["Id"] for page in (first, second) for z in page["HostedZones"]] == made


def test_a_zone_tells_its_name_and_whether_it_is_private(network, aws):
    private = {"HostedZoneConfig": {"PrivateZone": True}, "VPC": {"VPCRegion": "us-east-1", "VPCId": network.vpc}}
    for made, expected in ((zone(aws), False), (zone(aws, "p", **private), True)):
        shown = aws.route53.get_hosted_zone(Id=made)["HostedZone"]
        assert (shown["Name"], shown["Config"]["PrivateZone"]) == ("example.org.", expected)


def test_an_unknown_zone_is_an_error(aws):
    with refused("NoSuchHostedZone"):
        aws.route53.get_hosted_zone(Id="Z0123456789ABC")
    with refused("NoSuchHostedZone"):
        records(aws, "Z0123456789ABC")


def test_one_record_is_looked_up_by_name_and_type(aws):
    into = zone(aws)
    change(aws, into, "CREATE", record("a.example.org", "TXT", '"t"'), record("a.example.org", "A", "192.0.2.1"))
    found = records(aws, into, StartRecordName="a.example.org", StartRecordType="TXT", MaxItems="1")
    assert [(r["Name"], r["Type"]) for r in found["ResourceRecordSets"]] == [("a.example.org.", "TXT")]
    assert not found["IsTruncated"]


def test_a_look_up_of_what_is_missing_answers_with_what_follows(aws):
    into = zone(aws)
    change(aws, into, "CREATE", cname("b.example.org", "x.example.com"), cname("c.example.org", "x.example.com"))
    found = records(aws, into, StartRecordName="a.example.org", StartRecordType="CNAME", MaxItems="1")
    assert [r["Name"] for r in found["ResourceRecordSets"]] == ["b.example.org."]
    assert (found["IsTruncated"], found["NextRecordName"], found["NextRecordType"]) == (True, "c.example.org.", "CNAME")


def test_names_are_in_lower_case_and_an_asterisk_is_escaped(aws):
    into = zone(aws)
    change(aws, into, "CREATE", alias("*.Example.org"))
    (shown,) = records(aws, into, StartRecordName="*.example.org", StartRecordType="A")["ResourceRecordSets"]
    assert shown["Name"] == "\\052.example.org."
    change(aws, into, "DELETE", alias("*.example.org"))


def test_an_alias_shows_its_target_with_a_final_dot(aws):
    into = zone(aws)
    change(aws, into, "UPSERT", alias("example.org"), alias("example.org", "AAAA"))
    shown = [r for r in records(aws, into)["ResourceRecordSets"] if "AliasTarget" in r]
    assert [r["Type"] for r in shown] == ["A", "AAAA"]
    assert {r["AliasTarget"]["DNSName"] for r in shown} == {LOAD_BALANCER["DNSName"] + "."}
    assert "TTL" not in shown[0]


def test_an_alias_names_its_targets_zone(aws):
    with refused("InvalidChangeBatch", "does not lie within the target zone"):
        change(aws, zone(aws), "UPSERT", alias("example.org", HostedZoneId="Z0000000000000"))


def test_an_alias_is_deleted_by_its_exact_values(aws):
    into = zone(aws)
    change(aws, into, "CREATE", alias("example.org"))
    with refused("InvalidChangeBatch", "do not match"):
        change(aws, into, "DELETE", alias("example.org", EvaluateTargetHealth=True))


def test_a_record_changes_into_an_alias_in_one_batch(aws):
    into, before = zone(aws), record("example.org", "A", "192.0.2.1")
    change(aws, into, "CREATE", before)
    steps = [("DELETE", before), ("CREATE", alias("example.org"))]
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": wanted} for action, wanted in steps]}
    aws.route53.change_resource_record_sets(HostedZoneId=into, ChangeBatch=batch)
    assert ["AliasTarget" in r for r in records(aws, into)["ResourceRecordSets"] if r["Type"] == "A"] == [True]


@pytest.mark.parametrize(
    "wanted,code",
    [
        (cname("example.org", "b.example.com"), "InvalidChangeBatch"),
        (record("a.example.org", "CNAME", "b.example.com", "c.example.com"), "InvalidChangeBatch"),
        (record("a.example.org", "TXT", "unquoted"), "InvalidChangeBatch"),
        (record("a.example.org", "CAA", "amazon.com"), "InvalidChangeBatch"),
        (record("a.example.org", "A", "2001:db8::1"), "InvalidChangeBatch"),
        (record("notexample.org", "A", "192.0.2.1"), "InvalidChangeBatch"),
        (alias("example.org") | {"TTL": 60}, "InvalidInput"),
        ({"Name": "a.example.org", "Type": "A"}, "InvalidInput"),
    ],
)
def test_a_record_is_as_its_type_demands(aws, wanted, code):
    with refused(code):
        change(aws, zone(aws), "CREATE", wanted)


def test_a_cname_has_its_name_alone(aws):
    into = zone(aws)
    change(aws, into, "CREATE", record("a.example.org", "TXT", '"t"'))
    with refused("InvalidChangeBatch", "conflicts with other records"):
        change(aws, into, "UPSERT", cname("a.example.org", "b.example.com"))


def test_a_caa_record_is_kept(aws):
    into = zone(aws)
    change(aws, into, "UPSERT", record("example.org", "CAA", '0 issue "amazon.com"', '0 issuewild "amazon.com"'))
    (shown,) = [r for r in records(aws, into)["ResourceRecordSets"] if r["Type"] == "CAA"]
    assert shown["ResourceRecords"] == [{"Value": '0 issue "amazon.com"'}, {"Value": '0 issuewild "amazon.com"'}]
