//! What a request to AWS says.
use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use hyper::http::request::Parts;

use super::Fault;
use super::name::name;

/// One call, as the proxy saw it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Counts all calls of the proxy from 0, in order of arrival.
    pub sequence: u64,
    /// What was asked, and by whom.
    pub request: Request,
    /// When it arrived.
    pub at: Instant,
    /// The status of the answer; none while there is none, or if it was lost.
    pub status: Option<u16>,
    /// The fault it met.
    pub fault: Option<Fault>,
}

/// What was asked, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// As in the signature's credential scope: `ec2`, `elasticloadbalancing`, `autoscaling`, ...; empty without signature.
    pub service: String,
    /// `CreateVpc`; the method and path (`PUT /bucket`) where the protocol names no action and `name.rs` knows none.
    pub action: String,
    /// The access key id; empty without signature.
    pub caller: String,
    /// The form's fields (or the query's): `Filter.1.Name` and so on. Empty for JSON and XML bodies.
    pub parameters: BTreeMap<String, String>,
    /// The body as it came.
    pub body: Bytes,
    pub(super) protocol: Protocol,
}

/// How a service writes requests, answers and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Ec2,
    Query,
    Json,
    RestJson,
    RestXml,
}

/// The services of AWS whose REST API speaks XML; the others' speaks JSON.
const REST_XML: [&str; 3] = ["cloudfront", "route53", "s3"];

impl Request {
    pub(super) fn parse(head: &Parts, body: Bytes) -> Self {
        let header = |name: &str| {
            head.headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let (caller, service) = credential(header("authorization")).unwrap_or_default();
        let is_form = header("content-type").starts_with("application/x-www-form-urlencoded");
        let form = if is_form {
            &body[..]
        } else {
            head.uri.query().unwrap_or_default().as_bytes()
        };
        let parameters: BTreeMap<String, String> = form_urlencoded::parse(form).into_owned().collect();
        let target = header("x-amz-target").rsplit('.').next().unwrap_or_default();
        let (protocol, action) = match parameters.get("Action") {
            Some(action) if service == "ec2" => (Protocol::Ec2, action.clone()),
            Some(action) => (Protocol::Query, action.clone()),
            None if !target.is_empty() => (Protocol::Json, target.to_owned()),
            None if REST_XML.contains(&service) => (Protocol::RestXml, rest_action(head)),
            None => (Protocol::RestJson, rest_action(head)),
        };
        Self {
            service: service.into(),
            action,
            caller: caller.into(),
            parameters,
            body,
            protocol,
        }
    }
}

fn rest_action(head: &Parts) -> String {
    name(head.method.as_str(), head.uri.path())
}

/// Access key id and service of `AWS4-HMAC-SHA256 Credential=AKID/date/region/service/aws4_request, ...`.
fn credential(authorization: &str) -> Option<(&str, &str)> {
    let (_, rest) = authorization.split_once("Credential=")?;
    let mut scope = rest.split([',', ' ']).next()?.split('/');
    Some((scope.next()?, scope.nth(2)?))
}
