//! What a scaling policy says, in AWS's words and in ours.

use aws_sdk_autoscaling::operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder;
use aws_sdk_autoscaling::types::{
    CustomizedMetricSpecification, MetricDimension, MetricStatistic, MetricType, PredefinedMetricPairType,
    PredefinedMetricSpecification, PredictiveScalingConfiguration, PredictiveScalingMaxCapacityBreachBehavior,
    PredictiveScalingMetricSpecification, PredictiveScalingMode, PredictiveScalingPredefinedMetricPair, ScalingPolicy,
    StepAdjustment, TargetTrackingConfiguration,
};
use hastack_core::resource::scaling_policy::{
    Content, CustomMetric, Metric, MetricDimension as Dimension, MetricStatistic as Statistic, Policy, PredictiveMode,
    ScalingMetric, ScalingStep, StepStatistic, StepUnit,
};

const TARGET_TRACKING: &str = "TargetTrackingScaling";
const STEP: &str = "StepScaling";
const PREDICTIVE: &str = "PredictiveScaling";
/// The period of a metric where none is given.
const A_MINUTE: i32 = 60;

/// The same words in both directions.
static METRICS: [(ScalingMetric, MetricType, PredefinedMetricPairType); 4] = [
    (
        ScalingMetric::AverageCpu,
        MetricType::AsgAverageCpuUtilization,
        PredefinedMetricPairType::AsgcpuUtilization,
    ),
    (
        ScalingMetric::AverageNetworkIn,
        MetricType::AsgAverageNetworkIn,
        PredefinedMetricPairType::AsgNetworkIn,
    ),
    (
        ScalingMetric::AverageNetworkOut,
        MetricType::AsgAverageNetworkOut,
        PredefinedMetricPairType::AsgNetworkOut,
    ),
    (
        ScalingMetric::RequestsPerTarget,
        MetricType::AlbRequestCountPerTarget,
        PredefinedMetricPairType::AlbRequestCount,
    ),
];
static STATISTICS: [(Statistic, MetricStatistic); 5] = [
    (Statistic::Average, MetricStatistic::Average),
    (Statistic::Minimum, MetricStatistic::Minimum),
    (Statistic::Maximum, MetricStatistic::Maximum),
    (Statistic::SampleCount, MetricStatistic::SampleCount),
    (Statistic::Sum, MetricStatistic::Sum),
];
static UNITS: [(StepUnit, &str); 3] = [
    (StepUnit::Instances, "ChangeInCapacity"),
    (StepUnit::Percent, "PercentChangeInCapacity"),
    (StepUnit::Exact, "ExactCapacity"),
];
static STEP_STATISTICS: [(StepStatistic, &str); 3] = [
    (StepStatistic::Average, "Average"),
    (StepStatistic::Minimum, "Minimum"),
    (StepStatistic::Maximum, "Maximum"),
];
static MODES: [(PredictiveMode, PredictiveScalingMode); 2] = [
    (PredictiveMode::ForecastOnly, PredictiveScalingMode::ForecastOnly),
    (
        PredictiveMode::ForecastAndScale,
        PredictiveScalingMode::ForecastAndScale,
    ),
];

/// What stands beside `ours` in such a list.
fn theirs<A: PartialEq, B: Clone>(list: &[(A, B)], ours: &A) -> Option<B> {
    list.iter().find(|(one, _)| one == ours).map(|(_, other)| other.clone())
}

/// What stands beside `theirs` in such a list.
fn ours<A: Copy, B: PartialEq>(list: &[(A, B)], theirs: &B) -> Option<A> {
    list.iter().find(|(_, other)| other == theirs).map(|(one, _)| *one)
}

