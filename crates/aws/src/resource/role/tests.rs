use aws_sdk_iam::Client;
use aws_sdk_iam::operation::attach_role_policy::AttachRolePolicyOutput;
use aws_sdk_iam::operation::create_role::CreateRoleOutput;
use aws_sdk_iam::operation::delete_role::DeleteRoleError;
use aws_sdk_iam::operation::delete_role_policy::DeleteRolePolicyOutput;
use aws_sdk_iam::operation::detach_role_policy::DetachRolePolicyError;
use aws_sdk_iam::operation::get_role_policy::GetRolePolicyOutput;
use aws_sdk_iam::operation::list_attached_role_policies::ListAttachedRolePoliciesOutput;
use aws_sdk_iam::operation::list_role_policies::ListRolePoliciesOutput;
use aws_sdk_iam::operation::list_roles::ListRolesOutput;
use aws_sdk_iam::operation::put_role_policy::PutRolePolicyOutput;
use aws_sdk_iam::operation::update_assume_role_policy::UpdateAssumeRolePolicyOutput;
use aws_sdk_iam::types::AttachedPolicy;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, ID};
use serde_json::json;

use super::*;
use crate::testing::{aws, object, refusal, request};

const PATH: &str = "/hastack.dev/c1/HAStack/shop/web/role/flow-logs/";
const ARN: &str = "arn:aws:iam::123456789012:role/hastack.dev/c1/HAStack/shop/web/role/flow-logs/web-flow-logs";
const MANAGED: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

fn trust() -> Document {
    Document(json!({"Version": "2012-10-17", "Statement": []}))
}

fn state(policies: Option<Policies>) -> AnyState {
    AnyState::Role(State {
        name: "web-flow-logs".into(),
        path: PATH.into(),
        trust: trust(),
        policies,
    })
}

fn shown() -> types::Role {
    types::Role::builder()
        .path(PATH)
        .role_name("web-flow-logs")
        .role_id("AROA1")
        .arn(ARN)
        .create_date(DateTime::from_secs(1_800_000_000))
        .assume_role_policy_document("%7B%22Statement%22%3A%20%5B%5D%2C%20%22Version%22%3A%20%222012-10-17%22%7D")
        .build()
        .unwrap()
}

fn listed() -> Rule {
    mock!(Client::list_roles)
        .match_requests(|input| input.path_prefix() == Some("/hastack.dev/c1/"))
        .then_output(|| ListRolesOutput::builder().roles(shown()).build().unwrap())
}

#[tokio::test]
async fn a_role_is_made_in_its_path_and_has_no_policies_yet() {
    let create = mock!(Client::create_role)
        .match_requests(|input| {
            let document: Value = serde_json::from_str(input.assume_role_policy_document().unwrap()).unwrap();
            input.role_name() == Some("web-flow-logs")
                && input.path() == Some(PATH)
                && input.tags()[0].key() == CLUSTER
                && Document(document) == trust()
        })
        .then_output(|| CreateRoleOutput::builder().role(shown()).build());
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web-flow-logs".into(),
        path: PATH.into(),
        trust: trust(),
    };
    let made = aws.create(&request(Kind::Role, AnyCreate::Role(wanted))).await.unwrap();
    assert_eq!((made.id.as_str(), made.state), (ARN, state(Some(Policies::default()))));
}

#[tokio::test]
async fn a_sweep_shows_whose_a_role_is_and_not_its_policies() {
    let (aws, _) = aws(&[listed()]);
    let seen = aws.sweep(Kind::Role, &[]).await.unwrap();
    assert_eq!(seen[0].tags[ID], "role/flow-logs");
    assert_eq!(seen[0].state, state(None));
}

#[tokio::test]
async fn a_read_shows_all_policies_and_the_text_of_ours() {
    let inline = mock!(Client::list_role_policies)
        .match_requests(|input| input.role_name() == Some("web-flow-logs"))
        .then_output(|| {
            ListRolePoliciesOutput::builder()
                .policy_names(INLINE_POLICY)
                .policy_names("foreign")
                .build()
                .unwrap()
        });
    let text = mock!(Client::get_role_policy)
        .match_requests(|input| input.policy_name() == Some(INLINE_POLICY))
        .then_output(|| {
            GetRolePolicyOutput::builder()
                .role_name("web-flow-logs")
                .policy_name(INLINE_POLICY)
                .policy_document("%7B%22Statement%22%3A%5B%5D%7D")
                .build()
                .unwrap()
        });
    let attached = mock!(Client::list_attached_role_policies).then_output(|| {
        let policy = AttachedPolicy::builder().policy_arn(MANAGED).build();
        ListAttachedRolePoliciesOutput::builder()
            .attached_policies(policy)
            .build()
    });
    let (aws, _) = aws(&[listed(), inline, text, attached]);
    let seen = aws.read(Kind::Role, &[ARN.into()]).await.unwrap();
    let ours = Document(json!({"Statement": []}));
    let policies = Policies {
        managed: [MANAGED.to_owned()].into(),
        inline: [(INLINE_POLICY.to_owned(), Some(ours)), ("foreign".to_owned(), None)].into(),
    };
    assert_eq!(seen[0].state, state(Some(policies)));
}

#[tokio::test]
async fn each_change_is_a_call_of_its_own() {
    let trusted = mock!(Client::update_assume_role_policy)
        .match_requests(|input| input.role_name() == Some("web-flow-logs"))
        .then_output(|| UpdateAssumeRolePolicyOutput::builder().build());
    let attach = mock!(Client::attach_role_policy)
        .match_requests(|input| input.policy_arn() == Some(MANAGED))
        .then_output(|| AttachRolePolicyOutput::builder().build());
    let detach =
        mock!(Client::detach_role_policy).then_error(|| DetachRolePolicyError::generic(refusal("NoSuchEntity")));
    let put = mock!(Client::put_role_policy)
        .match_requests(|input| input.policy_name() == Some(INLINE_POLICY))
        .then_output(|| PutRolePolicyOutput::builder().build());
    let delete = mock!(Client::delete_role_policy)
        .match_requests(|input| input.policy_name() == Some("foreign"))
        .then_output(|| DeleteRolePolicyOutput::builder().build());
    let (aws, _) = aws(&[trusted, attach, detach, put, delete]);
    let role = object(ARN, state(None));
    for change in [
        Change::Trust(trust()),
        Change::AttachPolicy(MANAGED.into()),
        Change::DetachPolicy(MANAGED.into()),
        Change::PutPolicy(trust()),
        Change::DeletePolicy("foreign".into()),
    ] {
        aws.update(&role, &AnyChange::Role(change)).await.unwrap();
    }
}

#[tokio::test]
async fn a_role_with_policies_is_in_use() {
    let refused = mock!(Client::delete_role)
        .match_requests(|input| input.role_name() == Some("web-flow-logs"))
        .then_error(|| DeleteRoleError::generic(refusal("DeleteConflict")));
    let (aws, _) = aws(&[refused]);
    let error = aws.delete(&object(ARN, state(None)), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InUse);
}

#[test]
fn a_document_that_cannot_be_read_is_not_the_one_that_is_wanted() {
    assert_eq!(document("no JSON"), Document(Value::Null));
}
