//! Changes of target groups and listener rules.

use hastack_core::object::Object;
use hastack_core::resource::listener_rule::Header;
use hastack_core::resource::target_group::{Algorithm, Details, Protocol, Stickiness};
use hastack_core::resource::{State, listener_rule, target_group};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::TargetGroup(_) => [health_check_tampers(), attribute_tampers()].concat(),
        State::ListenerRule(_) => listener_rule_tampers(),
        _ => Vec::new(),
    }
}

fn health_check_tampers() -> Vec<Tamper> {
    vec![
        ("what health checks speak", |object| {
            let check = &mut group_of(object).health_check;
            check.protocol = match check.protocol {
                Protocol::Http => Protocol::Https,
                Protocol::Https => Protocol::Http,
            };
        }),
        ("the port of health checks", |object| {
            group_of(object).health_check.port = Some(9);
        }),
        ("the path of health checks", |object| {
            group_of(object).health_check.path = "/foreign".into();
        }),
        ("the codes of health checks", |object| {
            group_of(object).health_check.codes = "418".into();
        }),
        ("the interval of health checks", |object| {
            group_of(object).health_check.interval_seconds = 299;
        }),
        ("the timeout of health checks", |object| {
            group_of(object).health_check.timeout_seconds = 119;
        }),
        ("the healthy threshold", |object| {
            group_of(object).health_check.healthy_threshold = 9;
        }),
        ("the unhealthy threshold", |object| {
            group_of(object).health_check.unhealthy_threshold = 9;
        }),
    ]
}

fn attribute_tampers() -> Vec<Tamper> {
    vec![
        ("the deregistration delay", |object| {
            details_of(object).attributes.deregistration_delay_seconds = 3000;
        }),
        ("slow start", |object| {
            details_of(object).attributes.slow_start_seconds = 899;
        }),
        ("stickiness", |object| {
            details_of(object).attributes.stickiness = Some(Stickiness {
                duration_seconds: 7,
                cookie_name: Some("foreign".into()),
            });
        }),
        ("the algorithm", |object| {
            details_of(object).attributes.algorithm = Algorithm::PlainRandom;
        }),
    ]
}

fn listener_rule_tampers() -> Vec<Tamper> {
    vec![
        ("the priority", |object| rule_of(object).priority = 41_999),
        ("the hosts", |object| {
            rule_of(object).conditions.hosts = vec!["foreign.example.com".into()];
        }),
        ("the paths", |object| {
            rule_of(object).conditions.paths = vec!["/foreign".into()];
        }),
        ("the methods", |object| {
            rule_of(object).conditions.methods = vec!["DELETE".into()];
        }),
        ("a header", |object| {
            rule_of(object).conditions.headers.push(Header {
                name: "x-foreign".into(),
                values: vec!["a".into()],
            });
        }),
        ("a condition of another sort", |object| {
            rule_of(object).conditions.others.push("source-ip".into());
        }),
        ("where requests are sent", |object| {
            rule_of(object).forwards[0].target_group_arn = "foreign".into();
        }),
        ("a share of requests for somebody else", |object| {
            let foreign = listener_rule::Forward::all("foreign");
            rule_of(object).forwards.push(foreign);
        }),
        ("an answer instead", |object| {
            let rule = rule_of(object);
            rule.forwards = Vec::new();
            rule.other = Some("fixed-response".into());
        }),
        ("a transform", |object| {
            rule_of(object).other = Some("url-rewrite".into());
        }),
    ]
}

fn group_of(object: &mut Object) -> &mut target_group::State {
    match &mut object.state {
        State::TargetGroup(group) => group,
        other => panic!("{other:?} is no target group"),
    }
}

fn details_of(object: &mut Object) -> &mut Details {
    group_of(object).details.get_or_insert_default()
}

fn rule_of(object: &mut Object) -> &mut listener_rule::State {
    match &mut object.state {
        State::ListenerRule(rule) => rule,
        other => panic!("{other:?} is no listener rule"),
    }
}
