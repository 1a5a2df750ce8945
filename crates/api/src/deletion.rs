//! What becomes of AWS resources that are not asked for any more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of AWS resources that are not asked for any more.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum DeletionPolicy {
    /// They are deleted.
    #[default]
    Delete,
    /// They stay in AWS with the tag `hastack.dev/retained-at`, and are picked up when they are asked for again.
    Retain,
}
