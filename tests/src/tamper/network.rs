//! Changes of a network.

use hastack_core::object::{Object, Phase};
use hastack_core::resource::role::Policies;
use hastack_core::resource::security_group::{Peer, Rule};
use hastack_core::resource::vpc_endpoint::Access;
use hastack_core::resource::{State, elastic_ip, log_group, role, route_table, vpc_endpoint};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::Vpc(_) => vec![("DNS host names off", disable_dns)],
        State::DefaultSecurityGroup(_) | State::SecurityGroup(_) => vec![
            ("a rule for what comes in", let_in),
            ("a rule for what goes out", let_out),
        ],
        State::InternetGateway(_) => vec![("detached", detach)],
        State::RouteTable(table) => route_table_tampers(table),
        State::Subnet(_) => vec![("public addresses", toggle_public_addresses)],
        State::VpcEndpoint(endpoint) => endpoint_tampers(&endpoint.access),
        State::ElasticIp(address) => address_tampers(address),
        State::Role(_) => vec![
            ("who takes it on", |object| {
                role_of(object).trust = role::Document(serde_json::json!({"Statement": []}));
            }),
            ("no policies", |object| {
                role_of(object).policies = Some(Policies::default());
            }),
            ("a managed policy", |object| {
                let arn = "arn:aws:iam::aws:policy/AdministratorAccess".into();
                policies_of(object).managed.insert(arn);
            }),
            ("an inline policy", |object| {
                policies_of(object).inline.insert("foreign".into(), None);
            }),
            ("our inline policy", |object| {
                let document = role::Document(serde_json::json!({"Statement": []}));
                let name = role::INLINE_POLICY.into();
                policies_of(object).inline.insert(name, Some(document));
            }),
        ],
        State::InstanceProfile(_) => vec![("no role", remove_role)],
        State::LogGroup(_) => vec![
            ("kept for ever", |object| log_group_of(object).retention_days = None),
            ("kept for a day", |object| log_group_of(object).retention_days = Some(1)),
        ],
        State::NatGateway(_) => vec![("failed", |object| object.phase = Phase::Failed)],
        _ => Vec::new(),
    }
}

fn endpoint_tampers(access: &Access) -> Vec<Tamper> {
    match access {
        Access::Gateway { .. } => vec![("the route tables", drop_a_table)],
        Access::Interface { .. } => vec![
            ("the subnets", |object| interface_of(object).0.clear()),
            ("the security groups", |object| {
                *interface_of(object).1 = vec!["sg-foreign".into()];
            }),
            ("private DNS off", |object| *interface_of(object).2 = false),
        ],
    }
}

/// That of a NAT gateway cannot be taken from it.
fn address_tampers(address: &elastic_ip::State) -> Vec<Tamper> {
    if address.instance_id.is_none() {
        return Vec::new();
    }
    vec![("disassociated", |object| {
        if let State::ElasticIp(address) = &mut object.state {
            address.association_id = None;
            address.instance_id = None;
        }
    })]
}

fn route_table_tampers(table: &route_table::State) -> Vec<Tamper> {
    let mut tampers: Vec<Tamper> = vec![
        ("the associations", |object| table_of(object).associations.clear()),
        ("another default route", |object| {
            table_of(object).default_route = Some("eni-foreign".into());
        }),
        ("a foreign association", |object| {
            let association = route_table::Association {
                id: "foreign".into(),
                subnet_id: "subnet-foreign".into(),
            };
            table_of(object).associations.push(association);
        }),
    ];
    if table.default_route.is_some() {
        tampers.push(("no default route", |object| table_of(object).default_route = None));
    }
    tampers
}

/// The state of a route table.
pub fn table_of(object: &mut Object) -> &mut route_table::State {
    match &mut object.state {
        State::RouteTable(table) => table,
        other => panic!("{other:?} is no route table"),
    }
}

fn disable_dns(object: &mut Object) {
    if let State::Vpc(vpc) = &mut object.state {
        vpc.dns_hostnames = Some(false);
    }
}

fn let_in(object: &mut Object) {
    let rule = Rule {
        protocol: "tcp".into(),
        ports: Some((22, 22)),
        peer: Peer::Cidr("0.0.0.0/0".into()),
    };
    match &mut object.state {
        State::DefaultSecurityGroup(group) => group.ingress.push(rule),
        State::SecurityGroup(group) => group.ingress.push(rule),
        other => panic!("{other:?} is no security group"),
    }
}

fn let_out(object: &mut Object) {
    let rule = Rule {
        protocol: "udp".into(),
        ports: Some((53, 53)),
        peer: Peer::Cidr("198.51.100.0/24".into()),
    };
    match &mut object.state {
        State::DefaultSecurityGroup(group) => group.egress.push(rule),
        State::SecurityGroup(group) => group.egress.push(rule),
        other => panic!("{other:?} is no security group"),
    }
}

fn detach(object: &mut Object) {
    if let State::InternetGateway(gateway) = &mut object.state {
        gateway.vpc_id = None;
    }
}

fn toggle_public_addresses(object: &mut Object) {
    if let State::Subnet(subnet) = &mut object.state {
        subnet.assign_public_addresses = !subnet.assign_public_addresses;
    }
}

fn drop_a_table(object: &mut Object) {
    if let State::VpcEndpoint(endpoint) = &mut object.state
        && let Access::Gateway { route_table_ids } = &mut endpoint.access
    {
        route_table_ids.pop();
    }
}

fn interface_of(object: &mut Object) -> (&mut Vec<String>, &mut Vec<String>, &mut bool) {
    match &mut object.state {
        State::VpcEndpoint(vpc_endpoint::State {
            vpc_id: _,
            service: _,
            access:
                Access::Interface {
                    subnet_ids,
                    group_ids,
                    private_dns,
                },
        }) => (subnet_ids, group_ids, private_dns),
        other => panic!("{other:?} is no interface endpoint"),
    }
}

fn role_of(object: &mut Object) -> &mut role::State {
    match &mut object.state {
        State::Role(role) => role,
        other => panic!("{other:?} is no role"),
    }
}

fn policies_of(object: &mut Object) -> &mut Policies {
    role_of(object).policies.get_or_insert_default()
}

fn remove_role(object: &mut Object) {
    if let State::InstanceProfile(profile) = &mut object.state {
        profile.role_arn = None;
    }
}

fn log_group_of(object: &mut Object) -> &mut log_group::State {
    match &mut object.state {
        State::LogGroup(group) => group,
        other => panic!("{other:?} is no log group"),
    }
}
