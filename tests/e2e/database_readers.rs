//! Readers that AWS adds to clusters.

use serde_json::{Value, json};

use crate::aws::items;
use crate::database::{AURORA_MYSQL, build, built, clear, id, shown};
use crate::operator::failed;
use crate::stage::Stage;
use crate::wait::until;

/// Has AWS have so many readers in the cluster, since those it has are busy, and waits until the status says so.
async fn busy(stage: &Stage, cluster: &str, readers: usize) {
    let count = json!({"count": readers}).to_string();
    let path = format!("/mended/rds/{cluster}/readers");
    stage.ground.stand_in.post(&path, &count).await.unwrap();
    until("the readers are there", async || {
        let status = stage.status("database/orders").await;
        match items(&status["otherMembers"]).len() {
            is if is == readers => Ok(()),
            _ => Err(format!("{:#}", status["otherMembers"])),
        }
    })
    .await;
}

#[tokio::test]
async fn readers_that_aws_adds_come_and_go_with_what_lets_it() {
    let lines = format!("{AURORA_MYSQL}\ninstances: 1");
    let scaled = format!("{lines}\nreaderAutoScaling: {{maxReaders: 3, targetCPUPercent: 60}}");
    let (stage, operator) = built("readers", &lines).await;
    operator.proxy.clear();
    build(&stage, &scaled).await;
    operator.wrote("to scale", &[("PutScalingPolicy", 1), ("RegisterScalableTarget", 1)]);
    let cluster = id(&stage).await;
    busy(&stage, &cluster, 2).await;
    stage.await_ready("database/orders").await;
    operator.proxy.clear();
    operator.sweeps(2).await;
    operator.wrote("at rest", &[]);
    build(&stage, &lines).await;
    operator.wrote(
        "to scale no more",
        &[("DeregisterScalableTarget", 1), ("RegisterScalableTarget", 1)],
    );
    let members = shown(&stage, &cluster).await["DBClusterMembers"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(1), "{members:#}");
    build(&stage, &scaled).await;
    busy(&stage, &cluster, 1).await;
    let kept = clear(&stage).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(failed(&operator.writes()), []);
    let parameters = json!({"ServiceNamespace": "rds"});
    let left = stage
        .aws
        .ask("application-autoscaling", "describe_scalable_targets", parameters)
        .await;
    let of_this = |target: &&Value| target["ResourceId"] == format!("cluster:{cluster}");
    assert_eq!(items(&left["ScalableTargets"]).iter().filter(of_this).count(), 0);
}
