"""Auto Scaling: scaling policies - named within their group, with an ARN each.

Still wrong: policies never scale anything; the alarms of target tracking are not made.
"""

import uuid

from moto.autoscaling.models import FakeScalingPolicy
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from mended.autoscaling_belongings import page
from mended.patch import replaces


def _arn(policy):
    group = policy.autoscaling_backend.autoscaling_groups.get(policy.auto_scaling_group_name)
    prefix = group.arn.split(":autoScalingGroup:")[0] if group else "arn:aws:autoscaling"
    if not hasattr(policy, "_mended_id"):
        policy._mended_id = str(uuid.uuid4())
    return (
        f"{prefix}:scalingPolicy:{policy._mended_id}:"
        f"autoScalingGroupName/{policy.auto_scaling_group_name}:policyName/{policy.name}"
    )


FakeScalingPolicy.arn = FakeScalingPolicy.policy_arn = property(_arn)


@replaces(AutoScalingResponse, "put_scaling_policy")
def a_policy_is_put_into_its_group(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html: creates or updates; the answer
    # carries PolicyARN. moto has one policy a name in the account.
    policies, name = response.autoscaling_backend.policies, response._get_param("PolicyName")
    key = (response._get_param("AutoScalingGroupName"), name)
    before = policies.get(key)
    original()
    policy = policies.pop(name)
    policy._mended_id = before._mended_id if before is not None and hasattr(before, "_mended_id") else str(uuid.uuid4())
    policies[key] = policy
    policy.enabled, policy.alarms = response._get_bool_param("Enabled", True), []
    return ActionResult({"PolicyARN": policy.arn, "Alarms": []})


@replaces(AutoScalingResponse, "delete_policy")
def a_policy_is_deleted_by_name_or_arn(_original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeletePolicy.html
    policies, name = response.autoscaling_backend.policies, response._get_param("PolicyName")
    group = response._get_param("AutoScalingGroupName")
    for key, policy in list(policies.items()):
        if name == policy.arn or (name == policy.name and group in (None, policy.auto_scaling_group_name)):
            del policies[key]
    return EmptyResult()


@replaces(AutoScalingResponse, "describe_policies")
def policies_have_pages(original, response):
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribePolicies.html: 50 a page unless given
    return page(response, "ScalingPolicies", original().result["ScalingPolicies"], 50)
