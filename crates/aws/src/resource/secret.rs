//! The secret in which RDS keeps the master password of a database. RDS makes and deletes it with that.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType;
use hastack_core::cloud::{CloudError, Deletion, ErrorKind, Reply};
use hastack_core::hidden::Hidden;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::secret::{Change, Details, State, database_and_arn, id};
use hastack_core::tag::Tags;

use super::database;
use crate::Aws;
use crate::action::Action;
use crate::error;

/// What a version is called while it is the one that counts.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version>
const CURRENT: &str = "AWSCURRENT";

/// Each database says which is its, of which nothing more is known yet: that takes no call.
pub fn sweep(parents: &[Object]) -> Vec<Object> {
    let secrets = parents.iter().filter_map(|parent| {
        let arn = database::state(parent)?.secret_arn.as_ref()?;
        Some(object(State::bare(&parent.id, arn)))
    });
    secrets.collect()
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = Vec::with_capacity(ids.len());
    for id in ids {
        let (database, arn) = database_and_arn(id);
        match details(aws, arn).await {
            Ok(details) => objects.push(object(State {
                details: Some(details),
                ..State::bare(database, arn)
            })),
            // The database is gone, and it went with that.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let (_, arn) = database_and_arn(&object.id);
    match change {
        Change::Rotation(days) => {
            let rules = RotationRulesType::builder().automatically_after_days((*days).into());
            // Nobody has asked for another password now.
            let call = aws
                .secretsmanager
                .write
                .rotate_secret()
                .secret_id(arn)
                .rotate_immediately(false)
                .rotation_rules(rules.build());
            aws.send_write(Action::RotateSecret, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

/// RDS deletes it with the database.
pub fn delete() -> Deletion {
    Deletion::Gone
}

/// What it says, which no log shows.
pub async fn reveal(aws: &Aws, arn: &str) -> Result<Hidden, CloudError> {
    let action = Action::GetSecretValue;
    let request = aws.secretsmanager.read.get_secret_value().secret_id(arn);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    answer
        .secret_string
        .map(Hidden::new)
        .ok_or_else(|| error::unreadable(action))
}

async fn details(aws: &Aws, arn: &str) -> Result<Details, CloudError> {
    let request = aws.secretsmanager.read.describe_secret().secret_id(arn);
    let answer = aws.send_read(Action::DescribeSecret, || request.clone().send()).await?;
    Ok(shown(answer))
}

fn shown(answer: DescribeSecretOutput) -> Details {
    let days = answer.rotation_rules.and_then(|rules| rules.automatically_after_days);
    let versions = answer.version_ids_to_stages.unwrap_or_default().into_iter();
    let mut current = versions.filter(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
    Details {
        rotation_days: days.and_then(|days| days.try_into().ok()),
        version: current.next().map(|(version, _)| version),
    }
}

fn object(state: State) -> Object {
    Object {
        id: id(&state.database, &state.arn),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::Secret(state),
    }
}

#[cfg(test)]
mod tests;
