"""Auto Scaling: instance refresh - rolling replacement with progress, checkpoints, cancellation, failure and rollback.

A refresh fails (or rolls back, when it was asked to) when a launch fails, one of its alarms goes off, or the load
balancer finds new instances unhealthy for `refresh_unhealthy` seconds.
POST /mended/instance-refresh/GROUP/fail {"reason": "..."} makes the running refresh fail at once.

Still wrong: warm-up takes no time; a refresh that does not get on, for another reason, does not time out; what is in
standby or protected is replaced like the rest.
"""

import copy
import math
import uuid

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from mended import clock
from mended.autoscaling_belongings import page
from mended.autoscaling_fleet import active, failing, settled, terminate
from mended.autoscaling_launch import check_template, specification, template_of

FORWARD = ("Pending", "InProgress", "Baking")
RUNNING = (*FORWARD, "Cancelling", "RollbackInProgress")
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
        self.rollback_details, self.final, self.surge, self.total = None, None, 0, 0
        self.old, self.kept, self.serving, self.unhealthy_since = [], [], 0, None
        self.checkpoints = list(self.preferences.get("CheckpointPercentages") or [])
        self.resumes = clock.now() + clock.durations.refresh_pending

    @property
    def instances_to_update(self):
        """How many instances are still to be replaced; in a rollback, how many never were."""
        if self.final is not None:
            return self.final[1]
        return self.rollback_details["InstancesToUpdateOnRollback"] if self.rollback_details else self._remaining()

    @property
    def percentage_complete(self):
        """How far the refresh is: "This value gradually goes back down to zero during a rollback"."""
        if self.final is not None:
            return self.final[0]
        done = 100 * (self.total - min(self.total, self._remaining())) // self.total if self.total else 0
        if self.rollback_details:
            return self.rollback_details["PercentageCompleteOnRollback"] * (100 - done) // 100
        return done

    def _remaining(self):
        return len(self.old) + len(self._unfinished())

    def launches(self):
        """The desired configuration that new instances are launched from, or None for the group's own."""
        return self.desired_configuration if self.status in (*FORWARD, "Cancelling") else None

    def step(self):
        """Replace as many instances as the preferences allow now."""
        if self.status == "Pending" and clock.now() >= self.resumes:
            self._begin("InProgress")
        if self.status == "Cancelling" and not self._unfinished():
            self._end("Cancelled")
        if self.status not in ("InProgress", "Baking", "RollbackInProgress"):
            return
        self.old = [state for state in self.old if state in active(self.group)]
        problem = self._problem() if self.status in FORWARD else None
        if problem:
            self.fail(problem)
        elif clock.now() >= self.resumes and not self._reaches_checkpoint():
            if self._unfinished() or self._left():
                self._replace_some()
            else:
                self._finish()

    def fail(self, reason):
        """End the refresh as failed, or begin its rollback."""
        self.status_reason = reason
        if self.preferences["AutoRollback"] and self.status in FORWARD and self._reversible():
            self.roll_back(reason)
        else:
            self._end("RollbackFailed" if self.status == "RollbackInProgress" else "Failed")

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
        self.status, self.surge, self.resumes = status, 0, clock.now()
        self.old = [state for state in active(self.group) if not self._may_skip(state)]
        self.kept = [state for state in active(self.group) if state not in self.old]
        self.total = len(self.old)

    def _may_skip(self, state):
        if not (self.preferences["SkipMatching"] or self.status == "RollbackInProgress"):
            return False
        template, version = specification(self.group)
        wanted = {"LaunchTemplateId": template.id, "Version": str(version.number)}
        return wanted.items() <= state._mended_template.items()

    def _unfinished(self):
        ready = settled(self.group)
        return [state for state in active(self.group) if state not in self.old and state not in ready]

    def _left(self):
        # The old instances that go before the next checkpoint: "To replace all instances in the Auto Scaling group, the
        # last number in the array must be 100."
        percent = self._checkpoints()[0] if self._checkpoints() else 100
        if self.preferences.get("CheckpointPercentages") and not self._checkpoints() and self.status == "InProgress":
            return []
        return self.old[: max(0, math.ceil(self.total * percent / 100) - (self.total - len(self.old)))]

    def _checkpoints(self):
        return self.checkpoints if self.status == "InProgress" else []

    def _reaches_checkpoint(self):
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html: a refresh
        # pauses once at least so many instances are new; "the final checkpoint when all instances are new".
        reached = [p for p in self._checkpoints() if not self._unfinished() and self.percentage_complete >= p]
        if not reached:
            return False
        del self.checkpoints[: len(reached)]
        if self.old:
            self._wait(self.preferences.get("CheckpointDelay", 3600))
        return bool(self.old)

    def _wait(self, seconds):
        self.surge, self.resumes = 0, clock.now() + min(seconds, clock.durations.refresh_waits)

    def _problem(self):
        return self._failed_launch() or self._alarm() or self._sickness()

    def _alarm(self):
        # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AlarmSpecification.html
        group, wanted = self.group, self.preferences.get("AlarmSpecification") or {}
        known = cloudwatch_backends[group.account_id][group.region].alarms
        for name in wanted.get("Alarms") or []:
            if name in known and known[name].state_value == "ALARM":
                return f"The CloudWatch alarm {name} went into the ALARM state"
        return None

    def _sickness(self):
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html: what does not become
        # healthy is replaced, over and over, until the refresh gives up.
        new = [state for state in active(self.group) if state not in self.old and state not in self.kept]
        sick = [state for state in new if self._is_sick(state)]
        serving = sum(state in settled(self.group) for state in new)
        if serving > self.serving:
            self.unhealthy_since = None
        elif sick and self.unhealthy_since is None:
            self.unhealthy_since = clock.now()
        self.serving = serving
        if self.unhealthy_since is None or clock.now() - self.unhealthy_since < clock.durations.refresh_unhealthy:
            return None
        return " ".join(["New instances do not pass their health checks", *(state.instance.id for state in sick)])

    def _is_sick(self, state):
        return state.health_status == "Unhealthy" or failing(self.group, state)

    def _failed_launch(self):
        last = next(iter(self.group._mended_activities), None)
        failed = last is not None and last.status_code == "Failed" and last.start_time >= self.start_time
        return last.status_message if failed else None

    def _replace_some(self):
        desired = self.group.desired_capacity or 0
        at_least = math.ceil(desired * self.preferences["MinHealthyPercentage"] / 100)
        at_most = math.ceil(desired * self.preferences["MaxHealthyPercentage"] / 100)
        left = self._left()
        self.surge = min(len(left), max(0, at_most - desired))
        sick = [state for state in left if self._is_sick(state)]
        spare = len(settled(self.group)) - at_least
        idle = not self.surge and not sick and not self._unfinished() and len(active(self.group)) >= desired
        if spare < 1 and idle:
            spare = 1  # "If the percentage rounds to no instance, one at a time is replaced."
        well = [state for state in left if state not in sick]
        for state in [*sick, *well[: max(0, spare)]]:
            terminate(self.group, state, "an instance was taken out of service in response to an instance refresh")
        self.old = [state for state in self.old if state in active(self.group)]
        self.surge = min(self.surge, len(self.old))

    def _finish(self):
        if self.status == "RollbackInProgress":
            self._end("RollbackSuccessful")
            return
        if self.preferences.get("BakeTime") and self.status != "Baking":
            self.status = "Baking"
            self._wait(self.preferences["BakeTime"])
            return
        if self.desired_configuration:
            apply(self.group, self.desired_configuration)
        self._end("Successful")

    def _end(self, status):
        ends = {"Successful": (100, 0), "RollbackSuccessful": (0, self.instances_to_update)}
        self.final = ends.get(status, (self.percentage_complete, self.instances_to_update))
        self.status, self.end_time, self.surge = status, utcnow(), 0

    def _reversible(self):
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html: only with a desired
        # configuration, to a numbered version, of an image that is not named by a parameter.
        before = self.group._mended_launch_from
        if not self.desired_configuration or str(before.get("Version", "$Default")).startswith("$"):
            return False
        template_id = before.get("LaunchTemplateId") or self.group.ec2_launch_template.id
        data = self.group.ec2_backend.get_launch_template(template_id).get_version(before["Version"]).data
        return not data.get("ImageId", "").startswith("resolve:ssm:")


def apply(group, desired):
    """Make a desired configuration the group's own."""
    group._mended_launch_from = template_of(desired)
    group.mixed_instances_policy = copy.deepcopy(desired.get("MixedInstancesPolicy"))
    group._set_launch_configuration(None, desired.get("LaunchTemplate"), group.mixed_instances_policy)


def configures(group):
    """True if a refresh with a desired configuration is running."""
    refresh = _running(group)
    return refresh is not None and bool(refresh.desired_configuration)


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
        raise ValidationError(
            "The AutoRollback parameter cannot be set to true when there is no desired configuration, or the group's "
            "launch template has no numbered version or names its image by a parameter"
        )
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
    return page(response, "InstanceRefreshes", refreshes, 50)


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
