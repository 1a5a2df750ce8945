use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::operation::rotate_secret::RotateSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType as Rules;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, Reveal};
use hastack_core::kind::Kind;
use hastack_core::resource::Change as AnyChange;
use hastack_core::resource::database::State as DatabaseState;

use super::*;
use crate::testing::{aws, database as available, object as made, refusal};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf";

fn bare() -> Object {
    object(State::bare("web", ARN))
}

#[tokio::test]
async fn a_database_says_which_is_its_secret() {
    let (aws, calls) = aws(&[]);
    let with = DatabaseState {
        secret_arn: Some(ARN.into()),
        ..available()
    };
    let parents = [
        made("web", AnyState::DbInstance(with)),
        made("replica", AnyState::DbInstance(available())),
    ];
    let seen = aws.sweep(Kind::Secret, &parents).await.unwrap();
    assert_eq!(seen, [bare()]);
    assert_eq!(calls.seen(), [""; 0]);
}

#[tokio::test]
async fn a_read_shows_the_version_that_counts_but_not_what_it_says() {
    let shown = mock!(Client::describe_secret)
        .match_requests(|input| input.secret_id() == Some(ARN))
        .then_output(|| {
            DescribeSecretOutput::builder()
                .rotation_rules(Rules::builder().automatically_after_days(7).build())
                .version_ids_to_stages("v-1", vec!["AWSPREVIOUS".into()])
                .version_ids_to_stages("v-2", vec!["AWSCURRENT".into()])
                .build()
        });
    let gone = mock!(Client::describe_secret)
        .then_error(|| DescribeSecretError::generic(refusal("ResourceNotFoundException")));
    let (aws, _) = aws(&[shown, gone]);
    let other = id("db", "arn-2");
    let seen = aws.read(Kind::Secret, &[bare().id, other]).await.unwrap();
    let details = Details {
        rotation_days: Some(7),
        version: Some("v-2".into()),
    };
    let state = State {
        details: Some(details),
        ..State::bare("web", ARN)
    };
    assert_eq!(seen, [object(state)]);
}

#[tokio::test]
async fn a_rotation_is_told_when_to_be_and_not_to_be_now() {
    let rotate = mock!(Client::rotate_secret)
        .match_requests(|input| {
            let days = input.rotation_rules().and_then(Rules::automatically_after_days);
            input.secret_id() == Some(ARN) && input.rotate_immediately() == Some(false) && days == Some(30)
        })
        .then_output(|| RotateSecretOutput::builder().build());
    let (aws, _) = aws(&[rotate]);
    let change = AnyChange::Secret(Change::Rotation(30));
    aws.update(&bare(), &change).await.unwrap();
}

#[tokio::test]
async fn a_secret_goes_with_its_database() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.delete(&bare(), None).await.unwrap(), Deletion::Gone);
    assert_eq!(calls.seen(), [""; 0]);
}

#[tokio::test]
async fn what_a_secret_says_is_hidden() {
    let told = mock!(Client::get_secret_value)
        .match_requests(|input| input.secret_id() == Some(ARN) && input.version_id().is_none())
        .then_output(|| GetSecretValueOutput::builder().secret_string("hunter2").build());
    let nothing = mock!(Client::get_secret_value).then_output(|| GetSecretValueOutput::builder().build());
    let (aws, _) = aws(&[told, nothing]);
    let hidden = aws.reveal(ARN).await.unwrap();
    assert_eq!(
        (hidden.reveal(), format!("{hidden:?}").as_str()),
        ("hunter2", "(hidden)")
    );
    assert_eq!(aws.reveal(ARN).await.unwrap_err().kind, ErrorKind::Ambiguous);
}
