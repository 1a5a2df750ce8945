//! The `fileSystem` part of an `HAStack`.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;
use crate::deletion::DeletionPolicy;

/// A shared file system (EFS), encrypted, with a mount target in each private subnet.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("(self.throughput == 'Provisioned') == has(self.provisionedMibps)")
        .message("fileSystem: provisionedMibps is needed with throughput Provisioned and goes with no other"),
    validation = Rule::new("self.performance != 'MaxIO' || self.throughput != 'Elastic'")
        .message("fileSystem: performance MaxIO does not go with throughput Elastic (the default): take Bursting or Provisioned"),
    validation = Rule::new("!has(self.lifecycle) || !has(self.lifecycle.toArchive) || self.throughput == 'Elastic'")
        .message("fileSystem: lifecycle.toArchive needs throughput Elastic: AWS has no archive for others"),
    validation = Rule::new("has(self.kmsKeyId) == has(oldSelf.kmsKeyId) && (!has(self.kmsKeyId) || self.kmsKeyId == oldSelf.kmsKeyId)")
        .message("fileSystem.kmsKeyId cannot be changed: the files are encrypted with it")
)]
pub struct FileSystemSpec {
    /// How throughput is provided. Default `Elastic`. Can be changed, though AWS takes only one change of it in 24 hours.
    #[serde(default)]
    pub throughput: FileSystemThroughput,

    /// The throughput in MiB/s, 1 to 3414. Needed with throughput `Provisioned`, and goes with no other. Can be changed, though AWS
    /// takes only one decrease in 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 3414))]
    pub provisioned_mibps: Option<u16>,

    /// What it is made for. Default `GeneralPurpose`. Cannot be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("fileSystem.performance cannot be changed: AWS fixes it at creation"))]
    pub performance: FileSystemPerformance,

    /// The KMS key the files are encrypted with, by id or ARN (not an alias, which may come to mean another). Default AWS's own key
    /// for EFS. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 32, max = 120),
        regex(
            pattern = r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/)?(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
        )
    )]
    pub kms_key_id: Option<String>,

    /// When files that nobody reads move to cheaper storage, and back. Default never. Can be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<FileSystemLifecycle>,

    /// Whether AWS Backup backs it up daily and keeps that for 35 days. Default true. Can be changed.
    #[serde(default = "yes")]
    pub backups: bool,

    /// Ways into the file system for one application each, with a root directory and a user of its own. Can be changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub access_points: Vec<AccessPointSpec>,

    /// What becomes of the file system and its files when the stack is deleted or `fileSystem` taken out of it. Default `Retain`:
    /// it stays, and is picked up when it is asked for again. To delete it, set `Delete` and wait for `Ready` first. Can be changed.
    #[serde(default = "retain")]
    pub deletion_policy: DeletionPolicy,
}

/// How a file system's throughput is provided.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum FileSystemThroughput {
    /// Grows and shrinks with use, and is paid by use.
    #[default]
    Elastic,
    /// Grows with the data stored.
    Bursting,
    /// What `provisionedMibps` says, whatever is stored.
    Provisioned,
}

/// What a file system is made for.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum FileSystemPerformance {
    /// The least delay.
    #[default]
    GeneralPurpose,
    /// More operations at a time, each with more delay. An older mode, not with throughput `Elastic`.
    MaxIO,
}

/// When files move between classes of storage.
#[derive(KubeSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!(has(self.toInfrequentAccess) && has(self.toArchive)) || int(self.toInfrequentAccess.find('[0-9]+')) < int(self.toArchive.find('[0-9]+'))")
        .message("fileSystem.lifecycle: toArchive must be later than toInfrequentAccess")
)]
pub struct FileSystemLifecycle {
    /// Move a file to Infrequent Access storage when it has not been read for this long. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_infrequent_access: Option<TransitionAfter>,
    /// Move a file to Archive storage when it has not been read for this long, longer than `toInfrequentAccess`. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_archive: Option<TransitionAfter>,
    /// Move a file back to Standard storage when it is read. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to_standard: Option<BackToStandard>,
}

/// How long a file has not been read.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[allow(clippy::enum_variant_names, reason = "these are the words of AWS's own schema")]
pub enum TransitionAfter {
    /// A day.
    After1Day,
    /// A week.
    After7Days,
    /// Two weeks.
    After14Days,
    /// A month.
    After30Days,
    /// Two months.
    After60Days,
    /// Three months.
    After90Days,
    /// Half a year.
    After180Days,
    /// Nine months.
    After270Days,
    /// A year.
    After365Days,
}

impl TransitionAfter {
    /// Every one of them, the shortest first.
    pub const ALL: [Self; 9] = [
        Self::After1Day,
        Self::After7Days,
        Self::After14Days,
        Self::After30Days,
        Self::After60Days,
        Self::After90Days,
        Self::After180Days,
        Self::After270Days,
        Self::After365Days,
    ];
}

/// When a file moves back to Standard storage.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum BackToStandard {
    /// When it is read for the first time after it was moved.
    OnFirstAccess,
}

/// A way into a file system for one application. A change makes it anew under another id; the files stay.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessPointSpec {
    /// Its name within the stack: lower-case letters, digits and hyphens.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// The directory that is its root, up to four levels deep. Made if it does not exist. Default `/<name>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^(/|(/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,4})$")
    )]
    pub path: Option<String>,
    /// The POSIX user every request is made as, and who owns the directory if it is made. Default 1000.
    #[serde(default = "first_user")]
    #[schemars(with = "i64", range(min = 0, max = 4_294_967_295_i64))]
    pub uid: u32,
    /// The POSIX group every request is made as, and whose the directory is if it is made. Default 1000.
    #[serde(default = "first_user")]
    #[schemars(with = "i64", range(min = 0, max = 4_294_967_295_i64))]
    pub gid: u32,
    /// The directory's permissions if it is made, in octal. Default `0755`.
    #[serde(default = "readable")]
    #[schemars(length(min = 3, max = 4), regex(pattern = r"^[0-7]{3,4}$"))]
    pub permissions: String,
}

/// The file system of a stack, for who mounts it.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSystemStatus {
    /// Its id, such as `fs-0123456789abcdef0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name under which it is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Its security group: what it lets in on port 2049 can mount it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group_id: Option<String>,
    /// Its address in each zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mount_target_addresses: BTreeMap<String, String>,
    /// Access points by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub access_point_ids: BTreeMap<String, String>,
}

fn retain() -> DeletionPolicy {
    DeletionPolicy::Retain
}

/// What the first user of most Linux images has.
fn first_user() -> u32 {
    1000
}

fn readable() -> String {
    "0755".to_owned()
}
