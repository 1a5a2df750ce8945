//! The parts of a `ManagedDatabase`.

pub mod access;
pub mod capacity;
pub mod credential;
pub mod monitoring;
pub mod protection;
pub mod status;
