//! A database instance: one by itself, a replica of one, or a member of a cluster. AWS lists everybody's, with their tags; there is no
//! filter.

mod creation;
mod shown;

use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Settings, Value};
use hastack_core::resource::database::{Change, Create, Modification, Source, State};

use super::database::{self, Set, text_of};
use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::error;

/// From as many GiB on gp3 has several volumes, of which more operations and throughput can be asked for than there are anyway.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage>
const STRIPED: u32 = 400;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    database::ours(aws, describe(aws).await?).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    database::named(aws, describe(aws).await?, ids).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let (action, made) = match &create.source {
        Source::Nothing => creation::empty(aws, request, create).await?,
        Source::Member(cluster) => creation::member(aws, request, create, cluster).await?,
        Source::Replica(source) => creation::replica(aws, request, create, source).await?,
        Source::Snapshot(snapshot) => creation::from_snapshot(aws, request, create, snapshot).await?,
        Source::PointInTime { of, time } => creation::from_time(aws, request, create, of, *time).await?,
    };
    let password = database::password(create).filter(|_| create.source == Source::Nothing);
    let object = made.and_then(shown::object);
    let object = object.ok_or_else(|| error::unreadable(action))?;
    Ok(database::with_password(object, password))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = &object.id;
    match change {
        Change::Modify(modification) => modify(aws, object, modification).await?,
        Change::MarkPassword(digest) => return database::mark_password(aws, object, digest).await,
        Change::Start => {
            let call = aws.rds.write.start_db_instance().db_instance_identifier(id);
            aws.send_write(Action::StartDBInstance, call.send()).await?;
        }
        Change::Stop => {
            let call = aws.rds.write.stop_db_instance().db_instance_identifier(id);
            aws.send_write(Action::StopDBInstance, call.send()).await?;
        }
        Change::Reboot => {
            let call = aws.rds.write.reboot_db_instance().db_instance_identifier(id);
            aws.send_write(Action::RebootDBInstance, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

/// AWS takes no snapshot of what has the data of another.
pub async fn delete(aws: &Aws, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
    let snapshot = snapshot.filter(|_| database::state(object).is_some_and(State::holds_data));
    let call = aws
        .rds
        .write
        .delete_db_instance()
        .db_instance_identifier(&object.id)
        .skip_final_snapshot(snapshot.is_none())
        .set_final_db_snapshot_identifier(snapshot.map(str::to_owned));
    gone(
        aws.send_write(Action::DeleteDBInstance, call.send()).await,
        Deletion::Started,
    )
}

/// Every instance there is.
pub async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let page = Kind::DbInstance.row().page;
    let request = aws.rds.read.describe_db_instances().max_records(page.into());
    aws.pages(
        Action::DescribeDBInstances,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.db_instances, page.marker),
        shown::object,
    )
    .await
}

async fn modify(aws: &Aws, object: &Object, modification: &Modification) -> Result<(), CloudError> {
    let Modification {
        settings,
        before,
        password,
        immediately,
        major,
    } = modification;
    let settings = with_companions(object, settings);
    let set = Set(&settings);
    let (insights, insights_days) = set.insights();
    let call = aws
        .rds
        .write
        .modify_db_instance()
        .db_instance_identifier(&object.id)
        .set_new_db_instance_identifier(set.text(Setting::Identifier))
        .apply_immediately(*immediately)
        .set_allow_major_version_upgrade(major.then_some(true))
        .set_db_instance_class(set.text(Setting::Class))
        .set_engine_version(set.text(Setting::Version))
        .set_db_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_allocated_storage(set.number(Setting::Storage))
        .set_max_allocated_storage(bound(object, set))
        .set_storage_type(set.text(Setting::StorageType))
        .set_iops(set.number(Setting::Iops))
        .set_storage_throughput(set.number(Setting::Throughput))
        .set_multi_az(set.flag(Setting::MultiAz))
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_db_port_number(set.number(Setting::Port))
        .set_publicly_accessible(set.flag(Setting::Public))
        .set_manage_master_user_password(set.flag(Setting::ManagedPassword))
        .set_master_user_password(text_of(password.as_ref()))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_ca_certificate_identifier(set.text(Setting::CaCertificate))
        .set_enable_performance_insights(insights)
        .set_performance_insights_retention_period(insights_days)
        .set_monitoring_interval(set.number(Setting::MonitoringInterval))
        .set_monitoring_role_arn(set.text(Setting::MonitoringRole))
        .set_cloudwatch_logs_export_configuration(set.log_exports(before))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_preferred_maintenance_window(set.text(Setting::MaintenanceWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags))
        .set_auto_minor_version_upgrade(set.flag(Setting::MinorUpgrades))
        .set_promotion_tier(set.number(Setting::PromotionTier));
    aws.send_write(Action::ModifyDBInstance, call.send()).await?;
    Ok(())
}

/// GiB up to which storage is added. As many as there are mean that none is.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html#USER_PIOPS.Autoscaling>
fn bound(object: &Object, set: Set<'_>) -> Option<i32> {
    let most = set.number(Setting::MaxStorage)?;
    if most > 0 {
        return Some(most);
    }
    let is = database::state(object)?
        .setting(Setting::Storage)
        .and_then(Value::number);
    let is = is.and_then(|is| is.try_into().ok());
    set.number(Setting::Storage).or(is)
}

/// The same with what AWS takes only together with it, as that is now.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html>
fn with_companions(object: &Object, settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    let AnyState::DbInstance(state) = &object.state else {
        return settings;
    };
    let changes = |settings: &Settings, several: &[Setting]| several.iter().any(|one| settings.contains_key(one));
    let mut beside = Vec::new();
    if changes(&settings, &[Setting::Storage, Setting::Iops, Setting::Throughput]) {
        beside.push(Setting::Storage);
        beside.extend(provisioned(state, &settings));
    }
    if changes(&settings, &[Setting::MonitoringInterval, Setting::MonitoringRole]) {
        beside.extend([Setting::MonitoringInterval, Setting::MonitoringRole]);
    }
    for setting in beside {
        if let Some(value) = state.setting(setting) {
            settings.entry(setting).or_insert_with(|| value.clone());
        }
    }
    if settings.get(&Setting::MonitoringInterval) == Some(&0.into()) {
        settings.remove(&Setting::MonitoringRole);
    }
    settings
}

/// What is to be said of the storage beside its size: nothing of what AWS provides anyway, which it refuses to be told.
fn provisioned(state: &State, settings: &Settings) -> Vec<Setting> {
    let text = |setting| settings.get(&setting).or_else(|| state.setting(setting))?.text();
    let size = state.setting(Setting::Storage).and_then(Value::number);
    match text(Setting::StorageType) {
        Some("io1" | "io2") => vec![Setting::Iops],
        Some("gp3") if size.is_some_and(|size| size >= STRIPED) => vec![Setting::Iops, Setting::Throughput],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
