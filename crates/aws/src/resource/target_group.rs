//! A target group.

mod attribute;

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{self, Matcher, ProtocolEnum, TargetHealthStateEnum, TargetTypeEnum};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::target_group::{
    Change, Create, Details, Health, HealthCheck, Protocol, State, Target, Version,
};

use super::gone;
use super::load_balancer::{by_arn, tagged};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

/// The port of health checks that is the target's.
const TRAFFIC_PORT: &str = "traffic-port";

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    tagged(aws, describe(aws, None).await?).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let seen = by_arn(ids, |arns| describe(aws, Some(arns))).await?;
    let mut objects = Vec::with_capacity(seen.len());
    for mut object in tagged(aws, seen).await? {
        let id = object.id.clone();
        match (&mut object.state, details(aws, &id).await) {
            (AnyState::TargetGroup(state), Ok(details)) => state.details = Some(details),
            // It was deleted in between.
            (_, Err(error)) if error.kind == ErrorKind::NotFound => continue,
            (_, Err(error)) => return Err(error),
            (_, Ok(_)) => {}
        }
        objects.push(object);
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateTargetGroup;
    let Create {
        name,
        vpc_id,
        port,
        protocol: speaks,
        version,
        health_check,
    } = create;
    let HealthCheck {
        protocol: asks,
        port: asked,
        path,
        codes,
        interval_seconds,
        timeout_seconds,
        healthy_threshold,
        unhealthy_threshold,
    } = health_check;
    let call = aws
        .elb
        .write
        .create_target_group()
        .name(name)
        .target_type(TargetTypeEnum::Instance)
        .vpc_id(vpc_id)
        .port((*port).into())
        .protocol(protocol(*speaks))
        .protocol_version(version.to_string())
        .health_check_protocol(protocol(*asks))
        .health_check_port(health_check_port(*asked))
        .health_check_path(path)
        .matcher(matcher(*version, codes))
        .health_check_interval_seconds((*interval_seconds).into())
        .health_check_timeout_seconds((*timeout_seconds).into())
        .healthy_threshold_count((*healthy_threshold).into())
        .unhealthy_threshold_count((*unhealthy_threshold).into())
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.target_groups.unwrap_or_default().into_iter().next();
    Ok(Object {
        id: made
            .and_then(|group| group.target_group_arn)
            .ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::TargetGroup(State::new(create)),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let arn = &object.id;
    match change {
        Change::ModifyHealthCheck(check) => {
            let version = match &object.state {
                AnyState::TargetGroup(state) => state.version,
                _ => Version::Http1,
            };
            modify_health_check(aws, arn, version, check).await?;
        }
        Change::ModifyAttributes(attributes) => {
            let pairs = attributes.iter().flat_map(attribute::pairs).collect();
            let call = aws.elb.write.modify_target_group_attributes().target_group_arn(arn);
            let call = call.set_attributes(Some(pairs));
            aws.send_write(Action::ModifyTargetGroupAttributes, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.elb.write.delete_target_group().target_group_arn(id);
    gone(
        aws.send_write(Action::DeleteTargetGroup, call.send()).await,
        Deletion::Gone,
    )
}

async fn modify_health_check(aws: &Aws, arn: &str, version: Version, check: &HealthCheck) -> Result<(), CloudError> {
    let HealthCheck {
        protocol: asks,
        port,
        path,
        codes,
        interval_seconds,
        timeout_seconds,
        healthy_threshold,
        unhealthy_threshold,
    } = check;
    let call = aws
        .elb
        .write
        .modify_target_group()
        .target_group_arn(arn)
        .health_check_protocol(protocol(*asks))
        .health_check_port(health_check_port(*port))
        .health_check_path(path)
        .matcher(matcher(version, codes))
        .health_check_interval_seconds((*interval_seconds).into())
        .health_check_timeout_seconds((*timeout_seconds).into())
        .healthy_threshold_count((*healthy_threshold).into())
        .unhealthy_threshold_count((*unhealthy_threshold).into());
    aws.send_write(Action::ModifyTargetGroup, call.send()).await?;
    Ok(())
}

/// Those of these ARNs, or all, whose targets are instances that speak HTTP.
async fn describe(aws: &Aws, arns: Option<Vec<String>>) -> Result<Vec<Object>, CloudError> {
    let request = aws.elb.read.describe_target_groups();
    let request = match arns {
        Some(arns) => request.set_target_group_arns(Some(arns)),
        None => request.page_size(Kind::TargetGroup.row().page.into()),
    };
    let action = Action::DescribeTargetGroups;
    let shown = aws
        .items(
            action,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.target_groups, page.next_marker),
        )
        .await?;
    let of_instances = |group: &types::TargetGroup| group.target_type == Some(TargetTypeEnum::Instance);
    let speaks_http = |group: &types::TargetGroup| {
        let protocol = group.protocol.as_ref();
        matches!(protocol, Some(ProtocolEnum::Http | ProtocolEnum::Https))
    };
    let shown = shown
        .into_iter()
        .filter(|group| of_instances(group) && speaks_http(group));
    shown
        .map(|group| object(group).ok_or_else(|| error::unreadable(action)))
        .collect()
}

async fn details(aws: &Aws, arn: &str) -> Result<Details, CloudError> {
    let action = Action::DescribeTargetGroupAttributes;
    let request = aws.elb.read.describe_target_group_attributes().target_group_arn(arn);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let shown = answer.attributes.unwrap_or_default().into_iter();
    let shown = shown.filter_map(|attribute| Some((attribute.key?, attribute.value?)));
    let attributes = attribute::attributes(&shown.collect()).ok_or_else(|| error::unreadable(action))?;
    Ok(Details {
        attributes,
        targets: targets(aws, arn).await?,
    })
}

async fn targets(aws: &Aws, arn: &str) -> Result<Vec<Target>, CloudError> {
    let request = aws.elb.read.describe_target_health().target_group_arn(arn);
    let answer = aws
        .send_read(Action::DescribeTargetHealth, || request.clone().send())
        .await?;
    let shown = answer.target_health_descriptions.unwrap_or_default().into_iter();
    let mut targets: Vec<_> = shown.filter_map(target).collect();
    targets.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(targets)
}

fn target(shown: types::TargetHealthDescription) -> Option<Target> {
    let health = shown.target_health?;
    Some(Target {
        id: shown.target?.id?,
        health: match health.state? {
            TargetHealthStateEnum::Initial => Health::Initial,
            TargetHealthStateEnum::Healthy => Health::Healthy,
            TargetHealthStateEnum::Unhealthy => Health::Unhealthy,
            TargetHealthStateEnum::Unused => Health::Unused,
            TargetHealthStateEnum::Draining | TargetHealthStateEnum::UnhealthyDraining => Health::Draining,
            // A word that is not known may not be built upon.
            _ => Health::Unavailable,
        },
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
    })
}

fn object(shown: types::TargetGroup) -> Option<Object> {
    let protocol = speaks(shown.protocol.as_ref())?;
    let matcher = shown.matcher.unwrap_or_else(|| Matcher::builder().build());
    let health_check = HealthCheck {
        protocol: speaks(shown.health_check_protocol.as_ref())?,
        port: match shown.health_check_port.as_deref() {
            None | Some(TRAFFIC_PORT) => None,
            Some(port) => Some(port.parse().ok()?),
        },
        path: shown.health_check_path.unwrap_or_default(),
        codes: matcher.http_code.or(matcher.grpc_code).unwrap_or_default(),
        interval_seconds: shown.health_check_interval_seconds?.try_into().ok()?,
        timeout_seconds: shown.health_check_timeout_seconds?.try_into().ok()?,
        healthy_threshold: shown.healthy_threshold_count?.try_into().ok()?,
        unhealthy_threshold: shown.unhealthy_threshold_count?.try_into().ok()?,
    };
    let mut load_balancer_arns = shown.load_balancer_arns.unwrap_or_default();
    load_balancer_arns.sort();
    Some(Object {
        id: shown.target_group_arn?,
        tags: BTreeMap::new(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::TargetGroup(State {
            name: shown.target_group_name?,
            vpc_id: shown.vpc_id?,
            port: shown.port?.try_into().ok()?,
            protocol,
            version: match shown.protocol_version.as_deref() {
                Some("GRPC") => Version::Grpc,
                Some("HTTP2") => Version::Http2,
                Some(_) | None => Version::Http1,
            },
            health_check,
            load_balancer_arns,
            details: None,
        }),
    })
}

fn speaks(protocol: Option<&ProtocolEnum>) -> Option<Protocol> {
    match protocol? {
        ProtocolEnum::Http => Some(Protocol::Http),
        ProtocolEnum::Https => Some(Protocol::Https),
        _ => None,
    }
}

const fn protocol(protocol: Protocol) -> ProtocolEnum {
    match protocol {
        Protocol::Http => ProtocolEnum::Http,
        Protocol::Https => ProtocolEnum::Https,
    }
}

fn health_check_port(port: Option<u16>) -> String {
    port.map_or_else(|| TRAFFIC_PORT.to_owned(), |port| port.to_string())
}

/// The answers that are well, where AWS looks for them.
fn matcher(version: Version, codes: &str) -> Matcher {
    let matcher = Matcher::builder();
    match version {
        Version::Http1 | Version::Http2 => matcher.http_code(codes).build(),
        Version::Grpc => matcher.grpc_code(codes).build(),
    }
}

#[cfg(test)]
mod tests;
