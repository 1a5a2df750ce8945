"""Elastic Load Balancing v2, every kind: pages and tags."""

from conftest import NOT_FOUND, refused


def test_lists_have_pages(balanced, aws):
    arns = sorted(balanced.target_group(f"group-{number}") for number in range(3))
    first = aws.elbv2.describe_target_groups(PageSize=2)
    second = aws.elbv2.describe_target_groups(PageSize=2, Marker=first["NextMarker"])
    assert "NextMarker" not in second
    assert sorted(g["TargetGroupArn"] for page in (first, second) for g in page["TargetGroups"]) == arns


def test_one_unknown_name_among_known_is_an_error(balanced, aws):
    balanced.balancer()
    with refused("LoadBalancerNotFound"):
        aws.elbv2.describe_load_balancers(Names=["web", "gone"])


def test_tags_of_a_deleted_load_balancer_are_not_found(balanced, aws):
    made = balanced.balancer()
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    with refused("LoadBalancerNotFound"):
        aws.elbv2.describe_tags(ResourceArns=[made])


def listener(aws, balancer, port, **tags):
    wanted = {"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port, "DefaultActions": [NOT_FOUND]}
    wanted |= {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
    return aws.elbv2.create_listener(**wanted)["Listeners"][0]["ListenerArn"]


def tags(aws, arn):
    (described,) = aws.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return {tag["Key"]: tag["Value"] for tag in described["Tags"]}


def test_tags_of_20_load_balancers_and_listeners_are_described_in_a_call(balanced, aws):
    balancer = balanced.balancer(Tags=[{"Key": "of", "Value": "balancer"}])
    listeners = [listener(aws, balancer, port, of=str(port)) for port in range(1000, 1020)]
    described = aws.elbv2.describe_tags(ResourceArns=[balancer, *listeners[:19]])["TagDescriptions"]
    values = {d["ResourceArn"]: d["Tags"][0]["Value"] for d in described}
    assert values == {balancer: "balancer"} | {arn: str(1000 + n) for n, arn in enumerate(listeners[:19])}
    with refused("ValidationError"):
        aws.elbv2.describe_tags(ResourceArns=[balancer, *listeners])


def test_tags_are_added_replaced_and_removed(balanced, aws):
    made = listener(aws, balanced.balancer(), 80, kept="1", replaced="1", removed="1")
    aws.elbv2.add_tags(ResourceArns=[made], Tags=[{"Key": "replaced", "Value": "2"}, {"Key": "added", "Value": "2"}])
    aws.elbv2.remove_tags(ResourceArns=[made], TagKeys=["removed", "never there"])
    assert tags(aws, made) == {"kept": "1", "replaced": "2", "added": "2"}


def test_a_resource_has_at_most_50_tags(balanced, aws):
    made = balanced.balancer()
    aws.elbv2.add_tags(ResourceArns=[made], Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with refused("TooManyTags"):
        aws.elbv2.add_tags(ResourceArns=[made], Tags=[{"Key": "50", "Value": ""}])


def test_load_balancers_have_pages(balanced, aws):
    made = sorted(balanced.balancer(Name=f"web-{number}") for number in range(3))
    first = aws.elbv2.describe_load_balancers(PageSize=2)
    second = aws.elbv2.describe_load_balancers(PageSize=2, Marker=first["NextMarker"])
    assert "NextMarker" not in second
    assert sorted(b["LoadBalancerArn"] for page in (first, second) for b in page["LoadBalancers"]) == made
