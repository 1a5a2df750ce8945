//! End to end: the `hastack` binary between a real Kubernetes control plane and the AWS stand-in, with a proxy of its own that
//! counts its calls to AWS and injects faults.
//!
//! [`ground`] is what all tests share, [`stage`] what each has for itself: a namespace, a cluster id, operators. The verbs are in
//! [`cluster`] (Kubernetes), [`aws`] (the stand-in) and [`operator`]. Nothing sleeps: [`wait`] asks until it is so, or too late.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what cannot be done has failed the test, and what is printed is its record"
)]

mod aws;
mod cluster;
mod ground;
mod operator;
mod stage;
mod wait;

mod bake;
mod bastion;
mod certificate;
mod crash;
mod create;
mod database;
mod database_access;
mod database_name;
mod database_readers;
mod database_upgrade;
mod deletion;
mod drift;
mod ending;
mod examples;
mod existing;
mod faults;
mod file_system;
mod flow_logs;
mod lease;
mod load_balancer;
mod many;
mod namespace;
mod permission;
mod reach;
mod reading;
mod rollout;
mod service;
mod specs;
mod telemetry;
mod update;
