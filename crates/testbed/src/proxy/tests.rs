use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::http;

const PATIENCE: Duration = Duration::from_secs(10);
const CREATE_VPC: &str = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16";

/// A tiny AWS that says `done` to everything, and tells what it was asked.
async fn upstream() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let sender = sender.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await?.to_bytes();
                    let text = String::from_utf8_lossy(&body);
                    sender.send(format!("{} {} {text}", head.method, head.uri)).unwrap();
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(b"done"))))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (endpoint, asked)
}

async fn proxy() -> (Proxy, mpsc::UnboundedReceiver<String>) {
    let (endpoint, asked) = upstream().await;
    (Proxy::start(&endpoint).await.unwrap(), asked)
}

fn signed(service: &str, caller: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={caller}/20261123/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=1"
    )
}

async fn send(
    proxy: &Proxy,
    service: &str,
    headers: &[(&str, &str)],
    target: &str,
    body: &str,
) -> Result<Response<Bytes>, http::Error> {
    let mut request = hyper::Request::builder()
        .method("POST")
        .uri(format!("{}{target}", proxy.endpoint()));
    request = request.header("authorization", signed(service, "AKIDONE"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Client::default()
        .send(request.body(Bytes::from(body.to_owned())).unwrap())
        .await
}

async fn form(proxy: &Proxy, service: &str, body: &str) -> Result<Response<Bytes>, http::Error> {
    send(
        proxy,
        service,
        &[("content-type", "application/x-www-form-urlencoded")],
        "/",
        body,
    )
    .await
}

fn text(answer: &Response<Bytes>) -> (u16, String) {
    (
        answer.status().as_u16(),
        String::from_utf8_lossy(answer.body()).into_owned(),
    )
}

fn assert_lost(answer: &Result<Response<Bytes>, http::Error>) {
    assert!(matches!(answer, Err(http::Error::Reach { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_call_is_passed_on_and_written_down() {
    let (proxy, mut asked) = proxy().await;
    let answer = form(&proxy, "ec2", CREATE_VPC).await.unwrap();
    assert_eq!(text(&answer), (200, "done".into()));
    assert_eq!(asked.recv().await.unwrap(), format!("POST / {CREATE_VPC}"));
    let Call {
        sequence,
        request,
        at: _,
        status,
        fault,
    } = &proxy.calls()[0];
    assert_eq!((*sequence, *status, fault.is_none()), (0, Some(200), true));
    assert_eq!(
        (request.service.as_str(), request.action.as_str()),
        ("ec2", "CreateVpc")
    );
    assert_eq!(
        (request.caller.as_str(), request.parameters["CidrBlock"].as_str()),
        ("AKIDONE", "10.0.0.0/16")
    );
}

#[tokio::test]
async fn the_action_is_found_in_every_protocol() {
    let (proxy, _asked) = proxy().await;
    form(&proxy, "autoscaling", "Action=CreateAutoScalingGroup")
        .await
        .unwrap();
    let target = [
        ("x-amz-target", "AmazonSSM.GetParameter"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    send(&proxy, "ssm", &target, "/", "{}").await.unwrap();
    send(&proxy, "elasticfilesystem", &[], "/2015-02-01/file-systems", "{}")
        .await
        .unwrap();
    let pair = |service: &str, action: &str| ((service.to_owned(), action.to_owned()), 1);
    let expected = BTreeMap::from([
        pair("autoscaling", "CreateAutoScalingGroup"),
        pair("ssm", "GetParameter"),
        pair("elasticfilesystem", "CreateFileSystem"),
    ]);
    assert_eq!(proxy.counts(), expected);
}

#[tokio::test]
async fn forgetting_the_calls_keeps_the_count_and_the_rules() {
    let (proxy, _asked) = proxy().await;
    proxy.inject(Rule::new(Fault::Throttle).nth(2));
    form(&proxy, "ec2", CREATE_VPC).await.unwrap();
    proxy.clear();
    assert!(proxy.calls().is_empty());
    form(&proxy, "ec2", CREATE_VPC).await.unwrap();
    assert_eq!(proxy.calls()[0].sequence, 1);
    assert_eq!(proxy.calls()[0].status, Some(503));
}

#[tokio::test]
async fn a_throttled_call_of_ec2_has_ec2s_code_and_shape() {
    let (proxy, mut asked) = proxy().await;
    proxy.inject(Rule::new(Fault::Throttle).on("ec2", "CreateVpc"));
    let (status, body) = text(&form(&proxy, "ec2", CREATE_VPC).await.unwrap());
    assert_eq!(status, 503);
    assert!(
        body.starts_with("<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>"),
        "{body}"
    );
    assert!(asked.try_recv().is_err(), "it must not be passed on");
}

#[tokio::test]
async fn a_throttled_call_of_the_others_has_their_code_and_shape() {
    let (proxy, _asked) = proxy().await;
    proxy.inject(Rule::new(Fault::Throttle));
    let (status, body) = text(&form(&proxy, "rds", "Action=DescribeDBInstances").await.unwrap());
    assert_eq!(status, 400);
    assert!(
        body.starts_with("<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"),
        "{body}"
    );
    let answer = send(&proxy, "ssm", &[("x-amz-target", "AmazonSSM.GetParameter")], "/", "{}")
        .await
        .unwrap();
    assert_eq!(
        text(&answer),
        (
            400,
            r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.into()
        )
    );
}

#[tokio::test]
async fn a_denied_call_names_the_action() {
    let (proxy, mut asked) = proxy().await;
    proxy.inject(Rule::new(Fault::Deny).on_service("ec2"));
    let (status, body) = text(&form(&proxy, "ec2", CREATE_VPC).await.unwrap());
    assert_eq!(status, 403);
    assert!(
        body.contains("<Code>UnauthorizedOperation</Code>") && body.contains("ec2:CreateVpc"),
        "{body}"
    );
    assert!(asked.try_recv().is_err(), "it must not be passed on");
}

#[tokio::test]
async fn a_server_error_comes_before_or_after_the_work_is_done() {
    let (proxy, mut asked) = proxy().await;
    let rule = proxy.inject(Rule::new(Fault::ServerErrorBefore));
    assert_eq!(form(&proxy, "ec2", CREATE_VPC).await.unwrap().status(), 500);
    assert!(asked.try_recv().is_err(), "it must not be passed on");
    proxy.remove(rule);
    proxy.inject(Rule::new(Fault::ServerErrorAfter));
    assert_eq!(form(&proxy, "ec2", CREATE_VPC).await.unwrap().status(), 500);
    assert!(asked.try_recv().is_ok(), "it must be passed on");
}

#[tokio::test]
async fn a_lost_reply_leaves_the_work_done_and_the_caller_without_answer() {
    let (proxy, mut asked) = proxy().await;
    proxy.inject(Rule::new(Fault::LoseReply));
    assert_lost(&form(&proxy, "ec2", CREATE_VPC).await);
    assert!(asked.try_recv().is_ok(), "it must be passed on");
    assert_eq!(proxy.calls()[0].status, None);
}

#[tokio::test]
async fn a_held_reply_is_announced_and_comes_when_released() {
    let (proxy, mut asked) = proxy().await;
    let hold = Hold::default();
    proxy.inject(Rule::new(Fault::HoldReply(hold.clone())).on("ec2", "CreateVpc"));
    let reply = form(&proxy, "ec2", CREATE_VPC);
    let release = async {
        let call = timeout(PATIENCE, hold.held()).await.unwrap();
        assert_eq!(call.request.action, "CreateVpc");
        assert!(asked.try_recv().is_ok(), "AWS must have done it by now");
        assert_eq!(proxy.calls()[0].status, None);
        hold.release();
    };
    let (answer, ()) = tokio::join!(timeout(PATIENCE, reply), release);
    assert_eq!(text(&answer.unwrap().unwrap()), (200, "done".into()));
}

#[tokio::test]
async fn a_rule_counts_only_the_calls_it_is_for() {
    let (proxy, _asked) = proxy().await;
    let rule = Rule::new(Fault::Deny).on("ec2", "CreateSubnet").from("AKIDONE");
    proxy.inject(rule.with(|form| form["AvailabilityZone"] == "us-east-1a").calls(2..=3));
    let mut statuses = Vec::new();
    for zone in ["a", "b", "a", "b", "a", "a"] {
        let body = format!("Action=CreateSubnet&AvailabilityZone=us-east-1{zone}");
        statuses.push(form(&proxy, "ec2", &body).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 403, 200, 403, 200]);
}

#[tokio::test]
async fn without_an_upstream_the_answer_says_so() {
    let proxy = Proxy::start(&format!("http://127.0.0.1:{}", crate::port::free()))
        .await
        .unwrap();
    let (status, body) = text(&form(&proxy, "ec2", CREATE_VPC).await.unwrap());
    assert_eq!(status, 502);
    assert!(body.contains("cannot reach"), "{body}");
}
