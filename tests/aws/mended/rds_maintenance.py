"""RDS: what awaits the maintenance window.

POST /mended/rds/NAME/maintenance           an instance's or a cluster's window comes: what was deferred is applied
POST /mended/rds/NAME/pending-maintenance   JSON {"action", "description"}: AWS has an action for it; {"action": null}
                                            that it has none

Still wrong: ApplyPendingMaintenanceAction is not implemented (500).
"""

from moto.core.responses import ActionResult
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse

from mended import rds_cluster, rds_event, rds_modify
from mended.rds_engine import page
from mended.rds_state import named, unknown


def describe_pending_maintenance_actions(response):
    """DescribePendingMaintenanceActions, which moto lacks."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribePendingMaintenanceActions.html
    wanted, backend = response.params.get("ResourceIdentifier"), response.backend
    filters = [(item["Name"], set(item["Values"])) for item in response.params.get("Filters") or []]
    found = [
        {"ResourceIdentifier": resource.arn, "PendingMaintenanceActionDetails": resource._mended_actions}
        for resource in [*backend.databases.values(), *backend.clusters.values()]
        if getattr(resource, "_mended_actions", None)
        and wanted in (None, resource.arn)
        and all(_passes(resource, name, values) for name, values in filters)
    ]
    return ActionResult(page(response, "PendingMaintenanceActions", found))


def _passes(resource, name, values):
    kind = "db-instance-id" if isinstance(resource, DBInstance) else "db-cluster-id"
    return name == kind and bool(values & {resource.arn, resource.resource_id})


RDSResponse.describe_pending_maintenance_actions = describe_pending_maintenance_actions


def _await(body, name):
    _, found = named(name)
    if found is None:
        return unknown(name)
    action = body.get("action", "system-update")
    shown = {"Action": action, "Description": body.get("description", "New Operating System update is available")}
    found._mended_actions = [shown] if action else []
    return "200 OK", {"name": name, "actions": found._mended_actions}


def _maintain(_body, name):
    backend, found = named(name)
    if found is None:
        return unknown(name)
    found._mended_actions = []
    if isinstance(found, DBInstance):
        rds_event.tell_beginning(found, found.pending_modified_values)
        rds_modify.apply_pending(backend, found)
    else:
        rds_cluster.apply_pending(found)
    return "200 OK", {"name": name}


ROUTES = [
    ("POST", r"/mended/rds/([^/]+)/maintenance", _maintain),
    ("POST", r"/mended/rds/([^/]+)/pending-maintenance", _await),
]
