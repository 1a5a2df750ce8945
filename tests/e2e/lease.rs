//! Two replicas: one works, the other steps in.

use std::time::{Duration, Instant};

use hastack_testbed::process::{Exit, Signal};

use crate::aws::tag;
use crate::cluster::stack;
use crate::stage::Stage;
use crate::wait::until;

/// The longest until another replica steps in for one that crashed, and what a machine that is busy may add.
const TAKEOVER: Duration = Duration::from_secs(15 + 3);
/// The longest until another replica steps in for one that was told to end.
const HAND_OVER: Duration = Duration::from_secs(2);
const SHAPE: &str = "availabilityZones: 1\ndatabaseSubnets: false";

#[tokio::test]
async fn a_stopped_leader_is_replaced_and_writes_nothing_when_continued() {
    let stage = Stage::set("lease-stopped").await;
    let first = stage.operator().await;
    first.leads(true, TAKEOVER).await;
    let second = stage.operator().await;
    let hold = first.hold("CreateNatGateway", 1..=u64::MAX);
    stage.apply(&stack("web", SHAPE)).await;
    first.held(&hold).await;

    first.signal(Signal::STOP);
    second.leads(true, TAKEOVER).await;
    stage.await_ready("web").await;
    first.proxy.clear();
    hold.release();
    first.signal(Signal::CONT);
    first.leads(false, TAKEOVER).await;
    // Something to do, for whoever believes to lead: a tag on everything.
    stage
        .apply(&format!("{}  tags: {{team: shop}}\n", stack("web", SHAPE)))
        .await;
    stage.await_ready("web").await;
    second.sweeps(1).await;

    assert_eq!(tag(&stage.aws.list("DescribeVpcs").await[0], "team"), "shop");
    let after: Vec<_> = first
        .writes()
        .into_iter()
        .map(|call| (call.request.action, call.request.caller))
        .collect();
    assert_eq!(after, [], "{} was continued", first.caller);
    assert_eq!(stage.aws.everything().await.len(), 8);
}

#[tokio::test]
async fn a_leader_that_is_told_to_end_hands_over_at_once() {
    let stage = Stage::set("lease-hand-over").await;
    let first = stage.operator().await;
    first.leads(true, TAKEOVER).await;
    let second = stage.operator().await;
    stage
        .apply(&stack("web", "availabilityZones: 1\nnatGateways: None"))
        .await;
    stage.await_ready("web").await;
    let told = Instant::now();
    first.signal(Signal::TERM);
    second.leads(true, Duration::from_secs(15)).await;
    let took = told.elapsed();
    assert!(took <= HAND_OVER, "handed over after {took:?}\n{}", first.log());
    assert_eq!(first.ended().await.0, Exit::Code(0));
}

#[tokio::test]
async fn a_replica_that_waits_calls_aws_for_nothing() {
    let stage = Stage::set("lease-waiting").await;
    let first = stage.operator().await;
    first.leads(true, TAKEOVER).await;
    let second = stage.operator().await;
    stage
        .apply(&stack("web", "availabilityZones: 1\nnatGateways: None"))
        .await;
    stage.await_ready("web").await;
    first.sweeps(2).await;
    until("the waiting replica is ready", async || second.get("/readyz").await).await;
    assert_eq!(second.proxy.counts().len(), 0, "{:?}", second.proxy.counts());
}
