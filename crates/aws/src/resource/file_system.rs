//! A file system. AWS lists everybody's, with their tags; there is no filter.

use aws_sdk_efs::types::builders::LifecyclePolicyBuilder;
use aws_sdk_efs::types::{self, BackupPolicy, LifecyclePolicy, PerformanceMode, Status, ThroughputMode};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::file_system::{
    BackToStandard, Change, Create, Lifecycle, Performance, State, Throughput, TransitionAfter,
};
use hastack_core::tag::{CLUSTER, Tags};

use super::{gone, phase, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let mut objects = describe(aws).await?;
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    let mut seen = describe(aws).await?;
    seen.retain(|object| ids.contains(&object.id));
    let mut objects = Vec::with_capacity(seen.len());
    for object in seen {
        match details(aws, &object.id).await {
            Ok((lifecycle, backups)) => objects.push(with_details(object, lifecycle, backups)),
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let Create {
        throughput,
        performance,
        kms_key_id,
        backups,
    } = create;
    let (mode, mibps) = mode(*throughput);
    let call = aws
        .efs
        .write
        .create_file_system()
        .creation_token(&request.token)
        .encrypted(true)
        .set_kms_key_id(kms_key_id.clone())
        .performance_mode(match performance {
            Performance::GeneralPurpose => PerformanceMode::GeneralPurpose,
            Performance::MaxIO => PerformanceMode::MaxIo,
        })
        .throughput_mode(mode)
        .set_provisioned_throughput_in_mibps(mibps)
        .backup(*backups)
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(Action::CreateFileSystem, call.send()).await?;
    Ok(Object {
        id: answer.file_system_id,
        tags: Tags::new(),
        phase: phase(Some(answer.life_cycle_state.as_str())),
        created: timestamp(answer.creation_time),
        state: AnyState::FileSystem(State {
            throughput: *throughput,
            performance: *performance,
            kms_key_id: answer.kms_key_id,
            // Files stay where they are unless a call says otherwise.
            // <https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html>
            lifecycle: Some(Lifecycle::default()),
            backups: Some(*backups),
        }),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = &object.id;
    match change {
        Change::Lifecycle(lifecycle) => {
            let call = aws.efs.write.put_lifecycle_configuration().file_system_id(id);
            let call = call.set_lifecycle_policies(Some(policies(*lifecycle)));
            aws.send_write(Action::PutLifecycleConfiguration, call.send()).await?;
        }
        Change::Backups(backups) => {
            let action = Action::PutBackupPolicy;
            let status = if *backups { Status::Enabled } else { Status::Disabled };
            let policy = BackupPolicy::builder().status(status).build();
            let policy = policy.map_err(|_| error::unreadable(action))?;
            let call = aws
                .efs
                .write
                .put_backup_policy()
                .file_system_id(id)
                .backup_policy(policy);
            aws.send_write(action, call.send()).await?;
        }
        Change::Throughput(throughput) => {
            let (mode, mibps) = mode(*throughput);
            let call = aws
                .efs
                .write
                .update_file_system()
                .file_system_id(id)
                .throughput_mode(mode);
            let call = call.set_provisioned_throughput_in_mibps(mibps);
            aws.send_write(Action::UpdateFileSystem, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.efs.write.delete_file_system().file_system_id(id);
    gone(
        aws.send_write(Action::DeleteFileSystem, call.send()).await,
        Deletion::Started,
    )
}

/// Every file system there is.
pub(super) async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .efs
        .read
        .describe_file_systems()
        .max_items(Kind::FileSystem.row().page.into());
    aws.pages(
        Action::DescribeFileSystems,
        |token| request.clone().set_marker(token).send(),
        |page| (page.file_systems, page.next_marker),
        object,
    )
    .await
}

async fn details(aws: &Aws, id: &str) -> Result<(Lifecycle, bool), CloudError> {
    let request = aws.efs.read.describe_lifecycle_configuration().file_system_id(id);
    let action = Action::DescribeLifecycleConfiguration;
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let lifecycle = lifecycle(answer.lifecycle_policies());
    Ok((lifecycle, backups(aws, id).await?))
}

async fn backups(aws: &Aws, id: &str) -> Result<bool, CloudError> {
    let request = aws.efs.read.describe_backup_policy().file_system_id(id);
    let answer = aws
        .send_read(Action::DescribeBackupPolicy, || request.clone().send())
        .await;
    match answer {
        Ok(answer) => Ok(matches!(
            answer.backup_policy.map(|policy| policy.status),
            Some(Status::Enabled | Status::Enabling)
        )),
        // There is no policy, so nothing is backed up.
        // <https://docs.aws.amazon.com/efs/latest/ug/API_DescribeBackupPolicy.html#API_DescribeBackupPolicy_Errors>
        Err(error) if error.code.as_deref() == Some("PolicyNotFound") => Ok(false),
        Err(error) => Err(error),
    }
}

fn object(shown: types::FileSystemDescription) -> Option<Object> {
    let throughput = match shown.throughput_mode {
        Some(ThroughputMode::Elastic) => Throughput::Elastic,
        Some(ThroughputMode::Provisioned) => {
            Throughput::Provisioned(whole(shown.provisioned_throughput_in_mibps.unwrap_or_default()))
        }
        _ => Throughput::Bursting,
    };
    let performance = match shown.performance_mode {
        PerformanceMode::MaxIo => Performance::MaxIO,
        _ => Performance::GeneralPurpose,
    };
    Some(Object {
        id: Some(shown.file_system_id).filter(|id| !id.is_empty())?,
        tags: tag::tags(Some(shown.tags)),
        phase: phase(Some(shown.life_cycle_state.as_str())),
        created: timestamp(shown.creation_time),
        state: AnyState::FileSystem(State {
            throughput,
            performance,
            kms_key_id: shown.kms_key_id,
            lifecycle: None,
            backups: None,
        }),
    })
}

fn with_details(mut object: Object, lifecycle: Lifecycle, backups: bool) -> Object {
    if let AnyState::FileSystem(state) = &mut object.state {
        state.lifecycle = Some(lifecycle);
        state.backups = Some(backups);
    }
    object
}

fn mode(throughput: Throughput) -> (ThroughputMode, Option<f64>) {
    match throughput {
        Throughput::Elastic => (ThroughputMode::Elastic, None),
        Throughput::Bursting => (ThroughputMode::Bursting, None),
        Throughput::Provisioned(mibps) => (ThroughputMode::Provisioned, Some(mibps.into())),
    }
}

/// MiB/s without the fraction that others may have asked for.
fn whole(mibps: f64) -> u32 {
    format!("{mibps:.0}").parse().unwrap_or_default()
}

/// One object for each transition, as AWS asks for.
fn policies(lifecycle: Lifecycle) -> Vec<LifecyclePolicy> {
    let Lifecycle {
        to_infrequent_access,
        to_archive,
        back_to_standard,
    } = lifecycle;
    let policy = LifecyclePolicy::builder;
    let access = to_infrequent_access.map(|after| policy().transition_to_ia(word(after).into()));
    let archive = to_archive.map(|after| policy().transition_to_archive(word(after).into()));
    let standard = back_to_standard.map(|when| {
        policy().transition_to_primary_storage_class(match when {
            BackToStandard::OnFirstAccess => types::TransitionToPrimaryStorageClassRules::After1Access,
        })
    });
    let policies = [access, archive, standard].into_iter().flatten();
    policies.map(LifecyclePolicyBuilder::build).collect()
}

fn lifecycle(shown: &[LifecyclePolicy]) -> Lifecycle {
    let after = |shown: &str| TransitionAfter::ALL.into_iter().find(|after| word(*after) == shown);
    let mut policies = Lifecycle::default();
    for policy in shown {
        if let Some(shown) = &policy.transition_to_ia {
            policies.to_infrequent_access = after(shown.as_str());
        }
        if let Some(shown) = &policy.transition_to_archive {
            policies.to_archive = after(shown.as_str());
        }
        if policy.transition_to_primary_storage_class.is_some() {
            policies.back_to_standard = Some(BackToStandard::OnFirstAccess);
        }
    }
    policies
}

/// AWS's word, the same for every class of storage.
fn word(after: TransitionAfter) -> &'static str {
    match after {
        TransitionAfter::After1Day => "AFTER_1_DAY",
        TransitionAfter::After7Days => "AFTER_7_DAYS",
        TransitionAfter::After14Days => "AFTER_14_DAYS",
        TransitionAfter::After30Days => "AFTER_30_DAYS",
        TransitionAfter::After60Days => "AFTER_60_DAYS",
        TransitionAfter::After90Days => "AFTER_90_DAYS",
        TransitionAfter::After180Days => "AFTER_180_DAYS",
        TransitionAfter::After270Days => "AFTER_270_DAYS",
        TransitionAfter::After365Days => "AFTER_365_DAYS",
    }
}

#[cfg(test)]
mod tests;
