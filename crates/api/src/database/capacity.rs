//! How much a database can do and hold.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
