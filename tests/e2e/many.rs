//! Many stacks at once.

use crate::cluster::stack;
use crate::operator::by_action;
use crate::stage::Stage;

const STACKS: usize = 20;
/// The most reads a look at everything may take, however many stacks there are.
const READS: usize = 25;
const SWEEPS: usize = 3;

#[tokio::test]
async fn twenty_stacks_converge_at_once_and_take_few_reads_at_rest() {
    let stage = Stage::set("many").await;
    let operator = stage.operator().await;
    let names: Vec<_> = (1..=STACKS).map(|number| format!("web-{number}")).collect();
    let manifests: Vec<_> = names
        .iter()
        .map(|name| stack(name, "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false"))
        .collect();
    stage.apply(&manifests.join("---\n")).await;
    for name in &names {
        stage.await_ready(name).await;
    }
    assert_eq!(stage.aws.list("DescribeVpcs").await.len(), STACKS);
    assert_eq!(stage.aws.list("DescribeSubnets").await.len(), 4 * STACKS);
    operator.sweeps(1).await;
    operator.proxy.clear();
    operator.sweeps(SWEEPS).await;
    let (reads, writes) = (operator.reads(), operator.writes());
    assert!(reads.len() <= READS * SWEEPS, "{:?}", by_action(&reads));
    println!("{STACKS} stacks at rest: {} reads in {SWEEPS} sweeps", reads.len());
    assert!(writes.is_empty(), "{:?}", by_action(&writes));
}
