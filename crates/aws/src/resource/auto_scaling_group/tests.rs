use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::attach_load_balancer_target_groups::AttachLoadBalancerTargetGroupsOutput;
use aws_sdk_autoscaling::operation::create_auto_scaling_group::{
    CreateAutoScalingGroupError, CreateAutoScalingGroupOutput,
};
use aws_sdk_autoscaling::operation::delete_auto_scaling_group::{
    DeleteAutoScalingGroupError, DeleteAutoScalingGroupOutput,
};
use aws_sdk_autoscaling::operation::delete_warm_pool::DeleteWarmPoolError;
use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput;
use aws_sdk_autoscaling::operation::describe_scaling_activities::DescribeScalingActivitiesOutput;
use aws_sdk_autoscaling::operation::detach_load_balancer_target_groups::DetachLoadBalancerTargetGroupsOutput;
use aws_sdk_autoscaling::operation::put_warm_pool::PutWarmPoolOutput;
use aws_sdk_autoscaling::operation::resume_processes::ResumeProcessesOutput;
use aws_sdk_autoscaling::operation::set_desired_capacity::SetDesiredCapacityOutput;
use aws_sdk_autoscaling::operation::suspend_processes::SuspendProcessesOutput;
use aws_sdk_autoscaling::operation::update_auto_scaling_group::{
    UpdateAutoScalingGroupInput, UpdateAutoScalingGroupOutput,
};
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, InstancesDistribution, LaunchTemplate, LaunchTemplateOverrides, LaunchTemplateSpecification,
    LifecycleHookSpecification, MixedInstancesPolicy, SuspendedProcess, TagDescription,
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::Cloud;
use hastack_core::resource::auto_scaling_group::{Hook, Launch, Mixed, TemplateVersion};
use hastack_core::resource::lifecycle_hook::{Content, LifecycleResult, LifecycleTransition, Notification};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, request, tags};

fn version(number: Option<i64>) -> TemplateVersion {
    TemplateVersion {
        id: "lt-1".into(),
        number,
    }
}

