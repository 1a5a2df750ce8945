"""RDS: blue/green deployments - made, described, switched over and deleted.

POST /mended/rds/blue-green/D/status           JSON {"status": s, "details": d}: a deployment, by its identifier or
                                               name, is in this state from now on
POST /mended/rds/blue-green/D/fail-switchover  JSON {"reason": r}: its next switchover is rolled back

What is switched over keeps its resource id and its data; the green one takes over name, endpoint and tags:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-switching.html, named here -switching, as
are its neighbours -considerations and -deleting. No page says what members show while they are switched over,
"available" here; whether a failed switchover may be tried again, not here; nor whether what is part of a deployment
that is not switched over can be part of another one, not here.

Still wrong: blue and green are never read-only; a scalable target stays with the name of its cluster.
"""

import re

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds.exceptions import BlueGreenDeploymentNotFoundFault, RDSClientError
from moto.rds.models import BlueGreenDeployment, DBCluster, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

# What these mend of an action is asked after what is mended here.
from mended import rds_cluster, rds_life, rds_modify, rds_rename  # noqa: F401
from mended.patch import replaces
from mended.rds_blue_green_copy import check_targets, copy, is_there, source, stop_replication, unsupported
from mended.rds_blue_green_deployment import OF_MEMBERS, OVER, Deployment, show, shown_at_first, tasks
from mended.rds_engine import page
from mended.rds_event import tell
from mended.rds_state import cluster_state, combination, instance_state, invalid, settle, unknown


