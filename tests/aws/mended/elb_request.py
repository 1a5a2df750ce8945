"""Elastic Load Balancing v2, every kind: pages of lists, what is asked for by ARN, tags.

Still wrong: tags of a deleted listener stay in moto's own index.
"""

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import (
    ELBClientError,
    ListenerNotFoundError,
    LoadBalancerNotFoundError,
    TooManyTagsError,
)
from moto.elbv2.models import ELBv2Backend
from moto.elbv2.responses import ELBV2Response

from mended.elb_listener import listeners
from mended.patch import replaces

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
TAGS_A_RESOURCE = 50


@replaces(ELBV2Response, "describe_load_balancers", "describe_target_groups", "describe_listeners", "describe_rules")
def every_list_has_pages(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html: 1 to 400 a
    # page; every ARN and name asked for must exist.
    _refuse_unknown(response)
    if response._get_action() == "DescribeListeners" and not {"LoadBalancerArn", "ListenerArns"} & set(response.params):
        raise ELBClientError("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
    size, marker = response.params.pop("PageSize", 400), response.params.pop("Marker", None)
    response.params["PageSize"] = 10**6
    answer = original()
    (key,) = [key for key in answer.result if key != "NextMarker"]
    items = list(answer.result[key])
    start = int(marker) if marker else 0
    page = {key: items[start : start + size]}
    if start + size < len(items):
        page["NextMarker"] = str(start + size)
    return ActionResult(page)


def _refuse_unknown(response):
    backend = response.elbv2_backend
    balancers = backend.load_balancers
    for arn in response._get_param("LoadBalancerArns", []):
        if arn not in balancers:
            raise LoadBalancerNotFoundError()
    if response._get_action() == "DescribeLoadBalancers":
        if set(response._get_param("Names", [])) - {balancer.name for balancer in balancers.values()}:
            raise LoadBalancerNotFoundError()
    if set(response._get_param("ListenerArns", [])) - {listener.arn for listener in listeners(backend)}:
        raise ListenerNotFoundError()


@replaces(ELBV2Response, "describe_tags")
def tags_are_asked_for_by_known_arns(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html: 20 ARNs a call
    arns = response._get_param("ResourceArns", [])
    if len(arns) > 20:
        raise ELBClientError("ValidationError", "Up to 20 resource ARNs can be described in one request")
    for arn in arns:
        response.elbv2_backend._get_resource_by_arn(arn)
    return original()


@replaces(ELBv2Backend, "_get_resource_by_arn")
def a_listener_of_a_deleted_load_balancer_is_not_found(original, backend, arn):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html: ListenerNotFound
    if ":listener/" in arn and arn not in {listener.arn for listener in listeners(backend)}:
        raise ListenerNotFoundError()
    return original(arn)


@replaces(ELBv2Backend, "add_tags")
def a_resource_has_at_most_50_tags(_original, backend, resource_arns, tags):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html: TooManyTags. moto's limit
    # is 10.
    for arn in resource_arns:
        backend._get_resource_by_arn(arn)
        present = backend.tagging_service.get_tag_dict_for_resource(arn)
        if len({*present, *(tag["Key"] for tag in tags)}) > TAGS_A_RESOURCE:
            raise TooManyTagsError()
    for arn in resource_arns:
        backend.tagging_service.tag_resource(arn, tags)
