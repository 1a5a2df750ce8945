//! The custom resources of `hastack.dev/v1alpha1`: their types, schemas, admission rules and conditions.
//!
//! This crate holds data only. It knows neither a Kubernetes client nor AWS, so that everything that decides
//! (`hastack-core`) and everything that acts (`hastack-operator`) share one vocabulary.
#![warn(missing_docs)]

pub mod auto_scaled_service;
pub mod bastion;
pub mod bucket;
pub mod condition;
pub mod custom;
pub mod database;
mod default;
pub mod deletion;
pub mod file_system;
pub mod ha_stack;
pub mod load_balancer;
pub mod managed_database;
pub mod network;
mod rule;
pub mod service;
pub mod status;

pub use auto_scaled_service::{AutoScaledService, AutoScaledServiceSpec};
pub use custom::{Custom, Status};
pub use database::status::ManagedDatabaseStatus;
pub use deletion::DeletionPolicy;
pub use ha_stack::{HAStack, HAStackSpec};
pub use managed_database::{ManagedDatabase, ManagedDatabaseSpec};
pub use service::status::AutoScaledServiceStatus;
pub use status::{CommonStatus, HAStackStatus, Intent, NetworkStatus, ResourcePhase, ResourceStatus};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

/// The API group of every custom resource here.
pub const GROUP: &str = "hastack.dev";
/// The served version.
pub const VERSION: &str = "v1alpha1";
/// Kept on an object until nothing of it is left in AWS.
pub const FINALIZER: &str = "hastack.dev/aws-resources";

/// Every custom resource definition with the file name it is generated to under `crds/`.
pub fn crds() -> Vec<(String, CustomResourceDefinition)> {
    [HAStack::crd(), AutoScaledService::crd(), ManagedDatabase::crd()]
        .into_iter()
        .map(|crd| (format!("{}.yaml", crd.spec.names.plural), crd))
        .collect()
}
