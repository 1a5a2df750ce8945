//! An Application Load Balancer.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    self, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::load_balancer::{
    Attribute, Attributes, Change, Create, DesyncMitigation, Details, LoadBalancerLogs, LoadBalancerScheme, State,
};
use hastack_core::tag::CLUSTER;

use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::in_turns;
use crate::{error, tag};

/// The most ARNs AWS takes in one call.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>
const ARNS: usize = 20;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let mut objects = tagged(aws, describe(aws, None).await?).await?;
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    Ok(objects)
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let seen = by_arn(ids, |arns| describe(aws, Some(arns))).await?;
    let mut objects = Vec::with_capacity(seen.len());
    for object in tagged(aws, seen).await? {
        match details(aws, &object.id).await {
            Ok(details) => objects.push(with_details(object, details)),
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateLoadBalancer;
    let Create {
        name,
        scheme,
        subnet_ids,
        security_group_ids,
    } = create;
    let call = aws
        .elb
        .write
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Application)
        .scheme(match scheme {
            LoadBalancerScheme::InternetFacing => LoadBalancerSchemeEnum::InternetFacing,
            LoadBalancerScheme::Internal => LoadBalancerSchemeEnum::Internal,
        })
        .set_subnets(Some(subnet_ids.clone()))
        .set_security_groups(Some(security_group_ids.clone()))
        .set_tags(Some(tag::list(&request.tags)));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.load_balancers.unwrap_or_default().into_iter().next();
    let object = made.and_then(object).ok_or_else(|| error::unreadable(action))?;
    Ok(with_details(object, Details::default()))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let arn = &object.id;
    match change {
        Change::SetSubnets(ids) => {
            let call = aws.elb.write.set_subnets().load_balancer_arn(arn);
            let call = call.set_subnets(Some(ids.clone()));
            aws.send_write(Action::SetSubnets, call.send()).await?;
        }
        Change::SetSecurityGroups(ids) => {
            let call = aws.elb.write.set_security_groups().load_balancer_arn(arn);
            let call = call.set_security_groups(Some(ids.clone()));
            aws.send_write(Action::SetSecurityGroups, call.send()).await?;
        }
        Change::ModifyAttributes(attributes) => {
            let call = aws.elb.write.modify_load_balancer_attributes().load_balancer_arn(arn);
            let call = call.set_attributes(Some(attributes.iter().flat_map(pairs).collect()));
            aws.send_write(Action::ModifyLoadBalancerAttributes, call.send())
                .await?;
        }
        Change::AssociateWebAcl(web_acl) => {
            let call = aws.wafv2.write.associate_web_acl();
            let call = call.resource_arn(arn).web_acl_arn(web_acl);
            aws.send_write(Action::AssociateWebACL, call.send()).await?;
        }
        Change::DisassociateWebAcl => {
            let call = aws.wafv2.write.disassociate_web_acl().resource_arn(arn);
            aws.send_write(Action::DisassociateWebACL, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

/// Its listeners go with it.
pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.elb.write.delete_load_balancer().load_balancer_arn(id);
    gone(
        aws.send_write(Action::DeleteLoadBalancer, call.send()).await,
        Deletion::Gone,
    )
}

/// What is there of these ARNs. One that does not exist makes AWS's answer an error for all, so then each is asked for by itself.
pub(super) async fn by_arn<F>(arns: &[String], describe: impl Fn(Vec<String>) -> F) -> Result<Vec<Object>, CloudError>
where
    F: Future<Output = Result<Vec<Object>, CloudError>>,
{
    match in_turns(arns, ARNS, &describe).await {
        Err(error) if error.kind == ErrorKind::NotFound => {}
        result => return result,
    }
    let mut objects = Vec::new();
    for arn in arns {
        match describe(vec![arn.clone()]).await {
            Ok(found) => objects.extend(found),
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

/// The same with their tags, without those that have gone meanwhile.
pub(super) async fn tagged(aws: &Aws, objects: Vec<Object>) -> Result<Vec<Object>, CloudError> {
    let arns: Vec<_> = objects.iter().map(|object| object.id.clone()).collect();
    let mut tags = tag::elb::read(aws, &arns).await?;
    let objects = objects.into_iter();
    Ok(objects
        .filter_map(|object| {
            let tags = tags.remove(&object.id)?;
            Some(Object { tags, ..object })
        })
        .collect())
}

async fn describe(aws: &Aws, arns: Option<Vec<String>>) -> Result<Vec<Object>, CloudError> {
    let request = aws.elb.read.describe_load_balancers();
    let request = match arns {
        Some(arns) => request.set_load_balancer_arns(Some(arns)),
        None => request.page_size(Kind::LoadBalancer.row().page.into()),
    };
    let action = Action::DescribeLoadBalancers;
    let shown = aws
        .items(
            action,
            |marker| request.clone().set_marker(marker).send(),
            |page| (page.load_balancers, page.next_marker),
        )
        .await?;
    let shown = shown
        .into_iter()
        .filter(|balancer| balancer.r#type == Some(LoadBalancerTypeEnum::Application));
    shown
        .map(|balancer| object(balancer).ok_or_else(|| error::unreadable(action)))
        .collect()
}

async fn details(aws: &Aws, arn: &str) -> Result<Details, CloudError> {
    let action = Action::DescribeLoadBalancerAttributes;
    let request = aws.elb.read.describe_load_balancer_attributes().load_balancer_arn(arn);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let shown = answer.attributes.unwrap_or_default().into_iter();
    let shown = shown.filter_map(|attribute| Some((attribute.key?, attribute.value?)));
    Ok(Details {
        attributes: attributes(&shown.collect()).ok_or_else(|| error::unreadable(action))?,
        web_acl_arn: web_acl(aws, arn).await?,
    })
}

async fn web_acl(aws: &Aws, arn: &str) -> Result<Option<String>, CloudError> {
    let request = aws.wafv2.read.get_web_acl_for_resource().resource_arn(arn);
    let answer = aws
        .send_read(Action::GetWebACLForResource, || request.clone().send())
        .await?;
    Ok(answer.web_acl.map(|web_acl| web_acl.arn))
}

fn object(shown: types::LoadBalancer) -> Option<Object> {
    let state = shown.state?;
    let phase = match state.code? {
        LoadBalancerStateEnum::Active | LoadBalancerStateEnum::ActiveImpaired => Phase::Ready,
        LoadBalancerStateEnum::Failed => Phase::Failed,
        // A word that is not known may not be built upon.
        _ => Phase::Pending,
    };
    let zones = shown.availability_zones.unwrap_or_default().into_iter();
    let mut subnet_ids: Vec<_> = zones.filter_map(|zone| zone.subnet_id).collect();
    subnet_ids.sort();
    let mut security_group_ids = shown.security_groups.unwrap_or_default();
    security_group_ids.sort();
    let scheme = match shown.scheme? {
        LoadBalancerSchemeEnum::Internal => LoadBalancerScheme::Internal,
        _ => LoadBalancerScheme::InternetFacing,
    };
    Some(Object {
        id: shown.load_balancer_arn?,
        tags: BTreeMap::new(),
        phase,
        created: shown.created_time.and_then(timestamp),
        state: AnyState::LoadBalancer(State {
            name: shown.load_balancer_name.unwrap_or_default(),
            scheme,
            subnet_ids,
            security_group_ids,
            dns_name: shown.dns_name,
            hosted_zone_id: shown.canonical_hosted_zone_id,
            failure: state.reason.filter(|_| phase == Phase::Failed),
            details: None,
        }),
    })
}

fn with_details(mut object: Object, details: Details) -> Object {
    if let AnyState::LoadBalancer(state) = &mut object.state {
        state.details = Some(details);
    }
    object
}

const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const HTTP2: &str = "routing.http2.enabled";
const DROP_INVALID_HEADERS: &str = "routing.http.drop_invalid_header_fields.enabled";
const DESYNC_MITIGATION: &str = "routing.http.desync_mitigation_mode";
const DELETION_PROTECTION: &str = "deletion_protection.enabled";
const ACCESS_LOGS: &str = "access_logs.s3";
const CONNECTION_LOGS: &str = "connection_logs.s3";

const DESYNC_MODES: [(DesyncMitigation, &str); 3] = [
    (DesyncMitigation::Defensive, "defensive"),
    (DesyncMitigation::Strictest, "strictest"),
    (DesyncMitigation::Monitor, "monitor"),
];

/// The attributes AWS shows; one that it does not is as in every new load balancer.
fn attributes(shown: &BTreeMap<String, String>) -> Option<Attributes> {
    let defaults = Attributes::default();
    let get = |key: &str| shown.get(key).map(String::as_str);
    let switch = |key: &str, default| get(key).map_or(default, |value| value == "true");
    let logs = |what: &str| {
        let bucket = get(&format!("{what}.bucket"))?.to_owned();
        let prefix = get(&format!("{what}.prefix")).filter(|prefix| !prefix.is_empty());
        let prefix = prefix.map(str::to_owned);
        switch(&format!("{what}.enabled"), false).then_some(LoadBalancerLogs { bucket, prefix })
    };
    let mode = |word: &str| {
        DESYNC_MODES
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(mode, _)| *mode)
    };
    Some(Attributes {
        idle_timeout_seconds: get(IDLE_TIMEOUT)
            .map_or(Some(defaults.idle_timeout_seconds), |text| text.parse().ok())?,
        http2: switch(HTTP2, defaults.http2),
        drop_invalid_headers: switch(DROP_INVALID_HEADERS, defaults.drop_invalid_headers),
        desync_mitigation: get(DESYNC_MITIGATION).map_or(Some(defaults.desync_mitigation), mode)?,
        deletion_protection: switch(DELETION_PROTECTION, defaults.deletion_protection),
        access_logs: logs(ACCESS_LOGS),
        connection_logs: logs(CONNECTION_LOGS),
    })
}

/// An attribute in AWS's keys and values.
fn pairs(attribute: &Attribute) -> Vec<LoadBalancerAttribute> {
    let pair = |key: &str, value: String| LoadBalancerAttribute::builder().key(key).value(value).build();
    let logs = |what: &str, logs: Option<&LoadBalancerLogs>| {
        let pair = |name: &str, value: String| pair(&format!("{what}.{name}"), value);
        match logs {
            None => vec![pair("enabled", "false".into())],
            Some(LoadBalancerLogs { bucket, prefix }) => vec![
                pair("enabled", "true".into()),
                pair("bucket", bucket.clone()),
                pair("prefix", prefix.clone().unwrap_or_default()),
            ],
        }
    };
    match attribute {
        Attribute::IdleTimeout(seconds) => vec![pair(IDLE_TIMEOUT, seconds.to_string())],
        Attribute::Http2(on) => vec![pair(HTTP2, on.to_string())],
        Attribute::DropInvalidHeaders(on) => vec![pair(DROP_INVALID_HEADERS, on.to_string())],
        Attribute::DesyncMitigation(mode) => {
            let known = DESYNC_MODES.iter().filter(|(known, _)| known == mode);
            known
                .map(|(_, word)| pair(DESYNC_MITIGATION, (*word).to_owned()))
                .collect()
        }
        Attribute::DeletionProtection(on) => vec![pair(DELETION_PROTECTION, on.to_string())],
        Attribute::AccessLogs(to) => logs(ACCESS_LOGS, to.as_ref()),
        Attribute::ConnectionLogs(to) => logs(CONNECTION_LOGS, to.as_ref()),
    }
}

#[cfg(test)]
mod tests;
