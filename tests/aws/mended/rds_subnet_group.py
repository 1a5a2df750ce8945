"""RDS: subnet groups - zones covered, what is in use."""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import DBSubnetGroupNotFoundError, RDSClientError
from moto.rds.models import DBSubnetGroup, RDSBackend
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_engine import page


@replaces(RDSResponse, "create_db_subnet_group", "modify_db_subnet_group")
def a_subnet_group_covers_two_zones(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html: InvalidSubnet,
    # DBSubnetGroupDoesNotCoverEnoughAZs, DBSubnetGroupAlreadyExists.
    name, groups = response.params["DBSubnetGroupName"].lower(), response.backend.subnet_groups
    response.params["DBSubnetGroupName"] = name
    subnets = _subnets(response)
    creates = response._get_action() == "CreateDBSubnetGroup"
    if creates and name in groups:
        raise RDSClientError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")
    if not creates and name not in groups:
        raise DBSubnetGroupNotFoundError(name)
    if not creates:
        _refuse_to_leave(response.backend, groups[name], subnets)
    answer = original()
    groups[name] = answer.result["DBSubnetGroup"]  # moto forgets a modified group.
    return answer


def _subnets(response):
    ec2, subnets = response.backend.ec2_backend, []
    for subnet_id in response.params.get("SubnetIds", []):
        try:
            subnets.append(ec2.get_subnet(subnet_id))
        except EC2ClientError:
            raise RDSClientError("InvalidSubnet", f"The subnet ID '{subnet_id}' does not exist") from None
    zones = sorted({subnet.availability_zone for subnet in subnets})
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise RDSClientError("InvalidSubnet", "All subnets must be in the same VPC.")
    if len(zones) < 2:
        raise RDSClientError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            f"Current AZ coverage: {', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )
    return subnets


def _refuse_to_leave(backend, group, subnets):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html: SubnetAlreadyInUse
    kept = {subnet.id for subnet in subnets}
    for instance in backend.databases.values():
        used = {interface.subnet.id for interface in getattr(instance, "_mended_interfaces", [])}
        if getattr(instance, "db_subnet_group", None) is group and used - kept:
            raise RDSClientError(
                "SubnetAlreadyInUse", f"Some of the subnets to be deleted are currently in use: {used - kept}"
            )


@replaces(RDSBackend, "delete_subnet_group")
def a_subnet_group_in_use_stays(original, backend, subnet_name):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSubnetGroup.html
    users = [d.db_instance_identifier for d in backend.databases.values() if _uses(d, subnet_name.lower())]
    users += [
        c.db_cluster_identifier for c in backend.clusters.values() if c.db_subnet_group_name == subnet_name.lower()
    ]
    if users:
        raise RDSClientError(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{subnet_name}' because at least one database instance: "
            f"{users[0]} is still using it.",
        )
    return original(subnet_name.lower())


def _uses(instance, name):
    group = getattr(instance, "db_subnet_group", None)
    return isinstance(group, DBSubnetGroup) and group.name == name


@replaces(RDSResponse, "describe_db_subnet_groups")
def subnet_groups_have_pages(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSubnetGroups.html
    return ActionResult(page(response, "DBSubnetGroups", list(original().result["DBSubnetGroups"])))


RDSBackend.ec2_backend = property(lambda backend: ec2_backends[backend.account_id][backend.region_name])
