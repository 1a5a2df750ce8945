"""ACM: a certificate is issued when its validation records exist, fails, times out, expires - never by waiting alone.

A record counts when a public hosted zone of the stand-in has it, or when DNS elsewhere has:
POST /mended/dns {"name": ..., "type": "CNAME", "value": ...}. DNS elsewhere has every record of a certificate by
itself once the duration `dns_elsewhere` has passed, which by default it never does.

POST /mended/acm/ARN/issue|time-out           end a validation at once
POST /mended/acm/ARN/fail {"reason": ...}     the same, with a FailureReason
POST /mended/acm/ARN/expire {"days": n, "renewal": ...}  let an issued one end in n days, its renewal in that state

Still wrong: e-mail and HTTP validation are treated as DNS validation.
"""

import datetime
import hashlib

from moto.acm.models import CertBundle, acm_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import route53_backends

from mended import clock
from mended.patch import replaces
from mended.route53_record import canonical

# https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
AUTHORITIES = {"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}
HOURS_UNTIL_TIME_OUT = 72
DAYS_VALID = 198

_elsewhere: set = set()


def begin(certificate, domains):
    """Begin the validation of a requested certificate."""
    # https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-timed-out.html: 72 hours
    certificate._mended_requested = clock.now()
    certificate._mended_domains = domains
    clock.later(HOURS_UNTIL_TIME_OUT * 3600, lambda: _end(certificate, "VALIDATION_TIMED_OUT"))


def reset():
    """Forget the records of DNS elsewhere."""
    _elsewhere.clear()


@replaces(CertBundle, "check")
def reading_issues_nothing(_original, _certificate):
    # moto's certificates are issued by being read, some time after the request.
    return None


@clock.each_request
def look_at_what_is_pending():
    # https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    for certificate in (c for backend in acm_backends[DEFAULT_ACCOUNT_ID].values() for c in _pending(backend)):
        if all(_seen(certificate, domain) for domain in certificate._mended_domains):
            certificate._mended_seen = True
            clock.later(clock.durations.pending, lambda certificate=certificate: _conclude(certificate))


def _pending(backend):
    for certificate in backend._certificates.values():
        begun = hasattr(certificate, "_mended_requested") and _records_known(certificate)
        if begun and certificate.status == "PENDING_VALIDATION" and not getattr(certificate, "_mended_seen", False):
            yield certificate


def _records_known(certificate):
    # "There is a short delay" until DescribeCertificate shows the records to create.
    return clock.now() - certificate._mended_requested >= clock.durations.pending


def _seen(certificate, domain):
    if clock.now() - certificate._mended_requested >= clock.durations.dns_elsewhere:
        return True
    record = _record(domain)
    wanted = canonical(record["Name"]), record["Type"], canonical(record["Value"])
    return wanted in _elsewhere or wanted in set(_zone_records("CNAME"))


def _zone_records(kind):
    for zone in route53_backends[DEFAULT_ACCOUNT_ID]["aws"].zones.values():
        for record in zone.rrsets if not zone.private_zone else []:
            if record.type == kind:
                yield from ((record.name, kind, canonical(value)) for value in record.records or [])


def _record(domain):
    # One record a domain and account; a wildcard shares its base domain's.
    base = domain.removeprefix("*.").lower()
    name, value = (hashlib.sha256(f"{part}{base}".encode()).hexdigest()[:32] for part in ("name", "value"))
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.djqtsrsxkq.acm-validations.aws."}


def _conclude(certificate):
    denied = [domain for domain in certificate._mended_domains if not _authorized(domain)]
    _end(certificate, "FAILED" if denied else "ISSUED", "CAA_ERROR")


def _authorized(domain):
    # https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html: the closest name that has CAA records decides;
    # one of them must name an authority of Amazon's.
    labels = domain.removeprefix("*.").lower().split(".")
    records = [*_zone_records("CAA"), *(record for record in _elsewhere if record[1] == "CAA")]
    for depth in range(len(labels)):
        name = canonical(".".join(labels[depth:]))
        tags = [value.split('"')[:2] for found, _kind, value in records if found == name]
        issue = {authority.split(";")[0].strip() for tag, authority in tags if tag.split()[1] == "issue"}
        wild = {authority.split(";")[0].strip() for tag, authority in tags if tag.split()[1] == "issuewild"}
        allowed = wild if domain.startswith("*.") and wild else issue
        if allowed:
            return bool(allowed & AUTHORITIES)
    return True


def _end(certificate, status, reason=None):
    if certificate.status == "PENDING_VALIDATION":
        certificate.status, certificate._mended_failure = status, reason


def detail(certificate):
    """What a certificate's description says of its validation and its end."""
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
    shown = {"NotAfter": _not_after(certificate)}
    if certificate.status == "FAILED":
        shown["FailureReason"] = certificate._mended_failure
    if hasattr(certificate, "_mended_requested"):
        shown["SubjectAlternativeNames"] = certificate._mended_domains
        shown["DomainValidationOptions"] = [_validation(certificate, domain) for domain in certificate._mended_domains]
    if getattr(certificate, "_mended_renewal", None):
        shown["RenewalSummary"] = {
            "RenewalStatus": certificate._mended_renewal,
            "DomainValidationOptions": shown.get("DomainValidationOptions", []),
            "UpdatedAt": datetime.datetime.now(datetime.timezone.utc),
        }
    return shown


def _not_after(certificate):
    made = certificate.created_at.replace(tzinfo=datetime.timezone.utc)
    return getattr(certificate, "_mended_end", made + datetime.timedelta(days=DAYS_VALID))


def _validation(certificate, domain):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_DomainValidation.html
    known = _records_known(certificate)
    status = {"PENDING_VALIDATION": "PENDING_VALIDATION", "FAILED": "FAILED", "VALIDATION_TIMED_OUT": "FAILED"}.get(
        certificate.status, "SUCCESS"
    )
    if status == "PENDING_VALIDATION" and known and _seen(certificate, domain):
        status = "SUCCESS"
    validation = {
        "DomainName": domain,
        "ValidationDomain": domain,
        "ValidationStatus": status,
        "ValidationMethod": "DNS",
    }
    return validation | ({"ResourceRecord": _record(domain)} if known else {})


def _certificate(arn):
    return acm_backends[DEFAULT_ACCOUNT_ID][arn.split(":")[3]]._certificates.get(arn)


def _end_validation(body, arn, verdict):
    certificate = _certificate(arn)
    if certificate is None or certificate.status != "PENDING_VALIDATION":
        return "404 Not Found", {"error": f"no certificate pending validation: {arn}"}
    status = {"issue": "ISSUED", "fail": "FAILED", "time-out": "VALIDATION_TIMED_OUT"}[verdict]
    _end(certificate, status, body.get("reason", "OTHER"))
    return "200 OK", {"arn": arn, "status": certificate.status}


def _expire(body, arn):
    certificate = _certificate(arn)
    if certificate is None or certificate.status != "ISSUED":
        return "404 Not Found", {"error": f"no issued certificate: {arn}"}
    left = datetime.timedelta(days=float(body["days"]))
    certificate._mended_end = datetime.datetime.now(datetime.timezone.utc) + left
    certificate._mended_renewal = body.get("renewal")
    certificate.status = "ISSUED" if left > datetime.timedelta() else "EXPIRED"
    return "200 OK", {"arn": arn, "status": certificate.status}


def _set_elsewhere(body):
    record = canonical(body["name"]), body.get("type", "CNAME"), canonical(body["value"])
    _elsewhere.add(record)
    return "200 OK", {"records": len(_elsewhere)}


ROUTES = [
    ("POST", r"/mended/acm/(arn:[^/]+/[^/]+)/(issue|fail|time-out)", _end_validation),
    ("POST", r"/mended/acm/(arn:[^/]+/[^/]+)/expire", _expire),
    ("POST", r"/mended/dns", _set_elsewhere),
]
