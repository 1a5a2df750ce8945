use aws_sdk_acm::Client;
use aws_sdk_acm::operation::add_tags_to_certificate::AddTagsToCertificateOutput;
use aws_sdk_acm::operation::list_tags_for_certificate::ListTagsForCertificateOutput;
use aws_sdk_acm::operation::remove_tags_from_certificate::RemoveTagsFromCertificateOutput;
use aws_smithy_mocks::mock;

use super::*;
use crate::testing::aws;

fn tag(key: &str, value: Option<&str>) -> Tag {
    let tag = Tag::builder().key(key).set_value(value.map(str::to_owned));
    tag.build().unwrap()
}

#[tokio::test]
async fn a_tag_without_a_value_has_an_empty_one() {
    let list = mock!(Client::list_tags_for_certificate)
        .match_requests(|input| input.certificate_arn() == Some("arn-1"))
        .then_output(|| {
            let shown = ListTagsForCertificateOutput::builder().tags(tag("team", Some("web")));
            shown.tags(tag("old", None)).build()
        });
    let (aws, _) = aws(&[list]);
    let shown = read(&aws, "arn-1").await.unwrap();
    let wanted = [("team", "web"), ("old", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(shown, Tags::from(wanted));
}

#[tokio::test]
async fn tags_are_put_on_in_one_call() {
    let add = mock!(Client::add_tags_to_certificate)
        .match_requests(|input| {
            input.certificate_arn() == Some("arn-1")
                && input.tags() == [tag("cost", Some("7")), tag("team", Some("web"))]
        })
        .then_output(|| AddTagsToCertificateOutput::builder().build());
    let (aws, _) = aws(&[add]);
    let tags = [("team", "web"), ("cost", "7")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    update(&aws, "arn-1", &Change::Set(tags.into())).await.unwrap();
}

#[tokio::test]
async fn a_tag_is_taken_off_whatever_its_value_is() {
    let remove = mock!(Client::remove_tags_from_certificate)
        .match_requests(|input| input.certificate_arn() == Some("arn-1") && input.tags() == [tag("team", None)])
        .then_output(|| RemoveTagsFromCertificateOutput::builder().build());
    let (aws, _) = aws(&[remove]);
    update(&aws, "arn-1", &Change::Remove(vec!["team".into()]))
        .await
        .unwrap();
}
