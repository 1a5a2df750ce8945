//! Who may connect to a database.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Who may connect to a database, on its port.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.service) ? 1 : 0) + (has(self.bastion) ? 1 : 0) + (has(self.cidrs) ? 1 : 0) == 1")
    .message("allowFrom: give one of service, bastion and cidrs"))]
pub struct AllowedSource {
    /// The instances of an `AutoScaledService` on the same stack, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub service: Option<String>,

    /// The stack's bastion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self").message("allowFrom.bastion is true or left out"))]
    pub bastion: Option<bool>,

    /// These IPv4 ranges, within the VPC unless the database is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 9, max = 18)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new(crate::rule::IPV4_RANGES)
        .message("allowFrom.cidrs must be IPv4 ranges with no host bits set, such as 10.0.0.0/16"))]
    pub cidrs: Option<Vec<String>>,
}
