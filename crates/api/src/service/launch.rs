//! What a service's instances are launched with.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The volume instances start from. It is encrypted.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootVolumeSpec {
    /// Its size in GiB, 1 to 16384. Default that of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 16384))]
    pub size_gib: Option<u16>,
    /// Input and output operations a second, 3000 to 16000. Default 3000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 3000, max = 16000))]
    pub iops: Option<u16>,
    /// MiB a second, 125 to 1000. Default 125.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 125, max = 1000))]
    pub throughput: Option<u16>,
    /// The key of KMS it is encrypted with, by id or ARN. Default AWS's own for volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub kms_key_id: Option<String>,
}

/// Where user data is kept.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.secret) != has(self.configMap)").message("userDataFrom: give either secret or configMap"))]
pub struct UserDataSource {
    /// In a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<KeyRef>,
    /// In a `ConfigMap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<KeyRef>,
}

/// A key of a Secret or `ConfigMap` in the same namespace.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRef {
    /// The name of the Secret or `ConfigMap`.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// A variable.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.value) ? 1 : 0) + (has(self.database) ? 1 : 0) + (has(self.secretArn) ? 1 : 0) + (has(self.configMap) ? 1 : 0) == 1")
    .message("environment: give one of value, database, secretArn and configMap"))]
pub struct EnvironmentEntry {
    /// Its name.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub value: Option<String>,
    /// Something of a database on the same stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseValue>,
    /// A secret of Secrets Manager, by ARN, with `#key` at its end for one key of a JSON object. The instance reads it with its role
    /// when it starts: it is not in the user data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048), regex(pattern = r"^arn:aws[a-z-]*:secretsmanager:"))]
    pub secret_arn: Option<String>,
    /// From a `ConfigMap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<KeyRef>,
}

/// Something of a database.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseValue {
    /// The name of a `ManagedDatabase` on the same stack.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// What of it.
    pub key: DatabaseKey,
}

/// What a database is reached with.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DatabaseKey {
    /// Where it is written and read.
    Host,
    /// Where it is read.
    ReaderHost,
    /// Its port.
    Port,
    /// The name of the database created with it.
    Database,
    /// The ARN of the secret with its user and password.
    SecretArn,
}

/// A file system that is mounted.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MountSpec {
    /// Which one: `stack` is the stack's.
    pub file_system: MountedFileSystem,
    /// Where.
    #[schemars(length(min = 2, max = 255), regex(pattern = r"^/[A-Za-z0-9._/-]*[A-Za-z0-9._-]$"))]
    pub path: String,
    /// The access point of the file system it is mounted by, by name. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub access_point: Option<String>,
    /// Whether it may only be read. Default false.
    #[serde(default)]
    pub read_only: bool,
}

/// Which file system is mounted.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum MountedFileSystem {
    /// The stack's.
    #[serde(rename = "stack")]
    Stack,
}
