//! A rule of a listener.

mod condition;

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    self, ActionTypeEnum, ForwardActionConfig, RulePriorityPair, TargetGroupTuple,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::listener_rule::{Change, Create, Forward, Modification, State};
use hastack_core::tag::CLUSTER;

use super::gone;
use super::load_balancer::{by_arn, tagged};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let mut seen = Vec::new();
    for listener in parents {
        let request = aws
            .elb
            .read
            .describe_rules()
            .listener_arn(&listener.id)
            .page_size(Kind::ListenerRule.row().page.into());
        let rules = aws.items(
            Action::DescribeRules,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.rules, page.next_marker),
        );
        match rules.await {
            Ok(rules) => seen.extend(objects(rules)?),
            // The listener is gone, and they went with it.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let mut objects = tagged(aws, seen).await?;
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    tagged(aws, by_arn(ids, |arns| describe(aws, arns)).await?).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateRule;
    let Create {
        listener_arn,
        priority,
        conditions,
        target_group_arn,
    } = create;
    let call = aws
        .elb
        .write
        .create_rule()
        .listener_arn(listener_arn)
        .priority((*priority).into())
        .set_conditions(Some(condition::build(conditions)))
        .actions(forward(&[Forward::all(target_group_arn)]))
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.rules.unwrap_or_default().into_iter().next();
    Ok(Object {
        id: made
            .and_then(|rule| rule.rule_arn)
            .ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::ListenerRule(State::new(create)),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let arn = &object.id;
    match change {
        Change::Modify(Modification { conditions, forwards }) => {
            let call = aws
                .elb
                .write
                .modify_rule()
                .rule_arn(arn)
                .set_conditions(conditions.as_ref().map(condition::build))
                .set_actions(forwards.as_ref().map(|forwards| vec![forward(forwards)]));
            let does_more = match &object.state {
                AnyState::ListenerRule(rule) => rule.other.is_some(),
                _ => false,
            };
            let call = call.set_reset_transforms((forwards.is_some() && does_more).then_some(true));
            aws.send_write(Action::ModifyRule, call.send()).await?;
        }
        Change::SetPriority(priority) => {
            let pair = RulePriorityPair::builder().rule_arn(arn).priority((*priority).into());
            let call = aws.elb.write.set_rule_priorities().rule_priorities(pair.build());
            aws.send_write(Action::SetRulePriorities, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.elb.write.delete_rule().rule_arn(id);
    gone(aws.send_write(Action::DeleteRule, call.send()).await, Deletion::Gone)
}

async fn describe(aws: &Aws, arns: Vec<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws.elb.read.describe_rules().set_rule_arns(Some(arns));
    let rules = aws.items(
        Action::DescribeRules,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.rules, page.next_marker),
    );
    objects(rules.await?)
}

/// All but the default rules, which are a part of their listeners.
fn objects(rules: Vec<types::Rule>) -> Result<Vec<Object>, CloudError> {
    let rules = rules.into_iter().filter(|rule| rule.is_default != Some(true));
    rules
        .map(|rule| object(rule).ok_or_else(|| error::unreadable(Action::DescribeRules)))
        .collect()
}

fn object(shown: types::Rule) -> Option<Object> {
    let id = shown.rule_arn?;
    let mut forwards = Vec::new();
    let mut others = Vec::new();
    for action in shown.actions.unwrap_or_default() {
        take_up(action, &mut forwards, &mut others);
    }
    let transforms = shown.transforms.unwrap_or_default().into_iter();
    others.extend(transforms.filter_map(|transform| Some(transform.r#type?.as_str().to_owned())));
    Some(Object {
        tags: BTreeMap::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::ListenerRule(State {
            listener_arn: listener_of(&id)?,
            priority: shown.priority?.parse().ok()?,
            conditions: condition::read(shown.conditions.unwrap_or_default()),
            forwards,
            other: (!others.is_empty()).then(|| others.join(", ")),
        }),
        id,
    })
}

/// The ARN of a rule's listener: AWS shows it in the rule's own.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
fn listener_of(rule_arn: &str) -> Option<String> {
    let (listener, _) = rule_arn.rsplit_once('/')?;
    Some(listener.replacen(":listener-rule/", ":listener/", 1))
}

/// What an action does: sends requests to target groups, or anything else.
fn take_up(action: types::Action, forwards: &mut Vec<Forward>, others: &mut Vec<String>) {
    let kind = action.r#type.unwrap_or(ActionTypeEnum::Forward);
    if kind != ActionTypeEnum::Forward {
        others.push(kind.as_str().to_owned());
        return;
    }
    let config = action.forward_config;
    let groups = config
        .as_ref()
        .map(ForwardActionConfig::target_groups)
        .unwrap_or_default();
    let shares = groups.iter().filter_map(|group| {
        Some(Forward {
            target_group_arn: group.target_group_arn.clone()?,
            weight: group.weight.map_or(Some(1), |weight| weight.try_into().ok())?,
        })
    });
    let before = forwards.len();
    forwards.extend(shares);
    if forwards.len() == before {
        forwards.extend(action.target_group_arn.map(|arn| Forward::all(&arn)));
    }
    let stickiness = config.and_then(|config| config.target_group_stickiness_config);
    if stickiness.is_some_and(|stickiness| stickiness.enabled == Some(true)) {
        others.push("stickiness".to_owned());
    }
}

/// The action that sends requests to these target groups.
fn forward(forwards: &[Forward]) -> types::Action {
    let action = types::Action::builder().r#type(ActionTypeEnum::Forward);
    match forwards {
        [only] if only.weight > 0 => action.target_group_arn(&only.target_group_arn).build(),
        several => {
            let group = |forward: &Forward| {
                let group = TargetGroupTuple::builder().target_group_arn(&forward.target_group_arn);
                group.weight(forward.weight.into()).build()
            };
            let groups = several.iter().map(group).collect();
            let config = ForwardActionConfig::builder().set_target_groups(Some(groups));
            action.forward_config(config.build()).build()
        }
    }
}

#[cfg(test)]
mod tests;
