use aws_sdk_route53::Client;
use aws_sdk_route53::operation::get_hosted_zone::{GetHostedZoneError, GetHostedZoneOutput};
use aws_sdk_route53::operation::list_hosted_zones_by_name::ListHostedZonesByNameOutput;
use aws_sdk_route53::types::{self, HostedZoneConfig};
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Answer, Cloud, Question};

use super::*;
use crate::testing::{aws, refusal};

fn zone(id: &str, name: &str, private: bool) -> types::HostedZone {
    types::HostedZone::builder()
        .id(format!("/hostedzone/{id}"))
        .name(name)
        .caller_reference("r")
        .config(HostedZoneConfig::builder().private_zone(private).build())
        .build()
        .unwrap()
}

async fn found(aws: &Aws, text: &str) -> Vec<HostedZone> {
    match aws.look_up(&Question::HostedZones(text.into())).await.unwrap() {
        Answer::HostedZones(zones) => zones,
        other => panic!("{other:?} is no hosted zone"),
    }
}

#[tokio::test]
async fn zones_of_a_name_are_found_without_private_ones_and_others() {
    let list = mock!(Client::list_hosted_zones_by_name)
        .match_requests(|input| input.dns_name() == Some("example.com"))
        .then_output(|| {
            ListHostedZonesByNameOutput::builder()
                .hosted_zones(zone("Z1", "example.com.", false))
                .hosted_zones(zone("Z2", "example.com.", true))
                .hosted_zones(zone("Z3", "example.net.", false))
                .is_truncated(false)
                .max_items(MOST)
                .build()
                .unwrap()
        });
    let (aws, _) = aws(&[list]);
    let wanted = HostedZone {
        id: "Z1".into(),
        name: "example.com".into(),
    };
    assert_eq!(found(&aws, "Example.com.").await, [wanted]);
}

#[tokio::test]
async fn a_zone_is_found_by_its_id_and_it_is_no_error_that_there_is_none() {
    let get = mock!(Client::get_hosted_zone)
        .match_requests(|input| input.id() == Some("Z0123456789"))
        .then_output(|| {
            let zone = zone("Z0123456789", "example.com.", false);
            GetHostedZoneOutput::builder().hosted_zone(zone).build()
        });
    let none = mock!(Client::get_hosted_zone).then_error(|| GetHostedZoneError::generic(refusal("NoSuchHostedZone")));
    let (aws, _) = aws(&[get, none]);
    assert_eq!(found(&aws, "Z0123456789").await[0].name, "example.com");
    assert_eq!(found(&aws, "Z0123456789").await, []);
}
