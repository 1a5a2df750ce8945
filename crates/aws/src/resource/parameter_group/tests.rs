use super::*;

fn shown(name: &str, apply_type: &str) -> Parameter {
    Parameter::builder().parameter_name(name).apply_type(apply_type).build()
}

#[test]
fn what_counts_only_after_a_start_waits_for_one() {
    let known = [shown("max_connections", "static"), shown("work_mem", "dynamic")];
    let names = ["max_connections", "novelty", "work_mem"].map(str::to_owned);
    let methods: Vec<_> = reset(&BTreeSet::from(names), &known)
        .into_iter()
        .map(|parameter| parameter.apply_method.unwrap())
        .collect();
    let (later, now) = (ApplyMethod::PendingReboot, ApplyMethod::Immediate);
    assert_eq!(methods, [later.clone(), later, now]);
}

#[test]
fn parameters_are_asked_for_by_name() {
    let filter = named(&["work_mem".to_owned()]);
    assert_eq!(
        (filter.name(), filter.values()),
        (Some("parameter-name"), &["work_mem".to_owned()][..])
    );
}
