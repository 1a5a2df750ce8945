//! `ManagedDatabase`: one database of RDS on a stack.
#![allow(
    clippy::struct_excessive_bools,
    reason = "each is a field of the user's, and the derived struct takes no attribute"
)]

use std::collections::{BTreeMap, BTreeSet};

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::auto_scaled_service::StackRef;
use crate::database::access::AllowedSource;
use crate::database::capacity::{ReaderAutoScalingSpec, ServerlessSpec, StorageSpec};
use crate::database::credential::{ConnectionSecretSpec, CredentialSpec};
use crate::database::monitoring::PerformanceInsightsSpec;
use crate::database::protection::{ApplyChanges, BackupSpec, DatabaseDeletionPolicy, RestoreSpec, UpgradeStrategy};
use crate::database::status::ManagedDatabaseStatus;
use crate::default::yes;

/// One database on an `HAStack`: an instance of RDS or a cluster of Aurora, with credentials, backups and who reaches it.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "hastack.dev",
    version = "v1alpha1",
    kind = "ManagedDatabase",
    plural = "manageddatabases",
    singular = "manageddatabase",
    shortname = "mdb",
    category = "aws",
    namespaced,
    status = "ManagedDatabaseStatus",
    derive = "PartialEq",
    validation = Rule::new(crate::rule::NAME).message(crate::rule::NAME_MESSAGE),
    doc = "One database on an HAStack: an instance of RDS or a cluster of Aurora, with credentials, backups and who reaches it.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#,
        description = "Whether the database is as the spec says and answers."
    ),
    printcolumn(name = "Engine", type_ = "string", json_path = ".spec.engine"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Class", type_ = "string", json_path = ".status.instanceClass"),
    printcolumn(
        name = "HA",
        type_ = "string",
        json_path = ".status.highAvailability",
        description = "Whether another zone takes over when one fails."
    ),
    printcolumn(name = "Storage", type_ = "string", json_path = ".status.storage"),
    printcolumn(name = "Endpoint", type_ = "string", json_path = ".status.endpoint"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Stack", type_ = "string", json_path = ".spec.stackRef.name", priority = 1),
    printcolumn(name = "Progress", type_ = "string", json_path = ".status.progress", priority = 1),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#,
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[allow(
    clippy::duplicated_attributes,
    reason = "each printer column has a type and a priority of its own"
)]
#[x_kube(
    validation = Rule::new("self.engine.startsWith('aurora') || !(has(self.instances) || has(self.serverless) || has(self.readerAutoScaling))")
        .message("instances, serverless and readerAutoScaling go with the aurora engines"),
    validation = Rule::new("!has(self.readerAutoScaling) || self.readerAutoScaling.maxReaders >= (has(self.instances) ? self.instances : 2) - 1")
        .message("readerAutoScaling.maxReaders must not be less than the readers that instances makes: all but one are readers"),
    validation = Rule::new("!self.engine.startsWith('aurora') || !(has(self.storage) || has(self.highAvailability) || has(self.readReplicas))")
        .message("an aurora engine has instances in place of storage, highAvailability and readReplicas"),
    validation = Rule::new("self.engine.startsWith('aurora') || has(self.storage) || has(self.restore)")
        .message("give storage.sizeGiB: how much storage the database begins with"),
    validation = Rule::new("has(self.instanceClass) != has(self.serverless)")
        .message("give either instanceClass or serverless"),
    validation = Rule::new("!has(self.readReplicas) || self.readReplicas == 0 || (has(self.credentials) && has(self.credentials.passwordFrom))")
        .message("readReplicas needs credentials.passwordFrom: RDS makes no replica of a database whose password it keeps itself"),
    validation = Rule::new("!has(self.upgradeStrategy) || self.upgradeStrategy != 'BlueGreen' || (has(self.credentials) && has(self.credentials.passwordFrom))")
        .message("upgradeStrategy: BlueGreen needs credentials.passwordFrom: RDS makes no copy of a database whose password it keeps itself"),
    validation = Rule::new("!has(self.upgradeStrategy) || self.upgradeStrategy != 'BlueGreen' || !has(self.backups) || !has(self.backups.retentionDays) || self.backups.retentionDays > 0")
        .message("upgradeStrategy: BlueGreen needs backups.retentionDays: RDS makes no copy of a database without backups"),
    validation = Rule::new("has(self.database) == has(oldSelf.database) && (!has(self.database) || self.database == oldSelf.database)")
        .message("database cannot be changed: it is made with the first database; make further ones in SQL"),
    validation = Rule::new("!(has(self.public) && self.public) || (has(self.allowFrom) && self.allowFrom.exists(source, has(source.cidrs)))")
        .message("public needs an entry of allowFrom with cidrs: who reaches the database from outside")
)]
pub struct ManagedDatabaseSpec {
    /// The `HAStack` it is built on, in the same namespace. Cannot be changed.
    #[x_kube(validation = Rule::new("self == oldSelf").message("stackRef cannot be changed: a database stays on its stack"))]
    pub stack_ref: StackRef,

    /// The engine. Cannot be changed.
    #[x_kube(validation = Rule::new("self == oldSelf").message("engine cannot be changed: restore the data into another database"))]
    pub engine: Engine,

    /// The least version of the engine, such as `16` or `16.4`; a newer one of the same major version is as good. A newer major
    /// version is taken up only with `allowMajorVersionUpgrade`.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[0-9]+(\.[A-Za-z0-9_]+)*$"))]
    pub version: String,

