use aws_sdk_ec2::operation::create_vpc::CreateVpcError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;
use crate::action::TABLE as TABLE_OF_CALLS;

fn response(status: u16) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty())
}

fn service_error(status: u16, metadata: ErrorMetadata) -> CloudError {
    let mut response = response(status);
    response.headers_mut().insert("x-amzn-requestid", "r-1");
    let error = SdkError::service_error(CreateVpcError::generic(metadata), response);
    translate(Action::CreateVpc, error)
}

fn kind(code: &str) -> ErrorKind {
    classify(Action::CreateVpc, Some(code), None, Some(400))
}

#[test]
fn a_code_has_the_kind_of_its_row() {
    for (code, expected) in [
        ("InvalidVpcID.NotFound", NotFound),
        ("NatGatewayNotFound", NotFound),
        ("InvalidRouteTableId.NotFound", NotFound),
        ("InvalidPermission.NotFound", NotFound),
        ("RouteAlreadyExists", AlreadyExists),
        ("Resource.AlreadyAssociated", AlreadyExists),
        ("InvalidSubnet.Conflict", AlreadyExists),
        ("InvalidGroup.Duplicate", AlreadyExists),
        ("DependencyViolation", InUse),
        ("InvalidIPAddress.InUse", InUse),
        ("IncorrectState", NotNow),
        ("Gateway.NotAttached", NotNow),
        ("InsufficientAddressCapacity", NotNow),
        ("RequestLimitExceeded", Throttled),
        ("Throttling", Throttled),
        ("ThrottlingException", Throttled),
        ("InternalError", Ambiguous),
        ("ServiceUnavailable", Ambiguous),
        ("UnauthorizedOperation", Denied),
        ("AuthFailure", Denied),
        ("ExpiredToken", Denied),
        ("RequestExpired", Denied),
        ("InvalidClientTokenId", Denied),
        ("VpcLimitExceeded", Quota),
        ("AddressLimitExceeded", Quota),
        ("NatGatewayLimitExceeded", Quota),
        ("InvalidParameterValue", Invalid),
        ("InvalidVpcID.Malformed", Invalid),
        ("IdempotentParameterMismatch", Invalid),
        ("InvalidGroup.NotFound", NotFound),
        ("InvalidPermission.Duplicate", AlreadyExists),
        ("InvalidKeyPair.Duplicate", AlreadyExists),
        ("InvalidInstanceID.NotFound", NotFound),
        ("InvalidAMIID.NotFound", Invalid),
        ("InvalidAMIID.Malformed", Invalid),
        ("InvalidAMIName.Duplicate", AlreadyExists),
        ("InstanceLimitExceeded", Quota),
        ("VcpuLimitExceeded", Quota),
        ("InsufficientInstanceCapacity", NotNow),
        ("FlowLogAlreadyExists", AlreadyExists),
        ("NetworkAclEntryAlreadyExists", Invalid),
    ] {
        assert_eq!(kind(code), expected, "{code}");
    }
}

