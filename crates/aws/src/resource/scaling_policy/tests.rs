use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::delete_policy::{DeletePolicyError, DeletePolicyOutput};
use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput;
use aws_sdk_autoscaling::operation::describe_policies::{DescribePoliciesError, DescribePoliciesOutput};
use aws_sdk_autoscaling::operation::put_scaling_policy::{PutScalingPolicyInput, PutScalingPolicyOutput};
use aws_sdk_autoscaling::types::{
    CustomizedMetricSpecification, MetricDimension, MetricStatistic, MetricType, PredefinedMetricPairType,
    PredefinedMetricSpecification, PredictiveScalingConfiguration, PredictiveScalingMaxCapacityBreachBehavior,
    PredictiveScalingMetricSpecification, PredictiveScalingMode, PredictiveScalingPredefinedMetricPair, StepAdjustment,
    TargetTrackingConfiguration,
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::resource::scaling_policy::{
    CustomMetric, Metric, MetricDimension as Dimension, MetricStatistic as Statistic, Policy, PredictiveMode,
    ScalingMetric, ScalingStep, StepStatistic, StepUnit,
};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::resource::group_part::testing::{group, owned};
use crate::testing::{aws, object as made_object, request, tags};

const LABEL: &str = "app/web/1/targetgroup/web/2";

/// One of each sort.
fn contents() -> [Content; 5] {
    let content = |policy, label: Option<&str>| Content {
        policy,
        label: label.map(str::to_owned),
    };
    let tracking = |metric, warmup_seconds: Option<u16>| Policy::TargetTracking {
        metric,
        target: 70.5,
        disable_scale_in: warmup_seconds.is_none(),
        warmup_seconds,
    };
    let step = |from, to, change| ScalingStep { from, to, change };
    let custom = CustomMetric {
        namespace: "Shop".into(),
        name: "Depth".into(),
        dimensions: vec![Dimension {
            name: "Queue".into(),
            value: "orders".into(),
        }],
        statistic: Statistic::Sum,
        unit: Some("Count".into()),
    };
    [
        content(tracking(Metric::Predefined(ScalingMetric::AverageCpu), Some(300)), None),
        content(
            tracking(Metric::Predefined(ScalingMetric::RequestsPerTarget), None),
            Some(LABEL),
        ),
        content(tracking(Metric::Custom(custom), None), None),
        content(
            Policy::Step {
                unit: StepUnit::Percent,
                steps: vec![step(None, Some(0.0), -10), step(Some(0.0), None, 20)],
                min_change: Some(2),
                statistic: StepStatistic::Maximum,
                warmup_seconds: Some(60),
            },
            None,
        ),
        content(
            Policy::Predictive {
                metric: ScalingMetric::RequestsPerTarget,
                target: 100.0,
                mode: PredictiveMode::ForecastAndScale,
                buffer_seconds: 600,
            },
            Some(LABEL),
        ),
    ]
}

/// What was put, as AWS shows it.
fn echo(input: &PutScalingPolicyInput) -> types::ScalingPolicy {
    types::ScalingPolicy::builder()
        .set_auto_scaling_group_name(input.auto_scaling_group_name.clone())
        .set_policy_name(input.policy_name.clone())
        .policy_arn("arn:policy")
        .set_policy_type(input.policy_type.clone())
        .set_adjustment_type(input.adjustment_type.clone())
        .set_min_adjustment_magnitude(input.min_adjustment_magnitude)
        .set_step_adjustments(input.step_adjustments.clone())
        .set_metric_aggregation_type(input.metric_aggregation_type.clone())
        .set_estimated_instance_warmup(input.estimated_instance_warmup)
        .set_target_tracking_configuration(input.target_tracking_configuration.clone())
        .set_predictive_scaling_configuration(input.predictive_scaling_configuration.clone())
        .set_enabled(input.enabled)
        .build()
}

fn cpu() -> types::ScalingPolicy {
    named("web", "hastack-average-cpu")
}

fn named(group: &str, name: &str) -> types::ScalingPolicy {
    let metric = PredefinedMetricSpecification::builder().predefined_metric_type(MetricType::AsgAverageCpuUtilization);
    types::ScalingPolicy::builder()
        .auto_scaling_group_name(group)
        .policy_name(name)
        .policy_arn("arn:policy")
        .policy_type("TargetTrackingScaling")
        .target_tracking_configuration(
            TargetTrackingConfiguration::builder()
                .predefined_metric_specification(metric.build())
                .target_value(70.5)
                .disable_scale_in(false)
                .build(),
        )
        .estimated_instance_warmup(300)
        .enabled(true)
        .build()
}

fn state() -> State {
    let [content, ..] = contents();
    State {
        group: "web".into(),
        name: "hastack-average-cpu".into(),
        arn: "arn:policy".into(),
        enabled: true,
        content,
    }
}

fn create(content: Content) -> AnyCreate {
    AnyCreate::ScalingPolicy(Create {
        group: "web".into(),
        name: "hastack-average-cpu".into(),
        content,
    })
}

fn page(token: Option<&'static str>, policies: Vec<types::ScalingPolicy>, next: Option<&'static str>) -> Rule {
    mock!(Client::describe_policies)
        .match_requests(move |input| {
            input.auto_scaling_group_name().is_none() && input.max_records() == Some(100) && input.next_token() == token
        })
        .then_output(move || {
            DescribePoliciesOutput::builder()
                .set_scaling_policies(Some(policies.clone()))
                .set_next_token(next.map(str::to_owned))
                .build()
        })
}

#[tokio::test]
async fn a_sweep_shows_ours_of_all_groups_with_the_tags_that_follow_from_these() {
    let theirs = vec![named("web", "somebodys"), named("foreign", "hastack-average-cpu")];
    let (aws, calls) = aws(&[page(None, theirs, Some("2")), page(Some("2"), vec![cpu()], None)]);
    let seen = aws.sweep(Kind::ScalingPolicy, &[group("web")]).await.unwrap();
    assert_eq!(
        seen,
        [owned("scaling-policy/average-cpu", AnyState::ScalingPolicy(state()))]
    );
    assert_eq!(calls.seen(), ["DescribePolicies ok", "DescribePolicies ok"]);
}

#[tokio::test]
async fn a_sweep_without_groups_asks_nothing() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.sweep(Kind::ScalingPolicy, &[]).await.unwrap(), []);
    assert!(calls.seen().is_empty());
}

