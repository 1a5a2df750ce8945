//! Flow logs and interface endpoints: where records go, who writes them, what a change of either takes.

use std::time::Duration;

use hastack_api::network::{FlowLogTraffic, FlowLogs, NetworkSpec};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::role::INLINE_POLICY;
use hastack_core::resource::security_group::{Peer, Rule};
use hastack_core::resource::vpc_endpoint::Access;
use hastack_core::resource::{State, flow_log};
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

const GROUND: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n";
const BUCKET: &str = "arn:aws:s3:::logs/vpc";

/// A change of the spec.
type Edit = fn(&mut FlowLogs);

fn built(network: &str) -> Stage {
    let mut stage = Stage::new([stack(&format!("{GROUND}{network}"))]);
    assert!(stage.converge(), "{}", stage.plan());
    // What was just created is visible by now.
    stage.rest(Duration::from_mins(5));
    stage.sim.inject(Vec::new());
    stage
}

fn all(stage: &Stage, kind: Kind) -> Vec<Object> {
    let objects = stage.sim.objects().into_iter();
    objects.filter(|object| object.kind() == kind).collect()
}

fn flow_log(stage: &Stage) -> (String, flow_log::State) {
    let Object { id, state, .. } = all(stage, Kind::FlowLog).remove(0);
    match state {
        State::FlowLog(flow_log) => (id, flow_log),
        other => panic!("{other:?} is no flow log"),
    }
}

fn writes(stage: &Stage) -> Vec<&'static str> {
    let mut writes = stage.writes();
    writes.sort_unstable();
    writes
}

fn edit(stage: &mut Stage, edit: impl Fn(&mut NetworkSpec)) {
    stage.edit(|stack| edit(&mut stack.spec.network));
    assert!(stage.converge(), "{}", stage.plan());
}

fn edit_flow_logs(stage: &mut Stage, change: impl Fn(&mut FlowLogs)) {
    edit(stage, |network| change(network.flow_logs.as_mut().unwrap()));
}

#[test]
fn the_role_may_write_to_its_log_group_and_may_not_make_it() {
    let stage = built("flowLogs: {}");
    let group = all(&stage, Kind::LogGroup).remove(0).id;
    assert_eq!(group, "/hastack.dev/test/HAStack/shop/web/log-group/flow-logs");
    let State::Role(role) = all(&stage, Kind::Role).remove(0).state else {
        panic!("a role has a role's state")
    };
    let policies = role.policies.unwrap();
    let policy = policies.inline[INLINE_POLICY].as_ref().unwrap().0.to_string();
    assert!(
        policy.contains(&format!("arn:aws:logs:us-east-1:*:log-group:{group}:*")),
        "{policy}"
    );
    assert!(!policy.contains("CreateLogGroup"), "{policy}");
    assert!(role.trust.0.to_string().contains("vpc-flow-logs.amazonaws.com"));
}

#[test]
fn a_bucket_needs_neither_log_group_nor_role() {
    let stage = built(&format!("flowLogs: {{bucketArn: '{BUCKET}'}}"));
    assert_eq!(flow_log(&stage).1.destination, BUCKET);
    assert_eq!((all(&stage, Kind::LogGroup), all(&stage, Kind::Role)), (vec![], vec![]));
}

#[test]
fn each_field_of_the_flow_logs_takes_the_calls_it_needs_and_no_other() {
    let cases: [(Edit, &[&str]); 4] = [
        (|flow_logs| flow_logs.retention_days = Some(90), &["PutRetentionPolicy"]),
        (
            |flow_logs| flow_logs.traffic = FlowLogTraffic::Reject,
            &["CreateFlowLogs", "DeleteFlowLogs"],
        ),
        (
            |flow_logs| flow_logs.aggregation_seconds = 60,
            &["CreateFlowLogs", "DeleteFlowLogs"],
        ),
        (
            |flow_logs| flow_logs.bucket_arn = Some(BUCKET.into()),
            &[
                "CreateFlowLogs",
                "DeleteFlowLogs",
                "DeleteLogGroup",
                "DeleteRole",
                "DeleteRolePolicy",
            ],
        ),
    ];
    for (field, calls) in cases {
        let mut stage = built("flowLogs: {}");
        edit_flow_logs(&mut stage, field);
        stage.rest(Duration::from_mins(5));
        assert_eq!(writes(&stage), calls);
    }
}

#[test]
fn records_that_do_not_arrive_are_said_and_another_destination_helps() {
    let mut stage = built(&format!("flowLogs: {{bucketArn: '{BUCKET}'}}"));
    stage.sim.tamper(&flow_log(&stage).0, |object| {
        object.phase = Phase::Failed;
        if let State::FlowLog(state) = &mut object.state {
            state.delivery_error = Some("Access error".into());
        }
    });
    stage.rest(Duration::from_mins(5));
    assert!(
        stage.message("NetworkReady").ends_with("Access error"),
        "{}",
        stage.message("NetworkReady")
    );
    assert_eq!(writes(&stage), Vec::<&str>::new(), "making it anew would not help");

    edit_flow_logs(&mut stage, |flow_logs| {
        flow_logs.bucket_arn = Some("arn:aws:s3:::other".into());
    });
    assert_eq!(writes(&stage), ["CreateFlowLogs", "DeleteFlowLogs"]);
}

#[test]
fn an_interface_endpoint_is_reached_from_the_vpc_alone_in_every_zone() {
    let stage = built("interfaceEndpoints: [ssm]");
    let State::SecurityGroup(group) = all(&stage, Kind::SecurityGroup).remove(0).state else {
        panic!("a group has a group's state")
    };
    let rule = Rule {
        protocol: "tcp".into(),
        ports: Some((443, 443)),
        peer: Peer::Cidr("10.0.0.0/16".into()),
    };
    assert_eq!(group.ingress, [rule]);
    let State::VpcEndpoint(endpoint) = all(&stage, Kind::VpcEndpoint).remove(0).state else {
        panic!("an endpoint has an endpoint's state")
    };
    assert_eq!(endpoint.service, "com.amazonaws.us-east-1.ssm");
    let Access::Interface {
        subnet_ids,
        group_ids: _,
        private_dns,
    } = endpoint.access
    else {
        panic!("{endpoint:?} is no interface endpoint")
    };
    assert_eq!((subnet_ids.len(), private_dns), (1, true));
}

#[test]
fn a_further_zone_and_a_further_service_take_a_call_each() {
    let mut stage = built("interfaceEndpoints: [ssm]");
    edit(&mut stage, |network| network.availability_zones = Some(2));
    let modified = |stage: &Stage| {
        writes(stage)
            .iter()
            .filter(|call| **call == "ModifyVpcEndpoint")
            .count()
    };
    assert_eq!(modified(&stage), 1);

    stage.sim.inject(Vec::new());
    edit(&mut stage, |network| {
        network
            .interface_endpoints
            .get_or_insert_default()
            .push("ecr.api".into());
    });
    assert_eq!(writes(&stage), ["CreateVpcEndpoint"]);

    stage.sim.inject(Vec::new());
    edit(&mut stage, |network| network.interface_endpoints = None);
    stage.rest(Duration::from_mins(5));
    assert_eq!(
        writes(&stage),
        ["DeleteSecurityGroup", "DeleteVpcEndpoints", "DeleteVpcEndpoints"]
    );
}
