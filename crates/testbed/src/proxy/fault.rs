//! What can go wrong with a call, and how each of AWS's protocols says so.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use tokio::sync::watch;

use super::call::Protocol;
use super::{Call, Request};

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Not forwarded; answered as AWS does when too much is asked: `RequestLimitExceeded` (EC2), `Throttling`.
    Throttle,
    /// Not forwarded; answered as to a caller without the permission: `UnauthorizedOperation` (EC2), `AccessDenied`.
    Deny,
    /// Not forwarded; 500.
    ServerErrorBefore,
    /// Forwarded, and then 500.
    ServerErrorAfter,
    /// Forwarded, and then the connection is closed.
    LoseReply,
    /// Forwarded; the reply is held back until it is released.
    HoldReply(Hold),
    /// Forwarded after this time.
    Delay(Duration),
}

/// Holds replies back until [`Hold::release`].
#[derive(Clone, Debug)]
pub struct Hold {
    held: Arc<watch::Sender<Vec<Call>>>,
    released: Arc<watch::Sender<bool>>,
}

impl Default for Hold {
    fn default() -> Self {
        Self {
            held: Arc::new(watch::Sender::default()),
            released: Arc::new(watch::Sender::default()),
        }
    }
}

impl Hold {
    /// The first call whose reply is held back, as soon as there is one: AWS has done by then what it asks for.
    pub async fn held(&self) -> Call {
        let mut held = self.held.subscribe();
        loop {
            if let Some(call) = held.borrow_and_update().first() {
                return call.clone();
            }
            // The sender is in `self`, so there is a change to wait for.
            if held.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Lets all replies go, those to come as well.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    pub(super) async fn keep(&self, call: Call) {
        self.held.send_modify(|held| held.push(call));
        let mut released = self.released.subscribe();
        // The sender is in `self`, so this ends with a release alone.
        let _released = released.wait_for(|released| *released).await;
    }
}

/// The three answers AWS gives without doing anything.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    Throttled,
    Denied,
    Failed,
}

/// The answer in the shape the caller's protocol has.
pub(super) fn refuse(refusal: Refusal, request: &Request) -> Response<Bytes> {
    let Request {
        service,
        action,
        protocol,
        ..
    } = request;
    let (status, code) = code(refusal, *protocol);
    let message = match refusal {
        Refusal::Throttled => "Rate exceeded".to_owned(),
        Refusal::Denied => format!("You are not authorized to perform: {service}:{action}"),
        Refusal::Failed => "An internal error has occurred".to_owned(),
    };
    let id = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";
    let side = if status >= 500 { "Receiver" } else { "Sender" };
    let error = format!("<Code>{code}</Code><Message>{message}</Message>");
    let (kind, body) = match protocol {
        Protocol::Ec2 => {
            let errors = format!("<Errors><Error>{error}</Error></Errors>");
            (
                "text/xml",
                format!("<Response>{errors}<RequestID>{id}</RequestID></Response>"),
            )
        }
        Protocol::Query | Protocol::RestXml => {
            let error = format!("<Error><Type>{side}</Type>{error}</Error>");
            (
                "text/xml",
                format!("<ErrorResponse>{error}<RequestId>{id}</RequestId></ErrorResponse>"),
            )
        }
        Protocol::Json | Protocol::RestJson => {
            let body = serde_json::json!({"__type": code, "message": message});
            ("application/x-amz-json-1.1", body.to_string())
        }
    };
    let answer = Response::builder()
        .status(status)
        .header("content-type", kind)
        .header("x-amzn-requestid", id);
    answer
        .header("x-amzn-errortype", code)
        .body(body.into())
        .unwrap_or_default()
}

fn code(refusal: Refusal, protocol: Protocol) -> (u16, &'static str) {
    match (refusal, protocol) {
        (Refusal::Throttled, Protocol::Ec2) => (503, "RequestLimitExceeded"),
        (Refusal::Throttled, Protocol::Query | Protocol::RestXml) => (400, "Throttling"),
        (Refusal::Throttled, Protocol::Json | Protocol::RestJson) => (400, "ThrottlingException"),
        (Refusal::Denied, Protocol::Ec2) => (403, "UnauthorizedOperation"),
        (Refusal::Denied, Protocol::Query | Protocol::RestXml) => (403, "AccessDenied"),
        (Refusal::Denied, Protocol::Json) => (400, "AccessDeniedException"),
        (Refusal::Denied, Protocol::RestJson) => (403, "AccessDeniedException"),
        (Refusal::Failed, Protocol::Ec2) => (500, "InternalError"),
        (Refusal::Failed, Protocol::Query | Protocol::RestXml) => (500, "InternalFailure"),
        (Refusal::Failed, Protocol::Json | Protocol::RestJson) => (500, "InternalServerError"),
    }
}
