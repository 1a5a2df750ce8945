"""RDS: parameter groups of instances and of clusters - what they know, when it is applied, who uses them.

Still wrong: a dynamic parameter that is applied immediately takes no time ("applying").
"""

import re

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBClusterParameterGroup, DBInstance, DBParameterGroup, RDSBackend
from moto.rds.responses import RDSResponse

from mended.patch import replaces
from mended.rds_engine import family, page
from mended.rds_parameters import FAMILIES, parameters
from mended.rds_state import combination, invalid

MOST = 20
APPLY_METHODS = ("immediate", "pending-reboot")


def _group(response):
    # The group a request names, and whether it is a cluster's.
    of_cluster = "DBClusterParameterGroup" in response._get_action() or "ClusterParameters" in response._get_action()
    name = response.params["DBClusterParameterGroupName" if of_cluster else "DBParameterGroupName"]
    return find(response.backend, name, of_cluster), of_cluster


def find(backend, name, of_cluster, missing="DBParameterGroupNotFound"):
    """The parameter group of this name; a default group comes to be when it is first asked for."""
    groups = backend.db_cluster_parameter_groups if of_cluster else backend.db_parameter_groups
    if name not in groups and name.removeprefix("default.") in FAMILIES and name.startswith("default."):
        kind = DBClusterParameterGroup if of_cluster else DBParameterGroup
        of_family = name.removeprefix("default.")
        what = "Default cluster parameter group" if of_cluster else "Default parameter group"
        groups[name] = kind(backend, name, f"{what} for {of_family}", of_family, [])
    if name not in groups:
        raise RDSClientError(missing, f"DBParameterGroup not found: {name}")
    return groups[name]


def _family(group):
    return group.family if isinstance(group, DBParameterGroup) else group.db_parameter_group_family


def _status(pending):
    return "pending-reboot" if pending else "in-sync"


# moto's groups say themselves, for all their users at once, that they are in sync.
DBInstance.db_parameter_group_status_list = property(
    lambda instance: [
        {"DBParameterGroupName": group.name, "ParameterApplyStatus": _status(_pending(instance, "group"))}
        for group in instance.db_parameter_groups()
    ]
)
DBCluster.db_cluster_members = property(
    lambda cluster: [
        {
            "DBInstanceIdentifier": member.db_instance_identifier,
            "IsClusterWriter": member.is_cluster_writer,
            "DBClusterParameterGroupStatus": _status(_pending(member, "cluster_group")),
            "PromotionTier": member.promotion_tier,
        }
        for member in cluster.members
    ]
)


def _pending(instance, which):
    return getattr(instance, f"_mended_pending_{which}", False)


def in_sync(instance):
    """Whether the instance has all its groups' parameters."""
    return not _pending(instance, "group") and not _pending(instance, "cluster_group")


def await_reboot(instances, of_cluster):
    """These instances take up their group's parameters when they are next rebooted."""
    for instance in instances:
        setattr(instance, "_mended_pending_cluster_group" if of_cluster else "_mended_pending_group", True)


def rebooted(instance):
    """The instance has all its groups' parameters."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.Associating.html
    instance._mended_pending_group = instance._mended_pending_cluster_group = False


def check(backend, name, engine, version, of_cluster=False):
    """Refuse a group that is not there or of another family."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html:
    # DBClusterParameterGroupNotFound
    missing = "DBClusterParameterGroupNotFound" if of_cluster else "DBParameterGroupNotFound"
    found, wanted = _family(find(backend, name, of_cluster, missing)), family(engine, version)
    if found != wanted:
        raise combination(
            f"The parameter group {name} with DBParameterGroupFamily {found} can't be used for this instance. "
            f"Please use a parameter group with DBParameterGroupFamily {wanted}."
        )


