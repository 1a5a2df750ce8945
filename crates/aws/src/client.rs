//! The SDK's clients: one pair a service, made in one place.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
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

macro_rules! clients {
    ($($service:ident: $sdk:ident,)*) => {
        /// Every service's clients.
        pub(crate) struct Clients { $(pub $service: Pair<$sdk::Client>),* }

        impl Clients {
            pub async fn connect(region: &str, fence: Arc<dyn Fence>) -> Self {
                Self::new(&settings(region).await, &Guard::new(fence))
            }

            fn new(sdk: &SdkConfig, guard: &Guard) -> Self {
                Self {
                    $($service: pair(|wait| {
                        let settings = $sdk::config::Builder::from(sdk)
                            .retry_config(RetryConfig::disabled())
                            .timeout_config(wait)
                            .interceptor(guard.clone());
                        $sdk::Client::from_conf(settings.build())
                    })),*
                }
            }

            /// Clients that never reach AWS: `answers` stands in for it, for all of them.
            #[cfg(test)]
            pub fn mock(guard: &Guard, answers: &aws_smithy_runtime_api::client::interceptors::SharedInterceptor) -> Self {
                Self {
                    $($service: pair(|_| {
                        let mut settings = $sdk::Config::builder()
                            .with_test_defaults_v2()
                            .http_client(aws_smithy_mocks::create_mock_http_client())
                            .retry_config(RetryConfig::disabled());
                        settings.push_interceptor(answers.clone());
                        $sdk::Client::from_conf(settings.interceptor(guard.clone()).build())
                    })),*
                }
            }
        }
    };
}

clients! {
    acm: aws_sdk_acm,
    applicationautoscaling: aws_sdk_applicationautoscaling,
    autoscaling: aws_sdk_autoscaling,
    ec2: aws_sdk_ec2,
    efs: aws_sdk_efs,
    elb: aws_sdk_elasticloadbalancingv2,
    iam: aws_sdk_iam,
    logs: aws_sdk_cloudwatchlogs,
    rds: aws_sdk_rds,
    route53: aws_sdk_route53,
    secretsmanager: aws_sdk_secretsmanager,
    ssm: aws_sdk_ssm,
    sts: aws_sdk_sts,
    wafv2: aws_sdk_wafv2,
}

/// What all services share. The SDK finds a global service's endpoint and region from any region by itself.
async fn settings(region: &str) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(Region::new(region.to_owned()));
    // Our name in CloudTrail.
    if let Ok(name) = AppName::new("hastack") {
        loader = loader.app_name(name);
    }
    loader.load().await
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

#[cfg(test)]
mod tests;
