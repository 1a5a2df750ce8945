use aws_sdk_efs::Client;
use aws_sdk_efs::operation::create_access_point::{CreateAccessPointError, CreateAccessPointOutput};
use aws_sdk_efs::operation::delete_access_point::{DeleteAccessPointError, DeleteAccessPointOutput};
use aws_sdk_efs::operation::describe_access_points::DescribeAccessPointsOutput;
use aws_sdk_efs::types::{AccessPointDescription, LifeCycleState, Tag};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::object::Phase;
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{aws, object as made, refusal, request, tags};

fn entry() -> Entry {
    Entry {
        path: "/web".into(),
        uid: 33,
        gid: 34,
        permissions: "0750".into(),
    }
}

fn state() -> AnyState {
    AnyState::AccessPoint(State {
        file_system_id: "fs-1".into(),
        entry: entry(),
    })
}

fn wanted() -> CreateRequest {
    let create = Create {
        file_system_id: "fs-1".into(),
        entry: entry(),
    };
    request(Kind::AccessPoint, AnyCreate::AccessPoint(create))
}

fn shown(id: &str, cluster: &str) -> AccessPointDescription {
    let (user, root) = posix(&entry()).unwrap();
    AccessPointDescription::builder()
        .access_point_id(id)
        .file_system_id("fs-1")
        .posix_user(user)
        .root_directory(root)
        .life_cycle_state(LifeCycleState::Available)
        .tags(Tag::builder().key(CLUSTER).value(cluster).build().unwrap())
        .build()
}

fn page() -> Rule {
    mock!(Client::describe_access_points)
        .match_requests(|input| input.max_results() == Some(100) && input.file_system_id().is_none())
        .then_output(|| {
            DescribeAccessPointsOutput::builder()
                .access_points(shown("fsap-1", "c1"))
                .access_points(shown("fsap-2", "c2"))
                .build()
        })
}

#[tokio::test]
async fn an_access_point_is_created_with_the_token_its_user_and_its_root() {
    let create = mock!(Client::create_access_point)
        .match_requests(|input| {
            let (user, root) = posix(&entry()).unwrap();
            input.client_token() == Some("t0k3n")
                && input.file_system_id() == Some("fs-1")
                && input.posix_user() == Some(&user)
                && input.root_directory() == Some(&root)
                && input.tags()[0].key() == CLUSTER
        })
        .then_output(|| {
            CreateAccessPointOutput::builder()
                .access_point_id("fsap-1")
                .life_cycle_state(LifeCycleState::Creating)
                .build()
        });
    let (aws, _) = aws(&[create]);
    let made = aws.create(&wanted()).await.unwrap();
    assert_eq!((made.id.as_str(), made.phase), ("fsap-1", Phase::Pending));
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, state());
}

#[tokio::test]
async fn a_second_one_with_the_token_is_refused_as_existing() {
    let taken = mock!(Client::create_access_point)
        .then_error(|| CreateAccessPointError::generic(refusal("AccessPointAlreadyExists")));
    let (aws, _) = aws(&[taken]);
    assert_eq!(aws.create(&wanted()).await.unwrap_err().kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn a_sweep_shows_ours() {
    let (aws, _) = aws(&[page()]);
    let seen = aws.sweep(Kind::AccessPoint, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_str(), seen[0].phase), ("fsap-1", Phase::Ready));
    assert_eq!(seen[0].state, state());
}

#[tokio::test]
async fn a_read_shows_what_was_asked_for_whosever_it_is() {
    let (aws, _) = aws(&[page()]);
    let seen = aws
        .read(Kind::AccessPoint, &["fsap-2".into(), "fsap-3".into()])
        .await
        .unwrap();
    let ids: Vec<_> = seen.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["fsap-2"]);
}

#[tokio::test]
async fn a_deletion_takes_its_time_unless_there_is_nothing_to_delete() {
    let started = mock!(Client::delete_access_point).then_output(|| DeleteAccessPointOutput::builder().build());
    let gone = mock!(Client::delete_access_point)
        .then_error(|| DeleteAccessPointError::generic(refusal("AccessPointNotFound")));
    let (aws, _) = aws(&[started, gone]);
    let access_point = made("fsap-1", state());
    assert_eq!(aws.delete(&access_point, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&access_point, None).await.unwrap(), Deletion::Gone);
}