fn mixed() -> Mixed {
    Mixed {
        types: vec!["t3.micro".into(), "t3a.micro".into()],
        on_demand_base: 1,
        on_demand_percent: 40,
        on_demand_strategy: Some("prioritized".into()),
        spot_strategy: Some("price-capacity-optimized".into()),
    }
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn wanted(mixed: Option<Mixed>) -> Create {
    Create {
        name: "web".into(),
        launch: Launch {
            template: Some(version(Some(3))),
            mixed,
        },
        settings: Settings {
            min: 2,
            max: 4,
            subnet_ids: set(&["subnet-1", "subnet-2"]),
            load_balancer_health: true,
            grace_seconds: 120,
            termination_policies: vec!["OldestInstance".into()],
            rebalance: true,
            max_lifetime_seconds: 86400,
            warmup_seconds: Some(60),
        },
        desired: 3,
        target_group_arns: set(&["arn-1"]),
        hooks: vec![Hook {
            name: "hastack-warm".into(),
            content: Content {
                transition: LifecycleTransition::Launching,
                timeout_seconds: 300,
                default_result: LifecycleResult::Abandon,
                metadata: Some("text".into()),
                notification: Some(Notification {
                    target_arn: "arn:topic".into(),
                    role_arn: "arn:role".into(),
                }),
            },
        }],
    }
}

fn specification(version: &str) -> LaunchTemplateSpecification {
    let template = LaunchTemplateSpecification::builder().launch_template_id("lt-1");
    template.launch_template_name("web").version(version).build()
}

fn policy() -> MixedInstancesPolicy {
    let overrides = |word: &str| LaunchTemplateOverrides::builder().instance_type(word).build();
    let template = LaunchTemplate::builder()
        .launch_template_specification(specification("3"))
        .overrides(overrides("t3.micro"))
        .overrides(overrides("t3a.micro"));
    let distribution = InstancesDistribution::builder()
        .on_demand_base_capacity(1)
        .on_demand_percentage_above_base_capacity(40)
        .on_demand_allocation_strategy("prioritized")
        .spot_allocation_strategy("price-capacity-optimized");
    let policy = MixedInstancesPolicy::builder().launch_template(template.build());
    policy.instances_distribution(distribution.build()).build()
}

/// As AWS shows the one that is wanted.
fn shown() -> types::builders::AutoScalingGroupBuilder {
    AutoScalingGroup::builder()
        .auto_scaling_group_name("web")
        .min_size(2)
        .max_size(4)
        .desired_capacity(3)
        .vpc_zone_identifier("subnet-2,subnet-1")
        .target_group_arns("arn-1")
        .health_check_type("ELB")
        .health_check_grace_period(120)
        .termination_policies("OldestInstance")
        .capacity_rebalance(true)
        .max_instance_lifetime(86400)
        .default_instance_warmup(60)
        .tags(TagDescription::builder().key(CLUSTER).value("c1").build())
}

fn launched(id: &str, lifecycle: LifecycleState, health: &str) -> types::Instance {
    types::Instance::builder()
        .instance_id(id)
        .instance_type("t3.micro")
        .availability_zone("us-east-1a")
        .launch_template(specification("3"))
        .lifecycle_state(lifecycle)
        .health_status(health)
        .build()
}

fn seen(id: &str, lifecycle: Lifecycle, healthy: bool) -> Instance {
    Instance {
        id: id.into(),
        instance_type: "t3.micro".into(),
        zone: "us-east-1a".into(),
        template: Some(version(Some(3))),
        lifecycle,
        healthy,
    }
}

fn groups(all: Vec<AutoScalingGroup>) -> Rule {
    mock!(Client::describe_auto_scaling_groups).then_output(move || {
        DescribeAutoScalingGroupsOutput::builder()
            .set_auto_scaling_groups(Some(all.clone()))
            .build()
    })
}

fn state(object: &Object) -> &State {
    match &object.state {
        AnyState::AutoScalingGroup(state) => state,
        other => panic!("{other:?}"),
    }
}

fn invalid(message: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code("ValidationError")
        .message(message)
        .build()
}

async fn change(rule: Rule, change: Change) -> Result<Vec<String>, CloudError> {
    let (aws, calls) = aws(&[rule]);
    let group = object("web", AnyState::AutoScalingGroup(State::new(&wanted(None))));
    aws.update(&group, &AnyChange::AutoScalingGroup(change)).await?;
    Ok(calls.seen())
}

#[tokio::test]
async fn a_sweep_asks_for_ours_and_shows_what_was_created() {
    let rule = mock!(Client::describe_auto_scaling_groups)
        .match_requests(|input| {
            let filter = &input.filters()[0];
            filter.name() == Some("tag:hastack.dev/cluster") && filter.values() == ["c1"]
        })
        .then_output(|| {
            let plain = shown().launch_template(specification("3")).build();
            let several = shown().mixed_instances_policy(policy()).build();
            DescribeAutoScalingGroupsOutput::builder()
                .auto_scaling_groups(plain)
                .auto_scaling_groups(several)
                .build()
        });
    let (aws, _) = aws(&[rule]);
    let objects = aws.sweep(Kind::AutoScalingGroup, &[]).await.unwrap();
    assert_eq!(state(&objects[0]), &State::new(&wanted(None)));
    assert_eq!(state(&objects[1]), &State::new(&wanted(Some(mixed()))));
    assert_eq!((objects[0].id.as_str(), &objects[0].tags), ("web", &tags()));
}

#[tokio::test]
async fn a_sweep_shows_instances_suspensions_and_the_warm_pool() {
    let pool = WarmPoolConfiguration::builder()
        .min_size(1)
        .max_group_prepared_capacity(-1)
        .pool_state(WarmPoolState::Stopped)
        .instance_reuse_policy(InstanceReusePolicy::builder().reuse_on_scale_in(true).build());
    let leaving = pool.clone().status(WarmPoolStatus::PendingDelete);
    let group = shown()
        .launch_template(specification("$Latest"))
        .instances(launched("i-2", LifecycleState::PendingWait, "Healthy"))
        .instances(launched("i-1", LifecycleState::InService, "Unhealthy"))
        .instances(launched("i-3", LifecycleState::TerminatingWait, "Healthy"))
        .instances(launched("i-4", LifecycleState::Standby, "Healthy"))
        .suspended_processes(SuspendedProcess::builder().process_name("AZRebalance").build());
    let other = group
        .clone()
        .warm_pool_configuration(leaving.build())
        .status("Delete in progress");
    let (aws, _) = aws(&[groups(vec![
        group.warm_pool_configuration(pool.build()).build(),
        other.build(),
    ])]);
    let objects = aws.sweep(Kind::AutoScalingGroup, &[]).await.unwrap();
    let group = state(&objects[0]);
    assert_eq!(group.launch.template, Some(version(None)));
    assert_eq!(group.suspended, set(&["AZRebalance"]));
    let instances = [
        seen("i-1", Lifecycle::InService, false),
        seen("i-2", Lifecycle::Pending, true),
        seen("i-3", Lifecycle::Terminating, true),
        seen("i-4", Lifecycle::Aside, true),
    ];
    assert_eq!(group.instances, instances);
    let pool = WarmPool {
        min: 1,
        max_prepared: None,
        state: "Stopped".into(),
        reuse: true,
    };
    assert_eq!((&group.warm_pool, group.warm_pool_leaves), (&Some(pool), false));
    let leaving = state(&objects[1]);
    assert_eq!((&leaving.warm_pool, leaving.warm_pool_leaves), (&None, true));
    assert_eq!(objects[1].phase, Phase::Deleting);
}

#[tokio::test]
async fn a_read_says_why_instances_are_missing() {
    let activities = mock!(Client::describe_scaling_activities).then_output(|| {
        let activity = |status, message: &str| {
            let activity = types::Activity::builder().activity_id("a").cause("c");
            activity.status_code(status).status_message(message).build()
        };
        DescribeScalingActivitiesOutput::builder()
            .activities(activity(ScalingActivityStatusCode::InProgress, "again"))
            .activities(activity(ScalingActivityStatusCode::Failed, "no capacity"))
            .activities(activity(ScalingActivityStatusCode::Successful, "before"))
            .build()
    });
    let (aws, _) = aws(&[groups(vec![shown().build()]), activities]);
    let objects = aws.read(Kind::AutoScalingGroup, &["web".into()]).await.unwrap();
    assert_eq!(
        state(&objects[0]).last_activity,
        Some(Activity::Failed("no capacity".into()))
    );
}

#[tokio::test]
async fn a_read_of_a_group_with_all_its_instances_takes_one_call() {
    let group = shown()
        .instances(launched("i-1", LifecycleState::InService, "Healthy"))
        .instances(launched("i-2", LifecycleState::InService, "Healthy"));
    let (aws, calls) = aws(&[groups(vec![group.build()])]);
    let ids = ["web".to_owned(), "gone".to_owned()];
    assert_eq!(aws.read(Kind::AutoScalingGroup, &ids).await.unwrap().len(), 1);
    assert_eq!(calls.seen(), ["DescribeAutoScalingGroups ok"]);
}

#[tokio::test]
async fn it_is_created_with_everything_and_its_tags_stay_on_it() {
    let rule = mock!(Client::create_auto_scaling_group)
        .match_requests(|input| {
            let tag = &input.tags()[0];
            let template = input.launch_template().unwrap();
            assert_eq!(
                (template.launch_template_id(), template.version()),
                (Some("lt-1"), Some("3"))
            );
            assert_eq!((tag.key(), tag.value()), (Some(CLUSTER), Some("c1")));
            assert_eq!(
                (tag.resource_id(), tag.propagate_at_launch()),
                (Some("web"), Some(false))
            );
            let hook = LifecycleHookSpecification::builder()
                .lifecycle_hook_name("hastack-warm")
                .lifecycle_transition("autoscaling:EC2_INSTANCE_LAUNCHING")
                .heartbeat_timeout(300)
                .default_result("ABANDON")
                .notification_metadata("text")
                .notification_target_arn("arn:topic")
                .role_arn("arn:role");
            assert_eq!(input.lifecycle_hook_specification_list(), [hook.build()]);
            assert_eq!(input.mixed_instances_policy(), None);
            assert_eq!(input.vpc_zone_identifier(), Some("subnet-1,subnet-2"));
            assert_eq!(input.target_group_arns(), ["arn-1"]);
            assert_eq!(
                (input.min_size(), input.max_size(), input.desired_capacity()),
                (Some(2), Some(4), Some(3))
            );
            assert_eq!(
                (input.health_check_type(), input.health_check_grace_period()),
                (Some("ELB"), Some(120))
            );
            assert_eq!(
                (input.max_instance_lifetime(), input.default_instance_warmup()),
                (Some(86400), Some(60))
            );
            input.capacity_rebalance() == Some(true) && input.termination_policies() == ["OldestInstance"]
        })
        .then_output(|| CreateAutoScalingGroupOutput::builder().build());
    let (aws, _) = aws(&[rule]);
    let create = wanted(None);
    let request = request(Kind::AutoScalingGroup, AnyCreate::AutoScalingGroup(create.clone()));
    let made = aws.create(&request).await.unwrap();
    assert_eq!(made, object("web", AnyState::AutoScalingGroup(State::new(&create))));
}

#[tokio::test]
async fn several_types_are_a_policy_in_place_of_the_template() {
    let rule = mock!(Client::create_auto_scaling_group)
        .match_requests(|input| {
            let policy = input.mixed_instances_policy().unwrap();
            let shown = launch::shown(None, Some(policy.clone()));
            shown == wanted(Some(mixed())).launch
                && input.launch_template().is_none()
                && input.target_group_arns.is_none()
                && input.lifecycle_hook_specification_list.is_none()
                && input.max_instance_lifetime().is_none()
        })
        .then_output(|| CreateAutoScalingGroupOutput::builder().build());
    let (aws, _) = aws(&[rule]);
    let mut create = wanted(Some(mixed()));
    create.target_group_arns.clear();
    create.hooks.clear();
    create.settings.max_lifetime_seconds = 0;
    let request = request(Kind::AutoScalingGroup, AnyCreate::AutoScalingGroup(create));
    assert!(aws.create(&request).await.is_ok());
}

#[tokio::test]
async fn a_creation_waits_for_what_auto_scaling_does_not_see_yet() {
    let message =
        "You must use a valid fully-formed launch template. Value (p) for parameter iamInstanceProfile.name is invalid";
    for (code, message, kind) in [
        ("ValidationError", message, ErrorKind::NotNow),
        (
            "ValidationError",
            "Provided Target Groups may not be valid",
            ErrorKind::NotNow,
        ),
        (
            "ValidationError",
            "You must use a valid launch template",
            ErrorKind::Invalid,
        ),
        ("AlreadyExists", "there is one", ErrorKind::AlreadyExists),
        ("ServiceLinkedRoleFailure", "not ready", ErrorKind::NotNow),
    ] {
        let rule = mock!(Client::create_auto_scaling_group).then_error(move || {
            let error = ErrorMetadata::builder().code(code).message(message);
            CreateAutoScalingGroupError::generic(error.build())
        });
        let (aws, _) = aws(&[rule]);
        let request = request(Kind::AutoScalingGroup, AnyCreate::AutoScalingGroup(wanted(None)));
        assert_eq!(aws.create(&request).await.unwrap_err().kind, kind, "{message}");
    }
}

#[tokio::test]
async fn an_update_says_only_what_differs() {
    let rule = mock!(Client::update_auto_scaling_group)
        .match_requests(|input| {
            let expected = UpdateAutoScalingGroupInput::builder()
                .auto_scaling_group_name("web")
                .max_size(6)
                .health_check_type("EC2")
                .max_instance_lifetime(0)
                .build();
            *input == expected.unwrap()
        })
        .then_output(|| UpdateAutoScalingGroupOutput::builder().build());
    let update = Update {
        max: Some(6),
        load_balancer_health: Some(false),
        max_lifetime_seconds: Some(0),
        ..Update::default()
    };
    let seen = change(rule, Change::Update(Box::new(update))).await.unwrap();
    assert_eq!(seen, ["UpdateAutoScalingGroup ok"]);
}

#[tokio::test]
async fn an_update_moves_between_one_type_and_several() {
    for several in [None, Some(mixed())] {
        let expected = several.is_some();
        let rule = mock!(Client::update_auto_scaling_group)
            .match_requests(move |input| {
                (
                    input.launch_template().is_none(),
                    input.mixed_instances_policy().is_some(),
                ) == (expected, expected)
            })
            .then_output(|| UpdateAutoScalingGroupOutput::builder().build());
        let update = Update {
            launch: Some(wanted(several).launch),
            ..Update::default()
        };
        assert!(change(rule, Change::Update(Box::new(update))).await.is_ok());
    }
}

#[tokio::test]
async fn each_other_change_is_a_call_of_its_own() {
    let desired = mock!(Client::set_desired_capacity)
        .match_requests(|input| input.desired_capacity() == Some(3))
        .then_output(|| SetDesiredCapacityOutput::builder().build());
    assert!(change(desired, Change::Desired(3)).await.is_ok());
    let attach = mock!(Client::attach_load_balancer_target_groups)
        .match_requests(|input| input.target_group_arns() == ["arn-2", "arn-3"])
        .then_output(|| AttachLoadBalancerTargetGroupsOutput::builder().build());
    assert!(
        change(attach, Change::AttachTargetGroups(set(&["arn-3", "arn-2"])))
            .await
            .is_ok()
    );
    let detach = mock!(Client::detach_load_balancer_target_groups)
        .match_requests(|input| input.target_group_arns() == ["arn-1"])
        .then_output(|| DetachLoadBalancerTargetGroupsOutput::builder().build());
    assert!(
        change(detach, Change::DetachTargetGroups(set(&["arn-1"])))
            .await
            .is_ok()
    );
    let suspend = mock!(Client::suspend_processes)
        .match_requests(|input| input.scaling_processes() == ["Launch"])
        .then_output(|| SuspendProcessesOutput::builder().build());
    assert!(change(suspend, Change::Suspend(set(&["Launch"]))).await.is_ok());
    let resume = mock!(Client::resume_processes)
        .match_requests(|input| input.scaling_processes() == ["Launch"])
        .then_output(|| ResumeProcessesOutput::builder().build());
    assert!(change(resume, Change::Resume(set(&["Launch"]))).await.is_ok());
}

#[tokio::test]
async fn a_warm_pool_without_a_most_of_its_own_has_the_groups() {
    let rule = mock!(Client::put_warm_pool)
        .match_requests(|input| {
            let reuse = input.instance_reuse_policy().unwrap().reuse_on_scale_in();
            (input.min_size(), input.max_group_prepared_capacity(), reuse) == (Some(1), Some(-1), Some(false))
                && input.pool_state() == Some(&WarmPoolState::Hibernated)
        })
        .then_output(|| PutWarmPoolOutput::builder().build());
    let pool = WarmPool {
        min: 1,
        max_prepared: None,
        state: "Hibernated".into(),
        reuse: false,
    };
    assert!(change(rule, Change::PutWarmPool(pool)).await.is_ok());
}

#[tokio::test]
async fn a_warm_pool_that_is_not_there_is_deleted() {
    let rule = mock!(Client::delete_warm_pool)
        .match_requests(|input| input.force_delete() == Some(true))
        .then_error(|| DeleteWarmPoolError::generic(invalid("No warm pool found for group web")));
    assert!(change(rule, Change::DeleteWarmPool).await.is_ok());
}

#[tokio::test]
async fn it_is_deleted_with_its_instances() {
    let started = mock!(Client::delete_auto_scaling_group)
        .match_requests(|input| input.force_delete() == Some(true))
        .then_output(|| DeleteAutoScalingGroupOutput::builder().build());
    let gone = mock!(Client::delete_auto_scaling_group)
        .then_error(|| DeleteAutoScalingGroupError::generic(invalid("AutoScalingGroup name not found - web")));
    let (aws, _) = aws(&[started, gone]);
    let group = object("web", AnyState::AutoScalingGroup(State::new(&wanted(None))));
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
}
