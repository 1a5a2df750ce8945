//! The `bastion` part of an `HAStack`.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A host to reach what is private. It holds nothing: it is replaced when it is terminated, and when its type, image, key or volume changes.
#[derive(KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!(has(self.access) && self.access == 'SessionManager') || !(has(self.allowedCidrs) || has(self.keyName) || has(self.sshPublicKey))")
        .message("bastion: with access SessionManager no port is open, so allowedCidrs, keyName and sshPublicKey cannot be given"),
    validation = Rule::new("!(has(self.access) && self.access == 'SSH') || has(self.allowedCidrs)")
        .message("bastion: with access SSH give allowedCidrs, who may connect"),
    validation = Rule::new("!has(self.allowedCidrs) || has(self.keyName) || has(self.sshPublicKey)")
        .message("bastion: with access SSH give keyName or sshPublicKey, the key that opens it"),
    validation = Rule::new("has(self.allowedCidrs) || !(has(self.keyName) || has(self.sshPublicKey))")
        .message("bastion: a key is of use with allowedCidrs only, who may connect"),
    validation = Rule::new("!(has(self.keyName) && has(self.sshPublicKey))")
        .message("bastion: give either keyName (a key pair that exists) or sshPublicKey (one to import), not both")
)]
pub struct BastionSpec {
    /// The instance type. Default `t4g.nano`. A change replaces the bastion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 32), regex(pattern = r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$"))]
    pub instance_type: Option<String>,
    /// How it is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<BastionAccess>,
    /// Who may connect on port 22, as IPv4 ranges. Can be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new(crate::rule::IPV4_RANGES)
        .message("bastion.allowedCidrs must be IPv4 ranges with no host bits set, such as 203.0.113.7/32"))]
    pub allowed_cidrs: Option<Vec<String>>,
    /// A key pair that exists in the account and region, by name. A change replaces the bastion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub key_name: Option<String>,
    /// A public key in OpenSSH's form, imported as a key pair. A change replaces the bastion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 20, max = 4096),
        regex(pattern = r"^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+=*( .*)?\s*$")
    )]
    pub ssh_public_key: Option<String>,
    /// Whether its address stays the same when it is replaced: an Elastic IP. Default false. Can be changed.
    #[serde(default)]
    pub elastic_ip: bool,
    /// The SSM parameter that names its image, an Amazon Linux one. Default AWS's for Amazon Linux 2023 of the instance type's architecture. A change replaces the bastion; that the parameter names another image does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1011), regex(pattern = r"^[a-zA-Z0-9_.\-/]+$"))]
    pub image_parameter: Option<String>,
    /// The size of its encrypted volume in GiB. Default 8. A change replaces the bastion.
    #[serde(default = "eight", rename = "volumeSizeGiB")]
    #[schemars(with = "i32", range(min = 8, max = 1024))]
    pub volume_size_gib: u16,
}

/// How it is reached. Default `SSH` with `allowedCidrs`, else `SessionManager`. Can be changed; the bastion is replaced, since one has a key and the other has none.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum BastionAccess {
    /// By SSH, on port 22 from `allowedCidrs`.
    #[serde(rename = "SSH")]
    Ssh,
    /// By Session Manager of AWS Systems Manager, with IAM's permission and without a port that is open.
    SessionManager,
}

/// The bastion of a stack, for who connects to it.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BastionStatus {
    /// Its instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Its public address, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its security group: what lets it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group_id: Option<String>,
    /// The command that connects to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
}

fn eight() -> u16 {
    8
}
