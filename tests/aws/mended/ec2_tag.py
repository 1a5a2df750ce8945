"""EC2: tags given on creation and later - whose they are, their length and number.

Still wrong: which characters a tag may have is not looked at; tags of deleted resources stay in DescribeTags.
"""

from moto.core.utils import camelcase_to_underscores
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from mended.patch import replaces

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
TAGS_A_RESOURCE, KEY_LENGTH, VALUE_LENGTH = 50, 128, 256

# The types of resource that an action creates, and so can tag.
CREATED = {
    "AllocateAddress": {"elastic-ip"},
    "AuthorizeSecurityGroupEgress": {"security-group-rule"},
    "AuthorizeSecurityGroupIngress": {"security-group-rule"},
    "CreateFlowLogs": {"vpc-flow-log"},
    "CreateImage": {"image", "snapshot"},
    "CreateInternetGateway": {"internet-gateway"},
    "CreateKeyPair": {"key-pair"},
    "CreateLaunchTemplate": {"launch-template"},
    "CreateNatGateway": {"natgateway"},
    "CreateNetworkInterface": {"network-interface"},
    "CreateRouteTable": {"route-table"},
    "CreateSecurityGroup": {"security-group"},
    "CreateSubnet": {"subnet"},
    "CreateVpc": {"vpc"},
    "CreateVpcEndpoint": {"vpc-endpoint"},
    "ImportKeyPair": {"key-pair"},
    "RunInstances": {"instance", "network-interface", "spot-instances-request", "volume"},
}


@replaces(EC2Response, *(camelcase_to_underscores(action) for action in CREATED))
def only_what_is_created_is_tagged(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html
    for specification in response._get_param("TagSpecifications") or response._get_param("TagSpecification") or []:
        kind = specification.get("ResourceType")
        if kind not in CREATED[response._get_action()]:
            raise EC2ClientError(
                "InvalidParameterValue", f"'{kind}' is not a valid taggable resource type for this operation."
            )
        _refuse_bad_tags(specification.get("Tags", []), {})
    return original()


@replaces(EC2Response, "create_tags")
def a_resource_has_at_most_50_tags(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html: "Each resource can have a maximum of
    # 50 tags."
    for resource_id in response._get_param("Resources", []):
        _refuse_bad_tags(response._get_param("Tags", []), response.ec2_backend.tags.get(resource_id, {}))
    return original()


def _refuse_bad_tags(tags, present):
    keys = [tag["Key"] for tag in tags]
    for key in keys:
        if keys.count(key) > 1:
            raise EC2ClientError("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        if not 0 < len(key) <= KEY_LENGTH:
            raise EC2ClientError("InvalidParameterValue", f"Tag key exceeds the maximum length of {KEY_LENGTH}")
        if key.lower().startswith("aws:"):
            raise EC2ClientError("InvalidParameterValue", f"Tag keys starting with 'aws:' are reserved: {key}")
    if any(len(tag.get("Value") or "") > VALUE_LENGTH for tag in tags):
        raise EC2ClientError("InvalidParameterValue", f"Tag value exceeds the maximum length of {VALUE_LENGTH}")
    if len({*present, *keys}) > TAGS_A_RESOURCE:
        raise EC2ClientError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