#[tokio::test]
async fn a_read_asks_each_group_and_passes_over_one_that_is_gone() {
    let gone = mock!(Client::describe_policies)
        .match_requests(|input| input.auto_scaling_group_name() == Some("gone"))
        .then_error(|| DescribePoliciesError::generic(missing("AutoScalingGroup name not found - no such group")));
    let both = mock!(Client::describe_policies)
        .match_requests(|input| input.auto_scaling_group_name() == Some("web"))
        .then_output(|| {
            let policies = [cpu(), named("web", "hastack-other")];
            DescribePoliciesOutput::builder()
                .set_scaling_policies(Some(policies.into()))
                .build()
        });
    let groups =
        mock!(Client::describe_auto_scaling_groups).then_output(|| DescribeAutoScalingGroupsOutput::builder().build());
    let (aws, _) = aws(&[gone, both, groups]);
    let ids = ["gone/hastack-a".to_owned(), "web/hastack-average-cpu".to_owned()];
    let seen = aws.read(Kind::ScalingPolicy, &ids).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["web/hastack-average-cpu"]);
}

#[tokio::test]
async fn it_is_put_with_its_group_and_its_arn_is_kept() {
    let put = mock!(Client::put_scaling_policy)
        .match_requests(|input| {
            let tracking = input.target_tracking_configuration().unwrap();
            let metric = tracking.predefined_metric_specification().unwrap();
            input.auto_scaling_group_name() == Some("web")
                && input.policy_name() == Some("hastack-average-cpu")
                && input.policy_type() == Some("TargetTrackingScaling")
                && input.enabled() == Some(true)
                && input.estimated_instance_warmup() == Some(300)
                && tracking.target_value() == Some(70.5)
                && metric.predefined_metric_type() == Some(&MetricType::AsgAverageCpuUtilization)
                && metric.resource_label().is_none()
        })
        .then_output(|| PutScalingPolicyOutput::builder().policy_arn("arn:policy").build());
    let (aws, _) = aws(&[put]);
    let [content, ..] = contents();
    let made = aws
        .create(&request(Kind::ScalingPolicy, create(content)))
        .await
        .unwrap();
    assert_eq!(made.id, "web/hastack-average-cpu");
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, AnyState::ScalingPolicy(state()));
}

#[tokio::test]
async fn a_change_is_the_same_call() {
    let put = mock!(Client::put_scaling_policy)
        .match_requests(|input| {
            let [below, above] = input.step_adjustments() else {
                return false;
            };
            input.auto_scaling_group_name() == Some("web")
                && input.policy_name() == Some("hastack-average-cpu")
                && input.policy_type() == Some("StepScaling")
                && input.adjustment_type() == Some("PercentChangeInCapacity")
                && input.min_adjustment_magnitude() == Some(2)
                && input.metric_aggregation_type() == Some("Maximum")
                && *below
                    == StepAdjustment::builder()
                        .metric_interval_upper_bound(0.0)
                        .scaling_adjustment(-10)
                        .build()
                && *above
                    == StepAdjustment::builder()
                        .metric_interval_lower_bound(0.0)
                        .scaling_adjustment(20)
                        .build()
        })
        .then_output(|| PutScalingPolicyOutput::builder().policy_arn("arn:policy").build());
    let (aws, _) = aws(&[put]);
    let [_, _, _, steps, _] = contents();
    let policy = made_object("web/hastack-average-cpu", AnyState::ScalingPolicy(state()));
    let change = AnyChange::ScalingPolicy(Change::Put(steps));
    aws.update(&policy, &change).await.unwrap();
}

