use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_vpc::CreateVpcOutput;
use aws_sdk_ec2::operation::delete_vpc::DeleteVpcError;
use aws_sdk_ec2::operation::describe_vpc_attribute::{DescribeVpcAttributeError, DescribeVpcAttributeOutput};
use aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsOutput;
use aws_sdk_ec2::types::{Tag, Vpc};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::object::Phase;
use hastack_core::resource::{Create as AnyCreate, State as AnyState};

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn shown(id: &str, state: &str) -> Vpc {
    Vpc::builder()
        .vpc_id(id)
        .cidr_block("10.0.0.0/16")
        .state(state.into())
        .build()
}

fn state(dns_hostnames: Option<bool>) -> AnyState {
    AnyState::Vpc(State {
        cidr: "10.0.0.0/16".into(),
        dns_hostnames,
    })
}

fn both() -> Rule {
    mock!(Client::describe_vpcs)
        .match_requests(|input| {
            input.filters()[0].name() == Some("vpc-id") && input.filters()[0].values() == ["vpc-1", "vpc-2"]
        })
        .then_output(|| {
            DescribeVpcsOutput::builder()
                .vpcs(shown("vpc-1", "available"))
                .vpcs(shown("vpc-2", "available"))
                .build()
        })
}

fn hostnames(id: &'static str, enabled: bool) -> Rule {
    mock!(Client::describe_vpc_attribute)
        .match_requests(move |input| {
            input.vpc_id() == Some(id) && input.attribute() == Some(&VpcAttributeName::EnableDnsHostnames)
        })
        .then_output(move || {
            let value = AttributeBooleanValue::builder().value(enabled).build();
            DescribeVpcAttributeOutput::builder()
                .enable_dns_hostnames(value)
                .build()
        })
}

#[tokio::test]
async fn a_vpc_is_created_with_its_tags_and_starts_without_host_names() {
    let create = mock!(Client::create_vpc)
        .match_requests(|input| {
            let specification = &input.tag_specifications()[0];
            let tag = Tag::builder().key("hastack.dev/cluster").value("c1").build();
            input.cidr_block() == Some("10.0.0.0/16")
                && specification.resource_type() == Some(&ResourceType::Vpc)
                && specification.tags() == [tag]
        })
        .then_output(|| CreateVpcOutput::builder().vpc(shown("vpc-1", "pending")).build());
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        cidr: "10.0.0.0/16".into(),
    };
    let made = aws.create(&request(Kind::Vpc, AnyCreate::Vpc(wanted))).await.unwrap();
    assert_eq!(made.phase, Phase::Pending);
    assert_eq!(made.tags, tags());
    assert_eq!(made.state, state(Some(false)));
}

#[tokio::test]
async fn a_creation_whose_answer_holds_no_id_is_ambiguous() {
    let create = mock!(Client::create_vpc).then_output(|| CreateVpcOutput::builder().build());
    let (aws, _) = aws(&[create]);
    let wanted = Create { cidr: String::new() };
    let error = aws
        .create(&request(Kind::Vpc, AnyCreate::Vpc(wanted)))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ambiguous);
}

#[tokio::test]
async fn a_sweep_leaves_open_what_it_cannot_see() {
    let page = mock!(Client::describe_vpcs)
        .then_output(|| DescribeVpcsOutput::builder().vpcs(shown("vpc-1", "available")).build());
    let (aws, _) = aws(&[page]);
    assert_eq!(aws.sweep(Kind::Vpc, &[]).await.unwrap()[0].state, state(None));
}

#[tokio::test]
async fn a_read_shows_the_details() {
    let (aws, _) = aws(&[both(), hostnames("vpc-1", true), hostnames("vpc-2", false)]);
    let seen = aws.read(Kind::Vpc, &["vpc-1".into(), "vpc-2".into()]).await.unwrap();
    assert_eq!(seen[0].state, state(Some(true)));
    assert_eq!(seen[1].state, state(Some(false)));
}

#[tokio::test]
async fn a_vpc_that_goes_while_it_is_read_is_left_out() {
    let gone = mock!(Client::describe_vpc_attribute)
        .then_error(|| DescribeVpcAttributeError::generic(refusal("InvalidVpcID.NotFound")));
    let (aws, _) = aws(&[both(), gone, hostnames("vpc-2", true)]);
    let seen = aws.read(Kind::Vpc, &["vpc-1".into(), "vpc-2".into()]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].id, "vpc-2");
}

#[tokio::test]
async fn deleting_what_is_gone_is_no_error() {
    let gone = mock!(Client::delete_vpc).then_error(|| DeleteVpcError::generic(refusal("InvalidVpcID.NotFound")));
    let (aws, _) = aws(&[gone]);
    assert_eq!(
        aws.delete(&object("vpc-1", state(None)), None).await.unwrap(),
        Deletion::Gone
    );
}

#[tokio::test]
async fn deleting_what_is_in_use_is_an_error() {
    let used = mock!(Client::delete_vpc).then_error(|| DeleteVpcError::generic(refusal("DependencyViolation")));
    let (aws, _) = aws(&[used]);
    let error = aws.delete(&object("vpc-1", state(None)), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InUse);
}
