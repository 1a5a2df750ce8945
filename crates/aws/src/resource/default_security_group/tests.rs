use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsOutput;
use aws_sdk_ec2::operation::revoke_security_group_ingress::RevokeSecurityGroupIngressError;
use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroup, UserIdGroupPair};
use aws_smithy_mocks::{Rule as Mock, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::Change as AnyChange;
use hastack_core::resource::security_group::{Peer, Rule as Entry};

use super::*;
use crate::testing::{aws, object, refusal};

fn rule(protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Entry {
    Entry {
        protocol: protocol.into(),
        ports,
        peer,
    }
}

#[tokio::test]
async fn a_sweep_sees_the_default_groups_whatever_their_tags() {
    let page = mock!(Client::describe_security_groups)
        .match_requests(|input| {
            let filters = input.filters();
            filters.len() == 1 && filters[0].name() == Some("group-name") && filters[0].values() == ["default"]
        })
        .then_output(|| {
            let own = UserIdGroupPair::builder()
                .group_id("sg-1")
                .user_id("123456789012")
                .build();
            let inside = IpPermission::builder()
                .ip_protocol("-1")
                .user_id_group_pairs(own)
                .build();
            let ranges = ["10.0.0.0/8", "192.168.0.0/16"].map(|range| IpRange::builder().cidr_ip(range).build());
            let outside = IpPermission::builder()
                .ip_protocol("-1")
                .set_ip_ranges(Some(ranges.into()));
            let group = SecurityGroup::builder()
                .group_id("sg-1")
                .vpc_id("vpc-1")
                .ip_permissions(inside)
                .ip_permissions_egress(outside.build());
            DescribeSecurityGroupsOutput::builder()
                .security_groups(group.build())
                .build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::DefaultSecurityGroup, &[]).await.unwrap();
    let expected = State {
        vpc_id: "vpc-1".into(),
        ingress: vec![rule("-1", None, Peer::Group("sg-1".into()))],
        egress: vec![
            rule("-1", None, Peer::Cidr("10.0.0.0/8".into())),
            rule("-1", None, Peer::Cidr("192.168.0.0/16".into())),
        ],
    };
    assert_eq!(seen[0].state, AnyState::DefaultSecurityGroup(expected));
}

fn missing(count: usize) -> Mock {
    mock!(Client::revoke_security_group_ingress)
        .match_requests(move |input| input.group_id() == Some("sg-1") && input.ip_permissions().len() == count)
        .then_error(|| RevokeSecurityGroupIngressError::generic(refusal("InvalidPermission.NotFound")))
}

async fn revoke(rules: Vec<Entry>) -> Result<Reply, CloudError> {
    let (aws, _) = aws(&[missing(rules.len())]);
    let state = State {
        vpc_id: "vpc-1".into(),
        ingress: rules.clone(),
        egress: vec![],
    };
    let group = object("sg-1", AnyState::DefaultSecurityGroup(state));
    let change = AnyChange::DefaultSecurityGroup(Change::RevokeIngress(rules));
    aws.update(&group, &change).await
}

#[tokio::test]
async fn revoking_a_rule_that_is_gone_is_no_error() {
    revoke(vec![rule("-1", None, Peer::Group("sg-1".into()))])
        .await
        .unwrap();
}

#[tokio::test]
async fn revoking_several_rules_of_which_one_is_gone_revokes_none() {
    let rules = ["10.0.0.0/8", "192.168.0.0/16"].map(|range| rule("-1", None, Peer::Cidr(range.into())));
    let error = revoke(rules.into()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}
