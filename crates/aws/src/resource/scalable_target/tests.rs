use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::operation::deregister_scalable_target::{
    DeregisterScalableTargetError, DeregisterScalableTargetOutput,
};
use aws_sdk_applicationautoscaling::operation::describe_scalable_targets::DescribeScalableTargetsOutput;
use aws_sdk_applicationautoscaling::operation::describe_scaling_policies::DescribeScalingPoliciesOutput;
use aws_sdk_applicationautoscaling::operation::put_scaling_policy::{PutScalingPolicyInput, PutScalingPolicyOutput};
use aws_sdk_applicationautoscaling::operation::register_scalable_target::{
    RegisterScalableTargetError, RegisterScalableTargetInput, RegisterScalableTargetOutput,
};
use aws_sdk_applicationautoscaling::types::CustomizedMetricSpecification;
use aws_sdk_applicationautoscaling::types::builders::TargetTrackingScalingPolicyConfigurationBuilder;
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::types::{DbCluster, Tag};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag;

use super::*;
use crate::resource::group_part::testing::{group, owned};
use crate::testing::{aws, object as made_object, refusal, request, tags};

const BOUNDS: Bounds = Bounds { min: 1, max: 4 };

fn policy() -> Policy {
    Policy {
        metric: Metric::Cpu,
        target: 60,
        scale_in: true,
        scale_in_cooldown: 300,
        scale_out_cooldown: 120,
    }
}

fn state() -> State {
    State {
        cluster: "web".into(),
        bounds: BOUNDS,
        suspended: false,
        policy: Some(policy()),
    }
}

fn target() -> Object {
    made_object("web/hastack-readers", AnyState::ScalableTarget(state()))
}

fn wish() -> AnyCreate {
    AnyCreate::ScalableTarget(Create {
        cluster: "web".into(),
        bounds: BOUNDS,
    })
}

fn shown_target(resource: &str) -> types::ScalableTarget {
    types::ScalableTarget::builder()
        .service_namespace(ServiceNamespace::Rds)
        .resource_id(resource)
        .scalable_dimension(DIMENSION)
        .min_capacity(1)
        .max_capacity(4)
        .role_arn("arn:role")
        .creation_time(DateTime::from_secs(1_800_000_000))
        .suspended_state(SuspendedState::builder().scheduled_scaling_suspended(false).build())
        .build()
        .unwrap()
}

fn shown_policy(resource: &str, name: &str) -> types::ScalingPolicy {
    types::ScalingPolicy::builder()
        .policy_arn("arn:policy")
        .policy_name(name)
        .service_namespace(ServiceNamespace::Rds)
        .resource_id(resource)
        .scalable_dimension(DIMENSION)
        .policy_type(PolicyType::TargetTrackingScaling)
        .set_target_tracking_scaling_policy_configuration(configuration(&policy()))
        .creation_time(DateTime::from_secs(1_800_000_000))
        .build()
        .unwrap()
}

