use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::create_load_balancer::CreateLoadBalancerOutput;
use aws_sdk_elasticloadbalancingv2::operation::delete_load_balancer::DeleteLoadBalancerError;
use aws_sdk_elasticloadbalancingv2::operation::describe_load_balancer_attributes::DescribeLoadBalancerAttributesOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_load_balancers::{
    DescribeLoadBalancersError, DescribeLoadBalancersOutput,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::DescribeTagsOutput;
use aws_sdk_elasticloadbalancingv2::operation::modify_load_balancer_attributes::ModifyLoadBalancerAttributesOutput;
use aws_sdk_elasticloadbalancingv2::operation::set_subnets::SetSubnetsOutput;
use aws_sdk_elasticloadbalancingv2::types::{AvailabilityZone, LoadBalancer, LoadBalancerState, Tag, TagDescription};
use aws_sdk_wafv2::operation::associate_web_acl::AssociateWebAclOutput;
use aws_sdk_wafv2::operation::get_web_acl_for_resource::GetWebAclForResourceOutput;
use aws_sdk_wafv2::types::{DefaultAction, VisibilityConfig, WebAcl};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn shown(arn: &str, state: LoadBalancerStateEnum) -> types::LoadBalancer {
    let zone = |subnet: &str| AvailabilityZone::builder().subnet_id(subnet).build();
    LoadBalancer::builder()
        .load_balancer_arn(arn)
        .load_balancer_name("web")
        .r#type(LoadBalancerTypeEnum::Application)
        .scheme(LoadBalancerSchemeEnum::InternetFacing)
        .state(LoadBalancerState::builder().code(state).reason("no addresses").build())
        .availability_zones(zone("subnet-2"))
        .availability_zones(zone("subnet-1"))
        .security_groups("sg-1")
        .dns_name("web.elb.amazonaws.com")
        .canonical_hosted_zone_id("Z1")
        .build()
}

fn state(details: Option<Details>) -> AnyState {
    AnyState::LoadBalancer(State {
        name: "web".into(),
        scheme: LoadBalancerScheme::InternetFacing,
        subnet_ids: vec!["subnet-1".into(), "subnet-2".into()],
        security_group_ids: vec!["sg-1".into()],
        dns_name: Some("web.elb.amazonaws.com".into()),
        hosted_zone_id: Some("Z1".into()),
        failure: None,
        details,
    })
}

fn balancers(shown: &'static [(&'static str, LoadBalancerStateEnum)]) -> Rule {
    mock!(Client::describe_load_balancers).then_output(move || {
        let shown = shown.iter().map(|(arn, state)| self::shown(arn, state.clone()));
        DescribeLoadBalancersOutput::builder()
            .set_load_balancers(Some(shown.collect()))
            .build()
    })
}

/// Whose each of these is.
fn tagged(clusters: &'static [(&'static str, &'static str)]) -> Rule {
    mock!(Client::describe_tags)
        .match_requests(|input| {
            let arns = clusters.iter().map(|(arn, _)| (*arn).to_owned());
            input.resource_arns() == arns.collect::<Vec<_>>()
        })
        .then_output(|| {
            let described = clusters.iter().map(|(arn, cluster)| {
                let tag = Tag::builder().key(CLUSTER).value(*cluster).build();
                TagDescription::builder().resource_arn(*arn).tags(tag).build()
            });
            DescribeTagsOutput::builder()
                .set_tag_descriptions(Some(described.collect()))
                .build()
        })
}

fn attributes_shown(pairs: &'static [(&'static str, &'static str)]) -> Rule {
    mock!(Client::describe_load_balancer_attributes)
        .match_requests(|input| input.load_balancer_arn() == Some("arn-1"))
        .then_output(|| {
            let pair = |(key, value): &(&str, &str)| LoadBalancerAttribute::builder().key(*key).value(*value).build();
            DescribeLoadBalancerAttributesOutput::builder()
                .set_attributes(Some(pairs.iter().map(pair).collect()))
                .build()
        })
}

