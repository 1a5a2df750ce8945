//! What lets AWS add readers to a cluster: a scalable target and its policy. AWS lists those of all clusters, without their tags.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{
    self, MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ServiceNamespace, SuspendedState,
    TargetTrackingScalingPolicyConfiguration,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::group_part::{aws_name, group_and_name};
use hastack_core::resource::scalable_target::{Bounds, Change, Create, Metric, Policy, READERS, State};
use hastack_core::tag::Tags;

use super::{db_cluster, gone, group_part};
use crate::Aws;
use crate::action::Action;
use crate::page::in_turns;

/// What of a cluster is scaled.
const DIMENSION: ScalableDimension = ScalableDimension::RdsClusterReadReplicaCount;

/// What Application Auto Scaling calls a cluster begins with this.
const CLUSTER: &str = "cluster:";

/// The most policies on a page.
/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html>
const POLICIES: i32 = 10;

/// The same words in both directions.
static METRICS: [(Metric, MetricType); 2] = [
    (Metric::Cpu, MetricType::RdsReaderAverageCpuUtilization),
    (Metric::Connections, MetricType::RdsReaderAverageDatabaseConnections),
];

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let objects = with_policies(aws, describe(aws, None).await?).await?;
    Ok(group_part::ours(objects, parents))
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let resources: Vec<_> = ids.iter().map(|id| resource(group_and_name(id).0)).collect();
    let page = Kind::ScalableTarget.row().page.into();
    let targets = in_turns(&resources, page, |resources| describe(aws, Some(resources))).await?;
    let mut objects = with_policies(aws, targets).await?;
    objects.retain(|object| ids.contains(&object.id));
    // A page of all takes no longer than asking for one.
    group_part::tagged(objects, |_clusters| db_cluster::describe(aws)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create { cluster, bounds } = create;
    register(aws, cluster, *bounds, Some(&request.tags)).await?;
    Ok(made(request.tags.clone(), State::new(create)))
}

pub async fn update(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    let (cluster, _) = group_and_name(id);
    match change {
        Change::Bounds(bounds) => register(aws, cluster, *bounds, None).await?,
        Change::Policy(policy) => put(aws, cluster, policy).await?,
    }
    Ok(Reply::default())
}

/// Its policy goes with it.
pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let (cluster, _) = group_and_name(id);
    let call = aws
        .applicationautoscaling
        .write
        .deregister_scalable_target()
        .service_namespace(ServiceNamespace::Rds)
        .resource_id(resource(cluster))
        .scalable_dimension(DIMENSION);
    gone(
        aws.send_write(Action::DeregisterScalableTarget, call.send()).await,
        Deletion::Gone,
    )
}

/// Registers a cluster with tags, or changes without any what is registered; and lets it act.
async fn register(aws: &Aws, cluster: &str, bounds: Bounds, tags: Option<&Tags>) -> Result<(), CloudError> {
    let acting = SuspendedState::builder()
        .dynamic_scaling_in_suspended(false)
        .dynamic_scaling_out_suspended(false)
        .scheduled_scaling_suspended(false);
    let call = aws
        .applicationautoscaling
        .write
        .register_scalable_target()
        .service_namespace(ServiceNamespace::Rds)
        .resource_id(resource(cluster))
        .scalable_dimension(DIMENSION)
        .min_capacity(bounds.min.into())
        .max_capacity(bounds.max.into())
        .suspended_state(acting.build())
        .set_tags(tags.map(|tags| tags.clone().into_iter().collect()));
    aws.send_write(Action::RegisterScalableTarget, call.send()).await?;
    Ok(())
}

/// Makes the policy of a cluster that is registered, or changes it.
async fn put(aws: &Aws, cluster: &str, policy: &Policy) -> Result<(), CloudError> {
    let call = aws
        .applicationautoscaling
        .write
        .put_scaling_policy()
        .policy_name(aws_name(READERS))
        .service_namespace(ServiceNamespace::Rds)
        .resource_id(resource(cluster))
        .scalable_dimension(DIMENSION)
        .policy_type(PolicyType::TargetTrackingScaling)
        .set_target_tracking_scaling_policy_configuration(configuration(policy));
    aws.send_write(Action::ApplicationAutoScalingPutScalingPolicy, call.send())
        .await?;
    Ok(())
}

