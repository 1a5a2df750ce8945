use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::create_rule::{CreateRuleError, CreateRuleOutput};
use aws_sdk_elasticloadbalancingv2::operation::delete_rule::DeleteRuleError;
use aws_sdk_elasticloadbalancingv2::operation::describe_rules::{DescribeRulesError, DescribeRulesOutput};
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::DescribeTagsOutput;
use aws_sdk_elasticloadbalancingv2::operation::modify_rule::ModifyRuleOutput;
use aws_sdk_elasticloadbalancingv2::operation::set_rule_priorities::SetRulePrioritiesOutput;
use aws_sdk_elasticloadbalancingv2::types::{
    FixedResponseActionConfig, Tag, TagDescription, TargetGroupStickinessConfig,
};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::listener::{self, Action as Answer, Protocol};
use hastack_core::resource::listener_rule::Conditions;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

const LISTENER: &str = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/web/1/2";
const RULE: &str = "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/web/1/2/3";

fn paths() -> Conditions {
    Conditions {
        paths: vec!["/*".into()],
        ..Conditions::default()
    }
}

fn wanted() -> Create {
    Create {
        listener_arn: LISTENER.into(),
        priority: 10,
        conditions: paths(),
        target_group_arn: "arn-new".into(),
    }
}

fn shown(actions: Vec<types::Action>) -> types::Rule {
    types::Rule::builder()
        .rule_arn(RULE)
        .priority("10")
        .is_default(false)
        .set_conditions(Some(condition::build(&paths())))
        .set_actions(Some(actions))
        .build()
}

fn share(arn: &str, weight: u16) -> Forward {
    Forward {
        target_group_arn: arn.into(),
        weight,
    }
}

fn state(forwards: &[Forward], other: Option<&str>) -> State {
    State {
        forwards: forwards.into(),
        other: other.map(str::to_owned),
        ..State::new(&wanted())
    }
}

fn rules() -> Rule {
    mock!(Client::describe_rules).then_output(|| {
        let default = types::Rule::builder()
            .rule_arn("arn-default")
            .priority("default")
            .is_default(true)
            .build();
        let ours = shown(vec![forward(&[Forward::all("arn-new")])]);
        DescribeRulesOutput::builder().rules(ours).rules(default).build()
    })
}

fn tagged_ours() -> Rule {
    mock!(Client::describe_tags)
        .match_requests(|input| input.resource_arns() == [RULE])
        .then_output(|| {
            let tag = Tag::builder().key(CLUSTER).value("c1").build();
            let described = TagDescription::builder().resource_arn(RULE).tags(tag).build();
            DescribeTagsOutput::builder().tag_descriptions(described).build()
        })
}

fn listener(arn: &str) -> Object {
    let state = listener::State::new(&listener::Create {
        load_balancer_arn: "arn-lb".into(),
        port: 80,
        protocol: Protocol::Http,
        certificate_arn: None,
        policy: None,
        default_action: Answer::NotFound,
    });
    object(arn, AnyState::Listener(state))
}

#[tokio::test]
async fn a_sweep_asks_each_listener_and_passes_over_default_rules_and_one_that_is_gone() {
    let gone = mock!(Client::describe_rules)
        .match_requests(|input| input.listener_arn() == Some("arn-0"))
        .then_error(|| DescribeRulesError::generic(refusal("ListenerNotFound")));
    let (aws, _) = aws(&[gone, rules(), tagged_ours()]);
    let seen = aws
        .sweep(Kind::ListenerRule, &[listener("arn-0"), listener(LISTENER)])
        .await
        .unwrap();
    let ours = state(&[Forward::all("arn-new")], None);
    assert_eq!(seen, [object(RULE, AnyState::ListenerRule(ours))]);
}

#[tokio::test]
async fn a_read_shows_the_listener_too() {
    let (aws, _) = aws(&[rules(), tagged_ours()]);
    let seen = aws.read(Kind::ListenerRule, &[RULE.into()]).await.unwrap();
    let ours = state(&[Forward::all("arn-new")], None);
    assert_eq!(seen, [object(RULE, AnyState::ListenerRule(ours))]);
}

