use hastack_api::{AutoScaledService, HAStack};

use super::*;
use crate::desire::identity;
use crate::object::{Object, Phase};
use crate::observed::Seen;
use crate::resource::listener_rule;

/// A stack with this load balancer, if any.
fn stack(balancer: &str) -> HAStack {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: web, namespace: shop}}, spec: {{region: us-east-1, network: {{cidr: 10.0.0.0/16}}{balancer}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

fn service(text: &str) -> AutoScaledService {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: AutoScaledService, metadata: {{name: orders-api, namespace: shop}}, spec: {{stackRef: {{name: web}}, image: {{id: ami-0123456789abcdef0}}, {text}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

const PLAIN: &str = ", loadBalancer: {}";
const TLS: &str = ", loadBalancer: {tls: {certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1'}}";
const BOTH: &str =
    ", loadBalancer: {redirectHttp: false, tls: {certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1'}}";

fn wanted_with(text: &str, balancer: &str, inputs: &Inputs) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let (service, stack) = (service(text), stack(balancer));
    let identity = identity(&service, "c1");
    desire(&service.spec, &Site::new(&identity, &stack), inputs)
}

fn wanted(text: &str, balancer: &str) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    wanted_with(text, balancer, &Inputs::default())
}

/// What requests this part of `spec.routing` comes to, one rule a line.
fn rules_of(routing: &str) -> Vec<String> {
    let text = format!("capacity: {{min: 1, max: 1}}, port: 80, routing: {{{routing}}}");
    let nodes = wanted(&text, PLAIN).unwrap();
    let rules = nodes.values().filter_map(|node| match &node.spec {
        Spec::ListenerRule(rule) => Some(rule.conditions.to_string()),
        _ => None,
    });
    rules.collect()
}

fn group(nodes: &BTreeMap<NodeId, Node>) -> (&NodeId, &target_group::Spec) {
    let groups = nodes.iter().find_map(|(id, node)| match &node.spec {
        Spec::TargetGroup(group) => Some((id, group)),
        _ => None,
    });
    groups.unwrap()
}

const SMALL: &str = "capacity: {min: 2, max: 4}, port: 8080, routing: {paths: ['/*']}";

#[test]
fn a_service_without_routing_gets_none_of_this() {
    for balancer in ["", PLAIN] {
        let nodes = wanted("capacity: {min: 1, max: 1}, port: 80", balancer).unwrap();
        assert_eq!(nodes, BTreeMap::new());
    }
}

#[test]
fn a_service_gets_a_target_group_and_a_rule_of_each_listener_that_serves() {
    for (balancer, listeners) in [(PLAIN, &["http"][..]), (TLS, &["https"]), (BOTH, &["http", "https"])] {
        let nodes = wanted(SMALL, balancer).unwrap();
        let (target_group, spec) = group(&nodes);
        assert_eq!(spec.to_string(), "HTTP to 8080");
        assert_eq!(spec.healthy, 2);
        let rules: Vec<_> = nodes.iter().filter(|(id, _)| id.kind == Kind::ListenerRule).collect();
        let names: Vec<_> = rules.iter().map(|(id, _)| id.to_string()).collect();
        let wanted: Vec<_> = listeners.iter().map(|name| format!("listener-rule/{name}/1")).collect();
        assert_eq!(names, wanted);
        for ((_, node), listener) in rules.iter().zip(listeners) {
            let Spec::ListenerRule(rule) = &node.spec else {
                panic!("{}", node.spec);
            };
            assert_eq!(rule.listener.to_string(), format!("listener/{listener} of HAStack/web"));
            assert_eq!(&rule.target_group, target_group);
        }
    }
}

#[test]
fn the_parts_that_others_refer_to_are_those_that_are_wanted() {
    let (service, stack) = (service(SMALL), stack(BOTH));
    let identity = identity(&service, "c1");
    let site = Site::new(&identity, &stack);
    let nodes = desire(&service.spec, &site, &Inputs::default()).unwrap();
    let mut told = target_groups(&service.spec, &site);
    told.extend(rules(&service.spec, &site, &Inputs::default()));
    assert_eq!(
        told.into_iter().collect::<std::collections::BTreeSet<_>>(),
        nodes.into_keys().collect()
    );
}

#[test]
fn what_cannot_be_changed_makes_another_target_group_and_nothing_else_does() {
    let id = |text: &str| group(&wanted(text, TLS).unwrap()).0.clone();
    let with = |part: &str| format!("capacity: {{min: 2, max: 4}}, {part}");
    let first = id(SMALL);
    for same in [
        "port: 8080, routing: {paths: ['/a/*'], slowStartSeconds: 30}",
        "port: 8080, healthCheck: {path: /health}, routing: {paths: ['/*']}",
    ] {
        assert_eq!(id(&with(same)), first, "{same}");
    }
    for other in [
        "port: 8081, routing: {paths: ['/*']}",
        "port: 8080, routing: {paths: ['/*'], protocol: HTTPS}",
        "port: 8080, routing: {paths: ['/*'], protocol: GRPC}",
        "port: 8080, targetGroupName: shop, routing: {paths: ['/*']}",
    ] {
        assert_ne!(id(&with(other)), first, "{other}");
    }
}

#[test]
fn grpc_is_checked_as_grpc() {
    let text = "capacity: {min: 1, max: 1}, port: 50051, routing: {paths: ['/*'], protocol: GRPC}";
    let nodes = wanted(text, BOTH).unwrap();
    let check = &group(&nodes).1.health_check;
    assert_eq!(
        (check.path.as_str(), check.codes.as_str()),
        ("/AWS.ALB/healthcheck", "0")
    );
    assert!(
        nodes.keys().all(|id| !id.name.starts_with("http/")),
        "HTTP cannot carry it"
    );
}

#[test]
fn a_given_name_is_used_once_no_other_target_group_of_the_service_has_it() {
    let text = "capacity: {min: 1, max: 1}, port: 80, targetGroupName: a-name-of-thirty-two-characters1, routing: {paths: ['/*']}";
    let nodes = wanted(text, PLAIN).unwrap();
    let (id, spec) = group(&nodes);
    assert_eq!(spec.name, "a-name-of-thirty-two-characters1");
    let named = |id: &NodeId| {
        let state = target_group::State::new(&target_group::Create {
            name: spec.name.clone(),
            vpc_id: "vpc-1".into(),
            port: 80,
            protocol: Protocol::Http,
            version: Version::Http1,
            health_check: spec.health_check.clone(),
        });
        let object = Object {
            id: "arn".into(),
            tags: BTreeMap::new(),
            phase: Phase::Ready,
            created: None,
            state: State::TargetGroup(state),
        };
        let mut inputs = Inputs::default();
        let seen = Seen {
            object,
            confirmed: true,
        };
        inputs.observed.objects.insert(id.clone(), vec![seen]);
        group(&wanted_with(text, PLAIN, &inputs).unwrap()).1.name.clone()
    };
    assert_eq!(named(id), spec.name);
    let beside = named(&NodeId::named(Kind::TargetGroup, "another"));
    assert_eq!(beside, format!("a-name-of-thirty-two-charac-{}", &id.name[..4]));
    assert_eq!(beside.len(), LONGEST_NAME);
}

#[test]
fn a_name_that_is_not_given_is_one_that_aws_takes() {
    let nodes = wanted(SMALL, PLAIN).unwrap();
    let name = &group(&nodes).1.name;
    assert!(
        name.starts_with("orders-api-target-gro") && name.len() <= LONGEST_NAME,
        "{name}"
    );
}

#[test]
fn requests_come_to_as_few_rules_as_aws_takes() {
    let cases: [(&str, &[&str]); 9] = [
        ("paths: ['/*']", &["path /*"]),
        ("hosts: [A.example.com], paths: ['/*', '/a/*']", &["host a.example.com"]),
        ("methods: [GET], paths: ['/*']", &["method GET"]),
        (
            "hosts: [b.example.com, a.example.com], paths: ['/a/*', '/b/*', '/c']",
            &["host a.example.com or b.example.com, path /a/* or /b/* or /c"],
        ),
        ("paths: [/a, /b, /c, /d]", &["path /a or /b or /c", "path /d"]),
        (
            "hosts: [a.example.com, b.example.com, c.example.com], paths: [/a, /b, /c]",
            &[
                "host a.example.com or b.example.com or c.example.com, path /a or /b",
                "host a.example.com or b.example.com or c.example.com, path /c",
            ],
        ),
        // What is alike is in one rule.
        (
            "paths: [/a/*, /a/long/*, /a/longer/*, /b/*]",
            &["path /a/* or /a/long/* or /a/longer/*", "path /b/*"],
        ),
        (
            "paths: ['/*/a/*/b/*', '/*/c/*/d/*']",
            &["path /*/a/*/b/*", "path /*/c/*/d/*"],
        ),
        (
            "paths: [/a], methods: [PUT, GET], headers: [{name: X-Team, values: [b, a]}]",
            &["method GET or PUT, path /a, x-team a or b"],
        ),
    ];
    for (routing, wanted) in cases {
        assert_eq!(rules_of(routing), wanted, "{routing}");
    }
}

#[test]
fn every_rule_is_within_awss_limits_and_all_values_are_in_some() {
    let list = |prefix: &str, count: usize| {
        (0..count)
            .map(|index| format!("{prefix}{index}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let routing = format!(
        "hosts: [{}], paths: [{}], methods: [GET, PUT], headers: [{{name: a, values: [{}]}}]",
        (0..4)
            .map(|index| format!("h{index}.example.com"))
            .collect::<Vec<_>>()
            .join(", "),
        list("/p", 6),
        list("v", 3),
    );
    let text = format!("capacity: {{min: 1, max: 1}}, port: 80, routing: {{{routing}}}");
    let nodes = wanted(&text, PLAIN).unwrap();
    let mut combinations = 0;
    for node in nodes.values() {
        let Spec::ListenerRule(listener_rule::Spec { conditions, .. }) = &node.spec else {
            continue;
        };
        let counts = [
            conditions.hosts.len(),
            conditions.paths.len(),
            conditions.methods.len(),
            conditions.headers[0].values.len(),
        ];
        assert!(counts.iter().sum::<usize>() <= 5 && counts.iter().all(|count| (1..=3).contains(count)));
        combinations += counts.iter().product::<usize>();
    }
    assert_eq!(combinations, 4 * 6 * 2 * 3);
}

#[test]
fn what_cannot_be_met_is_refused_with_the_fields_name() {
    let many = (0..20).map(|index| format!("/p{index}")).collect::<Vec<_>>().join(", ");
    let hosts = (0..20)
        .map(|index| format!("h{index}.example.com"))
        .collect::<Vec<_>>()
        .join(", ");
    let wide = format!(
        "capacity: {{min: 1, max: 1}}, port: 80, routing: {{hosts: [{hosts}], paths: [{many}], methods: [GET, PUT]}}"
    );
    let wild = "capacity: {min: 1, max: 1}, port: 80, routing: {paths: ['/*a*b*c*d*e*']}";
    let grpc = "capacity: {min: 1, max: 1}, port: 80, routing: {paths: ['/*'], protocol: GRPC}";
    let cases = [
        (SMALL, "", "cannot route requests by routing: web has no loadBalancer"),
        (
            "capacity: {min: 1, max: 1}, routing: {paths: ['/*']}",
            PLAIN,
            "cannot route requests by routing: it needs port, where requests are sent",
        ),
        (
            grpc,
            PLAIN,
            "cannot route requests by routing.protocol: HTTP2 and GRPC need loadBalancer.tls of web",
        ),
        (
            wild,
            PLAIN,
            "cannot route requests by routing: AWS takes 5 values and 5 wildcards in a rule, one value of each condition being the least",
        ),
        (
            &wide,
            PLAIN,
            "cannot route requests by routing: its values come to 200 rules, and a load balancer has 100",
        ),
    ];
    for (text, balancer, said) in cases {
        assert_eq!(wanted(text, balancer).unwrap_err().to_string(), said);
    }
}
