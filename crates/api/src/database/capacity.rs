//! How much a database can do and hold.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// The storage of a database.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.maxSizeGiB) || self.maxSizeGiB >= self.sizeGiB")
        .message("storage.maxSizeGiB must not be less than storage.sizeGiB"),
    validation = Rule::new("!has(oldSelf.maxSizeGiB) || has(self.maxSizeGiB) || self.sizeGiB >= oldSelf.sizeGiB")
        .message("storage.sizeGiB can only grow")
)]
pub struct StorageSpec {
    /// GiB of storage: it can only grow. With `maxSizeGiB` the least there is.
    #[serde(rename = "sizeGiB")]
    #[schemars(with = "i32", range(min = 20, max = 65536))]
    pub size_gib: u32,

    /// GiB up to which AWS adds storage by itself when it runs out. Left out: AWS adds none.
    #[serde(rename = "maxSizeGiB", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 20, max = 65536))]
    pub max_size_gib: Option<u32>,

    /// The type of volume. Default `gp3`.
    #[serde(default, rename = "type")]
    pub storage_type: StorageType,

    /// Operations a second: needed by `io1` and `io2`, and for `gp3` more than the 3,000 it has anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1000, max = 256_000))]
    pub iops: Option<u32>,

    /// MiB/s, of `gp3` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 125, max = 4000))]
    pub throughput: Option<u32>,
}

/// A type of volume.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageType {
    /// For general purposes, older.
    Gp2,
    /// For general purposes.
    #[default]
    Gp3,
    /// With provisioned operations.
    Io1,
    /// With provisioned operations, more durable.
    Io2,
}

/// How much capacity an Aurora cluster may take, in ACUs of about 2 GiB of memory each, in steps of a half.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.minACU <= self.maxACU").message("serverless.minACU must not be more than serverless.maxACU"))]
pub struct ServerlessSpec {
    /// The least: 0 pauses where nobody is connected.
    #[serde(rename = "minACU")]
    #[schemars(range(min = 0.0, max = 256.0), extend("multipleOf" = 0.5))]
    pub min_acu: f64,

    /// The most.
    #[serde(rename = "maxACU")]
    #[schemars(range(min = 1.0, max = 256.0), extend("multipleOf" = 0.5))]
    pub max_acu: f64,
}

/// When AWS adds readers to an Aurora cluster and takes them away again. Give one of `targetCPUPercent` and `targetConnections`.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.targetCPUPercent) != has(self.targetConnections)")
        .message("readerAutoScaling: give one of targetCPUPercent and targetConnections"),
    validation = Rule::new("!has(self.minReaders) || self.minReaders <= self.maxReaders")
        .message("readerAutoScaling.minReaders must not be more than readerAutoScaling.maxReaders")
)]
pub struct ReaderAutoScalingSpec {
    /// How many readers there are at least, those of `instances` among them. Default as many as `instances` makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0, max = 15))]
    pub min_readers: Option<u8>,

    /// How many readers there are at most, those of `instances` among them.
    #[schemars(with = "i32", range(min = 1, max = 15))]
    pub max_readers: u8,

    /// The average use of the readers' processors that AWS keeps near, in percent.
    #[serde(rename = "targetCPUPercent", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 100))]
    pub target_cpu_percent: Option<u8>,

    /// The average number of connections to a reader that AWS keeps near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 100_000))]
    pub target_connections: Option<u32>,

    /// Whether AWS takes readers away too. Default true.
    #[serde(default = "yes")]
    pub scale_in: bool,

    /// Seconds after a reader was taken away before another is. Default 300.
    #[serde(default = "cooldown")]
    #[schemars(with = "i32", range(min = 0, max = 3600))]
    pub scale_in_cooldown_seconds: u16,

    /// Seconds after a reader was added before another is. Default 300.
    #[serde(default = "cooldown")]
    #[schemars(with = "i32", range(min = 0, max = 3600))]
    pub scale_out_cooldown_seconds: u16,
}

/// The seconds that AWS has where none are given.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html>
const fn cooldown() -> u16 {
    300
}
