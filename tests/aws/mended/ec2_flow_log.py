"""EC2: flow logs - the role and the destination they need, and what cannot be deleted.

Still wrong: nothing is ever delivered, so a log group that is missing is not made, nor made again after its deletion.
AWS may also answer DeleteFlowLogs of an unknown id as the error InvalidFlowLogId.NotFound.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, FlowLogAlreadyExists
from moto.ec2.models.flow_logs import FlowLogsBackend
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends

from mended.patch import replaces


@replaces(EC2Response, "create_flow_logs")
def a_flow_log_needs_a_role_and_shows_its_options(original, response):
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html: the role is assumed; one that does not
    # exist is InvalidParameter. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
    role = response._get_param("DeliverLogsPermissionArn")
    roles = iam_backends[response.current_account][response.partition].roles.values()
    if role and not any(known.arn == role for known in roles):
        raise EC2ClientError("InvalidParameter", "Unable to assume given IAM role")
    answer = original()
    asked = response._get_param("DestinationOptions", {})
    for flow_log in (response.ec2_backend.flow_logs[flow_log_id] for flow_log_id in answer.result["FlowLogIds"]):
        if flow_log.log_destination_type == "s3":
            defaults = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
            flow_log.destination_options = {**defaults, **asked}
    return answer


@replaces(FlowLogsBackend, "create_flow_logs")
def a_flow_log_goes_to_a_folder_or_to_a_group_that_may_be_new(original, backend, *, log_destination, **wanted):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html: "arn:aws:s3:::my_bucket/my_
    # subfolder/ The subfolder is optional"; LogGroupName is "the name of a new or existing" group, or its ARN is
    # LogDestination.
    if wanted["log_destination_type"] == "s3":
        return _to_folder(original, backend, log_destination, wanted)
    made, failed = original(log_destination=log_destination, **wanted)
    for flow_log in made:
        flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
    return made, failed


def _to_folder(original, backend, log_destination, wanted):
    # moto takes the folder for a part of the bucket's name.
    present, backend.flow_logs = backend.flow_logs, {}
    try:
        if any(
            (known.resource_id, known.log_destination) == (resource_id, log_destination)
            for known in present.values()
            for resource_id in wanted["resource_ids"]
        ):
            raise FlowLogAlreadyExists()
        made, failed = original(log_destination=log_destination.split("/", 1)[0], **wanted)
    finally:
        backend.flow_logs = present | backend.flow_logs
    for flow_log in made:
        flow_log.log_destination = log_destination
    return made, failed


@replaces(FlowLogsBackend, "describe_flow_logs")
def an_unknown_flow_log_is_an_error(original, backend, flow_log_ids=None, filters=None):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    for flow_log_id in flow_log_ids or []:
        if flow_log_id not in backend.flow_logs:
            raise EC2ClientError("InvalidFlowLogId.NotFound", f"The flow log '{flow_log_id}' does not exist")
    return original(flow_log_ids, filters)


@replaces(EC2Response, "delete_flow_logs")
def what_is_not_deleted_is_unsuccessful(_original, response):
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html: "Unsuccessful: Information about
    # the flow logs that could not be deleted successfully."
    wanted, known = response._get_param("FlowLogIds", []), response.ec2_backend.flow_logs
    unknown = [flow_log_id for flow_log_id in wanted if known.pop(flow_log_id, None) is None]
    return ActionResult({"Unsuccessful": [_not_found(flow_log_id) for flow_log_id in unknown]})


def _not_found(flow_log_id):
    message = f"These flow log ids in the input list are not found: [TotalCount: 1] {flow_log_id}"
    return {"ResourceId": flow_log_id, "Error": {"Code": "InvalidFlowLogId.NotFound", "Message": message}}
