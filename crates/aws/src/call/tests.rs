use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_vpc::CreateVpcError;
use aws_sdk_ec2::operation::describe_subnets::{DescribeSubnetsError, DescribeSubnetsOutput};
use aws_sdk_ec2::types::Subnet;
use aws_smithy_mocks::mock;
use hastack_core::cloud::Cloud;
use hastack_core::kind::Kind;
use hastack_core::resource::{Create, vpc};

use super::*;
use crate::testing::{asks_for_ours, aws, fenced_aws, refusal, request};

fn subnets(ids: &[&str], next: Option<&str>) -> DescribeSubnetsOutput {
    let subnets = ids.iter().map(|id| Subnet::builder().subnet_id(*id).build());
    DescribeSubnetsOutput::builder()
        .set_subnets(Some(subnets.collect()))
        .set_next_token(next.map(str::to_owned))
        .build()
}

fn create_vpc() -> hastack_core::cloud::CreateRequest {
    let create = vpc::Create {
        cidr: "10.0.0.0/16".into(),
    };
    request(Kind::Vpc, Create::Vpc(create))
}

#[tokio::test]
async fn a_sweep_reads_every_page() {
    let first = mock!(Client::describe_subnets)
        .match_requests(|input| {
            asks_for_ours(input.filters()) && input.max_results() == Some(1000) && input.next_token().is_none()
        })
        .then_output(|| subnets(&["subnet-1", "subnet-2"], Some("more")));
    let second = mock!(Client::describe_subnets)
        .match_requests(|input| asks_for_ours(input.filters()) && input.next_token() == Some("more"))
        .then_output(|| subnets(&["subnet-3"], None));
    let (aws, calls) = aws(&[first, second]);
    let seen = aws.sweep(Kind::Subnet, &[]).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["subnet-1", "subnet-2", "subnet-3"]);
    assert_eq!(calls.seen(), ["DescribeSubnets ok", "DescribeSubnets ok"]);
}

#[tokio::test]
async fn a_sweep_that_lacks_a_page_is_an_error() {
    let first = mock!(Client::describe_subnets).then_output(|| subnets(&["subnet-1"], Some("more")));
    let second = mock!(Client::describe_subnets).then_error(|| DescribeSubnetsError::generic(refusal("AccessDenied")));
    let (aws, _) = aws(&[first, second]);
    assert_eq!(aws.sweep(Kind::Subnet, &[]).await.unwrap_err().kind, ErrorKind::Denied);
}

#[tokio::test]
async fn a_sweep_does_not_read_the_same_page_for_ever() {
    let pages = mock!(Client::describe_subnets)
        .sequence()
        .output(|| subnets(&["subnet-1"], Some("more")))
        .repeatedly()
        .build();
    let (aws, calls) = aws(&[pages]);
    assert_eq!(
        aws.sweep(Kind::Subnet, &[]).await.unwrap_err().kind,
        ErrorKind::Ambiguous
    );
    assert_eq!(calls.seen().len(), 2);
}

