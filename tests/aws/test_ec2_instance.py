"""EC2: instances, their interfaces, groups and addresses."""

from conftest import instance, refused, run, state, tagged


def test_an_instance_is_pending_then_running(network, aws):
    made = run(aws, network)
    assert state(aws, made) == "pending"
    aws.wait_out_pending()
    assert state(aws, made) == "running"
    assert "StateReason" not in instance(aws, made)


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


def holder(aws, allocation):
    return aws.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0].get("InstanceId")


def test_an_address_moves_unless_reassociation_is_forbidden(network, aws):
    first, second, allocation = run(aws, network), run(aws, network), network.address()
    aws.wait_out_pending()
    aws.ec2.associate_address(AllocationId=allocation, InstanceId=first)
    with refused("Resource.AlreadyAssociated"):
        aws.ec2.associate_address(AllocationId=allocation, InstanceId=second, AllowReassociation=False)
    assert holder(aws, allocation) == first
    aws.ec2.associate_address(AllocationId=allocation, InstanceId=second)
    assert holder(aws, allocation) == second
    assert "PublicIpAddress" not in instance(aws, first)


def test_an_address_is_associated_with_the_same_instance_again(network, aws):
    made, allocation = run(aws, network), network.address()
    aws.wait_out_pending()
    first, second = (aws.ec2.associate_address(AllocationId=allocation, InstanceId=made) for _ in range(2))
    assert first["AssociationId"] == second["AssociationId"]


def test_a_pending_instance_takes_no_address(network, aws):
    with refused("InvalidInstanceID", "pending instance"):
        aws.ec2.associate_address(AllocationId=network.address(), InstanceId=run(aws, network))


def test_a_second_address_takes_the_place_of_the_first(network, aws):
    made, first, second = run(aws, network), network.address(), network.address()
    aws.wait_out_pending()
    for allocation in (first, second):
        aws.ec2.associate_address(AllocationId=allocation, InstanceId=made)
    assert (holder(aws, first), holder(aws, second)) == (None, made)


def test_a_disassociated_address_is_kept(network, aws):
    made, allocation = run(aws, network), network.address()
    aws.wait_out_pending()
    association = aws.ec2.associate_address(AllocationId=allocation, InstanceId=made)["AssociationId"]
    aws.ec2.disassociate_address(AssociationId=association)
    (address,) = aws.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    assert "AssociationId" not in address
    assert "PublicIpAddress" not in instance(aws, made)
    with refused("InvalidAssociationID.NotFound"):
        aws.ec2.disassociate_address(AssociationId=association)


def test_an_instance_changes_its_groups(network, aws):
    before, after = network.group("before"), network.group("after")
    made = run(aws, network, SecurityGroupIds=[before])
    aws.ec2.modify_instance_attribute(InstanceId=made, Groups=[after])
    shown = instance(aws, made)
    assert [g["GroupId"] for g in shown["SecurityGroups"]] == [after]
    assert [g["GroupId"] for g in shown["NetworkInterfaces"][0]["Groups"]] == [after]
    aws.ec2.delete_security_group(GroupId=before)


def test_an_instance_changes_to_known_groups_only(network, aws):
    made = run(aws, network, SecurityGroupIds=[network.group()])
    with refused("InvalidGroup.NotFound"):
        aws.ec2.modify_instance_attribute(InstanceId=made, Groups=["sg-0123456789abcdef0"])


def test_a_terminated_instance_has_tags_but_neither_interface_nor_group_nor_volume(network, aws):
    made = run(aws, network, TagSpecifications=tagged("instance", role="bastion"))
    aws.ec2.terminate_instances(InstanceIds=[made])
    aws.wait_out_pending()
    shown = instance(aws, made)
    assert shown["Tags"] == [{"Key": "role", "Value": "bastion"}]
    assert (shown["NetworkInterfaces"], shown["SecurityGroups"]) == ([], [])
    assert shown["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert aws.ec2.describe_volumes()["Volumes"] == []


def test_instances_are_found_by_tag_and_state(network, aws):
    made = run(aws, network, TagSpecifications=tagged("instance", role="bastion"))
    run(aws, network)
    filters = [{"Name": "tag:role", "Values": ["bastion"]}, {"Name": "instance-state-name", "Values": ["pending"]}]
    found = aws.ec2.describe_instances(Filters=filters)["Reservations"]
    assert [i["InstanceId"] for r in found for i in r["Instances"]] == [made]


def test_pages_and_ids_of_instances_exclude_each_other(network, aws):
    with refused("InvalidParameterCombination"):
        aws.ec2.describe_instances(InstanceIds=[run(aws, network)], MaxResults=5)


def test_instances_are_found_by_ids_in_a_filter_in_pages(network, aws):
    made = [run(aws, network) for _ in range(7)]
    run(aws, network)
    filters = [{"Name": "instance-id", "Values": [*made, "i-0123456789abcdef0"]}]
    first = aws.ec2.describe_instances(Filters=filters, MaxResults=5)
    second = aws.ec2.describe_instances(Filters=filters, MaxResults=5, NextToken=first["NextToken"])
    assert "NextToken" not in second
    found = [i["InstanceId"] for page in (first, second) for r in page["Reservations"] for i in r["Instances"]]
    assert found == made


def test_a_page_of_instances_survives_the_end_of_those_before(network, aws):
    made = [run(aws, network) for _ in range(6)]
    first = aws.ec2.describe_instances(MaxResults=5)
    aws.ec2.terminate_instances(InstanceIds=made[:5])
    aws.wait_out_pending()
    aws.post("/mended/clock/advance", seconds=3601)
    assert aws.ec2.describe_instances(MaxResults=5, NextToken=first["NextToken"])["Reservations"] == []
