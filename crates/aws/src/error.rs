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
use Scope::{All, Call, Message, Word};

use crate::action::{Action, Service};
use crate::fence::LostLease;

/// What a row of the table is about.
enum Scope {
    All,
    /// One call.
    Call(Action),
    /// One call, where the message has this in it: AWS has no code of its own for that.
    Message(Action, &'static str),
    /// All calls of a service, where the message has this in it.
    Word(Service, &'static str),
}

/// What codes mean: `*` stands for any beginning; the first row that fits counts. A row of one action stands before those of all.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>; the other services list theirs at each call.
#[rustfmt::skip]
static TABLE: &[(Scope, ErrorKind, &[&str])] = &[
    // EC2 does not see a new instance profile or role for some seconds.
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>
    (Message(Action::RunInstances, "iamInstanceProfile"),                    NotNow,   &["InvalidParameterValue"]),
    (Message(Action::RunInstances, "Invalid IAM Instance Profile"),          NotNow,   &["InvalidParameterValue"]),
    (Message(Action::CreateFlowLogs, "Unable to assume given IAM role"),     NotNow,   &["InvalidParameter"]),
    // The instance is not running yet.
    (Message(Action::AssociateAddress, "pending instance"),                  NotNow,   &["InvalidInstanceID"]),
    // A gateway that was attached a moment ago.
    (Message(Action::CreateLoadBalancer, "internet gateway"),                NotNow,   &["InvalidSubnet"]),
    (Message(Action::DeleteNetworkInterface, "in use"),                      InUse,    &["InvalidParameterValue"]),
    // A deletion of a record that is not there, a creation of one that is, and a deletion of one that has changed meanwhile.
    (Message(Action::ChangeResourceRecordSets, "not found"),                 NotFound, &["InvalidChangeBatch"]),
    (Message(Action::ChangeResourceRecordSets, "already exists"),       AlreadyExists, &["InvalidChangeBatch"]),
    (Message(Action::ChangeResourceRecordSets, "do not match"),         AlreadyExists, &["InvalidChangeBatch"]),
    // Auto Scaling has one code for whatever it does not like.
    (Message(Action::DeleteLifecycleHook, "No Lifecycle Hook found"),        NotFound, &["ValidationError"]),
    (Message(Action::DeletePolicy, "not found"),                             NotFound, &["ValidationError"]),
    (Message(Action::DeleteScheduledAction, "not found"),                    NotFound, &["ValidationError"]),
    // A listener rule, and the policy of a role, that were made a moment ago.
    (Message(Action::PutScalingPolicy, "does not route traffic"),            NotNow,   &["ValidationError"]),
    (Message(Action::PutLifecycleHook, "Unable to publish test message"),    NotNow,   &["ValidationError"]),

    // Auto Scaling says so of what it does not see yet: a new instance profile or target group,
    (Message(Action::CreateAutoScalingGroup, "iamInstanceProfile"),          NotNow,   &["ValidationError"]),
    (Message(Action::CreateAutoScalingGroup, "IAM Instance Profile"),        NotNow,   &["ValidationError"]),
    (Message(Action::CreateAutoScalingGroup, "Target Groups may not be"),    NotNow,   &["ValidationError"]),
    (Message(Action::AttachLoadBalancerTargetGroups, "may not be valid"),    NotNow,   &["ValidationError"]),
    // of what cannot be changed while instances are being replaced,
    (Message(Action::UpdateAutoScalingGroup, "active instance refresh"),     NotNow,   &["ValidationError"]),
    // of a warm pool that is on its way out,
    (Message(Action::PutWarmPool, "pending deletion"),                       NotNow,   &["ValidationError"]),
    // and of what is not there.
    (Message(Action::DeleteAutoScalingGroup, "not found"),                   NotFound, &["ValidationError"]),
    (Message(Action::DeleteWarmPool, "No warm pool found"),                  NotFound, &["ValidationError"]),
    (Message(Action::DescribeInstanceRefreshes, "not found"),                NotFound, &["ValidationError"]),
    (Message(Action::DescribeScalingActivities, "not found"),                NotFound, &["ValidationError"]),
    (Message(Action::StartInstanceRefresh, "not found"),                     NotFound, &["ValidationError"]),

    // It is protected, which is turned off first, as soon as that is known; or its members are on their way out.
    (Message(Action::DeleteDBInstance, "delete protected"),                  NotNow,   &["InvalidParameterCombination"]),
    (Message(Action::DeleteDBCluster, "delete protected"),                   NotNow,   &["InvalidParameterCombination"]),
    (Message(Action::DeleteDBCluster, "still contains DB instances"),        InUse,    &["InvalidDBClusterStateFault"]),
    // What is registered takes no tags.
    (Message(Action::RegisterScalableTarget, "already exists"),         AlreadyExists, &["ValidationException"]),
    // A rotation is going on.
    (Message(Action::RotateSecret, "previous rotation"),                     NotNow,   &["InvalidRequestException"]),

    (Word(Service::AutoScaling, "AutoScalingGroup name not found"),          NotFound, &["ValidationError"]),
    (Word(Service::AutoScaling, "AutoScalingGroup not found"),               NotFound, &["ValidationError"]),
    // Said of the launch template of a group: it does not see a new instance profile for some seconds.
    (Word(Service::AutoScaling, "Invalid IAM Instance Profile"),             NotNow,   &["ValidationError"]),
    (Word(Service::AutoScaling, "pending delete"),                           NotNow,   &["ValidationError"]),

    // Application Auto Scaling asks RDS and CloudWatch whether the caller may do what it is to do.
    // <https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html>
    (Word(Service::ApplicationAutoScaling, "missing the following permissions"), Denied, &["ValidationException"]),
    // RDS does not see a new role for some seconds.
    (Word(Service::Rds, "ENHANCED_MONITORING"),                              NotNow,   &["InvalidParameterValue"]),

    // Said of an address that a NAT gateway on its way out still holds.
    // <https://github.com/kubernetes-sigs/cluster-api-provider-aws/blob/main/pkg/cloud/services/network/eips.go>
    (Call(Action::ReleaseAddress),           InUse,         &["AuthFailure"]),
    // What is not found is the attachment.
    (Call(Action::DetachInternetGateway),    NotFound,      &["Gateway.NotAttached"]),
    // An instance profile holds one role.
    (Call(Action::AddRoleToInstanceProfile), AlreadyExists, &["LimitExceeded"]),
    // It is protected, which is turned off first, as soon as that is known.
    (Call(Action::DeleteLoadBalancer),       NotNow,        &["OperationNotPermitted"]),
    // Asked for by id, where others are told to use it.
    (Call(Action::DescribeImages),           NotFound,      &["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed"]),
    (Call(Action::DeregisterImage),          NotFound,      &["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"]),
    // A group that a database is being given, or whose parameters are being applied.
    (Call(Action::ModifyDBParameterGroup),        NotNow,   &["InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault"]),
    (Call(Action::ModifyDBClusterParameterGroup), NotNow,   &["InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault"]),
    (Call(Action::ResetDBParameterGroup),         NotNow,   &["InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault"]),
    (Call(Action::ResetDBClusterParameterGroup),  NotNow,   &["InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault"]),
    // The throughput may be changed once a day.
    (Call(Action::UpdateFileSystem),         NotNow,        &["TooManyRequests"]),

    (All, Throttled,     &["RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
                           "TooManyRequests", "TooManyRequestsException", "EC2ThrottledException", "SlowDown", "BandwidthLimitExceeded"]),
    (All, Ambiguous,     &["InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "InternalServiceException", "ServerInternal", "ServiceFailure", "ServiceUnavailable",
                           "ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException", "DependencyTimeout", "WAFInternalErrorException"]),
    (All, Denied,        &["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthFailure", "Blocked", "ExpiredToken", "ExpiredTokenException",
                           "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired",
                           "PendingVerification", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException", "UnauthorizedException", "KMSKeyNotAccessible", "KMSKeyNotAccessibleFault",
                           "FailedResourceAccessException"]),
    // Some of these end like those of a row below. Images and policies that are not found are named by people.
    (All, Invalid,       &["ALPNPolicyNotFound", "IdempotentParameterMismatch", "IncompatibleProtocols", "InvalidLoadBalancerAction", "TargetGroupAssociationLimit",
                           "UnsupportedProtocol", "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAction", "InvalidArnException",
                           "InvalidChangeBatch", "InvalidConfigurationRequest", "InvalidInput", "InvalidParameter", "InvalidParameterCombination",
                           "InvalidParameterException", "InvalidParameterValue", "InvalidSecurityGroup", "InvalidServiceName", "InvalidSubnet", "InvalidSubnet.Range",
                           "InvalidVpc.Range", "InvalidVpcRange", "IrreversibleInstanceRefresh", "MalformedPolicyDocument", "MalformedQueryString", "MissingAction", "MissingParameter",
                           "NetworkAclEntryAlreadyExists", "OperationNotPermitted", "SSLPolicyNotFound", "SourceClusterNotSupportedFault", "SourceDatabaseNotSupportedFault",
                           "UnknownParameter", "Unsupported", "UnsupportedCertificate", "UnsupportedOperation", "ValidationError", "ValidationException", "WAFInvalidParameterException", "*.Malformed", "*Malformed"]),
    // A second subnet of a range, a second mount target of a zone and a second rule of a priority are refused: so none is made twice.
    (All, AlreadyExists, &["DuplicateListener", "DuplicateLoadBalancerName", "DuplicateTargetGroupName", "PriorityInUse", "InstanceRefreshInProgress", "InvalidSubnet.Conflict", "MountTargetConflict", "Resource.AlreadyAssociated",
                           "RouteAlreadyExists", "*AlreadyExists", "*AlreadyExistsException", "*AlreadyExistsFault", "*.Duplicate"]),
    (All, InUse,         &["DeleteConflict", "DependencyViolation", "FileSystemInUse", "IpAddressInUse", "ResourceInUse", "ResourceInUseException", "SubnetAlreadyInUse",
                           "InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault", "InvalidDBSubnetGroupState", "InvalidDBSubnetGroupStateFault", "*.InUse"]),
    // The gateway is attached a moment later; capacity comes back; a list that has changed is read from its beginning.
    (All, NotNow,        &["Gateway.NotAttached", "IncorrectState", "IncorrectInstanceState", "IncorrectFileSystemLifeCycleState", "IncorrectMountTargetState",
                           "InvalidState", "InvalidStateException", "InvalidVpcState", "InvalidSubnetState", "InvalidRouteTableState", "InvalidAddress.Locked",
                           "OperationAbortedException", "OperationInProgress", "RequestInProgressException", "InsufficientAddressCapacity",
                           "InsufficientFreeAddressesInSubnet", "NoFreeAddressesInSubnet", "InsufficientCapacity", "InsufficientInstanceCapacity",
                           "InsufficientThroughputCapacity", "ConcurrentModification", "ConcurrentModificationException", "ConcurrentUpdateException",
                           "ConflictException", "EntityTemporarilyUnmodifiable", "PriorRequestNotComplete", "WAFUnavailableEntityException", "IdempotentCallInProgress",
                           "InvalidNextToken", "InvalidNextTokenException", "ResourceContention", "ScalingActivityInProgress", "ServiceLinkedRoleFailure",
                           "DBInstanceNotReady", "InsufficientAvailableIPsInSubnetFault", "InsufficientDBClusterCapacityFault", "InsufficientDBInstanceCapacity",
                           "InsufficientDBInstanceCapacityFault", "InsufficientStorageClusterCapacity", "InvalidBlueGreenDeploymentStateFault",
                           "InvalidDBClusterState", "InvalidDBClusterStateFault",
                           "InvalidDBClusterSnapshotStateFault", "InvalidDBInstanceState", "InvalidDBInstanceStateFault", "InvalidDBSnapshotState",
                           "InvalidDBSnapshotStateFault"]),
    (All, Quota,         &["ResourceCountExceeded", "RulesPerSecurityGroupLimitExceeded", "TooManyActions", "TooManyCertificates", "TooManyListeners", "TooManyLoadBalancers",
                           "TooManyRegistrationsForTargetId", "TooManyRules", "TooManyTags", "TooManyTargetGroups", "TooManyTargets", "TooManyUniqueTargetGroupsPerLoadBalancer",
                           "TooManyTagsException", "WAFLimitsExceededException", "*LimitExceeded", "*LimitExceededException", "*QuotaExceeded", "*QuotaExceededException", "*QuotaExceededFault"]),
    (All, NotFound,      &["NoSuchEntity", "NoSuchHostedZone", "WAFNonexistentItemException", "*.NotFound", "*NotFound", "*NotFoundException", "*NotFoundFault"]),
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
            let kind = classify(action, code, refusal.err().message(), status);
            (kind, code.map(str::to_owned), message)
        }
        SdkError::ResponseError(_) => (
            classify(action, None, None, status),
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
    let kind = code.map_or(Ambiguous, |code| classify(action, Some(code), message, None));
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

fn classify(action: Action, code: Option<&str>, message: Option<&str>, status: Option<u16>) -> ErrorKind {
    let known = code.and_then(|code| {
        let mut rows = TABLE.iter();
        rows.find(|(scope, _, codes)| {
            scope.holds(action, message.unwrap_or_default()) && codes.iter().any(|pattern| fits(pattern, code))
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

impl Scope {
    fn holds(&self, action: Action, message: &str) -> bool {
        match *self {
            All => true,
            Call(only) => only == action,
            Message(only, part) => only == action && message.contains(part),
            Word(service, part) => service == action.row().service && message.contains(part),
        }
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
