"""Route 53: one zone a caller reference, changes that take a moment.

Still wrong: alias targets are not checked for existence; reusable delegation sets and traffic policies are moto's.
"""

from moto.core.responses import ActionResult
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend
from moto.route53.responses import Route53

from mended import clock
from mended.patch import replaces


@replaces(Route53Backend, "create_hosted_zone")
def a_caller_reference_makes_one_zone(original, backend, name, *args, **kwargs):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html: "HostedZoneAlreadyExists: The
    # hosted zone you're trying to create already exists", of the same name and caller reference.
    reference = kwargs.get("caller_reference")
    if any(zone.caller_reference == reference for zone in backend.zones.values() if reference):
        raise Route53ClientError("HostedZoneAlreadyExists", f"A hosted zone has already been created with {reference}")
    return original(name, *args, **kwargs)


@replaces(Route53Backend, "change_resource_record_sets")
def a_batch_fits_the_zone_or_changes_nothing(original, backend, zoneid, change_list):
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: all or none, else
    # InvalidChangeBatch. "To delete a resource record set, you must specify all the same values that you specified
    # when you created it."
    zone = backend.get_hosted_zone(zoneid)
    present = {_key(vars(record)): record for record in zone.rrsets}
    for change in change_list:
        wanted = change["ResourceRecordSet"]
        key = _key({name.lower(): value for name, value in wanted.items()})
        what = f"resource record set [name='{key[0]}', type='{key[1]}']"
        if change["Action"] == "CREATE" and key in present:
            raise Route53ClientError("InvalidChangeBatch", f"Tried to create {what} but it already exists")
        if change["Action"] == "DELETE" and key not in present:
            raise Route53ClientError("InvalidChangeBatch", f"Tried to delete {what} but it was not found")
        if change["Action"] == "DELETE" and not _same_values(present[key], wanted):
            raise Route53ClientError(
                "InvalidChangeBatch", f"Tried to delete {what} but the values provided do not match the current values"
            )
        if not key[0].endswith(zone.name.lower()):
            raise Route53ClientError(
                "InvalidChangeBatch", f"RRSet with DNS name {key[0]} is not permitted in zone {zone.name}"
            )
    for change in change_list:
        change["ResourceRecordSet"]["Name"] = change["ResourceRecordSet"]["Name"].rstrip(".") + "."
    # moto's own, weaker, test of deletions looks into this journal.
    zone.rr_changes.extend({**c, "Action": "UPSERT", "ResourceRecordSet": _journal(c)} for c in change_list)
    original(zoneid, change_list)
    del zone.rr_changes[:]


def _journal(change):
    wanted = change["ResourceRecordSet"]
    return {**wanted, "Name": wanted["Name"].strip(".")}


def _key(record):
    name = record["name"].rstrip(".").lower() + "."
    return name, record["type"], record.get("set_identifier") or record.get("setidentifier")


def _same_values(record, wanted):
    if "AliasTarget" in wanted:
        keys = ("HostedZoneId", "DNSName")
        one, other = record.alias_target or {}, wanted["AliasTarget"]
        return all(str(one.get(k)).rstrip(".").lower() == str(other.get(k)).rstrip(".").lower() for k in keys)
    values = sorted(value["Value"] for value in wanted.get("ResourceRecords", []))
    return sorted(record.records or []) == values and str(record.ttl) == str(wanted.get("TTL"))


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
