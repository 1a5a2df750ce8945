"""ACM: requests that a token makes once, what describes and lists a certificate, and who uses it.

How a certificate is validated is in `acm_validation.py`.

Still wrong: an idempotency token used again with another domain makes another certificate (not documented); a deleted
certificate is gone at once; certificates are not renewed by themselves.
"""

import base64

from moto.acm.exceptions import AWSError
from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.responses import ActionResult
from moto.elbv2.models import elbv2_backends

from mended import acm_validation, clock
from mended.elb_certificate import certificates_of
from mended.elb_listener import listeners
from mended.patch import replaces

# What is listed when no key type is asked for: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
LISTED_KEY_TYPES = ["RSA_1024", "RSA_2048"]


@replaces(AWSCertificateManagerResponse, "request_certificate")
def a_common_name_has_64_characters(original, response):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html: "the length of the domain name
    # (technically, the Common Name) that you provide cannot exceed 64 octets"; further names may have 253.
    domain = response._get_param("DomainName")
    if len(domain) > 64:
        raise AWSError(
            f"The first domain name can be no longer than 64 characters: {domain}",
            exception_type="InvalidDomainValidationOptionsException",
        )
    answer = original()
    certificate = response.acm_backend._certificates.get(answer.result["CertificateArn"])
    if certificate is not None:
        certificate.__dict__.setdefault("_mended_algorithm", response._get_param("KeyAlgorithm", "RSA_2048"))
    return answer


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
    acm_validation.begin(backend._certificates[arn], list(dict.fromkeys([domain_name, *(subject_alt_names or [])])))
    return arn


@replaces(CertBundle, "describe")
def a_description_tells_what_to_create_and_who_uses_it(original, certificate):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
    described = original()
    detail = described["Certificate"]
    detail["InUseBy"] = _users(certificate.arn)
    detail["KeyAlgorithm"] = getattr(certificate, "_mended_algorithm", "RSA_2048")
    detail.update(acm_validation.detail(certificate))
    if certificate.status not in ("ISSUED", "EXPIRED"):
        for name in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
            detail.pop(name, None)
    return described


def _users(arn):
    # The load balancers whose listeners have the certificate.
    account, region = arn.split(":")[4], arn.split(":")[3]
    backend = elbv2_backends[account][region]
    return sorted({listener.load_balancer_arn for listener in listeners(backend) if arn in certificates_of(listener)})


@replaces(AWSCertificateManagerBackend, "list_certificates")
def certificates_of_the_usual_keys_are_listed(original, _backend, statuses, includes):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
    return original(statuses, {"keyTypes": LISTED_KEY_TYPES, **(includes or {})})


@replaces(AWSCertificateManagerResponse, "list_certificates")
def certificates_have_pages(original, response):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html: NextToken and MaxItems
    listed = [_summary(detail) for detail in original().result["CertificateSummaryList"]]
    token, size = response._get_param("NextToken"), response._get_int_param("MaxItems", 1000)
    start = int(base64.b64decode(token)) if token else 0
    answer = {"CertificateSummaryList": listed[start : start + size]}
    if start + size < len(listed):
        answer["NextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return ActionResult(answer)


def _summary(detail):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateSummary.html
    names = detail.get("SubjectAlternativeNames", [])
    return {
        **detail,
        "SubjectAlternativeNameSummaries": names[:100],
        "HasAdditionalSubjectAlternativeNames": len(names) > 100,
    }


@replaces(AWSCertificateManagerResponse, "delete_certificate")
def a_certificate_in_use_stays(original, response):
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html: ResourceInUseException
    arn = response._get_param("CertificateArn")
    if arn in response.acm_backend._certificates and (users := _users(arn)):
        raise AWSError(
            f"Certificate {arn} in account is in use by {users[0]}.", exception_type="ResourceInUseException"
        )
    return original()
