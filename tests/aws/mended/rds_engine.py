"""RDS: engine versions, what can be ordered, and the families parameter groups belong to.

Still wrong: the lists are short, the same in every region, and every class fits every engine.
"""

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse

from mended.patch import replaces

# https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html and its like: for
# each engine its major versions, oldest first, and their minor versions, oldest first.
VERSIONS = {
    "postgres": {
        "14": ["14.18", "14.19"],
        "15": ["15.13", "15.14"],
        "16": ["16.8", "16.9", "16.10"],
        "17": ["17.4", "17.5", "17.6"],
    },
    "mysql": {"8.0": ["8.0.41", "8.0.42", "8.0.43"], "8.4": ["8.4.5", "8.4.6"]},
    "mariadb": {"10.11": ["10.11.13", "10.11.14"], "11.4": ["11.4.7", "11.4.8"]},
    "aurora-mysql": {"8.0": ["8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.0"]},
    "aurora-postgresql": {"15": ["15.12", "15.13"], "16": ["16.8", "16.9"], "17": ["17.4", "17.5"]},
}

CLASSES = [
    *(f"db.{family}.{size}" for family in ("t3", "t4g") for size in ("micro", "small", "medium", "large")),
    *(f"db.{family}.{size}" for family in ("m6g", "m7g", "r6g", "r7g") for size in ("large", "xlarge", "2xlarge")),
    "db.serverless",
]


def major(engine, version):
    """The major version that `version` belongs to, or None."""
    return next((m for m, minors in VERSIONS[engine].items() if version == m or version in minors), None)


def resolve(engine, version):
    """The full version RDS takes: the newest minor of a major version, the newest of all when none is named."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    if engine not in VERSIONS:
        return version
    wanted = list(VERSIONS[engine])[-1] if version is None else major(engine, version)
    if wanted is None:
        raise RDSClientError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")
    return version if version in VERSIONS[engine][wanted] else VERSIONS[engine][wanted][-1]


def family(engine, version):
    """The parameter group family of a version."""
    return f"{engine}{major(engine, version)}" if engine in VERSIONS else f"{engine}{version.rpartition('.')[0]}"


def order(engine, version):
    """A key that sorts an engine's versions."""
    return [v for minors in VERSIONS[engine].values() for v in minors].index(version)


@replaces(DBInstance, "default_db_parameter_group_details")
def the_default_group_is_of_the_engines_family(_original, instance):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/parameter-groups-overview.html
    name = family(instance.engine, instance.engine_version)
    return name, f"default.{name}"


def describe_db_engine_versions(response):
    """DescribeDBEngineVersions, which moto lacks."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html
    engine, version = response.params.get("Engine"), response.params.get("EngineVersion")
    wanted_family = response.params.get("DBParameterGroupFamily")
    found = [
        _engine_version(name, major_version, minor)
        for name, majors in VERSIONS.items()
        for major_version, minors in majors.items()
        for minor in minors
        if engine in (None, name) and version in (None, minor, major_version)
    ]
    found = [item for item in found if wanted_family in (None, item["DBParameterGroupFamily"])]
    if response.params.get("DefaultOnly"):
        found = found[-1:]
    return ActionResult(page(response, "DBEngineVersions", found))


def _engine_version(engine, major_version, minor):
    later = [v for minors in VERSIONS[engine].values() for v in minors if order(engine, v) > order(engine, minor)]
    return {
        "Engine": engine,
        "MajorEngineVersion": major_version,
        "EngineVersion": minor,
        "DBParameterGroupFamily": family(engine, minor),
        "DBEngineDescription": engine,
        "DBEngineVersionDescription": f"{engine} {minor}",
        "Status": "available",
        "ValidUpgradeTarget": [
            {"Engine": engine, "EngineVersion": v, "IsMajorVersionUpgrade": major(engine, v) != major_version}
            for v in later
        ],
    }


def describe_orderable_db_instance_options(response):
    """DescribeOrderableDBInstanceOptions for every engine; moto knows two."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
    engine, version = response.params.get("Engine"), response.params.get("EngineVersion")
    wanted = response.params.get("DBInstanceClass")
    found = [
        {
            "Engine": engine,
            "EngineVersion": minor,
            "DBInstanceClass": instance_class,
            "LicenseModel": "general-public-license",
            "AvailabilityZones": [{"Name": f"{response.region}{letter}"} for letter in "abc"],
            "MultiAZCapable": not engine.startswith("aurora"),
            "ReadReplicaCapable": True,
            "Vpc": True,
            "SupportsStorageEncryption": True,
            "StorageType": "aurora" if engine.startswith("aurora") else "gp3",
        }
        for minors in VERSIONS.get(engine, {}).values()
        for minor in minors
        for instance_class in CLASSES
        if version in (None, minor) and wanted in (None, instance_class)
    ]
    return ActionResult(page(response, "OrderableDBInstanceOptions", found))


def page(response, key, items):
    """One page of a list by MaxRecords and Marker, 100 unless given."""
    start, size = int(response.params.get("Marker") or 0), response.params.get("MaxRecords") or 100
    answer = {key: items[start : start + size]}
    return answer | {"Marker": str(start + size)} if start + size < len(items) else answer


RDSResponse.describe_db_engine_versions = describe_db_engine_versions
RDSResponse.describe_orderable_db_instance_options = describe_orderable_db_instance_options