fn web_acl_shown() -> Rule {
    mock!(aws_sdk_wafv2::Client::get_web_acl_for_resource)
        .match_requests(|input| input.resource_arn() == Some("arn-1"))
        .then_output(|| {
            let visibility = VisibilityConfig::builder()
                .sampled_requests_enabled(true)
                .cloud_watch_metrics_enabled(true)
                .metric_name("shop");
            let web_acl = WebAcl::builder()
                .name("shop")
                .id("1")
                .arn("arn-acl")
                .default_action(DefaultAction::builder().build())
                .visibility_config(visibility.build().unwrap());
            GetWebAclForResourceOutput::builder()
                .web_acl(web_acl.build().unwrap())
                .build()
        })
}

#[tokio::test]
async fn a_sweep_keeps_what_is_ours_and_leaves_open_what_it_cannot_see() {
    let all = balancers(&[
        ("arn-1", LoadBalancerStateEnum::Active),
        ("arn-2", LoadBalancerStateEnum::Active),
    ]);
    let (aws, _) = aws(&[all, tagged(&[("arn-1", "c1"), ("arn-2", "other")])]);
    let seen = aws.sweep(Kind::LoadBalancer, &[]).await.unwrap();
    assert_eq!(seen, [object("arn-1", state(None))]);
}

#[tokio::test]
async fn a_read_shows_attributes_and_web_acl() {
    let attributes = attributes_shown(&[
        (IDLE_TIMEOUT, "90"),
        (HTTP2, "false"),
        (DROP_INVALID_HEADERS, "true"),
        (DESYNC_MITIGATION, "strictest"),
        (DELETION_PROTECTION, "true"),
        ("access_logs.s3.enabled", "true"),
        ("access_logs.s3.bucket", "logs"),
        ("access_logs.s3.prefix", ""),
        ("connection_logs.s3.enabled", "false"),
        ("connection_logs.s3.bucket", "old"),
    ]);
    let all = balancers(&[("arn-1", LoadBalancerStateEnum::Active)]);
    let (aws, _) = aws(&[all, tagged(&[("arn-1", "c1")]), attributes, web_acl_shown()]);
    let seen = aws.read(Kind::LoadBalancer, &["arn-1".into()]).await.unwrap();
    let attributes = Attributes {
        idle_timeout_seconds: 90,
        http2: false,
        drop_invalid_headers: true,
        desync_mitigation: DesyncMitigation::Strictest,
        deletion_protection: true,
        access_logs: Some(LoadBalancerLogs {
            bucket: "logs".into(),
            prefix: None,
        }),
        connection_logs: None,
    };
    let details = Details {
        attributes,
        web_acl_arn: Some("arn-acl".into()),
    };
    assert_eq!(seen, [object("arn-1", state(Some(details)))]);
}

#[tokio::test]
async fn one_that_is_gone_does_not_hide_the_others() {
    let missing = || {
        mock!(Client::describe_load_balancers)
            .then_error(|| DescribeLoadBalancersError::generic(refusal("LoadBalancerNotFound")))
    };
    let there = balancers(&[("arn-1", LoadBalancerStateEnum::Provisioning)]);
    let none = mock!(aws_sdk_wafv2::Client::get_web_acl_for_resource)
        .then_output(|| GetWebAclForResourceOutput::builder().build());
    let rules = [
        missing(),
        missing(),
        there,
        tagged(&[("arn-1", "c1")]),
        attributes_shown(&[]),
        none,
    ];
    let (aws, _) = aws(&rules);
    let ids = ["arn-0", "arn-1"].map(str::to_owned);
    let seen = aws.read(Kind::LoadBalancer, &ids).await.unwrap();
    assert_eq!(seen[0].phase, Phase::Pending);
    assert_eq!(seen[0].state, state(Some(Details::default())));
    assert_eq!(seen.len(), 1);
}

#[test]
fn one_that_aws_gave_up_on_says_why() {
    let failed = super::object(shown("arn-1", LoadBalancerStateEnum::Failed)).unwrap();
    assert_eq!(failed.phase, Phase::Failed);
    assert_eq!(failed.state.problem().as_deref(), Some("no addresses"));
}

