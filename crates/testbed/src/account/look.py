"""Lists in JSON what there is in a region of each kind hastack makes: its kind, id, state and tags, and all that AWS lists.

What is listed without tags is asked for them. A part without tags has those of its whole; a path of ours stands for tags, as
does the TXT record beside a record. What others delete meanwhile is left out.
"""

import functools
import json
import sys

import boto3
import botocore.exceptions

REGION = sys.argv[1]
PATH = "/hastack.dev/"
OURS = ("hastack.dev/cluster", "hastack.dev/owner", "hastack.dev/id")
GONE = {"deleted", "terminated"}
KEY_TYPES = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]

# How people call it, the call that lists it with its tags, where the answer lists it, and its id.
PLAIN = [
    ("VPC", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("subnet", "ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("route table", "ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("internet gateway", "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("NAT gateway", "ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("elastic IP", "ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("VPC endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("security group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("network interface", "ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("flow log", "ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("key pair", "ec2", "describe_key_pairs", "KeyPairs", "KeyPairId"),
    ("volume", "ec2", "describe_volumes", "Volumes", "VolumeId"),
    ("launch template", "ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    ("Auto Scaling group", "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupARN"),
    ("file system", "efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    ("access point", "efs", "describe_access_points", "AccessPoints", "AccessPointId"),
    ("DB instance", "rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("DB cluster", "rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
    (
        "blue/green deployment",
        "rds",
        "describe_blue_green_deployments",
        "BlueGreenDeployments",
        "BlueGreenDeploymentIdentifier",
    ),
    ("DB snapshot", "rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    (
        "DB cluster snapshot",
        "rds",
        "describe_db_cluster_snapshots",
        "DBClusterSnapshots",
        "DBClusterSnapshotIdentifier",
    ),
]

# The same for what is ours by its path: then comes the parameter that asks for it, and what shows the path.
BY_PATH = [
    ("role", "iam", "list_roles", "Roles", "RoleName", "PathPrefix", "Path"),
    ("instance profile", "iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", "PathPrefix", "Path"),
    ("log group", "logs", "describe_log_groups", "logGroups", "logGroupName", "logGroupNamePrefix", "logGroupName"),
]

# The same for what is ours by its description, which no parameter asks for: then comes what shows the description.
BY_DESCRIPTION = [
    (
        "DB subnet group",
        "rds",
        "describe_db_subnet_groups",
        "DBSubnetGroups",
        "DBSubnetGroupName",
        "DBSubnetGroupDescription",
    ),
    (
        "DB parameter group",
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroupName",
        "Description",
    ),
    (
        "DB cluster parameter group",
        "rds",
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroups",
        "DBClusterParameterGroupName",
        "Description",
    ),
]


@functools.cache
def client(service):
    return boto3.client(service, region_name=REGION)


def listed(service, operation, key, **parameters):
    """All pages of a list; nothing if what it is a list of is gone."""
    try:
        if client(service).can_paginate(operation):
            return client(service).get_paginator(operation).paginate(**parameters).build_full_result().get(key, [])
        return getattr(client(service), operation)(**parameters).get(key, [])
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if "NotFound" in code or code.startswith("NoSuch"):
            return []
        raise


def tags(shown):
    return {tag["Key"]: tag["Value"] for tag in shown}


def own_tags(item):
    return next((item[name] for name in ("Tags", "TagSet", "TagList") if name in item), [])


def tags_of_path(path):
    # /hastack.dev/<cluster>/<kind>/<namespace>/<name>/<node>
    parts = path.removeprefix(PATH).strip("/").split("/", 4)
    return dict(zip(OURS, (parts[0], "/".join(parts[1:4]), parts[-1])))


def tags_of_text(record):
    # "heritage=hastack,<tag>=<value>,..."
    texts = (answer["Value"].replace('" "', "").strip('"') for answer in record.get("ResourceRecords", []))
    return {k: v for text in texts if text.startswith("heritage=hastack,") for k, _, v in pairs(text)}


def pairs(text):
    return (part.partition("=") for part in text.split(",")[1:])


def state(item):
    names = ("State", "LifeCycleState", "Status", "FlowLogStatus", "DBInstanceStatus")
    shown = next((item[name] for name in names if item.get(name)), None)
    return shown.get("Name") or shown.get("Code") if isinstance(shown, dict) else shown


def instances():
    for reservation in listed("ec2", "describe_instances", "Reservations"):
        for item in reservation["Instances"]:
            yield "instance", item["InstanceId"], tags(item.get("Tags", [])), item


def load_balancers():
    for item in listed("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = item["LoadBalancerArn"]
        yield "load balancer", arn, balancing_tags(arn), item
        for part in listed("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn):
            yield "listener", part["ListenerArn"], balancing_tags(part["ListenerArn"]), part
            for rule in listed("elbv2", "describe_rules", "Rules", ListenerArn=part["ListenerArn"]):
                if not rule["IsDefault"]:
                    yield "listener rule", rule["RuleArn"], balancing_tags(rule["RuleArn"]), rule


def balancing_tags(arn):
    found = listed("elbv2", "describe_tags", "TagDescriptions", ResourceArns=[arn])
    return tags(tag for description in found for tag in description["Tags"])


def target_groups():
    for item in listed("elbv2", "describe_target_groups", "TargetGroups"):
        yield "target group", item["TargetGroupArn"], balancing_tags(item["TargetGroupArn"]), item


def images():
    # Only the account's own: there are thousands of others'.
    for item in listed("ec2", "describe_images", "Images", Owners=["self"]):
        yield "image", item["ImageId"], tags(item.get("Tags", [])), item
    for item in listed("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"]):
        yield "snapshot", item["SnapshotId"], tags(item.get("Tags", [])), item


def certificates():
    for item in listed("acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES}):
        arn = item["CertificateArn"]
        yield "certificate", arn, tags(listed("acm", "list_tags_for_certificate", "Tags", CertificateArn=arn)), item


def records():
    for zone in listed("route53", "list_hosted_zones", "HostedZones"):
        found = listed("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
        owners = {item["Name"]: tags_of_text(item) for item in found if item["Type"] == "TXT"}
        for item in found:
            beside = item["Name"] if item["Type"] == "TXT" else f"_hastack-{item['Type'].lower()}.{item['Name']}"
            yield "DNS record", f"{item['Type']} {item['Name']}", owners.get(beside, {}), item


def mount_targets(file_systems):
    for whole in file_systems:
        for item in listed("efs", "describe_mount_targets", "MountTargets", FileSystemId=whole["FileSystemId"]):
            yield "mount target", item["MountTargetId"], tags(whole.get("Tags", [])), item


def groups():
    # Those of the engines themselves are everyone's.
    for kind, service, operation, key, name, description in BY_DESCRIPTION:
        for item in listed(service, operation, key):
            if not item[name].startswith("default"):
                ours = item[description].startswith(PATH)
                yield kind, item[name], tags_of_path(item[description]) if ours else {}, item


def everything():
    for kind, service, operation, key, name in PLAIN:
        items = listed(service, operation, key)
        yield from ((kind, item[name], tags(own_tags(item)), item) for item in items)
        if kind == "file system":
            yield from mount_targets(items)
    for kind, service, operation, key, name, parameter, path in BY_PATH:
        for item in listed(service, operation, key, **{parameter: PATH}):
            yield kind, item[name], tags_of_path(item[path]), item
    for part in (groups, instances, images, load_balancers, target_groups, certificates, records):
        yield from part()


def main():
    kinds = [kind for kind, *_ in PLAIN + BY_PATH + BY_DESCRIPTION]
    kinds += ["mount target", "instance", "image", "snapshot", "load balancer", "listener", "listener rule"]
    kinds += ["target group", "certificate", "DNS record"]
    found = [
        {"kind": kind, "id": name, "state": state(item), "tags": owner, "object": item}
        for kind, name, owner, item in everything()
        if state(item) not in GONE
    ]
    json.dump({"kinds": kinds, "found": found}, sys.stdout, default=str)


main()
