//! What the operator tells those who watch it.

use crate::cluster::stack;
use crate::stage::Stage;

#[tokio::test]
async fn health_readiness_and_metrics_answer_and_count_what_was_done() {
    let stage = Stage::set("telemetry").await;
    let operator = stage.operator().await;
    stage
        .apply(&stack(
            "web",
            "availabilityZones: 1\ndatabaseSubnets: false\nnatGateways: None",
        ))
        .await;
    stage.await_ready("web").await;
    assert_eq!(operator.get("/healthz").await.as_deref(), Ok("ok\n"));
    assert_eq!(operator.get("/readyz").await.as_deref(), Ok("ok\n"));
    let metrics = operator.get("/metrics").await.unwrap();
    let sum = |name: &str, labels: &[&str]| -> f64 {
        let lines = metrics.lines().filter(|line| {
            let series = line.split([' ', '{']).next();
            series == Some(name) && labels.iter().all(|label| line.contains(label))
        });
        lines
            .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
            .sum()
    };
    let subnets = ["service=\"ec2\"", "action=\"CreateSubnet\"", "outcome=\"ok\""];
    for (name, labels, wanted) in [
        ("hastack_aws_calls_total", &subnets[..], 2.0),
        ("hastack_resources", &["kind=\"subnet\"", "phase=\"ready\""], 2.0),
        ("hastack_resources", &["kind=\"vpc\"", "phase=\"ready\""], 1.0),
        // Sweeps show everybody's; only ours count.
        (
            "hastack_resources",
            &["kind=\"default-security-group\"", "phase=\"ready\""],
            1.0,
        ),
        ("hastack_leader", &[], 1.0),
        ("hastack_kubernetes_writes_total", &["what=\"intent\""], 2.0),
    ] {
        assert!(
            (sum(name, labels) - wanted).abs() < 0.1,
            "{name} {labels:?}: {}\n{metrics}",
            sum(name, labels)
        );
    }
    assert!(sum("hastack_reconcile_seconds_count", &[]) >= 1.0, "{metrics}");
    let age = sum("hastack_sweep_age_seconds", &["kind=\"vpc\""]);
    assert!(age > 0.0 && age < 10.0, "{age}\n{metrics}");
}
