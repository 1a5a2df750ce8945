//! The parts of an `AutoScaledService`.

pub mod access;
pub mod capacity;
pub mod image;
pub mod launch;
pub mod rollout;
pub mod routing;
pub mod scaling;
pub mod status;
