//! At rest: what it costs to keep an eye on many stacks, and to be told of nothing.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hastack_api::HAStack;
use hastack_tests::plan::database::MYSQL;
use hastack_tests::shape::{database, service, stack};
use hastack_tests::stage::Stage;

fn many(count: usize) -> Vec<HAStack> {
    (0..count)
        .map(|index| {
            let mut stack = stack("");
            stack.metadata.name = Some(format!("web-{index}"));
            stack.metadata.uid = Some(format!("u-{index}"));
            stack
        })
        .collect()
}

#[test]
fn a_sweep_of_a_hundred_stacks_takes_at_most_25_reads_and_no_write() {
    let mut stage = Stage::new(many(100));
    assert!(stage.converge());
    stage.rest(Duration::from_mins(10));
    stage.sim.inject(Vec::new());
    let status_writes = stage.status_writes.load(Ordering::SeqCst);
    stage.rest(Duration::from_mins(10));
    let calls = stage.sim.calls();
    assert!(
        !calls.iter().any(|call| call.write),
        "{:?}",
        calls.iter().find(|call| call.write)
    );
    let reads = calls.len();
    assert!(
        reads <= 25 * 11,
        "{reads} reads in ten minutes, which is more than ten sweeps of 25"
    );
    println!("{reads} reads in ten minutes");
    assert_eq!(
        stage.status_writes.load(Ordering::SeqCst),
        status_writes,
        "status is not written at rest"
    );
}

/// Stacks with every part there is.
fn whole(count: usize) -> Vec<HAStack> {
    let lines = "availabilityZones: 2\nnatGateways: Single\nflowLogs: {}\ninterfaceEndpoints: [ssm]\n---\nloadBalancer: {tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\"}}\nfileSystem: {}\nbastion: {}";
    many(count)
        .into_iter()
        .map(|stack_of_network| HAStack {
            spec: stack(lines).spec,
            ..stack_of_network
        })
        .collect()
}

/// How often AWS was asked in an hour at rest, by action.
fn reads_in_an_hour(count: usize) -> BTreeMap<&'static str, usize> {
    let mut stage = Stage::new(whole(count));
    assert!(stage.converge(), "{}", stage.plan());
    stage.rest(Duration::from_hours(7));
    reads_at_rest(&mut stage)
}

fn reads_at_rest(stage: &mut Stage) -> BTreeMap<&'static str, usize> {
    stage.sim.inject(Vec::new());
    stage.rest(Duration::from_hours(1));
    let calls = stage.sim.calls();
    assert!(!calls.iter().any(|call| call.write));
    calls.iter().fold(BTreeMap::new(), |mut counts, call| {
        *counts.entry(call.action).or_default() += 1;
        counts
    })
}

/// A stage with services of every sort on one stack, at rest for long.
fn with_services(count: usize) -> Stage {
    let mut stage = Stage::new(whole(1));
    for index in 0..count {
        let lines = format!(
            "image: {{build: {{from: {{ssmParameter: /aws/service/ami}}, script: echo one}}}}\ninstanceType: t3.micro\ncapacity: {{min: 1, max: 2}}\nport: 80\nrouting: {{paths: ['/{index}/*']}}\nscaling: [{{targetTracking: {{metric: AverageCPU, target: 70}}}}]\nlifecycleHooks: [{{name: drain, transition: Terminating, timeoutSeconds: 30}}]\nmounts: [{{fileSystem: stack, path: /mnt}}]"
        );
        let mut service = service(&format!("web-{index}"), &lines);
        service.spec.stack_ref.name = "web-0".into();
        stage.add(service);
    }
    assert!(stage.converge(), "{:#?}", stage.plans());
    stage.rest(Duration::from_hours(7));
    stage
}

/// The health of targets is what status shows each minute; a target group says it of itself alone.
const EACH_TARGET_GROUP: [&str; 3] = [
    "DescribeTargetGroupAttributes",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
];
/// A look each, every five minutes.
const EACH_GROUP: &str = "DescribeLifecycleHooks";

#[test]
fn services_are_swept_together_but_for_the_health_of_targets_and_hooks() {
    let [one, ten] = [1, 10].map(|count| reads_at_rest(&mut with_services(count)));
    for (action, calls) in &ten {
        let of_one = one[action];
        if EACH_TARGET_GROUP.contains(action) {
            assert!(*calls <= (10 + 1) * 61, "{action}: {calls} in an hour");
        } else if *action == EACH_GROUP {
            assert_eq!(*calls, 10 * of_one, "{action}");
            assert!(of_one <= 14, "{action}: {of_one} in an hour");
        } else {
            assert_eq!(*calls, of_one, "{action} takes as many for ten services as for one");
        }
    }
}

