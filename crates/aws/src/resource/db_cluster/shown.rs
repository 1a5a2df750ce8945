//! A cluster as AWS shows it.

use aws_sdk_rds::types::{ClusterPendingModifiedValues, DbCluster, DbClusterMember};
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::State;
use hastack_core::resource::database::setting::{Setting, Settings};
use hastack_core::resource::database::status::Status;
use hastack_core::tag::PASSWORD;

use crate::resource::database::{
    self, PENDING_REBOOT, capacity, flag, log_exports, number, number_or_none, pending_log_exports, security_groups,
    text,
};
use crate::resource::timestamp;
use crate::tag;

pub fn object(mut shown: DbCluster) -> Option<Object> {
    let settings = settings(&mut shown);
    let status = Status::of(shown.status.as_deref().unwrap_or_default());
    let tags = tag::tags(shown.tag_list);
    let members = shown.db_cluster_members.unwrap_or_default();
    Some(Object {
        id: shown.db_cluster_identifier?,
        phase: status.row().phase,
        created: shown.cluster_create_time.and_then(timestamp),
        state: AnyState::DbCluster(State {
            arn: shown.db_cluster_arn?,
            resource_id: shown.db_cluster_resource_id,
            engine: shown.engine?,
            status,
            pending: shown
                .pending_modified_values
                .map(|pending| self::pending(pending, &settings))
                .unwrap_or_default(),
            settings,
            reboot_pending: members.iter().any(waits_for_reboot),
            hurried: false,
            subnet_group: shown.db_subnet_group,
            kms_key_id: shown.kms_key_id,
            username: shown.master_username,
            database: shown.database_name,
            host: shown.endpoint,
            reader_host: shown.reader_endpoint,
            secret_arn: shown.master_user_secret.and_then(|secret| secret.secret_arn),
            password_digest: tags.get(PASSWORD).cloned(),
            password_set: None,
            cluster: None,
            replica_of: None,
            zone: None,
            standby_zone: None,
            members: members.into_iter().filter_map(member).collect(),
            restorable: shown.latest_restorable_time.and_then(timestamp),
            maintenance: Vec::new(),
            events: Vec::new(),
            details: None,
        }),
        tags,
    })
}

/// The member to be started anew next, of those whose parameters wait for it: one that reads, else the writer.
pub fn next_to_reboot(shown: &DbCluster) -> Option<&str> {
    let members = shown.db_cluster_members().iter();
    let mut waiting: Vec<_> = members.filter(|member| waits_for_reboot(member)).collect();
    waiting.sort_by_key(|member| (member.is_cluster_writer(), member.db_instance_identifier()));
    waiting.first()?.db_instance_identifier()
}

fn waits_for_reboot(member: &DbClusterMember) -> bool {
    member.db_cluster_parameter_group_status() == Some(PENDING_REBOOT)
}

fn member(shown: DbClusterMember) -> Option<(String, bool)> {
    let writes = shown.is_cluster_writer == Some(true);
    Some((shown.db_instance_identifier?, writes))
}

/// Every setting that AWS shows of it, in the order of the table.
fn settings(shown: &mut DbCluster) -> Settings {
    let serverless = shown.serverless_v2_scaling_configuration.take();
    let (least, most) = serverless.map_or((None, None), |serverless| {
        (serverless.min_capacity, serverless.max_capacity)
    });
    database::shown([
        (Setting::Identifier, text(shown.db_cluster_identifier.clone())),
        (Setting::Version, text(shown.engine_version.take())),
        (Setting::ParameterGroup, text(shown.db_cluster_parameter_group.take())),
        (Setting::MinCapacity, capacity(least)),
        (Setting::MaxCapacity, capacity(most)),
        (
            Setting::SecurityGroups,
            security_groups(shown.vpc_security_groups.take()),
        ),
        (Setting::Port, number(shown.port)),
        (Setting::ManagedPassword, flag(Some(shown.master_user_secret.is_some()))),
        (
            Setting::IamAuthentication,
            flag(shown.iam_database_authentication_enabled),
        ),
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
    ])
}

/// What is about to be set. That a password is, is known of our own requests.
fn pending(pending: ClusterPendingModifiedValues, settings: &Settings) -> Settings {
    let logs = pending_log_exports(pending.pending_cloudwatch_logs_exports, settings);
    database::shown([
        (Setting::Identifier, text(pending.db_cluster_identifier)),
        (Setting::Version, text(pending.engine_version)),
        (
            Setting::IamAuthentication,
            flag(pending.iam_database_authentication_enabled),
        ),
        (Setting::LogExports, logs),
        (
            Setting::BackupRetention,
            number_or_none(pending.backup_retention_period),
        ),
    ])
}
