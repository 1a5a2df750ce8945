"""Auto Scaling: instance refresh - rolling replacement with progress, cancellation, failure and rollback.

POST /mended/instance-refresh/GROUP/fail {"reason": "..."} makes the running refresh fail (or roll back, when it was
asked to), as failing health checks would.

Still wrong: warm-up, checkpoint delays and bake time take no time; alarms are not watched; a refresh does not time out.
"""

import math
import uuid

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from mended.autoscaling_fleet import active, check_template, in_service, specification, terminate

RUNNING = ("Pending", "InProgress", "Cancelling", "RollbackInProgress")
DEFAULTS = {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 100, "SkipMatching": False, "AutoRollback": False}


class Refresh:
    """One instance refresh of a group."""

    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html

    def __init__(self, group, desired, preferences):
        self.group, self.desired_configuration = group, desired
        self.preferences = DEFAULTS | (preferences or {})
        if "MinHealthyPercentage" in (preferences or {}) and "MaxHealthyPercentage" not in preferences:
            self.preferences["MaxHealthyPercentage"] = max(100, self.preferences["MinHealthyPercentage"])
        self.instance_refresh_id = str(uuid.uuid4())
        self.auto_scaling_group_name, self.strategy = group.name, "Rolling"
        self.status, self.status_reason, self.start_time, self.end_time = "Pending", None, utcnow(), None
        self.rollback_details, self.surge, self.total = None, 0, 0
        self.old = []

    @property
    def instances_to_update(self):
        """How many instances are still to be replaced."""
        return len(self.old) + len(self._unfinished()) if self.status in RUNNING else 0

    @property
    def percentage_complete(self):
        """How far the refresh is."""
        if self.status in ("Successful", "RollbackSuccessful"):
            return 100
        return 100 * (self.total - min(self.total, self.instances_to_update)) // self.total if self.total else 0

    def launch_from(self):
        """The template specification new instances are launched from, or None for the group's own."""
        if self.status in ("Pending", "InProgress", "Cancelling") and self.desired_configuration:
            return _template_of(self.desired_configuration)
        return None

    def step(self):
        """Replace as many instances as the preferences allow now."""
        if self.status == "Pending":
            self._begin("InProgress")
        if self.status == "Cancelling" and not self._unfinished():
            self._end("Cancelled")
        if self.status not in ("InProgress", "RollbackInProgress"):
            return
        self.old = [state for state in self.old if state in active(self.group)]
        failed = self._failed_launch()
        if failed and self.status == "InProgress":
            self.fail(failed)
        elif not self.old and not self._unfinished():
            self._finish()
        else:
            self._replace_some()

    def fail(self, reason):
        """End the refresh as failed, or begin its rollback."""
        self.status_reason = reason
        if self.preferences["AutoRollback"] and self.status == "InProgress" and self._reversible():
            self.roll_back(reason)
        else:
            self._end("Failed")

    def roll_back(self, reason):
        """Begin to replace the new instances by old ones."""
        if not self._reversible():
            raise AutoscalingClientError(
                "IrreversibleInstanceRefresh",
                "The instance refresh has no desired configuration or names a version that is not a number",
            )
        self.rollback_details = {
            "RollbackReason": reason,
            "RollbackStartTime": utcnow(),
            "PercentageCompleteOnRollback": self.percentage_complete,
            "InstancesToUpdateOnRollback": self.instances_to_update,
        }
        self._begin("RollbackInProgress")

    def _begin(self, status):
        self.status, self.surge = status, 0
        self.old = [state for state in active(self.group) if not self._may_skip(state)]
        self.total = len(self.old)

    def _may_skip(self, state):
        if not (self.preferences["SkipMatching"] or self.status == "RollbackInProgress"):
            return False
        template, version = specification(self.group)
        wanted = {"LaunchTemplateId": template.id, "Version": str(version.number)}
        return wanted.items() <= state._mended_template.items()

    def _unfinished(self):
        return [state for state in active(self.group) if state not in self.old and state not in in_service(self.group)]

    def _failed_launch(self):
        last = next(iter(self.group._mended_activities), None)
        failed = last is not None and last.status_code == "Failed" and last.start_time >= self.start_time
        return last.status_message if failed else None

    def _replace_some(self):
        desired = self.group.desired_capacity or 0
        at_least = math.ceil(desired * self.preferences["MinHealthyPercentage"] / 100)
        at_most = math.ceil(desired * self.preferences["MaxHealthyPercentage"] / 100)
        self.surge = min(len(self.old), max(0, at_most - desired))
        spare = len(in_service(self.group)) - at_least
        if spare < 1 and not self.surge and not self._unfinished() and len(active(self.group)) >= desired:
            spare = 1  # "If the percentage rounds to no instance, one at a time is replaced."
        for state in self.old[: max(0, spare)]:
            terminate(self.group, state, "an instance was taken out of service in response to an instance refresh")
        self.old = [state for state in self.old if state in active(self.group)]
        self.surge = min(self.surge, len(self.old))

    def _finish(self):
        if self.status == "RollbackInProgress":
            self._end("RollbackSuccessful")
            return
        if self.desired_configuration:
            apply(self.group, self.desired_configuration)
        self._end("Successful")

    def _end(self, status):
        self.status, self.end_time, self.surge = status, utcnow(), 0

    def _reversible(self):
        if not self.desired_configuration:
            return False
        version = self.group._mended_launch_from.get("Version")
        return version is not None and not str(version).startswith("$")


