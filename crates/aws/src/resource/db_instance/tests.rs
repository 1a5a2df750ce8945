use aws_sdk_rds::Client;
use aws_sdk_rds::operation::add_tags_to_resource::AddTagsToResourceOutput;
use aws_sdk_rds::operation::create_db_instance::CreateDbInstanceOutput;
use aws_sdk_rds::operation::create_db_instance_read_replica::CreateDbInstanceReadReplicaOutput;
use aws_sdk_rds::operation::delete_db_instance::{DeleteDBInstanceError, DeleteDbInstanceOutput};
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::operation::describe_db_snapshots::DescribeDbSnapshotsOutput;
use aws_sdk_rds::operation::describe_pending_maintenance_actions::DescribePendingMaintenanceActionsOutput;
use aws_sdk_rds::operation::modify_db_instance::ModifyDbInstanceOutput;
use aws_sdk_rds::operation::reboot_db_instance::RebootDbInstanceOutput;
use aws_sdk_rds::operation::restore_db_instance_from_db_snapshot::RestoreDbInstanceFromDbSnapshotOutput;
use aws_sdk_rds::operation::restore_db_instance_to_point_in_time::RestoreDbInstanceToPointInTimeOutput;
use aws_sdk_rds::operation::start_db_instance::StartDbInstanceOutput;
use aws_sdk_rds::operation::stop_db_instance::StopDbInstanceOutput;
use aws_sdk_rds::types::builders::DbInstanceBuilder;
use aws_sdk_rds::types::{
    DbInstance, DbParameterGroupStatus, Endpoint, MasterUserSecret, PendingMaintenanceAction, PendingModifiedValues,
    ResourcePendingMaintenanceActions, Tag, VpcSecurityGroupMembership,
};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::object::Phase;
use hastack_core::resource::database::status::Status;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, PASSWORD};

use super::*;
use crate::testing::{
    aws, database as available, modification, no_events, object as made, password, refusal, request, wanted_database,
};

const ARN: &str = "arn:aws:rds:us-east-1:123456789012:db:web";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1";

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

fn shown(status: &str) -> DbInstanceBuilder {
    DbInstance::builder()
        .db_instance_identifier("web")
        .db_instance_arn(ARN)
        .engine("postgres")
        .db_instance_status(status)
        .tag_list(tag(CLUSTER, "c1"))
        .tag_list(tag(PASSWORD, "a1b2c3"))
}

/// All that AWS shows of one that works.
fn whole() -> DbInstance {
    let group = DbParameterGroupStatus::builder()
        .db_parameter_group_name("web-parameters")
        .parameter_apply_status("pending-reboot");
    let pending = PendingModifiedValues::builder()
        .db_instance_class("db.t4g.small")
        .master_user_password("****");
    shown("available")
        .db_instance_class("db.t4g.micro")
        .engine_version("16.4")
        .db_parameter_groups(group.build())
        .allocated_storage(20)
        .storage_type("gp3")
        .iops(3000)
        .storage_throughput(125)
        .multi_az(true)
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id("sg-1")
                .build(),
        )
        .endpoint(Endpoint::builder().address("web.rds.amazonaws.com").port(5432).build())
        .db_instance_port(0)
        .publicly_accessible(false)
        .master_user_secret(MasterUserSecret::builder().secret_arn(SECRET).build())
        .performance_insights_enabled(true)
        .performance_insights_retention_period(7)
        .deletion_protection(true)
        .backup_retention_period(7)
        .availability_zone("us-east-1a")
        .secondary_availability_zone("us-east-1b")
        .pending_modified_values(pending.build())
        .build()
}

fn page() -> Rule {
    let other = || {
        DbInstance::builder()
            .db_instance_identifier("other")
            .db_instance_arn("arn-2")
            .engine("mysql")
    };
    mock!(Client::describe_db_instances)
        .match_requests(|input| input.max_records() == Some(100) && input.db_instance_identifier().is_none())
        .then_output(move || {
            DescribeDbInstancesOutput::builder()
                .db_instances(whole())
                .db_instances(other().build())
                .build()
        })
}

fn maintenance() -> Rule {
    mock!(Client::describe_pending_maintenance_actions).then_output(|| {
        let action = PendingMaintenanceAction::builder()
            .action("system-update")
            .description("New OS");
        let bare = PendingMaintenanceAction::builder().action("ca-certificate-rotation");
        let actions = ResourcePendingMaintenanceActions::builder()
            .resource_identifier(ARN)
            .pending_maintenance_action_details(action.build())
            .pending_maintenance_action_details(bare.build());
        DescribePendingMaintenanceActionsOutput::builder()
            .pending_maintenance_actions(actions.build())
            .build()
    })
}

fn no_snapshots() -> Rule {
    mock!(Client::describe_db_snapshots).then_output(|| DescribeDbSnapshotsOutput::builder().build())
}