@replaces(RDSResponse, "create_blue_green_deployment")
def a_deployment_is_provisioning_then_available(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateBlueGreenDeployment.html
    params, backend = response.params, response.backend
    name = params["BlueGreenDeploymentName"]
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*", name) or len(name) > 60:
        raise invalid(f"The parameter BlueGreenDeploymentName is not a valid identifier: {name}")
    if any(name == other.blue_green_deployment_name for other in backend.blue_green_deployments.values()):
        # https://github.com/crossplane-contrib/provider-upjet-aws/issues/1430
        message = f"A Blue Green Deployment with the name '{name}' already exists"
        raise RDSClientError("BlueGreenDeploymentAlreadyExistsFault", message)
    blue = source(backend, params["Source"])
    if any(other.status not in OVER for other in _with(backend, blue)):
        raise unsupported(blue, f"{blue.arn} is already part of a blue/green deployment.")
    version = check_targets(backend, blue, params)
    deployment = Deployment(backend, name, params.get("Tags"))
    deployment.pairs = copy(backend, blue, version, params)
    deployment.tasks = tasks(blue, deployment.pairs, params)
    backend.blue_green_deployments[deployment.blue_green_deployment_identifier] = deployment
    settle(deployment, "PROVISIONING", lambda: _provisioned(deployment), final="AVAILABLE")
    return ActionResult({"BlueGreenDeployment": shown_at_first(deployment)})


def _provisioned(deployment):
    what = "You can make more modifications to the green environment databases or switch over the deployment"
    tell(deployment, f"Blue/green deployment tasks completed. {what}", "creation")


def _with(backend, resource):
    # The deployments that an instance or a cluster is part of.
    return [deployment for deployment in backend.blue_green_deployments.values() if deployment.has(resource)]


def _find(backend, identifier):
    if identifier not in backend.blue_green_deployments:
        raise BlueGreenDeploymentNotFoundFault(identifier)
    return backend.blue_green_deployments[identifier]


@replaces(RDSResponse, "describe_blue_green_deployments")
def deployments_have_pages(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeBlueGreenDeployments.html
    backend, identifier = response.backend, response.params.get("BlueGreenDeploymentIdentifier")
    found = {identifier: _find(backend, identifier)} if identifier else dict(backend.blue_green_deployments)
    filters = {item["Name"]: item["Values"] for item in response.params.get("Filters") or []}
    if filters:
        found = backend._filter_resources(found, filters, BlueGreenDeployment)
    return ActionResult(page(response, "BlueGreenDeployments", [show(item) for item in found.values()]))


def _state(message):
    return RDSClientError("InvalidBlueGreenDeploymentStateFault", message)


@replaces(RDSResponse, "switchover_blue_green_deployment")
def a_deployment_is_switched_over_in_its_time(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_SwitchoverBlueGreenDeployment.html
    deployment = _find(response.backend, response.params["BlueGreenDeploymentIdentifier"])
    timeout = response.params.get("SwitchoverTimeout")
    if timeout is not None and not 30 <= timeout <= 3600:
        raise invalid(f"Invalid value {timeout} for SwitchoverTimeout. Must be between 30 and 3600")
    _check_switchover(deployment)
    settle(deployment, "SWITCHOVER_IN_PROGRESS", lambda: _switch(deployment), final="SWITCHOVER_COMPLETED")
    deployment.status_details = None
    blue, green = (resource.resource_id for resource in deployment.pairs[0])
    tell(deployment, f"Switchover from {blue} to {green} started", "notification")
    return ActionResult({"BlueGreenDeployment": show(deployment)})


def _check_switchover(deployment):
    identifier = deployment.blue_green_deployment_identifier
    if deployment.status != "AVAILABLE":
        raise _state(f"Blue/green deployment {identifier} is {deployment.status}: it can't be switched over.")
    if deployment.pairs[0] not in deployment.there():
        raise _state(f"Blue/green deployment {identifier} has lost its source or its target.")
    for resource in (resource for pair in deployment.there() for resource in pair):
        if resource.status != "available":
            # https://github.com/hashicorp/terraform-provider-aws/issues/36241
            kind = "DB cluster" if isinstance(resource, DBCluster) else "DB instance"
            raise _state(f"{kind} {resource.resource_id} is not in available state")


def _switch(deployment):
    if deployment.failure is not None:
        _cancel(deployment, deployment.failure)
        return
    primary = deployment.pairs[0]
    for pair in deployment.there():
        _exchange(deployment, *pair, role="primary" if pair == primary else "read replica")
    deployment.status_details = "Switchover completed"
    tell(deployment, "Switchover completed on blue/green deployment", "notification")


def _exchange(deployment, blue, green, role):
    # -switching: the blue one "by appending -oldn to the current name"; "tags from the blue environment replace all
    # tags on resources in the green environment"; "Replication between the blue and green environments stops."
    backend, name, before = deployment.backend, blue.resource_id, green.resource_id
    of_cluster = isinstance(blue, DBCluster)
    named = backend.clusters if of_cluster else backend.databases
    old = next(f"{name}-old{n}" for n in range(1, len(named) + 2) if f"{name}-old{n}" not in named)
    if role == "primary":
        stop_replication(blue, green)
    for resource, new in ((blue, old), (green, name)):
        (rds_rename.rename_cluster if of_cluster else rds_rename.rename_instance)(backend, resource, new)
    green.tags = blue.tags
    if of_cluster or not blue.db_cluster_identifier:
        what = "DB cluster" if of_cluster else role
        done = f"Renamed {name} to {old} and {before} to {name}"
        tell(deployment, f"Switchover from {what} {name} to {before} completed. {done}", "notification")


def _cancel(deployment, reason):
    deployment.status, deployment.status_details, deployment.failure = "SWITCHOVER_FAILED", reason, None
    tell(deployment, "Switchover canceled on blue/green deployment", "failure")


@replaces(RDSResponse, "delete_blue_green_deployment")
def a_deployment_is_deleting_then_gone(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteBlueGreenDeployment.html
    deployment = _find(response.backend, response.params["BlueGreenDeploymentIdentifier"])
    if deployment.status in ("SWITCHOVER_IN_PROGRESS", "DELETING"):
        raise _state(f"Blue/green deployment {deployment.resource_id} is {deployment.status}: it can't be deleted.")
    if response.params.get("DeleteTarget"):
        _delete_target(deployment)
    elif deployment.status != "SWITCHOVER_COMPLETED" and deployment.pairs[0][1].engine == "postgres":
        # -deleting: "For RDS for MySQL, replication continues between the environments. For RDS
        # for PostgreSQL, the green environment is promoted".
        stop_replication(*deployment.pairs[0])
    deployment.delete_time = utcnow()
    settle(deployment, "DELETING", lambda: _forget(deployment), final="DELETING")
    return ActionResult({"BlueGreenDeployment": show(deployment)})


def _delete_target(deployment):
    if deployment.status == "SWITCHOVER_COMPLETED":
        raise _state("Deleting target is not allowed while blue green deployment lifecycle is SWITCHOVER_COMPLETED.")
    backend = deployment.backend
    primary = deployment.pairs[0][1]
    # What was added to green goes with it.
    greens = [green for _, green in deployment.pairs] + (primary.members if isinstance(primary, DBCluster) else [])
    greens = [green for green in dict.fromkeys(greens) if is_there(backend, green) and green.status != "deleting"]
    if any(green.deletion_protection for green in greens):
        # -deleting: "they must have deletion protection turned off."
        raise combination("Cannot delete a protected green database, please disable deletion protection and try again.")
    for green in reversed(greens):
        if isinstance(green, DBCluster):
            rds_cluster.begin_removal(backend, green)
        else:
            backend.delete_db_instance(green.db_instance_identifier, skip_final_snapshot=True)


def _forget(deployment):
    deployment.backend.blue_green_deployments.pop(deployment.blue_green_deployment_identifier, None)
    tell(deployment, "Blue/green deployment deleted", "deletion")


@replaces(RDSResponse, "modify_db_instance", "delete_db_instance", "reboot_db_instance", "stop_db_instance")
def no_instance_is_changed_while_it_is_switched_over(original, response):
    # -switching: "During a switchover, you can't modify any DB instances included in the switchover."
    instance = response.backend.databases.get(response.params["DBInstanceIdentifier"])
    for deployment in _with(response.backend, instance) if instance else []:
        if deployment.status == "SWITCHOVER_IN_PROGRESS":
            raise instance_state(f"DB instance {instance.db_instance_identifier} is being switched over.")
    return original()


@replaces(RDSResponse, "modify_db_cluster", "delete_db_cluster", "stop_db_cluster", "start_db_cluster")
def no_cluster_is_changed_while_it_is_switched_over(original, response):
    # -considerations: "You can't stop and start a cluster that is part of a blue/green deployment."
    cluster = response.backend.clusters.get(response.params["DBClusterIdentifier"])
    stops = response._get_action() in ("StopDBCluster", "StartDBCluster")
    for deployment in _with(response.backend, cluster) if cluster else []:
        if stops or deployment.status == "SWITCHOVER_IN_PROGRESS":
            raise cluster_state(f"DB cluster {cluster.db_cluster_identifier} is part of a blue/green deployment.")
    return original()


@replaces(RDSBackend, "promote_read_replica")
def a_promoted_green_instance_leaves_its_deployment_invalid(original, backend, db_kwargs):
    # -switching: "replication between the blue and green environments breaks and the blue/green deployment enters a
    # state of Invalid configuration."
    replica = original(db_kwargs)
    for deployment in _with(backend, replica):
        if deployment.pairs[0][1] is replica and deployment.status not in OVER:
            deployment.status = "INVALID_CONFIGURATION"
    return replica


@replaces(RDSBackend, "_get_resource_for_tagging")
def a_deployment_has_tags(original, backend, arn):
    # arn:aws:rds:REGION:ACCOUNT:deployment:IDENTIFIER: https://docs.aws.amazon.com/service-authorization/latest/
    # reference/list_amazonrds.html
    if arn.split(":")[5:6] == ["deployment"]:
        return backend.blue_green_deployments.get(arn.rpartition(":")[2])
    return original(arn)


def _named(name):
    backends = [backend for account in rds_backends.values() for backend in account.values()]
    found = [deployment for backend in backends for deployment in backend.blue_green_deployments.values()]
    return next((d for d in found if name in (d.resource_id, d.blue_green_deployment_name)), None)


def _set_status(body, name):
    deployment = _named(name)
    if deployment is None:
        return unknown(name)
    status, details = body["status"], body.get("details")
    if status == "SWITCHOVER_FAILED":
        _cancel(deployment, details)
    elif deployment.status == "PROVISIONING" and status not in OF_MEMBERS:
        tell(deployment, f"Creation of blue/green deployment failed because {details}", "failure")
    deployment.status, deployment.status_details = status, details
    return "200 OK", {"name": name, "status": status}


def _fail_switchover(body, name):
    deployment = _named(name)
    if deployment is None:
        return unknown(name)
    deployment.failure = body.get("reason", "Switchover took longer than its timeout.")
    return "200 OK", {"name": name, "reason": deployment.failure}


ROUTES = [
    ("POST", r"/mended/rds/blue-green/([^/]+)/status", _set_status),
    ("POST", r"/mended/rds/blue-green/([^/]+)/fail-switchover", _fail_switchover),
]
