"""RDS, every action: names are kept in lower case, pages have a size, tags are of something that is there.

Still wrong: Filters are moto's.
"""

import re

import botocore.session
from moto.core.utils import camelcase_to_underscores
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

# What these mend of an action is asked after what is mended here.
from mended import rds_life, rds_maintenance, rds_snapshot, rds_subnet_group  # noqa: F401
from mended.patch import replaces
from mended.rds_state import invalid

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and its like: "stored as a
# lowercase string".
NAMES = re.compile(r"(Source|Target|FinalDB)?(DB)?(Instance|Cluster|Snapshot|ClusterSnapshot)Identifier")
GROUPS = re.compile(r"DB(Subnet|Instance|Cluster)?(Parameter)?GroupName")

_operations = botocore.session.get_session().get_service_model("rds").operation_names
ACTIONS = [name for name in map(camelcase_to_underscores, _operations) if hasattr(RDSResponse, name)]

# What is answered of an ARN that is not there, by its resource type:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddTagsToResource.html
MISSING = {
    "db": "DBInstanceNotFound",
    "cluster": "DBClusterNotFoundFault",
    "snapshot": "DBSnapshotNotFound",
    "cluster-snapshot": "DBClusterSnapshotNotFoundFault",
    "subgrp": "DBSubnetGroupNotFoundFault",
    "pg": "DBParameterGroupNotFound",
    "cluster-pg": "DBParameterGroupNotFound",
    "deployment": "BlueGreenDeploymentNotFoundFault",
}


@replaces(RDSResponse, *ACTIONS)
def names_are_lower_case_and_pages_have_a_size(original, response):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html: MaxRecords, "Minimum 20,
    # maximum 100."
    given = response.params.original_dict() if response.params else {}
    for name, value in given.items():
        if isinstance(value, str) and (NAMES.fullmatch(name) or GROUPS.fullmatch(name)) and value[:4] != "arn:":
            response.params[name] = value.lower()
    size = response.params.get("MaxRecords")
    most = 1000 if response._get_action() == "DescribeOrderableDBInstanceOptions" else 100
    if size is not None and not 20 <= size <= most:
        raise invalid(f"Invalid value {size} for MaxRecords. Must be between 20 and {most}")
    return original()


@replaces(RDSBackend, "_get_resource_for_tagging")
def only_what_is_there_is_tagged(original, _backend, arn):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ListTagsForResource.html
    found, kind = original(arn), arn.split(":")[5]
    if found is None and kind in MISSING:
        raise RDSClientError(MISSING[kind], f"{arn} not found.")
    return found
