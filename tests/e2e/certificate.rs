//! TLS: the certificate of a domain, wherever that is served, and what the load balancer answers with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::{Everything, items, text};
use crate::cluster::{TWO_ZONES, web};
use crate::operator::failed;
use crate::stage::Stage;
use crate::wait::until;

/// What the stand-in has from the start.
const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

fn with_tls(tls: &str) -> String {
    web(TWO_ZONES, &format!("loadBalancer: {{tls: {{{tls}}}}}"))
}

#[tokio::test]
async fn a_domain_served_elsewhere_answers_http_until_its_records_are_there_and_https_then() {
    let stage = Stage::set("certificate-elsewhere").await;
    let operator = stage.operator().await;
    let domain = "shop.elsewhere.example";
    stage.apply(&with_tls(&format!("domain: {domain}"))).await;
    let awaited = format!("create them where {domain} is served");
    stage.await_event("web", "Waiting", &awaited).await;
    until("it answers HTTP", async || {
        let status = stage.status("web").await;
        match text(&status["url"]) {
            url if url.starts_with("http://") => Ok(()),
            _ => Err(format!("{status:#}")),
        }
    })
    .await;
    let message = stage
        .await_condition("web", "CertificateReady", "False", "Waiting")
        .await;
    assert!(message.contains(&awaited), "{message}");
    let table = stage.kubectl(&["get", "hastack", "--output=wide"]).await.unwrap();
    assert!(table.contains("status.dnsRecords"), "{table}");
    let status = stage.status("web").await;
    let dns_name = text(&status["loadBalancer"]["dnsName"]);
    let records: BTreeMap<_, _> = items(&status["dnsRecords"])
        .into_iter()
        .map(|record| (text(&record["purpose"]), record))
        .collect();
    let said = |purpose: &str| {
        let record = &records[purpose];
        ["type", "name", "value"].map(|field| text(&record[field]))
    };
    let [kind, name, _] = said(&format!("proves to AWS that you own {domain}"));
    assert_eq!(kind, "CNAME");
    assert!(name.starts_with('_') && name.ends_with(domain), "{name}");
    assert_eq!(said("leads to the load balancer"), ["CNAME", domain, &dns_name]);
    assert_eq!(
        said("lets only Amazon issue certificates"),
        ["CAA", domain, "0 issue \"amazon.com\""]
    );
    assert_eq!(answers(&stage.aws.look().await), [(80, "fixed-response".into())]);

    stage.create_records("web").await;
    stage.await_ready("web").await;
    let status = stage.status("web").await;
    assert_eq!(status["url"], format!("https://{domain}"));
    assert_eq!(status["certificate"]["state"], "ISSUED");
    let unseen: Vec<_> = items(&status["dnsRecords"])
        .into_iter()
        .filter(|record| record["seen"] == false)
        .collect();
    assert_eq!(unseen, Vec::<Value>::new());
    let found = stage.aws.look().await;
    assert_eq!(
        answers(&found),
        [(80, "redirect".into()), (443, "fixed-response".into())]
    );
    let arn = &found.the("certificate").id;
    assert_eq!(https(&found)["Certificates"], json!([{"CertificateArn": arn}]));
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn in_a_hosted_zone_the_records_are_written_and_go_with_the_stack() {
    let stage = Stage::set("certificate-hosted").await;
    let operator = stage.operator().await;
    let zone = stage.aws.hosted_zone("hosted.example").await;
    let domain = "shop.hosted.example";
    stage
        .build(&with_tls(&format!("domain: {domain}, hostedZone: hosted.example")))
        .await;
    let status = stage.status("web").await;
    assert_eq!(status["url"], format!("https://{domain}"));
    let written = records(&stage, &zone).await;
    let of = |kind: &str| {
        let mut of = written.iter().filter(|record| record["Type"] == kind);
        let record = of.next().unwrap();
        assert!(of.next().is_none(), "{written:#?}");
        record
    };
    assert_eq!(of("A")["Name"], format!("{domain}."));
    let target = &of("A")["AliasTarget"];
    let wanted = &status["loadBalancer"];
    assert_eq!(target["HostedZoneId"], wanted["hostedZoneId"]);
    assert_eq!(
        text(&target["DNSName"]).trim_end_matches('.'),
        text(&wanted["dnsName"]).to_lowercase()
    );
    assert_eq!(
        of("CAA")["ResourceRecords"],
        json!([{"Value": "0 issue \"amazon.com\""}])
    );
    let shown: BTreeSet<_> = items(&status["dnsRecords"])
        .iter()
        .filter(|record| record["seen"] == true)
        .map(|record| text(&record["type"]))
        .collect();
    assert_eq!(shown, BTreeSet::from(["A (alias)", "CAA", "CNAME"].map(String::from)));
    assert!(text(&of("CNAME")["Name"]).starts_with('_'));
    stage.clear().await;
    assert_eq!(records(&stage, &zone).await, Vec::<Value>::new());
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn a_certificate_of_ones_own_brings_https_and_the_redirect_at_once() {
    let stage = Stage::set("certificate-own").await;
    let _operator = stage.operator().await;
    stage
        .build(&with_tls(&format!("certificateArn: '{CERTIFICATE}'")))
        .await;
    let found = stage.aws.look().await;
    assert_eq!(
        answers(&found),
        [(80, "redirect".into()), (443, "fixed-response".into())]
    );
    assert_eq!(https(&found)["Certificates"], json!([{"CertificateArn": CERTIFICATE}]));
    let status = stage.status("web").await;
    assert_eq!(
        status["url"],
        format!("https://{}", text(&status["loadBalancer"]["dnsName"]))
    );
    // It is not the stack's: it stays.
    stage.clear().await;
    let kept = json!({"CertificateArn": CERTIFICATE});
    let kept = stage.aws.ask("acm", "describe_certificate", kept).await;
    assert_eq!(kept["Certificate"]["Status"], "ISSUED");
}

#[tokio::test]
async fn a_certificate_that_aws_refuses_says_why_and_http_goes_on() {
    let stage = Stage::set("certificate-refused").await;
    let operator = stage.operator().await;
    stage.apply(&with_tls("domain: shop.refused.example")).await;
    stage.await_event("web", "Waiting", "create them where").await;
    let arn = text(&stage.status("web").await["certificate"]["arn"]);
    let fail = format!("/mended/acm/{arn}/fail");
    let reason = json!({"reason": "CAA_ERROR"}).to_string();
    stage.ground.stand_in.post(&fail, &reason).await.unwrap();
    let message = stage.await_condition("web", "Stalled", "True", "Refused").await;
    assert!(message.contains("CAA_ERROR: a CAA record of the domain"), "{message}");
    assert_eq!(stage.status("web").await["certificate"]["state"], "FAILED");
    assert_eq!(answers(&stage.aws.look().await), [(80, "fixed-response".into())]);
    assert_eq!(operator.calls("RequestCertificate").len(), 1);
    stage.clear().await;
}

/// What the listeners answer, by port.
fn answers(found: &Everything) -> Vec<(u64, String)> {
    let answer = |listener: &Value| {
        let action = text(&listener["DefaultActions"][0]["Type"]);
        (listener["Port"].as_u64().unwrap(), action)
    };
    let mut answers: Vec<_> = found
        .of("listener")
        .into_iter()
        .map(|listener| answer(&listener.object))
        .collect();
    answers.sort();
    answers
}

fn https(found: &Everything) -> &Value {
    &found.named("listener", "listener/https").object
}

/// What is in a hosted zone beyond what it comes with and the texts that tell whose the records are.
async fn records(stage: &Stage, zone: &str) -> Vec<Value> {
    let zone = json!({"HostedZoneId": zone});
    let listed = stage.aws.ask("route53", "list_resource_record_sets", zone).await;
    let mut records = items(&listed["ResourceRecordSets"]);
    records.retain(|record| !["NS", "SOA", "TXT"].contains(&text(&record["Type"]).as_str()));
    records
}
