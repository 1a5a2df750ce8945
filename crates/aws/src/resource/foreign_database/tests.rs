use aws_sdk_rds::Client;
use aws_sdk_rds::operation::delete_db_instance::{DeleteDBInstanceError, DeleteDbInstanceOutput};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::types::builders::DbInstanceBuilder;
use aws_sdk_rds::types::{DbCluster, DbInstance, DbSubnetGroup, Tag};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::foreign_database::State;
use hastack_core::tag::{self, Tags};

use super::*;
use crate::testing::{aws, database, object as made_object, refusal};

const READER: &str = "application-autoscaling-1";

fn cluster(id: &str) -> Object {
    made_object(id, AnyState::DbCluster(database()))
}

fn instance(id: &str, status: &str) -> DbInstanceBuilder {
    DbInstance::builder()
        .db_instance_identifier(id)
        .db_instance_arn(format!("arn:aws:rds:us-east-1:123456789012:db:{id}"))
        .engine("aurora-mysql")
        .db_instance_status(status)
}

fn tags(node: &str) -> Vec<Tag> {
    let tags = [
        (tag::CLUSTER, "c1"),
        (tag::OWNER, "ManagedDatabase/shop/web"),
        (tag::ID, node),
    ];
    let tags = tags.into_iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

fn reader() -> Object {
    let state = State::new(READER.into(), Some("web".into()), Vec::new());
    Object {
        tags: Tags::new(),
        ..made_object(READER, AnyState::ForeignDbInstance(state))
    }
}

fn instances(shown: Vec<DbInstance>) -> Rule {
    mock!(Client::describe_db_instances).then_output(move || {
        DescribeDbInstancesOutput::builder()
            .set_db_instances(Some(shown.clone()))
            .build()
    })
}

#[tokio::test]
async fn what_is_in_a_cluster_of_ours_or_has_a_group_of_ours_and_is_not_ours_is_listed_without_tags() {
    let subnets = DbSubnetGroup::builder().db_subnet_group_name("web-subnets");
    let copy = instance("restored", "available")
        .set_tag_list(Some(tags("db-instance/primary")))
        .db_subnet_group(subnets.build());
    let shown = vec![
        copy.build(),
        instance("elsewhere", "available").build(),
        instance(READER, "creating").db_cluster_identifier("web").build(),
    ];
    let (aws, _) = aws(&[instances(shown)]);
    let parents = [cluster("web"), cluster("web-subnets")];
    let seen = aws.sweep(Kind::ForeignDbInstance, &parents).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["restored", READER]);
    assert_eq!(seen[0].tags, Tags::new());
    assert_eq!(seen[0].state.uses(), ["web-subnets"]);
    assert_eq!(seen[1], reader());
    assert_eq!(seen[1].state.uses(), ["web", "web/hastack-readers"]);
}

#[tokio::test]
async fn a_cluster_that_has_a_group_of_ours_and_is_not_ours_is_listed() {
    let shown = DbCluster::builder()
        .db_cluster_identifier("theirs")
        .db_cluster_arn("arn:aws:rds:us-east-1:123456789012:cluster:theirs")
        .engine("aurora-mysql")
        .status("available")
        .db_cluster_parameter_group("web-parameters")
        .build();
    let described = mock!(Client::describe_db_clusters)
        .then_output(move || DescribeDbClustersOutput::builder().db_clusters(shown.clone()).build());
    let (aws, _) = aws(&[described]);
    let parents = [cluster("web-parameters")];
    let seen = aws.sweep(Kind::ForeignDbCluster, &parents).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].state.uses(), ["web-parameters"]);
}

#[tokio::test]
async fn nothing_is_asked_where_nothing_is_ours() {
    let (aws, calls) = aws(&[]);
    for kind in [Kind::ForeignDbInstance, Kind::ForeignDbCluster] {
        assert_eq!(aws.sweep(kind, &[]).await.unwrap(), []);
    }
    assert_eq!(calls.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_read_sees_which_is_on_its_way_out() {
    let shown = vec![
        instance(READER, "deleting").build(),
        instance("other", "available").build(),
    ];
    let (aws, _) = aws(&[instances(shown)]);
    let ids = [READER.to_owned(), "gone".to_owned()];
    let seen = aws.read(Kind::ForeignDbInstance, &ids).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].phase, Phase::Deleting);
}

#[tokio::test]
async fn a_member_is_deleted_without_a_snapshot_and_one_that_is_gone_too() {
    let deleted = mock!(Client::delete_db_instance)
        .match_requests(|input| {
            input.db_instance_identifier() == Some(READER)
                && input.skip_final_snapshot() == Some(true)
                && input.final_db_snapshot_identifier().is_none()
        })
        .then_output(|| DeleteDbInstanceOutput::builder().build());
    let absent =
        mock!(Client::delete_db_instance).then_error(|| DeleteDBInstanceError::generic(refusal("DBInstanceNotFound")));
    let (aws, _) = aws(&[deleted, absent]);
    assert_eq!(aws.delete(&reader(), None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&reader(), None).await.unwrap(), Deletion::Gone);
}
