"""RDS: what an instance and a cluster show beside what they were asked for, and what they may be asked for.

Still wrong: a changed size or log export is never "storage-optimization"; Database Insights is not looked at.
"""

from moto.core.utils import utcnow
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, RDSBackend

from mended.patch import replaces
from mended.rds_state import combination, key_arn

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
CERTIFICATES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
LOGS = {
    "postgres": ("postgresql", "upgrade", "iam-db-auth-error"),
    "mysql": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "mariadb": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "aurora-mysql": ("audit", "error", "general", "slowquery", "instance", "iam-db-auth-error"),
    "aurora-postgresql": ("postgresql", "instance", "iam-db-auth-error"),
}

LARGE = 400
SMALLEST = 20


def check_logs(engine, names):
    """Refuse log types that the engine does not have."""
    wrong = [name for name in names or [] if name not in LOGS.get(engine, ())]
    if wrong:
        raise combination(f"You cannot use the log types '{', '.join(wrong)}' with engine {engine}.")


def change_logs(resource, configuration):
    """What CloudwatchLogsExportConfiguration asks for; returns whether it changes anything."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CloudwatchLogsExportConfiguration.html
    more, less = configuration.get("EnableLogTypes") or [], configuration.get("DisableLogTypes") or []
    check_logs(resource.engine, [*more, *less])
    before = list(resource.enabled_cloudwatch_logs_exports)
    after = [name for name in before if name not in less]
    after += [name for name in more if name not in after]
    resource.enabled_cloudwatch_logs_exports = after
    return after != before


def check_certificate(name):
    """Refuse a certificate authority that is not there."""
    if name and name not in CERTIFICATES:
        raise RDSClientError("CertificateNotFound", f"Certificate not found: {name}")


def check_storage(engine, size, iops, throughput, storage_type):
    """Refuse storage that is too small, and speed that the size does not allow to choose."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage: below 400 GiB gp3 has the
    # baseline's IOPS and throughput.
    if size is None or size < SMALLEST:
        raise combination(f"Invalid storage size for engine name {engine} and storage type {storage_type}: {size}")
    if storage_type == "gp3" and size < LARGE and (iops or throughput):
        raise combination(
            f"You can't specify IOPS or storage throughput for engine {engine} and a storage size less than {LARGE}."
        )


def show_baseline(instance):
    """gp3 shows its baseline unless more was asked for; other types show no throughput."""
    if instance.storage_type == "gp3":
        large = instance.allocated_storage >= LARGE
        instance.iops = max(int(instance.iops or 0), 12000 if large else 3000)
        instance._storage_throughput = max(instance._storage_throughput or 0, 500 if large else 125)
    else:
        instance._storage_throughput = None
        instance.iops = instance.iops if instance.storage_type.startswith("io") else None


def key(backend, encrypted, asked):
    """The key of encrypted storage: RDS's own unless another is asked for."""
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
    if not encrypted:
        return None
    return key_arn(backend.kms, asked or "alias/aws/rds")


@replaces(RDSBackend, "create_db_instance")
def an_instance_has_what_its_engine_allows(original, backend, db_kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    check_certificate(db_kwargs.get("ca_certificate_identifier"))
    db_kwargs["ca_certificate_identifier"] = db_kwargs.get("ca_certificate_identifier") or CERTIFICATES[0]
    single = not db_kwargs.get("db_cluster_identifier")
    if single:
        check_logs(db_kwargs["engine"], db_kwargs.get("enable_cloudwatch_logs_exports"))
        _choose_storage(backend, db_kwargs)
    instance = original(db_kwargs)
    for name in INSIGHTS:
        setattr(instance, name, db_kwargs.get(name))
    if single:
        show_baseline(instance)
    return instance


def _choose_storage(backend, wanted):
    # StorageType: "Default: io1, if the Iops parameter is specified. Otherwise, gp3."
    iops, throughput = wanted.get("iops"), wanted.get("storage_throughput")
    wanted["storage_type"] = wanted.get("storage_type") or ("io1" if iops else "gp3")
    check_storage(wanted["engine"], wanted.get("allocated_storage"), iops, throughput, wanted["storage_type"])
    if wanted.get("storage_encrypted"):
        wanted["kms_key_id"] = key(backend, True, wanted.get("kms_key_id"))


@replaces(RDSBackend, "create_db_cluster")
def a_cluster_has_what_its_engine_allows(original, backend, kwargs):
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
    check_logs(kwargs["engine"], kwargs.get("enable_cloudwatch_logs_exports"))
    of_storage = key(backend, kwargs.get("storage_encrypted"), kwargs.get("kms_key_id"))
    cluster = original(kwargs)
    cluster.kms_key_id, cluster.pending_modified_values = of_storage, {}
    return cluster


# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html, which moto's instances lack; seven days
# are the default retention.
INSIGHTS = ("enable_performance_insights", "performance_insights_retention_period", "performance_insights_kms_key_id")


def _retention(instance):
    return (getattr(instance, "_mended_retention", None) or 7) if instance.performance_insights_enabled else None


DBInstance.performance_insights_enabled = property(
    lambda instance: bool(getattr(instance, "enable_performance_insights", False))
)
DBInstance.performance_insights_retention_period = property(
    _retention, lambda instance, days: setattr(instance, "_mended_retention", days)
)


def _latest(instance):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html: there is none without backups.
    return None if instance.status == "creating" or not instance.backup_retention_period else utcnow()


DBInstance.latest_restorable_time = property(_latest)
DBCluster.latest_restorable_time = property(lambda cluster: None if cluster.status == "creating" else utcnow())
