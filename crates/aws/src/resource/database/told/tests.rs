use aws_sdk_rds::Client;
use aws_sdk_rds::operation::describe_db_cluster_snapshots::DescribeDbClusterSnapshotsOutput;
use aws_sdk_rds::operation::describe_db_snapshots::DescribeDbSnapshotsOutput;
use aws_sdk_rds::operation::describe_events::DescribeEventsOutput;
use aws_sdk_rds::operation::describe_pending_maintenance_actions::DescribePendingMaintenanceActionsOutput;
use aws_smithy_mocks::{Rule, mock};
use jiff::Timestamp;

use super::*;
use crate::testing::{aws, database, no_events, object};

/// When what is looked at was made, in seconds since 1970.
const MADE: i64 = 1_000;

fn no_maintenance() -> Rule {
    mock!(Client::describe_pending_maintenance_actions)
        .then_output(|| DescribePendingMaintenanceActionsOutput::builder().build())
}

fn instance(state: State) -> Object {
    let mut object = object("web", AnyState::DbInstance(state));
    object.created = Some(at(MADE));
    object
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn shown(id: &str, second: i64, message: &str) -> ShownEvent {
    ShownEvent::builder()
        .source_identifier(id)
        .date(DateTime::from_secs(second))
        .message(message)
        .event_categories("availability")
        .build()
}

fn snapshot(id: &str, second: i64, status: &str) -> DbSnapshot {
    DbSnapshot::builder()
        .db_snapshot_identifier(id)
        .snapshot_create_time(DateTime::from_secs(second))
        .status(status)
        .build()
}

fn of(object: &Object) -> &State {
    state(object).unwrap()
}

#[tokio::test]
async fn what_has_happened_is_told_of_each_in_the_order_of_time() {
    let events = mock!(Client::describe_events)
        .match_requests(|input| {
            input.source_type() == Some(&SourceType::DbInstance) && input.duration() == Some(MINUTES)
        })
        .then_output(|| {
            DescribeEventsOutput::builder()
                .events(shown("web", 20, "DB instance restarted"))
                .events(shown("other", 15, "DB instance deleted"))
                .events(shown("web", 10, "DB instance shutdown"))
                .build()
        });
    let (aws, _) = aws(&[no_maintenance(), events]);
    let told = ours(&aws, vec![instance(database())]).await.unwrap();
    let said: Vec<_> = of(&told[0])
        .events
        .iter()
        .map(|event| (event.time, event.message.as_str(), event.categories.join(" ")))
        .collect();
    let availability = || "availability".to_owned();
    assert_eq!(
        said,
        [
            (at(10), "DB instance shutdown", availability()),
            (at(20), "DB instance restarted", availability())
        ]
    );
    assert_eq!(of(&told[0]).details, None);
}

#[tokio::test]
async fn the_newest_whole_snapshot_since_it_was_made_is_the_last_one() {
    let snapshots = mock!(Client::describe_db_snapshots)
        .match_requests(|input| input.db_instance_identifier() == Some("web"))
        .then_output(|| {
            DescribeDbSnapshotsOutput::builder()
                .db_snapshots(snapshot("rds:web-1", MADE + 1, "available"))
                .db_snapshots(snapshot("rds:web-2", MADE + 2, "available"))
                .db_snapshots(snapshot("rds:web-3", MADE + 3, "creating"))
                .build()
        });
    let (aws, _) = aws(&[no_maintenance(), no_events(), snapshots]);
    let told = named(&aws, vec![instance(database())], &["web".to_owned()])
        .await
        .unwrap();
    let last = Snapshot {
        id: "rds:web-2".to_owned(),
        time: at(MADE + 2),
    };
    assert_eq!(
        of(&told[0]).details,
        Some(Details {
            last_snapshot: Some(last)
        })
    );
}

#[tokio::test]
async fn a_snapshot_of_an_earlier_one_of_its_name_is_none_of_it() {
    let snapshots = mock!(Client::describe_db_cluster_snapshots).then_output(|| {
        let snapshot = DbClusterSnapshot::builder()
            .db_cluster_snapshot_identifier("last")
            .snapshot_create_time(DateTime::from_secs(MADE - 1))
            .status("available");
        DescribeDbClusterSnapshotsOutput::builder()
            .db_cluster_snapshots(snapshot.build())
            .build()
    });
    let (aws, _) = aws(&[no_maintenance(), no_events(), snapshots]);
    let mut cluster = instance(database());
    cluster.state = AnyState::DbCluster(database());
    let told = named(&aws, vec![cluster], &["web".to_owned()]).await.unwrap();
    assert_eq!(of(&told[0]).details, Some(Details { last_snapshot: None }));
}

#[tokio::test]
async fn nobody_asks_for_snapshots_of_what_has_the_data_of_another() {
    let (aws, calls) = aws(&[no_maintenance(), no_events()]);
    let member = State {
        cluster: Some("orders".to_owned()),
        ..database()
    };
    let told = named(&aws, vec![instance(member)], &["web".to_owned()]).await.unwrap();
    assert_eq!(of(&told[0]).details, Some(Details { last_snapshot: None }));
    assert_eq!(
        calls.seen(),
        ["DescribePendingMaintenanceActions ok", "DescribeEvents ok"]
    );
}
