//! What hastack reports of an `AutoScaledService`.

use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::service::image::ImageStatus;
use crate::service::rollout::RolloutStatus;
use crate::service::routing::UnhealthyTarget;
use crate::status::CommonStatus;

/// The state of a service as last seen.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoScaledServiceStatus {
    /// What every custom resource reports.
    #[serde(flatten)]
    pub common: CommonStatus,
    /// How many instances there are to be now: what the `scale` subresource shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// What tells the service's instances from others, for the `scale` subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// `capacity.desired` as it was last written to AWS: what scaling has done since is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_desired: Option<i32>,
    /// Healthy instances, of those wanted, such as `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy: Option<String>,
    /// Instances that are not healthy, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub unhealthy_targets: Vec<UnhealthyTarget>,
    /// The image in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageStatus>,
    /// The replacement of instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutStatus>,
    /// Where the service answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The security group of its instances: what others let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group_id: Option<String>,
}

impl Deref for AutoScaledServiceStatus {
    type Target = CommonStatus;

    fn deref(&self) -> &CommonStatus {
        &self.common
    }
}

impl DerefMut for AutoScaledServiceStatus {
    fn deref_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }
}