/// The call that puts this; none for what is not ours.
pub(super) fn put(call: PutScalingPolicyFluentBuilder, content: &Content) -> Option<PutScalingPolicyFluentBuilder> {
    let Content { policy, label } = content;
    match policy {
        Policy::TargetTracking {
            metric,
            target,
            disable_scale_in,
            warmup_seconds,
        } => {
            let configuration = TargetTrackingConfiguration::builder()
                .target_value(*target)
                .disable_scale_in(*disable_scale_in);
            let configuration = match metric {
                Metric::Predefined(metric) => {
                    configuration.predefined_metric_specification(predefined(*metric, label.as_deref())?)
                }
                Metric::Custom(metric) => configuration.customized_metric_specification(customized(metric)?),
            };
            let call = call
                .policy_type(TARGET_TRACKING)
                .target_tracking_configuration(configuration.build())
                .set_estimated_instance_warmup(warmup_seconds.map(Into::into));
            Some(call)
        }
        Policy::Step {
            unit,
            steps,
            min_change,
            statistic,
            warmup_seconds,
        } => {
            let call = call
                .policy_type(STEP)
                .adjustment_type(theirs(&UNITS, unit)?)
                .set_step_adjustments(Some(steps.iter().map(adjustment).collect()))
                .set_min_adjustment_magnitude(min_change.map(Into::into))
                .metric_aggregation_type(theirs(&STEP_STATISTICS, statistic)?)
                .set_estimated_instance_warmup(warmup_seconds.map(Into::into));
            Some(call)
        }
        Policy::Predictive {
            metric,
            target,
            mode,
            buffer_seconds,
        } => {
            let configuration = PredictiveScalingConfiguration::builder()
                .metric_specifications(pair(*metric, *target, label.as_deref())?)
                .mode(theirs(&MODES, mode)?)
                .scheduling_buffer_time((*buffer_seconds).into())
                .max_capacity_breach_behavior(PredictiveScalingMaxCapacityBreachBehavior::HonorMaxCapacity);
            let call = call.policy_type(PREDICTIVE);
            Some(call.predictive_scaling_configuration(configuration.build()))
        }
        Policy::Other(_) => None,
    }
}

fn predefined(metric: ScalingMetric, label: Option<&str>) -> Option<PredefinedMetricSpecification> {
    let (_, metric, _) = METRICS.iter().find(|(one, ..)| *one == metric)?;
    let specification = PredefinedMetricSpecification::builder().predefined_metric_type(metric.clone());
    Some(specification.set_resource_label(label.map(str::to_owned)).build())
}

fn pair(metric: ScalingMetric, target: f64, label: Option<&str>) -> Option<PredictiveScalingMetricSpecification> {
    let (_, _, metric) = METRICS.iter().find(|(one, ..)| *one == metric)?;
    let pair = PredictiveScalingPredefinedMetricPair::builder()
        .predefined_metric_type(metric.clone())
        .set_resource_label(label.map(str::to_owned));
    let specification = PredictiveScalingMetricSpecification::builder()
        .target_value(target)
        .predefined_metric_pair_specification(pair.build());
    Some(specification.build())
}

fn customized(metric: &CustomMetric) -> Option<CustomizedMetricSpecification> {
    let CustomMetric {
        namespace,
        name,
        dimensions,
        statistic,
        unit,
    } = metric;
    let dimensions = dimensions.iter().map(|Dimension { name, value }| {
        let dimension = MetricDimension::builder().name(name).value(value);
        dimension.build()
    });
    let specification = CustomizedMetricSpecification::builder()
        .namespace(namespace)
        .metric_name(name)
        .set_dimensions(Some(dimensions.collect()))
        .statistic(theirs(&STATISTICS, statistic)?)
        .set_unit(unit.clone());
    Some(specification.build())
}

fn adjustment(step: &ScalingStep) -> StepAdjustment {
    let ScalingStep { from, to, change } = step;
    StepAdjustment::builder()
        .set_metric_interval_lower_bound(*from)
        .set_metric_interval_upper_bound(*to)
        .scaling_adjustment(*change)
        .build()
}

/// What a policy says, whoever has put it there.
pub(super) fn shown(policy: &ScalingPolicy) -> Content {
    let word = policy.policy_type.as_deref().unwrap_or_default();
    let known = match word {
        TARGET_TRACKING => tracking(policy),
        STEP => steps(policy).map(|policy| (policy, None)),
        PREDICTIVE => predictive(policy),
        _ => None,
    };
    match known {
        Some((policy, label)) => Content {
            policy: policy.in_order(),
            label,
        },
        None => Content {
            policy: Policy::Other(word.to_owned()),
            label: None,
        },
    }
}