/// What AWS lists only under a load balancer or a file system: a look each, every five minutes.
const ONE_BY_ONE: [&str; 2] = ["DescribeListeners", "DescribeMountTargets"];

#[test]
fn whole_stacks_are_swept_together_and_what_aws_lists_one_by_one_more_rarely() {
    let (one, twenty) = (reads_in_an_hour(1), reads_in_an_hour(20));
    println!("one stack: {one:?}\ntwenty stacks: {twenty:?}");
    for (action, calls) in &twenty {
        if ONE_BY_ONE.contains(action) {
            assert_eq!(*calls, 20 * one[action], "{action}");
            assert!(one[action] <= 14, "{action}: {} in an hour", one[action]);
        } else {
            assert_eq!(
                *calls, one[action],
                "{action} takes as many for twenty stacks as for one"
            );
        }
    }
    let together = twenty.iter().filter(|(action, _)| !ONE_BY_ONE.contains(action));
    let together: usize = together.map(|(_, calls)| calls).sum();
    // The peers take 12 to 177 for each stack.
    assert!(together <= 25 * 60, "{together} reads in 60 sweeps of everything");
}

#[test]
fn nothing_is_described_one_by_one_while_a_stack_is_created() {
    let mut stage = Stage::new([stack("")]);
    assert!(stage.converge());
    let calls = stage.sim.calls();
    let details = calls
        .iter()
        .filter(|call| call.action == "DescribeVpcAttribute")
        .count();
    assert_eq!(details, 0);
}

#[test]
fn a_restart_with_nothing_changed_writes_nothing() {
    let mut stage = Stage::new([stack("")]);
    assert!(stage.converge());
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    let status_writes = stage.status_writes.load(Ordering::SeqCst);
    stage.restart();
    stage.rest(Duration::from_mins(5));
    assert!(!stage.sim.calls().iter().any(|call| call.write));
    assert_eq!(
        stage.status_writes.load(Ordering::SeqCst),
        status_writes,
        "{}",
        stage.plan()
    );
}

#[test]
fn a_users_tag_is_put_on_changed_and_taken_off_and_a_foreign_one_stays() {
    let mut stage = Stage::new([stack("availabilityZones: 1")]);
    stage.edit(|stack| drop(stack.spec.tags.insert("team".into(), "shop".into())));
    assert!(stage.converge());
    let vpc = |stage: &Stage| {
        stage
            .sim
            .objects()
            .into_iter()
            .find(|object| object.id.starts_with("vpc-"))
            .unwrap()
    };
    assert_eq!(vpc(&stage).tags["team"], "shop");
    stage.sim.tamper(&vpc(&stage).id, |object| {
        object.tags.insert("cost".into(), "7".into());
    });
    stage.restart();
    stage.edit(|stack| drop(stack.spec.tags.insert("team".into(), "web".into())));
    stage.rest(Duration::from_mins(5));
    assert_eq!(vpc(&stage).tags["team"], "web");
    stage.restart();
    stage.edit(|stack| stack.spec.tags.clear());
    stage.rest(Duration::from_mins(5));
    assert!(!vpc(&stage).tags.contains_key("team"));
    assert_eq!(vpc(&stage).tags["cost"], "7", "it is somebody else's");
    assert!(stage.is("Ready"), "{}", stage.plan());
}

/// Reads in an hour of a stack with so many databases at rest, but for what is read one by one.
fn reads_with_databases(count: usize) -> usize {
    let (_, lines) = MYSQL.split_once("%%%\n").expect("there is a database");
    let mut stage = Stage::new([stack(MYSQL)]);
    let wanted = (0..count).map(|index| database(&format!("orders-{index}"), lines));
    stage.apply_databases(wanted.collect());
    stage.settle();
    stage.rest(Duration::from_mins(10));
    stage.sim.inject(Vec::new());
    let status_writes = stage.status_writes.load(Ordering::SeqCst);
    stage.rest(Duration::from_hours(1));
    let calls = stage.sim.calls();
    assert!(!calls.iter().any(|call| call.write));
    assert_eq!(stage.status_writes.load(Ordering::SeqCst), status_writes);
    let one_by_one = ["DescribeSecret", "DescribeDBSnapshots"];
    calls.iter().filter(|call| !one_by_one.contains(&call.action)).count()
}

#[test]
fn ten_databases_at_rest_take_as_many_reads_as_one_but_for_their_secrets_and_snapshots() {
    // The first of ten whose time has come takes the others along, which may be once more in an hour.
    let (ten, one) = (reads_with_databases(10), reads_with_databases(1));
    assert!(ten <= one + 1, "{ten} reads, where one takes {one}");
}