#[tokio::test]
async fn what_is_not_ours_is_never_put() {
    let (aws, calls) = aws(&[]);
    let other = Content {
        policy: Policy::Other("SimpleScaling".into()),
        label: None,
    };
    let refused = aws.create(&request(Kind::ScalingPolicy, create(other))).await;
    assert_eq!(refused.unwrap_err().code.as_deref(), Some("Unsupported"));
    assert!(calls.seen().is_empty());
}

#[test]
fn what_is_put_is_known_again() {
    let (aws, _) = aws(&[]);
    for content in contents() {
        let call = content::put(aws.autoscaling.write.put_scaling_policy(), &content).unwrap();
        let input = call.as_input().clone().policy_name("a").auto_scaling_group_name("web");
        let shown = content::shown(&echo(&input.build().unwrap()));
        assert_eq!(shown, content);
    }
}

#[test]
fn what_none_of_ours_can_be_is_named_in_awss_word() {
    let simple = types::ScalingPolicy::builder().policy_type("SimpleScaling").build();
    let metric = || {
        CustomizedMetricSpecification::builder()
            .namespace("Shop")
            .metric_name("Depth")
    };
    let custom = |metric: CustomizedMetricSpecification| {
        let tracking = TargetTrackingConfiguration::builder().customized_metric_specification(metric);
        let policy = types::ScalingPolicy::builder().policy_type("TargetTrackingScaling");
        policy
            .target_tracking_configuration(tracking.target_value(1.0).build())
            .build()
    };
    let pair = PredictiveScalingPredefinedMetricPair::builder()
        .predefined_metric_type(PredefinedMetricPairType::AsgcpuUtilization);
    let specification = PredictiveScalingMetricSpecification::builder()
        .predefined_metric_pair_specification(pair.build())
        .target_value(1.0);
    let beyond = PredictiveScalingConfiguration::builder()
        .metric_specifications(specification.build())
        .mode(PredictiveScalingMode::ForecastAndScale)
        .max_capacity_breach_behavior(PredictiveScalingMaxCapacityBreachBehavior::IncreaseMaxCapacity);
    let predictive = types::ScalingPolicy::builder()
        .policy_type("PredictiveScaling")
        .predictive_scaling_configuration(beyond.build());
    for (policy, word) in [
        (simple, "SimpleScaling"),
        (custom(metric().build()), "TargetTrackingScaling"),
        (
            custom(metric().statistic(MetricStatistic::Sum).period(10).build()),
            "TargetTrackingScaling",
        ),
        (predictive.build(), "PredictiveScaling"),
    ] {
        assert_eq!(content::shown(&policy).policy, Policy::Other(word.into()));
    }
}

#[test]
fn dimensions_and_steps_may_be_listed_in_any_order() {
    let dimension = |name: &str| MetricDimension::builder().name(name).value("v").build();
    let shown = |names: [&str; 2]| {
        let metric = CustomizedMetricSpecification::builder()
            .namespace("Shop")
            .metric_name("Depth")
            .statistic(MetricStatistic::Average)
            .set_dimensions(Some(names.map(dimension).into()));
        let tracking = TargetTrackingConfiguration::builder().customized_metric_specification(metric.build());
        let policy = types::ScalingPolicy::builder()
            .policy_type("TargetTrackingScaling")
            .target_tracking_configuration(tracking.target_value(1.0).build());
        content::shown(&policy.build())
    };
    assert_eq!(shown(["b", "a"]), shown(["a", "b"]));
}

fn missing(message: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code("ValidationError")
        .message(message)
        .build()
}

#[tokio::test]
async fn deleting_one_that_is_gone_succeeds() {
    let deleted = mock!(Client::delete_policy)
        .match_requests(|input| {
            input.auto_scaling_group_name() == Some("web") && input.policy_name() == Some("hastack-average-cpu")
        })
        .then_output(|| DeletePolicyOutput::builder().build());
    let absent = mock!(Client::delete_policy)
        .then_error(|| DeletePolicyError::generic(missing("Policy hastack-average-cpu not found")));
    let (aws, _) = aws(&[deleted, absent]);
    let policy = made_object("web/hastack-average-cpu", AnyState::ScalingPolicy(state()));
    for _ in 0..2 {
        assert_eq!(aws.delete(&policy, None).await.unwrap(), Deletion::Gone);
    }
}