#[test]
fn a_code_of_another_service_has_the_kind_of_its_row() {
    for (code, expected) in [
        ("ParameterNotFound", NotFound),
        ("ParameterVersionNotFound", NotFound),
        ("LoadBalancerNotFound", NotFound),
        ("ListenerNotFound", NotFound),
        ("CertificateNotFound", NotFound),
        ("SubnetNotFound", NotFound),
        ("DuplicateListener", AlreadyExists),
        ("DuplicateLoadBalancerName", AlreadyExists),
        ("ResourceInUse", InUse),
        ("TooManyLoadBalancers", Quota),
        ("InvalidConfigurationRequest", Invalid),
        ("SSLPolicyNotFound", Invalid),
        ("ResourceInUseException", InUse),
        ("RequestInProgressException", NotNow),
        ("LimitExceededException", Quota),
        ("InvalidArnException", Invalid),
        ("InvalidChangeBatch", Invalid),
        ("NoSuchHostedZone", NotFound),
        ("PriorRequestNotComplete", NotNow),
        ("FileSystemAlreadyExists", AlreadyExists),
        ("AccessPointAlreadyExists", AlreadyExists),
        ("MountTargetConflict", AlreadyExists),
        ("FileSystemNotFound", NotFound),
        ("MountTargetNotFound", NotFound),
        ("SecurityGroupNotFound", NotFound),
        ("PolicyNotFound", NotFound),
        ("IncorrectFileSystemLifeCycleState", NotNow),
        ("FileSystemInUse", InUse),
        ("IpAddressInUse", InUse),
        ("DependencyTimeout", Ambiguous),
        ("TooManyRequests", Throttled),
        ("NoSuchEntity", NotFound),
        ("EntityAlreadyExists", AlreadyExists),
        ("DeleteConflict", InUse),
        ("MalformedPolicyDocument", Invalid),
        ("LimitExceeded", Quota),
        ("ConcurrentModification", NotNow),
        ("ServiceFailure", Ambiguous),
        ("ResourceAlreadyExistsException", AlreadyExists),
        ("ResourceNotFoundException", NotFound),
        ("OperationAbortedException", NotNow),
        ("WAFNonexistentItemException", NotFound),
        ("WAFUnavailableEntityException", NotNow),
        ("WAFLimitsExceededException", Quota),
        ("AlreadyExists", AlreadyExists),
        ("LimitExceeded", Quota),
        ("ResourceContention", NotNow),
        ("ResourceInUse", InUse),
        ("ScalingActivityInProgress", NotNow),
        ("ActiveInstanceRefreshNotFound", NotFound),
        ("InstanceRefreshInProgress", AlreadyExists),
        ("IrreversibleInstanceRefresh", Invalid),
        ("InvalidNextToken", NotNow),
        ("ServiceLinkedRoleFailure", NotNow),
        ("IdempotentCallInProgress", NotNow),
        ("ValidationError", Invalid),
    ] {
        assert_eq!(kind(code), expected, "{code}");
    }
}

#[test]
fn a_code_of_rds_has_the_kind_of_its_row() {
    for (code, expected) in [
        ("DBInstanceNotFound", NotFound),
        ("DBInstanceNotFoundFault", NotFound),
        ("DBClusterNotFoundFault", NotFound),
        ("DBSubnetGroupNotFoundFault", NotFound),
        ("DBParameterGroupNotFound", NotFound),
        ("DBSnapshotNotFound", NotFound),
        ("DBClusterSnapshotNotFoundFault", NotFound),
        ("DBInstanceAlreadyExists", AlreadyExists),
        ("DBClusterAlreadyExistsFault", AlreadyExists),
        ("DBSubnetGroupAlreadyExists", AlreadyExists),
        ("DBParameterGroupAlreadyExists", AlreadyExists),
        ("InvalidDBInstanceState", NotNow),
        ("InvalidDBClusterStateFault", NotNow),
        ("InsufficientDBInstanceCapacity", NotNow),
        ("InvalidDBSubnetGroupStateFault", InUse),
        ("InvalidDBParameterGroupState", InUse),
        ("InstanceQuotaExceeded", Quota),
        ("DBClusterQuotaExceededFault", Quota),
        ("StorageQuotaExceeded", Quota),
        ("DBSubnetGroupQuotaExceeded", Quota),
        ("DBParameterGroupQuotaExceeded", Quota),
        ("SnapshotQuotaExceeded", Quota),
        ("KMSKeyNotAccessibleFault", Denied),
        ("DBSubnetGroupDoesNotCoverEnoughAZs", Invalid),
        ("InvalidRestoreFault", Invalid),
        ("BlueGreenDeploymentAlreadyExistsFault", AlreadyExists),
        ("BlueGreenDeploymentNotFoundFault", NotFound),
        ("InvalidBlueGreenDeploymentStateFault", NotNow),
        ("SourceClusterNotSupportedFault", Invalid),
        ("SourceDatabaseNotSupportedFault", Invalid),
        ("InvalidParameterCombination", Invalid),
    ] {
        assert_eq!(kind(code), expected, "{code}");
    }
}

