"""EC2, every action: dry runs, client tokens, tag filters and pagination.

Still wrong: other filters than tags match by moto's own rules, and some that AWS knows are refused as invalid.
"""

import base64
import binascii
import functools
import json
import re

import botocore.session
from moto.core.responses import ActionResult, PaginatedResult
from moto.core.utils import camelcase_to_underscores
from moto.ec2.exceptions import DryRunClientError, EC2ClientError, FilterNotImplementedError, InvalidNextToken
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses import EC2Response
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from mended.patch import replaces

# The actions whose answer is one list of tagged resources. (DescribeInstances nests them; moto filters that one well.)
TAG_FILTERED = {
    "DescribeAddresses",
    "DescribeFlowLogs",
    "DescribeImages",
    "DescribeInternetGateways",
    "DescribeKeyPairs",
    "DescribeNatGateways",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSecurityGroupRules",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeVolumes",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
}

# "You cannot specify this parameter and the ... IDs parameter in the same request."
IDS_OR_PAGES = {
    "DescribeInstances": "InstanceIds",
    "DescribeNetworkInterfaces": "NetworkInterfaceIds",
    "DescribeVolumes": "VolumeIds",
}


@replaces(EC2Response, "call_action")
def every_action_passes_these_layers(original, response):
    operation = response._get_action()
    name = camelcase_to_underscores(operation)
    method = getattr(response, name, None)
    if method is not None:
        setattr(response, name, functools.partial(_answer, response, operation, method))
    return original()


def _answer(response, operation, method):
    _refuse_dry_run(response)
    pages = _page_size(response, operation)
    tag_filters = _take_tag_filters(response) if operation in TAG_FILTERED else {}
    try:
        answer = _once_per_token(response, operation, method)
    except FilterNotImplementedError as error:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        raise EC2ClientError("InvalidParameterValue", f"The filter is invalid: {error}") from None
    if tag_filters:
        answer = _only_tagged(response, answer, tag_filters)
    return _one_page(response, operation, answer, pages)


def _refuse_dry_run(response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
    if response._get_bool_param("DryRun", False):
        raise DryRunClientError()


def _once_per_token(response, operation, method):
    # https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html: the same token and parameters complete
    # without a further action; the result may carry the current state.
    token = response._get_param("ClientToken")
    if not token:
        return method()
    if len(token) > 64 or not token.isascii():
        # "A client token is a unique, case-sensitive string of up to 64 ASCII characters."
        raise EC2ClientError("InvalidParameterValue", "The client token is longer than 64 ASCII characters")
    answers = response.ec2_backend.__dict__.setdefault("_mended_answers", {})
    parameters = _canonical(response.params)
    if (operation, token) in answers:
        first_parameters, first_answer = answers[operation, token]
        if parameters != first_parameters:
            raise EC2ClientError(
                "IdempotentParameterMismatch",
                f"The client token '{token}' was used before with other parameters.",
            )
        if operation in _repeated:
            _repeated[operation](first_answer.result)
        return first_answer
    answer = method()
    answers[operation, token] = (parameters, answer)
    return answer


def on_repeated(operation):
    """Decorate what looks at the first answer's result before an operation's token answers again."""

    def register(look):
        _repeated[operation] = look
        return look

    return register


_repeated = {}


def _canonical(parameters):
    wanted = {name: value for name, value in parameters.items() if name not in ("ClientToken", "DryRun")}
    return json.dumps(wanted, sort_keys=True, default=str)


def _take_tag_filters(response):
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html. The SDKs send Filter or Filters.
    taken = {}
    for name in ("Filters", "Filter"):
        filters = response.params.get(name)
        if filters:
            taken.update({f["Name"]: f.get("Values", []) for f in filters if _is_of_tags(f)})
            response.params[name] = [f for f in filters if not _is_of_tags(f)]
    return taken


def _is_of_tags(wanted):
    return wanted.get("Name", "").startswith(("tag:", "tag-key", "tag-value"))


def _only_tagged(response, answer, tag_filters):
    result = dict(answer.result)
    key = _list_key(result)
    tags_of = response.ec2_backend.tags
    result[key] = [item for item in result[key] if _matches(tags_of.get(item.id, {}), tag_filters)]
    return ActionResult(result)


def _matches(tags, tag_filters):
    return all(_matches_one(tags, name, patterns) for name, patterns in tag_filters.items())


def _matches_one(tags, name, patterns):
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        candidates = [tags[key]] if key in tags else []
    else:
        candidates = list(tags) if name == "tag-key" else list(tags.values())
    return any(_wildcard(pattern).fullmatch(candidate) for pattern in patterns for candidate in candidates)


@functools.lru_cache(maxsize=1024)
def _wildcard(pattern):
    # * is any text, ? any character, and a backslash takes the next character as it is.
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    special = {"*": ".*", "?": "."}
    expression = "".join(special.get(part) or re.escape(part.removeprefix("\\") or part) for part in parts)
    return re.compile(expression, re.DOTALL)


def _page_size(response, operation):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
    shape = _inputs().operation_model(operation).input_shape
    if shape is None or "MaxResults" not in shape.members:
        return None
    size = response._get_int_param("MaxResults")
    if size is None:
        return None
    limits = shape.members["MaxResults"].metadata
    if not limits.get("min", 1) <= size <= limits.get("max", size):
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between "
            f"{limits.get('min', 1)} and {limits.get('max', 1000)}.",
        )
    if response._get_param(IDS_OR_PAGES.get(operation, "-")):
        raise EC2ClientError(
            "InvalidParameterCombination",
            f"The parameter {IDS_OR_PAGES[operation]} cannot be used with the parameter maxResults",
        )
    return size


def _one_page(response, operation, answer, size):
    token = response.params.get("NextToken")
    if not operation.startswith("Describe") or (size is None and not token):
        return answer
    if isinstance(answer, PaginatedResult) or not isinstance(answer.result, dict) or "NextToken" in answer.result:
        return answer
    key = _list_key(answer.result)
    if key is None:
        return answer
    items = answer.result[key]
    start = _offset(operation, token) if token else 0
    end = len(items) if size is None else start + size
    page = {**answer.result, key: items[start:end]}
    if end < len(items):
        page["NextToken"] = base64.b64encode(f"{operation}:{end}".encode()).decode()
    return ActionResult(page)


def _offset(operation, token):
    try:
        issued_for, offset = base64.b64decode(token, validate=True).decode().split(":")
        if issued_for == operation:
            return int(offset)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise InvalidNextToken(token)


def _list_key(result):
    keys = [key for key, value in result.items() if isinstance(value, list)]
    return keys[0] if len(keys) == 1 else None


@functools.cache
def _inputs():
    return botocore.session.get_session().get_service_model("ec2")


@replaces(TaggedEC2Resource, "get_tags")
def tags_are_looked_up_by_id(_original, resource):
    # Not AWS's doing: moto compiles a pattern per tag of the account to find the tags of one resource.
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "") if resource.id else ""
    tags = resource.ec2_backend.tags.get(resource.id, {})
    return [{"resource_id": resource.id, "key": k, "value": v, "resource_type": kind} for k, v in tags.items()]
