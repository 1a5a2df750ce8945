"""Some services, every action: parameters that the service's own model does not allow are refused.

The model is the one AWS publishes and the SDKs are made of; moto and most SDKs do not look at its lengths, ranges,
patterns, sets of values and required members. EC2's model has next to none of them (`ec2_request.py`).

Still wrong: constraints that stand in the documents alone; of several violations the first is answered.
"""

import functools

import botocore.session
import regex
from moto.acm.exceptions import AWSValidationException
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.efs.exceptions import BadRequest
from moto.elbv2.exceptions import ELBClientError
from moto.iam.exceptions import ValidationError
from moto.logs.exceptions import InvalidParameterException
from moto.route53.exceptions import InvalidInput
from moto.wafv2.exceptions import WAFv2ClientError

from mended.patch import replaces

# What each service answers: https://docs.aws.amazon.com/acm/latest/APIReference/CommonErrors.html and its siblings, for
# EFS, CloudWatch Logs, Route 53 and WAFv2 the errors of each action.
ERRORS = {
    "acm": AWSValidationException,
    "efs": BadRequest,
    "elbv2": functools.partial(ELBClientError, "ValidationError"),
    "iam": ValidationError,
    "logs": InvalidParameterException,
    "route53": InvalidInput,
    "wafv2": functools.partial(WAFv2ClientError, "WAFInvalidParameterException"),
}


@replaces(BaseResponse, "call_action")
def a_call_obeys_its_services_model(original, response):
    service = response.boto3_service_name
    operation = response._get_action() if service in ERRORS else None
    shape = _model(service).operation_model(operation).input_shape if operation else None
    violation = _violation(shape, _parameters(response), []) if shape is not None else None
    if violation is not None:
        refusal = functools.partial(_refuse, service, f"1 validation error detected: {violation}")
        setattr(response, camelcase_to_underscores(operation), refusal)
    return original()


def _refuse(service, message):
    raise ERRORS[service](message)


def _parameters(response):
    if response.automated_parameter_parsing:
        return response.params
    response.parse_parameters(response.normalized_request)
    return response.__dict__.pop("params")


@functools.cache
def _model(service):
    return botocore.session.get_session().get_service_model(service)


def _violation(shape, value, path):
    if value is None:
        return None
    own = _own_violation(shape, value)
    if own is not None:
        where = ".".join(path)
        return f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {own}"
    members = _members(shape, value, path)
    return next((found for found in (_violation(*member) for member in members) if found is not None), None)


def _own_violation(shape, value):
    limits = shape.metadata
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if value.get(name) is None]
        return f"have {missing[0]}: it must not be null" if missing else None
    if shape.type_name in ("string", "list", "map", "blob"):
        size, what = len(value), "length"
    elif shape.type_name in ("integer", "long", "float", "double"):
        size, what = value, "value"
    else:
        return None
    if size < limits.get("min", size):
        return f"have {what} greater than or equal to {limits['min']}"
    if size > limits.get("max", size):
        return f"have {what} less than or equal to {limits['max']}"
    if shape.type_name == "string":
        return _text_violation(shape, value)
    return None


def _text_violation(shape, value):
    if shape.enum and value not in shape.enum:
        return f"satisfy enum value set: {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(pattern, value, regex.DOTALL):
        return f"satisfy regular expression pattern: {pattern}"
    return None


def _members(shape, value, path):
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield member, value.get(name), [*path, name[0].lower() + name[1:]]
    elif shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield shape.member, item, [*path, str(number), "member"]
    elif shape.type_name == "map":
        for key, item in value.items():
            yield shape.key, key, [*path, key]
            yield shape.value, item, [*path, key]
