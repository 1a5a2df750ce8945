//! Two replicas: one works, the other steps in.

use std::time::{Duration, Instant};

use hastack_testbed::process::{Exit, Signal};
use hastack_testbed::proxy::{Fault, Rule};

use crate::aws::tag;
use crate::cluster::stack;
use crate::stage::Stage;
use crate::wait::until;

/// The longest until another replica steps in for one that crashed, and what a machine that is busy may add.
const TAKEOVER: Duration = Duration::from_secs(15 + 3);
/// The longest until another replica steps in for one that was told to end.
const HAND_OVER: Duration = Duration::from_secs(2);

/// The first calls to be throttled, and the first whose reply is held back then. AWS takes 5 a second after that, so that of 9
/// subnets some still wait for their turn, inside of the operator: they are past every decision, and must yet not go out.
const THROTTLED: u64 = 8;
const HELD: u64 = 13;

#[tokio::test]
async fn a_stopped_leader_is_replaced_and_writes_nothing_when_continued() {
    let stage = Stage::set("lease-stopped").await;
    let first = stage.operator().await;
    first.leads(true, TAKEOVER).await;
    let second = stage.operator().await;
    let throttle = Rule::new(Fault::Throttle)
        .on("ec2", "CreateSubnet")
        .calls(1..=THROTTLED);
    first.proxy.inject(throttle);
    // The throttled calls are not counted by this one.
    let hold = first.hold("CreateSubnet", HELD - THROTTLED..=u64::MAX);
    let network = "natGateways: None";
    stage.apply(&stack("web", network)).await;
    first.held(&hold).await;

    first.signal(Signal::STOP);
    let stopped = Instant::now();
    second.leads(true, TAKEOVER).await;
    println!("stepped in after {:?}", stopped.elapsed());
    stage.await_ready("web").await;
    first.proxy.clear();
    hold.release();
    first.signal(Signal::CONT);
    first.says("the lease is not ours any more").await;
    first.leads(false, TAKEOVER).await;
    // Something to do, for whoever believes to lead: a tag on everything.
    stage
        .apply(&format!("{}  tags: {{team: shop}}\n", stack("web", network)))
        .await;
    stage.await_ready("web").await;
    second.sweeps(1).await;

    assert_eq!(tag(&stage.aws.list("DescribeVpcs").await[0], "team"), "shop");
    let after = first.writes();
    assert!(after.is_empty(), "{} was continued and wrote: {after:?}", first.caller);
    // VPC, gateway, 5 tables, 9 subnets.
    assert_eq!(stage.aws.everything().await.len(), 16);
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
    println!("handed over within {took:?}");
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
