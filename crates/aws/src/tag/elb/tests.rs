use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::add_tags::AddTagsOutput;
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::{DescribeTagsError, DescribeTagsOutput};
use aws_sdk_elasticloadbalancingv2::operation::remove_tags::RemoveTagsOutput;
use aws_sdk_elasticloadbalancingv2::types::{Tag, TagDescription};
use aws_smithy_mocks::{Rule, mock};

use super::*;
use crate::testing::{aws, refusal};

fn arns(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("arn-{number}")).collect()
}

/// An answer to a question about exactly these.
fn shows(arns: &[&'static str], tagged: &'static str) -> Rule {
    let arns = arns.to_vec();
    mock!(Client::describe_tags)
        .match_requests(move |input| input.resource_arns() == arns)
        .then_output(move || {
            let tag = Tag::builder().key("team").value("web").build();
            let one = TagDescription::builder().resource_arn(tagged).tags(tag).build();
            DescribeTagsOutput::builder().tag_descriptions(one).build()
        })
}

fn missing(code: &'static str, count: usize) -> Rule {
    mock!(Client::describe_tags)
        .match_requests(move |input| input.resource_arns().len() == count)
        .then_error(|| DescribeTagsError::generic(refusal(code)))
}

#[tokio::test]
async fn tags_are_read_by_arn() {
    let (aws, _) = aws(&[shows(&["arn-1", "arn-2"], "arn-2")]);
    let tags = read(&aws, &arns(2)).await.unwrap();
    let web = Tags::from([("team".to_owned(), "web".to_owned())]);
    assert_eq!(tags, BTreeMap::from([("arn-2".to_owned(), web)]));
}

#[tokio::test]
async fn more_arns_than_a_call_takes_are_read_in_turns() {
    let first = mock!(Client::describe_tags)
        .match_requests(|input| input.resource_arns().len() == 20)
        .then_output(|| DescribeTagsOutput::builder().build());
    let (aws, calls) = aws(&[first, shows(&["arn-21"], "arn-21")]);
    let tags = read(&aws, &arns(21)).await.unwrap();
    assert!(tags.contains_key("arn-21"));
    assert_eq!(calls.seen().len(), 2);
}

#[tokio::test]
async fn no_arns_are_no_call() {
    let (aws, calls) = aws(&[]);
    assert_eq!(read(&aws, &[]).await.unwrap(), BTreeMap::new());
    assert_eq!(calls.seen(), [""; 0]);
}

#[tokio::test]
async fn one_that_is_gone_does_not_hide_the_others() {
    let (aws, _) = aws(&[
        missing("LoadBalancerNotFound", 2),
        missing("LoadBalancerNotFound", 1),
        shows(&["arn-2"], "arn-2"),
    ]);
    let tags = read(&aws, &arns(2)).await.unwrap();
    assert_eq!(tags.into_keys().collect::<Vec<_>>(), ["arn-2"]);
}

#[tokio::test]
async fn tags_that_cannot_be_read_are_an_error() {
    let (aws, _) = aws(&[missing("AccessDenied", 2)]);
    assert_eq!(read(&aws, &arns(2)).await.unwrap_err().kind, ErrorKind::Denied);
}

#[tokio::test]
async fn tags_are_put_on_in_one_call() {
    let add = mock!(Client::add_tags)
        .match_requests(|input| {
            let wanted =
                [("cost", "7"), ("team", "web")].map(|(key, value)| Tag::builder().key(key).value(value).build());
            input.resource_arns() == ["arn-1"] && input.tags() == wanted
        })
        .then_output(|| AddTagsOutput::builder().build());
    let (aws, _) = aws(&[add]);
    let tags = [("team", "web"), ("cost", "7")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    update(&aws, "arn-1", &Change::Set(tags.into())).await.unwrap();
}

#[tokio::test]
async fn tags_are_taken_off_by_key() {
    let remove = mock!(Client::remove_tags)
        .match_requests(|input| input.resource_arns() == ["arn-1"] && input.tag_keys() == ["cost", "team"])
        .then_output(|| RemoveTagsOutput::builder().build());
    let (aws, _) = aws(&[remove]);
    let change = Change::Remove(vec!["cost".into(), "team".into()]);
    update(&aws, "arn-1", &change).await.unwrap();
}
