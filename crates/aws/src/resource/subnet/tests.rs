use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_subnet::CreateSubnetError;
use aws_sdk_ec2::operation::modify_subnet_attribute::ModifySubnetAttributeOutput;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request};

#[tokio::test]
async fn a_second_subnet_of_the_same_range_exists_already() {
    let conflict = mock!(Client::create_subnet)
        .match_requests(|input| {
            input.vpc_id() == Some("vpc-1")
                && input.availability_zone() == Some("us-east-1a")
                && input.cidr_block() == Some("10.0.1.0/24")
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::Subnet)
        })
        .then_error(|| CreateSubnetError::generic(refusal("InvalidSubnet.Conflict")));
    let (aws, _) = aws(&[conflict]);
    let create = Create {
        vpc_id: "vpc-1".into(),
        zone: "us-east-1a".into(),
        cidr: "10.0.1.0/24".into(),
    };
    let error = aws
        .create(&request(Kind::Subnet, AnyCreate::Subnet(create)))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn public_addresses_are_switched_off_as_well_as_on() {
    let switch = |on: bool| {
        mock!(Client::modify_subnet_attribute)
            .match_requests(move |input| {
                let wanted = AttributeBooleanValue::builder().value(on).build();
                input.subnet_id() == Some("subnet-1") && input.map_public_ip_on_launch() == Some(&wanted)
            })
            .then_output(|| ModifySubnetAttributeOutput::builder().build())
    };
    let (aws, _) = aws(&[switch(true), switch(false)]);
    let state = State {
        vpc_id: "vpc-1".into(),
        zone: "us-east-1a".into(),
        cidr: "10.0.1.0/24".into(),
        assign_public_addresses: false,
    };
    let subnet = object("subnet-1", AnyState::Subnet(state));
    for on in [true, false] {
        let change = AnyChange::Subnet(Change::AssignPublicAddresses(on));
        aws.update(&subnet, &change).await.unwrap();
    }
}
