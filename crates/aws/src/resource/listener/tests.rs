use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::add_listener_certificates::AddListenerCertificatesOutput;
use aws_sdk_elasticloadbalancingv2::operation::create_listener::CreateListenerOutput;
use aws_sdk_elasticloadbalancingv2::operation::delete_listener::DeleteListenerError;
use aws_sdk_elasticloadbalancingv2::operation::describe_listener_certificates::DescribeListenerCertificatesOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_listeners::{DescribeListenersError, DescribeListenersOutput};
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::DescribeTagsOutput;
use aws_sdk_elasticloadbalancingv2::operation::modify_listener::ModifyListenerOutput;
use aws_sdk_elasticloadbalancingv2::types::{Listener, Tag, TagDescription};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::load_balancer::{self, LoadBalancerScheme};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn shown(arn: &str, protocol: ProtocolEnum) -> types::Listener {
    let secure = protocol == ProtocolEnum::Https;
    let listener = Listener::builder()
        .listener_arn(arn)
        .load_balancer_arn("arn-1")
        .port(if secure { 443 } else { 80 })
        .protocol(protocol)
        .set_default_actions(actions(&DefaultAction::NotFound));
    if secure {
        listener
            .certificates(certificates("arn-own")[0].clone())
            .ssl_policy("modern")
            .build()
    } else {
        listener.build()
    }
}

fn state(additional: Option<Vec<String>>) -> State {
    State {
        load_balancer_arn: "arn-1".into(),
        port: 443,
        protocol: Protocol::Https,
        certificate_arn: Some("arn-own".into()),
        policy: Some("modern".into()),
        default_action: DefaultAction::NotFound,
        additional,
    }
}

fn listeners(protocols: &'static [(&'static str, ProtocolEnum)]) -> Rule {
    mock!(Client::describe_listeners).then_output(|| {
        let shown = protocols
            .iter()
            .map(|(arn, protocol)| self::shown(arn, protocol.clone()));
        DescribeListenersOutput::builder()
            .set_listeners(Some(shown.collect()))
            .build()
    })
}

fn tagged(arns: &'static [&'static str]) -> Rule {
    mock!(Client::describe_tags)
        .match_requests(move |input| input.resource_arns() == arns)
        .then_output(move || {
            let described = arns.iter().map(|arn| {
                let tag = Tag::builder().key(CLUSTER).value("c1").build();
                TagDescription::builder().resource_arn(*arn).tags(tag).build()
            });
            DescribeTagsOutput::builder()
                .set_tag_descriptions(Some(described.collect()))
                .build()
        })
}

fn balancer(arn: &str) -> Object {
    let state = load_balancer::State {
        name: "web".into(),
        scheme: LoadBalancerScheme::Internal,
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        dns_name: None,
        hosted_zone_id: None,
        failure: None,
        details: None,
    };
    object(arn, AnyState::LoadBalancer(state))
}

#[tokio::test]
async fn a_sweep_asks_each_load_balancer_and_passes_over_one_that_is_gone() {
    let gone = mock!(Client::describe_listeners)
        .match_requests(|input| input.load_balancer_arn() == Some("arn-0"))
        .then_error(|| DescribeListenersError::generic(refusal("LoadBalancerNotFound")));
    let both = listeners(&[("arn-http", ProtocolEnum::Http), ("arn-https", ProtocolEnum::Https)]);
    let (aws, _) = aws(&[gone, both, tagged(&["arn-http", "arn-https"])]);
    let seen = aws
        .sweep(Kind::Listener, &[balancer("arn-0"), balancer("arn-1")])
        .await
        .unwrap();
    assert_eq!(seen.len(), 2);
    assert!(!seen[0].state.lacks_details(), "plain HTTP has no certificates");
    assert_eq!(seen[1], object("arn-https", AnyState::Listener(state(None))));
}

