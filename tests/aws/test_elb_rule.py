"""Elastic Load Balancing v2: rules."""

import pytest

from conftest import NOT_FOUND, refused

HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example.org", "*.b.example.org"]}}
PATH = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}
HEADER = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Version", "Values": ["2"]}}
METHOD = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}


@pytest.fixture
def listening(balanced, aws):
    """A listener that answers 404, and two target groups."""
    return Listening(balanced, aws)


class Listening:
    def __init__(self, balanced, aws):
        self.balanced, self.elb = balanced, aws.elbv2
        self.balancer = balanced.balancer()
        self.listener = balanced.listener(self.balancer, None, DefaultActions=[NOT_FOUND])
        self.blue, self.green = balanced.target_group("blue"), balanced.target_group("green")

    def rule(self, priority=10, *conditions, **changes):
        wanted = {"ListenerArn": self.listener, "Priority": priority, "Conditions": list(conditions) or [PATH]}
        wanted |= {"Actions": [{"Type": "forward", "TargetGroupArn": self.blue}]} | changes
        return self.elb.create_rule(**wanted)["Rules"][0]["RuleArn"]

    def rules(self, **wanted):
        return self.elb.describe_rules(**wanted or {"ListenerArn": self.listener})["Rules"]

    def priorities(self):
        return [rule["Priority"] for rule in self.rules()]

    def weighted(self, blue, green):
        groups = [{"TargetGroupArn": self.blue, "Weight": blue}, {"TargetGroupArn": self.green, "Weight": green}]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


def test_every_kind_of_condition_is_shown(listening):
    made = listening.rule(10, HOST, PATH, HEADER, METHOD)
    (shown,) = listening.rules(RuleArns=[made])
    host, path, header, method = shown["Conditions"]
    assert (header, method) == (HEADER, METHOD)
    assert host == {**HOST, "Values": HOST["HostHeaderConfig"]["Values"]}
    assert path == {**PATH, "Values": ["/api/*"]}


def test_a_path_is_shown_in_both_forms_however_it_was_given(listening):
    made = listening.rule(10, {"Field": "path-pattern", "Values": ["/api/*"]})
    assert listening.rules(RuleArns=[made])[0]["Conditions"] == [{**PATH, "Values": ["/api/*"]}]


def test_one_target_group_is_shown_in_both_forms(listening):
    made = listening.rule()
    (action,) = listening.rules(RuleArns=[made])[0]["Actions"]
    assert action["TargetGroupArn"] == listening.blue
    assert action["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": listening.blue, "Weight": 1}]


def test_a_rule_forwards_by_weight(listening, aws):
    made = listening.rule(Actions=listening.weighted(1, 0))
    (action,) = listening.rules(RuleArns=[made])[0]["Actions"]
    assert "TargetGroupArn" not in action
    assert action["ForwardConfig"]["TargetGroups"] == listening.weighted(1, 0)[0]["ForwardConfig"]["TargetGroups"]
    for group in (listening.blue, listening.green):
        (shown,) = aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
        assert shown["LoadBalancerArns"] == [listening.balancer]


def test_rules_stand_in_order_and_have_pages(listening):
    for priority in (30, 4, 10):
        listening.rule(priority)
    assert listening.priorities() == ["4", "10", "30", "default"]
    first = listening.elb.describe_rules(ListenerArn=listening.listener, PageSize=3)
    rest = listening.rules(ListenerArn=listening.listener, PageSize=3, Marker=first["NextMarker"])
    assert [rule["Priority"] for rule in first["Rules"] + rest] == ["4", "10", "30", "default"]


def test_a_priority_is_taken_once_a_listener(listening):
    listening.rule()
    with refused("PriorityInUse"):
        listening.rule()
    listening.rule(ListenerArn=listening.balanced.listener(listening.balancer, listening.green, Port=81))


