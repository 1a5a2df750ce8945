//! A load balancer: what it answers under, what each change of it takes, and what cannot be changed in place.

use serde_json::json;

use crate::aws::text;
use crate::cluster::{TWO_ZONES, web};
use crate::stage::Stage;

/// What the stand-in has from the start.
const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

const ATTRIBUTES: &[(&str, usize)] = &[("ModifyLoadBalancerAttributes", 1)];
const LISTENER: &[(&str, usize)] = &[("ModifyListener", 1)];
const AUTHORIZE: &[(&str, usize)] = &[("AuthorizeSecurityGroupIngress", 1)];
const REVOKE: &[(&str, usize)] = &[("RevokeSecurityGroupIngress", 1)];

fn balanced(fields: &str) -> String {
    web(TWO_ZONES, &format!("loadBalancer: {{{fields}}}"))
}

#[tokio::test]
async fn an_empty_load_balancer_answers_http_and_the_status_says_where() {
    let stage = Stage::set("load-balancer").await;
    let _operator = stage.operator().await;
    stage.build(&balanced("")).await;
    let found = stage.aws.look().await;
    let (balancer, listener) = (found.the("load balancer"), found.the("listener"));
    let dns_name = text(&balancer.object["DNSName"]);
    let group = found.named("security group", "security-group/load-balancer");
    let status = stage.status("web").await;
    assert_eq!(status["url"], format!("http://{dns_name}"));
    assert_eq!(
        status["loadBalancer"],
        json!({
            "arn": balancer.id,
            "dnsName": dns_name,
            "hostedZoneId": balancer.object["CanonicalHostedZoneId"],
            "securityGroupId": group.id,
        })
    );
    let answer = &listener.object["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"];
    assert_eq!((&listener.object["Port"], answer), (&json!(80), &json!("404")));
    assert_eq!(balancer.object["Scheme"], "internet-facing");
    stage.clear().await;
}

#[tokio::test]
async fn each_change_takes_the_one_call_it_needs_and_no_other() {
    let stage = Stage::set("load-balancer-changes").await;
    let operator = stage.operator().await;
    stage.build(&balanced("")).await;
    operator.proxy.clear();
    let acl = format!("webAclArn: '{}'", web_acl(&stage).await);
    bucket(&stage, "load-balancer-changes").await;
    let changes: [(&str, &[(&str, usize)]); 12] = [
        ("idleTimeoutSeconds: 120", ATTRIBUTES),
        ("http2: false", ATTRIBUTES),
        ("dropInvalidHeaders: false", ATTRIBUTES),
        ("desyncMitigation: Strictest", ATTRIBUTES),
        ("deletionProtection: true", ATTRIBUTES),
        ("accessLogs: {bucket: load-balancer-changes}", ATTRIBUTES),
        (
            "connectionLogs: {bucket: load-balancer-changes, prefix: web}",
            ATTRIBUTES,
        ),
        ("", ATTRIBUTES),
        (&acl, &[("AssociateWebACL", 1)]),
        ("", &[("DisassociateWebACL", 1)]),
        ("allowedCidrs: [0.0.0.0/0, 203.0.113.0/24]", AUTHORIZE),
        ("allowedCidrs: [203.0.113.0/24]", REVOKE),
    ];
    for (fields, calls) in changes {
        stage.build(&balanced(fields)).await;
        operator.wrote(fields, calls);
    }
    operator.sweeps(2).await;
    operator.wrote("at rest", &[]);
    stage.clear().await;
}

#[tokio::test]
async fn each_change_of_https_takes_the_one_call_it_needs_and_no_other() {
    let stage = Stage::set("load-balancer-https").await;
    let operator = stage.operator().await;
    stage.build(&balanced("")).await;
    operator.proxy.clear();
    let other = issued(&stage).await;
    let tls = |more: &str| format!("tls: {{certificateArn: '{CERTIFICATE}'{more}}}");
    let https = [
        ("AuthorizeSecurityGroupIngress", 1),
        ("CreateListener", 1),
        ("ModifyListener", 1),
    ];
    let no_https = [
        ("DeleteListener", 1),
        ("ModifyListener", 1),
        ("RevokeSecurityGroupIngress", 1),
    ];
    let changes: [(&str, &[(&str, usize)]); 8] = [
        (&tls(""), &https),
        (&tls(", policy: ELBSecurityPolicy-TLS13-1-3-2021-06"), LISTENER),
        (&tls(""), LISTENER),
        (
            &tls(&format!(", additionalCertificateArns: ['{other}']")),
            &[("AddListenerCertificates", 1)],
        ),
        (&tls(""), &[("RemoveListenerCertificates", 1)]),
        (&format!("redirectHttp: false, {}", tls("")), LISTENER),
        (
            &format!("redirectHttp: false, tls: {{certificateArn: '{other}'}}"),
            LISTENER,
        ),
        ("", &[("DeleteListener", 1), ("RevokeSecurityGroupIngress", 1)]),
    ];
    for (fields, calls) in changes {
        stage.build(&balanced(fields)).await;
        operator.wrote(fields, calls);
    }
    stage.build(&balanced(&tls(""))).await;
    operator.wrote("HTTPS again", &https);
    stage.build(&balanced("")).await;
    operator.wrote("no HTTPS and no redirect", &no_https);
    operator.sweeps(2).await;
    operator.wrote("at rest", &[]);
    stage.clear().await;
}

