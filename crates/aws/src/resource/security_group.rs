//! A security group with its rules.

use aws_sdk_ec2::types::{self, Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, UserIdGroupPair};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::security_group::{Change, Create, Peer, Rule, State};

use super::{absent, gone};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

/// AWS wants one, and never lets it be changed.
const DESCRIPTION: &str = "Made by hastack, which keeps its rules";

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("group-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateSecurityGroup;
    let Create { vpc_id, name } = create;
    let call = aws
        .ec2
        .write
        .create_security_group()
        .vpc_id(vpc_id)
        .group_name(name)
        .description(DESCRIPTION)
        .tag_specifications(tag::specification(ResourceType::SecurityGroup, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    Ok(Object {
        id: answer.group_id.ok_or_else(|| error::unreadable(action))?,
        tags: request.tags.clone(),
        phase: Phase::Ready,
        created: None,
        state: AnyState::SecurityGroup(State::new(vpc_id, name)),
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = &object.id;
    match change {
        Change::AuthorizeIngress(rules) => {
            let call = aws.ec2.write.authorize_security_group_ingress().group_id(id);
            let call = call.set_ip_permissions(Some(permissions(rules)));
            let result = aws.send_write(Action::AuthorizeSecurityGroupIngress, call.send()).await;
            result.map(|_| Reply::default())
        }
        Change::AuthorizeEgress(rules) => {
            let call = aws.ec2.write.authorize_security_group_egress().group_id(id);
            let call = call.set_ip_permissions(Some(permissions(rules)));
            let result = aws.send_write(Action::AuthorizeSecurityGroupEgress, call.send()).await;
            result.map(|_| Reply::default())
        }
        Change::RevokeIngress(rules) => revoke_ingress(aws, id, rules).await,
        Change::RevokeEgress(rules) => revoke_egress(aws, id, rules).await,
    }
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_security_group().group_id(id);
    gone(
        aws.send_write(Action::DeleteSecurityGroup, call.send()).await,
        Deletion::Gone,
    )
}

/// Takes away rules for what comes in.
pub(super) async fn revoke_ingress(aws: &Aws, id: &str, rules: &[Rule]) -> Result<Reply, CloudError> {
    let call = aws.ec2.write.revoke_security_group_ingress().group_id(id);
    let call = call.set_ip_permissions(Some(permissions(rules)));
    let result = aws.send_write(Action::RevokeSecurityGroupIngress, call.send()).await;
    revoked(result.map(|_| Reply::default()), rules)
}

/// Takes away rules for what goes out.
pub(super) async fn revoke_egress(aws: &Aws, id: &str, rules: &[Rule]) -> Result<Reply, CloudError> {
    let call = aws.ec2.write.revoke_security_group_egress().group_id(id);
    let call = call.set_ip_permissions(Some(permissions(rules)));
    let result = aws.send_write(Action::RevokeSecurityGroupEgress, call.send()).await;
    revoked(result.map(|_| Reply::default()), rules)
}

/// Where one of several rules is gone, AWS revokes none of them: then it takes another look.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html>
fn revoked(result: Result<Reply, CloudError>, rules: &[Rule]) -> Result<Reply, CloudError> {
    if rules.len() == 1 { absent(result) } else { result }
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_security_groups()
        .filters(filter)
        .max_results(Kind::SecurityGroup.row().page.into());
    aws.pages(
        Action::DescribeSecurityGroups,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.security_groups, page.next_token),
        object,
    )
    .await
}

fn object(shown: types::SecurityGroup) -> Option<Object> {
    Some(Object {
        id: shown.group_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: None,
        state: AnyState::SecurityGroup(State {
            vpc_id: shown.vpc_id.unwrap_or_default(),
            name: shown.group_name.unwrap_or_default(),
            ingress: rules(shown.ip_permissions),
            egress: rules(shown.ip_permissions_egress),
        }),
    })
}

/// One rule a peer; AWS joins those of the same protocol and ports.
pub(super) fn rules(shown: Option<Vec<IpPermission>>) -> Vec<Rule> {
    shown.unwrap_or_default().into_iter().flat_map(split).collect()
}

fn split(permission: IpPermission) -> Vec<Rule> {
    let protocol = permission.ip_protocol.unwrap_or_default();
    let ports = permission.from_port.zip(permission.to_port);
    let ranges = permission.ip_ranges.unwrap_or_default().into_iter();
    let ranges6 = permission.ipv6_ranges.unwrap_or_default().into_iter();
    let groups = permission.user_id_group_pairs.unwrap_or_default().into_iter();
    let lists = permission.prefix_list_ids.unwrap_or_default().into_iter();
    let peers = ranges
        .filter_map(|range| range.cidr_ip.map(Peer::Cidr))
        .chain(ranges6.filter_map(|range| range.cidr_ipv6.map(Peer::Cidr6)))
        .chain(groups.filter_map(|group| group.group_id.map(Peer::Group)))
        .chain(lists.filter_map(|list| list.prefix_list_id.map(Peer::PrefixList)));
    peers
        .map(|peer| Rule {
            protocol: protocol.clone(),
            ports,
            peer,
        })
        .collect()
}

fn permissions(rules: &[Rule]) -> Vec<IpPermission> {
    rules.iter().map(permission).collect()
}

fn permission(rule: &Rule) -> IpPermission {
    let Rule { protocol, ports, peer } = rule;
    let permission = IpPermission::builder()
        .ip_protocol(protocol)
        .set_from_port(ports.map(|(from, _)| from))
        .set_to_port(ports.map(|(_, to)| to));
    match peer {
        Peer::Cidr(range) => permission.ip_ranges(IpRange::builder().cidr_ip(range).build()),
        Peer::Cidr6(range) => permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(range).build()),
        Peer::Group(id) => permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(id).build()),
        Peer::PrefixList(id) => permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).build()),
    }
    .build()
}

#[cfg(test)]
mod tests;