@pytest.mark.parametrize(
    "conditions",
    [
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{n}" for n in range(6)]}}],
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*/*/*/*"]}}, HOST, {**PATH}],
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": []}}],
    ],
)
def test_a_rule_has_some_conditions_but_not_too_many(listening, conditions):
    made = listening.rule(1)
    with refused("ValidationError"):
        listening.rule(10, *conditions)
    with refused("ValidationError"):
        listening.elb.modify_rule(RuleArn=made, Conditions=conditions)


def test_a_rule_names_what_exists(listening):
    with refused("TargetGroupNotFound"):
        listening.rule(Actions=[{"Type": "forward", "TargetGroupArn": listening.blue[:-1] + "z"}])
    with refused("ListenerNotFound"):
        listening.rule(ListenerArn=listening.listener[:-1] + "z")


def test_a_rule_is_changed_in_part(listening):
    made = listening.rule(10, HOST)
    listening.elb.modify_rule(RuleArn=made, Actions=listening.weighted(0, 1))
    (shown,) = listening.rules(RuleArns=[made])
    assert [g["Weight"] for g in shown["Actions"][0]["ForwardConfig"]["TargetGroups"]] == [0, 1]
    assert shown["Conditions"] == [{**HOST, "Values": HOST["HostHeaderConfig"]["Values"]}]
    listening.elb.modify_rule(RuleArn=made, Conditions=[PATH])
    assert listening.rules(RuleArns=[made])[0]["Conditions"] == [{**PATH, "Values": ["/api/*"]}]


def test_a_changed_rule_does_not_share_a_target_group_between_load_balancers(listening):
    made, other = listening.rule(), listening.balanced.balancer(Name="other")
    listening.balanced.listener(other, listening.green)
    with refused("TargetGroupAssociationLimit"):
        listening.elb.modify_rule(RuleArn=made, Actions=listening.weighted(1, 1))


def test_priorities_are_exchanged_at_once(listening):
    first, second = listening.rule(1), listening.rule(2)
    wanted = [{"RuleArn": first, "Priority": 2}, {"RuleArn": second, "Priority": 1}]
    listening.elb.set_rule_priorities(RulePriorities=wanted)
    assert [rule["RuleArn"] for rule in listening.rules()[:2]] == [second, first]
    listening.elb.set_rule_priorities(RulePriorities=wanted)
    with refused("PriorityInUse"):
        listening.elb.set_rule_priorities(RulePriorities=wanted[:1] + [{"RuleArn": second, "Priority": 2}])
    listening.rule(3)
    with refused("PriorityInUse"):
        listening.elb.set_rule_priorities(RulePriorities=[{"RuleArn": first, "Priority": 3}])
    assert listening.priorities() == ["1", "2", "3", "default"]


def test_rules_have_tags_and_so_may_default_rules(listening):
    made = listening.rule(Tags=[{"Key": "a", "Value": "1"}])
    default = listening.rules()[-1]["RuleArn"]
    listening.elb.add_tags(ResourceArns=[made], Tags=[{"Key": "b", "Value": "2"}])
    listening.elb.remove_tags(ResourceArns=[made], TagKeys=["a"])
    shown = listening.elb.describe_tags(ResourceArns=[made, default])["TagDescriptions"]
    assert [description["Tags"] for description in shown] == [[{"Key": "b", "Value": "2"}], []]


def test_a_deleted_rule_is_not_found(listening):
    made = listening.rule()
    listening.elb.delete_rule(RuleArn=made)
    for call in (listening.elb.delete_rule, listening.elb.modify_rule):
        with refused("RuleNotFound"):
            call(RuleArn=made)
    with refused("RuleNotFound"):
        listening.elb.describe_tags(ResourceArns=[made])


def test_the_default_rule_is_its_listeners(listening):
    default = listening.rules()[-1]["RuleArn"]
    with refused("OperationNotPermitted"):
        listening.elb.modify_rule(RuleArn=default, Conditions=[PATH])
    with refused("OperationNotPermitted"):
        listening.elb.set_rule_priorities(RulePriorities=[{"RuleArn": default, "Priority": 1}])
    with refused("OperationNotPermitted"):
        listening.elb.delete_rule(RuleArn=default)
