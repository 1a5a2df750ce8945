//! A service: what it takes to make, to change and to delete; what its instances are to the load balancer; who scales it.

use serde_json::{Value, json};

use crate::aws::{items, text};
use crate::cluster::{BALANCED, TWO_ZONES, service, web};
use crate::operator::{by_action, failed};
use crate::stage::Stage;
use crate::wait::until;

/// Two zones, a load balancer, and that service, ready; no call counted.
async fn built(name: &str) -> (Stage, crate::operator::Operator) {
    let stage = Stage::set(name).await;
    let operator = stage.operator().await;
    stage.build(&web(TWO_ZONES, "loadBalancer: {}")).await;
    operator.proxy.clear();
    stage.build_service(&service(BALANCED)).await;
    (stage, operator)
}

#[tokio::test]
async fn a_service_takes_11_writes_and_9_to_delete() {
    let (stage, operator) = built("service").await;
    operator.wrote(
        "to create",
        &[
            ("AddRoleToInstanceProfile", 1),
            ("AttachRolePolicy", 1),
            ("AuthorizeSecurityGroupIngress", 1),
            ("CreateAutoScalingGroup", 1),
            ("CreateInstanceProfile", 1),
            ("CreateLaunchTemplate", 1),
            ("CreateRole", 1),
            ("CreateRule", 1),
            ("CreateSecurityGroup", 1),
            ("CreateTargetGroup", 1),
            ("ModifyTargetGroupAttributes", 1),
        ],
    );
    operator.sweeps(3).await;
    operator.wrote("at rest", &[]);
    let before = stage.aws.look().await;
    stage.delete("service/web").await;
    stage.await_gone("service/web").await;
    operator.wrote(
        "to delete",
        &[
            ("DeleteAutoScalingGroup", 1),
            ("DeleteInstanceProfile", 1),
            ("DeleteLaunchTemplate", 1),
            ("DeleteRole", 1),
            ("DeleteRule", 1),
            ("DeleteSecurityGroup", 1),
            ("DeleteTargetGroup", 1),
            ("DetachRolePolicy", 1),
            ("RemoveRoleFromInstanceProfile", 1),
        ],
    );
    assert!(before.of("instance").len() == 2, "{before:#?}");
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn the_instances_of_a_group_are_targets_of_the_load_balancer_and_the_columns_say_so() {
    let (stage, _operator) = built("service-targets").await;
    let found = stage.aws.look().await;
    let instances: Vec<_> = found.of("instance").iter().map(|instance| json!(instance.id)).collect();
    let group = found.the("target group");
    let health = json!({"TargetGroupArn": group.id});
    let health = stage.aws.ask("elbv2", "describe_target_health", health).await;
    let targets = items(&health["TargetHealthDescriptions"]);
    assert_eq!(targets.len(), 2);
    for target in targets {
        assert_eq!(target["TargetHealth"]["State"], "healthy");
        assert!(instances.contains(&target["Target"]["Id"]), "{target} {instances:?}");
    }
    let rule = &found.the("listener rule").object;
    assert_eq!(rule["Actions"][0]["TargetGroupArn"], group.id);
    let row = stage
        .kubectl(&["get", "autoscaledservices", "web", "--no-headers"])
        .await
        .unwrap();
    let columns: Vec<_> = row.split_whitespace().collect();
    let url = text(&stage.status("web").await["url"]);
    assert_eq!(
        columns[..9],
        [
            "web",
            "True",
            "2/2",
            "2",
            "2",
            "4",
            "Done",
            "ami-0abcdef1234567890",
            &url
        ]
    );
    until("the stack counts its services", async || {
        match text(&stage.status("web").await["services"]).as_str() {
            "1/1" => Ok(()),
            other => Err(other.to_owned()),
        }
    })
    .await;
    stage.clear_service().await;
}

#[tokio::test]
async fn kubectl_scales_a_service_by_one_call_and_what_scaling_does_is_left_alone() {
    let (stage, operator) = built("service-scale").await;
    operator.proxy.clear();
    stage
        .kubectl(&["scale", "autoscaledservices", "web", "--replicas=3"])
        .await
        .unwrap();
    until("the third instance is healthy", async || {
        let status = stage.status("service/web").await;
        if status["healthy"] == "3/3" {
            Ok(())
        } else {
            Err(format!("{status:#}"))
        }
    })
    .await;
    assert_eq!(stage.aws.look().await.of("instance").len(), 3);
    operator.wrote("to scale", &[("SetDesiredCapacity", 1)]);

    let name = text(&group(&stage).await["AutoScalingGroupName"]);
    let wanted = json!({"AutoScalingGroupName": name, "DesiredCapacity": 4});
    stage.aws.ask("autoscaling", "set_desired_capacity", wanted).await;
    until("what scaling did is shown", async || {
        let status = stage.status("service/web").await;
        let is_shown = status["replicas"] == 4 && status["healthy"] == "4/4";
        if is_shown { Ok(()) } else { Err(format!("{status:#}")) }
    })
    .await;
    operator.sweeps(2).await;
    operator.wrote("after scaling", &[]);
    assert_eq!(group(&stage).await["DesiredCapacity"], 4);
    stage.clear_service().await;
}

/// The Auto Scaling group of the service.
async fn group(stage: &Stage) -> Value {
    stage.aws.look().await.the("Auto Scaling group").object.clone()
}

/// What of [`BALANCED`] is replaced, by what, and which calls that takes.
type Edit<'a> = (&'a str, &'a str, &'a [(&'a str, usize)]);

#[tokio::test]
async fn each_change_takes_the_calls_it_needs_and_no_other() {
    let (stage, operator) = built("service-changes").await;
    operator.proxy.clear();
    let changes: [Edit<'_>; 9] = [
        (
            "capacity: {min: 2, max: 4}",
            "capacity: {min: 1, max: 5}",
            &[("UpdateAutoScalingGroup", 1)],
        ),
        (
            "port: 80",
            "port: 80\nhealthCheck: {path: /health}",
            &[("ModifyTargetGroup", 1)],
        ),
        // What is more special comes first.
        (
            "paths: ['/*']",
            "paths: ['/shop/*']",
            &[("ModifyRule", 1), ("SetRulePriorities", 1)],
        ),
        (
            "paths: ['/*']",
            "paths: ['/*'], slowStartSeconds: 60",
            &[("ModifyTargetGroupAttributes", 1)],
        ),
        (
            "port: 80",
            "port: 80\nscaling: [{targetTracking: {metric: AverageCPU, target: 70}}]",
            &[("PutScalingPolicy", 1)],
        ),
        (
            "port: 80",
            "port: 80\nsuspendedProcesses: [AZRebalance]",
            &[("SuspendProcesses", 1)],
        ),
        ("port: 80", "port: 80\nwarmPool: {min: 1}", &[("PutWarmPool", 1)]),
        (
            "port: 80",
            "port: 80\ningress: [{port: 22, cidrs: [203.0.113.7/32]}]",
            &[("AuthorizeSecurityGroupIngress", 1)],
        ),
        (
            "port: 80",
            "port: 80\npermissions: [{policyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'}]",
            &[("AttachRolePolicy", 1)],
        ),
    ];
    for (from, to, calls) in changes {
        assert!(BALANCED.contains(from), "{from}");
        stage.build_service(&service(&BALANCED.replace(from, to))).await;
        operator.wrote(to, calls);
        stage.build_service(&service(BALANCED)).await;
        let back = operator.writes();
        assert_eq!(
            (back.len(), failed(&back)),
            (calls.len(), vec![]),
            "back from {to}: {:?}",
            by_action(&back)
        );
        operator.proxy.clear();
    }
    stage.clear_service().await;
}

#[tokio::test]
async fn every_sort_of_scaling_is_what_was_asked_for_and_goes_when_it_is_not() {
    let (stage, operator) = built("service-policies").await;
    let policies = "scaling:
  - targetTracking: {metric: AverageCPU, target: 70}
  - targetTracking: {metric: AverageNetworkIn, target: 1000000}
  - targetTracking: {metric: AverageNetworkOut, target: 1000000}
  - targetTracking: {metric: RequestsPerTarget, target: 500}
  - name: queue
    targetTracking: {custom: {namespace: shop, name: QueueLength, statistic: Average}, target: 10}
  - name: steps
    step: {unit: Instances, steps: [{from: 0, to: 10, change: 1}, {from: 10, change: 2}]}
  - name: morning
    scheduled: {cron: '0 8 * * 1-5', timeZone: Europe/Berlin, min: 3}
  - name: foreseen
    predictive: {metric: AverageCPU, target: 60, mode: ForecastOnly}";
    stage.build_service(&service(&format!("{BALANCED}\n{policies}"))).await;
    let name = json!({"AutoScalingGroupName": group(&stage).await["AutoScalingGroupName"]});
    let found = stage.aws.ask("autoscaling", "describe_policies", name.clone()).await;
    let found = items(&found["ScalingPolicies"]);
    let mut kinds: Vec<_> = found.iter().map(|policy| text(&policy["PolicyType"])).collect();
    kinds.sort();
    let tracking = "TargetTrackingScaling";
    assert_eq!(
        kinds,
        [
            "PredictiveScaling",
            "StepScaling",
            tracking,
            tracking,
            tracking,
            tracking,
            tracking
        ]
    );
    let scheduled = stage
        .aws
        .ask("autoscaling", "describe_scheduled_actions", name.clone())
        .await;
    let scheduled = items(&scheduled["ScheduledUpdateGroupActions"]);
    assert_eq!(scheduled.len(), 1);
    assert_eq!(
        (&scheduled[0]["Recurrence"], &scheduled[0]["TimeZone"]),
        (&json!("0 8 * * 1-5"), &json!("Europe/Berlin"))
    );

    operator.proxy.clear();
    stage.build_service(&service(BALANCED)).await;
    operator.wrote("all taken away", &[("DeletePolicy", 7), ("DeleteScheduledAction", 1)]);
    let left = stage.aws.ask("autoscaling", "describe_policies", name).await;
    assert_eq!(items(&left["ScalingPolicies"]), Vec::<Value>::new());
    stage.clear_service().await;
}

#[tokio::test]
async fn another_port_brings_another_target_group_which_takes_over_and_the_first_goes() {
    let (stage, operator) = built("service-takeover").await;
    let before = stage.aws.look().await.the("target group").id.clone();
    operator.proxy.clear();
    stage
        .build_service(&service(&BALANCED.replace("port: 80", "port: 8080")))
        .await;
    until("the first target group is gone", async || {
        let found = stage.aws.look().await;
        let groups = found.of("target group");
        let is_replaced = groups.len() == 1 && groups[0].id != before && groups[0].object["Port"] == 8080;
        if is_replaced {
            Ok(())
        } else {
            Err(format!("{groups:#?}"))
        }
    })
    .await;
    stage.await_ready("service/web").await;
    assert_eq!(failed(&operator.writes()), []);
    stage.clear_service().await;
}

#[tokio::test]
async fn what_somebody_changes_or_deletes_of_a_service_is_put_right() {
    let (stage, _operator) = built("service-drift").await;
    let before = stage.aws.look().await;
    let (rule, name) = (
        before.the("listener rule").id.clone(),
        group(&stage).await["AutoScalingGroupName"].clone(),
    );
    stage.aws.ask("elbv2", "delete_rule", json!({"RuleArn": rule})).await;
    let sizes = json!({"AutoScalingGroupName": name, "MaxSize": 9});
    stage.aws.ask("autoscaling", "update_auto_scaling_group", sizes).await;
    until("both are put right", async || {
        let found = stage.aws.look().await;
        let is_right = found.of("listener rule").len() == 1 && found.the("Auto Scaling group").object["MaxSize"] == 4;
        if is_right {
            Ok(())
        } else {
            Err(format!("{:#?}", found.of("listener rule")))
        }
    })
    .await;
    let delete = json!({"AutoScalingGroupName": name, "ForceDelete": true});
    stage.aws.ask("autoscaling", "delete_auto_scaling_group", delete).await;
    until("the group is made again", async || {
        let found = stage.aws.look().await;
        let status = stage.status("service/web").await;
        let is_back = found.of("Auto Scaling group").len() == 1 && status["healthy"] == "2/2";
        if is_back { Ok(()) } else { Err(format!("{status:#}")) }
    })
    .await;
    stage.await_ready("service/web").await;
    stage.clear_service().await;
}

#[tokio::test]
async fn a_group_is_made_with_its_hooks() {
    let stage = Stage::set("service-hooks").await;
    let operator = stage.operator().await;
    stage.build(&web(TWO_ZONES, "loadBalancer: {}")).await;
    let hook = "lifecycleHooks: [{name: drain, transition: Terminating, timeoutSeconds: 30}]";
    stage.build_service(&service(&format!("{BALANCED}\n{hook}"))).await;
    let name = json!({"AutoScalingGroupName": group(&stage).await["AutoScalingGroupName"]});
    let hooks = stage.aws.ask("autoscaling", "describe_lifecycle_hooks", name).await;
    let hooks = items(&hooks["LifecycleHooks"]);
    assert_eq!(hooks.len(), 1);
    assert_eq!(hooks[0]["HeartbeatTimeout"], 30);
    operator.sweeps(3).await;
    assert_eq!(operator.calls("PutLifecycleHook").len(), 0);
    stage.clear_service().await;
}
