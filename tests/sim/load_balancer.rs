//! A load balancer: what each change of it takes, what is refused, and what it answers under.

use std::time::Duration;

use hastack_api::load_balancer::LoadBalancerSpec;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::{State, internet_gateway, subnet, vpc};
use hastack_core::tag::Tags;
use hastack_tests::shape::stack;
use hastack_tests::stage::Stage;

const TLS: &str = "tls: {certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1'}";

fn shape(balancer: &str) -> String {
    format!("availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {{{balancer}}}")
}

fn parse(balancer: &str) -> LoadBalancerSpec {
    serde_yaml_ng::from_str(&format!("{{{balancer}}}")).unwrap()
}

/// A stack with this load balancer at rest, and no call counted.
fn built(balancer: &str) -> Stage {
    let mut stage = Stage::new([stack(&shape(balancer))]);
    assert!(stage.converge(), "{balancer}: {}", stage.plan());
    stage.rest(Duration::from_mins(15));
    stage.sim.inject(Vec::new());
    stage
}

fn change(stage: &Stage, balancer: &str) {
    stage.edit(|stack| stack.spec.load_balancer = Some(parse(balancer)));
}

#[test]
fn changing_a_field_takes_the_calls_it_needs_and_no_other() {
    const ATTRIBUTES: &[&str] = &["ModifyLoadBalancerAttributes"];
    const MODIFY: &[&str] = &["ModifyListener"];
    const INGRESS: [&str; 2] = ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"];
    let acl = "webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1'";
    let other = "tls: {certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/2'}";
    let policy = TLS.replace('}', ", policy: ELBSecurityPolicy-TLS13-1-3-2021-06}");
    let further = TLS.replace(
        '}',
        ", additionalCertificateArns: ['arn:aws:acm:us-east-1:123456789012:certificate/3']}",
    );
    let no_redirect = format!("redirectHttp: false, {TLS}");
    let cases: [(&str, &str, &[&str]); 19] = [
        ("", "idleTimeoutSeconds: 120", ATTRIBUTES),
        ("", "http2: false", ATTRIBUTES),
        ("", "dropInvalidHeaders: false", ATTRIBUTES),
        ("", "desyncMitigation: Strictest", ATTRIBUTES),
        ("", "deletionProtection: true", ATTRIBUTES),
        ("deletionProtection: true", "", ATTRIBUTES),
        ("", "accessLogs: {bucket: logs}", ATTRIBUTES),
        (
            "accessLogs: {bucket: logs}",
            "accessLogs: {bucket: logs, prefix: web}",
            ATTRIBUTES,
        ),
        ("", "connectionLogs: {bucket: logs}", ATTRIBUTES),
        (
            "http2: false, connectionLogs: {bucket: logs}",
            "idleTimeoutSeconds: 5",
            ATTRIBUTES,
        ),
        ("", acl, &["AssociateWebACL"]),
        (acl, "", &["DisassociateWebACL"]),
        ("", "allowedCidrs: [0.0.0.0/0, 203.0.113.0/24]", &INGRESS[..1]),
        ("", "allowedCidrs: [203.0.113.0/24]", &INGRESS),
        (TLS, other, MODIFY),
        (TLS, &policy, MODIFY),
        (TLS, &no_redirect, MODIFY),
        (TLS, &further, &["AddListenerCertificates"]),
        (&further, TLS, &["RemoveListenerCertificates"]),
    ];
    for (from, to, calls) in cases {
        let mut stage = built(from);
        change(&stage, to);
        assert!(stage.converge(), "{from} -> {to}: {}", stage.plan());
        stage.rest(Duration::from_mins(15));
        assert_eq!(stage.writes(), calls, "{from} -> {to}");
        assert!(stage.is("Ready"), "{from} -> {to}: {}", stage.plan());
    }
}

#[test]
fn https_is_added_and_taken_away_beside_http_that_goes_on() {
    let mut stage = built("");
    change(&stage, TLS);
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(
        stage.writes(),
        ["AuthorizeSecurityGroupIngress", "CreateListener", "ModifyListener"]
    );
    stage.rest(Duration::from_mins(15));
    stage.sim.inject(Vec::new());
    change(&stage, "");
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(
        stage.writes(),
        ["RevokeSecurityGroupIngress", "ModifyListener", "DeleteListener"]
    );
}

#[test]
fn a_further_zone_takes_one_call_of_the_load_balancer() {
    let mut stage = built("");
    stage.edit(|stack| stack.spec.network.availability_zones = Some(3));
    assert!(stage.converge(), "{}", stage.plan());
    let calls = stage.writes();
    let count = |action: &str| calls.iter().filter(|call| **call == action).count();
    assert_eq!(count("SetSubnets"), 1, "{calls:?}");
    stage.rest(Duration::from_mins(15));
    stage.sim.inject(Vec::new());
    stage.edit(|stack| stack.spec.network.availability_zones = Some(2));
    assert!(stage.converge(), "{}", stage.plan());
    let calls = stage.writes();
    let first = |action: &str| calls.iter().position(|call| *call == action);
    assert!(first("SetSubnets") < first("DeleteSubnet"), "{calls:?}");
}

