//! Changes of databases.

use hastack_core::object::Object;
use hastack_core::resource::State;
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::{database, scalable_target};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::DbInstance(database) if database.cluster.is_some() => MEMBER.to_vec(),
        State::DbInstance(database) if database.replica_of.is_some() => MEMBER.to_vec(),
        State::DbInstance(_) => MEMBER.iter().chain(&WHOLE).chain(&STORAGE).copied().collect(),
        State::DbCluster(_) => WHOLE.to_vec(),
        State::DbParameterGroup(_) | State::DbClusterParameterGroup(_) => vec![
            ("a parameter", |object| {
                parameters(object).insert("work_mem".into(), "1".into());
            }),
            ("the lack of a parameter", |object| parameters(object).clear()),
        ],
        State::DbSubnetGroup(_) => vec![("the subnets", |object| {
            if let State::DbSubnetGroup(group) = &mut object.state {
                group.subnet_ids.pop_last();
            }
        })],
        State::ScalableTarget(_) => READERS.to_vec(),
        State::Secret(_) => vec![("the rotation", |object| {
            if let State::Secret(secret) = &mut object.state
                && let Some(details) = &mut secret.details
            {
                details.rotation_days = Some(99);
            }
        })],
        _ => Vec::new(),
    }
}

/// Of every instance.
const MEMBER: [Tamper; 4] = [
    ("the public address", |object| set(object, Setting::Public, true)),
    ("Performance Insights", |object| {
        set(object, Setting::PerformanceInsights, 31_u32);
    }),
    ("Enhanced Monitoring", |object| {
        set(object, Setting::MonitoringInterval, 60_u32);
    }),
    ("minor upgrades", |object| set(object, Setting::MinorUpgrades, false)),
];

/// Of what has the data.
const WHOLE: [Tamper; 6] = [
    ("the protection", |object| set(object, Setting::Protection, false)),
    ("backups", |object| set(object, Setting::BackupRetention, 1_u32)),
    ("the tags of snapshots", |object| set(object, Setting::CopyTags, false)),
    ("logins of IAM", |object| set(object, Setting::IamAuthentication, true)),
    ("the exported logs", |object| {
        of(object)
            .settings
            .insert(Setting::LogExports, ["audit".to_owned()].into_iter().collect());
    }),
    ("the security groups", |object| {
        of(object)
            .settings
            .insert(Setting::SecurityGroups, ["sg-foreign".to_owned()].into_iter().collect());
    }),
];

/// Of an instance by itself.
const STORAGE: [Tamper; 2] = [
    ("the standby", |object| set(object, Setting::MultiAz, false)),
    ("the class", |object| set(object, Setting::Class, "db.t4g.large")),
];

/// Of what lets AWS add readers.
const READERS: [Tamper; 3] = [
    ("the number of readers", |object| target(object).bounds.max = 9),
    ("the policy of readers", |object| target(object).policy = None),
    ("what is suspended", |object| target(object).suspended = true),
];

fn target(object: &mut Object) -> &mut scalable_target::State {
    match &mut object.state {
        State::ScalableTarget(target) => target,
        other => panic!("{other:?} is no scalable target"),
    }
}

fn set(object: &mut Object, setting: Setting, value: impl Into<Value>) {
    of(object).settings.insert(setting, value.into());
}

fn of(object: &mut Object) -> &mut database::State {
    match &mut object.state {
        State::DbInstance(database) | State::DbCluster(database) => database,
        other => panic!("{other:?} is no database"),
    }
}

fn parameters(object: &mut Object) -> &mut std::collections::BTreeMap<String, String> {
    match &mut object.state {
        State::DbParameterGroup(group) | State::DbClusterParameterGroup(group) => {
            group.parameters.get_or_insert_default()
        }
        other => panic!("{other:?} is no parameter group"),
    }
}
