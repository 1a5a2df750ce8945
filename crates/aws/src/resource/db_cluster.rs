//! A database cluster of Aurora. AWS lists everybody's, with their tags, and among them what is not Aurora's.

mod creation;
mod shown;

use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Settings};
use hastack_core::resource::database::{Change, Create, Modification, Source};

use super::database::{self, Set, text_of};
use super::gone;
use crate::Aws;
use crate::action::Action;
use crate::error;

/// How the names of Aurora's engines begin: the same call lists clusters of RDS, Neptune and `DocumentDB`.
const AURORA: &str = "aurora-";

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    database::ours(aws, describe(aws).await?).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    database::named(aws, describe(aws).await?, ids).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let (action, made) = match &create.source {
        // A cluster is neither a member nor a replica of one.
        Source::Nothing | Source::Member(_) | Source::Replica(_) => creation::empty(aws, request, create).await?,
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
            let call = aws.rds.write.start_db_cluster().db_cluster_identifier(id);
            aws.send_write(Action::StartDBCluster, call.send()).await?;
        }
        Change::Stop => {
            let call = aws.rds.write.stop_db_cluster().db_cluster_identifier(id);
            aws.send_write(Action::StopDBCluster, call.send()).await?;
        }
        Change::Reboot => reboot(aws, id).await?,
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
    let call = aws
        .rds
        .write
        .delete_db_cluster()
        .db_cluster_identifier(id)
        .skip_final_snapshot(snapshot.is_none())
        .set_final_db_snapshot_identifier(snapshot.map(str::to_owned));
    gone(
        aws.send_write(Action::DeleteDBCluster, call.send()).await,
        Deletion::Started,
    )
}

/// Every cluster of Aurora there is.
pub async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let page = Kind::DbCluster.row().page;
    let request = aws.rds.read.describe_db_clusters().max_records(page.into());
    let mut objects = aws
        .pages(
            Action::DescribeDBClusters,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.db_clusters, page.marker),
            shown::object,
        )
        .await?;
    objects.retain(|object| database::state(object).is_some_and(|state| state.engine.starts_with(AURORA)));
    Ok(objects)
}

/// What waits to be started anew are its members: one at a time, the writer last, since all who write wait for it. Which of them
/// wait only AWS knows.
async fn reboot(aws: &Aws, id: &str) -> Result<(), CloudError> {
    let request = aws.rds.read.describe_db_clusters().db_cluster_identifier(id);
    let answer = aws
        .send_read(Action::DescribeDBClusters, || request.clone().send())
        .await?;
    let Some(member) = answer.db_clusters().first().and_then(shown::next_to_reboot) else {
        return Ok(());
    };
    let call = aws.rds.write.reboot_db_instance().db_instance_identifier(member);
    aws.send_write(Action::RebootDBInstance, call.send()).await?;
    Ok(())
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
    let call = aws
        .rds
        .write
        .modify_db_cluster()
        .db_cluster_identifier(&object.id)
        .set_new_db_cluster_identifier(set.text(Setting::Identifier))
        .apply_immediately(*immediately)
        .set_allow_major_version_upgrade(major.then_some(true))
        .set_engine_version(set.text(Setting::Version))
        .set_db_cluster_parameter_group_name(set.text(Setting::ParameterGroup))
        .set_serverless_v2_scaling_configuration(set.capacity())
        .set_vpc_security_group_ids(set.texts(Setting::SecurityGroups))
        .set_port(set.number(Setting::Port))
        .set_manage_master_user_password(set.flag(Setting::ManagedPassword))
        .set_master_user_password(text_of(password.as_ref()))
        .set_enable_iam_database_authentication(set.flag(Setting::IamAuthentication))
        .set_cloudwatch_logs_export_configuration(set.log_exports(before))
        .set_deletion_protection(set.flag(Setting::Protection))
        .set_backup_retention_period(set.number(Setting::BackupRetention))
        .set_preferred_backup_window(set.text(Setting::BackupWindow))
        .set_preferred_maintenance_window(set.text(Setting::MaintenanceWindow))
        .set_copy_tags_to_snapshot(set.flag(Setting::CopyTags));
    aws.send_write(Action::ModifyDBCluster, call.send()).await?;
    Ok(())
}

/// The same with both bounds of the capacity where one changes.
fn with_companions(object: &Object, settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    let AnyState::DbCluster(state) = &object.state else {
        return settings;
    };
    let bounds = [Setting::MinCapacity, Setting::MaxCapacity];
    if bounds.iter().any(|bound| settings.contains_key(bound)) {
        for bound in bounds {
            if let Some(value) = state.setting(bound) {
                settings.entry(bound).or_insert_with(|| value.clone());
            }
        }
    }
    settings
}

#[cfg(test)]
mod tests;
