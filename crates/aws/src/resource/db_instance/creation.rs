//! The five ways in which an instance comes to be. Each call takes other settings; what it does not take is changed afterwards.

use aws_sdk_rds::types::DbInstance;
use hastack_core::cloud::{CloudError, CreateRequest};
use hastack_core::resource::database::Create;
use hastack_core::resource::database::setting::Setting;
use jiff::Timestamp;

use crate::Aws;
use crate::action::Action;
use crate::resource::database::{self, Set, text_of};

/// The call that was made, and what it made.
type Made = Result<(Action, Option<DbInstance>), CloudError>;

/// An empty one.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>
pub async fn empty(aws: &Aws, request: &CreateRequest, create: &Create) -> Made {
    let action = Action::CreateDBInstance;
    let set = Set(&create.settings);
    let password = database::password(create);
    let (insights, insights_days) = set.insights();
    let call = aws
        .rds
        .write
        .create_db_instance()
        .db_instance_identifier(&create.id)
        .engine(create.engine)
        .set_db_name(create.database.clone())
        .set_master_username(create.username.clone())
        .set_manage_master_user_password(set.managed())
        .set_master_user_password(text_of(password))
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_availability_zone(create.zone.clone())
        .storage_encrypted(true)
        .set_kms_key_id(create.kms_key_id.clone())
        .set_tags(Some(database::tags(request, password)))
        .set_db_instance_class(set.text(Setting::Class))
        .set_engine_version(set.text(Setting::Version))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_allocated_storage(set.number(Setting::Storage))
        .set_max_allocated_storage(set.max_storage())
        .set_storage_type(set.text(Setting::StorageType))
        .set_iops(set.number(Setting::Iops))
        .set_storage_throughput(set.number(Setting::Throughput))
        .set_multi_az(set.flag(Setting::MultiAz))
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_performance_insights(insights)
        .set_performance_insights_retention_period(insights_days)
        .set_monitoring_interval(set.number(Setting::MonitoringInterval))
        .set_monitoring_role_arn(set.text(Setting::MonitoringRole))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_preferred_maintenance_window(set.text(Setting::MaintenanceWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_instance))
}

/// One that runs for a cluster, to which all else belongs.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-replicas-adding.html>
pub async fn member(aws: &Aws, request: &CreateRequest, create: &Create, cluster: &str) -> Made {
    let action = Action::CreateDBInstance;
    let set = Set(&create.settings);
    let (insights, insights_days) = set.insights();
    let call = aws
        .rds
        .write
        .create_db_instance()
        .db_instance_identifier(&create.id)
        .db_cluster_identifier(cluster)
        .engine(create.engine)
        .set_availability_zone(create.zone.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_db_instance_class(set.text(Setting::Class))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_performance_insights(insights)
        .set_performance_insights_retention_period(insights_days)
        .set_monitoring_interval(set.number(Setting::MonitoringInterval))
        .set_monitoring_role_arn(set.text(Setting::MonitoringRole))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades))
        .set_promotion_tier(set.number(Setting::PromotionTier));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_instance))
}

/// A copy of another, encrypted as that is, with the same password.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html>
pub async fn replica(aws: &Aws, request: &CreateRequest, create: &Create, source: &str) -> Made {
    let action = Action::CreateDBInstanceReadReplica;
    let set = Set(&create.settings);
    let (insights, insights_days) = set.insights();
    let call = aws
        .rds
        .write
        .create_db_instance_read_replica()
        .db_instance_identifier(&create.id)
        .source_db_instance_identifier(source)
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_availability_zone(create.zone.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_db_instance_class(set.text(Setting::Class))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_allocated_storage(set.number(Setting::Storage))
        .set_max_allocated_storage(set.max_storage())
        .set_storage_type(set.text(Setting::StorageType))
        .set_iops(set.number(Setting::Iops))
        .set_storage_throughput(set.number(Setting::Throughput))
        .set_multi_az(set.flag(Setting::MultiAz))
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_performance_insights(insights)
        .set_performance_insights_retention_period(insights_days)
        .set_monitoring_interval(set.number(Setting::MonitoringInterval))
        .set_monitoring_role_arn(set.text(Setting::MonitoringRole))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_instance))
}

/// What a snapshot has, in the version and with the encryption that has.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html>
pub async fn from_snapshot(aws: &Aws, request: &CreateRequest, create: &Create, snapshot: &str) -> Made {
    let action = Action::RestoreDBInstanceFromDBSnapshot;
    let set = Set(&create.settings);
    let call = aws
        .rds
        .write
        .restore_db_instance_from_db_snapshot()
        .db_instance_identifier(&create.id)
        .db_snapshot_identifier(snapshot)
        .engine(create.engine)
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_availability_zone(create.zone.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_db_instance_class(set.text(Setting::Class))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_allocated_storage(set.number(Setting::Storage))
        .set_storage_type(set.text(Setting::StorageType))
        .set_iops(set.number(Setting::Iops))
        .set_storage_throughput(set.number(Setting::Throughput))
        .set_multi_az(set.flag(Setting::MultiAz))
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_instance))
}

/// What another had at a time, likewise.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html>
pub async fn from_time(aws: &Aws, request: &CreateRequest, create: &Create, of: &str, time: Option<Timestamp>) -> Made {
    let action = Action::RestoreDBInstanceToPointInTime;
    let set = Set(&create.settings);
    let call = aws
        .rds
        .write
        .restore_db_instance_to_point_in_time()
        .target_db_instance_identifier(&create.id)
        .source_db_instance_identifier(of)
        .set_restore_time(database::time(time))
        .set_use_latest_restorable_time(time.is_none().then_some(true))
        .engine(create.engine)
        .set_db_subnet_group_name(create.subnet_group.clone())
        .set_availability_zone(create.zone.clone())
        .set_tags(Some(database::tags(request, None)))
        .set_db_instance_class(set.text(Setting::Class))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_allocated_storage(set.number(Setting::Storage))
        .set_max_allocated_storage(set.max_storage())
        .set_storage_type(set.text(Setting::StorageType))
        .set_iops(set.number(Setting::Iops))
        .set_storage_throughput(set.number(Setting::Throughput))
        .set_multi_az(set.flag(Setting::MultiAz))
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_cloudwatch_logs_exports(set.texts(Setting::LogExports))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades));
    let answer = aws.send_write(action, call.send()).await?;
    Ok((action, answer.db_instance))
}
