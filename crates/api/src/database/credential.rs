//! The master user of a database, and how programs learn of it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The master user. Without `passwordFrom` RDS makes the password and keeps it in Secrets Manager.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.passwordFrom) && has(self.rotationDays))")
    .message("credentials: a password that is given is not rotated; leave rotationDays out"))]
pub struct CredentialSpec {
    /// The name of the master user. Default `hastack`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16), regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*$"))]
    pub username: Option<String>,

    /// Days after which RDS makes another password. Default as RDS has it: 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 1000))]
    pub rotation_days: Option<u16>,

    /// Where the password is kept, if you give it. A changed one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_from: Option<PasswordSource>,
}

/// Where a password is kept.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordSource {
    /// A key of a Secret in the same namespace.
    pub secret_key_ref: SecretKey,
}

/// A key of a Secret.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretKey {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// A Secret with all that a program needs to connect: `type`, `provider`, `host`, `port`, `username`, `password`, `database`, `uri`,
/// and, where there is such, `readerHost` and `secretArn`. <https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries>
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionSecretSpec {
    /// Its name, in the same namespace. It goes with this object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}