#[test]
fn a_code_of_application_auto_scaling_has_the_kind_of_its_row() {
    for (code, expected) in [
        ("ConcurrentUpdateException", NotNow),
        ("FailedResourceAccessException", Denied),
        ("InternalServiceException", Ambiguous),
        ("InvalidNextTokenException", NotNow),
        ("LimitExceededException", Quota),
        ("ObjectNotFoundException", NotFound),
        ("TooManyTagsException", Quota),
        ("ValidationException", Invalid),
    ] {
        assert_eq!(kind(code), expected, "{code}");
    }
}

#[test]
fn a_code_of_one_action_means_something_else_elsewhere() {
    for (action, code, expected) in [
        (Action::ReleaseAddress, "AuthFailure", InUse),
        (Action::DetachInternetGateway, "Gateway.NotAttached", NotFound),
        (Action::AddRoleToInstanceProfile, "LimitExceeded", AlreadyExists),
        (Action::ModifyDBParameterGroup, "InvalidDBParameterGroupState", NotNow),
        (Action::UpdateFileSystem, "TooManyRequests", NotNow),
    ] {
        assert_eq!(classify(action, Some(code), None, Some(400)), expected, "{code}");
        assert_ne!(kind(code), expected, "{code}");
    }
}

/// The code alone, and the same elsewhere, mean that the request is wrong.
fn assert_told(action: Action, code: &str, message: &str, expected: ErrorKind) {
    assert_eq!(
        classify(action, Some(code), Some(message), Some(400)),
        expected,
        "{message}"
    );
    assert_eq!(classify(action, Some(code), Some("no"), Some(400)), Invalid, "{code}");
    assert_eq!(
        classify(Action::CreateVpc, Some(code), Some(message), Some(400)),
        Invalid,
        "{code}"
    );
}

#[test]
fn a_message_tells_what_is_not_visible_or_ready_yet() {
    let name = "Value (web) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
    let arn = "Invalid IAM Instance Profile ARN";
    let role = "Unable to assume given IAM role";
    let pending = "The pending instance 'i-1' is not in a valid state for this operation.";
    let gateway = "VPC vpc-1 has no internet gateway";
    assert_told(Action::RunInstances, "InvalidParameterValue", name, NotNow);
    assert_told(Action::RunInstances, "InvalidParameterValue", arn, NotNow);
    assert_told(Action::CreateFlowLogs, "InvalidParameter", role, NotNow);
    assert_told(Action::AssociateAddress, "InvalidInstanceID", pending, NotNow);
    assert_told(Action::CreateLoadBalancer, "InvalidSubnet", gateway, NotNow);
}

#[test]
fn a_message_tells_what_is_in_use_there_or_not_there() {
    let used = "Network interface 'eni-1' is currently in use.";
    let missing = "[Tried to delete resource record set [name='a.example.', type='A'] but it was not found]";
    let there = "[Tried to create resource record set [name='a.example.', type='A'] but it already exists]";
    assert_told(Action::DeleteNetworkInterface, "InvalidParameterValue", used, InUse);
    assert_told(
        Action::ChangeResourceRecordSets,
        "InvalidChangeBatch",
        missing,
        NotFound,
    );
    assert_told(
        Action::ChangeResourceRecordSets,
        "InvalidChangeBatch",
        there,
        AlreadyExists,
    );
}

#[test]
fn a_message_tells_that_a_part_of_a_group_is_not_there() {
    let policy = "Policy hastack-average-cpu not found";
    let action = "Scheduled action name not found";
    let hook = "No Lifecycle Hook found";
    assert_told(Action::DeletePolicy, "ValidationError", policy, NotFound);
    assert_told(Action::DeleteScheduledAction, "ValidationError", action, NotFound);
    assert_told(Action::DeleteLifecycleHook, "ValidationError", hook, NotFound);
}

