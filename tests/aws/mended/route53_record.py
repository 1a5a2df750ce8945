"""Route 53: what a record's name, values and alias target may be.

Still wrong: alias targets are not checked for existence; only the types that follow are looked at.
"""

import ipaddress
import re

from moto.route53.exceptions import InvalidInput, Route53ClientError

# https://docs.aws.amazon.com/general/latest/gr/elb.html: the hosted zone of us-east-1's application load balancers
LOAD_BALANCER_ZONES = {"us-east-1": "Z35SXDOTRQ7X7K"}


def canonical(name):
    """A name as Route 53 keeps it: in lower case, with a final dot, the asterisk escaped."""
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html: \052
    return name.rstrip(".").lower().replace("*", "\\052") + "."


def check_record(zone, wanted):
    """Refuse a record set that the zone cannot hold."""
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: InvalidInput,
    # InvalidChangeBatch
    name, kind = wanted["Name"], wanted["Type"]
    values = [record["Value"] for record in wanted.get("ResourceRecords", [])]
    if ("AliasTarget" in wanted) == bool(values) or bool(values) != ("TTL" in wanted):
        raise InvalidInput(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
            f"TrafficPolicyInstanceId], in Change with [Name={name}, Type={kind}]"
        )
    apex = canonical(zone.name)
    if name != apex and not name.endswith(f".{apex}"):
        raise _invalid(f"RRSet with DNS name {name} is not permitted in zone {zone.name}")
    if kind == "CNAME" and name == apex:
        raise _invalid(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone.name}")
    if kind == "CNAME" and len(values) > 1:
        raise _invalid("Invalid Resource Record: a CNAME has one value")
    for value in values:
        if not VALUES.get(kind, _any)(value):
            raise _invalid(f"Invalid Resource Record: 'FATAL problem: invalid value of type {kind}' with '{value}'")
    if "AliasTarget" in wanted:
        _check_alias(kind, wanted["AliasTarget"])


def _check_alias(kind, target):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html: HostedZoneId is the load balancer's
    # CanonicalHostedZoneId.
    region = re.fullmatch(r".+\.([a-z0-9-]+)\.elb\.amazonaws\.com\.", target["DNSName"])
    if region and LOAD_BALANCER_ZONES.get(region[1], target["HostedZoneId"]) != target["HostedZoneId"]:
        raise _invalid(
            f"Tried to create an alias that targets {target['DNSName']}, type {kind} in zone {target['HostedZoneId']}, "
            "but the alias target name does not lie within the target zone"
        )


def _invalid(message):
    return Route53ClientError("InvalidChangeBatch", message)


def _any(_value):
    return True


def _is_address(version):
    def check(value):
        try:
            return ipaddress.ip_address(value).version == version
        except ValueError:
            return False

    return check


# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
VALUES = {
    "A": _is_address(4),
    "AAAA": _is_address(6),
    "CAA": re.compile(r'\d{1,3} (issue|issuewild|iodef|issuemail|issuevmc) "[^"]*"').fullmatch,
    "TXT": re.compile(r'"[^"]*"( "[^"]*")*').fullmatch,
}
