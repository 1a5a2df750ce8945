use aws_sdk_rds::Client;
use aws_sdk_rds::operation::create_db_subnet_group::CreateDbSubnetGroupOutput;
use aws_sdk_rds::operation::delete_db_subnet_group::{DeleteDBSubnetGroupError, DeleteDbSubnetGroupOutput};
use aws_sdk_rds::operation::describe_db_subnet_groups::DescribeDbSubnetGroupsOutput;
use aws_sdk_rds::operation::modify_db_subnet_group::ModifyDbSubnetGroupOutput;
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, ID};

use super::*;
use crate::testing::{aws, object as made, refusal, request};

const PATH: &str = "/hastack.dev/c1/ManagedDatabase/shop/web/db-subnet-group";

fn state() -> AnyState {
    AnyState::DbSubnetGroup(State {
        name: "web".into(),
        path: PATH.into(),
        subnet_ids: ["subnet-1".to_owned(), "subnet-2".to_owned()].into(),
    })
}

fn shown(name: &str, path: &str) -> types::DbSubnetGroup {
    let subnet = |id: &str| types::Subnet::builder().subnet_identifier(id).build();
    types::DbSubnetGroup::builder()
        .db_subnet_group_name(name)
        .db_subnet_group_description(path)
        .subnet_group_status("Complete")
        .subnets(subnet("subnet-2"))
        .subnets(subnet("subnet-1"))
        .build()
}

fn page() -> Rule {
    mock!(Client::describe_db_subnet_groups)
        .match_requests(|input| input.max_records() == Some(100) && input.marker().is_none())
        .then_output(|| {
            DescribeDbSubnetGroupsOutput::builder()
                .db_subnet_groups(shown("default", "default"))
                .db_subnet_groups(shown(
                    "other",
                    "/hastack.dev/c10/ManagedDatabase/shop/web/db-subnet-group",
                ))
                .db_subnet_groups(shown("web", PATH))
                .build()
        })
}

#[tokio::test]
async fn a_group_says_in_its_description_whose_it_is() {
    let (aws, _) = aws(&[page(), page()]);
    let seen = aws.sweep(Kind::DbSubnetGroup, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_str(), seen[0].phase), ("web", Phase::Ready));
    assert_eq!(seen[0].tags[ID], "db-subnet-group");
    assert_eq!(seen[0].state, state());
    let read = aws.read(Kind::DbSubnetGroup, &["web".into()]).await.unwrap();
    assert_eq!(read, seen);
}

#[tokio::test]
async fn a_group_is_made_with_its_tags() {
    let create = mock!(Client::create_db_subnet_group)
        .match_requests(|input| {
            input.db_subnet_group_name() == Some("web")
                && input.db_subnet_group_description() == Some(PATH)
                && input.subnet_ids() == ["subnet-1", "subnet-2"]
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| {
            let shown = shown("web", PATH);
            CreateDbSubnetGroupOutput::builder().db_subnet_group(shown).build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web".into(),
        path: PATH.into(),
        subnet_ids: ["subnet-1".to_owned(), "subnet-2".to_owned()].into(),
    };
    let request = request(Kind::DbSubnetGroup, AnyCreate::DbSubnetGroup(wanted));
    let made = aws.create(&request).await.unwrap();
    assert_eq!((made.id.as_str(), made.state), ("web", state()));
}

#[tokio::test]
async fn a_change_of_its_subnets_keeps_whose_it_is() {
    let modify = mock!(Client::modify_db_subnet_group)
        .match_requests(|input| {
            input.db_subnet_group_name() == Some("web")
                && input.db_subnet_group_description() == Some(PATH)
                && input.subnet_ids() == ["subnet-3"]
        })
        .then_output(|| ModifyDbSubnetGroupOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let change = Change::Subnets {
        ids: ["subnet-3".to_owned()].into(),
        path: PATH.into(),
    };
    let change = AnyChange::DbSubnetGroup(change);
    aws.update(&made("web", state()), &change).await.unwrap();
}

#[tokio::test]
async fn a_group_that_is_used_stays_and_one_that_is_gone_is_no_error() {
    let done = mock!(Client::delete_db_subnet_group).then_output(|| DeleteDbSubnetGroupOutput::builder().build());
    let used = mock!(Client::delete_db_subnet_group)
        .then_error(|| DeleteDBSubnetGroupError::generic(refusal("InvalidDBSubnetGroupStateFault")));
    let gone = mock!(Client::delete_db_subnet_group)
        .then_error(|| DeleteDBSubnetGroupError::generic(refusal("DBSubnetGroupNotFoundFault")));
    let (aws, _) = aws(&[done, used, gone]);
    let group = made("web", state());
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
    assert_eq!(aws.delete(&group, None).await.unwrap_err().kind, ErrorKind::InUse);
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
}