fn targets(token: Option<&'static str>, resources: &'static [&'static str], next: Option<&'static str>) -> Rule {
    mock!(Client::describe_scalable_targets)
        .match_requests(move |input| {
            input.service_namespace() == Some(&ServiceNamespace::Rds)
                && input.scalable_dimension().is_none()
                && input.resource_ids().is_empty()
                && input.max_results() == Some(50)
                && input.next_token() == token
        })
        .then_output(move || listed(resources, next))
}

fn listed(resources: &[&str], next: Option<&str>) -> DescribeScalableTargetsOutput {
    let targets = resources.iter().map(|resource| shown_target(resource));
    DescribeScalableTargetsOutput::builder()
        .set_scalable_targets(Some(targets.collect()))
        .set_next_token(next.map(str::to_owned))
        .build()
}

fn policies(named: &'static [(&'static str, &'static str)]) -> Rule {
    mock!(Client::describe_scaling_policies)
        .match_requests(|input| {
            input.service_namespace() == Some(&ServiceNamespace::Rds)
                && input.resource_id().is_none()
                && input.scalable_dimension().is_none()
                && input.max_results() == Some(10)
        })
        .then_output(move || {
            let policies = named.iter().map(|(resource, name)| shown_policy(resource, name));
            DescribeScalingPoliciesOutput::builder()
                .set_scaling_policies(Some(policies.collect()))
                .build()
        })
}

fn is_of_web(input: &RegisterScalableTargetInput) -> bool {
    let suspended = input.suspended_state().unwrap();
    input.service_namespace() == Some(&ServiceNamespace::Rds)
        && input.resource_id() == Some("cluster:web")
        && input.scalable_dimension() == Some(&DIMENSION)
        && input.min_capacity() == Some(1)
        && input.max_capacity() == Some(4)
        && suspended.dynamic_scaling_in_suspended() == Some(false)
        && suspended.dynamic_scaling_out_suspended() == Some(false)
        && suspended.scheduled_scaling_suspended() == Some(false)
}

fn registered() -> Rule {
    mock!(Client::register_scalable_target)
        .match_requests(|input| is_of_web(input) && input.tags().is_some_and(|said| said[tag::CLUSTER] == "c1"))
        .then_output(|| RegisterScalableTargetOutput::builder().build())
}

fn changed() -> Rule {
    mock!(Client::register_scalable_target)
        .match_requests(|input| is_of_web(input) && input.tags().is_none())
        .then_output(|| RegisterScalableTargetOutput::builder().build())
}

fn refused(message: &'static str) -> Rule {
    mock!(Client::register_scalable_target).then_error(move || {
        let metadata = ErrorMetadata::builder().code("ValidationException").message(message);
        RegisterScalableTargetError::generic(metadata.build())
    })
}

fn says(input: &PutScalingPolicyInput) -> Option<Policy> {
    let policy = types::ScalingPolicy::builder()
        .policy_arn("arn:policy")
        .set_policy_name(input.policy_name.clone())
        .set_service_namespace(input.service_namespace.clone())
        .set_resource_id(input.resource_id.clone())
        .set_scalable_dimension(input.scalable_dimension.clone())
        .set_policy_type(input.policy_type.clone())
        .set_target_tracking_scaling_policy_configuration(input.target_tracking_scaling_policy_configuration.clone())
        .creation_time(DateTime::from_secs(1_800_000_000));
    shown(&policy.build().unwrap())
}

fn put(policy: Policy) -> Rule {
    mock!(Client::put_scaling_policy)
        .match_requests(move |input| {
            input.policy_name() == Some("hastack-readers")
                && input.service_namespace() == Some(&ServiceNamespace::Rds)
                && input.resource_id() == Some("cluster:web")
                && input.scalable_dimension() == Some(&DIMENSION)
                && input.policy_type() == Some(&PolicyType::TargetTrackingScaling)
                && says(input).as_ref() == Some(&policy)
        })
        .then_output(|| {
            let answer = PutScalingPolicyOutput::builder().policy_arn("arn:policy");
            answer.build().unwrap()
        })
}

#[tokio::test]
async fn a_sweep_shows_what_has_our_policy_with_the_tags_that_follow_from_its_clusters() {
    let (aws, calls) = aws(&[
        targets(None, &["cluster:foreign", "cluster:theirs"], Some("2")),
        targets(Some("2"), &["cluster:web"], None),
        policies(&[
            ("cluster:foreign", "hastack-readers"),
            ("cluster:theirs", "somebodys"),
            ("cluster:web", "hastack-readers"),
        ]),
    ]);
    let parents = [group("theirs"), group("web")];
    let seen = aws.sweep(Kind::ScalableTarget, &parents).await.unwrap();
    let ours = owned("scalable-target/readers", AnyState::ScalableTarget(state()));
    assert_eq!(seen, [ours]);
    assert_eq!(
        calls.seen(),
        [
            "DescribeScalableTargets ok",
            "DescribeScalableTargets ok",
            "DescribeScalingPolicies ok"
        ]
    );
}

#[tokio::test]
async fn a_sweep_without_clusters_asks_nothing() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.sweep(Kind::ScalableTarget, &[]).await.unwrap(), []);
    assert!(calls.seen().is_empty());
}

#[tokio::test]
async fn where_nothing_is_registered_no_policy_is_asked_for() {
    let (aws, calls) = aws(&[targets(None, &[], None)]);
    assert_eq!(aws.sweep(Kind::ScalableTarget, &[group("web")]).await.unwrap(), []);
    assert_eq!(calls.seen(), ["DescribeScalableTargets ok"]);
}

#[tokio::test]
async fn a_read_names_the_clusters_and_has_their_tags() {
    let named = mock!(Client::describe_scalable_targets)
        .match_requests(|input| input.resource_ids() == ["cluster:gone", "cluster:web"])
        .then_output(|| listed(&["cluster:web"], None));
    let clusters = mock!(aws_sdk_rds::Client::describe_db_clusters).then_output(|| {
        let cluster = DbCluster::builder()
            .db_cluster_identifier("web")
            .db_cluster_arn("arn:cluster")
            .engine("aurora-mysql")
            .status("available")
            .tag_list(Tag::builder().key(tag::CLUSTER).value("c1").build());
        DescribeDbClustersOutput::builder().db_clusters(cluster.build()).build()
    });
    let (aws, _) = aws(&[named, policies(&[("cluster:web", "hastack-readers")]), clusters]);
    let ids = ["gone/hastack-readers".to_owned(), "web/hastack-readers".to_owned()];
    let seen = aws.read(Kind::ScalableTarget, &ids).await.unwrap();
    let ours = owned("scalable-target/readers", AnyState::ScalableTarget(state()));
    assert_eq!(seen, [ours]);
}