#[tokio::test]
async fn a_sweep_that_shows_something_without_an_id_is_an_error() {
    let page = mock!(Client::describe_subnets).then_output(|| {
        DescribeSubnetsOutput::builder()
            .subnets(Subnet::builder().build())
            .build()
    });
    let (aws, _) = aws(&[page]);
    assert_eq!(
        aws.sweep(Kind::Subnet, &[]).await.unwrap_err().kind,
        ErrorKind::Ambiguous
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttled_read_is_tried_again() {
    let throttled =
        mock!(Client::describe_subnets).then_error(|| DescribeSubnetsError::generic(refusal("RequestLimitExceeded")));
    let page = mock!(Client::describe_subnets).then_output(|| subnets(&["subnet-1"], None));
    let (aws, calls) = aws(&[throttled, page]);
    assert_eq!(aws.sweep(Kind::Subnet, &[]).await.unwrap().len(), 1);
    assert_eq!(calls.seen(), ["DescribeSubnets throttled", "DescribeSubnets ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_given_up_after_three_tries() {
    let broken = mock!(Client::describe_subnets)
        .sequence()
        .http_status(500, Some("<html>".into()))
        .repeatedly()
        .build();
    let (aws, calls) = aws(&[broken]);
    let error = aws.sweep(Kind::Subnet, &[]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ambiguous);
    assert_eq!(calls.seen(), ["DescribeSubnets ambiguous"; 3]);
}

#[tokio::test]
async fn a_denied_read_is_not_tried_again() {
    let denied =
        mock!(Client::describe_subnets).then_error(|| DescribeSubnetsError::generic(refusal("UnauthorizedOperation")));
    let (aws, calls) = aws(&[denied]);
    let error = aws.sweep(Kind::Subnet, &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot DescribeSubnets: UnauthorizedOperation: because"
    );
    assert_eq!(calls.seen(), ["DescribeSubnets denied"]);
}

#[tokio::test]
async fn a_write_that_got_no_answer_is_not_sent_again() {
    let broken = mock!(Client::create_vpc)
        .sequence()
        .http_status(500, Some("<html>".into()))
        .repeatedly()
        .build();
    let (aws, calls) = aws(&[broken]);
    let error = aws.create(&create_vpc()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ambiguous);
    assert_eq!(calls.seen(), ["CreateVpc ambiguous"]);
}

#[tokio::test]
async fn a_throttled_write_is_not_sent_again() {
    let throttled = mock!(Client::create_vpc).then_error(|| CreateVpcError::generic(refusal("RequestLimitExceeded")));
    let (aws, calls) = aws(&[throttled]);
    let error = aws.create(&create_vpc()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert_eq!(calls.seen(), ["CreateVpc throttled"]);
}

#[tokio::test(start_paused = true)]
async fn calls_after_a_throttled_one_are_held_back() {
    let throttled = mock!(Client::create_vpc).then_error(|| CreateVpcError::generic(refusal("RequestLimitExceeded")));
    let made = mock!(Client::create_vpc).then_error(|| CreateVpcError::generic(refusal("VpcLimitExceeded")));
    let (aws, _) = aws(&[throttled, made]);
    let start = Instant::now();
    for kind in [ErrorKind::Throttled, ErrorKind::Quota] {
        assert_eq!(aws.create(&create_vpc()).await.unwrap_err().kind, kind);
    }
    assert!(
        (200..220).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_write_without_the_lease_is_not_sent() {
    // An answer of HTTP is given by the client only: nothing that stands before it can be skipped.
    let create = mock!(Client::create_vpc)
        .sequence()
        .http_status(200, Some("<CreateVpcResponse/>".into()))
        .build();
    let (aws, calls) = fenced_aws(&[create]);
    let error = aws.create(&create_vpc()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Fenced);
    assert_eq!(error.to_string(), "cannot CreateVpc: the lease is not ours any more");
    assert_eq!(calls.seen(), ["CreateVpc fenced"]);
}

#[tokio::test]
async fn a_read_needs_no_lease() {
    let page = mock!(Client::describe_subnets).then_output(|| subnets(&[], None));
    let (aws, _) = fenced_aws(&[page]);
    assert_eq!(aws.sweep(Kind::Subnet, &[]).await.unwrap(), []);
}

#[tokio::test]
async fn reading_nothing_calls_nobody() {
    let (aws, calls) = aws(&[]);
    assert_eq!(aws.read(Kind::Subnet, &[]).await.unwrap(), []);
    assert_eq!(calls.seen(), [""; 0]);
}

#[tokio::test]
async fn more_ids_than_a_filter_takes_are_read_in_turns() {
    let asks_for = |count: usize| {
        mock!(Client::describe_subnets)
            .match_requests(move |input| {
                let filter = &input.filters()[0];
                filter.name() == Some("subnet-id") && filter.values().len() == count
            })
            .then_output(|| subnets(&["subnet-1"], None))
    };
    let (aws, _) = aws(&[asks_for(200), asks_for(50)]);
    let ids: Vec<_> = (0..250).map(|number| format!("subnet-{number}")).collect();
    assert_eq!(aws.read(Kind::Subnet, &ids).await.unwrap().len(), 2);
}
