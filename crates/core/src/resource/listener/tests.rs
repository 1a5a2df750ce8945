use super::*;

/// Others of the owner, each under its own name; those that are missing are not there.
struct Others {
    missing: &'static [&'static str],
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        let name = node.to_string();
        if self.missing.contains(&name.as_str()) {
            return Err(node.clone());
        }
        Ok(name)
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

const ALL: Others = Others { missing: &[] };
const NO_HTTPS: Others = Others {
    missing: &["listener/https"],
};
const NO_CERTIFICATE: Others = Others {
    missing: &["certificate/shop.example.com"],
};

fn http(at_once: bool) -> Spec {
    Spec {
        load_balancer: "load-balancer".parse().unwrap(),
        port: 80,
        tls: None,
        redirect: Some(Redirect {
            to: "listener/https".parse().unwrap(),
            at_once,
        }),
    }
}

fn https() -> Spec {
    Spec {
        load_balancer: "load-balancer".parse().unwrap(),
        port: HTTPS_PORT,
        tls: Some(Tls {
            certificate: Certificate::Node("certificate/shop.example.com".parse().unwrap()),
            additional: vec!["arn:a".into()],
            policy: "modern".into(),
        }),
        redirect: None,
    }
}

/// As it is once all is done.
fn state(spec: &Spec) -> State {
    let mut state = State::new(&spec.create(&ALL).unwrap());
    state.additional = Some(spec.tls.iter().flat_map(|tls| tls.additional.clone()).collect());
    state
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Underway(what) | Finding::Failed(what) => what,
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
        })
        .collect()
}

#[test]
fn one_that_is_as_wanted_needs_nothing() {
    for spec in [http(false), https()] {
        assert_eq!(findings(&spec, &state(&spec), &ALL), Vec::<String>::new());
    }
}

#[test]
fn http_serves_until_https_does_and_redirects_then() {
    let spec = http(false);
    let first = State::new(&spec.create(&NO_HTTPS).unwrap());
    assert_eq!(first.default_action, Action::NotFound);
    assert_eq!(findings(&spec, &first, &NO_HTTPS), ["wait for listener/https"]);
    assert_eq!(findings(&spec, &first, &ALL), ["redirect to HTTPS"]);
}

#[test]
fn http_waits_for_https_where_that_comes_at_once() {
    assert_eq!(http(true).create(&NO_HTTPS).unwrap_err().to_string(), "listener/https");
    assert_eq!(http(true).create(&ALL).unwrap().default_action, Action::Redirect);
}

#[test]
fn a_redirect_stays_while_https_is_missing() {
    let spec = http(false);
    assert_eq!(findings(&spec, &state(&spec), &NO_HTTPS), ["wait for listener/https"]);
}

#[test]
fn a_foreign_action_is_changed_back_even_while_https_is_missing() {
    let spec = http(false);
    let mut state = state(&spec);
    state.default_action = Action::Other("forward".into());
    assert_eq!(
        findings(&spec, &state, &NO_HTTPS),
        ["wait for listener/https", "404 by default"]
    );
}

#[test]
fn another_certificate_takes_over_once_it_is_issued() {
    let mut old = state(&https());
    old.certificate_arn = Some("arn:old".into());
    assert_eq!(
        findings(&https(), &old, &NO_CERTIFICATE),
        ["wait for certificate/shop.example.com"]
    );
    assert_eq!(
        findings(&https(), &old, &ALL),
        ["certificate certificate/shop.example.com"]
    );
}

#[test]
fn all_fields_that_differ_take_one_call() {
    let plain = State {
        port: 8443,
        protocol: Protocol::Http,
        certificate_arn: None,
        policy: None,
        ..state(&https())
    };
    assert_eq!(
        findings(&https(), &plain, &ALL),
        ["port 443, HTTPS, certificate certificate/shop.example.com, policy modern"]
    );
}

#[test]
fn further_certificates_are_added_and_removed_one_a_call() {
    let mut other = state(&https());
    other.additional = Some(vec!["arn:b".into()]);
    assert_eq!(
        findings(&https(), &other, &ALL),
        ["add certificate arn:a", "remove certificate arn:b"]
    );
    other.additional = None;
    assert_eq!(findings(&https(), &other, &ALL), Vec::<String>::new());
    assert!(other.lacks_details());
}

#[test]
fn a_change_shows_in_the_state() {
    for mut state in [
        State {
            protocol: Protocol::Http,
            certificate_arn: None,
            policy: None,
            additional: Some(Vec::new()),
            ..state(&https())
        },
        State {
            port: 1,
            additional: Some(vec!["arn:b".into()]),
            ..state(&https())
        },
    ] {
        for finding in https().compare(&state.clone(), &ALL) {
            match finding {
                Finding::Change(change) => state.fold(&change, &Reply::default()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(state, self::state(&https()));
    }
}
