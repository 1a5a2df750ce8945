use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_vpc_endpoint::CreateVpcEndpointOutput;
use aws_sdk_ec2::operation::delete_vpc_endpoints::DeleteVpcEndpointsOutput;
use aws_sdk_ec2::operation::modify_vpc_endpoint::ModifyVpcEndpointOutput;
use aws_sdk_ec2::types::{SecurityGroupIdentifier, UnsuccessfulItem, UnsuccessfulItemError, VpcEndpoint};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::object::Phase;
use hastack_core::resource::vpc_endpoint::Edit;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, request};

const S3: &str = "com.amazonaws.us-east-1.s3";
const SSM: &str = "com.amazonaws.us-east-1.ssm";

fn state() -> AnyState {
    AnyState::VpcEndpoint(State {
        vpc_id: "vpc-1".into(),
        service: S3.into(),
        access: gateway(),
    })
}

fn gateway() -> Access {
    Access::Gateway {
        route_table_ids: vec!["rtb-1".into()],
    }
}

fn interface() -> Access {
    Access::Interface {
        subnet_ids: vec!["subnet-1".into()],
        group_ids: vec!["sg-1".into()],
        private_dns: true,
    }
}

#[tokio::test]
async fn a_gateway_endpoint_is_created_with_the_token() {
    let create = mock!(Client::create_vpc_endpoint)
        .match_requests(|input| {
            input.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway)
                && input.client_token() == Some("t0k3n")
                && input.service_name() == Some(S3)
                && input.route_table_ids() == ["rtb-1"]
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::VpcEndpoint)
        })
        .then_output(|| {
            let endpoint = VpcEndpoint::builder()
                .vpc_endpoint_id("vpce-1")
                .vpc_id("vpc-1")
                .service_name(S3)
                .route_table_ids("rtb-1")
                // As AWS spells it for gateway endpoints, though the SDK knows it as `Available`.
                .state("available".into());
            CreateVpcEndpointOutput::builder()
                .vpc_endpoint(endpoint.build())
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        vpc_id: "vpc-1".into(),
        service: S3.into(),
        access: gateway(),
    };
    let made = aws
        .create(&request(Kind::VpcEndpoint, AnyCreate::VpcEndpoint(wanted)))
        .await
        .unwrap();
    assert_eq!((made.phase, made.state), (Phase::Ready, state()));
}

#[tokio::test]
async fn an_interface_endpoint_is_created_under_the_services_own_name() {
    let create = mock!(Client::create_vpc_endpoint)
        .match_requests(|input| {
            input.vpc_endpoint_type() == Some(&VpcEndpointType::Interface)
                && input.client_token() == Some("t0k3n")
                && input.subnet_ids() == ["subnet-1"]
                && input.security_group_ids() == ["sg-1"]
                && input.private_dns_enabled() == Some(true)
                && input.route_table_ids.is_none()
        })
        .then_output(|| {
            let group = SecurityGroupIdentifier::builder().group_id("sg-1").build();
            let endpoint = VpcEndpoint::builder()
                .vpc_endpoint_id("vpce-1")
                .vpc_endpoint_type(VpcEndpointType::Interface)
                .vpc_id("vpc-1")
                .service_name(SSM)
                .subnet_ids("subnet-1")
                .groups(group)
                .private_dns_enabled(true)
                .state("pending".into());
            CreateVpcEndpointOutput::builder()
                .vpc_endpoint(endpoint.build())
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        vpc_id: "vpc-1".into(),
        service: SSM.into(),
        access: interface(),
    };
    let made = aws
        .create(&request(Kind::VpcEndpoint, AnyCreate::VpcEndpoint(wanted)))
        .await
        .unwrap();
    let state = AnyState::VpcEndpoint(State {
        vpc_id: "vpc-1".into(),
        service: SSM.into(),
        access: interface(),
    });
    assert_eq!((made.phase, made.state), (Phase::Pending, state));
}

#[tokio::test]
async fn subnets_groups_and_name_of_an_interface_change_in_one_call() {
    let modify = mock!(Client::modify_vpc_endpoint)
        .match_requests(|input| {
            input.add_subnet_ids() == ["subnet-2"]
                && input.remove_subnet_ids() == ["subnet-1"]
                && input.add_security_group_ids() == ["sg-2"]
                && input.remove_security_group_ids.is_none()
                && input.private_dns_enabled() == Some(true)
        })
        .then_output(|| ModifyVpcEndpointOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let change = Change::Interface {
        subnets: Edit {
            add: vec!["subnet-2".into()],
            remove: vec!["subnet-1".into()],
        },
        groups: Edit {
            add: vec!["sg-2".into()],
            remove: vec![],
        },
        enable_private_dns: true,
    };
    aws.update(&object("vpce-1", state()), &AnyChange::VpcEndpoint(change))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_the_lists_that_hold_something_are_sent() {
    let modify = mock!(Client::modify_vpc_endpoint)
        .match_requests(|input| input.add_route_table_ids() == ["rtb-2"] && input.remove_route_table_ids.is_none())
        .then_output(|| ModifyVpcEndpointOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let change = Change::RouteTables(Edit {
        add: vec!["rtb-2".into()],
        remove: vec![],
    });
    aws.update(&object("vpce-1", state()), &AnyChange::VpcEndpoint(change))
        .await
        .unwrap();
}

fn refused(code: &'static str) -> Rule {
    mock!(Client::delete_vpc_endpoints)
        .match_requests(|input| input.vpc_endpoint_ids() == ["vpce-1"])
        .then_output(move || {
            let error = UnsuccessfulItemError::builder().code(code).message("because").build();
            let item = UnsuccessfulItem::builder().resource_id("vpce-1").error(error).build();
            DeleteVpcEndpointsOutput::builder().unsuccessful(item).build()
        })
}

#[tokio::test]
async fn a_refusal_inside_a_success_is_an_error() {
    let (aws, _) = aws(&[refused("OperationNotPermitted")]);
    let error = aws.delete(&object("vpce-1", state()), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert_eq!(
        error.to_string(),
        "cannot DeleteVpcEndpoints: OperationNotPermitted: because"
    );
}

#[tokio::test]
async fn deleting_what_is_gone_is_no_error() {
    let (aws, _) = aws(&[refused("InvalidVpcEndpoint.NotFound")]);
    let deleted = aws.delete(&object("vpce-1", state()), None).await.unwrap();
    assert_eq!(deleted, Deletion::Gone);
}
