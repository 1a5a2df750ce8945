//! The three ways in which a cluster comes to be. Each call takes other settings; what it does not take is changed afterwards.

use aws_sdk_rds::types::DbCluster;
use hastack_core::cloud::{CloudError, CreateRequest};
use hastack_core::resource::database::Create;
use hastack_core::resource::database::setting::Setting;
use jiff::Timestamp;

use crate::Aws;
use crate::action::Action;
use crate::resource::database::{self, Set, text_of};

/// The call that was made, and what it made.
type Made = Result<(Action, Option<DbCluster>), CloudError>;

/// An empty one.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>
pub async fn empty(aws: &Aws, request: &CreateRequest, create: &Create) -> Made {
    let action = Action::CreateDBCluster;
    let set = Set(&create.settings);
    let password = database::password(create);
    let call = aws
        .rds
        .write
        .create_db_cluster()
        .db_cluster_identifier(&create.id)
        .engine(create.engine)
        .set_database_name(create.database.clone())
        .set_master_username(create.username.clone())
        .set_manage_master_user_password(set.managed())
        .set_master_user_password(text_of(password))
        .set_db_subnet_group_name(create.subnet_group.clone())
        .storage_encrypted(true)
        .set_kms_key_id(create.kms_key_id.clone())
        .set_tags(Some(database::tags(request, password)))
        .set_engine_version(set.text(Setting::Version))
        .set_db_cluster_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_serverless_v2_scaling_configuration(set.capacity())
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_preferred_maintenance_window(set.text(Setting::MaintenanceWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_cluster))
}

/// What a snapshot has, with the password that had.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html>
pub async fn from_snapshot(aws: &Aws, request: &CreateRequest, create: &Create, snapshot: &str) -> Made {
    let action = Action::RestoreDBClusterFromSnapshot;
    let set = Set(&create.settings);
    let call = aws
        .rds
        .write
        .restore_db_cluster_from_snapshot()
        .db_cluster_identifier(&create.id)
        .snapshot_identifier(snapshot)
        .engine(create.engine)
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_kms_key_id(create.kms_key_id.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_engine_version(set.text(Setting::Version))
        .set_db_cluster_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_serverless_v2_scaling_configuration(set.capacity())
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_cluster))
}

/// What another had at a time, in the version that has.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterToPointInTime.html>
pub async fn from_time(aws: &Aws, request: &CreateRequest, create: &Create, of: &str, time: Option<Timestamp>) -> Made {
    let action = Action::RestoreDBClusterToPointInTime;
    let set = Set(&create.settings);
    let call = aws
        .rds
        .write
        .restore_db_cluster_to_point_in_time()
        .db_cluster_identifier(&create.id)
        .source_db_cluster_identifier(of)
        .set_restore_to_time(database::time(time))
        .set_use_latest_restorable_time(time.is_none().then_some(true))
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_kms_key_id(create.kms_key_id.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_db_cluster_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_serverless_v2_scaling_configuration(set.capacity())
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_cluster))
}
