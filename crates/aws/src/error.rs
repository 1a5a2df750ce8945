//! THE TABLE of AWS's error codes: the only place that knows them.

use std::error::Error;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use hastack_core::cloud::{CloudError, ErrorKind};

use ErrorKind::{AlreadyExists, Ambiguous, Denied, Fenced, InUse, Invalid, NotFound, NotNow, Quota, Throttled};

use crate::action::Action;
use crate::fence::LostLease;

/// What codes mean: `*` stands for any beginning; the first row that fits counts. A row of one action stands before those of all.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
#[rustfmt::skip]
static TABLE: &[(Option<Action>, ErrorKind, &[&str])] = &[
    // Said of an address that a NAT gateway on its way out still holds.
    // <https://github.com/kubernetes-sigs/cluster-api-provider-aws/blob/main/pkg/cloud/services/network/eips.go>
    (Some(Action::ReleaseAddress),        InUse,    &["AuthFailure"]),
    // What is not found is the attachment.
    (Some(Action::DetachInternetGateway), NotFound, &["Gateway.NotAttached"]),

    (None, Throttled,     &["RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
                            "TooManyRequestsException", "EC2ThrottledException", "SlowDown", "BandwidthLimitExceeded"]),
    (None, Ambiguous,     &["InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "ServerInternal", "ServiceUnavailable",
                            "ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException"]),
    (None, Denied,        &["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthFailure", "Blocked", "ExpiredToken", "ExpiredTokenException",
                            "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired",
                            "PendingVerification", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException", "UnauthorizedException"]),
    // A second subnet of the same range is how a subnet's creation is kept from happening twice.
    (None, AlreadyExists, &["InvalidSubnet.Conflict", "Resource.AlreadyAssociated", "RouteAlreadyExists", "*AlreadyExists", "*AlreadyExistsException", "*.Duplicate"]),
    (None, InUse,         &["DependencyViolation", "ResourceInUse", "ResourceInUseException", "*.InUse"]),
    // The gateway is attached a moment later; capacity comes back.
    (None, NotNow,        &["Gateway.NotAttached", "IncorrectState", "InvalidState", "InvalidVpcState", "InvalidSubnetState", "InvalidRouteTableState",
                            "InvalidAddress.Locked", "OperationInProgress", "InsufficientAddressCapacity", "InsufficientFreeAddressesInSubnet",
                            "InsufficientCapacity", "ConcurrentModification", "ConcurrentModificationException", "PriorRequestNotComplete"]),
    (None, Quota,         &["ResourceCountExceeded", "RulesPerSecurityGroupLimitExceeded", "*LimitExceeded", "*LimitExceededException", "*QuotaExceeded", "*QuotaExceededException"]),
    (None, NotFound,      &["*.NotFound", "*NotFound", "*NotFoundException"]),
    (None, Invalid,       &["IdempotentParameterMismatch", "InvalidAction", "InvalidInput", "InvalidParameter", "InvalidParameterCombination", "InvalidParameterValue",
                            "InvalidServiceName", "InvalidSubnet.Range", "InvalidVpc.Range", "InvalidVpcRange", "MalformedQueryString", "MissingAction", "MissingParameter",
                            "NetworkAclEntryAlreadyExists", "OperationNotPermitted", "UnknownParameter", "Unsupported", "UnsupportedOperation",
                            "ValidationError", "ValidationException", "*.Malformed", "*Malformed"]),
];

/// Where a denial's encoded details begin: a page of text that only `sts:DecodeAuthorizationMessage` reads.
const ENCODED: &str = "Encoded authorization failure message";

/// The most bytes of a message that are kept: it goes into conditions and events.
const MESSAGE: usize = 512;

/// The SDK's error, as the core knows it.
pub(crate) fn translate<E>(action: Action, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let request_id = error.request_id().map(str::to_owned);
    let (kind, code, message) = match &error {
        SdkError::ServiceError(refusal) => {
            let code = refusal.err().code();
            let message = refusal.err().message().map_or_else(|| silent(status), readable);
            (classify(action, code, status), code.map(str::to_owned), message)
        }
        SdkError::ResponseError(_) => (
            classify(action, None, status),
            None,
            format!("AWS's answer cannot be read (status {})", status.unwrap_or_default()),
        ),
        SdkError::TimeoutError(_) => (Ambiguous, None, "AWS did not answer in time".into()),
        SdkError::DispatchFailure(_) if has::<LostLease>(&error) => (Fenced, None, LostLease.to_string()),
        SdkError::DispatchFailure(_) if has::<CredentialsError>(&error) => {
            (Denied, None, "the credentials cannot be loaded".into())
        }
        SdkError::DispatchFailure(_) => (Ambiguous, None, "the connection to AWS failed".into()),
        SdkError::ConstructionFailure(_) => (Invalid, None, "the request cannot be built".into()),
        unknown => (Ambiguous, None, unknown.to_string()),
    };
    CloudError {
        action: action.row().name,
        kind,
        code,
        message,
        request_id,
        source: cause(error),
    }
}

/// An answer that lacks what it must hold. Whether AWS did it is not known.
pub(crate) fn unreadable(action: Action) -> CloudError {
    plain(action, Ambiguous, None, "AWS's answer is not complete".into())
}

/// A refusal that AWS gave inside an answer.
pub(crate) fn refused(action: Action, code: Option<&str>, message: Option<&str>) -> CloudError {
    // Without a code this is as much of an answer as any other that cannot be read.
    let kind = code.map_or(Ambiguous, |code| classify(action, Some(code), None));
    let message = message.map_or_else(|| silent(None), readable);
    plain(action, kind, code.map(str::to_owned), message)
}

fn plain(action: Action, kind: ErrorKind, code: Option<String>, message: String) -> CloudError {
    CloudError {
        action: action.row().name,
        kind,
        code,
        message,
        request_id: None,
        source: None,
    }
}

fn classify(action: Action, code: Option<&str>, status: Option<u16>) -> ErrorKind {
    let known = code.and_then(|code| {
        let mut rows = TABLE.iter();
        rows.find(|(only, _, codes)| {
            only.is_none_or(|only| only == action) && codes.iter().any(|pattern| fits(pattern, code))
        })
    });
    match (known, status) {
        (Some(&(_, kind, _)), _) => kind,
        (None, Some(429)) => Throttled,
        (None, Some(401 | 403)) => Denied,
        (None, Some(400..=499) | None) => Invalid,
        (None, Some(_)) => Ambiguous,
    }
}

fn fits(pattern: &str, code: &str) -> bool {
    pattern
        .strip_prefix('*')
        .map_or(pattern == code, |ending| code.ends_with(ending))
}

fn silent(status: Option<u16>) -> String {
    let status = status.map(|status| format!(" (status {status})"));
    format!("AWS gave no reason{}", status.unwrap_or_default())
}

fn readable(message: &str) -> String {
    let end = message.find(ENCODED).unwrap_or(message.len());
    let message = message[..end].trim_end();
    message[..message.floor_char_boundary(MESSAGE)].to_owned()
}

fn has<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    error.is::<T>() || error.source().is_some_and(has::<T>)
}

/// What lies beneath. A refusal's cause says nothing that is not said, and would print the encoded details.
fn cause<E>(error: SdkError<E, HttpResponse>) -> Option<Arc<dyn Error + Send + Sync>>
where
    E: Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(_) => None,
        other => other.into_source().ok().map(Arc::from),
    }
}

#[cfg(test)]
mod tests;
