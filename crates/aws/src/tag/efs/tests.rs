use aws_sdk_efs::Client;
use aws_sdk_efs::operation::tag_resource::TagResourceOutput;
use aws_sdk_efs::operation::untag_resource::UntagResourceOutput;
use aws_sdk_efs::types::Tag;
use aws_smithy_mocks::mock;

use super::*;
use crate::testing::aws;

#[tokio::test]
async fn tags_are_put_on_in_one_call() {
    let add = mock!(Client::tag_resource)
        .match_requests(|input| {
            let wanted = [("cost", "7"), ("team", "web")].map(|(key, value)| {
                let tag = Tag::builder().key(key).value(value);
                tag.build().unwrap()
            });
            input.resource_id() == Some("fs-1") && input.tags() == wanted
        })
        .then_output(|| TagResourceOutput::builder().build());
    let (aws, _) = aws(&[add]);
    let tags = [("team", "web"), ("cost", "7")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    update(&aws, "fs-1", &Change::Set(tags.into())).await.unwrap();
}

#[tokio::test]
async fn tags_are_taken_off_by_key() {
    let remove = mock!(Client::untag_resource)
        .match_requests(|input| input.resource_id() == Some("fs-1") && input.tag_keys() == ["cost", "team"])
        .then_output(|| UntagResourceOutput::builder().build());
    let (aws, _) = aws(&[remove]);
    let change = Change::Remove(vec!["cost".into(), "team".into()]);
    update(&aws, "fs-1", &change).await.unwrap();
}
