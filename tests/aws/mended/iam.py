"""IAM: AWS's managed policies, read once; lists by path, in pages, without tags; what conflicts with what.

Still wrong: SimulatePrincipalPolicy is not implemented (500); a trust policy's principals need not exist. No call is
ever denied: denials are injected in front of the stand-in.
"""

import copy

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator
from moto.iam.responses import IamResponse

from mended.patch import replaces

_policies = {}


@replaces(IAMBackend, "_init_aws_policies")
def managed_policies_are_read_once(original, backend):
    # Not AWS's doing: moto parses all 1,500 of them at each reset, which takes half a second.
    account = backend.account_id, backend.region_name
    if account not in _policies:
        _policies[account] = original()
    return [copy.copy(policy) for policy in _policies[account]]


@replaces(IAMBackend, "create_role")
def a_role_has_a_well_formed_trust_policy(original, _backend, role_name, assume_role_policy_document, *rest, **more):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: MalformedPolicyDocument
    IAMTrustPolicyDocumentValidator(assume_role_policy_document).validate()
    return original(role_name, assume_role_policy_document, *rest, **more)


@replaces(IamResponse, "list_roles")
def listed_roles_show_neither_tags_nor_boundary(original, _response):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html: "This operation does not return the
    # following attributes ...: PermissionsBoundary, RoleLastUsed, Tags."
    answer = original()
    return ActionResult({**answer.result, "Roles": [_listed(role) for role in answer.result["Roles"]]})


def _listed(resource):
    shown = copy.copy(resource)
    shown.tags = shown.permissions_boundary_arn = None
    return shown


@replaces(IamResponse, "list_instance_profiles")
def instance_profiles_are_listed_by_path_in_pages_without_tags(original, response):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html: PathPrefix, Marker, MaxItems;
    # "this operation does not return tags".
    prefix = response._get_param("PathPrefix", "/")
    found = [profile for profile in original().result["InstanceProfiles"] if profile.path.startswith(prefix)]
    return _page(response, "InstanceProfiles", [_listed(profile) for profile in found])


@replaces(IamResponse, "list_role_policies")
def inline_policies_have_pages(original, response):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
    return _page(response, "PolicyNames", original().result["PolicyNames"])


def _page(response, key, items):
    start, size = int(response._get_param("Marker") or 0), response._get_int_param("MaxItems", 100)
    end = start + size
    page = {key: items[start:end], "IsTruncated": end < len(items)}
    return ActionResult(page | ({"Marker": str(end)} if end < len(items) else {}))


@replaces(IAMBackend, "attach_role_policy")
def a_policy_is_attached_once(original, backend, policy_arn, role_name):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html; the policy counts its attachments.
    if policy_arn not in backend.get_role(role_name).managed_policies:
        original(policy_arn, role_name)


@replaces(IAMBackend, "remove_role_from_instance_profile")
def only_a_role_that_is_in_a_profile_is_removed(original, backend, profile_name, role_name):
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html: NoSuchEntity
    if all(role.name != role_name for role in backend.get_instance_profile(profile_name).roles):
        raise NotFoundException(f"Role {role_name} in Instance Profile {profile_name} cannot be found.")
    original(profile_name, role_name)
