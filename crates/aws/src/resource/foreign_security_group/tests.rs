use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsOutput;
use aws_sdk_ec2::types::{SecurityGroup, Tag, UserIdGroupPair};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::security_group;

use super::*;
use crate::testing::{aws, object};

fn refers(id: &str, cluster: &str) -> SecurityGroup {
    let pair = UserIdGroupPair::builder().group_id("sg-1").build();
    SecurityGroup::builder()
        .group_id(id)
        .group_name("theirs")
        .ip_permissions(IpPermission::builder().user_id_group_pairs(pair).build())
        .tags(Tag::builder().key(CLUSTER).value(cluster).build())
        .build()
}

fn described(direction: &'static str) -> Rule {
    mock!(Client::describe_security_groups)
        .match_requests(move |request| request.filters()[0].name() == Some(direction))
        .then_output(|| {
            DescribeSecurityGroupsOutput::builder()
                .security_groups(refers("sg-ours", "c1"))
                .security_groups(refers("sg-theirs", "c2"))
                .build()
        })
}

#[tokio::test]
async fn each_group_of_somebody_else_that_refers_to_ours_is_listed_once() {
    let (aws, _) = aws(&DIRECTIONS.map(described));
    let ours = object(
        "sg-1",
        AnyState::SecurityGroup(security_group::State::new("vpc-1", "shop/web")),
    );
    let seen = aws.sweep(Kind::ForeignSecurityGroup, &[ours]).await.unwrap();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].id, "sg-theirs");
    assert_eq!(seen[0].tags, Tags::new());
    assert_eq!(seen[0].state.uses(), ["sg-1"]);
}
