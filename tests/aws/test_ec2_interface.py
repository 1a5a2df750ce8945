"""EC2: network interfaces, ours and the services'."""

import pytest

from conftest import instance, refused, run, tagged


def interfaces(aws, **filters):
    wanted = [{"Name": name.replace("_", "-"), "Values": values} for name, values in filters.items()]
    return aws.ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]


def interface(aws, network, group, **changes):
    wanted = {"SubnetId": network.subnet, "Groups": [group]} | changes
    return aws.ec2.create_network_interface(**wanted)["NetworkInterface"]["NetworkInterfaceId"]


def balancer(aws, network, group, **changes):
    wanted = {"Name": "web", "Subnets": [network.subnet, network.other_subnet], "SecurityGroups": [group]}
    return aws.elbv2.create_load_balancer(**wanted | changes)["LoadBalancers"][0]["LoadBalancerArn"]


def test_an_interface_of_ours_is_available(network, aws):
    made = interface(aws, network, network.group(), Description="ours", TagSpecifications=tagged("network-interface"))
    (shown,) = interfaces(aws, network_interface_id=[made])
    assert (shown["Status"], shown["InterfaceType"], shown["Description"]) == ("available", "interface", "ours")
    assert (shown["RequesterManaged"], shown["OwnerId"]) == (False, "123456789012")
    assert "Attachment" not in shown


def test_interfaces_are_found_by_what_they_belong_to(network, aws):
    group, other = network.group(), network.group("other")
    made = interface(aws, network, group)
    interface(aws, network, other, SubnetId=network.other_subnet)
    for name, value in (("subnet-id", network.subnet), ("group-id", group), ("network-interface-id", made)):
        found = aws.ec2.describe_network_interfaces(Filters=[{"Name": name, "Values": [value]}])["NetworkInterfaces"]
        assert [i["NetworkInterfaceId"] for i in found] == [made], name
    assert len(interfaces(aws, vpc_id=[network.vpc])) == 2


def test_a_load_balancers_interface_is_the_services(network, aws):
    group = network.group()
    balancer(aws, network, group)
    shown = interfaces(aws, group_id=[group])
    assert {(i["Status"], i["InterfaceType"], i["RequesterId"], i["RequesterManaged"]) for i in shown} == {
        ("in-use", "interface", "amazon-elb", True)
    }
    assert all(i["Description"].startswith("ELB app/web/") for i in shown)
    assert {i["Attachment"]["InstanceOwnerId"] for i in shown} == {"amazon-elb"}
    assert {i["Association"]["IpOwnerId"] for i in shown} == {"amazon-elb"}


def test_an_internal_load_balancers_interface_has_no_public_address(network, aws):
    group = network.group()
    balancer(aws, network, group, Scheme="internal")
    assert all("Association" not in i for i in interfaces(aws, group_id=[group]))


@pytest.mark.parametrize(
    "name,value", [("status", "available"), ("interface-type", "interface"), ("requester-managed", "false")]
)
def test_interfaces_are_found_by_state_and_requester(network, aws, name, value):
    group = network.group()
    made = interface(aws, network, group)
    aws.ec2.create_nat_gateway(SubnetId=network.subnet, AllocationId=network.address())
    found = aws.ec2.describe_network_interfaces(Filters=[{"Name": name, "Values": [value]}])["NetworkInterfaces"]
    assert [i["NetworkInterfaceId"] for i in found] == [made]


def test_interfaces_are_found_by_attached_instance(network, aws):
    made = run(aws, network)
    interface(aws, network, network.group())
    (shown,) = interfaces(aws, **{"attachment.instance-id": [made]})
    assert shown["Attachment"]["InstanceOwnerId"] == "123456789012"


def test_an_elastic_address_is_its_accounts(network, aws):
    made, allocation = run(aws, network), network.address()
    aws.wait_out_pending()
    association = aws.ec2.associate_address(AllocationId=allocation, InstanceId=made)["AssociationId"]
    (nic,) = instance(aws, made)["NetworkInterfaces"]
    assert nic["Association"]["IpOwnerId"] == "123456789012"
    (shown,) = interfaces(aws, network_interface_id=[nic["NetworkInterfaceId"]])
    assert shown["Association"]["AssociationId"] == association
    assert shown["Association"]["AllocationId"] == allocation


def test_an_automatic_address_is_amazons(network, aws):
    aws.ec2.modify_subnet_attribute(SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": True})
    (nic,) = instance(aws, run(aws, network))["NetworkInterfaces"]
    assert nic["Association"]["IpOwnerId"] == "amazon"


def test_an_available_interface_is_deleted_once(network, aws):
    made = interface(aws, network, network.group())
    aws.ec2.delete_network_interface(NetworkInterfaceId=made)
    with refused("InvalidNetworkInterfaceID.NotFound"):
        aws.ec2.delete_network_interface(NetworkInterfaceId=made)


def test_an_interface_in_use_is_not_deleted(network, aws):
    (nic,) = instance(aws, run(aws, network))["NetworkInterfaces"]
    with refused("InvalidParameterValue", "in use"):
        aws.ec2.delete_network_interface(NetworkInterfaceId=nic["NetworkInterfaceId"])


def test_a_lingering_interface_of_a_service_is_not_ours_to_delete(network, aws):
    group = network.group()
    aws.elbv2.delete_load_balancer(LoadBalancerArn=balancer(aws, network, group))
    left = interfaces(aws, group_id=[group])
    assert len(left) == 2
    for found in left:
        with refused("InvalidParameterValue", "in use"):
            aws.ec2.delete_network_interface(NetworkInterfaceId=found["NetworkInterfaceId"])


@pytest.mark.parametrize("what", ["subnet", "group"])
def test_a_lingering_interface_that_became_available_is_removed(network, aws, what):
    group = network.group()
    made = balancer(aws, network, group)
    aws.post("/mended/durations", interface_lingers=10**6)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made)
    for found in interfaces(aws, group_id=[group]):
        aws.post(f"/mended/interfaces/{found['NetworkInterfaceId']}/release")
    delete = {
        "subnet": lambda: aws.ec2.delete_subnet(SubnetId=network.subnet),
        "group": lambda: aws.ec2.delete_security_group(GroupId=group),
    }[what]
    with refused("DependencyViolation"):
        delete()
    for found in interfaces(aws, group_id=[group], status=["available"]):
        aws.ec2.delete_network_interface(NetworkInterfaceId=found["NetworkInterfaceId"])
    delete()


def test_every_interface_of_a_subnet_has_its_own_address(network, aws):
    files = aws.efs.create_file_system(CreationToken="t")["FileSystemId"]
    aws.wait_out_pending()
    balancer(aws, network, network.group())
    aws.efs.create_mount_target(FileSystemId=files, SubnetId=network.subnet)
    run(aws, network)
    interface(aws, network, network.group("other"))
    addresses = [i["PrivateIpAddress"] for i in interfaces(aws, subnet_id=[network.subnet])]
    assert (len(addresses), len(set(addresses))) == (4, 4)
