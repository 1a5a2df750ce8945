//! The pipeline on the sim.
mod calls;
mod drift;
mod existing;
mod faults;
mod mutants;
mod refusals;
mod rest;
