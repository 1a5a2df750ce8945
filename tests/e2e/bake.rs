//! Images that are built: once a recipe, whatever happens meanwhile; and what went wrong is shown where it did.

use crate::aws::text;
use crate::cluster::{TWO_ZONES, service, web};
use crate::operator::Operator;
use crate::stage::Stage;

/// An instance of an image that is built.
fn baked(script: &str) -> String {
    let image = format!(
        "image:\n  build:\n    from: {{id: ami-0abcdef1234567890}}\n    script: |\n      #!/bin/bash\n      {script}"
    );
    service(&format!(
        "{image}\ninstanceType: t3.micro\ncapacity: {{min: 1, max: 2}}"
    ))
}

async fn ground(name: &str) -> (Stage, Operator) {
    let stage = Stage::set(name).await;
    let operator = stage.lone_operator().await;
    stage.build(&web(TWO_ZONES, "")).await;
    operator.proxy.clear();
    (stage, operator)
}

/// Asserts that this many images with a snapshot each are there, and no builder.
async fn are_baked(stage: &Stage, images: usize) {
    let found = stage.aws.look().await;
    assert_eq!(found.of("image").len(), images, "{found:#?}");
    assert_eq!(found.of("snapshot").len(), images, "{found:#?}");
    let builders = found.of("instance").into_iter().filter(|instance| {
        let id = instance.tags.get("hastack.dev/id");
        id.is_some_and(|id| id.starts_with("instance/builder"))
    });
    assert_eq!(builders.count(), 0, "{found:#?}");
}

#[tokio::test]
async fn a_recipe_is_baked_once_and_another_one_rolls_out() {
    let (stage, operator) = ground("bake").await;
    stage.build_service(&baked("echo one")).await;
    assert_eq!(operator.calls("RunInstances").len(), 1);
    are_baked(&stage, 1).await;
    let first = text(&stage.status("service/web").await["image"]["id"]);
    operator.proxy.clear();
    stage
        .build_service(&baked("echo one").replace("max: 2", "max: 3"))
        .await;
    operator.wrote("the same recipe", &[("UpdateAutoScalingGroup", 1)]);

    stage.build_service(&baked("echo two")).await;
    are_baked(&stage, 2).await;
    let second = text(&stage.status("service/web").await["image"]["id"]);
    assert_ne!(first, second);
    let found = stage.aws.look().await;
    for instance in found.of("instance") {
        assert_eq!(instance.object["ImageId"], second.as_str());
    }
    stage.clear_service().await;
}

#[tokio::test]
async fn killed_before_a_reply_of_a_bake_the_operator_makes_one_builder_and_one_image() {
    let crashes = [
        "CreateSecurityGroup",
        "RunInstances",
        "CreateImage",
        "TerminateInstances",
    ];
    let crash = |action: &'static str| async move {
        let (stage, mut operator) = ground(&format!("bake-crash-{}", action.to_lowercase())).await;
        let hold = operator.hold(action, 1..=1);
        stage.apply(&baked("echo one")).await;
        operator.held(&hold).await;
        operator.kill().await;
        operator.restart().await;
        stage.await_ready("service/web").await;
        are_baked(&stage, 1).await;
        let launched = operator.calls("RunInstances");
        assert!(launched.len() <= 2, "{action}: {launched:?}");
        stage.clear_service().await;
    };
    futures::future::join_all(crashes.map(crash)).await;
}

#[tokio::test]
async fn a_script_that_fails_shows_the_end_of_its_output_and_a_mended_one_is_tried() {
    let (stage, _operator) = ground("bake-failure").await;
    stage.apply(&baked("exit 7")).await;
    let message = stage.await_condition("service/web", "Stalled", "True", "Failed").await;
    assert!(message.contains("failed with status 7"), "{message}");
    // It stays as what says so, and has shut itself down.
    let builder = stage.aws.look().await.the("instance").state.clone();
    assert_eq!(builder.as_deref(), Some("stopped"));
    stage.build_service(&baked("echo mended")).await;
    are_baked(&stage, 1).await;
    stage.clear_service().await;
}
