use super::*;
use crate::desire::service::sample::{inputs, on, service, stack};

/// The nodes of a service beside others on a stack.
fn nodes(stack_parts: &str, parts: &str, beside: &[&str]) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let inputs = Inputs {
        services: beside.iter().map(|name| service(name, "")).collect(),
        ..inputs()
    };
    let spec = service("web", parts).spec;
    on(&stack(stack_parts), |site| desire(&spec, site, &inputs))
}

fn group_of(stack_parts: &str, parts: &str) -> security_group::Spec {
    let nodes = nodes(stack_parts, parts, &["head"]).unwrap();
    match &nodes[&group()].spec {
        Spec::SecurityGroup(group) => group.clone(),
        other => panic!("{other}"),
    }
}

fn let_in(stack_parts: &str, parts: &str) -> Vec<String> {
    let ingress = group_of(stack_parts, parts).ingress;
    ingress.iter().map(ToString::to_string).collect()
}

fn let_out(parts: &str) -> Vec<String> {
    let egress = group_of("fileSystem: {}", parts).egress;
    egress.iter().map(ToString::to_string).collect()
}

fn role_of(parts: &str) -> role::Spec {
    let nodes = nodes("", parts, &[]).unwrap();
    match &nodes[&role()].spec {
        Spec::Role(role) => role.clone(),
        other => panic!("{other}"),
    }
}

fn policy(parts: &str) -> Value {
    role_of(parts).inline_policy.map_or(Value::Null, |document| document.0)
}

#[test]
fn a_service_alone_is_reached_by_nobody_and_reaches_everything() {
    assert!(let_in("", "").is_empty());
    assert_eq!(let_out(""), ["all 0.0.0.0/0"]);
    assert_eq!(group_of("", "").name, "shop/ground/web/service");
}

#[test]
fn the_load_balancer_reaches_what_it_routes_to_and_what_it_checks() {
    assert!(let_in("", "port: 80").is_empty(), "nothing is routed to it");
    assert_eq!(
        let_in("", "port: 80, routing: {paths: [/]}"),
        ["tcp 80 security-group/load-balancer of HAStack/ground"]
    );
    assert_eq!(
        let_in("", "port: 80, routing: {paths: [/]}, healthCheck: {port: 81}"),
        [
            "tcp 80 security-group/load-balancer of HAStack/ground",
            "tcp 81 security-group/load-balancer of HAStack/ground"
        ]
    );
    assert_eq!(
        let_in("", "port: 80, routing: {paths: [/]}, healthCheck: {port: 80}").len(),
        1
    );
}

#[test]
fn ranges_the_bastion_and_services_come_in_as_listed() {
    let entries = "ingress: [{port: 22, from: {bastion: true}}, {portRange: 50051-50060, from: {service: head}}, {port: 53, protocol: UDP, cidrs: [10.0.0.0/16, 203.0.113.7/32]}, {port: 7000, from: {service: web}}]";
    assert_eq!(
        let_in("bastion: {}", entries),
        [
            "tcp 22 security-group/bastion of HAStack/ground",
            "tcp 50051-50060 security-group/service of AutoScaledService/head",
            "udp 53 10.0.0.0/16",
            "udp 53 203.0.113.7/32",
            "tcp 7000 security-group/service"
        ]
    );
}

#[test]
fn a_service_on_its_way_out_is_let_in_no_more() {
    let mut leaving = service("head", "");
    leaving.metadata.deletion_timestamp = serde_json::from_str("\"2026-11-23T12:00:00Z\"").unwrap();
    let inputs = Inputs {
        services: vec![leaving],
        ..inputs()
    };
    let spec = service("web", "ingress: [{port: 1, from: {service: head}}]").spec;
    let ingress = on(&stack(""), |site| traffic::ingress(&spec, site, &inputs));
    assert_eq!(ingress, Ok(Vec::new()));
}

