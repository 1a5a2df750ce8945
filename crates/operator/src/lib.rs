//! The operator: what connects Kubernetes with the decisions of `hastack-core` and those with AWS.
//!
//! [`watch`] keeps a copy of the custom resources in memory, always. [`lease`] says when this replica may work; for that time
//! [`controller`] makes a [`context::Context`] and runs [`reconcile`] for each custom resource that changed, or of which
//! something changed in AWS, as the [`driver`] of its [`region`] tells. What must outlast a crash is in the custom resource's
//! status, and nothing is kept from one term to the next.
#![warn(missing_docs)]

pub mod args;
pub mod bind;
pub mod cloud;
pub mod context;
pub mod controller;
pub mod crd;
pub mod dependent;
pub mod driver;
pub mod event;
pub mod fact;
pub mod finalizer;
pub mod health;
pub mod journal;
pub mod lease;
pub mod metric;
pub mod neighbour;
pub mod offline;
pub mod publish;
pub mod reconcile;
pub mod region;
pub mod run;
pub mod salvage;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod text;
pub mod watch;
