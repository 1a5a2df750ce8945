use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::authorize_security_group_ingress::AuthorizeSecurityGroupIngressOutput;
use aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupOutput;
use aws_sdk_ec2::operation::delete_security_group::DeleteSecurityGroupError;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsOutput;
use aws_sdk_ec2::types::SecurityGroup;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{asks_for_ours, aws, object, refusal, request};

fn rule(protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Rule {
    Rule {
        protocol: protocol.into(),
        ports,
        peer,
    }
}

fn group() -> Object {
    object(
        "sg-1",
        AnyState::SecurityGroup(State::new("vpc-1", "shop/web/load-balancer")),
    )
}

#[test]
fn every_rule_reads_back_as_it_was_written() {
    for one in [
        rule("-1", None, Peer::Group("sg-1".into())),
        rule("-1", None, Peer::Cidr("0.0.0.0/0".into())),
        rule("tcp", Some((0, 65535)), Peer::Cidr6("::/0".into())),
        rule("udp", Some((53, 53)), Peer::PrefixList("pl-1".into())),
        rule("icmp", Some((8, -1)), Peer::Cidr("10.0.0.0/8".into())),
    ] {
        assert_eq!(split(permission(&one)), [one]);
    }
}

#[test]
fn every_code_of_an_icmp_type_is_written_as_aws_writes_it() {
    let ping = permission(&rule("icmp", Some((8, -1)), Peer::Cidr("10.0.0.0/8".into())));
    assert_eq!((ping.from_port, ping.to_port), (Some(8), Some(-1)));
    let all = permission(&rule("tcp", Some((0, 65535)), Peer::Cidr("10.0.0.0/8".into())));
    assert_eq!((all.from_port, all.to_port), (Some(0), Some(65535)));
}

#[tokio::test]
async fn a_sweep_asks_for_ours_and_shows_their_rules() {
    let page = mock!(Client::describe_security_groups)
        .match_requests(|input| asks_for_ours(input.filters()))
        .then_output(|| {
            let web = permission(&rule("tcp", Some((80, 80)), Peer::Cidr("0.0.0.0/0".into())));
            let anything = permission(&rule("-1", None, Peer::Cidr("0.0.0.0/0".into())));
            let group = SecurityGroup::builder()
                .group_id("sg-1")
                .group_name("shop/web/load-balancer")
                .vpc_id("vpc-1")
                .ip_permissions(web)
                .ip_permissions_egress(anything);
            DescribeSecurityGroupsOutput::builder()
                .security_groups(group.build())
                .build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::SecurityGroup, &[]).await.unwrap();
    let mut expected = State::new("vpc-1", "shop/web/load-balancer");
    expected.ingress = vec![rule("tcp", Some((80, 80)), Peer::Cidr("0.0.0.0/0".into()))];
    assert_eq!(seen[0].state, AnyState::SecurityGroup(expected));
}

#[tokio::test]
async fn a_group_is_created_with_its_tags_and_lets_everything_out() {
    let create = mock!(Client::create_security_group)
        .match_requests(|input| {
            let specification = &input.tag_specifications()[0];
            input.vpc_id() == Some("vpc-1")
                && input.group_name() == Some("shop/web/load-balancer")
                && input.description() == Some(DESCRIPTION)
                && specification.resource_type() == Some(&ResourceType::SecurityGroup)
                && specification.tags().len() == 1
        })
        .then_output(|| CreateSecurityGroupOutput::builder().group_id("sg-1").build());
    let (aws, _) = aws(&[create]);
    let wanted = AnyCreate::SecurityGroup(Create {
        vpc_id: "vpc-1".into(),
        name: "shop/web/load-balancer".into(),
    });
    assert_eq!(
        aws.create(&request(Kind::SecurityGroup, wanted)).await.unwrap(),
        group()
    );
}

#[tokio::test]
async fn all_rules_that_are_missing_go_into_one_call() {
    let authorize = mock!(Client::authorize_security_group_ingress)
        .match_requests(|input| input.group_id() == Some("sg-1") && input.ip_permissions().len() == 2)
        .then_output(|| AuthorizeSecurityGroupIngressOutput::builder().build());
    let (aws, _) = aws(&[authorize]);
    let rules = [80, 443].map(|port| rule("tcp", Some((port, port)), Peer::Cidr("0.0.0.0/0".into())));
    let change = AnyChange::SecurityGroup(Change::AuthorizeIngress(rules.into()));
    aws.update(&group(), &change).await.unwrap();
}

#[tokio::test]
async fn a_group_that_is_used_is_not_deleted_and_one_that_is_gone_is_no_error() {
    for (code, expected) in [
        ("InvalidGroup.NotFound", Ok(Deletion::Gone)),
        ("DependencyViolation", Err(ErrorKind::InUse)),
    ] {
        let refused =
            mock!(Client::delete_security_group).then_error(move || DeleteSecurityGroupError::generic(refusal(code)));
        let (aws, _) = aws(&[refused]);
        assert_eq!(aws.delete(&group(), None).await.map_err(|error| error.kind), expected);
    }
}
