"""CloudWatch Logs: log groups."""

import pytest

from conftest import refused

NAME = "/hastack.dev/c-1/shop/flow-logs"


def groups(aws, **wanted):
    return [group["logGroupName"] for group in aws.logs.describe_log_groups(**wanted)["logGroups"]]


def test_a_log_group_has_its_tags(aws):
    aws.logs.create_log_group(logGroupName=NAME, tags={"a": "1"})
    (group,) = aws.logs.describe_log_groups()["logGroups"]
    assert aws.logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "1"}
    aws.logs.tag_resource(resourceArn=group["logGroupArn"], tags={"b": "2"})
    aws.logs.untag_resource(resourceArn=group["logGroupArn"], tagKeys=["a"])
    assert aws.logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"b": "2"}


def test_a_log_group_shows_two_arns(aws):
    aws.logs.create_log_group(logGroupName=NAME)
    (group,) = aws.logs.describe_log_groups()["logGroups"]
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{NAME}"
    assert (group["arn"], group["logGroupArn"]) == (f"{arn}:*", arn)


def test_a_name_is_taken_once(aws):
    aws.logs.create_log_group(logGroupName=NAME)
    with refused("ResourceAlreadyExistsException"):
        aws.logs.create_log_group(logGroupName=NAME)


def test_log_groups_are_found_by_prefix_in_pages(aws):
    made = [f"{NAME}-{number}" for number in range(7)]
    for name in (*made, "/elsewhere"):
        aws.logs.create_log_group(logGroupName=name)
    first = aws.logs.describe_log_groups(logGroupNamePrefix="/hastack.dev/", limit=5)
    second = aws.logs.describe_log_groups(logGroupNamePrefix="/hastack.dev/", limit=5, nextToken=first["nextToken"])
    assert "nextToken" not in second
    assert [group["logGroupName"] for page in (first, second) for group in page["logGroups"]] == made


def test_50_log_groups_are_on_a_page(aws):
    for number in range(51):
        aws.logs.create_log_group(logGroupName=f"g-{number:02}")
    first = aws.logs.describe_log_groups()
    assert len(first["logGroups"]) == 50
    assert groups(aws, nextToken=first["nextToken"]) == ["g-50"]


def test_retention_takes_documented_values(aws):
    aws.logs.create_log_group(logGroupName=NAME)
    aws.logs.put_retention_policy(logGroupName=NAME, retentionInDays=30)
    with refused("InvalidParameterException"):
        aws.logs.put_retention_policy(logGroupName=NAME, retentionInDays=31)
    assert aws.logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 30
    aws.logs.delete_retention_policy(logGroupName=NAME)
    assert "retentionInDays" not in aws.logs.describe_log_groups()["logGroups"][0]


def test_a_log_group_is_deleted_once(aws):
    aws.logs.create_log_group(logGroupName=NAME)
    aws.logs.delete_log_group(logGroupName=NAME)
    with refused("ResourceNotFoundException"):
        aws.logs.delete_log_group(logGroupName=NAME)
    assert groups(aws) == []


@pytest.mark.parametrize("action", ["put_retention_policy", "delete_retention_policy"])
def test_an_unknown_log_group_has_no_retention(aws, action):
    wanted = {"retentionInDays": 30} if action == "put_retention_policy" else {}
    with refused("ResourceNotFoundException"):
        getattr(aws.logs, action)(logGroupName=NAME, **wanted)


@pytest.mark.parametrize("name", ["a" * 513, "with space", "colon:ed"])
def test_a_name_has_documented_characters(aws, name):
    with refused("InvalidParameterException"):
        aws.logs.create_log_group(logGroupName=name)
