//! Stops a write right before it is sent, if the lease is not ours any more.
//!
//! The check stands behind everything that takes time (the limiter's queue, loading credentials, signing), so a process that was
//! stopped and continued sends nothing. <https://docs.rs/aws-smithy-runtime-api/latest/aws_smithy_runtime_api/client/interceptors>

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use hastack_core::cloud::Fence;

use crate::action::{Action, Class};

/// Why a write was not sent.
#[derive(Debug)]
pub(crate) struct LostLease;

/// Asks the fence before each write.
#[derive(Clone)]
pub(crate) struct Guard {
    fence: Arc<dyn Fence>,
}

impl Guard {
    pub fn new(fence: Arc<dyn Fence>) -> Self {
        Self { fence }
    }
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What is not known to be a read is taken for a write.
        let is_read = settings
            .load::<Metadata>()
            .and_then(|operation| Action::named(operation.service(), operation.name()))
            .is_some_and(|action| action.row().class == Class::Read);
        if is_read || self.fence.may_write() {
            Ok(())
        } else {
            Err(LostLease.into())
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Guard")
    }
}

impl fmt::Display for LostLease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the lease is not ours any more")
    }
}

impl std::error::Error for LostLease {}