#[tokio::test]
async fn another_scheme_is_refused_by_name_unless_it_may_be_made_anew() {
    let stage = Stage::set("load-balancer-scheme").await;
    let operator = stage.operator().await;
    stage.build(&balanced("")).await;
    operator.proxy.clear();
    let before = stage.status("web").await;
    let refusal = stage.try_apply(&balanced("scheme: Internal")).await.unwrap_err();
    assert!(refusal.contains("loadBalancer.scheme cannot be changed"), "{refusal}");

    stage.build(&balanced("scheme: Internal, allowReplacement: true")).await;
    operator.wrote(
        "made anew",
        &[
            ("AuthorizeSecurityGroupIngress", 1),
            ("CreateListener", 1),
            ("CreateLoadBalancer", 1),
            ("DeleteLoadBalancer", 1),
            ("ModifyLoadBalancerAttributes", 1),
            ("RevokeSecurityGroupIngress", 1),
        ],
    );
    let found = stage.aws.look().await;
    let balancer = found.the("load balancer");
    assert_eq!(balancer.object["Scheme"], "internal");
    let after = stage.status("web").await;
    assert_eq!(after["loadBalancer"]["arn"], balancer.id);
    assert_ne!(after["loadBalancer"]["arn"], before["loadBalancer"]["arn"]);
    assert_ne!(after["url"], before["url"]);
    stage.clear().await;
}

#[tokio::test]
async fn what_it_cannot_be_told_is_refused_at_admission_with_the_fields_name() {
    let stage = Stage::set("load-balancer-admission").await;
    let refused = [
        ("redirectHttp: true", "loadBalancer.redirectHttp needs tls"),
        ("tls: {}", "give either domain"),
        (
            &format!("tls: {{domain: shop.example.com, certificateArn: '{CERTIFICATE}'}}"),
            "give either domain",
        ),
        (
            &format!("tls: {{hostedZone: example.com, certificateArn: '{CERTIFICATE}'}}"),
            "alternativeNames and hostedZone belong to a domain",
        ),
        ("allowedCidrs: [10.0.0.1/8]", "with no host bits set"),
        ("idleTimeoutSeconds: 0", "idleTimeoutSeconds"),
    ];
    for (fields, complaint) in refused {
        let refusal = stage.try_apply(&balanced(fields)).await.unwrap_err();
        assert!(refusal.contains(complaint), "{fields}: {refusal}");
    }
}

async fn web_acl(stage: &Stage) -> String {
    let visibility = json!({"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "web"});
    let parameters = json!({
        "Name": "web", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility,
    });
    let made = stage.aws.ask("wafv2", "create_web_acl", parameters).await;
    text(&made["Summary"]["ARN"])
}

/// A bucket that Elastic Load Balancing may write to.
async fn bucket(stage: &Stage, name: &str) {
    stage.aws.ask("s3", "create_bucket", json!({"Bucket": name})).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{name}/*"),
        }],
    });
    let parameters = json!({"Bucket": name, "Policy": policy.to_string()});
    stage.aws.ask("s3", "put_bucket_policy", parameters).await;
}

/// Somebody's certificate that is issued.
async fn issued(stage: &Stage) -> String {
    let parameters = json!({"DomainName": "other.example", "ValidationMethod": "DNS"});
    let arn = text(&stage.aws.ask("acm", "request_certificate", parameters).await["CertificateArn"]);
    let issue = format!("/mended/acm/{arn}/issue");
    stage.ground.stand_in.post(&issue, "").await.unwrap();
    arn
}
