use super::*;

fn logs<const N: usize>(logs: [&str; N]) -> Settings {
    Settings::from([(Setting::LogExports, logs.map(str::to_owned).into_iter().collect())])
}

#[test]
fn what_is_not_set_is_left_to_aws() {
    let nothing = Settings::new();
    let set = Set(&nothing);
    assert_eq!(set.text(Setting::Class), None);
    assert_eq!(set.number(Setting::Storage), None);
    assert_eq!(set.flag(Setting::MultiAz), None);
    assert_eq!(set.texts(Setting::SecurityGroups), None);
    assert_eq!(set.insights(), (None, None));
    assert_eq!(set.capacity(), None);
    assert_eq!(set.managed(), None);
}

#[test]
fn performance_insights_without_days_is_off() {
    let off = Settings::from([(Setting::PerformanceInsights, 0.into())]);
    let on = Settings::from([(Setting::PerformanceInsights, 7.into())]);
    assert_eq!(Set(&off).insights(), (Some(false), None));
    assert_eq!(Set(&on).insights(), (Some(true), Some(7)));
}

#[test]
fn storage_that_does_not_grow_has_no_bound_when_it_is_made() {
    let storage = |most: u32| Settings::from([(Setting::Storage, 20.into()), (Setting::MaxStorage, most.into())]);
    assert_eq!(Set(&storage(0)).max_storage(), None);
    assert_eq!(Set(&storage(100)).max_storage(), Some(100));
}

#[test]
fn exports_begin_and_end_as_they_differ() {
    let exports = Set(&logs(["audit", "error"]))
        .log_exports(&logs(["error", "general"]))
        .unwrap();
    assert_eq!(exports.enable_log_types(), ["audit"]);
    assert_eq!(exports.disable_log_types(), ["general"]);
    assert_eq!(Set(&logs(["error"])).log_exports(&logs(["error"])), None);
    let first = Set(&logs(["error"])).log_exports(&Settings::new()).unwrap();
    assert_eq!(first.enable_log_types(), ["error"]);
    assert_eq!(first.disable_log_types, None);
}

#[test]
fn pending_exports_lie_over_those_that_are() {
    let pending = PendingCloudwatchLogsExports::builder()
        .log_types_to_enable("audit")
        .log_types_to_disable("general");
    let exports = pending_log_exports(Some(pending.build()), &logs(["error", "general"]));
    assert_eq!(exports.as_ref(), logs(["audit", "error"]).get(&Setting::LogExports));
    assert_eq!(pending_log_exports(None, &logs(["error"])), None);
}

#[test]
fn capacity_is_written_as_the_spec_writes_it() {
    for (acu, wanted) in [(0.5, "0.5"), (16.0, "16")] {
        assert_eq!(capacity(Some(acu)), Some(wanted.into()));
    }
    let bounds = Settings::from([
        (Setting::MinCapacity, "0.5".into()),
        (Setting::MaxCapacity, "16".into()),
    ]);
    let capacity = Set(&bounds).capacity().unwrap();
    assert_eq!(
        (capacity.min_capacity(), capacity.max_capacity()),
        (Some(0.5), Some(16.0))
    );
}

#[test]
fn a_number_of_which_there_is_none_is_not_shown() {
    assert_eq!(number(Some(0)), None);
    assert_eq!(number(Some(3000)), Some(3000.into()));
    assert_eq!(number_or_none(Some(0)), Some(0.into()));
}
