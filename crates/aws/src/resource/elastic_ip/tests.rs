use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::allocate_address::AllocateAddressOutput;
use aws_sdk_ec2::operation::associate_address::AssociateAddressOutput;
use aws_sdk_ec2::operation::disassociate_address::DisassociateAddressError;
use aws_sdk_ec2::operation::release_address::ReleaseAddressError;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::kind::Kind;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn state() -> AnyState {
    AnyState::ElasticIp(State {
        public_ip: "192.0.2.1".into(),
        association_id: None,
        instance_id: None,
    })
}

#[tokio::test]
async fn an_address_has_its_tags_though_the_answer_does_not_repeat_them() {
    let allocate = mock!(Client::allocate_address)
        .match_requests(|input| {
            input.domain() == Some(&DomainType::Vpc)
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::ElasticIp)
        })
        .then_output(|| {
            AllocateAddressOutput::builder()
                .allocation_id("eipalloc-1")
                .public_ip("192.0.2.1")
                .build()
        });
    let (aws, _) = aws(&[allocate]);
    let made = aws
        .create(&request(Kind::ElasticIp, AnyCreate::ElasticIp(Create)))
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.tags, made.state),
        ("eipalloc-1", tags(), state())
    );
}

#[tokio::test]
async fn an_address_a_nat_gateway_still_holds_is_in_use() {
    let refused = mock!(Client::release_address)
        .match_requests(|input| input.allocation_id() == Some("eipalloc-1"))
        .then_error(|| ReleaseAddressError::generic(refusal("AuthFailure")));
    let (aws, _) = aws(&[refused]);
    let error = aws.delete(&object("eipalloc-1", state()), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InUse);
}

#[tokio::test]
async fn an_address_is_given_to_an_instance_and_taken_from_it() {
    let associate = mock!(Client::associate_address)
        .match_requests(|input| {
            input.allocation_id() == Some("eipalloc-1")
                && input.instance_id() == Some("i-1")
                && input.allow_reassociation() == Some(true)
        })
        .then_output(|| AssociateAddressOutput::builder().association_id("eipassoc-1").build());
    let disassociate = mock!(Client::disassociate_address)
        .match_requests(|input| input.association_id() == Some("eipassoc-1"))
        .then_error(|| DisassociateAddressError::generic(refusal("InvalidAssociationID.NotFound")));
    let (aws, _) = aws(&[associate, disassociate]);
    let address = object("eipalloc-1", state());
    let associate = AnyChange::ElasticIp(Change::Associate("i-1".into()));
    let reply = aws.update(&address, &associate).await.unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("eipassoc-1"));
    let disassociate = AnyChange::ElasticIp(Change::Disassociate("eipassoc-1".into()));
    let reply = aws.update(&address, &disassociate).await;
    assert_eq!(reply.unwrap(), Reply::default(), "it is no error that it was gone");
}
