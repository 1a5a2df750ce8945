//! The SDK's clients: one pair a service, made in one place.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{AppName, BehaviorVersion, Region};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use hastack_core::cloud::Fence;

use crate::fence::Guard;

const CONNECT: Duration = Duration::from_secs(3);
const READ: Duration = Duration::from_secs(15);
/// Shorter than what is left of the lease when [`Fence::may_write`] says yes.
const WRITE: Duration = Duration::from_secs(8);

/// A service's clients. They differ in how long they wait; the fence stands before both, and neither tries twice.
#[derive(Clone, Debug)]
pub(crate) struct Pair<C> {
    pub read: C,
    pub write: C,
}

/// Every service's clients.
pub(crate) struct Clients {
    pub ec2: Pair<aws_sdk_ec2::Client>,
    pub sts: Pair<aws_sdk_sts::Client>,
}

impl Clients {
    pub async fn connect(region: &str, fence: Arc<dyn Fence>) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(Region::new(region.to_owned()));
        // Our name in CloudTrail.
        if let Ok(name) = AppName::new("hastack") {
            loader = loader.app_name(name);
        }
        let sdk = loader.load().await;
        let guard = Guard::new(fence);
        Self {
            ec2: pair(|wait| {
                let settings = aws_sdk_ec2::config::Builder::from(&sdk)
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(wait)
                    .interceptor(guard.clone());
                aws_sdk_ec2::Client::from_conf(settings.build())
            }),
            sts: pair(|wait| {
                let settings = aws_sdk_sts::config::Builder::from(&sdk)
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(wait)
                    .interceptor(guard.clone());
                aws_sdk_sts::Client::from_conf(settings.build())
            }),
        }
    }
}

fn pair<C>(client: impl Fn(TimeoutConfig) -> C) -> Pair<C> {
    let wait = |attempt| {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(attempt)
            .build()
    };
    Pair {
        read: client(wait(READ)),
        write: client(wait(WRITE)),
    }
}
