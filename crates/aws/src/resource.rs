//! The kinds of resources, one file each, all of the same shape: `sweep`, `read`, `create`, `update`, `delete`, then what the SDK
//! calls things; and `look_up` for what is only read.

pub mod account;
pub mod default_security_group;
pub mod elastic_ip;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod route_table;
pub mod subnet;
pub mod vpc;
pub mod vpc_endpoint;
pub mod zone;

use aws_smithy_types::DateTime;
use hastack_core::cloud::{CloudError, Deletion, ErrorKind};
use hastack_core::object::Phase;
use jiff::Timestamp;

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

/// EC2's words for states; the same state is `available` of one kind and `Available` of another. A word that is not known may not
/// be built upon, so it is taken for pending.
fn phase(state: Option<&str>) -> Phase {
    match state.unwrap_or_default().to_ascii_lowercase().as_str() {
        "available" => Phase::Ready,
        "deleting" => Phase::Deleting,
        "deleted" => Phase::Deleted,
        "failed" | "failed-insufficient-capacity" | "rejected" | "expired" => Phase::Failed,
        _ => Phase::Pending,
    }
}

fn timestamp(time: DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

#[cfg(test)]
mod tests;
