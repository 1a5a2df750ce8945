use aws_sdk_rds::Client;
use aws_sdk_rds::operation::add_tags_to_resource::AddTagsToResourceOutput;
use aws_sdk_rds::operation::create_db_cluster::CreateDbClusterOutput;
use aws_sdk_rds::operation::delete_db_cluster::{DeleteDBClusterError, DeleteDbClusterOutput};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_pending_maintenance_actions::DescribePendingMaintenanceActionsOutput;
use aws_sdk_rds::operation::modify_db_cluster::ModifyDbClusterOutput;
use aws_sdk_rds::operation::reboot_db_instance::RebootDbInstanceOutput;
use aws_sdk_rds::operation::restore_db_cluster_from_snapshot::RestoreDbClusterFromSnapshotOutput;
use aws_sdk_rds::operation::restore_db_cluster_to_point_in_time::RestoreDbClusterToPointInTimeOutput;
use aws_sdk_rds::operation::start_db_cluster::StartDbClusterOutput;
use aws_sdk_rds::operation::stop_db_cluster::StopDbClusterOutput;
use aws_sdk_rds::types::builders::DbClusterBuilder;
use aws_sdk_rds::types::{
    ClusterPendingModifiedValues, DbCluster, DbClusterMember, PendingCloudwatchLogsExports,
    ServerlessV2ScalingConfigurationInfo, Tag, VpcSecurityGroupMembership,
};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::object::Phase;
use hastack_core::resource::database::State;
use hastack_core::resource::database::setting::Value;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, PASSWORD};

use super::*;
use crate::testing::{
    aws, database as available, modification, no_events, object as made, password, refusal, request, wanted_database,
};

const ARN: &str = "arn:aws:rds:us-east-1:123456789012:cluster:web";

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

fn shown(id: &str, engine: &str, status: &str) -> DbClusterBuilder {
    DbCluster::builder()
        .db_cluster_identifier(id)
        .db_cluster_arn(ARN)
        .engine(engine)
        .status(status)
        .tag_list(tag(CLUSTER, "c1"))
}

fn member(id: &str, writes: bool, status: &str) -> DbClusterMember {
    DbClusterMember::builder()
        .db_instance_identifier(id)
        .is_cluster_writer(writes)
        .db_cluster_parameter_group_status(status)
        .build()
}

/// All that AWS shows of one that works.
fn whole() -> DbCluster {
    let exports = PendingCloudwatchLogsExports::builder().log_types_to_enable("instance");
    let pending = ClusterPendingModifiedValues::builder().pending_cloudwatch_logs_exports(exports.build());
    let capacity = ServerlessV2ScalingConfigurationInfo::builder()
        .min_capacity(0.5)
        .max_capacity(16.0);
    shown("web", "aurora-postgresql", "available")
        .engine_version("16.6")
        .db_cluster_parameter_group("web-parameters")
        .serverless_v2_scaling_configuration(capacity.build())
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id("sg-1")
                .build(),
        )
        .port(5432)
        .endpoint("web.cluster.rds.amazonaws.com")
        .reader_endpoint("web.cluster-ro.rds.amazonaws.com")
        .enabled_cloudwatch_logs_exports("postgresql")
        .deletion_protection(true)
        .backup_retention_period(7)
        .db_cluster_members(member("web-1", true, "pending-reboot"))
        .db_cluster_members(member("web-2", false, "pending-reboot"))
        .db_cluster_members(member("web-3", false, "in-sync"))
        .pending_modified_values(pending.build())
        .build()
}

fn page() -> Rule {
    mock!(Client::describe_db_clusters)
        .match_requests(|input| input.max_records() == Some(100) && input.db_cluster_identifier().is_none())
        .then_output(|| {
            DescribeDbClustersOutput::builder()
                .db_clusters(whole())
                .db_clusters(shown("graph", "neptune", "available").build())
                .build()
        })
}

fn settings(settings: &[(Setting, Value)]) -> Settings {
    settings.iter().cloned().collect()
}

fn cluster(state: State) -> Object {
    made("web", AnyState::DbCluster(state))
}

fn of(object: &Object) -> &State {
    database::state(object).unwrap()
}

async fn created(rule: Rule, source: Source<String>) -> Object {
    let wanted = Create {
        engine: "aurora-postgresql",
        settings: settings(&[
            (Setting::Version, "16.6".into()),
            (Setting::ManagedPassword, false.into()),
        ]),
        password: Some(password()),
        ..wanted_database(source)
    };
    let (aws, _) = aws(&[rule]);
    let request = request(Kind::DbCluster, AnyCreate::DbCluster(wanted));
    aws.create(&request).await.unwrap()
}

