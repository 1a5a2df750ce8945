//! A listener of a load balancer.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    self, ActionTypeEnum, Certificate, FixedResponseActionConfig, ProtocolEnum, RedirectActionConfig,
    RedirectActionStatusCodeEnum,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::listener::{
    Action as DefaultAction, Change, Create, HTTPS_PORT, Modification, NO_ROUTE, Protocol, State,
};
use hastack_core::tag::CLUSTER;

use super::gone;
use super::load_balancer::{by_arn, tagged};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

pub async fn sweep(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    let mut seen = Vec::new();
    for balancer in parents {
        let request = aws
            .elb
            .read
            .describe_listeners()
            .load_balancer_arn(&balancer.id)
            .page_size(Kind::Listener.row().page.into());
        let listeners = aws.pages(
            Action::DescribeListeners,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.listeners, page.next_marker),
            object,
        );
        match listeners.await {
            Ok(listeners) => seen.extend(listeners),
            // The load balancer is gone, and they went with it.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let mut objects = tagged(aws, seen).await?;
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let seen = by_arn(ids, |arns| describe(aws, arns)).await?;
    let mut objects = Vec::with_capacity(seen.len());
    for mut object in tagged(aws, seen).await? {
        let id = object.id.clone();
        if let AnyState::Listener(state) = &mut object.state
            && state.additional.is_none()
        {
            match additional(aws, &id).await {
                Ok(arns) => state.additional = Some(arns),
                // It was deleted in between.
                Err(error) if error.kind == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            }
        }
        objects.push(object);
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateListener;
    let Create {
        load_balancer_arn,
        port,
        protocol: speaks,
        certificate_arn,
        policy,
        default_action,
    } = create;
    let call = aws
        .elb
        .write
        .create_listener()
        .load_balancer_arn(load_balancer_arn)
        .port((*port).into())
        .protocol(protocol(*speaks))
        .set_certificates(certificate_arn.as_deref().map(certificates))
        .set_ssl_policy(policy.clone())
        .set_default_actions(actions(default_action))
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.listeners.unwrap_or_default().into_iter().next();
    Ok(Object {
        id: made
            .and_then(|listener| listener.listener_arn)
            .ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::Listener(State::new(create)),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let arn = &object.id;
    match change {
        Change::Modify(modification) => {
            let Modification {
                port,
                protocol: speaks,
                certificate_arn,
                policy,
                default_action,
            } = modification;
            let call = aws
                .elb
                .write
                .modify_listener()
                .listener_arn(arn)
                .set_port(port.map(Into::into))
                .set_protocol(speaks.map(protocol))
                .set_certificates(certificate_arn.as_deref().map(certificates))
                .set_ssl_policy(policy.clone())
                .set_default_actions(default_action.as_ref().and_then(actions));
            aws.send_write(Action::ModifyListener, call.send()).await?;
        }
        Change::AddCertificate(certificate) => {
            let call = aws.elb.write.add_listener_certificates().listener_arn(arn);
            let call = call.set_certificates(Some(certificates(certificate)));
            aws.send_write(Action::AddListenerCertificates, call.send()).await?;
        }
        Change::RemoveCertificate(certificate) => {
            let call = aws.elb.write.remove_listener_certificates().listener_arn(arn);
            let call = call.set_certificates(Some(certificates(certificate)));
            aws.send_write(Action::RemoveListenerCertificates, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.elb.write.delete_listener().listener_arn(id);
    gone(
        aws.send_write(Action::DeleteListener, call.send()).await,
        Deletion::Gone,
    )
}

async fn describe(aws: &Aws, arns: Vec<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws.elb.read.describe_listeners().set_listener_arns(Some(arns));
    aws.pages(
        Action::DescribeListeners,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.listeners, page.next_marker),
        object,
    )
    .await
}

/// The certificates beside the default one, which is listed too.
async fn additional(aws: &Aws, arn: &str) -> Result<Vec<String>, CloudError> {
    let request = aws.elb.read.describe_listener_certificates().listener_arn(arn);
    let shown = aws
        .items(
            Action::DescribeListenerCertificates,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.certificates, page.next_marker),
        )
        .await?;
    let others = shown
        .into_iter()
        .filter(|certificate| certificate.is_default != Some(true));
    let mut arns: Vec<_> = others.filter_map(|certificate| certificate.certificate_arn).collect();
    arns.sort();
    Ok(arns)
}

fn object(shown: types::Listener) -> Option<Object> {
    let protocol = match shown.protocol? {
        ProtocolEnum::Http => Protocol::Http,
        ProtocolEnum::Https => Protocol::Https,
        // Those of other types of load balancers.
        _ => return None,
    };
    let mut certificates = shown.certificates.unwrap_or_default().into_iter();
    Some(Object {
        id: shown.listener_arn?,
        tags: BTreeMap::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::Listener(State {
            load_balancer_arn: shown.load_balancer_arn?,
            port: shown.port?.try_into().ok()?,
            protocol,
            certificate_arn: certificates.find_map(|certificate| certificate.certificate_arn),
            policy: shown.ssl_policy,
            default_action: default_action(shown.default_actions.unwrap_or_default()),
            // Without HTTPS there are none.
            additional: (protocol == Protocol::Http).then(Vec::new),
        }),
    })
}

const fn protocol(protocol: Protocol) -> ProtocolEnum {
    match protocol {
        Protocol::Http => ProtocolEnum::Http,
        Protocol::Https => ProtocolEnum::Https,
    }
}

fn certificates(arn: &str) -> Vec<Certificate> {
    vec![Certificate::builder().certificate_arn(arn).build()]
}

/// What answers by default, of whatever somebody has put there.
fn default_action(shown: Vec<types::Action>) -> DefaultAction {
    let ours = [DefaultAction::NotFound, DefaultAction::Redirect];
    let word = |action: &types::Action| action.r#type.as_ref().map_or("", ActionTypeEnum::as_str).to_owned();
    let words: Vec<_> = shown.iter().map(word).collect();
    let shown: Vec<_> = shown.into_iter().map(plain).collect();
    let known = ours.into_iter().find(|action| actions(action).as_ref() == Some(&shown));
    known.unwrap_or_else(|| DefaultAction::Other(words.join(", ")))
}

/// The action without what AWS adds: its order, and the parts of the address that a redirect leaves as they are.
fn plain(mut action: types::Action) -> types::Action {
    action.order = None;
    if let Some(redirect) = &mut action.redirect_config {
        let parts = [
            (&mut redirect.host, "#{host}"),
            (&mut redirect.path, "/#{path}"),
            (&mut redirect.query, "#{query}"),
        ];
        for (part, same) in parts {
            part.take_if(|value| value == same);
        }
    }
    action
}

/// An action in AWS's words; none for one that is not ours.
fn actions(action: &DefaultAction) -> Option<Vec<types::Action>> {
    let action = match action {
        DefaultAction::NotFound => {
            let answer = FixedResponseActionConfig::builder()
                .status_code("404")
                .content_type("text/plain")
                .message_body(NO_ROUTE);
            types::Action::builder()
                .r#type(ActionTypeEnum::FixedResponse)
                .fixed_response_config(answer.build())
        }
        DefaultAction::Redirect => {
            let redirect = RedirectActionConfig::builder()
                .protocol("HTTPS")
                .port(HTTPS_PORT.to_string())
                .status_code(RedirectActionStatusCodeEnum::Http301);
            types::Action::builder()
                .r#type(ActionTypeEnum::Redirect)
                .redirect_config(redirect.build())
        }
        DefaultAction::Other(_) => return None,
    };
    Some(vec![action.build()])
}

#[cfg(test)]
mod tests;
