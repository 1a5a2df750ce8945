use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_nat_gateway::CreateNatGatewayOutput;
use aws_sdk_ec2::operation::delete_nat_gateway::{DeleteNatGatewayError, DeleteNatGatewayOutput};
use aws_sdk_ec2::operation::describe_nat_gateways::DescribeNatGatewaysOutput;
use aws_sdk_ec2::types::{NatGateway, NatGatewayAddress};
use aws_smithy_mocks::mock;
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::object::Phase;
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{asks_for_ours, aws, object, refusal, request};

fn state(public_ip: Option<&str>, failure: Option<&str>) -> AnyState {
    AnyState::NatGateway(State {
        subnet_id: "subnet-1".into(),
        allocation_id: "eipalloc-1".into(),
        public_ip: public_ip.map(str::to_owned),
        failure: failure.map(str::to_owned),
    })
}

#[tokio::test]
async fn a_nat_gateway_is_created_with_the_token() {
    let create = mock!(Client::create_nat_gateway)
        .match_requests(|input| {
            input.client_token() == Some("t0k3n")
                && input.subnet_id() == Some("subnet-1")
                && input.allocation_id() == Some("eipalloc-1")
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::Natgateway)
        })
        .then_output(|| {
            let gateway = NatGateway::builder()
                .nat_gateway_id("nat-1")
                .subnet_id("subnet-1")
                .state("pending".into())
                .create_time(DateTime::from_secs(1_800_000_000));
            CreateNatGatewayOutput::builder().nat_gateway(gateway.build()).build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        subnet_id: "subnet-1".into(),
        allocation_id: "eipalloc-1".into(),
    };
    let made = aws
        .create(&request(Kind::NatGateway, AnyCreate::NatGateway(wanted)))
        .await
        .unwrap();
    assert_eq!(made.phase, Phase::Pending);
    assert_eq!(made.created.unwrap().as_second(), 1_800_000_000);
    assert_eq!(made.state, state(None, None));
}

#[tokio::test]
async fn a_failed_gateway_says_why_and_a_deleted_one_is_shown() {
    let page = mock!(Client::describe_nat_gateways)
        .match_requests(|input| asks_for_ours(input.filter()))
        .then_output(|| {
            let gateway = |id: &str, state: &str| {
                let address = NatGatewayAddress::builder()
                    .allocation_id("eipalloc-1")
                    .public_ip("192.0.2.1");
                NatGateway::builder()
                    .nat_gateway_id(id)
                    .subnet_id("subnet-1")
                    .state(state.into())
                    .nat_gateway_addresses(address.build())
            };
            let failed = gateway("nat-1", "failed")
                .failure_message("no gateway")
                .failure_code("Gateway.NotAttached");
            DescribeNatGatewaysOutput::builder()
                .nat_gateways(failed.build())
                .nat_gateways(gateway("nat-2", "deleted").build())
                .build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::NatGateway, &[]).await.unwrap();
    assert_eq!(seen[0].phase, Phase::Failed);
    assert_eq!(seen[0].state, state(Some("192.0.2.1"), Some("no gateway")));
    assert_eq!(seen[1].phase, Phase::Deleted);
}

#[tokio::test]
async fn a_deletion_takes_its_time_unless_there_is_nothing_to_delete() {
    let started = mock!(Client::delete_nat_gateway).then_output(|| DeleteNatGatewayOutput::builder().build());
    let gone =
        mock!(Client::delete_nat_gateway).then_error(|| DeleteNatGatewayError::generic(refusal("NatGatewayNotFound")));
    let (aws, _) = aws(&[started, gone]);
    let gateway = object("nat-1", state(None, None));
    assert_eq!(aws.delete(&gateway, None).await.unwrap(), Deletion::Started);
    assert_eq!(aws.delete(&gateway, None).await.unwrap(), Deletion::Gone);
}