@replaces(RDSBackend, "create_db_instance")
def an_instances_group_is_of_its_family(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/parameter-groups-overview.html
    name, cluster = db_kwargs.get("db_parameter_group_name"), db_kwargs.get("db_cluster_identifier")
    cluster = backend.clusters.get(cluster or "")
    if name:
        version = cluster.engine_version if cluster else db_kwargs["engine_version"]
        check(backend, name, db_kwargs["engine"], version)
    return original(db_kwargs)


@replaces(RDSBackend, "create_db_cluster")
def a_clusters_group_is_of_its_family(original, backend, kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
    name = kwargs.get("db_cluster_parameter_group_name")
    if name:
        check(backend, name, kwargs["engine"], kwargs["engine_version"], of_cluster=True)
    return original(kwargs)


@replaces(RDSResponse, "create_db_parameter_group", "create_db_cluster_parameter_group")
def a_group_has_a_known_family_and_a_plain_name(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html
    name = response.params.get("DBParameterGroupName") or response.params.get("DBClusterParameterGroupName")
    if not re.fullmatch(r"(?!.*--)[a-z]([a-z0-9-]{0,253}[a-z0-9])?", name):
        raise invalid(f"The parameter DBParameterGroupName is not a valid identifier: {name}")
    if response.params.get("DBParameterGroupFamily") not in FAMILIES:
        raise invalid(f"ParameterGroupFamily {response.params.get('DBParameterGroupFamily')} is not valid")
    return original()


@replaces(RDSResponse, "describe_db_parameter_groups")
def groups_have_pages(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameterGroups.html
    named = response.params.get("DBParameterGroupName")
    found = [find(response.backend, named, False)] if named else list(response.backend.db_parameter_groups.values())
    return ActionResult(page(response, "DBParameterGroups", found))


@replaces(RDSResponse, "describe_db_cluster_parameter_groups")
def cluster_groups_have_pages(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterParameterGroups.html
    named, groups = response.params.get("DBClusterParameterGroupName"), response.backend.db_cluster_parameter_groups
    found = [find(response.backend, named, True)] if named else list(groups.values())
    return ActionResult(page(response, "DBClusterParameterGroups", found))


@replaces(RDSResponse, "describe_db_parameters", "describe_db_cluster_parameters")
def parameters_tell_whose_values_they_have(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameters.html: Source, and pages.
    group, of_cluster = _group(response)
    wanted = response.params.get("Source")
    found = [_shown(group, name, kind) for name, kind in sorted(parameters(_family(group), of_cluster).items())]
    found = [parameter for parameter in found if wanted in (None, "", parameter["Source"])]
    return ActionResult(page(response, "Parameters", found))


def _shown(group, name, kind):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
    own = group.parameters.get(name)
    shown = {"ParameterName": name, "Description": name, "ApplyType": kind, "DataType": "string", "IsModifiable": True}
    shown |= {"Source": "user" if own else "engine-default", "ApplyMethod": "pending-reboot"}
    return shown | {key: own[key] for key in ("ParameterValue", "ApplyMethod")} if own else shown


@replaces(RDSResponse, "modify_db_parameter_group", "modify_db_cluster_parameter_group")
def a_static_parameter_waits_for_a_reboot(_original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
    group, of_cluster = _group(response)
    wanted = _wanted(response, group, of_cluster)
    for parameter in wanted:
        if parameter.get("ParameterValue") is None:
            raise invalid(f"The parameter {parameter['ParameterName']} must have a value.")
    waits = False
    for parameter in wanted:
        own = group.parameters.get(parameter["ParameterName"], {})
        changes = own.get("ParameterValue") != parameter["ParameterValue"]
        waits |= changes and parameter["ApplyMethod"] == "pending-reboot"
        group.parameters[parameter["ParameterName"]] = dict(parameter)
    return _answer(response.backend, group, of_cluster, waits)


def _wanted(response, group, of_cluster):
    wanted = [parameter.original_dict() for parameter in response.params.get("Parameters") or []]
    known = parameters(_family(group), of_cluster)
    if group.name.startswith("default."):
        raise RDSClientError("InvalidDBParameterGroupState", f"Default parameter group {group.name} can't be changed.")
    if len(wanted) > MOST:
        raise invalid(f"A maximum of {MOST} parameters can be modified in a single request.")
    for parameter in wanted:
        name, method = parameter.get("ParameterName"), parameter.get("ApplyMethod")
        if name not in known:
            raise invalid(f"Could not find parameter with name: {name}")
        if method not in APPLY_METHODS:
            raise invalid(f"The parameter {name} must have an ApplyMethod of {' or '.join(APPLY_METHODS)}.")
        if known[name] == "static" and method == "immediate":
            raise combination("cannot use immediate apply method for static parameter")
    return wanted


def _answer(backend, group, of_cluster, waits):
    if waits:
        await_reboot(_users(backend, group.name, of_cluster), of_cluster)
    return ActionResult({"DBClusterParameterGroupName" if of_cluster else "DBParameterGroupName": group.name})


def _users(backend, name, of_cluster):
    if of_cluster:
        return [member for cluster in _clusters(backend, name) for member in cluster.members]
    return [i for i in backend.databases.values() if name in (i.db_parameter_group_name, _next_group(i))]


def _next_group(instance):
    return getattr(instance, "_mended_next_group", None)


def _clusters(backend, name):
    return [c for c in backend.clusters.values() if name in (c.parameter_group, getattr(c, "_mended_next_group", None))]


def reset_parameter_group(response):
    """ResetDBParameterGroup and ResetDBClusterParameterGroup, which moto lacks."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ResetDBParameterGroup.html: all of them are reset
    # unless some are named; then dynamic ones immediately, static ones with the next reboot.
    group, of_cluster = _group(response)
    wanted = _wanted(response, group, of_cluster)
    if wanted and response.params.get("ResetAllParameters"):
        raise combination("ResetAllParameters can't be specified together with a list of parameters.")
    known = parameters(_family(group), of_cluster)
    methods = {parameter["ParameterName"]: parameter["ApplyMethod"] for parameter in wanted}
    if not wanted:
        methods = {n: "pending-reboot" if known[n] == "static" else "immediate" for n in group.parameters}
    waits = any(method == "pending-reboot" for name, method in methods.items() if name in group.parameters)
    for name in methods:
        group.parameters.pop(name, None)
    return _answer(response.backend, group, of_cluster, waits)


RDSResponse.reset_db_parameter_group = RDSResponse.reset_db_cluster_parameter_group = reset_parameter_group


@replaces(RDSBackend, "delete_db_parameter_group")
def a_parameter_group_in_use_stays(original, backend, db_parameter_group_name):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBParameterGroup.html:
    # InvalidDBParameterGroupState
    _refuse_to_delete(db_parameter_group_name, _users(backend, db_parameter_group_name, False))
    return original(db_parameter_group_name)


@replaces(RDSBackend, "delete_db_cluster_parameter_group")
def a_cluster_parameter_group_in_use_stays(original, backend, db_cluster_parameter_group_name):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBClusterParameterGroup.html
    _refuse_to_delete(db_cluster_parameter_group_name, _clusters(backend, db_cluster_parameter_group_name))
    return original(db_cluster_parameter_group_name)


def _refuse_to_delete(name, users):
    if name.startswith("default."):
        raise RDSClientError("InvalidDBParameterGroupState", f"Default DBParameterGroup cannot be deleted: {name}")
    if users:
        raise RDSClientError(
            "InvalidDBParameterGroupState",
            "One or more database instances or clusters are still members of this parameter group",
        )
