//! What is set of databases, in the words of the table of settings. What the spec leaves out is set too where AWS's own choice
//! would be a danger, so that others' changes of it are put right; the rest is left to AWS.

use hastack_api::ManagedDatabaseSpec;
use hastack_api::database::capacity::{StorageSpec, StorageType};
use hastack_api::database::monitoring::PerformanceInsightsSpec;

use super::Plan;
use crate::resource::database::setting::{Setting, Settings, Value};

/// The class of every instance of a cluster that has capacity rather than instances.
pub(super) const SERVERLESS: &str = "db.serverless";

/// What the table of settings has where AWS adds no storage.
const NO_BOUND: u32 = 0;

/// Of whatever has the data: the instance by itself, or the cluster.
pub(super) fn of_whole(plan: &Plan<'_>) -> Settings {
    let spec = plan.spec;
    let managed = spec.credentials.password_from.is_none();
    let mut settings = Settings::from([
        (Setting::Version, plan.version().into()),
        (Setting::ManagedPassword, managed.into()),
        (Setting::IamAuthentication, spec.iam_authentication.into()),
        (Setting::LogExports, spec.log_exports.iter().cloned().collect()),
        (Setting::Protection, spec.deletion_protection.into()),
        (Setting::BackupRetention, u32::from(spec.backups.retention_days).into()),
        (Setting::CopyTags, true.into()),
    ]);
    let chosen = [
        (Setting::Port, spec.port.map(|port| u32::from(port).into())),
        (Setting::BackupWindow, spec.backups.window.as_deref().map(Value::from)),
        (
            Setting::MaintenanceWindow,
            spec.maintenance_window.as_deref().map(Value::from),
        ),
    ];
    settings.extend(given(chosen));
    settings
}

/// Of whatever runs: each instance.
pub(super) fn of_instance(spec: &ManagedDatabaseSpec) -> Settings {
    let class = spec.instance_class.as_deref().unwrap_or(SERVERLESS);
    let insights = spec.performance_insights.as_ref();
    let insights = insights.map_or(0, |PerformanceInsightsSpec { retention_days }| {
        u32::from(*retention_days)
    });
    let monitoring = u32::from(spec.enhanced_monitoring_seconds.unwrap_or_default());
    let mut settings = Settings::from([
        (Setting::Class, class.into()),
        (Setting::Public, spec.public.into()),
        (Setting::PerformanceInsights, insights.into()),
        (Setting::MonitoringInterval, monitoring.into()),
        (Setting::MinorUpgrades, spec.minor_version_upgrades.into()),
    ]);
    settings.extend(given([(
        Setting::CaCertificate,
        spec.ca_certificate.as_deref().map(Value::from),
    )]));
    settings
}

/// Of its storage.
pub(super) fn of_storage(spec: &ManagedDatabaseSpec) -> Settings {
    let Some(storage) = &spec.storage else {
        return Settings::new();
    };
    let StorageSpec {
        size_gib,
        max_size_gib,
        storage_type,
        iops,
        throughput,
    } = storage;
    let bound = max_size_gib.filter(|most| most > size_gib);
    let word = match storage_type {
        StorageType::Gp2 => "gp2",
        StorageType::Gp3 => "gp3",
        StorageType::Io1 => "io1",
        StorageType::Io2 => "io2",
    };
    let mut settings = Settings::from([
        (Setting::Storage, (*size_gib).into()),
        (Setting::StorageType, word.into()),
        // That AWS adds none is said too, or it would go on where the bound is taken away.
        (Setting::MaxStorage, bound.unwrap_or(NO_BOUND).into()),
    ]);
    settings.extend(given([
        (Setting::Iops, iops.map(Value::from)),
        (Setting::Throughput, throughput.map(Value::from)),
    ]));
    settings
}

/// Of the capacity of a cluster.
pub(super) fn of_capacity(spec: &ManagedDatabaseSpec) -> Settings {
    let Some(serverless) = &spec.serverless else {
        return Settings::new();
    };
    Settings::from([
        (Setting::MinCapacity, capacity(serverless.min_acu).into()),
        (Setting::MaxCapacity, capacity(serverless.max_acu).into()),
    ])
}

/// ACUs as text: `0.5`, `16`.
fn capacity(acu: f64) -> String {
    acu.to_string()
}

fn given<const N: usize>(settings: [(Setting, Option<Value>); N]) -> impl Iterator<Item = (Setting, Value)> {
    settings
        .into_iter()
        .filter_map(|(setting, value)| Some((setting, value?)))
}
