"""WAFv2: a web ACL's association with a load balancer.

Still wrong: rules are not evaluated; capacity is not computed.
"""

from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.wafv2.exceptions import WAFNonexistentItemException, WAFv2ClientError
from moto.wafv2.models import WAFV2Backend, wafv2_backends

from mended.patch import replaces


@replaces(WAFV2Backend, "associate_web_acl")
def a_load_balancer_has_one_web_acl(original, backend, web_acl_arn, resource_arn):
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html: the resource must exist
    # (WAFNonexistentItemException) and has at most one web ACL: the last one associated.
    if ":loadbalancer/app/" in resource_arn and resource_arn not in _balancers(backend, resource_arn):
        raise WAFNonexistentItemException
    if web_acl_arn in backend.wacls:
        backend.disassociate_web_acl(resource_arn)
    return original(web_acl_arn, resource_arn)


def _balancers(backend, arn):
    return elbv2_backends[backend.account_id][arn.split(":")[3]].load_balancers


@replaces(WAFV2Backend, "delete_web_acl")
def an_associated_web_acl_stays(original, backend, name, scope, _id, lock_token):
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html: WAFAssociatedItemException
    if any(acl.id == _id and acl.associated_resources for acl in backend.wacls.values()):
        raise WAFv2ClientError(
            "WAFAssociatedItemException", "AWS WAF couldn't perform the operation because your resource is being used."
        )
    return original(name, scope, _id, lock_token)


@replaces(ELBv2Backend, "delete_load_balancer")
def a_deleted_load_balancer_is_associated_no_more(original, backend, arn):
    # https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
    original(arn)
    wafv2_backends[backend.account_id][backend.region_name].disassociate_web_acl(arn)