#[tokio::test]
async fn a_sweep_shows_ours_of_aurora_with_all_that_is_set() {
    let maintenance = mock!(Client::describe_pending_maintenance_actions)
        .then_output(|| DescribePendingMaintenanceActionsOutput::builder().build());
    let (aws, _) = aws(&[page(), maintenance, no_events()]);
    let seen = aws.sweep(Kind::DbCluster, &[]).await.unwrap();
    assert_eq!(
        (seen.len(), seen[0].id.as_str(), seen[0].phase),
        (1, "web", Phase::Ready)
    );
    let state = of(&seen[0]);
    let expected = settings(&[
        (Setting::Identifier, "web".into()),
        (Setting::Version, "16.6".into()),
        (Setting::ParameterGroup, "web-parameters".into()),
        (Setting::MinCapacity, "0.5".into()),
        (Setting::MaxCapacity, "16".into()),
        (Setting::SecurityGroups, Value::from_iter(["sg-1".to_owned()])),
        (Setting::Port, 5432.into()),
        (Setting::ManagedPassword, false.into()),
        (Setting::LogExports, Value::from_iter(["postgresql".to_owned()])),
        (Setting::Protection, true.into()),
        (Setting::BackupRetention, 7.into()),
    ]);
    assert_eq!(state.settings, expected);
    let exports = Value::from_iter(["instance".to_owned(), "postgresql".to_owned()]);
    assert_eq!(state.pending, settings(&[(Setting::LogExports, exports)]));
    let members = [("web-1", true), ("web-2", false), ("web-3", false)];
    assert_eq!(
        state.members,
        members.map(|(id, writes)| (id.to_owned(), writes)).into()
    );
    assert!(state.reboot_pending);
    assert_eq!(state.host.as_deref(), Some("web.cluster.rds.amazonaws.com"));
    assert_eq!(state.reader_host.as_deref(), Some("web.cluster-ro.rds.amazonaws.com"));
}

#[tokio::test]
async fn a_cluster_is_made_encrypted_with_its_tags_and_password() {
    let create = mock!(Client::create_db_cluster)
        .match_requests(|input| {
            input.db_cluster_identifier() == Some("web")
                && input.engine() == Some("aurora-postgresql")
                && input.engine_version() == Some("16.6")
                && input.storage_encrypted() == Some(true)
                && input.manage_master_user_password().is_none()
                && input.master_user_password() == Some("hunter2")
                && input.tags().contains(&tag(CLUSTER, "c1"))
                && input.tags().contains(&tag(PASSWORD, "a1b2c3"))
        })
        .then_output(|| {
            let shown = shown("web", "aurora-postgresql", "creating");
            CreateDbClusterOutput::builder().db_cluster(shown.build()).build()
        });
    let made = created(create, Source::Nothing).await;
    assert_eq!((made.id.as_str(), made.phase), ("web", Phase::Pending));
    assert_eq!(of(&made).password_digest.as_deref(), Some("a1b2c3"));
}

#[tokio::test]
async fn a_restored_cluster_keeps_its_password_until_that_is_changed() {
    let snapshot = mock!(Client::restore_db_cluster_from_snapshot)
        .match_requests(|input| input.snapshot_identifier() == Some("snapshot-1") && input.tags().len() == 1)
        .then_output(|| {
            let shown = shown("web", "aurora-postgresql", "creating");
            RestoreDbClusterFromSnapshotOutput::builder()
                .db_cluster(shown.build())
                .build()
        });
    let latest = mock!(Client::restore_db_cluster_to_point_in_time)
        .match_requests(|input| {
            input.source_db_cluster_identifier() == Some("old")
                && input.use_latest_restorable_time() == Some(true)
                && input.restore_to_time().is_none()
        })
        .then_output(|| {
            let shown = shown("web", "aurora-postgresql", "creating");
            RestoreDbClusterToPointInTimeOutput::builder()
                .db_cluster(shown.build())
                .build()
        });
    let time = Source::PointInTime {
        of: "old".into(),
        time: None,
    };
    for (rule, source) in [(snapshot, Source::Snapshot("snapshot-1".into())), (latest, time)] {
        let made = created(rule, source).await;
        assert_eq!(of(&made).password_digest, None);
    }
}

