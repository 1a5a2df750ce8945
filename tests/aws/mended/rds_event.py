"""RDS: what AWS tells of instances, clusters, snapshots and deployments, and DescribeEvents.

POST /mended/rds/NAME/event  JSON {"message": m, "categories": [c], "minutes_ago": n}: this is told of an instance or a
                             cluster; categories and minutes_ago, 0 unless given, may be left out

The messages and categories are https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html and,
for clusters, https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html; the pages end them
with full stops, DescribeEvents does not: https://docs.aws.amazon.com/cli/latest/reference/rds/describe-events.html.

Still wrong: events keep their time when the stand-in's clock is moved; those of parameter groups, proxies, and of what
AWS does by itself - storage, recovery, maintenance, backups - are not told unless a test tells them.
"""

from datetime import timedelta

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds.models import BlueGreenDeployment, DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot, RDSBackend
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_engine import major, page
from mended.rds_state import combination, invalid, named, unknown, when_settled

KINDS = {
    DBInstance: "db-instance",
    DBCluster: "db-cluster",
    DBSnapshot: "db-snapshot",
    DBClusterSnapshot: "db-cluster-snapshot",
    BlueGreenDeployment: "blue-green-deployment",
}

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Event.html
SOURCE_TYPES = (
    *KINDS.values(),
    "db-parameter-group",
    "db-security-group",
    "custom-engine-version",
    "db-proxy",
    "db-shard-group",
    "zero-etl",
)

# What is told at the end of a slow state.
SETTLED = {
    ("db-instance", "creating"): [("DB instance created", "creation")],
    ("db-instance", "stopping"): [("DB instance shutdown", "availability"), ("DB instance stopped", "notification")],
    ("db-instance", "starting"): [("DB instance started", "notification")],
    ("db-instance", "rebooting"): [("DB instance shutdown", "availability"), ("DB instance restarted", "availability")],
    ("db-cluster", "creating"): [("DB cluster created", "creation")],
    ("db-cluster", "stopping"): [("DB cluster stopped", "notification")],
    ("db-cluster", "starting"): [("DB cluster started", "notification")],
    ("db-snapshot", "creating"): [("Manual snapshot created", "creation")],
    ("db-cluster-snapshot", "creating"): [("Manual cluster snapshot created", "backup")],
}

STORAGE = {"AllocatedStorage", "Iops", "StorageThroughput", "StorageType"}


def kind(resource):
    """The type of source that this is."""
    return next(name for of_kind, name in KINDS.items() if isinstance(resource, of_kind))


def tell(resource, message, *categories, minutes_ago=0):
    """Something has happened to an instance, a cluster, a snapshot or a deployment."""
    resource.backend.events.append(
        {
            "SourceIdentifier": resource.resource_id,
            "SourceType": kind(resource),
            "SourceArn": resource.arn,
            "Message": message,
            "EventCategories": list(categories),
            "Date": utcnow() - timedelta(minutes=minutes_ago),
        }
    )


@replaces(RDSBackend, "add_event")
def moto_tells_nothing(_original, _backend, _event_type, _resource):
    # moto tells of an instance that is created when it begins to be.
    return None


@when_settled
def the_end_of_a_slow_state_is_told(resource, status):
    """Tell what a slow state has come to."""
    for message, category in SETTLED.get((kind(resource), status), []):
        tell(resource, message, category)


def tell_beginning(instance, pending):
    """The changes to an instance that begin to be applied."""
    for message in _messages(pending):
        tell(instance, f"Applying modification to {message}", "configuration change")
    if "EngineVersion" in pending:
        tell(instance, "The engine version upgrade started", "maintenance")


def tell_finish(instance, pending):
    """The changes to an instance that have been applied."""
    for message in _messages(pending):
        what = message.replace("database instance class", "DB instance class")
        tell(instance, f"Finished applying modification to {what}", "configuration change")
    if "EngineVersion" in pending:
        tell(instance, "The engine version upgrade finished", "maintenance")
    if "BackupRetentionPeriod" in pending:
        done = "Enabled" if pending["BackupRetentionPeriod"] else "Disabled"
        tell(instance, f"{done} automated backups", "configuration change")


def _messages(pending):
    found = []
    if "DBInstanceClass" in pending:
        found.append("database instance class")
    if STORAGE & set(pending):
        found.append("allocated storage")
    if "MultiAZ" in pending:
        found.append(f"convert to a {'Multi-AZ' if pending['MultiAZ'] else 'standard (Single-AZ)'} DB instance")
    return found


def tell_upgrade(cluster, before):
    """A cluster that had the version `before` has another one."""
    same = major(cluster.engine, before) == major(cluster.engine, cluster.engine_version)
    what = "version" if same else "major version"
    tell(cluster, f"Database cluster engine {what} has been upgraded", "maintenance")


def tell_failover(cluster, before, after):
    """A cluster's failover begins."""
    same = before is not None and before.availability_zone == after.availability_zone
    zones = "same" if same else "cross"
    tell(cluster, f"Started {zones} AZ failover to DB instance: {after.db_instance_identifier}", "failover")


@replaces(RDSResponse, "describe_events")
def events_are_told_of_an_hour_unless_asked_otherwise(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html
    params = response.params
    source, source_type = params.get("SourceIdentifier"), params.get("SourceType")
    if source and not source_type:
        raise combination("Cannot specify source identifier without source type")
    if source_type and source_type not in SOURCE_TYPES:
        raise invalid(f"Source type {source_type} is not valid.")
    start, end = _interval(params)
    categories = set(params.get("EventCategories") or [])
    found = [
        event
        for event in sorted(response.backend.events, key=lambda event: event["Date"])
        if start <= event["Date"] <= end
        and source_type in (None, event["SourceType"])
        and (not source or event["SourceIdentifier"] == source.lower())
        and (not categories or categories & set(event["EventCategories"]))
    ]
    return ActionResult(page(response, "Events", found))


def _interval(params):
    # "for the past 14 days". What Duration is beside a time is told by the former command line tools alone:
    # https://manpages.ubuntu.com/manpages/trusty/man1/rds-describe-events.1.html
    start, end, now = params.get("StartTime"), params.get("EndTime"), utcnow()
    if start and end and start > end:
        raise combination("The start time must be before the end time.")
    minutes = 60 if start or end else params.get("Duration") or 60
    start = start or (end or now) - timedelta(minutes=minutes)
    return max(start, now - timedelta(days=14)), end or now


def _tell(body, name):
    _, found = named(name)
    if found is None:
        return unknown(name)
    tell(found, body["message"], *body.get("categories", []), minutes_ago=body.get("minutes_ago", 0))
    return "200 OK", {"name": name, "message": body["message"]}


ROUTES = [
    ("POST", r"/mended/rds/([^/]+)/event", _tell),
]
