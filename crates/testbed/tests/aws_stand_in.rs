//! The AWS stand-in behind the proxy.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helper functions too"
)]

use std::time::Duration;

use bytes::Bytes;
use hastack_testbed::aws::{ACCESS_KEY_ID, AwsStandIn, REGION};
use hastack_testbed::cache::Cache;
use hastack_testbed::http::Client;
use hastack_testbed::progress::Lines;
use hastack_testbed::proxy::Proxy;
use hastack_testbed::tools;
use hyper::Request;

#[tokio::test]
async fn the_stand_in_remembers_until_it_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    let python = tools::python(&Cache::from_environment().unwrap(), &Lines)
        .await
        .unwrap();
    let aws = AwsStandIn::start(&python, folder.path(), Duration::ZERO).await.unwrap();
    let proxy = Proxy::start(aws.endpoint()).await.unwrap();
    let vpcs = async || ec2(&proxy, "Action=DescribeVpcs").await.matches("<vpcId>").count();

    let before = vpcs().await;
    ec2(&proxy, "Action=CreateVpc&CidrBlock=10.0.0.0/16").await;
    assert_eq!(vpcs().await, before + 1);
    assert_eq!(proxy.counts()[&("ec2".to_owned(), "DescribeVpcs".to_owned())], 2);
    aws.reset().await.unwrap();
    assert_eq!(vpcs().await, before);
}

async fn ec2(proxy: &Proxy, form: &str) -> String {
    let scope = format!("Credential={ACCESS_KEY_ID}/20261123/{REGION}/ec2/aws4_request");
    let request = Request::post(format!("{}/", proxy.endpoint()))
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"),
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("{form}&Version=2016-11-15")));
    let answer = Client::default().send(request.unwrap()).await.unwrap();
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(answer.status(), 200, "{body}");
    body
}
