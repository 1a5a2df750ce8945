"""EC2: VPC endpoints - gateway endpoints' routes follow the endpoint's route tables; deleted endpoints vanish.

Still wrong: gateway endpoints are available at once (on AWS too, as far as documented). Endpoint policies are not
checked.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses import EC2Response

from mended.ec2_interface_endpoint import begin_deletion
from mended.patch import replaces


@replaces(VPCBackend, "create_vpc_endpoint")
def an_endpoint_is_made_whole_or_not_at_all(original, backend, **endpoint):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html: the type is Gateway unless
    # given; a table that already has a route to the service's prefix list is RouteAlreadyExists.
    endpoint["endpoint_type"] = endpoint.get("endpoint_type") or "Gateway"
    backend.get_vpc(endpoint["vpc_id"])
    if endpoint["endpoint_type"] == "Gateway":
        prefix_list = _prefix_list(backend, endpoint["service_name"])
        for table_id in endpoint["route_table_ids"]:
            _refuse_second_route(backend.get_route_table(table_id), prefix_list)
    return original(**endpoint)


def _prefix_list(backend, service_name):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    for prefix_list in backend.managed_prefix_lists.values():
        if prefix_list.prefix_list_name == service_name:
            return prefix_list
    raise EC2ClientError("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")


def _refuse_second_route(table, prefix_list):
    if any(route.destination_prefix_list is prefix_list for route in table.routes):
        raise EC2ClientError(
            "RouteAlreadyExists",
            f"route table {table.id} already has a route with destination-prefix-list-id {prefix_list.id}",
        )


@replaces(VPCEndPoint, "get_filter_value")
def endpoints_are_found_by_id_vpc_and_service(original, endpoint, filter_name, method_name=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
    known = {"vpc-endpoint-id": endpoint.id, "vpc-id": endpoint.vpc_id, "service-name": endpoint.service_name}
    return known[filter_name] if filter_name in known else original(filter_name, method_name)


@replaces(VPCBackend, "modify_vpc_endpoint")
def routes_follow_the_endpoints_tables(original, backend, vpc_id, **changes):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html. `vpc_id` is the endpoint's id.
    endpoint = backend.get_vpc_end_point(vpc_id)
    added = [i for i in changes.get("add_route_tables") or [] if i not in endpoint.route_table_ids]
    if endpoint.destination_prefix_list_id:
        prefix_list = backend.managed_prefix_lists[endpoint.destination_prefix_list_id]
        for table_id in added:
            _refuse_second_route(backend.get_route_table(table_id), prefix_list)
        for table_id in added:
            backend.create_route(table_id, None, destination_prefix_list_id=prefix_list.id, gateway_id=endpoint.id)
    for table_id in changes.get("remove_route_tables") or []:
        _drop_routes(backend.get_route_table(table_id), endpoint)
    return original(vpc_id=vpc_id, **changes)


@replaces(EC2Response, "delete_vpc_endpoints")
def a_deleted_endpoint_takes_its_routes_along(_original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html: "When you delete a gateway
    # endpoint, we delete the endpoint routes in the route tables for the endpoint." Unknown ids are in Unsuccessful.
    backend = response.ec2_backend
    unsuccessful = []
    for endpoint_id in response._get_param("VpcEndpointIds", []):
        endpoint = backend.vpc_end_points.get(endpoint_id)
        if endpoint is None:
            unsuccessful.append(_not_found(endpoint_id))
            continue
        if endpoint.vpc_endpoint_type == "Interface":
            begin_deletion(backend, endpoint)
            continue
        del backend.vpc_end_points[endpoint_id]
        for table in backend.route_tables.values():
            _drop_routes(table, endpoint)
        endpoint.state = "deleted"
    return ActionResult({"Unsuccessful": unsuccessful})


def _not_found(endpoint_id):
    message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
    return {"ResourceId": endpoint_id, "Error": {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}}


def _drop_routes(table, endpoint):
    table._routes = {key: route for key, route in table._routes.items() if route.gateway is not endpoint}
