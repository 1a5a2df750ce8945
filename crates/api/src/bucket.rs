//! The `buckets` part of an `HAStack`. Its shape is agreed; a version that does not act on it refuses it by condition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bucket.
#[derive(JsonSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketSpec {
    /// Its name within the stack.
    #[schemars(length(min = 1, max = 37), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// Days after which objects are deleted. Left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 36500))]
    pub expire_after_days: Option<u32>,
}
