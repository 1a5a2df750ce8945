"""EC2: instances, flow logs, launch templates' tags."""

import pytest

from conftest import refused, tagged

IMAGE = "ami-0abcdef1234567890"


def run(aws, network, **changes):
    wanted = {"ImageId": IMAGE, "InstanceType": "t3.micro", "SubnetId": network.subnet, "MinCount": 1, "MaxCount": 1}
    return aws.ec2.run_instances(**wanted | changes)["Instances"][0]["InstanceId"]


def instance(aws, instance_id):
    return aws.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def state(aws, instance_id):
    return instance(aws, instance_id)["State"]["Name"]


def test_an_instance_is_pending_then_running(network, aws):
    made = run(aws, network)
    assert state(aws, made) == "pending"
    aws.wait_out_pending()
    assert state(aws, made) == "running"


def test_an_instance_shuts_down_then_is_terminated_and_forgotten_after_an_hour(network, aws):
    made = run(aws, network)
    aws.wait_out_pending()
    changed = aws.ec2.terminate_instances(InstanceIds=[made])["TerminatingInstances"][0]
    assert (changed["PreviousState"]["Name"], changed["CurrentState"]["Name"]) == ("running", "shutting-down")
    assert state(aws, made) == "shutting-down"
    aws.wait_out_pending()
    assert state(aws, made) == "terminated"
    aws.post("/mended/clock/advance", seconds=3601)
    with refused("InvalidInstanceID.NotFound"):
        state(aws, made)


def test_a_pending_instance_can_be_terminated(network, aws):
    made = run(aws, network)
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    assert state(aws, made) == "terminated"


def test_a_terminated_instances_interface_and_group_are_free(network, aws):
    group = network.group()
    made = run(aws, network, SecurityGroupIds=[group])
    (interface,) = instance(aws, made)["NetworkInterfaces"]
    assert [g["GroupId"] for g in interface["Groups"]] == [group]
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=group)
    aws.ec2.terminate_instances(InstanceIds=[made])
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=group)
    aws.wait_out_pending()
    aws.ec2.delete_security_group(GroupId=group)
    with refused("InvalidNetworkInterfaceID.NotFound"):
        aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface["NetworkInterfaceId"]])


def test_an_instance_in_a_public_subnet_has_a_public_address(network, aws):
    aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": True})
    assert instance(aws, run(aws, network))["PublicIpAddress"]
    assert "PublicIpAddress" not in instance(aws, run(aws, network, SubnetId=network.other_subnet))


def test_an_elastic_address_stays_with_its_instance_until_termination(network, aws):
    made, allocation = run(aws, network), network.address()
    aws.wait_out_pending()
    aws.ec2.associate_address(AllocationId=allocation, InstanceId=made)
    address = aws.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
    assert address["InstanceId"] == made
    assert instance(aws, made)["PublicIpAddress"] == address["PublicIp"]
    with refused("InvalidIPAddress.InUse"):
        aws.ec2.release_address(AllocationId=allocation)
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    aws.ec2.release_address(AllocationId=allocation)


def test_an_address_moves_only_when_reassociation_is_allowed(network, aws):
    first, second, allocation = run(aws, network), run(aws, network), network.address()
    aws.ec2.associate_address(AllocationId=allocation, InstanceId=first)
    with refused("Resource.AlreadyAssociated"):
        aws.ec2.associate_address(AllocationId=allocation, InstanceId=second, AllowReassociation=False)
    aws.ec2.associate_address(AllocationId=allocation, InstanceId=second, AllowReassociation=True)
    assert aws.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]["InstanceId"] == second


@pytest.mark.parametrize(
    "change,code",
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"InstanceType": "t9.nano"}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
    ],
)
def test_a_launch_names_what_exists(network, aws, change, code):
    with refused(code):
        run(aws, network, **change)
    assert aws.ec2.describe_instances()["Reservations"] == []


def test_instances_are_found_by_tag_and_state(network, aws):
    made = run(aws, network, TagSpecifications=tagged("instance", role="bastion"))
    run(aws, network)
    filters = [{"Name": "tag:role", "Values": ["bastion"]}, {"Name": "instance-state-name", "Values": ["pending"]}]
    found = aws.ec2.describe_instances(Filters=filters)["Reservations"]
    assert [i["InstanceId"] for r in found for i in r["Instances"]] == [made]


def test_pages_and_ids_of_instances_exclude_each_other(network, aws):
    with refused("InvalidParameterCombination"):
        aws.ec2.describe_instances(InstanceIds=[run(aws, network)], MaxResults=5)


def flow_log(aws, network, **changes):
    wanted = {"ResourceIds": [network.vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "flows"}
    role = "arn:aws:iam::123456789012:role/flow"
    answer = aws.ec2.create_flow_logs(**wanted | {"DeliverLogsPermissionArn": role} | changes)
    return answer["FlowLogIds"][0]


def test_the_same_token_makes_one_flow_log(network, aws):
    aws.logs.create_log_group(logGroupName="flows")
    assert flow_log(aws, network, ClientToken="t") == flow_log(aws, network, ClientToken="t")
    assert len(aws.ec2.describe_flow_logs()["FlowLogs"]) == 1


def test_the_same_flow_log_without_a_token_is_refused(network, aws):
    flow_log(aws, network)
    with refused("FlowLogAlreadyExists"):
        flow_log(aws, network)


def test_flow_logs_are_found_by_tag(network, aws):
    made = flow_log(aws, network, TagSpecifications=tagged("vpc-flow-log", color="red"))
    for value, expected in (("red", [made]), ("blue", [])):
        found = aws.ec2.describe_flow_logs(Filters=[{"Name": "tag:color", "Values": [value]}])["FlowLogs"]
        assert [log["FlowLogId"] for log in found] == expected


def test_retention_takes_documented_values(aws):
    aws.logs.create_log_group(logGroupName="flows")
    aws.logs.put_retention_policy(logGroupName="flows", retentionInDays=30)
    with refused("InvalidParameterException"):
        aws.logs.put_retention_policy(logGroupName="flows", retentionInDays=31)
    assert aws.logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 30
