//! Tables of (spec, world, plan): what people read.

use hastack_api::HAStack;

use super::*;
use crate::desire::{Inputs, Wanting};
use crate::object::Object;
use crate::owner::Owner;
use crate::resource::{State, file_system, internet_gateway, nat_gateway, subnet, vpc};
use crate::{cloud::ErrorKind, cloud::Zone, retry::Hold, tag};

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn stack(network: &str) -> HAStack {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: web, namespace: shop, uid: u}}, spec: {{region: us-east-1, network: {{cidr: 10.0.0.0/16, availabilityZones: 1, databaseSubnets: false, {network}}}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

fn object(node: &str, id: &str, state: State) -> (NodeId, Object) {
    let owner: Owner = "HAStack/shop/web".parse().unwrap();
    let node: NodeId = node.parse().unwrap();
    let tags = tag::tags("c", &owner, "u", &node, &tag::Tags::new());
    (
        node,
        Object {
            id: id.into(),
            tags,
            phase: Phase::Ready,
            created: None,
            state,
        },
    )
}

fn vpc_object(id: &str) -> (NodeId, Object) {
    object(
        "vpc",
        id,
        State::Vpc(vpc::State {
            cidr: "10.0.0.0/16".into(),
            dns_hostnames: Some(true),
        }),
    )
}

fn public_subnet(vpc: &str) -> (NodeId, Object) {
    let state = subnet::State {
        vpc_id: vpc.into(),
        zone: "us-east-1a".into(),
        cidr: "10.0.16.0/21".into(),
        assign_public_addresses: true,
    };
    object("subnet/public/us-east-1a", "subnet-1", State::Subnet(state))
}

fn world(objects: impl IntoIterator<Item = (NodeId, Object)>) -> Observed {
    let mut observed = Observed {
        swept: Kind::all().map(|kind| (kind, now())).collect(),
        ..Observed::default()
    };
    for (node, object) in objects {
        observed.objects.entry(node).or_default().push(Seen {
            object,
            confirmed: true,
        });
    }
    observed
}

fn planned(stack: &HAStack, observed: &Observed, memory: &Memory) -> Plan {
    let zones = vec![Zone {
        name: "us-east-1a".into(),
        available: true,
    }];
    let desired = stack.desire(&Inputs::new("c", zones, observed)).unwrap();
    plan(&desired, observed, memory, &Timing::default(), now())
}

fn check(stack: &HAStack, observed: &Observed, expected: &str) {
    let text = planned(stack, observed, &Memory::default()).to_string();
    let expected: String = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_new_stack_begins_with_what_depends_on_nothing_and_says_what_waits_for_what() {
    check(
        &stack("natGateways: Single"),
        &world([]),
        "create vpc: 10.0.0.0/16
         create internet-gateway: for vpc
         create elastic-ip/nat/us-east-1a: public address
         wait default-security-group: for vpc
         wait route-table/private/us-east-1a: for vpc
         wait route-table/public: for vpc
         wait subnet/private/us-east-1a: for vpc
         wait subnet/public/us-east-1a: for vpc
         wait nat-gateway/us-east-1a: for internet-gateway",
    );
}

#[test]
fn what_is_not_known_yet_is_looked_at_before_anything_is_created() {
    let plan = planned(&stack("natGateways: None"), &Observed::default(), &Memory::default());
    assert!(plan.steps.is_empty());
    assert!(
        plan.to_string().starts_with("wait vpc: looking at what exists\n"),
        "{plan}"
    );
}

#[test]
fn drift_is_a_change_and_the_rest_is_left_alone() {
    let (node, mut vpc) = vpc_object("vpc-1");
    if let State::Vpc(state) = &mut vpc.state {
        state.dns_hostnames = Some(false);
    }
    let text = planned(&stack("natGateways: None"), &world([(node, vpc)]), &Memory::default()).to_string();
    assert!(text.contains("update vpc: DNS host names: off -> on\n"), "{text}");
    assert!(!text.contains("create vpc"), "{text}");
}

#[test]
fn of_twins_the_recorded_one_is_kept_and_an_unused_one_is_deleted() {
    let observed = world([vpc_object("vpc-1"), vpc_object("vpc-2")]);
    let mut memory = Memory::default();
    memory.recorded.insert(NodeId::only(Kind::Vpc), "vpc-2".into());
    let text = planned(&stack("natGateways: None"), &observed, &memory).to_string();
    assert!(
        text.contains("delete vpc vpc-1: there are two of it, and nothing uses this one\n"),
        "{text}"
    );
}

#[test]
fn of_twins_one_in_use_is_never_deleted() {
    let observed = world([vpc_object("vpc-1"), vpc_object("vpc-2"), public_subnet("vpc-1")]);
    let mut memory = Memory::default();
    memory.recorded.insert(NodeId::only(Kind::Vpc), "vpc-2".into());
    let text = planned(&stack("natGateways: None"), &observed, &memory).to_string();
    assert!(!text.contains("delete vpc"), "{text}");
    assert!(
        text.contains("blocked vpc: there are others of it that are in use: vpc-1"),
        "{text}"
    );
}

#[test]
fn a_failed_nat_gateway_is_deleted_to_be_made_anew() {
    let state = nat_gateway::State {
        subnet_id: "subnet-1".into(),
        allocation_id: "eip-1".into(),
        public_ip: None,
        failure: Some("Gateway.NotAttached".into()),
    };
    let (node, mut gateway) = object("nat-gateway/us-east-1a", "nat-1", State::NatGateway(state));
    gateway.phase = Phase::Failed;
    let text = planned(
        &stack("natGateways: Single"),
        &world([vpc_object("vpc-1"), (node, gateway)]),
        &Memory::default(),
    )
    .to_string();
    assert!(
        text.contains("delete nat-gateway/us-east-1a nat-1: AWS gave up on it; it is made anew\n"),
        "{text}"
    );
}

#[test]
fn an_intent_without_a_resource_waits_until_it_is_certain_that_there_is_none() {
    let mut memory = Memory::default();
    memory.intents.insert(NodeId::only(Kind::Vpc), now());
    let text = planned(&stack("natGateways: None"), &world([]), &memory).to_string();
    assert!(!text.contains("create vpc"), "{text}");
    assert!(
        text.contains("wait vpc: making sure that an interrupted creation left nothing, until 2026-11-23T12:02:00Z\n"),
        "{text}"
    );
}

#[test]
fn a_creation_that_was_answered_with_an_error_says_so_while_it_is_looked_for() {
    let node = NodeId::only(Kind::Vpc);
    let mut memory = Memory::default();
    memory.intents.insert(node.clone(), now());
    let error = CloudError {
        action: "CreateVpc",
        kind: ErrorKind::Ambiguous,
        code: Some("InternalError".into()),
        message: "An internal error has occurred".into(),
        request_id: None,
        source: None,
    };
    let hold = Hold::after(None, "create vpc".into(), error, "u", now());
    memory.holds.insert(node, hold);
    let text = planned(&stack("natGateways: None"), &world([]), &memory).to_string();
    assert!(!text.contains("create vpc: "), "{text}");
    assert!(
        text.contains("retry create vpc after 2026-11-23T12:02:00Z: cannot CreateVpc: InternalError: An internal error has occurred\n"),
        "{text}"
    );
}

#[test]
fn a_failure_is_said_with_its_cause_and_the_time_of_the_next_try() {
    let error = CloudError {
        action: "CreateVpc",
        kind: ErrorKind::Quota,
        code: Some("VpcLimitExceeded".into()),
        message: "The maximum number of VPCs has been reached.".into(),
        request_id: Some("r-1".into()),
        source: None,
    };
    let mut memory = Memory::default();
    let hold = Hold {
        attempts: 1,
        until: now() + std::time::Duration::from_secs(15),
        look_first: None,
        step: "create vpc".into(),
        error,
    };
    memory.holds.insert(NodeId::only(Kind::Vpc), hold);
    let text = planned(&stack("natGateways: None"), &world([]), &memory).to_string();
    assert!(
        text.contains("retry create vpc after 2026-11-23T12:00:15Z: cannot CreateVpc: VpcLimitExceeded: The maximum number of VPCs has been reached.\n"),
        "{text}"
    );
}

#[test]
fn a_deletion_goes_in_the_reverse_order_and_detaches_before_it_deletes() {
    let gateway = object(
        "internet-gateway",
        "igw-1",
        State::InternetGateway(internet_gateway::State {
            vpc_id: Some("vpc-1".into()),
        }),
    );
    let mut deleted = stack("natGateways: None");
    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now()));
    check(
        &deleted,
        &world([vpc_object("vpc-1"), gateway, public_subnet("vpc-1")]),
        "update internet-gateway: detach from vpc-1
         delete subnet/public/us-east-1a subnet-1
         wait vpc: until internet-gateway is gone",
    );
}

#[test]
fn a_resource_whose_policy_is_to_stay_is_marked_once_and_keeps_nothing_else() {
    let state = file_system::State {
        throughput: file_system::Throughput::Elastic,
        performance: file_system::Performance::GeneralPurpose,
        kms_key_id: None,
        lifecycle: None,
        backups: None,
    };
    let (node, mut files) = object("file-system", "fs-1", State::FileSystem(state));
    files.tags.insert(tag::DELETION_POLICY.into(), tag::RETAIN.into());
    let mut deleted = stack("natGateways: None");
    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now()));
    check(
        &deleted,
        &world([vpc_object("vpc-1"), (node.clone(), files.clone())]),
        "delete vpc vpc-1
         retain file-system fs-1",
    );
    tag::Change::retain(now()).fold(&mut files.tags);
    let plan = planned(&deleted, &world([(node.clone(), files)]), &Memory::default());
    assert!(plan.is_done(), "{plan}");
    assert_eq!(plan.phases[&node], ResourcePhase::Retained);
}

