"""ACM: certificates are issued when their validation records exist, not by waiting.

A record counts when a hosted zone of the stand-in has it. DNS elsewhere is played by
POST /mended/acm/ARN/issue, a failed validation by POST /mended/acm/ARN/fail {"reason": "CAA_ERROR"}.

Still wrong: validation does not time out after 72 hours; certificates are not renewed; e-mail validation is treated as
DNS validation. An idempotency token used again with another domain makes another certificate (not documented).
"""

import hashlib

from moto.acm.exceptions import AWSError
from moto.acm.models import AWSCertificateManagerBackend, CertBundle, acm_backends
from moto.acm.responses import AWSCertificateManagerResponse
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends

from mended import clock
from mended.elb_listener import listeners
from mended.patch import replaces


@replaces(AWSCertificateManagerBackend, "request_certificate")
def a_token_requests_one_certificate(original, backend, domain_name, idempotency_token, subject_alt_names, *rest):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html: "If you call RequestCertificate
    # multiple times with the same idempotency token within one hour, ACM recognizes that you are requesting only one
    # certificate and will issue only one."
    requests = backend.__dict__.setdefault("_mended_requests", {})
    key = (idempotency_token, domain_name, tuple(subject_alt_names or ()))
    asked, arn = requests.get(key, (None, None))
    if idempotency_token and arn and clock.now() - asked < 3600:
        return arn
    arn = original(domain_name, None, subject_alt_names, *rest)
    requests[key] = (clock.now(), arn)
    certificate = backend._certificates[arn]
    certificate._mended_requested = clock.now()
    certificate._mended_domains = list(dict.fromkeys([domain_name, *(subject_alt_names or [])]))
    return arn


@replaces(CertBundle, "check")
def a_certificate_is_issued_when_its_records_exist(_original, certificate):
    # https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    requested = getattr(certificate, "_mended_requested", None)
    if certificate.status != "PENDING_VALIDATION" or requested is None or not _records_known(certificate):
        return
    if not getattr(certificate, "_mended_seen", False) and _records_exist(certificate):
        certificate._mended_seen = True
        clock.later(clock.durations.pending, lambda: _issue(certificate))


def _records_known(certificate):
    # "There is a short delay" until DescribeCertificate shows the records to create.
    return clock.now() - certificate._mended_requested >= clock.durations.pending


def _records_exist(certificate):
    account = certificate.arn.split(":")[4]
    zones = route53_backends[account]["aws"].zones.values()
    known = {
        (record.name.rstrip(".").lower(), value.rstrip(".").lower())
        for zone in zones
        for record in zone.rrsets
        if record.type == "CNAME"
        for value in record.records
    }
    wanted = [_record(certificate, domain) for domain in certificate._mended_domains]
    return all((record["Name"].rstrip("."), record["Value"].rstrip(".")) in known for record in wanted)


def _record(certificate, domain):
    # One record a domain and account; a wildcard shares its base domain's.
    base = domain.removeprefix("*.").lower()
    name, value = (hashlib.sha256(f"{part}{base}".encode()).hexdigest()[:32] for part in ("name", "value"))
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.djqtsrsxkq.acm-validations.aws."}


def _issue(certificate):
    if certificate.status == "PENDING_VALIDATION":
        certificate.status = "ISSUED"


@replaces(CertBundle, "describe")
def a_description_tells_what_to_create_and_who_uses_it(original, certificate):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html and API_DomainValidation.html
    described = original()
    detail = described["Certificate"]
    detail["InUseBy"] = _users(certificate.arn)
    if certificate.status != "ISSUED":
        for name in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
            detail.pop(name, None)
    if certificate.status == "FAILED":
        detail["FailureReason"] = certificate._mended_failure
    if hasattr(certificate, "_mended_requested"):
        detail["SubjectAlternativeNames"] = certificate._mended_domains
        detail["DomainValidationOptions"] = [_validation(certificate, domain) for domain in certificate._mended_domains]
    return described


def _validation(certificate, domain):
    status = {"ISSUED": "SUCCESS", "PENDING_VALIDATION": "PENDING_VALIDATION"}.get(certificate.status, "FAILED")
    validation = {
        "DomainName": domain,
        "ValidationDomain": domain,
        "ValidationStatus": status,
        "ValidationMethod": "DNS",
    }
    if _records_known(certificate):
        validation["ResourceRecord"] = _record(certificate, domain)
    return validation


def _users(arn):
    # The load balancers whose listeners have the certificate.
    account, region = arn.split(":")[4], arn.split(":")[3]
    backend = elbv2_backends[account][region]
    return sorted({listener.load_balancer_arn for listener in listeners(backend) if arn in listener.certificates})


@replaces(AWSCertificateManagerResponse, "delete_certificate")
def a_certificate_in_use_stays(original, response):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html: ResourceInUseException
    arn = response._get_param("CertificateArn")
    if arn in response.acm_backend._certificates and (users := _users(arn)):
        raise AWSError(
            f"Certificate {arn} in account is in use by {users[0]}.", exception_type="ResourceInUseException"
        )
    return original()


def _end_validation(body, arn, verdict):
    certificate = acm_backends[arn.split(":")[4]][arn.split(":")[3]]._certificates.get(arn)
    if certificate is None or certificate.status != "PENDING_VALIDATION":
        return "404 Not Found", {"error": f"no certificate pending validation: {arn}"}
    certificate.status = "ISSUED" if verdict == "issue" else "FAILED"
    certificate._mended_failure = body.get("reason", "OTHER")
    return "200 OK", {"arn": arn, "status": certificate.status}


ROUTES = [("POST", r"/mended/acm/(arn:[^/]+/[^/]+)/(issue|fail)", _end_validation)]
