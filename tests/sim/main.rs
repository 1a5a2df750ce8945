//! The pipeline on the sim.
mod calls;
mod drift;
mod faults;
mod mutants;
mod refusals;
mod rest;
