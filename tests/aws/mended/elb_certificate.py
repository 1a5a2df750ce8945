"""Elastic Load Balancing v2: a listener's default certificate and its certificate list.

Still wrong: names and keys of certificates are not looked at; server certificates of IAM are taken as they are.
"""

from moto.acm.models import acm_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.exceptions import ELBClientError, TooManyCertificatesError
from moto.elbv2.responses import ELBV2Response

from mended.patch import replaces

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
CERTIFICATES_A_LISTENER = 25


def certificates_of(listener):
    """The ARNs of every certificate a listener has."""
    return {*listener.certificates, *_list_of(listener)}


def _list_of(listener):
    # moto's own list is the default certificate here: that alone is shown by DescribeListeners.
    return listener.__dict__.setdefault("_mended_certificates", [])


def refuse_unusable(response, protocol):
    """Refuse the certificates of a request that a listener of this protocol cannot take."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html: "You must provide
    # exactly one certificate"; CertificateNotFound, UnsupportedCertificate. A certificate that is not issued yet is
    # unsupported.
    named = [certificate["CertificateArn"] for certificate in response._get_param("Certificates", [])]
    if protocol == "HTTPS" and not named:
        raise ELBClientError("ValidationError", "A certificate must be specified for HTTPS listeners")
    if protocol == "HTTP" and named:
        raise ELBClientError("InvalidConfigurationRequest", "A certificate cannot be specified for HTTP listeners")
    if len(named) > 1:
        raise ELBClientError("ValidationError", "Up to one certificate can be specified")
    known = acm_backends[response.current_account][response.region]._certificates
    for arn in (arn for arn in named if ":acm:" in arn):
        if arn not in known:
            raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
        if known[arn].status != "ISSUED":
            raise ELBClientError(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, "
                "and a supported key size.",
            )


def _listener(response):
    return response.elbv2_backend.describe_listeners(None, [response._get_param("ListenerArn")])[0]


@replaces(ELBV2Response, "add_listener_certificates")
def a_certificate_is_added_once(_original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html: "If the
    # certificate in already in the certificate list, the call is successful but the certificate is not added again."
    listener = _listener(response)
    refuse_unusable(response, listener.protocol)
    (added,) = (certificate["CertificateArn"] for certificate in response._get_param("Certificates"))
    present = _list_of(listener)
    if added not in present:
        if len(present) == CERTIFICATES_A_LISTENER:
            raise TooManyCertificatesError()
        present.append(added)
    return ActionResult({"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in present]})


@replaces(ELBV2Response, "remove_listener_certificates")
def the_default_certificate_is_not_removed(_original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveListenerCertificates.html:
    # OperationNotPermitted
    listener = _listener(response)
    for arn in (certificate["CertificateArn"] for certificate in response._get_param("Certificates")):
        if arn in _list_of(listener):
            _list_of(listener).remove(arn)
        elif arn in listener.certificates:
            raise ELBClientError("OperationNotPermitted", "The default certificate cannot be removed from a listener")
    return EmptyResult()


@replaces(ELBV2Response, "describe_listener_certificates")
def the_default_certificate_comes_first(_original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html
    # "If the default certificate is also in the certificate list, it appears twice in the results".
    listener = _listener(response)
    default = [{"CertificateArn": arn, "IsDefault": True} for arn in listener.certificates]
    return ActionResult(
        {"Certificates": [*default, *({"CertificateArn": arn, "IsDefault": False} for arn in _list_of(listener))]}
    )