fn settings(settings: &[(Setting, Value)]) -> Settings {
    settings.iter().cloned().collect()
}

fn instance(state: State) -> Object {
    made("web", AnyState::DbInstance(state))
}

fn of(object: &Object) -> &State {
    database::state(object).unwrap()
}

async fn created(rule: Rule, create: Create) -> Object {
    let (aws, _) = aws(&[rule]);
    let request = request(Kind::DbInstance, AnyCreate::DbInstance(create));
    aws.create(&request).await.unwrap()
}

#[tokio::test]
async fn a_sweep_shows_ours_with_all_that_is_set() {
    let (aws, calls) = aws(&[page(), maintenance(), no_events()]);
    let seen = aws.sweep(Kind::DbInstance, &[]).await.unwrap();
    assert_eq!(
        (seen.len(), seen[0].id.as_str(), seen[0].phase),
        (1, "web", Phase::Ready)
    );
    let state = of(&seen[0]);
    let expected = settings(&[
        (Setting::Identifier, "web".into()),
        (Setting::Class, "db.t4g.micro".into()),
        (Setting::Version, "16.4".into()),
        (Setting::ParameterGroup, "web-parameters".into()),
        (Setting::Storage, 20.into()),
        (Setting::MaxStorage, 0.into()),
        (Setting::StorageType, "gp3".into()),
        (Setting::Iops, 3000.into()),
        (Setting::Throughput, 125.into()),
        (Setting::MultiAz, true.into()),
        (Setting::SecurityGroups, Value::from_iter(["sg-1".to_owned()])),
        (Setting::Port, 5432.into()),
        (Setting::Public, false.into()),
        (Setting::ManagedPassword, true.into()),
        (Setting::PerformanceInsights, 7.into()),
        (Setting::MonitoringInterval, 0.into()),
        (Setting::LogExports, Value::from_iter([])),
        (Setting::Protection, true.into()),
        (Setting::BackupRetention, 7.into()),
    ]);
    assert_eq!(state.settings, expected);
    assert_eq!(state.pending, settings(&[(Setting::Class, "db.t4g.small".into())]));
    assert!(state.reboot_pending && !state.hurried);
    assert_eq!(state.maintenance, ["ca-certificate-rotation", "system-update: New OS"]);
    assert_eq!(state.secret_arn.as_deref(), Some(SECRET));
    assert_eq!(state.password_digest.as_deref(), Some("a1b2c3"));
    assert_eq!(state.host.as_deref(), Some("web.rds.amazonaws.com"));
    assert_eq!(
        (state.zone.as_deref(), state.standby_zone.as_deref()),
        (Some("us-east-1a"), Some("us-east-1b"))
    );
    assert_eq!(
        calls.seen(),
        [
            "DescribeDBInstances ok",
            "DescribePendingMaintenanceActions ok",
            "DescribeEvents ok"
        ]
    );
}

#[tokio::test]
async fn nothing_is_asked_about_what_is_not_there() {
    let (aws, _) = aws(&[page(), page(), maintenance(), no_events(), no_snapshots()]);
    assert_eq!(aws.read(Kind::DbInstance, &["gone".into()]).await.unwrap(), []);
    let seen = aws.read(Kind::DbInstance, &["web".into()]).await.unwrap();
    assert_eq!(of(&seen[0]).maintenance.len(), 2);
}

#[tokio::test]
async fn an_empty_one_is_made_encrypted_with_its_tags_and_a_password_of_rds() {
    let create = mock!(Client::create_db_instance)
        .match_requests(|input| {
            input.db_instance_identifier() == Some("web")
                && input.engine() == Some("postgres")
                && input.db_instance_class() == Some("db.t4g.micro")
                && input.storage_encrypted() == Some(true)
                && input.manage_master_user_password() == Some(true)
                && input.master_user_password().is_none()
                && input.tags().len() == 1
        })
        .then_output(|| {
            CreateDbInstanceOutput::builder()
                .db_instance(shown("creating").build())
                .build()
        });
    let wanted = Create {
        settings: settings(&[
            (Setting::Class, "db.t4g.micro".into()),
            (Setting::ManagedPassword, true.into()),
        ]),
        ..wanted_database(Source::Nothing)
    };
    let made = created(create, wanted).await;
    assert_eq!((made.id.as_str(), made.phase), ("web", Phase::Pending));
    assert_eq!(
        (of(&made).status, &of(&made).password_digest),
        (Status::Creating, &None)
    );
}