def apply(group, desired):
    """Make a desired configuration the group's own."""
    group._mended_launch_from = _template_of(desired)
    if "MixedInstancesPolicy" in desired:
        group.mixed_instances_policy = desired["MixedInstancesPolicy"]
    group._set_launch_configuration(None, desired.get("LaunchTemplate"), desired.get("MixedInstancesPolicy"))


def _template_of(desired):
    mixed = desired.get("MixedInstancesPolicy")
    return mixed["LaunchTemplate"]["LaunchTemplateSpecification"] if mixed else desired["LaunchTemplate"]


def _group(response):
    return response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]


def _running(group):
    refresh = getattr(group, "_mended_refresh", None)
    return refresh if refresh is not None and refresh.status in RUNNING else None


def start_instance_refresh(response):
    """StartInstanceRefresh."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
    group = _group(response)
    if _running(group):
        raise AutoscalingClientError(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )
    desired, preferences = response._get_param("DesiredConfiguration"), response._get_param("Preferences")
    refresh = Refresh(group, desired, preferences)
    if refresh.preferences["AutoRollback"] and not refresh._reversible():
        raise ValidationError("AutoRollback needs a desired configuration and numbered launch template versions")
    before = getattr(group, "_mended_refresh", None)
    group._mended_refresh = refresh
    try:
        check_template(group, specification(group)[1].data)
    except ServiceException as error:
        group._mended_refresh = before
        raise ValidationError(str(error.message)) from None
    group._mended_refreshes.insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh.instance_refresh_id})


def describe_instance_refreshes(response):
    """DescribeInstanceRefreshes: the newest first."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
    refreshes, ids = _group(response)._mended_refreshes, response._get_param("InstanceRefreshIds", [])
    refreshes = [refresh for refresh in refreshes if not ids or refresh.instance_refresh_id in ids]
    start, size = int(response._get_param("NextToken") or 0), response._get_int_param("MaxRecords", 50)
    token = str(start + size) if len(refreshes) > start + size else None
    return ActionResult({"InstanceRefreshes": refreshes[start : start + size], "NextToken": token})


def _require_running(response):
    group = _group(response)
    refresh = _running(group)
    if refresh is None:
        raise AutoscalingClientError(
            "ActiveInstanceRefreshNotFound",
            f"No in progress or pending Instance Refresh found for Auto Scaling group {group.name}",
        )
    return refresh


def cancel_instance_refresh(response):
    """CancelInstanceRefresh: what is replaced stays replaced."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html
    refresh = _require_running(response)
    refresh.status, refresh.surge = "Cancelling", 0
    return ActionResult({"InstanceRefreshId": refresh.instance_refresh_id})


def rollback_instance_refresh(response):
    """RollbackInstanceRefresh."""
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html
    refresh = _require_running(response)
    refresh.roll_back("Rollback requested by user")
    return ActionResult({"InstanceRefreshId": refresh.instance_refresh_id})


for _action in (
    start_instance_refresh,
    describe_instance_refreshes,
    cancel_instance_refresh,
    rollback_instance_refresh,
):
    setattr(AutoScalingResponse, _action.__name__, _action)


def _fail(body, name):
    for account in autoscaling_backends.values():
        for backend in account.values():
            refresh = _running(backend.autoscaling_groups.get(name))
            if refresh is not None:
                refresh.fail(body.get("reason", "Instances failed their health checks"))
                return "200 OK", {"group": name, "status": refresh.status}
    return "404 Not Found", {"error": f"no refresh is running for {name}"}


ROUTES = [("POST", r"/mended/instance-refresh/([^/]+)/fail", _fail)]