/// The targets of these resources, or of all: by dimension AWS finds them only together with the first.
async fn describe(aws: &Aws, resources: Option<Vec<String>>) -> Result<Vec<types::ScalableTarget>, CloudError> {
    let request = aws
        .applicationautoscaling
        .read
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Rds)
        .set_resource_ids(resources)
        .max_results(Kind::ScalableTarget.row().page.into());
    aws.items(
        Action::DescribeScalableTargets,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.scalable_targets, page.next_token),
    )
    .await
}

/// Those of the targets that have the policy by whose name they are ours, or none yet.
async fn with_policies(aws: &Aws, targets: Vec<types::ScalableTarget>) -> Result<Vec<Object>, CloudError> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let (policies, name) = (policies(aws).await?, aws_name(READERS));
    let objects = targets.iter().filter_map(|target| {
        let of_target = policies.get(&target.resource_id).map_or(&[][..], Vec::as_slice);
        let own = of_target.iter().find(|policy| policy.policy_name == name);
        let is_ours = own.is_some() || of_target.is_empty();
        is_ours.then(|| object(target, own)).flatten()
    });
    Ok(objects.collect())
}

/// All policies, by resource.
async fn policies(aws: &Aws) -> Result<BTreeMap<String, Vec<types::ScalingPolicy>>, CloudError> {
    let request = aws
        .applicationautoscaling
        .read
        .describe_scaling_policies()
        .service_namespace(ServiceNamespace::Rds)
        .max_results(POLICIES);
    let shown = aws.items(
        Action::DescribeScalingPolicies,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.scaling_policies, page.next_token),
    );
    let mut policies: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for policy in shown
        .await?
        .into_iter()
        .filter(|policy| policy.scalable_dimension == DIMENSION)
    {
        policies.entry(policy.resource_id.clone()).or_default().push(policy);
    }
    Ok(policies)
}

fn object(target: &types::ScalableTarget, policy: Option<&types::ScalingPolicy>) -> Option<Object> {
    if target.scalable_dimension != DIMENSION {
        return None;
    }
    let number = |capacity: i32| u8::try_from(capacity).unwrap_or(u8::MAX);
    let state = State {
        cluster: target.resource_id.strip_prefix(CLUSTER)?.to_owned(),
        bounds: Bounds {
            min: number(target.min_capacity),
            max: number(target.max_capacity),
        },
        suspended: target.suspended_state.as_ref().is_some_and(is_suspended),
        policy: policy.and_then(shown),
    };
    Some(made(Tags::new(), state))
}

fn made(tags: Tags, state: State) -> Object {
    Object {
        id: state.id(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: AnyState::ScalableTarget(state),
    }
}

/// What Application Auto Scaling calls a cluster.
fn resource(cluster: &str) -> String {
    format!("{CLUSTER}{cluster}")
}

fn is_suspended(shown: &SuspendedState) -> bool {
    let suspensions = [
        shown.dynamic_scaling_in_suspended,
        shown.dynamic_scaling_out_suspended,
        shown.scheduled_scaling_suspended,
    ];
    suspensions.contains(&Some(true))
}

fn configuration(policy: &Policy) -> Option<TargetTrackingScalingPolicyConfiguration> {
    let Policy {
        metric,
        target,
        scale_in,
        scale_in_cooldown,
        scale_out_cooldown,
    } = policy;
    let (_, metric) = METRICS.iter().find(|(ours, _)| ours == metric)?;
    let metric = PredefinedMetricSpecification::builder().predefined_metric_type(metric.clone());
    let configuration = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value((*target).into())
        .predefined_metric_specification(metric.build().ok()?)
        .scale_in_cooldown((*scale_in_cooldown).into())
        .scale_out_cooldown((*scale_out_cooldown).into())
        .disable_scale_in(!scale_in);
    configuration.build().ok()
}

/// What a policy says, whoever has put it there; none where it is not such as ours are.
fn shown(policy: &types::ScalingPolicy) -> Option<Policy> {
    let configuration = policy.target_tracking_scaling_policy_configuration.as_ref()?;
    let shown = configuration.predefined_metric_specification.as_ref()?;
    let (metric, _) = METRICS
        .iter()
        .find(|(_, theirs)| *theirs == shown.predefined_metric_type)?;
    let seconds = |cooldown: Option<i32>| cooldown.and_then(|seconds| seconds.try_into().ok());
    Some(Policy {
        metric: *metric,
        // A whole number is written without a point.
        target: configuration.target_value.to_string().parse().ok()?,
        scale_in: configuration.disable_scale_in != Some(true),
        scale_in_cooldown: seconds(configuration.scale_in_cooldown)?,
        scale_out_cooldown: seconds(configuration.scale_out_cooldown)?,
    })
}

#[cfg(test)]
mod tests;
