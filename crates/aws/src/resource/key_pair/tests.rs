use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_key_pairs::DescribeKeyPairsOutput;
use aws_sdk_ec2::operation::import_key_pair::ImportKeyPairOutput;
use aws_smithy_mocks::mock;
use hastack_core::cloud::Cloud;
use hastack_core::kind::Kind;
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{asks_for_ours, aws, request};

fn state() -> AnyState {
    AnyState::KeyPair(State { name: "shop".into() })
}

#[tokio::test]
async fn a_public_key_is_imported_as_it_is() {
    let import = mock!(Client::import_key_pair)
        .match_requests(|input| {
            input.key_name() == Some("shop")
                && input.public_key_material().map(Blob::as_ref) == Some(b"ssh-ed25519 AAAA".as_slice())
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::KeyPair)
        })
        .then_output(|| {
            ImportKeyPairOutput::builder()
                .key_name("shop")
                .key_pair_id("key-1")
                .build()
        });
    let (aws, _) = aws(&[import]);
    let wanted = Create {
        name: "shop".into(),
        public_key: "ssh-ed25519 AAAA".into(),
    };
    let made = aws
        .create(&request(Kind::KeyPair, AnyCreate::KeyPair(wanted)))
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.state), ("key-1", state()));
}

#[tokio::test]
async fn key_pairs_are_found_by_our_tag() {
    let page = mock!(Client::describe_key_pairs)
        .match_requests(|input| asks_for_ours(input.filters()))
        .then_output(|| {
            let pair = types::KeyPairInfo::builder().key_pair_id("key-1").key_name("shop");
            DescribeKeyPairsOutput::builder().key_pairs(pair.build()).build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::KeyPair, &[]).await.unwrap();
    assert_eq!((seen[0].id.as_str(), &seen[0].state), ("key-1", &state()));
}
