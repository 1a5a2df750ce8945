use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_availability_zones::DescribeAvailabilityZonesOutput;
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Answer, Cloud, Question};

use super::*;
use crate::testing::aws;

fn shown(name: &str, state: &str) -> AvailabilityZone {
    AvailabilityZone::builder().zone_name(name).state(state.into()).build()
}

#[tokio::test]
async fn zones_are_sorted_and_say_whether_they_can_be_used() {
    let zones = mock!(Client::describe_availability_zones)
        .match_requests(|input| {
            let filter = &input.filters()[0];
            filter.name() == Some("zone-type") && filter.values() == ["availability-zone"]
        })
        .then_output(|| {
            DescribeAvailabilityZonesOutput::builder()
                .availability_zones(shown("us-east-1b", "impaired"))
                .availability_zones(shown("us-east-1a", "available"))
                .build()
        });
    let (aws, _) = aws(&[zones]);
    let zone = |name: &str, available| Zone {
        name: name.into(),
        available,
    };
    let expected = vec![zone("us-east-1a", true), zone("us-east-1b", false)];
    assert_eq!(aws.look_up(&Question::Zones).await.unwrap(), Answer::Zones(expected));
}
