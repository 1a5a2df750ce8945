use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::create_target_group::CreateTargetGroupOutput;
use aws_sdk_elasticloadbalancingv2::operation::delete_target_group::DeleteTargetGroupError;
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::DescribeTagsOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_target_group_attributes::{
    DescribeTargetGroupAttributesError, DescribeTargetGroupAttributesOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_target_groups::DescribeTargetGroupsOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::DescribeTargetHealthOutput;
use aws_sdk_elasticloadbalancingv2::operation::modify_target_group::ModifyTargetGroupOutput;
use aws_sdk_elasticloadbalancingv2::operation::modify_target_group_attributes::ModifyTargetGroupAttributesOutput;
use aws_sdk_elasticloadbalancingv2::types::{
    Tag, TagDescription, TargetDescription, TargetGroup, TargetGroupAttribute, TargetHealth, TargetHealthDescription,
    TargetHealthReasonEnum,
};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::target_group::{Attribute, Attributes};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::CLUSTER;

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn wanted(version: Version) -> Create {
    Create {
        name: "web".into(),
        vpc_id: "vpc-1".into(),
        port: 8080,
        protocol: Protocol::Http,
        version,
        health_check: HealthCheck {
            protocol: Protocol::Http,
            port: None,
            path: "/health".into(),
            codes: "200-399".into(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
        },
    }
}

/// As AWS shows what was made so.
fn shown(arn: &str) -> types::TargetGroup {
    TargetGroup::builder()
        .target_group_arn(arn)
        .target_group_name("web")
        .target_type(TargetTypeEnum::Instance)
        .vpc_id("vpc-1")
        .port(8080)
        .protocol(ProtocolEnum::Http)
        .protocol_version("HTTP1")
        .health_check_protocol(ProtocolEnum::Http)
        .health_check_port("traffic-port")
        .health_check_path("/health")
        .matcher(Matcher::builder().http_code("200-399").build())
        .health_check_interval_seconds(15)
        .health_check_timeout_seconds(5)
        .healthy_threshold_count(2)
        .unhealthy_threshold_count(3)
        .load_balancer_arns("arn-lb")
        .build()
}

fn state(details: Option<Details>) -> State {
    State {
        load_balancer_arns: vec!["arn-lb".into()],
        details,
        ..State::new(&wanted(Version::Http1))
    }
}

fn groups() -> Rule {
    mock!(Client::describe_target_groups).then_output(|| {
        let lambda = TargetGroup::builder()
            .target_group_arn("arn-lambda")
            .target_type(TargetTypeEnum::Lambda)
            .build();
        let mut tcp = shown("arn-tcp");
        tcp.protocol = Some(ProtocolEnum::Tcp);
        let groups = vec![shown("arn-1"), lambda, tcp];
        DescribeTargetGroupsOutput::builder()
            .set_target_groups(Some(groups))
            .build()
    })
}

fn tagged_ours() -> Rule {
    mock!(Client::describe_tags)
        .match_requests(|input| input.resource_arns() == ["arn-1"])
        .then_output(|| {
            let tag = Tag::builder().key(CLUSTER).value("c1").build();
            let described = TagDescription::builder().resource_arn("arn-1").tags(tag).build();
            DescribeTagsOutput::builder().tag_descriptions(described).build()
        })
}

#[tokio::test]
async fn a_sweep_shows_those_of_instances_that_speak_http_without_details() {
    let (aws, _) = aws(&[groups(), tagged_ours()]);
    let seen = aws.sweep(Kind::TargetGroup, &[]).await.unwrap();
    assert_eq!(seen, [object("arn-1", AnyState::TargetGroup(state(None)))]);
}

/// Somebody else's may have the name that is wanted.
#[tokio::test]
async fn a_sweep_shows_what_is_somebody_elses_too() {
    let groups = mock!(Client::describe_target_groups).then_output(|| {
        DescribeTargetGroupsOutput::builder()
            .target_groups(shown("arn-1"))
            .build()
    });
    let untagged = mock!(Client::describe_tags).then_output(|| {
        let described = TagDescription::builder().resource_arn("arn-1").build();
        DescribeTagsOutput::builder().tag_descriptions(described).build()
    });
    let (aws, _) = aws(&[groups, untagged]);
    let seen = aws.sweep(Kind::TargetGroup, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].tags.is_empty());
}

#[tokio::test]
async fn a_read_shows_attributes_and_the_health_of_each_target() {
    let attributes = mock!(Client::describe_target_group_attributes)
        .match_requests(|input| input.target_group_arn() == Some("arn-1"))
        .then_output(|| {
            let delay = TargetGroupAttribute::builder()
                .key("deregistration_delay.timeout_seconds")
                .value("60");
            DescribeTargetGroupAttributesOutput::builder()
                .attributes(delay.build())
                .build()
        });
    let health = mock!(Client::describe_target_health)
        .match_requests(|input| input.target_group_arn() == Some("arn-1"))
        .then_output(|| {
            let target = |id: &str, health: TargetHealth| {
                let target = TargetDescription::builder().id(id).build();
                TargetHealthDescription::builder()
                    .target(target)
                    .target_health(health)
                    .build()
            };
            let unhealthy = TargetHealth::builder()
                .state(TargetHealthStateEnum::Unhealthy)
                .reason(TargetHealthReasonEnum::ResponseCodeMismatch);
            let healthy = TargetHealth::builder().state(TargetHealthStateEnum::Healthy);
            DescribeTargetHealthOutput::builder()
                .target_health_descriptions(target("i-2", unhealthy.build()))
                .target_health_descriptions(target("i-1", healthy.build()))
                .build()
        });
    let (aws, _) = aws(&[groups(), tagged_ours(), attributes, health]);
    let seen = aws.read(Kind::TargetGroup, &["arn-1".into()]).await.unwrap();
    let target = |id: &str, health, reason: Option<&str>| Target {
        id: id.into(),
        health,
        reason: reason.map(str::to_owned),
    };
    let details = Details {
        attributes: Attributes {
            deregistration_delay_seconds: 60,
            ..Attributes::default()
        },
        targets: vec![
            target("i-1", Health::Healthy, None),
            target("i-2", Health::Unhealthy, Some("Target.ResponseCodeMismatch")),
        ],
    };
    assert_eq!(seen, [object("arn-1", AnyState::TargetGroup(state(Some(details))))]);
}

#[tokio::test]
async fn one_that_is_deleted_while_it_is_read_is_left_out() {
    let gone = mock!(Client::describe_target_group_attributes)
        .then_error(|| DescribeTargetGroupAttributesError::generic(refusal("TargetGroupNotFound")));
    let (aws, _) = aws(&[groups(), tagged_ours(), gone]);
    assert_eq!(aws.read(Kind::TargetGroup, &["arn-1".into()]).await.unwrap(), []);
}

#[tokio::test]
async fn it_is_created_with_its_health_check_and_its_tags() {
    let create = mock!(Client::create_target_group)
        .match_requests(|input| {
            input.name() == Some("web")
                && input.target_type() == Some(&TargetTypeEnum::Instance)
                && input.vpc_id() == Some("vpc-1")
                && input.port() == Some(8080)
                && input.protocol() == Some(&ProtocolEnum::Http)
                && input.protocol_version() == Some("GRPC")
                && input.health_check_port() == Some("traffic-port")
                && input.health_check_path() == Some("/health")
                && input.matcher().and_then(Matcher::grpc_code) == Some("200-399")
                && input.health_check_interval_seconds() == Some(15)
                && input.health_check_timeout_seconds() == Some(5)
                && input.healthy_threshold_count() == Some(2)
                && input.unhealthy_threshold_count() == Some(3)
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| CreateTargetGroupOutput::builder().target_groups(shown("arn-1")).build());
    let (aws, _) = aws(&[create]);
    let wanted = wanted(Version::Grpc);
    let made = aws
        .create(&request(Kind::TargetGroup, AnyCreate::TargetGroup(wanted.clone())))
        .await
        .unwrap();
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, AnyState::TargetGroup(State::new(&wanted)));
}

async fn update(rule: Rule, change: Change) {
    let (aws, _) = aws(&[rule]);
    let group = object("arn-1", AnyState::TargetGroup(state(None)));
    aws.update(&group, &AnyChange::TargetGroup(change)).await.unwrap();
}

#[tokio::test]
async fn a_health_check_is_changed_in_one_call() {
    let modify = mock!(Client::modify_target_group)
        .match_requests(|input| {
            input.target_group_arn() == Some("arn-1")
                && input.health_check_port() == Some("9090")
                && input.health_check_path() == Some("/health")
                && input.matcher().and_then(Matcher::http_code) == Some("200-399")
                && input.unhealthy_threshold_count() == Some(3)
        })
        .then_output(|| ModifyTargetGroupOutput::builder().build());
    let check = HealthCheck {
        port: Some(9090),
        ..wanted(Version::Http1).health_check
    };
    update(modify, Change::ModifyHealthCheck(check)).await;
}

#[tokio::test]
async fn only_attributes_that_differ_are_changed() {
    let modify = mock!(Client::modify_target_group_attributes)
        .match_requests(|input| {
            let pair = |key: &str, value: &str| TargetGroupAttribute::builder().key(key).value(value).build();
            input.target_group_arn() == Some("arn-1")
                && input.attributes()
                    == [
                        pair("slow_start.duration_seconds", "30"),
                        pair("stickiness.enabled", "false"),
                    ]
        })
        .then_output(|| ModifyTargetGroupAttributesOutput::builder().build());
    let attributes = vec![Attribute::SlowStart(30), Attribute::Stickiness(None)];
    update(modify, Change::ModifyAttributes(attributes)).await;
}

#[tokio::test]
async fn one_that_a_rule_still_names_is_in_use() {
    let used =
        mock!(Client::delete_target_group).then_error(|| DeleteTargetGroupError::generic(refusal("ResourceInUse")));
    let (aws, _) = aws(&[used]);
    let group = object("arn-1", AnyState::TargetGroup(state(None)));
    assert_eq!(aws.delete(&group, None).await.unwrap_err().kind, ErrorKind::InUse);
}
