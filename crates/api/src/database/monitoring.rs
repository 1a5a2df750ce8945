//! What is seen of a database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What Performance Insights keeps.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceInsightsSpec {
    /// Days: 7, 731, or a multiple of 31. Default 7, which is free.
    #[serde(default = "free")]
    #[schemars(with = "i32", range(min = 7, max = 731))]
    pub retention_days: u16,
}

const fn free() -> u16 {
    7
}