#[tokio::test]
async fn a_given_password_is_set_and_noted_in_the_one_call() {
    let create = mock!(Client::create_db_instance)
        .match_requests(|input| {
            input.manage_master_user_password().is_none()
                && input.master_user_password() == Some("hunter2")
                && input.tags().contains(&tag(PASSWORD, "a1b2c3"))
        })
        .then_output(|| {
            CreateDbInstanceOutput::builder()
                .db_instance(shown("creating").build())
                .build()
        });
    let wanted = Create {
        settings: settings(&[(Setting::ManagedPassword, false.into())]),
        password: Some(password()),
        ..wanted_database(Source::Nothing)
    };
    let made = created(create, wanted).await;
    assert_eq!(of(&made).password_digest.as_deref(), Some("a1b2c3"));
}

#[tokio::test]
async fn a_member_and_a_replica_have_the_data_of_another() {
    let member = mock!(Client::create_db_instance)
        .match_requests(|input| {
            input.db_cluster_identifier() == Some("cluster")
                && input.storage_encrypted().is_none()
                && input.db_instance_class() == Some("db.r8g.large")
        })
        .then_output(|| {
            CreateDbInstanceOutput::builder()
                .db_instance(shown("creating").db_cluster_identifier("cluster").build())
                .build()
        });
    let replica = mock!(Client::create_db_instance_read_replica)
        .match_requests(|input| {
            input.source_db_instance_identifier() == Some("primary") && input.kms_key_id().is_none()
        })
        .then_output(|| {
            let shown = shown("creating").read_replica_source_db_instance_identifier("primary");
            CreateDbInstanceReadReplicaOutput::builder()
                .db_instance(shown.build())
                .build()
        });
    let class = settings(&[(Setting::Class, "db.r8g.large".into())]);
    let wanted = |source| Create {
        settings: class.clone(),
        ..wanted_database(source)
    };
    let member = created(member, wanted(Source::Member("cluster".into()))).await;
    assert_eq!(of(&member).cluster.as_deref(), Some("cluster"));
    let replica = created(replica, wanted(Source::Replica("primary".into()))).await;
    assert_eq!(of(&replica).replica_of.as_deref(), Some("primary"));
}

#[tokio::test]
async fn a_restored_one_keeps_its_password_until_that_is_changed() {
    let snapshot = mock!(Client::restore_db_instance_from_db_snapshot)
        .match_requests(|input| input.db_snapshot_identifier() == Some("snapshot-1") && input.tags().len() == 1)
        .then_output(|| {
            RestoreDbInstanceFromDbSnapshotOutput::builder()
                .db_instance(shown("creating").build())
                .build()
        });
    let latest = mock!(Client::restore_db_instance_to_point_in_time)
        .match_requests(|input| {
            input.source_db_instance_identifier() == Some("old")
                && input.target_db_instance_identifier() == Some("web")
                && input.use_latest_restorable_time() == Some(true)
                && input.restore_time().is_none()
        })
        .then_output(|| {
            RestoreDbInstanceToPointInTimeOutput::builder()
                .db_instance(shown("creating").build())
                .build()
        });
    let then = mock!(Client::restore_db_instance_to_point_in_time)
        .match_requests(|input| {
            input.use_latest_restorable_time().is_none()
                && input.restore_time().map(aws_smithy_types::DateTime::secs) == Some(1_800_000_000)
        })
        .then_output(|| {
            RestoreDbInstanceToPointInTimeOutput::builder()
                .db_instance(shown("creating").build())
                .build()
        });
    let time = |time| Source::PointInTime { of: "old".into(), time };
    let at = jiff::Timestamp::from_second(1_800_000_000).ok();
    for (rule, source) in [
        (snapshot, Source::Snapshot("snapshot-1".into())),
        (latest, time(None)),
        (then, time(at)),
    ] {
        let wanted = Create {
            password: Some(password()),
            ..wanted_database(source)
        };
        let made = created(rule, wanted).await;
        assert_eq!(of(&made).password_digest, None);
    }
}

