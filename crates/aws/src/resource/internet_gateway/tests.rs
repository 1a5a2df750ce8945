use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::attach_internet_gateway::AttachInternetGatewayError;
use aws_sdk_ec2::operation::describe_internet_gateways::DescribeInternetGatewaysOutput;
use aws_sdk_ec2::operation::detach_internet_gateway::DetachInternetGatewayError;
use aws_sdk_ec2::types::{InternetGateway, InternetGatewayAttachment};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::Change as AnyChange;

use super::*;
use crate::testing::{aws, object, refusal};

fn attached(state: &'static str) -> Rule {
    mock!(Client::describe_internet_gateways).then_output(move || {
        let attachment = InternetGatewayAttachment::builder().vpc_id("vpc-1").state(state.into());
        let gateway = InternetGateway::builder()
            .internet_gateway_id("igw-1")
            .attachments(attachment.build());
        DescribeInternetGatewaysOutput::builder()
            .internet_gateways(gateway.build())
            .build()
    })
}

fn refused_attachment() -> Rule {
    mock!(Client::attach_internet_gateway)
        .match_requests(|input| input.internet_gateway_id() == Some("igw-1"))
        .then_error(|| AttachInternetGatewayError::generic(refusal("Resource.AlreadyAssociated")))
}

async fn update(rules: &[Rule], change: Change) -> Result<Reply, CloudError> {
    let (aws, _) = aws(rules);
    let gateway = object("igw-1", AnyState::InternetGateway(State { vpc_id: None }));
    aws.update(&gateway, &AnyChange::InternetGateway(change)).await
}

#[tokio::test]
async fn attaching_what_is_attached_there_is_no_error() {
    let rules = [refused_attachment(), attached("available")];
    update(&rules, Change::Attach("vpc-1".into())).await.unwrap();
}

#[tokio::test]
async fn attaching_what_is_attached_elsewhere_is_an_error() {
    let rules = [refused_attachment(), attached("available")];
    let error = update(&rules, Change::Attach("vpc-2".into())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
    assert_eq!(error.action, "AttachInternetGateway");
}

#[tokio::test]
async fn detaching_what_is_not_attached_is_no_error() {
    let refused = mock!(Client::detach_internet_gateway)
        .match_requests(|input| input.vpc_id() == Some("vpc-1"))
        .then_error(|| DetachInternetGatewayError::generic(refusal("Gateway.NotAttached")));
    update(&[refused], Change::Detach("vpc-1".into())).await.unwrap();
}

#[tokio::test]
async fn detaching_while_addresses_are_mapped_is_an_error() {
    let refused = mock!(Client::detach_internet_gateway)
        .then_error(|| DetachInternetGatewayError::generic(refusal("DependencyViolation")));
    let error = update(&[refused], Change::Detach("vpc-1".into())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InUse);
}

#[tokio::test]
async fn a_gateway_on_its_way_to_a_vpc_is_pending() {
    for (state, phase, vpc_id) in [
        ("available", Phase::Ready, Some("vpc-1")),
        ("attaching", Phase::Pending, Some("vpc-1")),
        ("detaching", Phase::Pending, Some("vpc-1")),
        ("detached", Phase::Ready, None),
    ] {
        let (aws, _) = aws(&[attached(state)]);
        let seen = aws.sweep(Kind::InternetGateway, &[]).await.unwrap();
        let vpc_id = vpc_id.map(str::to_owned);
        assert_eq!(seen[0].phase, phase, "{state}");
        assert_eq!(seen[0].state, AnyState::InternetGateway(State { vpc_id }), "{state}");
    }
}
