//! What people read of a pass.

use std::collections::BTreeMap;

use hastack_api::{HAStack, HAStackStatus};

use super::*;
use crate::apply::{Done, Failure, Verb};
use crate::cloud::ErrorKind;
use crate::object::Phase;
use crate::observed::Seen;
use crate::plan::{Blocked, Plan};
use crate::resource::{State, file_system};
use crate::tag::Tags;

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn stack() -> HAStack {
    let text = "{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {name: web, namespace: shop, generation: 3}, spec: {region: us-east-1, network: {cidr: 10.0.0.0/16}}}";
    serde_yaml_ng::from_str(text).unwrap()
}

fn vpc() -> NodeId {
    NodeId::only(Kind::Vpc)
}

fn error(kind: ErrorKind, code: &str) -> CloudError {
    let message = "You are not authorized to perform this operation.".to_owned();
    CloudError {
        action: "CreateVpc",
        kind,
        code: Some(code.into()),
        message,
        request_id: None,
        source: None,
    }
}

fn retry(error: CloudError) -> Waiting {
    Waiting::Retry {
        node: vpc(),
        until: now(),
        step: "create vpc".into(),
        error,
    }
}

fn outcome(phase: ResourcePhase, waiting: Vec<Waiting>, blocked: Vec<Blocked>) -> Outcome {
    let phases = BTreeMap::from([(vpc(), phase)]);
    Outcome {
        plan: Plan {
            waiting,
            blocked,
            phases,
            ..Plan::default()
        },
        ..Outcome::default()
    }
}

fn reported(stack: &HAStack, situation: Situation<'_>) -> HAStackStatus {
    let home = Home {
        account: Some("123456789012"),
        region: Some("us-east-1"),
        inputs: None,
    };
    report(stack, situation, &Memory::default(), home, now())
}

/// A condition as `Status Reason: message`.
fn condition(status: &HAStackStatus, kind: &str) -> String {
    let condition = status
        .conditions
        .iter()
        .find(|condition| condition.type_ == kind)
        .unwrap();
    format!("{} {}: {}", condition.status, condition.reason, condition.message)
}

#[test]
fn a_stack_that_is_as_wanted_is_ready_and_nothing_else() {
    let status = reported(
        &stack(),
        Situation::Passed(&outcome(ResourcePhase::Ready, Vec::new(), Vec::new())),
    );
    assert_eq!(
        condition(&status, "Ready"),
        "True AsDesired: all 1 AWS resources are as wanted"
    );
    assert!(condition(&status, "Reconciling").starts_with("False"));
    assert!(condition(&status, "Stalled").starts_with("False"));
    assert!(condition(&status, "NetworkReady").starts_with("True"));
    assert_eq!(status.progress.as_deref(), Some("1/1"));
    assert_eq!(status.observed_generation, Some(3));
}

#[test]
fn a_failure_shows_with_its_reason_in_the_conditions() {
    for (kind, code, stalled, reason) in [
        (ErrorKind::Denied, "UnauthorizedOperation", "True", "AccessDenied"),
        (ErrorKind::Quota, "VpcLimitExceeded", "True", "QuotaExceeded"),
        (ErrorKind::Invalid, "InvalidParameterValue", "True", "Refused"),
        (ErrorKind::Throttled, "RequestLimitExceeded", "False", "Throttled"),
        (ErrorKind::Ambiguous, "InternalError", "False", "ServerError"),
        (ErrorKind::AlreadyExists, "InvalidSubnet.Conflict", "False", "Conflict"),
        (ErrorKind::InUse, "DependencyViolation", "False", "Waiting"),
    ] {
        let outcome = outcome(ResourcePhase::Missing, vec![retry(error(kind, code))], Vec::new());
        let status = reported(&stack(), Situation::Passed(&outcome));
        let ready = condition(&status, "Ready");
        assert!(ready.starts_with(&format!("False {reason}: ")), "{code}: {ready}");
        assert!(ready.contains("CreateVpc") && ready.contains(code), "{ready}");
        assert!(condition(&status, "Stalled").starts_with(stalled), "{code}");
    }
}

#[test]
fn what_needs_somebody_is_said_before_what_does_not() {
    let blocked = Blocked::ReferenceMissing {
        node: vpc(),
        id: "vpc-0".into(),
    };
    let waiting = vec![retry(error(ErrorKind::Throttled, "RequestLimitExceeded"))];
    let status = reported(
        &stack(),
        Situation::Passed(&outcome(ResourcePhase::Missing, waiting, vec![blocked])),
    );
    assert_eq!(
        condition(&status, "Ready"),
        "False ReferenceMissing: blocked vpc: vpc-0 does not exist (and 1 more in status.plan)"
    );
    assert_eq!(status.plan.len(), 2);
}

#[test]
fn a_spec_that_cannot_be_met_is_stalled_with_the_fields_name() {
    let error = SpecError::SupportPart { field: "spec.bastion" };
    let status = reported(&stack(), Situation::Invalid(&error));
    assert!(condition(&status, "Stalled").starts_with("True NotSupported: cannot act on spec.bastion"));
}