#[tokio::test]
async fn both_bounds_of_the_capacity_are_said_together() {
    let modify = mock!(Client::modify_db_cluster)
        .match_requests(|input| {
            let capacity = input.serverless_v2_scaling_configuration().unwrap();
            input.db_cluster_identifier() == Some("web")
                && input.apply_immediately() == Some(false)
                && input.allow_major_version_upgrade().is_none()
                && (capacity.min_capacity(), capacity.max_capacity()) == (Some(0.5), Some(32.0))
        })
        .then_output(|| ModifyDbClusterOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let state = State {
        settings: settings(&[
            (Setting::MinCapacity, "0.5".into()),
            (Setting::MaxCapacity, "16".into()),
        ]),
        ..available()
    };
    let change = modification(settings(&[(Setting::MaxCapacity, "32".into())]));
    let change = AnyChange::DbCluster(Change::Modify(Box::new(change)));
    aws.update(&cluster(state), &change).await.unwrap();
}

#[tokio::test]
async fn each_other_change_is_one_call() {
    let mark = mock!(Client::add_tags_to_resource)
        .match_requests(|input| input.tags() == [tag(PASSWORD, "d4e5f6")])
        .then_output(|| AddTagsToResourceOutput::builder().build());
    let start = mock!(Client::start_db_cluster).then_output(|| StartDbClusterOutput::builder().build());
    let stop = mock!(Client::stop_db_cluster).then_output(|| StopDbClusterOutput::builder().build());
    let (aws, calls) = aws(&[mark, start, stop]);
    for change in [Change::MarkPassword("d4e5f6".into()), Change::Start, Change::Stop] {
        let change = AnyChange::DbCluster(change);
        aws.update(&cluster(available()), &change).await.unwrap();
    }
    assert_eq!(
        calls.seen(),
        ["AddTagsToResource ok", "StartDBCluster ok", "StopDBCluster ok"]
    );
}

#[tokio::test]
async fn members_that_wait_for_it_are_started_anew_and_the_writer_last() {
    let described = |members: &'static [(&str, bool, &str)]| {
        mock!(Client::describe_db_clusters)
            .match_requests(|input| input.db_cluster_identifier() == Some("web"))
            .then_output(move || {
                let members = members.iter().map(|(id, writes, status)| member(id, *writes, status));
                let shown = shown("web", "aurora-postgresql", "available");
                let shown = shown.set_db_cluster_members(Some(members.collect()));
                DescribeDbClustersOutput::builder().db_clusters(shown.build()).build()
            })
    };
    let reboot = |id: &'static str| {
        mock!(Client::reboot_db_instance)
            .match_requests(move |input| input.db_instance_identifier() == Some(id))
            .then_output(|| RebootDbInstanceOutput::builder().build())
    };
    let rules = [
        described(&[
            ("web-1", true, PENDING),
            ("web-2", false, PENDING),
            ("web-3", false, "in-sync"),
        ]),
        reboot("web-2"),
        described(&[("web-1", true, PENDING), ("web-2", false, "in-sync")]),
        reboot("web-1"),
        described(&[("web-1", true, "in-sync")]),
    ];
    let (aws, calls) = aws(&rules);
    for _ in 0..3 {
        let change = AnyChange::DbCluster(Change::Reboot);
        aws.update(&cluster(available()), &change).await.unwrap();
    }
    assert_eq!(calls.seen().len(), 5);
}

const PENDING: &str = "pending-reboot";

#[tokio::test]
async fn a_last_snapshot_is_made_where_one_is_asked_for() {
    let deletion = |snapshot: Option<&'static str>| {
        mock!(Client::delete_db_cluster)
            .match_requests(move |input| {
                input.skip_final_snapshot() == Some(snapshot.is_none())
                    && input.final_db_snapshot_identifier() == snapshot
            })
            .then_output(|| DeleteDbClusterOutput::builder().build())
    };
    let gone = mock!(Client::delete_db_cluster)
        .then_error(|| DeleteDBClusterError::generic(refusal("DBClusterNotFoundFault")));
    let going = mock!(Client::delete_db_cluster)
        .then_error(|| DeleteDBClusterError::generic(refusal("InvalidDBClusterStateFault")));
    let (aws, _) = aws(&[deletion(Some("last")), deletion(None), gone, going]);
    let cluster = cluster(available());
    assert_eq!(aws.delete(&cluster, Some("last")).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&cluster, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&cluster, None).await.unwrap(), Deletion::Gone);
    assert_eq!(aws.delete(&cluster, None).await.unwrap_err().kind, ErrorKind::NotNow);
}