#[tokio::test]
async fn one_that_has_no_policy_yet_is_ours() {
    let (aws, _) = aws(&[targets(None, &["cluster:web"], None), policies(&[])]);
    let seen = aws.sweep(Kind::ScalableTarget, &[group("web")]).await.unwrap();
    let bare = State {
        policy: None,
        ..state()
    };
    assert_eq!(seen, [owned("scalable-target/readers", AnyState::ScalableTarget(bare))]);
}

#[tokio::test]
async fn a_creation_registers_with_tags() {
    let (aws, _) = aws(&[registered()]);
    let made = aws.create(&request(Kind::ScalableTarget, wish())).await.unwrap();
    assert_eq!((made.id.as_str(), &made.tags), ("web/hastack-readers", &tags()));
    let bare = State {
        policy: None,
        ..state()
    };
    assert_eq!(made.state, AnyState::ScalableTarget(bare));
}

#[tokio::test]
async fn what_is_registered_already_and_what_cannot_be_are_told_apart() {
    let there = "The scalable target that you tried to tag already exists. To update tags, use the TagResource API.";
    let (aws, _) = aws(&[refused(there), refused("DB cluster doesn't exist")]);
    for kind in [ErrorKind::AlreadyExists, ErrorKind::Invalid] {
        let refused = aws.create(&request(Kind::ScalableTarget, wish())).await;
        assert_eq!(refused.unwrap_err().kind, kind);
    }
}

#[tokio::test]
async fn a_change_says_the_bounds_without_tags_or_the_policy() {
    let growing = Policy {
        metric: Metric::Connections,
        scale_in: false,
        ..policy()
    };
    let (aws, calls) = aws(&[changed(), put(growing.clone())]);
    for change in [Change::Bounds(BOUNDS), Change::Policy(growing)] {
        let change = AnyChange::ScalableTarget(change);
        aws.update(&target(), &change).await.unwrap();
    }
    assert_eq!(calls.seen(), ["RegisterScalableTarget ok", "PutScalingPolicy ok"]);
}

#[test]
fn any_suspension_is_seen() {
    let suspended = [
        SuspendedState::builder().dynamic_scaling_in_suspended(true),
        SuspendedState::builder().dynamic_scaling_out_suspended(true),
        SuspendedState::builder().scheduled_scaling_suspended(true),
    ];
    for shown in suspended {
        assert!(is_suspended(&shown.build()));
    }
    assert!(!is_suspended(&SuspendedState::builder().build()));
}

fn tracking() -> TargetTrackingScalingPolicyConfigurationBuilder {
    let metric = PredefinedMetricSpecification::builder()
        .predefined_metric_type(MetricType::RdsReaderAverageCpuUtilization)
        .build();
    TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(60.0)
        .predefined_metric_specification(metric.unwrap())
        .scale_in_cooldown(300)
        .scale_out_cooldown(120)
}

/// What is known of a policy with this configuration.
fn known(configuration: Option<TargetTrackingScalingPolicyConfigurationBuilder>) -> Option<Policy> {
    let mut policy = shown_policy("cluster:web", "hastack-readers");
    let configuration = configuration.map(|configuration| configuration.build().unwrap());
    policy.target_tracking_scaling_policy_configuration = configuration;
    shown(&policy)
}

#[test]
fn a_policy_that_nobody_here_asks_for_is_none() {
    let custom = CustomizedMetricSpecification::builder().namespace("Shop").build();
    let other = PredefinedMetricSpecification::builder().predefined_metric_type(MetricType::AlbRequestCountPerTarget);
    assert_eq!(known(Some(tracking())), Some(policy()));
    for configuration in [
        tracking().target_value(60.5),
        tracking().target_value(-1.0),
        tracking().set_scale_in_cooldown(None),
        tracking().scale_out_cooldown(100_000),
        tracking().predefined_metric_specification(other.build().unwrap()),
        tracking()
            .set_predefined_metric_specification(None)
            .customized_metric_specification(custom),
    ] {
        assert_eq!(known(Some(configuration)), None);
    }
    assert_eq!(known(None), None);
}

#[tokio::test]
async fn deleting_one_that_is_gone_succeeds() {
    let deleted = mock!(Client::deregister_scalable_target)
        .match_requests(|input| {
            input.service_namespace() == Some(&ServiceNamespace::Rds)
                && input.resource_id() == Some("cluster:web")
                && input.scalable_dimension() == Some(&DIMENSION)
        })
        .then_output(|| DeregisterScalableTargetOutput::builder().build());
    let absent = mock!(Client::deregister_scalable_target)
        .then_error(|| DeregisterScalableTargetError::generic(refusal("ObjectNotFoundException")));
    let (aws, _) = aws(&[deleted, absent]);
    for _ in 0..2 {
        assert_eq!(aws.delete(&target(), None).await.unwrap(), Deletion::Gone);
    }
}
