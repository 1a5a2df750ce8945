//! `/metrics`, `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::metric::Metrics;

/// What is served.
#[derive(Clone)]
pub struct Health {
    /// The counts, and the signs of life.
    pub metrics: Arc<Metrics>,
    /// Whether the custom resources have been listed. Replicas that wait for the lease are ready too.
    pub listed: watch::Receiver<bool>,
}

/// Serves until `stop`.
pub async fn serve(listener: TcpListener, health: Health, stop: CancellationToken) {
    let serving = axum::serve(listener, routes(health)).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = serving.await {
        warn!(%error, "cannot serve metrics and health");
    }
}

fn routes(health: Health) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(health)
}

async fn metrics(State(health): State<Health>) -> Response {
    match health.metrics.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn alive(State(health): State<Health>) -> Response {
    let stuck = health.metrics.stuck();
    if stuck.is_empty() {
        return "ok\n".into_response();
    }
    let text = format!("no sign of life: {}\n", stuck.join(", "));
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    if *health.listed.borrow() {
        return "ok\n".into_response();
    }
    let text = "the custom resources are not listed yet\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}
