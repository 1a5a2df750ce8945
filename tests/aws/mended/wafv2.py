"""WAFv2: a web ACL's association with a load balancer.

Still wrong: rules are not evaluated; capacity is not computed.
"""

import json

from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.wafv2.exceptions import WAFNonexistentItemException, WAFv2ClientError
from moto.wafv2.models import WAFV2Backend, wafv2_backends
from moto.wafv2.responses import WAFV2Response

from mended.patch import replaces


@replaces(WAFV2Backend, "associate_web_acl")
def a_load_balancer_has_one_web_acl(original, backend, web_acl_arn, resource_arn):
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html: the resource must exist
    # (WAFNonexistentItemException) and has at most one web ACL: the last one associated.
    _refuse_unknown(backend, resource_arn)
    if web_acl_arn in backend.wacls:
        backend.disassociate_web_acl(resource_arn)
    return original(web_acl_arn, resource_arn)


def _refuse_unknown(backend, arn):
    balancers = elbv2_backends[backend.account_id][arn.split(":")[3]].load_balancers
    if ":loadbalancer/app/" in arn and arn not in balancers:
        raise WAFNonexistentItemException


@replaces(WAFV2Response, "get_web_acl_for_resource", "disassociate_web_acl")
def only_a_known_resource_is_asked_for(original, response):
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html: WAFNonexistentItemException
    _refuse_unknown(response.wafv2_backend, response._get_param("ResourceArn"))
    return original()


def list_resources_for_web_acl(response):
    """ListResourcesForWebACL, which moto lacks: the load balancers unless another type is given."""
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_ListResourcesForWebACL.html
    acl = response.wafv2_backend.wacls.get(response._get_param("WebACLArn"))
    if acl is None:
        raise WAFNonexistentItemException
    kind = response._get_param("ResourceType", "APPLICATION_LOAD_BALANCER")
    wanted = "elasticloadbalancing" if kind == "APPLICATION_LOAD_BALANCER" else kind.split("_")[0].lower()
    arns = [arn for arn in acl.associated_resources if arn.split(":")[2] == wanted]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": arns})


WAFV2Response.list_resources_for_web_acl = list_resources_for_web_acl


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
