"""Elastic Load Balancing v2: rules - what they may say, how they are shown, in which order they stand.

Still wrong: of the quotas only those of values and wildcards a rule and of rules a load balancer are kept.
"""

import copy
import uuid

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, PriorityInUseError, RuleNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeListener, FakeRule
from moto.elbv2.responses import ELBV2Response

from mended.elb_listener import listeners, refuse_bad_forwards
from mended.patch import replaces

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
VALUES_A_RULE, WILDCARDS_A_RULE, TARGET_GROUPS_AN_ACTION, RULES_A_LOAD_BALANCER = 5, 5, 5, 100
CONFIGS = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}


@replaces(FakeAction, "__init__")
def a_forward_is_shown_in_both_forms(original, action, data):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html (its example): the one
    # target group that is forwarded to stands in TargetGroupArn and in ForwardConfig.
    data = copy.deepcopy(data)
    arn, config = data.get("TargetGroupArn"), data.get("ForwardConfig")
    if arn is not None and config is None:
        data["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": arn}]}
    elif config is not None and len(config.get("TargetGroups", [])) == 1:
        data["TargetGroupArn"] = config["TargetGroups"][0]["TargetGroupArn"]
    original(data)


def _in_both_forms(condition):
    # As above: a host's or a path's values stand in Values and in the condition's own configuration.
    condition, config = dict(condition), CONFIGS.get(condition.get("Field"))
    if config is not None:
        values = condition.get("Values") or condition[config]["Values"]
        condition["Values"], condition[config] = values, {**condition.get(config, {}), "Values": values}
    return condition


@replaces(ELBv2Backend, "_get_target_group_arns_from")
def every_target_group_of_an_action_counts(_original, _backend, action_data):
    config = action_data.get("ForwardConfig") or {}
    arns = [group["TargetGroupArn"] for group in config.get("TargetGroups", [])]
    return list(dict.fromkeys([*arns, *filter(None, [action_data.get("TargetGroupArn")])]))


@replaces(FakeRule, "__init__")
def a_default_rule_has_an_arn_like_others(original, rule, *args, **kwargs):
    original(*args, **kwargs)
    rule.arn = f"{rule.arn.rpartition('/')[0]}/{uuid.uuid4().hex[:16]}"


def _in_order(listener):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html: "Rules are evaluated in
    # priority order, from the lowest value to the highest value. The default rule is evaluated last."
    rules = sorted(listener._non_default_rules.values(), key=lambda rule: rule.priority)
    return {rule.arn: rule for rule in [*rules, listener._default_rule[0]]}


FakeListener.rules = property(_in_order)


@replaces(ELBV2Response, "create_rule")
def a_rule_obeys_what_rules_may_say(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
    backend = response.elbv2_backend
    listener = backend.describe_listeners(None, [response._get_param("ListenerArn")])[0]
    balancer = backend.load_balancers[listener.load_balancer_arn]
    _refuse_bad_conditions(response._get_param("Conditions", []))
    _refuse_bad_actions(backend, response._get_param("Actions", []), listener)
    if sum(len(other._non_default_rules) for other in balancer.listeners.values()) >= RULES_A_LOAD_BALANCER:
        raise ELBClientError("TooManyRules", "You've reached the limit on the number of rules per load balancer")
    answer = original()
    (rule,) = answer.result["Rules"]
    rule.conditions = [_in_both_forms(condition) for condition in rule.conditions]
    return answer


@replaces(ELBV2Response, "modify_rule")
def a_modified_rule_obeys_the_same_rules(original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html: what is not given stays.
    backend, arn = response.elbv2_backend, response._get_param("RuleArn")
    (rule,) = backend.describe_rules(None, [arn])
    if rule.is_default:
        raise ELBClientError("OperationNotPermitted", f"Default rule '{arn}' cannot be modified")
    listener = backend.describe_listeners(None, [rule.listener_arn])[0]
    if response._get_param("Conditions"):
        _refuse_bad_conditions(response._get_param("Conditions"))
    if response._get_param("Actions"):
        _refuse_bad_actions(backend, response._get_param("Actions"), listener)
    answer = original()
    rule.conditions = [_in_both_forms(condition) for condition in rule.conditions]
    return answer


def _refuse_bad_conditions(conditions):
    values = [value for condition in conditions for value in _values(condition)]
    if not values:
        raise ELBClientError("ValidationError", "A rule must have a condition, and a condition a value")
    for many, most, what in (
        (len(values), VALUES_A_RULE, "condition values"),
        (sum(value.count("*") + value.count("?") for value in values), WILDCARDS_A_RULE, "condition wildcards"),
    ):
        if many > most:
            raise ELBClientError("ValidationError", f"A rule can only have '{most}' {what}")


def _values(condition):
    configs = [value for key, value in condition.items() if key.endswith("Config")]
    given = [*condition.get("Values", []), *(value for config in configs for value in config.get("Values", []))]
    return [value.get("Value", "") if isinstance(value, dict) else value for value in given]


def _refuse_bad_actions(backend, actions, listener):
    refuse_bad_forwards(backend, actions, backend.load_balancers[listener.load_balancer_arn], listener.protocol)
    if any(len(backend._get_target_group_arns_from(action)) > TARGET_GROUPS_AN_ACTION for action in actions):
        many = TARGET_GROUPS_AN_ACTION
        raise ELBClientError("TooManyTargetGroups", f"An action can only have '{many}' target groups")


@replaces(ELBV2Response, "set_rule_priorities")
def priorities_are_set_all_at_once(_original, response):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html: "You can reorder
    # the rules as long as there are no priority conflicts in the new order." moto looks at the old order.
    backend = response.elbv2_backend
    wanted = {pair["RuleArn"]: int(pair["Priority"]) for pair in response._get_param("RulePriorities", [])}
    rules = backend.describe_rules(None, list(wanted))
    for rule in rules:
        if rule.is_default:
            raise ELBClientError("OperationNotPermitted", f"The priority of default rule '{rule.arn}' cannot be set")
        listener = backend.describe_listeners(None, [rule.listener_arn])[0]
        after = [wanted.get(other.arn, other.priority) for other in listener.rules.values()]
        if after.count(wanted[rule.arn]) > 1:
            raise PriorityInUseError()
    for rule in rules:
        rule.priority = wanted[rule.arn]
    return ActionResult({"Rules": rules})


@replaces(ELBv2Backend, "delete_rule")
def only_known_rules_but_the_default_are_deleted(original, backend, arn):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html
    rules = {rule.arn: rule for listener in listeners(backend) for rule in listener.rules.values()}
    if arn not in rules:
        raise RuleNotFoundError("One or more rules not found")
    if rules[arn].is_default:
        raise ELBClientError("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")
    original(arn)
