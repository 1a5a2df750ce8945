//! AWS in memory, for tests: the same port as the real one, in virtual time, with its delays, refusals, late reads and failures.
//!
//! It answers at once, so a future that is pending is a process that has crashed.
#![warn(missing_docs)]

mod catalogue;
mod cloud;
mod fault;
mod resource;
mod rule;
mod world;

pub use fault::{Fault, FaultMode};
pub use world::{Call, Sim, View};
