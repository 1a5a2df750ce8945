use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::allocate_address::AllocateAddressOutput;
use aws_sdk_ec2::operation::release_address::ReleaseAddressError;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Cloud, ErrorKind};
use hastack_core::kind::Kind;
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{aws, object, refusal, request, tags};

fn state() -> AnyState {
    AnyState::ElasticIp(State {
        public_ip: "192.0.2.1".into(),
        association_id: None,
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
    let error = aws.delete(&object("eipalloc-1", state())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InUse);
}