#[test]
fn a_message_tells_what_a_part_of_a_group_waits_for() {
    let route = "The load balancer does not route traffic to the target group.";
    let publish = "Unable to publish test message to notification target arn:aws:sns:us-east-1:123456789012:ops";
    assert_told(Action::PutScalingPolicy, "ValidationError", route, NotNow);
    assert_told(Action::PutLifecycleHook, "ValidationError", publish, NotNow);
}

#[test]
fn a_message_of_auto_scaling_means_the_same_of_all_its_calls() {
    let missing = "AutoScalingGroup name not found - AutoScalingGroup 'web' not found";
    let untagged = "AutoScalingGroup not found - AutoScaling Group web not found";
    let profile = "You must use a valid fully-formed launch template. Invalid IAM Instance Profile name";
    let deleting = "AutoScalingGroup 'web' is pending delete";
    let calls = TABLE_OF_CALLS.iter().filter(|row| row.service == Service::AutoScaling);
    for action in calls.map(|row| row.action) {
        assert_told(action, "ValidationError", missing, NotFound);
        assert_told(action, "ValidationError", untagged, NotFound);
        assert_told(action, "ValidationError", profile, NotNow);
        assert_told(action, "ValidationError", deleting, NotNow);
    }
}

#[test]
fn a_message_tells_that_a_cluster_is_registered_or_what_is_not_allowed() {
    let there = "The scalable target that you tried to tag already exists.";
    let denied = "User is missing the following permissions: rds:DeleteDBInstance";
    let code = "ValidationException";
    assert_told(Action::RegisterScalableTarget, code, there, AlreadyExists);
    assert_told(Action::RegisterScalableTarget, code, denied, Denied);
    assert_told(Action::ApplicationAutoScalingPutScalingPolicy, code, denied, Denied);
}

#[test]
fn a_message_tells_what_a_database_waits_for() {
    let protected = "Cannot delete protected DB Instance, please disable deletion protection and try again.";
    let cluster = "Cannot delete protected Cluster, please disable deletion protection and try again.";
    let role = "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
    let rotation = "A previous rotation isn't complete. That rotation will be reattempted.";
    let code = "InvalidParameterCombination";
    assert_told(Action::DeleteDBInstance, code, protected, NotNow);
    assert_told(Action::DeleteDBCluster, code, cluster, NotNow);
    assert_told(Action::CreateDBInstance, "InvalidParameterValue", role, NotNow);
    assert_told(Action::ModifyDBInstance, "InvalidParameterValue", role, NotNow);
    assert_told(Action::RotateSecret, "InvalidRequestException", rotation, NotNow);
    let members = Some("Cluster cannot be deleted, it still contains DB instances in non-deleting state.");
    let code = Some("InvalidDBClusterStateFault");
    assert_eq!(classify(Action::DeleteDBCluster, code, members, Some(400)), InUse);
}