fn tracking(policy: &ScalingPolicy) -> Option<(Policy, Option<String>)> {
    let configuration = policy.target_tracking_configuration.as_ref()?;
    let (metric, label) = match (
        &configuration.predefined_metric_specification,
        &configuration.customized_metric_specification,
    ) {
        (Some(predefined), None) => {
            let shown = predefined.predefined_metric_type.as_ref()?;
            let (metric, ..) = METRICS.iter().find(|(_, metric, _)| metric == shown)?;
            (Metric::Predefined(*metric), predefined.resource_label.clone())
        }
        (None, Some(custom)) => (Metric::Custom(custom_metric(custom)?), None),
        (_, _) => return None,
    };
    let policy = Policy::TargetTracking {
        metric,
        target: configuration.target_value?,
        disable_scale_in: configuration.disable_scale_in.unwrap_or_default(),
        warmup_seconds: seconds(policy.estimated_instance_warmup),
    };
    Some((policy, label.filter(|label| !label.is_empty())))
}

/// A metric, unless it is computed from others or of another period, which none of ours is.
fn custom_metric(shown: &CustomizedMetricSpecification) -> Option<CustomMetric> {
    if shown.metrics.as_ref().is_some_and(|metrics| !metrics.is_empty()) || shown.period.unwrap_or(A_MINUTE) != A_MINUTE
    {
        return None;
    }
    let dimension = |dimension: &MetricDimension| {
        Some(Dimension {
            name: dimension.name.clone()?,
            value: dimension.value.clone()?,
        })
    };
    let dimensions = shown.dimensions.iter().flatten().map(dimension);
    Some(CustomMetric {
        namespace: shown.namespace.clone()?,
        name: shown.metric_name.clone()?,
        dimensions: dimensions.collect::<Option<_>>()?,
        statistic: ours(&STATISTICS, shown.statistic.as_ref()?)?,
        unit: shown.unit.clone().filter(|unit| !unit.is_empty()),
    })
}

fn steps(policy: &ScalingPolicy) -> Option<Policy> {
    let steps = policy.step_adjustments.iter().flatten().map(|step| {
        Some(ScalingStep {
            from: step.metric_interval_lower_bound,
            to: step.metric_interval_upper_bound,
            change: step.scaling_adjustment?,
        })
    });
    let statistic = policy.metric_aggregation_type.as_deref();
    Some(Policy::Step {
        unit: ours(&UNITS, &policy.adjustment_type.as_deref()?)?,
        steps: steps.collect::<Option<_>>()?,
        min_change: seconds(policy.min_adjustment_magnitude),
        statistic: statistic.map_or(Some(StepStatistic::Average), |word| ours(&STEP_STATISTICS, &word))?,
        warmup_seconds: seconds(policy.estimated_instance_warmup),
    })
}

fn predictive(policy: &ScalingPolicy) -> Option<(Policy, Option<String>)> {
    let configuration = policy.predictive_scaling_configuration.as_ref()?;
    let honors = PredictiveScalingMaxCapacityBreachBehavior::HonorMaxCapacity;
    let breach = configuration.max_capacity_breach_behavior.as_ref();
    let [specification] = configuration.metric_specifications.as_deref()? else {
        return None;
    };
    let pair = specification.predefined_metric_pair_specification.as_ref()?;
    let shown = pair.predefined_metric_type.as_ref()?;
    let (metric, ..) = METRICS.iter().find(|(_, _, metric)| metric == shown)?;
    if breach.is_some_and(|breach| *breach != honors) {
        return None;
    }
    let mode = configuration.mode.as_ref();
    let policy = Policy::Predictive {
        metric: *metric,
        target: specification.target_value?,
        mode: mode.map_or(Some(PredictiveMode::ForecastOnly), |mode| ours(&MODES, mode))?,
        // AWS's default.
        buffer_seconds: seconds(configuration.scheduling_buffer_time).unwrap_or(300),
    };
    Some((policy, pair.resource_label.clone().filter(|label| !label.is_empty())))
}

fn seconds(shown: Option<i32>) -> Option<u16> {
    shown.and_then(|number| number.try_into().ok())
}
