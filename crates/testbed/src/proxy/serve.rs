//! The connections: one call at a time each, as HTTP/1.1 has it.
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::fault::{Refusal, refuse};
use super::{Fault, Shared, call};

/// Accepts connections until it is aborted; then they end too.
pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| serve(request, Arc::clone(&shared)));
            // An error is a caller that went away, or a reply that was to be lost.
            let _closed = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// An error makes hyper close the connection without an answer.
async fn serve(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    // A task of its own: the call goes on when the caller hangs up.
    let exchange = tokio::spawn(async move { exchange(head, body, &shared).await });
    let answer = exchange.await.map_err(io::Error::other)?;
    answer
        .map(|answer| answer.map(Full::new))
        .ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
}

/// The answer to one call; none if it is lost.
async fn exchange(head: Parts, body: Bytes, shared: &Shared) -> Option<Response<Bytes>> {
    let request = call::Request::parse(&head, body.clone());
    let (sequence, fault) = shared.arrived(request.clone());
    let answer = match fault {
        Some(Fault::Throttle) => refuse(Refusal::Throttled, &request),
        Some(Fault::Deny) => refuse(Refusal::Denied, &request),
        Some(Fault::ServerErrorBefore) => refuse(Refusal::Failed, &request),
        Some(Fault::ServerErrorAfter) => {
            forward(head, body, shared).await;
            refuse(Refusal::Failed, &request)
        }
        Some(Fault::LoseReply) => {
            forward(head, body, shared).await;
            return None;
        }
        Some(Fault::HoldReply(hold)) => {
            let answer = forward(head, body, shared).await;
            let call = shared
                .state()
                .calls
                .iter()
                .find(|call| call.sequence == sequence)
                .cloned();
            if let Some(call) = call {
                hold.keep(call).await;
            }
            answer
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            forward(head, body, shared).await
        }
        None => forward(head, body, shared).await,
    };
    shared.answered(sequence, answer.status().as_u16());
    Some(answer)
}

/// Passes a call on. If there is nobody to pass it on to the answer is 502 and says why.
async fn forward(mut head: Parts, body: Bytes, shared: &Shared) -> Response<Bytes> {
    let mut uri = shared.upstream.clone().into_parts();
    uri.path_and_query = head.uri.path_and_query().cloned();
    head.uri = Uri::from_parts(uri).unwrap_or_default();
    head.headers.remove(header::CONNECTION);
    match shared.client.send(Request::from_parts(head, body)).await {
        Ok(mut answer) => {
            // The body is whole by now, and hyper says how long it is.
            answer.headers_mut().remove(header::TRANSFER_ENCODING);
            answer.headers_mut().remove(header::CONNECTION);
            answer
        }
        Err(error) => {
            let answer = Response::builder().status(502).body(format!("{error}\n").into());
            answer.unwrap_or_default()
        }
    }
}
