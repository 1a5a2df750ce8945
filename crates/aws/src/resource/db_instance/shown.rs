//! An instance as AWS shows it.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{DbInstance, DbParameterGroupStatus, PendingModifiedValues};
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::State;
use hastack_core::resource::database::setting::{Setting, Settings, Value};
use hastack_core::resource::database::status::Status;
use hastack_core::tag::PASSWORD;

use crate::resource::database::{
    self, PENDING_REBOOT, flag, log_exports, number, number_or_none, pending_log_exports, security_groups, text,
};
use crate::resource::timestamp;
use crate::tag;

/// What the table of settings has where AWS adds no storage.
const NO_BOUND: i32 = 0;

/// How long Performance Insights keeps what it sees where AWS does not say it.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html>
const INSIGHTS_DAYS: i32 = 7;

pub fn object(mut shown: DbInstance) -> Option<Object> {
    let settings = settings(&mut shown);
    let status = Status::of(shown.db_instance_status.as_deref().unwrap_or_default());
    let tags = tag::tags(shown.tag_list);
    let groups = shown.db_parameter_groups.unwrap_or_default();
    let endpoint = shown.endpoint;
    Some(Object {
        id: shown.db_instance_identifier?,
        phase: status.row().phase,
        created: shown.instance_create_time.and_then(timestamp),
        state: AnyState::DbInstance(State {
            arn: shown.db_instance_arn?,
            resource_id: shown.dbi_resource_id,
            engine: shown.engine?,
            status,
            pending: shown
                .pending_modified_values
                .map(|pending| self::pending(pending, &settings))
                .unwrap_or_default(),
            settings,
            reboot_pending: groups.iter().any(waits_for_reboot),
            hurried: false,
            subnet_group: shown.db_subnet_group.and_then(|group| group.db_subnet_group_name),
            kms_key_id: shown.kms_key_id,
            username: shown.master_username,
            database: shown.db_name,
            host: endpoint.and_then(|endpoint| endpoint.address),
            reader_host: None,
            secret_arn: shown.master_user_secret.and_then(|secret| secret.secret_arn),
            password_digest: tags.get(PASSWORD).cloned(),
            password_set: None,
            cluster: shown.db_cluster_identifier,
            replica_of: shown.read_replica_source_db_instance_identifier,
            zone: shown.availability_zone,
            standby_zone: shown.secondary_availability_zone,
            members: BTreeMap::new(),
            restorable: shown.latest_restorable_time.and_then(timestamp),
            maintenance: Vec::new(),
            events: Vec::new(),
            details: None,
        }),
        tags,
    })
}

fn waits_for_reboot(group: &DbParameterGroupStatus) -> bool {
    group.parameter_apply_status() == Some(PENDING_REBOOT)
}

/// Every setting that AWS shows of it, in the order of the table.
fn settings(shown: &mut DbInstance) -> Settings {
    let storage = shown.allocated_storage;
    let bound = shown.max_allocated_storage.unwrap_or(NO_BOUND);
    let groups = shown.db_parameter_groups();
    let group = groups.first().and_then(|group| group.db_parameter_group_name.clone());
    let endpoint = shown.endpoint.as_ref().and_then(|endpoint| endpoint.port);
    let insights = match shown.performance_insights_enabled {
        Some(true) => shown.performance_insights_retention_period.unwrap_or(INSIGHTS_DAYS),
        Some(false) | None => 0,
    };
    // Where it is not a member of a cluster the tier says nothing.
    let tier = shown.promotion_tier.filter(|_| shown.db_cluster_identifier.is_some());
    database::shown([
        (Setting::Identifier, text(shown.db_instance_identifier.clone())),
        (Setting::Class, text(shown.db_instance_class.take())),
        (Setting::Version, text(shown.engine_version.take())),
        (Setting::ParameterGroup, text(group)),
        (Setting::Storage, number(storage)),
        (Setting::MaxStorage, number_or_none(Some(bound))),
        (Setting::StorageType, text(shown.storage_type.take())),
        (Setting::Iops, number(shown.iops)),
        (Setting::Throughput, number(shown.storage_throughput)),
        (Setting::MultiAz, flag(shown.multi_az)),
        (
            Setting::SecurityGroups,
            security_groups(shown.vpc_security_groups.take()),
        ),
        (Setting::Port, number(endpoint.or(shown.db_instance_port))),
        (Setting::Public, flag(shown.publicly_accessible)),
        (Setting::ManagedPassword, flag(Some(shown.master_user_secret.is_some()))),
        (
            Setting::IamAuthentication,
            flag(shown.iam_database_authentication_enabled),
        ),
        (Setting::CaCertificate, text(shown.ca_certificate_identifier.take())),
        (Setting::PerformanceInsights, number_or_none(Some(insights))),
        (
            Setting::MonitoringInterval,
            number_or_none(shown.monitoring_interval.or(Some(0))),
        ),
        (Setting::MonitoringRole, text(shown.monitoring_role_arn.take())),
        (
            Setting::LogExports,
            Some(log_exports(shown.enabled_cloudwatch_logs_exports.take())),
        ),
        (Setting::Protection, flag(shown.deletion_protection)),
        (Setting::BackupRetention, number_or_none(shown.backup_retention_period)),
        (Setting::BackupWindow, text(shown.preferred_backup_window.take())),
        (
            Setting::MaintenanceWindow,
            text(shown.preferred_maintenance_window.take()),
        ),
        (Setting::CopyTags, flag(shown.copy_tags_to_snapshot)),
        (Setting::MinorUpgrades, flag(shown.auto_minor_version_upgrade)),
        (Setting::PromotionTier, number_or_none(tier)),
    ])
}

/// What is about to be set. That a password is, is known of our own requests.
fn pending(pending: PendingModifiedValues, settings: &Settings) -> Settings {
    let logs: Option<Value> = pending_log_exports(pending.pending_cloudwatch_logs_exports, settings);
    database::shown([
        (Setting::Identifier, text(pending.db_instance_identifier)),
        (Setting::Class, text(pending.db_instance_class)),
        (Setting::Version, text(pending.engine_version)),
        (Setting::Storage, number(pending.allocated_storage)),
        (Setting::StorageType, text(pending.storage_type)),
        (Setting::Iops, number(pending.iops)),
        (Setting::Throughput, number(pending.storage_throughput)),
        (Setting::MultiAz, flag(pending.multi_az)),
        (Setting::Port, number(pending.port)),
        (
            Setting::IamAuthentication,
            flag(pending.iam_database_authentication_enabled),
        ),
        (Setting::CaCertificate, text(pending.ca_certificate_identifier)),
        (Setting::LogExports, logs),
        (
            Setting::BackupRetention,
            number_or_none(pending.backup_retention_period),
        ),
    ])
}
