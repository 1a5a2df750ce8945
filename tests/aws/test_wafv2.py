"""WAFv2: web ACLs and the load balancers they protect."""

from conftest import refused


def web_acl(aws, name="acl"):
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
    wanted = {"Name": name, "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility}
    return aws.wafv2.create_web_acl(**wanted, Rules=[])["Summary"]


def test_a_load_balancer_has_the_web_acl_associated_last(balanced, aws):
    made, first, second = balanced.balancer(), web_acl(aws), web_acl(aws, "other")
    for acl in (first, second):
        aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    assert aws.wafv2.get_web_acl_for_resource(ResourceArn=made)["WebACL"]["ARN"] == second["ARN"]


def test_an_associated_web_acl_is_not_deleted_until_its_load_balancer_is(balanced, aws):
    made, acl = balanced.balancer(), web_acl(aws)
    aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    delete = {"Name": acl["Name"], "Scope": "REGIONAL", "Id": acl["Id"], "LockToken": acl["LockToken"]}
    with refused("WAFAssociatedItemException"):
        aws.wafv2.delete_web_acl(**delete)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    aws.wafv2.delete_web_acl(**delete)


def test_an_unknown_load_balancer_takes_no_web_acl(aws):
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/gone/0123456789abcdef"
    with refused("WAFNonexistentItemException"):
        aws.wafv2.associate_web_acl(WebACLArn=web_acl(aws)["ARN"], ResourceArn=arn)


def test_a_load_balancer_without_a_web_acl_has_none(balanced, aws):
    made, acl = balanced.balancer(), web_acl(aws)
    assert "WebACL" not in aws.wafv2.get_web_acl_for_resource(ResourceArn=made)
    aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    aws.wafv2.disassociate_web_acl(ResourceArn=made)
    assert "WebACL" not in aws.wafv2.get_web_acl_for_resource(ResourceArn=made)


def test_a_web_acl_is_associated_again_in_peace(balanced, aws):
    made, acl = balanced.balancer(), web_acl(aws)
    for _ in range(2):
        aws.wafv2.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made)
    assert aws.wafv2.list_resources_for_web_acl(WebACLArn=acl["ARN"])["ResourceArns"] == [made]


def test_an_unknown_web_acl_is_not_associated(balanced, aws):
    made, arn = balanced.balancer(), web_acl(aws)["ARN"]
    with refused("WAFNonexistentItemException"):
        aws.wafv2.associate_web_acl(WebACLArn=arn[:-1] + ("0" if arn[-1] != "0" else "1"), ResourceArn=made)


def test_an_unknown_load_balancer_has_no_web_acl_to_ask_for(aws):
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/gone/0123456789abcdef"
    with refused("WAFNonexistentItemException"):
        aws.wafv2.get_web_acl_for_resource(ResourceArn=arn)
    with refused("WAFNonexistentItemException"):
        aws.wafv2.disassociate_web_acl(ResourceArn=arn)
