//! What the suites share.
#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::panic,
    reason = "a suite that cannot go on ends"
)]

pub mod mutant;
pub mod plan;
pub mod shape;
pub mod stage;
pub mod tamper;