#[tokio::test]
async fn a_change_says_only_what_changes_and_when() {
    let modify = mock!(Client::modify_db_instance)
        .match_requests(|input| {
            let exports = input.cloudwatch_logs_export_configuration().unwrap();
            input.db_instance_identifier() == Some("web")
                && input.apply_immediately() == Some(true)
                && input.allow_major_version_upgrade() == Some(true)
                && input.engine_version() == Some("17.2")
                && input.manage_master_user_password() == Some(false)
                && input.master_user_password() == Some("hunter2")
                && input.enable_performance_insights() == Some(false)
                && exports.enable_log_types() == ["postgresql"]
                && input.db_instance_class().is_none()
                && input.allocated_storage().is_none()
        })
        .then_output(|| ModifyDbInstanceOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let change = Modification {
        password: Some(password()),
        immediately: true,
        major: true,
        ..modification(settings(&[
            (Setting::Version, "17.2".into()),
            (Setting::ManagedPassword, false.into()),
            (Setting::PerformanceInsights, 0.into()),
            (Setting::LogExports, Value::from_iter(["postgresql".to_owned()])),
        ]))
    };
    let change = AnyChange::DbInstance(Change::Modify(Box::new(change)));
    aws.update(&instance(available()), &change).await.unwrap();
}

#[test]
fn storage_is_said_together_where_aws_takes_it_only_so() {
    let state = |kind: &str, size: u32| State {
        settings: settings(&[
            (Setting::StorageType, kind.into()),
            (Setting::Storage, size.into()),
            (Setting::Iops, 12_000.into()),
            (Setting::Throughput, 500.into()),
        ]),
        ..available()
    };
    for (kind, size, setting, expected) in [
        ("gp3", 100, Setting::Storage, vec![Setting::Storage]),
        (
            "gp3",
            400,
            Setting::Storage,
            vec![Setting::Storage, Setting::Iops, Setting::Throughput],
        ),
        ("io2", 100, Setting::Iops, vec![Setting::Storage, Setting::Iops]),
        ("gp3", 400, Setting::Public, vec![Setting::Public]),
    ] {
        let wanted = settings(&[(setting, 1_000.into())]);
        let together = with_companions(&instance(state(kind, size)), &wanted);
        assert_eq!(together.into_keys().collect::<Vec<_>>(), expected, "{kind} {size}");
    }
}

#[test]
fn monitoring_is_said_with_its_role_unless_it_is_off() {
    let state = State {
        settings: settings(&[
            (Setting::MonitoringInterval, 60.into()),
            (Setting::MonitoringRole, "role".into()),
        ]),
        ..available()
    };
    let together = |seconds: u32| {
        let wanted = settings(&[(Setting::MonitoringInterval, seconds.into())]);
        with_companions(&instance(state.clone()), &wanted)
    };
    assert_eq!(together(30).get(&Setting::MonitoringRole), Some(&"role".into()));
    assert_eq!(together(0).get(&Setting::MonitoringRole), None);
}

#[tokio::test]
async fn each_other_change_is_one_call() {
    let mark = mock!(Client::add_tags_to_resource)
        .match_requests(|input| input.resource_name() == Some(ARN) && input.tags() == [tag(PASSWORD, "d4e5f6")])
        .then_output(|| AddTagsToResourceOutput::builder().build());
    let start = mock!(Client::start_db_instance).then_output(|| StartDbInstanceOutput::builder().build());
    let stop = mock!(Client::stop_db_instance).then_output(|| StopDbInstanceOutput::builder().build());
    let reboot = mock!(Client::reboot_db_instance).then_output(|| RebootDbInstanceOutput::builder().build());
    let (aws, calls) = aws(&[mark, start, stop, reboot]);
    let mark = Change::MarkPassword("d4e5f6".into());
    for change in [mark, Change::Start, Change::Stop, Change::Reboot] {
        let change = AnyChange::DbInstance(change);
        aws.update(&instance(available()), &change).await.unwrap();
    }
    let seen = [
        "AddTagsToResource ok",
        "StartDBInstance ok",
        "StopDBInstance ok",
        "RebootDBInstance ok",
    ];
    assert_eq!(calls.seen(), seen);
}

fn deletion(snapshot: Option<&'static str>) -> Rule {
    mock!(Client::delete_db_instance)
        .match_requests(move |input| {
            input.skip_final_snapshot() == Some(snapshot.is_none())
                && input.final_db_snapshot_identifier() == snapshot
                && input.delete_automated_backups().is_none()
        })
        .then_output(|| DeleteDbInstanceOutput::builder().build())
}

#[tokio::test]
async fn a_last_snapshot_is_made_of_what_has_data_of_its_own() {
    let (aws, _) = aws(&[deletion(Some("last")), deletion(None), deletion(None)]);
    let replica = State {
        replica_of: Some("primary".into()),
        ..available()
    };
    for (state, snapshot) in [
        (available(), Some("last")),
        (available(), None),
        (replica, Some("last")),
    ] {
        let deleted = aws.delete(&instance(state), snapshot).await.unwrap();
        assert_eq!(deleted, Deletion::Started);
    }
}

#[tokio::test]
async fn one_that_is_gone_is_no_error_and_one_that_is_going_is_waited_for() {
    let gone =
        mock!(Client::delete_db_instance).then_error(|| DeleteDBInstanceError::generic(refusal("DBInstanceNotFound")));
    let going = mock!(Client::delete_db_instance)
        .then_error(|| DeleteDBInstanceError::generic(refusal("InvalidDBInstanceState")));
    let (aws, _) = aws(&[gone, going]);
    let instance = instance(available());
    assert_eq!(aws.delete(&instance, None).await.unwrap(), Deletion::Gone);
    assert_eq!(aws.delete(&instance, None).await.unwrap_err().kind, ErrorKind::NotNow);
}