#[test]
fn a_repeated_creation_has_the_same_token_and_a_successor_another_one() {
    let token = |memory: &Memory| {
        let plan = planned(&stack("natGateways: None"), &world([]), memory);
        match &plan.steps[0] {
            Step::Create { request, .. } => request.token.clone(),
            other => panic!("{other}"),
        }
    };
    let first = token(&Memory::default());
    assert_eq!(first.len(), 64);
    assert_eq!(first, token(&Memory::default()));
    let mut memory = Memory::default();
    memory.recorded.insert(NodeId::only(Kind::Vpc), "vpc-0".into());
    assert_ne!(first, token(&memory));
}

#[test]
fn what_a_spec_refers_to_stands_above_it_in_the_table() {
    let observed = world([]);
    let zones = vec![Zone {
        name: "us-east-1a".into(),
        available: true,
    }];
    let desired = stack("gatewayEndpoints: [S3]")
        .desire(&Inputs::new("c", zones, &observed))
        .unwrap();
    for (id, node) in &desired.nodes {
        let view = View {
            desired: &desired,
            observed: &observed,
            memory: &Memory::default(),
            timing: &Timing::default(),
            now: now(),
        };
        if let Err(on) = node.spec.create(&view) {
            assert!(
                id.kind.depends_on(on.kind),
                "{id} needs {on} and the table does not say so"
            );
        }
    }
}
