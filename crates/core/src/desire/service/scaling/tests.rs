use hastack_api::HAStack;

use super::*;
use crate::desired::Identity;

/// The nodes of a service with these lines in its spec, as plans show them.
fn desired(lines: &str) -> Result<Vec<String>, SpecError> {
    let nodes = nodes(lines)?;
    Ok(nodes
        .into_iter()
        .map(|(id, node)| format!("{id}: {}", node.spec))
        .collect())
}

fn nodes(lines: &str) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let stack: HAStack = serde_yaml_ng::from_str(
        "{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {name: base, namespace: shop}, spec: {region: us-east-1, network: {cidr: 10.0.0.0/16}, loadBalancer: {}}}",
    )
    .unwrap();
    let identity = Identity {
        cluster: "c".into(),
        owner: "AutoScaledService/shop/web".parse().unwrap(),
        uid: "u".into(),
    };
    let site = Site::new(&identity, &stack);
    desire(&spec(lines), &site, &Inputs::default())
}

fn spec(lines: &str) -> AutoScaledServiceSpec {
    let text = format!(
        "stackRef: {{name: base}}\nimage: {{id: ami-1}}\ninstanceType: t3.micro\ncapacity: {{min: 1, max: 3}}\nport: 80\n{lines}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

fn error(lines: &str) -> String {
    desired(lines).unwrap_err().to_string()
}

const ROUTING: &str = "routing: {paths: ['/*']}\n";

#[test]
fn without_scaling_there_is_nothing() {
    assert_eq!(desired(""), Ok(Vec::new()));
}

#[test]
fn each_sort_has_a_name_that_follows_from_what_it_is() {
    let scaling = "scaling:
- {targetTracking: {metric: AverageCPU, target: 70}}
- {targetTracking: {metric: AverageNetworkOut, target: 1000000, disableScaleIn: true, warmupSeconds: 60}}
- {targetTracking: {custom: {namespace: Shop, name: QueueDepth}, target: 2.5}}
- {step: {steps: [{from: 10, change: 2}, {from: 0, to: 10, change: 1}]}}
- {step: {unit: Percent, minChange: 2, steps: [{to: 0, change: -25}]}}
- {scheduled: {cron: '0  8 * * MON-FRI', timeZone: Europe/Berlin, min: 2}}
- {predictive: {metric: AverageCPU, target: 50}}
lifecycleHooks:
- {name: drain, transition: Terminating, timeoutSeconds: 300, defaultResult: Continue}";
    assert_eq!(
        desired(scaling).unwrap(),
        [
            "scaling-policy/average-cpu: AverageCPU near 70, warmup 300 s",
            "scaling-policy/average-network-out: AverageNetworkOut near 1000000, only growing, warmup 60 s",
            "scaling-policy/custom-queue-depth: Shop/QueueDepth near 2.5, warmup 300 s",
            "scaling-policy/predictive-average-cpu: forecast of AverageCPU at 50, 300 s ahead",
            "scaling-policy/step-1: by steps of instances: +1 from 0 to 10, +2 from 10, warmup 300 s",
            "scaling-policy/step-2: by steps of percent: -25 to 0, at least 2, warmup 300 s",
            "scheduled-action/scheduled-512d70a3ad: min 2 at 0 8 * * MON-FRI in Europe/Berlin",
            "lifecycle-hook/drain: before terminating wait 300 s, then go on",
        ]
    );
}

#[test]
fn a_name_that_is_given_counts_and_is_known_for_ours_in_aws() {
    let nodes = nodes("scaling: [{name: office, scheduled: {cron: '0 8 * * *', desired: 3}}]").unwrap();
    let (id, node) = nodes.into_iter().next().unwrap();
    assert_eq!(id.to_string(), "scheduled-action/office");
    let Spec::ScheduledAction(spec) = node.spec else {
        panic!("{}", node.spec);
    };
    assert_eq!(spec.name, "hastack-office");
    assert_eq!(spec.content.time_zone, "Etc/UTC");
}

#[test]
fn a_new_instance_counts_after_an_hour_at_the_latest() {
    let scaling =
        "healthCheck: {gracePeriodSeconds: 7200}\nscaling: [{targetTracking: {metric: AverageCPU, target: 70}}]";
    assert_eq!(
        desired(scaling).unwrap(),
        ["scaling-policy/average-cpu: AverageCPU near 70, warmup 3600 s"]
    );
}

#[test]
fn requests_are_those_of_the_stacks_load_balancer_to_the_first_target_group() {
    for scaling in [
        "scaling: [{targetTracking: {metric: RequestsPerTarget, target: 100}}]",
        "scaling: [{predictive: {metric: RequestsPerTarget, target: 100, mode: ForecastAndScale}}]",
    ] {
        let nodes = nodes(&format!("{ROUTING}{scaling}")).unwrap();
        let Some(Spec::ScalingPolicy(policy)) = nodes.into_values().map(|node| node.spec).next() else {
            panic!("there is no policy");
        };
        let traffic = policy.traffic.unwrap();
        let owner = "HAStack/shop/base".parse().unwrap();
        assert_eq!(traffic.load_balancer, NodeId::only(Kind::LoadBalancer).of(&owner));
        assert_eq!(traffic.target_group.kind, Kind::TargetGroup);
        assert!(!traffic.rules.is_empty());
        let of_rules = |rule: &NodeId| rule.kind == Kind::ListenerRule;
        assert!(traffic.rules.iter().all(of_rules));
    }
}

#[test]
fn requests_cannot_be_counted_where_there_are_none() {
    assert_eq!(
        error("scaling: [{targetTracking: {metric: RequestsPerTarget, target: 100}}]"),
        "cannot combine scaling metric RequestsPerTarget with no routing: without it there are no requests to count"
    );
}

#[test]
fn two_of_one_name_are_refused() {
    let cpu = "{targetTracking: {metric: AverageCPU, target: 70}}";
    assert_eq!(
        error(&format!("scaling: [{cpu}, {cpu}]")),
        "cannot use scaling[1]: there is another one of the name \"average-cpu\"; give it a name of its own"
    );
    let other = "{name: other, targetTracking: {metric: AverageCPU, target: 50}}";
    assert_eq!(desired(&format!("scaling: [{cpu}, {other}]")).unwrap().len(), 2);
}

#[test]
fn what_aws_would_refuse_is_refused() {
    assert_eq!(
        error("scaling: [{step: {steps: [{from: 0, to: 5, change: 1}, {from: 6, change: 2}]}}]"),
        "cannot use scaling[0].step: steps must leave no gap: each begins where another ends"
    );
    assert_eq!(
        error("scaling: [{scheduled: {cron: '0 25 * * *', min: 1}}]"),
        "cannot use scaling[0].scheduled.cron \"0 25 * * *\": \"25\" is no hour"
    );
    assert_eq!(
        error("scaling: [{name: nothing}]"),
        "cannot use scaling[0]: give one of targetTracking, step, scheduled and predictive"
    );
}

#[test]
fn a_hook_tells_somebody_by_a_role_and_not_without() {
    let target = "notificationTargetArn: 'arn:aws:sns:us-east-1:123456789012:ops'";
    let role = "roleArn: 'arn:aws:iam::123456789012:role/tell'";
    let hook = |more: &str| format!("lifecycleHooks: [{{name: a, transition: Launching, {more}}}]");
    assert_eq!(
        desired(&hook(&format!("{target}, {role}"))).unwrap(),
        ["lifecycle-hook/a: after launching wait 3600 s, then give up, tell arn:aws:sns:us-east-1:123456789012:ops"]
    );
    for alone in [target, role] {
        assert_eq!(
            error(&hook(alone)),
            "cannot combine lifecycleHooks.notificationTargetArn with no lifecycleHooks.roleArn, or the other way round: AWS tells the target with that role"
        );
    }
}

#[test]
fn words_are_those_of_the_metric() {
    for (name, expected) in [
        ("QueueDepth", "queue-depth"),
        ("CPUUtilization", "cpu-utilization"),
        ("p99.Latency (ms)", "p99-latency-ms"),
        ("HTTP2Requests", "http2-requests"),
        ("äöü", ""),
    ] {
        assert_eq!(kebab(name), expected, "{name}");
    }
}
