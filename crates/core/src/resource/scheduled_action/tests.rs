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
        name: "hastack-morning".into(),
        content: Content {
            recurrence: "0 8 * * MON-FRI".into(),
            time_zone: "Europe/Berlin".into(),
            min: Some(2),
            max: None,
            desired: Some(4),
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
    let put = ["min 2, desired 4 at 0 8 * * MON-FRI in Europe/Berlin"];
    assert_eq!(findings(|state| state.content.recurrence.clear()), put);
    assert_eq!(findings(|state| state.content.time_zone = UTC.into()), put);
    assert_eq!(findings(|state| state.content.min = None), put);
    assert_eq!(findings(|state| state.content.desired = Some(9)), put);
}

#[test]
fn what_a_put_would_leave_as_it_is_makes_it_anew() {
    assert_eq!(
        findings(|state| state.content.max = Some(9)),
        ["anew for scaling.scheduled.max"]
    );
    assert_eq!(findings(|state| state.ends = true), ["anew for scaling.scheduled"]);
}

#[test]
fn a_change_shows_in_the_state() {
    let mut state = state();
    state.content.min = None;
    state.fold(&Change::Put(spec().content), &Reply::default());
    assert_eq!(state, self::state());
}
