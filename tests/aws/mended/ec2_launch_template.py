"""EC2: launch templates - versions built on versions, live tags, pages.

Still wrong: the template's data is not checked when it is created (AWS checks parts of it).
"""

import base64
import binascii
import copy

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend
from moto.ec2.responses import EC2Response
from moto.ec2.utils import parse_user_data

from mended.patch import replaces

USER_DATA_BYTES = 16384

# moto keeps the tags a template was created with.
LaunchTemplate.tags = property(LaunchTemplate.get_tags, lambda _template, _tags: None)


@replaces(LaunchTemplate, "create_version")
def a_versions_data_are_its_own(original, template, data, description):
    # moto asserts the type of the user data when it launches, and puts the template's own tags into its data.
    data = copy.deepcopy(data)
    refuse_long_user_data(data.get("UserData"))
    data["UserData"] = parse_user_data(str(data["UserData"])) if data.get("UserData") else None
    specifications = [s for s in data.get("TagSpecifications", []) if s.get("ResourceType") != "launch-template"]
    data["TagSpecifications"] = specifications
    return original({key: value for key, value in data.items() if value not in (None, [])}, description)


def refuse_long_user_data(encoded):
    """Refuse user data that EC2 does not take."""
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html: "User data is limited to 16
    # KB, in raw form, before it is base64-encoded."
    try:
        size = len(base64.b64decode(str(encoded or ""), validate=True))
    except binascii.Error:
        return  # moto answers that.
    if size > USER_DATA_BYTES:
        raise EC2ClientError("InvalidParameterValue", f"User data is limited to {USER_DATA_BYTES} bytes")


@replaces(EC2Response, "create_launch_template_version")
def a_version_starts_from_its_source(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html: "The new version
    # inherits the same launch parameters as the source version, except for parameters that you specify".
    source = response._get_param("SourceVersion")
    if source is not None:
        backend, name = response.ec2_backend, response._get_param("LaunchTemplateName")
        template = (
            backend.get_launch_template_by_name(name)
            if name
            else backend.get_launch_template(response._get_param("LaunchTemplateId"))
        )
        given = response.params.get("LaunchTemplateData", {})
        response.params["LaunchTemplateData"] = {**template.get_version(source).data, **given}
    return original()


@replaces(LaunchTemplateBackend, "describe_launch_templates")
def every_unknown_template_is_named(original, backend, template_names=None, template_ids=None, filters=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    for template_id in template_ids or []:
        if template_id not in backend.launch_templates:
            raise EC2ClientError(
                "InvalidLaunchTemplateId.NotFound", f"The launch template ID '{template_id}' does not exist."
            )
    for name in template_names or []:
        if name not in backend.launch_template_name_to_ids:
            raise EC2ClientError(
                "InvalidLaunchTemplateName.NotFoundException", f"The launch template '{name}' does not exist."
            )
    return original(template_names, template_ids, filters)


@replaces(EC2Response, "delete_launch_template", "modify_launch_template")
def an_unknown_template_is_named_by_its_id(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. moto always names it by its name.
    if response._get_param("LaunchTemplateId"):
        template = response.ec2_backend.get_launch_template(response._get_param("LaunchTemplateId"))
        if response._get_param("DefaultVersion"):
            template.get_version(response._get_param("DefaultVersion"))
    return original()


@replaces(EC2Response, "describe_launch_templates", "describe_launch_template_versions")
def all_of_them_are_paged_by_the_request_layer(original, response):
    # moto cuts the list at MaxResults, 15 unless given, and answers no token.
    size = response.params.get("MaxResults")
    response.params["MaxResults"] = 10**6
    try:
        answer = original()
    finally:
        response.params["MaxResults"] = size
    return answer


def delete_launch_template_versions(response):
    """DeleteLaunchTemplateVersions, which moto lacks: versions are emptied, their numbers are not used again."""
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
    backend, name = response.ec2_backend, response._get_param("LaunchTemplateName")
    template_id = response._get_param("LaunchTemplateId") or backend.launch_template_name_to_ids.get(name)
    template = backend.get_launch_template(template_id)
    deleted, kept = [], []
    for number in (int(version) for version in response._get_param("Versions", [])):
        item = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": number}
        known = any(version.number == number for version in _present(template))
        if not known or number == template.default_version_number:
            code = "launchTemplateVersionDoesNotExist" if not known else "unexpectedError"
            kept.append({**item, "ResponseError": {"Code": code, "Message": f"version {number} stays"}})
        else:
            template.versions[number - 1]._mended_deleted = True
            deleted.append(item)
    return ActionResult(
        {
            "SuccessfullyDeletedLaunchTemplateVersions": deleted,
            "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
        }
    )


EC2Response.delete_launch_template_versions = delete_launch_template_versions


def _present(template):
    return [version for version in template.versions if not getattr(version, "_mended_deleted", False)]


@replaces(LaunchTemplate, "get_version")
def deleted_versions_are_gone(original, template, num):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    if str(num).lower() == "$latest":
        return _present(template)[-1]
    version = original(num)
    if version not in _present(template):
        raise EC2ClientError("InvalidLaunchTemplateId.VersionNotFound", f"Could not find the specified version {num}")
    return version


@replaces(LaunchTemplateBackend, "describe_launch_template_versions")
def only_present_versions_are_described(original, _backend, *args, **kwargs):
    return [pair for pair in original(*args, **kwargs) if not getattr(pair[1], "_mended_deleted", False)]


LaunchTemplate.latest_version = lambda template: _present(template)[-1]
