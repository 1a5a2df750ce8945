use super::*;

struct Group;

impl Refs for Group {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        Ok(node.to_string())
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

fn spec() -> Spec {
    Spec {
        group: "auto-scaling-group".parse().unwrap(),
        name: "hastack-drain".into(),
        content: Content {
            transition: LifecycleTransition::Terminating,
            timeout_seconds: 300,
            default_result: LifecycleResult::Continue,
            metadata: None,
            notification: None,
        },
    }
}

fn state() -> State {
    State::new(&spec().create(&Group).unwrap())
}

/// What is found of a state that was changed so.
fn findings(change: impl FnOnce(&mut State)) -> Vec<String> {
    let mut state = state();
    change(&mut state);
    let found = spec().compare(&state, &Group).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Replace { field } => format!("anew for {field}"),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn one_that_is_as_wanted_needs_nothing() {
    assert_eq!(findings(|_| {}), Vec::<String>::new());
}

#[test]
fn all_that_differs_takes_one_call() {
    let put = ["before terminating wait 300 s, then go on"];
    assert_eq!(
        findings(|state| state.content.transition = LifecycleTransition::Launching),
        put
    );
    assert_eq!(findings(|state| state.content.timeout_seconds = 30), put);
    assert_eq!(
        findings(|state| state.content.default_result = LifecycleResult::Abandon),
        put
    );
    let notification = Notification {
        target_arn: "arn:aws:sns:us-east-1:123456789012:ops".into(),
        role_arn: "arn:aws:iam::123456789012:role/tell".into(),
    };
    assert_eq!(findings(|state| state.content.notification = Some(notification)), put);
}

#[test]
fn a_text_that_is_to_go_makes_it_anew() {
    assert_eq!(
        findings(|state| state.content.metadata = Some("text".into())),
        ["anew for lifecycleHooks.metadata"]
    );
}

#[test]
fn a_change_shows_in_the_state() {
    let mut state = state();
    state.content.timeout_seconds = 30;
    state.fold(&Change::Put(spec().content), &Reply::default());
    assert_eq!(state, self::state());
}
