"""IAM: AWS's managed policies, read once.

Still wrong: SimulatePrincipalPolicy is not implemented (500), a malformed trust policy is accepted, and an instance
profile that an instance uses can be deleted. No call is ever denied: denials are injected in front of the stand-in.
"""

import copy

from moto.iam.models import IAMBackend

from mended.patch import replaces

_policies = {}


@replaces(IAMBackend, "_init_aws_policies")
def managed_policies_are_read_once(original, backend):
    # Not AWS's doing: moto parses all 1,500 of them at each reset, which takes half a second.
    account = backend.account_id, backend.region_name
    if account not in _policies:
        _policies[account] = original()
    return [copy.copy(policy) for policy in _policies[account]]
