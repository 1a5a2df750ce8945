//! The pipeline on the sim.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::similar_names,
    reason = "what cannot go on has failed the test; a stage has states"
)]

mod bastion;
mod calls;
mod certificate;
mod database;
mod database_access;
mod database_data;
mod database_name;
mod database_news;
mod database_plans;
mod database_readers;
mod database_upgrade;
mod deletion;
mod drift;
mod existing;
mod faults;
mod file_system;
mod flow_logs;
mod load_balancer;
mod mutants;
mod refusals;
mod rest;
mod retention;
mod service;
mod service_deletion;
mod service_image;
mod service_instances;
mod service_routing;

/// Playing thousands of plans is making and dropping small things: a quarter of the time is the allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
