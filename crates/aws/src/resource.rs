//! The kinds of resources, one file each, all of the same shape: `sweep`, `read`, `create`, `update`, `delete`, then what the SDK
//! calls things; and `look_up` for what is only read.

pub mod access_point;
pub mod account;
pub mod auto_scaling_group;
pub mod blue_green_deployment;
pub mod certificate;
pub mod database;
pub mod db_cluster;
pub mod db_cluster_parameter_group;
pub mod db_instance;
pub mod db_parameter_group;
pub mod db_subnet_group;
pub mod default_security_group;
pub mod dns_record;
pub mod elastic_ip;
pub mod file_system;
pub mod flow_log;
pub mod foreign_database;
pub mod foreign_security_group;
pub mod group_part;
pub mod hosted_zone;
pub mod image;
pub mod instance;
pub mod instance_profile;
pub mod instance_refresh;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
pub mod lifecycle_hook;
pub mod listener;
pub mod listener_rule;
pub mod load_balancer;
pub mod log_group;
pub mod mount_target;
pub mod nat_gateway;
pub mod network_interface;
pub mod parameter;
pub mod parameter_group;
pub mod role;
pub mod route_table;
pub mod scalable_target;
pub mod scaling_policy;
pub mod scheduled_action;
pub mod secret;
pub mod security_group;
pub mod subnet;
pub mod target_group;
pub mod vpc;
pub mod vpc_endpoint;
pub mod zone;

use aws_sdk_ec2::types::UnsuccessfulItem;
use aws_smithy_types::DateTime;
use hastack_core::cloud::{CloudError, Deletion, ErrorKind};
use hastack_core::object::Phase;
use jiff::Timestamp;

use crate::action::Action;
use crate::error;

/// A deletion's result, where deleting what does not exist is no error.
fn gone<T>(result: Result<T, CloudError>, otherwise: Deletion) -> Result<Deletion, CloudError> {
    match result {
        Ok(_) => Ok(otherwise),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Deletion::Gone),
        Err(error) => Err(error),
    }
}

/// A change's result, where it is no error that what it takes away is not there.
fn absent<T: Default>(result: Result<T, CloudError>) -> Result<T, CloudError> {
    match result {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(T::default()),
        result => result,
    }
}

/// The name of what has this ARN, which ends with it.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Whether a call did what it was asked: some succeed even where they do nothing, and say so in their answer.
fn all_done(action: Action, unsuccessful: &[UnsuccessfulItem]) -> Result<(), CloudError> {
    match unsuccessful.first() {
        None => Ok(()),
        Some(refusal) => {
            let error = refusal.error.as_ref();
            let code = error.and_then(|error| error.code.as_deref());
            let message = error.and_then(|error| error.message.as_deref());
            Err(error::refused(action, code, message))
        }
    }
}

/// AWS's words for states; the same state is `available` of one kind and `Available` of another. A word that is not known may not
/// be built upon, so it is taken for pending.
fn phase(state: Option<&str>) -> Phase {
    match state.unwrap_or_default().to_ascii_lowercase().as_str() {
        "available" => Phase::Ready,
        "deleting" => Phase::Deleting,
        "deleted" => Phase::Deleted,
        "error" | "failed" | "failed-insufficient-capacity" | "rejected" | "expired" => Phase::Failed,
        _ => Phase::Pending,
    }
}

fn timestamp(time: DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

#[cfg(test)]
mod tests;