#[test]
fn only_what_is_listed_goes_out_and_what_is_mounted() {
    assert_eq!(
        let_out("egress: [{cidrs: [10.0.0.0/16]}, {port: 443, cidrs: [0.0.0.0/0]}]"),
        ["tcp 0-65535 10.0.0.0/16", "tcp 443 0.0.0.0/0"]
    );
    assert!(let_out("egress: []").is_empty());
    assert_eq!(
        let_out("egress: [], mounts: [{fileSystem: stack, path: /mnt}]"),
        ["tcp 2049 security-group/file-system of HAStack/ground"]
    );
}

#[test]
fn what_cannot_be_met_is_refused_with_the_fields_name() {
    let cases = [
        (
            "ingress: [{port: 22, from: {bastion: true}}]",
            "cannot use ingress[0].from.bastion: HAStack ground has no bastion",
        ),
        (
            "ingress: [{port: 22, from: {service: tail}}]",
            "cannot use ingress[0].from.service: HAStack ground has no AutoScaledService \"tail\"",
        ),
        (
            "ingress: [{portRange: 20-10, cidrs: [10.0.0.0/8]}]",
            "cannot read ingress[0].portRange: \"20-10\" is not a port or a range of ports, such as 50051-50060",
        ),
        (
            "ingress: [{portRange: 1-70000, cidrs: [10.0.0.0/8]}]",
            "cannot read ingress[0].portRange: \"1-70000\" is not a port or a range of ports, such as 50051-50060",
        ),
        (
            "ingress: [{port: 1, cidrs: [10.0.0.1/8]}]",
            "cannot read ingress[0].cidrs[0]: \"10.0.0.1/8\" is not an IPv4 range with no host bits set, such as 10.0.0.0/16",
        ),
        (
            "egress: [{cidrs: [here]}]",
            "cannot read egress[0].cidrs[0]: \"here\" is not an IPv4 range with no host bits set, such as 10.0.0.0/16",
        ),
    ];
    for (parts, message) in cases {
        assert_eq!(nodes("", parts, &["head"]).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_role_is_reached_by_session_manager_and_may_do_no_more() {
    let role = role_of("");
    let session = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    assert_eq!(role.managed_policies, [session.to_owned()].into());
    assert_eq!(role.inline_policy, None);
    assert_eq!(role.service, "ec2.amazonaws.com");
    assert_eq!(role.path, "/hastack.dev/c/AutoScaledService/shop/web/role/service/");
    let given = role_of("permissions: [{policyArn: 'arn:aws:iam::123456789012:policy/x'}]");
    assert_eq!(given.managed_policies.len(), 2);
}

#[test]
fn a_bucket_is_read_or_written_and_only_that_one() {
    let read = policy("permissions: [{bucket: static}]");
    assert_eq!(
        read["Statement"],
        json!([
            {"Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": ["arn:aws:s3:::static"]},
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::static/*"]},
        ])
    );
    let written = policy("permissions: [{bucket: static, access: ReadWrite}]");
    let actions = json!([
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject"
    ]);
    assert_eq!(written["Statement"][1]["Action"], actions);
}

#[test]
fn secrets_are_read_each_once_whether_permitted_or_in_the_environment() {
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
    let parts = format!(
        "permissions: [{{secretArn: '{arn}:b'}}], environment: [{{name: A, secretArn: '{arn}:a#user'}}, {{name: B, secretArn: '{arn}:a#password'}}]"
    );
    assert_eq!(
        policy(&parts)["Statement"],
        json!([{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [format!("{arn}:a"), format!("{arn}:b")]}])
    );
}

#[test]
fn a_statement_is_taken_as_it_is() {
    let parts = "permissions: [{statement: {actions: ['sqs:SendMessage'], resources: ['*'], conditions: {Bool: {'aws:SecureTransport': 'true'}}}}]";
    assert_eq!(
        policy(parts)["Statement"],
        json!([{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}])
    );
}