#[test]
fn a_code_stands_in_one_row() {
    let all = TABLE.iter().filter(|(scope, _, _)| matches!(scope, All));
    let mut codes: Vec<_> = all.flat_map(|(_, _, codes)| codes.iter()).collect();
    let count = codes.len();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn a_narrower_row_stands_before_a_wider_one() {
    let width = |scope: &Scope| match scope {
        Message(..) => 0,
        Word(..) => 1,
        Call(_) => 2,
        All => 3,
    };
    let widths: Vec<_> = TABLE.iter().map(|(scope, _, _)| width(scope)).collect();
    assert!(widths.is_sorted());
}

#[test]
fn a_listed_code_is_not_caught_by_an_ending_before_it() {
    let all = TABLE.iter().filter(|(scope, _, _)| matches!(scope, All));
    for (_, expected, codes) in all {
        for code in codes.iter().filter(|code| !code.starts_with('*')) {
            assert_eq!(kind(code), *expected, "{code}");
        }
    }
}

#[test]
fn a_code_nobody_knows_has_the_kind_of_its_status() {
    for (status, expected) in [
        (400, Invalid),
        (401, Denied),
        (403, Denied),
        (429, Throttled),
        (500, Ambiguous),
        (503, Ambiguous),
        (200, Ambiguous),
    ] {
        assert_eq!(
            classify(Action::CreateVpc, Some("Novelty"), None, Some(status)),
            expected,
            "{status}"
        );
        assert_eq!(
            classify(Action::CreateVpc, None, None, Some(status)),
            expected,
            "{status}"
        );
    }
}

#[test]
fn a_throttling_code_counts_more_than_the_server_error_it_comes_with() {
    let metadata = ErrorMetadata::builder().code("RequestLimitExceeded").build();
    assert_eq!(service_error(503, metadata).kind, Throttled);
}

#[test]
fn a_refusal_shows_action_code_message_and_request() {
    let metadata = ErrorMetadata::builder()
        .code("VpcLimitExceeded")
        .message("The maximum number of VPCs has been reached.")
        .build();
    assert_eq!(
        service_error(400, metadata).to_string(),
        "cannot CreateVpc: VpcLimitExceeded: The maximum number of VPCs has been reached. (request r-1)"
    );
}

#[test]
fn the_encoded_details_of_a_denial_are_nowhere() {
    let metadata = ErrorMetadata::builder()
        .code("UnauthorizedOperation")
        .message("You are not authorized to perform this operation. Encoded authorization failure message: qwertz")
        .build();
    let error = service_error(403, metadata);
    assert_eq!(
        error.to_string(),
        "cannot CreateVpc: UnauthorizedOperation: You are not authorized to perform this operation. (request r-1)"
    );
    assert!(!format!("{error:?}").contains("qwertz"));
}

#[test]
fn a_refusal_without_code_and_message_shows_its_status() {
    let error = service_error(500, ErrorMetadata::builder().build());
    assert_eq!(error.kind, Ambiguous);
    assert_eq!(
        error.to_string(),
        "cannot CreateVpc: AWS gave no reason (status 500) (request r-1)"
    );
}

#[test]
fn a_message_without_end_is_cut() {
    let metadata = ErrorMetadata::builder()
        .code("Novelty")
        .message("ä".repeat(1000))
        .build();
    assert_eq!(service_error(400, metadata).message, "ä".repeat(256));
}

#[test]
fn an_answer_that_cannot_be_read_is_ambiguous() {
    for status in [200, 500, 502] {
        let error: SdkError<CreateVpcError, _> = SdkError::response_error("no XML", response(status));
        let error = translate(Action::CreateVpc, error);
        assert_eq!(error.kind, Ambiguous, "{status}");
        assert_eq!(error.source.unwrap().to_string(), "no XML");
    }
}

#[test]
fn no_answer_is_ambiguous() {
    let late: SdkError<CreateVpcError, HttpResponse> = SdkError::timeout_error("8 s");
    let broken = SdkError::dispatch_failure(ConnectorError::io("reset by peer".into()));
    for error in [late, broken] {
        assert_eq!(translate(Action::CreateVpc, error).kind, Ambiguous);
    }
}

#[test]
fn a_request_that_cannot_be_built_is_invalid() {
    let error: SdkError<CreateVpcError, HttpResponse> = SdkError::construction_failure("no VPC");
    assert_eq!(translate(Action::CreateVpc, error).kind, Invalid);
}

#[test]
fn missing_credentials_are_a_denial() {
    let source = CredentialsError::not_loaded("nowhere");
    let error: SdkError<CreateVpcError, HttpResponse> =
        SdkError::dispatch_failure(ConnectorError::other(source.into(), None));
    let error = translate(Action::CreateVpc, error);
    assert_eq!(error.kind, Denied);
    assert_eq!(error.to_string(), "cannot CreateVpc: the credentials cannot be loaded");
}

#[test]
fn a_refusal_within_an_answer_has_the_kind_of_its_code() {
    let error = refused(Action::DeleteVpcEndpoints, Some("InvalidVpcEndpoint.NotFound"), None);
    assert_eq!(error.kind, NotFound);
    assert_eq!(refused(Action::DeleteVpcEndpoints, None, None).kind, Ambiguous);
}
