use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_tags::CreateTagsOutput;
use aws_sdk_ec2::operation::delete_tags::DeleteTagsOutput;
use aws_smithy_mocks::mock;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, State, internet_gateway};

use super::*;
use crate::testing::{aws, object};

fn gateway() -> hastack_core::object::Object {
    let state = internet_gateway::State { vpc_id: None };
    object("igw-1", State::InternetGateway(state))
}

#[tokio::test]
async fn tags_are_put_on_in_one_call() {
    let create = mock!(Client::create_tags)
        .match_requests(|input| {
            let wanted =
                [("cost", "7"), ("team", "web")].map(|(key, value)| Tag::builder().key(key).value(value).build());
            input.resources() == ["igw-1"] && input.tags() == wanted
        })
        .then_output(|| CreateTagsOutput::builder().build());
    let (aws, _) = aws(&[create]);
    let tags = [("team", "web"), ("cost", "7")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let change = AnyChange::Tags(Change::Set(tags.into()));
    aws.update(&gateway(), &change).await.unwrap();
}

#[tokio::test]
async fn a_tag_is_taken_off_whatever_its_value_is() {
    let delete = mock!(Client::delete_tags)
        .match_requests(|input| input.resources() == ["igw-1"] && input.tags() == [Tag::builder().key("team").build()])
        .then_output(|| DeleteTagsOutput::builder().build());
    let (aws, _) = aws(&[delete]);
    let change = AnyChange::Tags(Change::Remove(vec!["team".into()]));
    aws.update(&gateway(), &change).await.unwrap();
}
