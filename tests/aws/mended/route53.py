"""Route 53: one zone a caller reference, lists that start at a name, batches of changes that take a moment.

Still wrong: reusable delegation sets and traffic policies are moto's; PriorRequestNotComplete never happens.
"""

from moto.core.responses import ActionResult
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend
from moto.route53.responses import Route53

from mended import clock
from mended.patch import replaces
from mended.route53_record import canonical, check_record


@replaces(Route53Backend, "create_hosted_zone")
def a_caller_reference_makes_one_zone(original, backend, name, *args, **kwargs):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html: "HostedZoneAlreadyExists: The
    # hosted zone you're trying to create already exists", of the same name and caller reference.
    reference = kwargs.get("caller_reference")
    if any(zone.caller_reference == reference for zone in backend.zones.values() if reference):
        raise Route53ClientError("HostedZoneAlreadyExists", f"A hosted zone has already been created with {reference}")
    return original(name, *args, **kwargs)


@replaces(Route53Backend, "list_hosted_zones_by_name")
def zones_are_listed_from_a_name_on(_original, backend, dnsname):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html: DNSName is where the list
    # starts, not what it holds; labels are compared in reverse order.
    zones = sorted(backend.zones.values(), key=_zone_order)
    if not dnsname:
        return None, zones
    start = _labels(canonical(dnsname))
    return dnsname, [zone for zone in zones if _labels(zone.name) >= start]


def _zone_order(zone):
    return _labels(zone.name), zone.resource_id


def _labels(name):
    return name.lower().rstrip(".").split(".")[::-1]


@replaces(Route53, "list_hosted_zones_by_name")
def zones_by_name_have_pages(original, response):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html: MaxItems, NextDNSName,
    # NextHostedZoneId
    zones = original().result["HostedZones"]
    first, size = response._get_param("HostedZoneId"), int(response._get_param("MaxItems", 100))
    start = next((n for n, zone in enumerate(zones) if zone.resource_id == first), 0)
    page, rest = zones[start : start + size], zones[start + size :]
    answer = {"HostedZones": page, "IsTruncated": bool(rest), "MaxItems": str(size)}
    for name in ("DNSName", "HostedZoneId"):
        answer[name] = response._get_param(name)
    if rest:
        answer |= {"NextDNSName": rest[0].name, "NextHostedZoneId": rest[0].resource_id}
    return ActionResult(answer)


@replaces(Route53Backend, "list_resource_record_sets")
def records_are_listed_from_a_name_on(original, _backend, zone_id, start_type, start_name, max_items):
    return original(zone_id, start_type, canonical(start_name) if start_name else start_name, max_items)


@replaces(Route53Backend, "change_resource_record_sets")
def a_batch_fits_the_zone_or_changes_nothing(original, backend, zoneid, change_list):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: all or none, else
    # InvalidChangeBatch.
    zone = backend.get_hosted_zone(zoneid)
    present = {_key(record): record for record in map(_as_wanted, zone.rrsets)}
    for change in change_list:
        change["ResourceRecordSet"] = _stored(change["ResourceRecordSet"])
        check_record(zone, change["ResourceRecordSet"])
        _follow(present, change)
    _refuse_neighbours_of_aliases(zone, present)
    # moto's own, weaker, test of deletions looks into this journal.
    zone.rr_changes.extend({**c, "Action": "UPSERT", "ResourceRecordSet": _journal(c)} for c in change_list)
    original(zoneid, change_list)
    del zone.rr_changes[:]


def _follow(present, change):
    # "To delete a resource record set, you must specify all the same values that you specified when you created it."
    wanted, action = change["ResourceRecordSet"], change["Action"]
    key = _key(wanted)
    what = f"resource record set [name='{key[0]}', type='{key[1]}']"
    if action == "CREATE" and key in present:
        raise Route53ClientError("InvalidChangeBatch", f"Tried to create {what} but it already exists")
    if action == "DELETE" and key not in present:
        raise Route53ClientError("InvalidChangeBatch", f"Tried to delete {what} but it was not found")
    if action == "DELETE" and _values(present[key]) != _values(wanted):
        raise Route53ClientError(
            "InvalidChangeBatch", f"Tried to delete {what} but the values provided do not match the current values"
        )
    if action == "DELETE":
        del present[key]
    else:
        present[key] = wanted


def _refuse_neighbours_of_aliases(zone, present):
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat: "you can't create
    # any other records that have the same name" as a CNAME's.
    for name, kind, _identifier in present:
        if kind == "CNAME" and any(other[0] == name and other[1] != "CNAME" for other in present):
            raise Route53ClientError(
                "InvalidChangeBatch",
                f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with "
                f"the same DNS name in zone {zone.name}",
            )


def _journal(change):
    wanted = change["ResourceRecordSet"]
    return {**wanted, "Name": wanted["Name"].strip(".")}


def _stored(wanted):
    stored = {**wanted, "Name": canonical(wanted["Name"])}
    if "AliasTarget" in wanted:
        stored["AliasTarget"] = {**wanted["AliasTarget"], "DNSName": canonical(wanted["AliasTarget"]["DNSName"])}
    return stored


def _as_wanted(record):
    wanted = {"Name": record.name, "Type": record.type, "SetIdentifier": record.set_identifier, "TTL": record.ttl}
    if record.alias_target:
        return wanted | {"AliasTarget": record.alias_target}
    return wanted | {"ResourceRecords": [{"Value": value} for value in record.records or []]}


def _key(wanted):
    return wanted["Name"], wanted["Type"], wanted.get("SetIdentifier")


def _values(wanted):
    target = wanted.get("AliasTarget")
    if target:
        return target["HostedZoneId"], target["DNSName"], str(target["EvaluateTargetHealth"]).lower()
    return sorted(record["Value"] for record in wanted.get("ResourceRecords", [])), str(wanted.get("TTL"))


@replaces(Route53, "change_resource_record_sets")
def a_change_is_pending_then_in_sync(original, response):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
    answer = original()
    changes = _changes(response)
    change_id = f"/change/C{len(changes) + 1:013}"
    changes[change_id] = clock.now()
    return ActionResult({"ChangeInfo": {**answer.result["ChangeInfo"], "Id": change_id, "Status": "PENDING"}})


@replaces(Route53, "get_change")
def get_change_answers_its_state(original, response):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
    answer = original()
    change_id = "/change/" + answer.result["ChangeInfo"]["Id"].rsplit("/", 1)[-1]
    since = _changes(response).get(change_id)
    pending = since is not None and clock.now() - since < clock.durations.pending
    state = "PENDING" if pending else "INSYNC"
    return ActionResult({"ChangeInfo": {**answer.result["ChangeInfo"], "Id": change_id, "Status": state}})


def _changes(response):
    return response.backend.__dict__.setdefault("_mended_changes", {})