#[test]
fn another_scheme_is_refused_by_name_unless_it_may_be_made_anew() {
    let mut stage = built(TLS);
    let internal = format!("scheme: Internal, allowedCidrs: [0.0.0.0/0], {TLS}");
    change(&stage, &internal);
    stage.rest(Duration::from_mins(5));
    assert_eq!(stage.writes(), Vec::<&str>::new());
    assert!(
        stage
            .message("Stalled")
            .contains("loadBalancer.scheme cannot be changed from InternetFacing to Internal"),
        "{}",
        stage.message("Stalled")
    );
    change(&stage, &format!("allowReplacement: true, {internal}"));
    assert!(stage.converge(), "{}", stage.plan());
    let calls = stage.writes();
    assert_eq!(&calls[..2], ["DeleteLoadBalancer", "CreateLoadBalancer"]);
    let internal = |object: &Object| matches!(&object.state, State::LoadBalancer(balancer) if format!("{:?}", balancer.scheme) == "Internal");
    assert!(stage.sim.objects().iter().any(internal));
}

#[test]
fn the_status_says_under_what_it_answers() {
    let stage = built("");
    let status = stage.stack().status.unwrap();
    let balancer = status.load_balancer.unwrap();
    let dns_name = balancer.dns_name.unwrap();
    assert_eq!(status.url, Some(format!("http://{dns_name}")));
    assert!(balancer.arn.is_some() && balancer.hosted_zone_id.is_some() && balancer.security_group_id.is_some());

    let mut stage = built(TLS);
    let status = stage.stack().status.unwrap();
    // A certificate that is given may be for any name that leads here.
    assert_eq!(status.url, Some(format!("https://{dns_name}")));
    stage.edit(|stack| stack.spec.load_balancer = None);
    assert!(stage.converge(), "{}", stage.plan());
    let status = stage.stack().status.unwrap();
    assert_eq!((status.url, status.load_balancer), (None, None));
}

#[test]
fn a_protected_load_balancer_goes_with_its_stack_even_after_a_restart() {
    for restart in [false, true] {
        let mut stage = built("deletionProtection: true");
        stage.delete();
        if restart {
            stage.restart();
        }
        assert!(stage.run_until(|_| false), "{}", stage.plan());
        assert_eq!(stage.sim.objects(), Vec::<Object>::new());
        let calls = stage.writes();
        let off = calls.iter().position(|call| *call == "ModifyLoadBalancerAttributes");
        let gone = calls.iter().rposition(|call| *call == "DeleteLoadBalancer");
        assert!(off < gone, "{calls:?}");
    }
}

#[test]
fn the_details_of_every_load_balancer_are_read_once_after_a_restart_and_nothing_is_written() {
    let mut stage = built(TLS);
    stage.restart();
    stage.rest(Duration::from_hours(1));
    assert!(stage.is("Ready"), "{}", stage.plan());
    assert_eq!(stage.writes(), Vec::<&str>::new());
    let calls = stage.sim.calls();
    let count = |action: &str| calls.iter().filter(|call| call.action == action).count();
    assert_eq!(count("DescribeLoadBalancerAttributes"), 1);
    assert_eq!(count("GetWebACLForResource"), 1);
}

#[test]
fn nothing_is_described_one_by_one_while_a_load_balancer_is_created() {
    let mut stage = Stage::new([stack(&shape(TLS))]);
    assert!(stage.converge(), "{}", stage.plan());
    let details = [
        "DescribeLoadBalancerAttributes",
        "GetWebACLForResource",
        "DescribeListenerCertificates",
    ];
    let calls = stage.sim.calls();
    assert!(!calls.iter().any(|call| details.contains(&call.action)));
}

#[test]
fn a_load_balancer_stands_in_an_existing_vpc_and_leaves_it_as_it_was() {
    let mut wanted = stack(&shape(""));
    wanted.spec.network =
        serde_yaml_ng::from_str("existing: {vpcId: vpc-0a, publicSubnetIds: [subnet-0a, subnet-0b]}").unwrap();
    let mut stage = Stage::new([wanted]);
    let object = |id: &str, state| Object {
        id: id.into(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state,
    };
    let subnet = |zone: &str| {
        State::Subnet(subnet::State {
            vpc_id: "vpc-0a".into(),
            zone: zone.into(),
            cidr: "10.9.0.0/24".into(),
            assign_public_addresses: false,
        })
    };
    let vpc = vpc::State {
        cidr: "10.9.0.0/16".into(),
        dns_hostnames: Some(true),
    };
    let gateway = internet_gateway::State {
        vpc_id: Some("vpc-0a".into()),
    };
    let theirs = [
        object("vpc-0a", State::Vpc(vpc)),
        object("igw-0a", State::InternetGateway(gateway)),
        object("subnet-0a", subnet("us-east-1a")),
        object("subnet-0b", subnet("us-east-1b")),
    ];
    for object in theirs {
        stage.sim.place(object);
    }
    assert!(stage.converge(), "{}", stage.plan());
    assert_eq!(stage.writes().len(), 5, "{:?}", stage.writes());
    stage.delete();
    assert!(stage.run_until(|_| false), "{}", stage.plan());
    let mut left: Vec<_> = stage.sim.objects().into_iter().map(|object| object.id).collect();
    left.sort();
    assert_eq!(left, ["igw-0a", "subnet-0a", "subnet-0b", "vpc-0a"]);
}