    /// Whether the database may be moved to another major version. Default false.
    #[serde(default)]
    pub allow_major_version_upgrade: bool,

    /// How another version is taken up. Default `InPlace`. `BlueGreen` takes `credentials.passwordFrom` and backups; a cluster takes
    /// parameters too that log for replication (`binlog_format`, `rds.logical_replication`), and so does `PostgreSQL` for another
    /// major version.
    #[serde(default)]
    pub upgrade_strategy: UpgradeStrategy,

    /// With `BlueGreen`: the version that takes over as soon as the copy is ready. It waits while this is not the same as `version`.
    /// What was before stays under the name of the database with `-old1`, and is yours to delete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub switch_over_to: Option<String>,

    /// Whether AWS moves the database to newer minor versions in the maintenance window. Default true.
    #[serde(default = "yes")]
    pub minor_version_upgrades: bool,

    /// The class of its instances, such as `db.t4g.micro`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 5, max = 64), regex(pattern = r"^db\.[a-z0-9-]+(\.[a-z0-9-]+)*$"))]
    pub instance_class: Option<String>,

    /// How much capacity an Aurora cluster may take, in place of instances of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serverless: Option<ServerlessSpec>,

    /// How many instances an Aurora cluster has, one of which writes, in different zones. Default 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 16))]
    pub instances: Option<u8>,

    /// When AWS adds readers to an Aurora cluster and takes them away again. Left out: there are those of `instances`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader_auto_scaling: Option<ReaderAutoScalingSpec>,

    /// Whether a standby in another zone takes over when the first fails. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_availability: Option<bool>,

    /// How many copies there are to read from; they take `credentials.passwordFrom`. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 15))]
    pub read_replicas: Option<u8>,

    /// The storage. Aurora has as much as it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageSpec>,

    /// The key of KMS that everything is encrypted with, by id or ARN. Default AWS's own. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub kms_key_id: Option<String>,

    /// The name of a database that is made with it. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*$"))]
    pub database: Option<String>,

    /// The port it answers on. Default the engine's: 5432, or 3306.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1150, max = 65535))]
    pub port: Option<u16>,

    /// Parameters of the engine that are not as AWS has them, in AWS's words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 100, "additionalProperties" = {"type": "string", "maxLength": 1024}))]
    pub parameters: BTreeMap<String, String>,

    /// Who may connect. Default nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub allow_from: Vec<AllowedSource>,

    /// Whether it has a public address, in the public subnets. Default false.
    #[serde(default)]
    pub public: bool,

    /// Whether users and roles of IAM may log in. Default false.
    #[serde(default)]
    pub iam_authentication: bool,

    /// The master user.
    #[serde(default)]
    pub credentials: CredentialSpec,

    /// A Secret that is filled with all that a program needs to connect, in the words of servicebinding.io.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_secret: Option<ConnectionSecretSpec>,

    /// When changes that interrupt those who are connected take effect. Default `InWindow`.
    #[serde(default)]
    pub apply_changes: ApplyChanges,

    /// When AWS may interrupt, in UTC, such as `sun:04:00-sun:05:00`. Default a time of AWS's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 32),
        regex(
            pattern = r"^(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]$"
        )
    )]
    pub maintenance_window: Option<String>,

    /// Whether it runs. One that is stopped is stopped again where AWS starts it after seven days. Default true.
    #[serde(default = "yes")]
    pub running: bool,

    /// What Performance Insights keeps. Left out: it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_insights: Option<PerformanceInsightsSpec>,

    /// Seconds between the readings of Enhanced Monitoring: 1, 5, 10, 15, 30 or 60. Left out: it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", extend("enum" = [1, 5, 10, 15, 30, 60]))]
    pub enhanced_monitoring_seconds: Option<u8>,

    /// Logs that CloudWatch gets, in AWS's words, such as `postgresql` or `slowquery`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 10), inner(length(min = 1, max = 64)))]
    pub log_exports: BTreeSet<String>,

    /// The certificate authority of its certificate, such as `rds-ca-rsa2048-g1`. Default AWS's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub ca_certificate: Option<String>,

    /// The backups that AWS takes.
    #[serde(default)]
    pub backups: BackupSpec,

    /// What the database is made from. Left out: it begins empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<RestoreSpec>,

    /// Whether AWS refuses to delete it, whoever asks, while this object is there. Default true.
    #[serde(default = "yes")]
    pub deletion_protection: bool,

    /// What becomes of the data when this object is deleted. Default `Snapshot`.
    #[serde(default)]
    pub deletion_policy: DatabaseDeletionPolicy,

    /// Whether a database that somebody deleted in AWS is made again, as `restore` says or empty. Default false: that is reported.
    #[serde(default)]
    pub recreate: bool,

    /// Tags put on every AWS resource of the database and its snapshots, beside hastack's own. Keys must not start with `aws:` or
    /// `hastack.dev/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 40, "additionalProperties" = {"type": "string", "maxLength": 256}))]
    #[x_kube(validation = Rule::new(crate::rule::TAGS).message(crate::rule::TAGS_MESSAGE))]
    pub tags: BTreeMap<String, String>,
}

/// An engine of RDS.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL`.
    Mysql,
    /// `MariaDB`.
    Mariadb,
    /// Aurora that speaks `PostgreSQL`.
    AuroraPostgresql,
    /// Aurora that speaks `MySQL`.
    AuroraMysql,
}
