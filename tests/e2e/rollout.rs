//! Rollouts: other instances when what they are launched with changes, the earlier ones back when the new ones fail.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::aws::{items, text};
use crate::cluster::{BALANCED, TWO_ZONES, service, web};
use crate::operator::Operator;
use crate::stage::Stage;
use crate::wait::until;

async fn built(name: &str) -> (Stage, Operator) {
    let stage = Stage::set(name).await;
    let operator = stage.lone_operator().await;
    stage.build(&web(TWO_ZONES, "loadBalancer: {}")).await;
    stage.build_service(&with_user_data("echo one")).await;
    operator.proxy.clear();
    (stage, operator)
}

fn with_user_data(line: &str) -> String {
    service(&format!(
        "{BALANCED}\nrollout: {{autoRollback: true}}\nuserData: |\n  #!/bin/bash\n  {line}"
    ))
}

async fn instances(stage: &Stage) -> BTreeSet<String> {
    let found = stage.aws.look().await;
    found
        .of("instance")
        .iter()
        .map(|instance| instance.id.clone())
        .collect()
}

async fn refreshes(stage: &Stage) -> Vec<Value> {
    let found = stage.aws.look().await;
    let name = json!({"AutoScalingGroupName": found.the("Auto Scaling group").object["AutoScalingGroupName"]});
    let answer = stage.aws.ask("autoscaling", "describe_instance_refreshes", name).await;
    items(&answer["InstanceRefreshes"])
}

#[tokio::test]
async fn other_user_data_replaces_every_instance_and_the_events_say_so() {
    let (stage, operator) = built("rollout").await;
    let before = instances(&stage).await;
    stage.build_service(&with_user_data("echo two")).await;
    let after = instances(&stage).await;
    assert_eq!(after.len(), 2);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    operator.wrote(
        "to roll out",
        &[("CreateLaunchTemplateVersion", 1), ("StartInstanceRefresh", 1)],
    );
    let status = stage.status("service/web").await;
    assert_eq!(status["rollout"]["progress"], "Done", "{status:#}");
    assert_eq!(status["rollout"]["wantedVersion"], 2);
    stage
        .await_event("service/web", "UpdatedInstanceRefresh", "roll out version 2")
        .await;
    stage.clear_service().await;
}

#[tokio::test]
async fn instances_that_fail_their_health_checks_are_rolled_back_and_another_change_is_tried() {
    let (stage, _operator) = built("rollout-failure").await;
    let before = instances(&stage).await;
    stage.apply(&with_user_data("echo 'hastack-test: unhealthy'")).await;
    let message = stage.await_condition("service/web", "Stalled", "True", "Failed").await;
    assert!(message.contains("has failed and was rolled back"), "{message}");
    let status = stage.status("service/web").await;
    assert_eq!(status["rollout"]["progress"], "RolledBack", "{status:#}");
    until("the earlier version serves", async || {
        let status = stage.status("service/web").await;
        if status["healthy"] == "2/2" {
            Ok(())
        } else {
            Err(format!("{status:#}"))
        }
    })
    .await;
    assert_eq!(refreshes(&stage).await.len(), 1, "a failed version is not tried again");
    assert_eq!(instances(&stage).await.len(), 2);

    stage.build_service(&with_user_data("echo three")).await;
    let after = instances(&stage).await;
    assert_eq!(after.len(), 2);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    stage.clear_service().await;
}

#[tokio::test]
async fn killed_before_the_reply_of_a_rollout_the_operator_starts_one_and_finishes_it() {
    let (stage, mut operator) = built("rollout-crash").await;
    let before = instances(&stage).await;
    for (action, line) in [
        ("CreateLaunchTemplateVersion", "echo two"),
        ("StartInstanceRefresh", "echo three"),
    ] {
        operator.proxy.clear();
        let hold = operator.hold(action, 1..=1);
        stage.apply(&with_user_data(line)).await;
        operator.held(&hold).await;
        operator.kill().await;
        operator.restart().await;
        stage.await_ready("service/web").await;
    }
    let refreshes = refreshes(&stage).await;
    let states: Vec<_> = refreshes.iter().map(|refresh| text(&refresh["Status"])).collect();
    assert_eq!(states, ["Successful", "Successful"]);
    let after = instances(&stage).await;
    assert_eq!(after.len(), 2);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    stage.clear_service().await;
}

#[tokio::test]
async fn a_newer_change_supersedes_a_rollout() {
    let (stage, operator) = built("rollout-superseded").await;
    stage.apply(&with_user_data("echo two")).await;
    until("a rollout is under way", async || {
        match operator.calls("StartInstanceRefresh").len() {
            0 => Err("none was started".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    stage.build_service(&with_user_data("echo three")).await;
    let refreshes = refreshes(&stage).await;
    let running = refreshes.iter().filter(|refresh| refresh["Status"] == "InProgress");
    assert_eq!(running.count(), 0, "{refreshes:#?}");
    let found = stage.aws.look().await;
    for instance in items(&found.the("Auto Scaling group").object["Instances"]) {
        assert_eq!(instance["LaunchTemplate"]["Version"], "3", "{instance:#}");
    }
    stage.clear_service().await;
}

#[tokio::test]
async fn user_data_in_a_config_map_rolls_out_when_it_changes() {
    let stage = Stage::set("rollout-config-map").await;
    let _operator = stage.operator().await;
    stage.build(&web(TWO_ZONES, "loadBalancer: {}")).await;
    let script = |line: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: boot}}\ndata: {{script: \"#!/bin/bash\\n{line}\\n\"}}\n"
        )
    };
    stage.apply(&script("echo one")).await;
    stage
        .build_service(&service(&format!(
            "{BALANCED}\nrollout: {{autoRollback: true}}\nuserDataFrom: {{configMap: {{name: boot, key: script}}}}"
        )))
        .await;
    let before = instances(&stage).await;
    stage.apply(&script("echo two")).await;
    until("every instance is another one", async || {
        let after = instances(&stage).await;
        let status = stage.status("service/web").await;
        let is_done = after.len() == 2 && before.is_disjoint(&after) && status["rollout"]["progress"] == "Done";
        if is_done {
            Ok(())
        } else {
            Err(format!("{after:?} {status:#}"))
        }
    })
    .await;
    stage.clear_service().await;
}
