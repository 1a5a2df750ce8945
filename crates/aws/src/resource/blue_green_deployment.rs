//! An upgrade of a database beside it. AWS lists everybody's, with their tags; there is no filter for those.

use aws_sdk_rds::types;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::blue_green_deployment::{Change, Create, State, Status};
use hastack_core::tag::CLUSTER;

use super::{gone, timestamp};
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
    let mut objects = describe(aws).await?;
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateBlueGreenDeployment;
    let Create {
        name,
        database: _,
        arn,
        version,
        parameter_group,
    } = create;
    let call = aws
        .rds
        .write
        .create_blue_green_deployment()
        .blue_green_deployment_name(name)
        .source(arn)
        .target_engine_version(version)
        .set_tags(Some(tag::list(&request.tags)));
    let call = if is_cluster(arn) {
        call.target_db_cluster_parameter_group_name(parameter_group)
    } else {
        call.target_db_parameter_group_name(parameter_group)
    };
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.blue_green_deployment.and_then(object);
    made.ok_or_else(|| error::unreadable(action))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::SwitchOver => {
            let call = aws.rds.write.switchover_blue_green_deployment();
            let call = call.blue_green_deployment_identifier(&object.id);
            aws.send_write(Action::SwitchoverBlueGreenDeployment, call.send())
                .await?;
        }
        Change::Unprotect => {
            if let Some(target) = state(object).and_then(|state| state.target.as_deref()) {
                unprotect(aws, target).await?;
            }
        }
    }
    Ok(Reply::default())
}

/// The copy goes with it, unless that is the database by now: then AWS refuses to be told so.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteBlueGreenDeployment.html>
pub async fn delete(aws: &Aws, object: &Object) -> Result<Deletion, CloudError> {
    let switched = state(object).is_some_and(|state| state.status == Status::SwitchoverCompleted);
    let call = aws
        .rds
        .write
        .delete_blue_green_deployment()
        .blue_green_deployment_identifier(&object.id)
        .set_delete_target((!switched).then_some(true));
    gone(
        aws.send_write(Action::DeleteBlueGreenDeployment, call.send()).await,
        Deletion::Started,
    )
}

/// Its ARN, by which tags are put on. AWS does not show it; it is where the database is.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.ARN.Constructing.html>
pub fn arn(object: &Object) -> String {
    let source = state(object).map_or("", |state| state.source.as_str());
    let place: Vec<_> = source.split(':').take(5).collect();
    format!("{}:deployment:{}", place.join(":"), object.id)
}

/// Every deployment there is.
async fn describe(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let page = Kind::BlueGreenDeployment.row().page;
    let request = aws.rds.read.describe_blue_green_deployments().max_records(page.into());
    aws.pages(
        Action::DescribeBlueGreenDeployments,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.blue_green_deployments, page.marker),
        object,
    )
    .await
}

/// Lets the copy with this ARN be deleted.
async fn unprotect(aws: &Aws, target: &str) -> Result<(), CloudError> {
    let name = target.rsplit(':').next().unwrap_or(target);
    if is_cluster(target) {
        let call = aws.rds.write.modify_db_cluster().db_cluster_identifier(name);
        let call = call.deletion_protection(false).apply_immediately(true);
        aws.send_write(Action::ModifyDBCluster, call.send()).await?;
    } else {
        let call = aws.rds.write.modify_db_instance().db_instance_identifier(name);
        let call = call.deletion_protection(false).apply_immediately(true);
        aws.send_write(Action::ModifyDBInstance, call.send()).await?;
    }
    Ok(())
}

fn is_cluster(arn: &str) -> bool {
    arn.contains(":cluster:")
}

fn state(object: &Object) -> Option<&State> {
    let AnyState::BlueGreenDeployment(state) = &object.state else {
        return None;
    };
    Some(state)
}

fn object(shown: types::BlueGreenDeployment) -> Option<Object> {
    let status = Status::of(shown.status.as_deref().unwrap_or_default());
    // What one in another status waits for, the core says.
    let phase = if status == Status::Deleting || shown.delete_time.is_some() {
        Phase::Deleting
    } else {
        Phase::Ready
    };
    Some(Object {
        id: shown.blue_green_deployment_identifier?,
        tags: tag::tags(shown.tag_list),
        phase,
        created: shown.create_time.and_then(timestamp),
        state: AnyState::BlueGreenDeployment(State {
            name: shown.blue_green_deployment_name.unwrap_or_default(),
            source: shown.source.unwrap_or_default(),
            target: shown.target,
            status,
            details: shown.status_details,
            unprotected: false,
        }),
    })
}

#[cfg(test)]
mod tests;
