use aws_sdk_sts::Client;
use aws_sdk_sts::operation::get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput};
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Answer, Cloud, ErrorKind, Question};

use crate::testing::{aws, refusal};

#[tokio::test]
async fn the_account_is_the_callers() {
    let caller = mock!(Client::get_caller_identity)
        .then_output(|| GetCallerIdentityOutput::builder().account("123456789012").build());
    let (aws, calls) = aws(&[caller]);
    let answer = aws.look_up(&Question::Account).await.unwrap();
    assert_eq!(answer, Answer::Account("123456789012".into()));
    assert_eq!(calls.seen(), ["GetCallerIdentity ok"]);
}

#[tokio::test]
async fn an_expired_session_is_a_denial() {
    let expired =
        mock!(Client::get_caller_identity).then_error(|| GetCallerIdentityError::generic(refusal("ExpiredToken")));
    let (aws, _) = aws(&[expired]);
    let error = aws.look_up(&Question::Account).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
}