#[tokio::test]
async fn it_is_created_with_its_conditions_and_its_tags() {
    let create = mock!(Client::create_rule)
        .match_requests(|input| {
            input.listener_arn() == Some(LISTENER)
                && input.priority() == Some(10)
                && input.conditions() == condition::build(&paths())
                && input.actions()[0].target_group_arn() == Some("arn-new")
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| CreateRuleOutput::builder().rules(shown(Vec::new())).build());
    let (aws, _) = aws(&[create]);
    let made = aws
        .create(&request(Kind::ListenerRule, AnyCreate::ListenerRule(wanted())))
        .await
        .unwrap();
    assert_eq!(made.id, RULE);
    assert_eq!(made.tags, tags());
}

#[tokio::test]
async fn a_priority_that_is_taken_is_one_that_exists() {
    let taken = mock!(Client::create_rule).then_error(|| CreateRuleError::generic(refusal("PriorityInUse")));
    let (aws, _) = aws(&[taken]);
    let refused = aws
        .create(&request(Kind::ListenerRule, AnyCreate::ListenerRule(wanted())))
        .await;
    assert_eq!(refused.unwrap_err().kind, ErrorKind::AlreadyExists);
}

async fn update(rule: Rule, other: Option<&str>, change: Change) {
    let (aws, _) = aws(&[rule]);
    let is = object(RULE, AnyState::ListenerRule(state(&[], other)));
    aws.update(&is, &AnyChange::ListenerRule(change)).await.unwrap();
}

#[tokio::test]
async fn only_what_differs_is_modified() {
    let modify = mock!(Client::modify_rule)
        .match_requests(|input| {
            input.rule_arn() == Some(RULE)
                && input.conditions() == condition::build(&paths())
                && input.actions().is_empty()
                && input.reset_transforms().is_none()
        })
        .then_output(|| ModifyRuleOutput::builder().build());
    let modification = Modification {
        conditions: Some(paths()),
        forwards: None,
    };
    update(modify, None, Change::Modify(modification)).await;
}

#[tokio::test]
async fn a_target_group_is_named_without_requests_beside_the_one_that_serves() {
    let modify = mock!(Client::modify_rule)
        .match_requests(|input| {
            let config = input.actions()[0].forward_config().unwrap();
            let weights = config.target_groups().iter().map(TargetGroupTuple::weight);
            input.conditions().is_empty() && weights.eq([Some(1), Some(0)]) && input.reset_transforms() == Some(true)
        })
        .then_output(|| ModifyRuleOutput::builder().build());
    let modification = Modification {
        conditions: None,
        forwards: Some(vec![share("arn-old", 1), share("arn-new", 0)]),
    };
    update(modify, Some("url-rewrite"), Change::Modify(modification)).await;
}

#[tokio::test]
async fn a_priority_is_set_by_a_call_of_its_own() {
    let set = mock!(Client::set_rule_priorities)
        .match_requests(|input| {
            let pair = RulePriorityPair::builder().rule_arn(RULE).priority(20).build();
            input.rule_priorities() == [pair]
        })
        .then_output(|| SetRulePrioritiesOutput::builder().build());
    update(set, None, Change::SetPriority(20)).await;
}

#[test]
fn what_is_told_is_shown_again() {
    for forwards in [&[share("a", 1)][..], &[share("a", 1), share("b", 0)], &[share("a", 0)]] {
        let object = super::object(shown(vec![forward(forwards)])).unwrap();
        assert_eq!(object.state, AnyState::ListenerRule(state(forwards, None)));
    }
}

#[test]
fn what_is_not_ours_is_named_in_awss_word() {
    let fixed = types::Action::builder()
        .r#type(ActionTypeEnum::FixedResponse)
        .fixed_response_config(FixedResponseActionConfig::builder().status_code("503").build())
        .build();
    let object = super::object(shown(vec![fixed])).unwrap();
    assert_eq!(object.state, AnyState::ListenerRule(state(&[], Some("fixed-response"))));
    let mut sticky = forward(&[share("a", 1), share("b", 1)]);
    if let Some(config) = &mut sticky.forward_config {
        config.target_group_stickiness_config = Some(TargetGroupStickinessConfig::builder().enabled(true).build());
    }
    let object = super::object(shown(vec![sticky])).unwrap();
    let wanted = state(&[share("a", 1), share("b", 1)], Some("stickiness"));
    assert_eq!(object.state, AnyState::ListenerRule(wanted));
}

#[tokio::test]
async fn deleting_one_that_went_with_its_listener_is_no_error() {
    let gone = mock!(Client::delete_rule).then_error(|| DeleteRuleError::generic(refusal("RuleNotFound")));
    let (aws, _) = aws(&[gone]);
    let rule = object(RULE, AnyState::ListenerRule(state(&[], None)));
    assert_eq!(aws.delete(&rule, None).await.unwrap(), Deletion::Gone);
}
