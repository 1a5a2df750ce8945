//! The pipeline on the sim.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what cannot go on has failed the test"
)]

mod calls;
mod drift;
mod existing;
mod faults;
mod mutants;
mod refusals;
mod rest;
