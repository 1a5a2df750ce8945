//! The operator is told to end in the middle of its work.

use hastack_testbed::process::{Exit, Signal};

use crate::cluster::stack;
use crate::operator::LAST_ORDERS;
use crate::stage::Stage;

#[tokio::test]
async fn told_to_end_the_operator_finishes_what_is_in_flight_and_the_next_one_goes_on() {
    let stage = Stage::set("ending").await;
    let mut operator = stage.operator().await;
    let hold = operator.hold("CreateSubnet", 1..=u64::MAX);
    stage
        .apply(&stack(
            "web",
            "availabilityZones: 2\ndatabaseSubnets: false\nnatGateways: Single",
        ))
        .await;
    operator.held(&hold).await;
    operator.signal(Signal::TERM);
    operator.says("waiting for what is under way").await;
    hold.release();
    let (exit, took) = operator.ended().await;
    assert_eq!(exit, Exit::Code(0), "{}", operator.log());
    assert!(took < LAST_ORDERS, "it took {took:?}");
    let unanswered: Vec<_> = operator
        .proxy
        .calls()
        .into_iter()
        .filter(|call| call.status.is_none())
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:?}");

    operator.restart().await;
    stage.await_ready("web").await;
    let made = ["CreateVpc", "CreateSubnet", "CreateNatGateway"].map(|action| operator.calls(action).len());
    assert_eq!(made, [1, 4, 1]);
    // VPC, gateway, 3 tables, 4 subnets, address, NAT gateway.
    assert_eq!(stage.aws.everything().await.len(), 11);
}
