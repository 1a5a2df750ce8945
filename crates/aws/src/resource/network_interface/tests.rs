use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_network_interfaces::DescribeNetworkInterfacesOutput;
use aws_sdk_ec2::types::{GroupIdentifier, NetworkInterface, NetworkInterfaceAttachment, Tag};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::{security_group, vpc};

use super::*;
use crate::testing::{aws, object};

fn vpc() -> Object {
    let state = vpc::State {
        cidr: "10.0.0.0/16".into(),
        dns_hostnames: Some(true),
    };
    object("vpc-1", AnyState::Vpc(state))
}

fn group(id: &str, vpc: &str) -> Object {
    object(id, AnyState::SecurityGroup(security_group::State::new(vpc, "shop/web")))
}

fn interface(id: &str) -> NetworkInterface {
    NetworkInterface::builder()
        .network_interface_id(id)
        .vpc_id("vpc-1")
        .subnet_id("subnet-1")
        .groups(GroupIdentifier::builder().group_id("sg-1").build())
        .status(NetworkInterfaceStatus::InUse)
        .attachment(NetworkInterfaceAttachment::builder().instance_id("i-1").build())
        .tag_set(Tag::builder().key("hastack.dev/fleet").value("shop/web").build())
        .build()
}

fn described(name: &'static str, value: &'static str, id: &'static str) -> Rule {
    mock!(Client::describe_network_interfaces)
        .match_requests(move |request| {
            let filter = &request.filters()[0];
            filter.name() == Some(name) && filter.values() == [value]
        })
        .then_output(move || {
            DescribeNetworkInterfacesOutput::builder()
                .network_interfaces(interface(id))
                .build()
        })
}

#[tokio::test]
async fn interfaces_are_listed_by_our_vpcs_and_elsewhere_by_our_groups() {
    let rules = [
        described("vpc-id", "vpc-1", "eni-1"),
        described("group-id", "sg-2", "eni-2"),
    ];
    let (aws, _) = aws(&rules);
    let parents = [vpc(), group("sg-1", "vpc-1"), group("sg-2", "vpc-existing")];
    let seen = aws.sweep(Kind::NetworkInterface, &parents).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["eni-1", "eni-2"]);
    match &seen[0].state {
        AnyState::NetworkInterface(state) => {
            assert_eq!(state.holder(), "instance i-1");
            assert!(state.in_use && !state.managed);
            assert_eq!(state.fleet.as_deref(), Some("shop/web"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_asked_where_there_is_nothing_of_ours() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.sweep(Kind::NetworkInterface, &[]).await.unwrap(), []);
    assert_eq!(calls.seen(), Vec::<String>::new());
}
