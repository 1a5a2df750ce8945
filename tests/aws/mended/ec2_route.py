"""EC2: route tables - routes that lose their target, and associations that exclude each other.

Still wrong: AssociateRouteTable of a pair that is already associated answers the existing association's id (moto's
doing; AWS documents neither that nor an error). Only gateways, NAT gateways and endpoints are checked as targets.
"""

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, RouteAlreadyExistsError
from moto.ec2.models.route_tables import Route, RouteBackend
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response
from moto.ec2.utils import generate_route_id

from mended.patch import replaces


def _state(route):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html: "blackhole indicates that the route's
    # target isn't available (for example, the specified gateway isn't attached to the VPC ...)."
    nat, gateway = route.nat_gateway, route.gateway
    if nat is not None and nat.state in ("deleted", "failed"):
        return "blackhole"
    if gateway is not None and gateway.id.startswith("igw-"):
        attached = gateway.vpc is not None and gateway.vpc.id == route.route_table.vpc_id
        return "active" if attached else "blackhole"
    return "active"


Route.state = property(_state)


@replaces(EC2Response, "create_route", "replace_route")
def a_route_names_a_target_in_its_network(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html and errors-overview.html there
    backend = response.ec2_backend
    table = backend.get_route_table(response._get_param("RouteTableId"))
    nat_id, gateway_id = response._get_param("NatGatewayId"), response._get_param("GatewayId") or ""
    if nat_id:
        nat = backend.nat_gateways.get(nat_id)
        if nat is None or nat.state in ("deleted", "deleting"):
            raise EC2ClientError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_id}' does not exist")
        _refuse_other_network(table, nat_id, nat.vpc_id)
    if gateway_id.startswith("igw-"):
        gateway = backend.get_internet_gateway(gateway_id)
        _refuse_other_network(table, gateway_id, gateway.vpc.id if gateway.vpc else None)
    return original()


def _refuse_other_network(table, target_id, vpc_id):
    if vpc_id != table.vpc_id:
        raise EC2ClientError(
            "InvalidParameterValue",
            f"route table {table.id} and network gateway {target_id} belong to different networks",
        )


@replaces(RouteBackend, "create_route")
def a_destination_has_one_route(
    original,
    backend,
    route_table_id,
    destination_cidr_block=None,
    destination_ipv6_cidr_block=None,
    destination_prefix_list_id=None,
    local=False,
    **targets,
):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: RouteAlreadyExists. moto sees it for
    # IPv4 ranges alone.
    destination = (destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id)
    if not local and generate_route_id(route_table_id, *destination) in backend.get_route_table(route_table_id)._routes:
        raise RouteAlreadyExistsError(next(name for name in destination if name))
    return original(route_table_id, *destination, local, **targets)


@replaces(EC2Response, "delete_route")
def local_and_endpoint_routes_are_not_ours_to_delete(original, response):
    # https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html: the local route cannot be deleted;
    # https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html: endpoint routes go with the endpoint.
    table = response.ec2_backend.get_route_table(response._get_param("RouteTableId"))
    wanted = generate_route_id(
        table.id,
        response._get_param("DestinationCidrBlock"),
        response._get_param("DestinationIpv6CidrBlock"),
        response._get_param("DestinationPrefixListId"),
    )
    route = table._routes.get(wanted)
    if route is not None and route.local:
        raise EC2ClientError("InvalidParameterValue", f"cannot remove local route in route table {table.id}")
    if route is not None and isinstance(route.gateway, VPCEndPoint):
        raise EC2ClientError("InvalidParameterValue", f"cannot remove VPC endpoint route in route table {table.id}")
    return original()


@replaces(RouteBackend, "associate_route_table")
def a_subnet_has_one_route_table(original, backend, route_table_id, gateway_id=None, subnet_id=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html: "A route table can be
    # associated with multiple subnets", a subnet with one table: Resource.AlreadyAssociated.
    table = backend.get_route_table(route_table_id)
    if gateway_id is None:
        if backend.get_subnet(subnet_id).vpc_id != table.vpc_id:
            raise EC2ClientError(
                "InvalidParameterValue", f"Route table {table.id} and subnet {subnet_id} belong to different networks"
            )
        others = [t for t in backend.route_tables.values() if subnet_id in t._associations.values() and t is not table]
        if others:
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table.id} conflicts with an existing association",
            )
    return original(route_table_id, gateway_id, subnet_id)


@replaces(EC2Response, "disassociate_route_table")
def the_main_association_stays(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html
    association_id = response._get_param("AssociationId")
    if any(association_id == table.main_association_id for table in response.ec2_backend.route_tables.values()):
        raise EC2ClientError(
            "InvalidParameterValue", f"cannot disassociate the main route table association {association_id}"
        )
    return original()


@replaces(EC2Response, "delete_route_table")
def the_main_table_stays(original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html: "You can't delete the main route
    # table."
    table = response.ec2_backend.get_route_table(response._get_param("RouteTableId"))
    if table.main_association_id is not None:
        raise DependencyViolationError(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")
    answer = original()
    for endpoint in response.ec2_backend.vpc_end_points.values():
        endpoint.route_table_ids = [i for i in endpoint.route_table_ids or [] if i != table.id]
    return answer
