//! Changes of a load balancer and its listeners.

use hastack_core::object::Object;
use hastack_core::resource::listener::{Action, Protocol};
use hastack_core::resource::load_balancer::{DesyncMitigation, Details, LoadBalancerLogs};
use hastack_core::resource::{State, listener, load_balancer};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::LoadBalancer(_) => load_balancer_tampers(),
        State::Listener(listener) => listener_tampers(listener),
        _ => Vec::new(),
    }
}

fn load_balancer_tampers() -> Vec<Tamper> {
    vec![
        ("the subnets", |object| drop(balancer_of(object).subnet_ids.pop())),
        ("the security groups", |object| {
            balancer_of(object).security_group_ids = vec!["sg-foreign".into()];
        }),
        ("the idle timeout", |object| {
            details_of(object).attributes.idle_timeout_seconds = 4000;
        }),
        ("HTTP/2", |object| {
            let attributes = &mut details_of(object).attributes;
            attributes.http2 = !attributes.http2;
        }),
        ("invalid headers", |object| {
            let attributes = &mut details_of(object).attributes;
            attributes.drop_invalid_headers = !attributes.drop_invalid_headers;
        }),
        ("desync mitigation", |object| {
            details_of(object).attributes.desync_mitigation = DesyncMitigation::Monitor;
        }),
        ("deletion protection", |object| {
            let attributes = &mut details_of(object).attributes;
            attributes.deletion_protection = !attributes.deletion_protection;
        }),
        ("access logs", |object| {
            details_of(object).attributes.access_logs = Some(foreign_bucket());
        }),
        ("connection logs", |object| {
            details_of(object).attributes.connection_logs = Some(foreign_bucket());
        }),
        ("a web ACL", |object| {
            let arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/foreign/1";
            details_of(object).web_acl_arn = Some(arn.into());
        }),
    ]
}

fn listener_tampers(listener: &listener::State) -> Vec<Tamper> {
    let mut tampers: Vec<Tamper> = vec![
        ("the port", |object| listener_of(object).port = 8080),
        ("the default action", |object| {
            listener_of(object).default_action = Action::Other("forward".into());
        }),
    ];
    match listener.protocol {
        Protocol::Http => tampers.push(("HTTPS", |object| {
            let listener = listener_of(object);
            listener.protocol = Protocol::Https;
            listener.certificate_arn = Some("arn:aws:acm:us-east-1:123456789012:certificate/foreign".into());
            listener.policy = Some("ELBSecurityPolicy-2016-08".into());
        })),
        Protocol::Https => tampers.extend::<[Tamper; 5]>([
            ("plain HTTP", |object| {
                let listener = listener_of(object);
                listener.protocol = Protocol::Http;
                listener.certificate_arn = None;
                listener.policy = None;
                listener.additional = Some(Vec::new());
            }),
            ("the certificate", |object| {
                let arn = "arn:aws:acm:us-east-1:123456789012:certificate/foreign";
                listener_of(object).certificate_arn = Some(arn.into());
            }),
            ("the security policy", |object| {
                listener_of(object).policy = Some("ELBSecurityPolicy-2016-08".into());
            }),
            ("a further certificate", |object| {
                let arn = "arn:aws:acm:us-east-1:123456789012:certificate/foreign";
                listener_of(object).additional.get_or_insert_default().push(arn.into());
            }),
            ("no further certificate", |object| {
                listener_of(object).additional = Some(Vec::new());
            }),
        ]),
    }
    tampers
}

fn balancer_of(object: &mut Object) -> &mut load_balancer::State {
    match &mut object.state {
        State::LoadBalancer(balancer) => balancer,
        other => panic!("{other:?} is no load balancer"),
    }
}

fn details_of(object: &mut Object) -> &mut Details {
    balancer_of(object).details.get_or_insert_default()
}

fn listener_of(object: &mut Object) -> &mut listener::State {
    match &mut object.state {
        State::Listener(listener) => listener,
        other => panic!("{other:?} is no listener"),
    }
}

fn foreign_bucket() -> LoadBalancerLogs {
    LoadBalancerLogs {
        bucket: "foreign".into(),
        prefix: None,
    }
}