#[tokio::test]
async fn it_is_created_with_its_tags_and_has_aws_defaults() {
    let create = mock!(Client::create_load_balancer)
        .match_requests(|input| {
            input.name() == Some("web")
                && input.r#type() == Some(&LoadBalancerTypeEnum::Application)
                && input.scheme() == Some(&LoadBalancerSchemeEnum::InternetFacing)
                && input.subnets() == ["subnet-1", "subnet-2"]
                && input.security_groups() == ["sg-1"]
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| {
            CreateLoadBalancerOutput::builder()
                .load_balancers(shown("arn-1", LoadBalancerStateEnum::Provisioning))
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = AnyCreate::LoadBalancer(Create {
        name: "web".into(),
        scheme: LoadBalancerScheme::InternetFacing,
        subnet_ids: vec!["subnet-1".into(), "subnet-2".into()],
        security_group_ids: vec!["sg-1".into()],
    });
    let made = aws.create(&request(Kind::LoadBalancer, wanted)).await.unwrap();
    assert_eq!((made.phase, made.tags), (Phase::Pending, tags()));
    assert_eq!(made.state, state(Some(Details::default())));
}

async fn update(rule: Rule, change: Change) {
    let (aws, _) = aws(&[rule]);
    let balancer = object("arn-1", state(None));
    aws.update(&balancer, &AnyChange::LoadBalancer(change)).await.unwrap();
}

#[tokio::test]
async fn all_attributes_go_into_one_call_in_aws_words() {
    let modify = mock!(Client::modify_load_balancer_attributes)
        .match_requests(|input| {
            let pairs = input.attributes().iter();
            let pairs = pairs.map(|pair| (pair.key().unwrap(), pair.value().unwrap()));
            let expected = [
                ("idle_timeout.timeout_seconds", "90"),
                ("routing.http2.enabled", "false"),
                ("routing.http.drop_invalid_header_fields.enabled", "true"),
                ("routing.http.desync_mitigation_mode", "monitor"),
                ("deletion_protection.enabled", "true"),
                ("access_logs.s3.enabled", "true"),
                ("access_logs.s3.bucket", "logs"),
                ("access_logs.s3.prefix", "web"),
                ("connection_logs.s3.enabled", "false"),
            ];
            input.load_balancer_arn() == Some("arn-1") && pairs.eq(expected)
        })
        .then_output(|| ModifyLoadBalancerAttributesOutput::builder().build());
    let logs = LoadBalancerLogs {
        bucket: "logs".into(),
        prefix: Some("web".into()),
    };
    let attributes = vec![
        Attribute::IdleTimeout(90),
        Attribute::Http2(false),
        Attribute::DropInvalidHeaders(true),
        Attribute::DesyncMitigation(DesyncMitigation::Monitor),
        Attribute::DeletionProtection(true),
        Attribute::AccessLogs(Some(logs)),
        Attribute::ConnectionLogs(None),
    ];
    update(modify, Change::ModifyAttributes(attributes)).await;
}

#[tokio::test]
async fn it_moves_to_other_subnets() {
    let set = mock!(Client::set_subnets)
        .match_requests(|input| input.load_balancer_arn() == Some("arn-1") && input.subnets() == ["subnet-3"])
        .then_output(|| SetSubnetsOutput::builder().build());
    update(set, Change::SetSubnets(vec!["subnet-3".into()])).await;
}

#[tokio::test]
async fn a_web_acl_is_put_before_it() {
    let associate = mock!(aws_sdk_wafv2::Client::associate_web_acl)
        .match_requests(|input| input.resource_arn() == Some("arn-1") && input.web_acl_arn() == Some("arn-acl"))
        .then_output(|| AssociateWebAclOutput::builder().build());
    update(associate, Change::AssociateWebAcl("arn-acl".into())).await;
}

#[tokio::test]
async fn deleting_a_protected_one_is_tried_again_and_one_that_is_gone_is_no_error() {
    for (code, expected) in [
        ("LoadBalancerNotFound", Ok(Deletion::Gone)),
        ("OperationNotPermitted", Err(ErrorKind::NotNow)),
    ] {
        let refused =
            mock!(Client::delete_load_balancer).then_error(move || DeleteLoadBalancerError::generic(refusal(code)));
        let (aws, _) = aws(&[refused]);
        let balancer = object("arn-1", state(None));
        assert_eq!(aws.delete(&balancer, None).await.map_err(|error| error.kind), expected);
    }
}