#[test]
fn a_restart_that_has_not_looked_yet_changes_nothing_of_what_was_said() {
    let mut known = stack();
    let ready = outcome(ResourcePhase::Ready, Vec::new(), Vec::new());
    known.status = Some(reported(&known, Situation::Passed(&ready)));
    let looking = outcome(
        ResourcePhase::Missing,
        vec![Waiting::Observation {
            kind: Kind::Vpc,
            failure: None,
        }],
        Vec::new(),
    );
    assert_eq!(Some(reported(&known, Situation::Passed(&looking))), known.status);
    assert_eq!(
        Some(reported(&known, Situation::Unknown("the AWS account", None))),
        known.status
    );

    known.metadata.generation = Some(4);
    assert_ne!(
        Some(reported(&known, Situation::Passed(&looking))),
        known.status,
        "the spec has changed"
    );
}

#[test]
fn a_deletion_is_never_ready_and_says_what_is_left() {
    let mut deleted = stack();
    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now()));
    let outcome = outcome(
        ResourcePhase::Deleting,
        vec![retry(error(ErrorKind::InUse, "DependencyViolation"))],
        Vec::new(),
    );
    let status = reported(&deleted, Situation::Passed(&outcome));
    assert!(
        condition(&status, "Ready").starts_with("False Deleting: retry create vpc"),
        "{}",
        condition(&status, "Ready")
    );
    assert_eq!(status.progress.as_deref(), Some("1 left"));
}

#[test]
fn what_stays_is_no_part_of_the_stack_any_more_and_named_when_that_goes() {
    let mut deleted = stack();
    let outcome = with_a_retained_file_system();
    let status = reported(&deleted, Situation::Passed(&outcome));
    assert_eq!(status.progress.as_deref(), Some("0/0"));
    assert_eq!(status.resources[0].phase, ResourcePhase::Retained);
    assert_eq!(status.file_system, None);
    assert_eq!(
        notices(&deleted, Situation::Passed(&outcome)),
        [],
        "it has been said when it was marked"
    );

    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now()));
    let status = reported(&deleted, Situation::Passed(&outcome));
    assert_eq!(
        condition(&status, "Ready"),
        "False Deleting: nothing is left in AWS but what is retained"
    );
    let said = notices(&deleted, Situation::Passed(&outcome));
    assert_eq!(said[0].reason, "RetainedFileSystem");
    assert_eq!(said[0].note, "file-system fs-1 stays in AWS");
}

fn with_a_retained_file_system() -> Outcome {
    let node = NodeId::only(Kind::FileSystem);
    let state = file_system::State {
        throughput: file_system::Throughput::Elastic,
        performance: file_system::Performance::GeneralPurpose,
        kms_key_id: None,
        lifecycle: None,
        backups: None,
    };
    let object = Object {
        id: "fs-1".into(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: State::FileSystem(state),
    };
    let seen = Seen {
        object,
        confirmed: true,
    };
    let mut outcome = Outcome::default();
    outcome.plan.phases.insert(node.clone(), ResourcePhase::Retained);
    outcome.observed.objects.insert(node, vec![seen]);
    outcome
}

#[test]
fn every_write_failure_and_new_refusal_is_an_event() {
    let mut outcome = outcome(
        ResourcePhase::Missing,
        Vec::new(),
        vec![Blocked::ReferenceMissing {
            node: vpc(),
            id: "vpc-0".into(),
        }],
    );
    outcome.done.push(Done {
        verb: Verb::Create,
        node: vpc(),
        aws_id: "vpc-1".into(),
        step: "create vpc: 10.0.0.0/16".into(),
    });
    outcome.done.push(Done {
        verb: Verb::Retain,
        node: NodeId::only(Kind::FileSystem),
        aws_id: "fs-1".into(),
        step: "retain file-system fs-1".into(),
    });
    outcome.failures.push(Failure {
        verb: Verb::Delete,
        node: NodeId::named(Kind::NatGateway, "us-east-1a"),
        step: "delete nat-gateway/us-east-1a nat-1".into(),
        error: error(ErrorKind::Denied, "UnauthorizedOperation"),
    });
    let mut known = stack();
    let said = notices(&known, Situation::Passed(&outcome));
    let reasons: Vec<_> = said
        .iter()
        .map(|notice| (notice.reason.as_str(), notice.warning))
        .collect();
    assert_eq!(
        reasons,
        [
            ("CreatedVpc", false),
            ("RetainedFileSystem", false),
            ("CannotDeleteNatGateway", true),
            ("ReferenceMissing", true)
        ]
    );
    assert_eq!(said[0].note, "create vpc: 10.0.0.0/16 (vpc-1)");

    known.status = Some(reported(&known, Situation::Passed(&outcome)));
    let again = notices(&known, Situation::Passed(&outcome));
    assert!(
        !again.iter().any(|notice| notice.reason == "ReferenceMissing"),
        "it has been said"
    );
}
