use aws_sdk_rds::Client;
use aws_sdk_rds::operation::add_tags_to_resource::AddTagsToResourceOutput;
use aws_sdk_rds::operation::remove_tags_from_resource::RemoveTagsFromResourceOutput;
use aws_sdk_rds::types::Tag;
use aws_smithy_mocks::mock;

use super::*;
use crate::testing::aws;

const ARN: &str = "arn:aws:rds:us-east-1:123456789012:db:web";

#[tokio::test]
async fn tags_are_put_on_in_one_call() {
    let add = mock!(Client::add_tags_to_resource)
        .match_requests(|input| {
            let wanted =
                [("cost", "7"), ("team", "web")].map(|(key, value)| Tag::builder().key(key).value(value).build());
            input.resource_name() == Some(ARN) && input.tags() == wanted
        })
        .then_output(|| AddTagsToResourceOutput::builder().build());
    let (aws, _) = aws(&[add]);
    let tags = [("team", "web"), ("cost", "7")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    update(&aws, ARN, &Change::Set(tags.into())).await.unwrap();
}

#[tokio::test]
async fn tags_are_taken_off_by_their_keys() {
    let remove = mock!(Client::remove_tags_from_resource)
        .match_requests(|input| input.resource_name() == Some(ARN) && input.tag_keys() == ["team"])
        .then_output(|| RemoveTagsFromResourceOutput::builder().build());
    let (aws, _) = aws(&[remove]);
    update(&aws, ARN, &Change::Remove(vec!["team".into()])).await.unwrap();
}