#[tokio::test]
async fn a_read_shows_the_certificates_beside_the_default_one() {
    let certificates = mock!(Client::describe_listener_certificates)
        .match_requests(|input| input.listener_arn() == Some("arn-https"))
        .then_output(|| {
            let certificate =
                |arn: &str, default| Certificate::builder().certificate_arn(arn).is_default(default).build();
            DescribeListenerCertificatesOutput::builder()
                .certificates(certificate("arn-own", true))
                .certificates(certificate("arn-b", false))
                .certificates(certificate("arn-a", false))
                .build()
        });
    let https = listeners(&[("arn-https", ProtocolEnum::Https)]);
    let (aws, _) = aws(&[https, tagged(&["arn-https"]), certificates]);
    let seen = aws.read(Kind::Listener, &["arn-https".into()]).await.unwrap();
    let further = vec!["arn-a".to_owned(), "arn-b".to_owned()];
    assert_eq!(seen[0].state, AnyState::Listener(state(Some(further))));
}

#[tokio::test]
async fn it_is_created_with_its_tags_and_its_certificate() {
    let create = mock!(Client::create_listener)
        .match_requests(|input| {
            input.load_balancer_arn() == Some("arn-1")
                && input.port() == Some(443)
                && input.protocol() == Some(&ProtocolEnum::Https)
                && input.certificates() == certificates("arn-own")
                && input.ssl_policy() == Some("modern")
                && Some(input.default_actions()) == actions(&DefaultAction::NotFound).as_deref()
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| {
            CreateListenerOutput::builder()
                .listeners(shown("arn-https", ProtocolEnum::Https))
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = AnyCreate::Listener(Create {
        load_balancer_arn: "arn-1".into(),
        port: 443,
        protocol: Protocol::Https,
        certificate_arn: Some("arn-own".into()),
        policy: Some("modern".into()),
        default_action: DefaultAction::NotFound,
    });
    let made = aws.create(&request(Kind::Listener, wanted)).await.unwrap();
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, AnyState::Listener(state(Some(Vec::new()))));
}

async fn update(rule: Rule, change: Change) {
    let (aws, _) = aws(&[rule]);
    let listener = object("arn-https", AnyState::Listener(state(None)));
    aws.update(&listener, &AnyChange::Listener(change)).await.unwrap();
}

#[tokio::test]
async fn only_what_differs_is_modified() {
    let modify = mock!(Client::modify_listener)
        .match_requests(|input| {
            input.listener_arn() == Some("arn-https")
                && input.certificates() == certificates("arn-new")
                && input.ssl_policy().is_none()
                && input.port().is_none()
                && input.protocol().is_none()
                && input.default_actions().is_empty()
        })
        .then_output(|| ModifyListenerOutput::builder().build());
    let modification = Modification {
        certificate_arn: Some("arn-new".into()),
        ..Modification::default()
    };
    update(modify, Change::Modify(modification)).await;
}

#[tokio::test]
async fn a_further_certificate_is_added() {
    let add = mock!(Client::add_listener_certificates)
        .match_requests(|input| {
            input.listener_arn() == Some("arn-https") && input.certificates() == certificates("arn-a")
        })
        .then_output(|| AddListenerCertificatesOutput::builder().build());
    update(add, Change::AddCertificate("arn-a".into())).await;
}

#[test]
fn our_actions_are_known_again_with_what_aws_adds() {
    for action in [DefaultAction::NotFound, DefaultAction::Redirect] {
        let mut shown = actions(&action).unwrap();
        shown[0].order = Some(1);
        if let Some(redirect) = &mut shown[0].redirect_config {
            redirect.host = Some("#{host}".into());
            redirect.path = Some("/#{path}".into());
            redirect.query = Some("#{query}".into());
        }
        assert_eq!(default_action(shown), action);
    }
}

#[test]
fn an_action_that_is_not_ours_is_named_in_awss_word() {
    let forward = types::Action::builder().r#type(ActionTypeEnum::Forward).build();
    assert_eq!(default_action(vec![forward]), DefaultAction::Other("forward".into()));
    let mut elsewhere = actions(&DefaultAction::Redirect).unwrap();
    if let Some(redirect) = &mut elsewhere[0].redirect_config {
        redirect.host = Some("example.org".into());
    }
    assert_eq!(default_action(elsewhere), DefaultAction::Other("redirect".into()));
}

#[tokio::test]
async fn deleting_one_that_went_with_its_load_balancer_is_no_error() {
    let gone = mock!(Client::delete_listener).then_error(|| DeleteListenerError::generic(refusal("ListenerNotFound")));
    let (aws, _) = aws(&[gone]);
    let listener = object("arn-https", AnyState::Listener(state(None)));
    assert_eq!(aws.delete(&listener, None).await.unwrap(), Deletion::Gone);
}
